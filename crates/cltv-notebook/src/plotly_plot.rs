//! The plotly crate with a plot that shows itself offline.

use crate::figure::Figure;
use crate::registered::text_block;
use cltv_plots::Chart;
use cltv_workflow::Error;
use std::ops::{Deref, DerefMut};

/// A plot of the plotly crate: everything of `plotly::Plot`, and a display that needs no network and no extension.
///
/// In cells `plotly::Plot` is this type, so the crate's documentation applies. Of a trace of more than 20,000 points,
/// evenly spaced ones are drawn, and a sentence says so; what the layout does not set is in the theme of the other
/// charts. `DIFFERENCE:` the crate's own display is a MIME type that JupyterLab shows with an extension only.
///
/// # Examples
/// ```
/// use cltv_notebook::plotly::{Bar, Plot};
/// let mut plot = Plot::new();
/// plot.add_trace(Bar::new(vec!["Jan", "Feb"], vec![2, 4]));
/// assert_eq!(plot.figure()?.data()?.height(), 2);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[derive(Clone)]
pub struct Plot(::plotly::Plot);

impl Plot {
    /// A plot without traces.
    #[must_use]
    pub fn new() -> Plot {
        Plot(::plotly::Plot::new())
    }

    /// The plot as a figure, which has its data as a frame and can be saved.
    ///
    /// # Errors
    /// [`Error::Chart`] for a plot without traces.
    pub fn figure(&self) -> Result<Figure, Error> {
        Figure::drawn(Chart::of_plotly(&self.0))
    }

    /// Shows the plot as a cell's last line.
    pub fn evcxr_display(&self) {
        crate::bundle::emit(&self.forms());
    }

    /// Shows the plot now, before the cell ends; `DIFFERENCE:` the crate's own method opens a browser.
    pub fn show(&self) {
        self.evcxr_display();
    }

    pub(crate) fn forms(&self) -> crate::bundle::Bundle {
        match self.figure() {
            Ok(figure) => figure.forms(),
            Err(error) => text_block(error.to_string()),
        }
    }
}

impl Default for Plot {
    fn default() -> Plot {
        Plot::new()
    }
}

impl Deref for Plot {
    type Target = ::plotly::Plot;

    fn deref(&self) -> &::plotly::Plot {
        &self.0
    }
}

impl DerefMut for Plot {
    fn deref_mut(&mut self) -> &mut ::plotly::Plot {
        &mut self.0
    }
}

impl From<::plotly::Plot> for Plot {
    fn from(plot: ::plotly::Plot) -> Plot {
        Plot(plot)
    }
}

impl std::fmt::Debug for Plot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Plot of {} traces", self.0.data().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::plotly::{Layout, Scatter};

    #[test]
    fn a_plot_shows_without_a_network_in_every_form() {
        let mut plot = Plot::new();
        plot.add_trace(Scatter::new(vec![1, 2, 3], vec![4.0, 1.5, 2.0]).name("one"));
        plot.set_layout(Layout::new().title("Own <b>title</b>"));
        let forms = plot.forms();
        let kinds: Vec<&str> = forms.iter().map(|form| form.0).collect();
        assert_eq!(kinds[0], "text/html");
        assert!(kinds.contains(&"application/vnd.plotly.v1+json") && kinds.contains(&"text/plain"));
        let html = &forms[0].1;
        assert!(html.starts_with(cltv_plots::LOADER_MARKER) && !html.contains("http"), "{html}");
        assert!(plot.figure().unwrap().data().unwrap().height() == 3);
    }

    #[test]
    fn a_long_trace_is_sampled_and_says_so() {
        let n = 100_000;
        let mut plot = Plot::new();
        plot.add_trace(Scatter::new((0..n).collect::<Vec<_>>(), (0..n).map(f64::from).collect::<Vec<_>>()));
        let figure = plot.figure().unwrap();
        let chart = figure.chart().unwrap();
        assert_eq!(chart.note(), Some("Of 100,000 points of a trace, 20,000 are drawn, evenly spaced."));
        assert_eq!(figure.data().unwrap().height(), 20_000);
        assert_eq!(chart.figure_json()["data"][0]["x"][19_999], 99_999);
    }

    #[test]
    fn a_plot_without_traces_says_so() {
        let forms = Plot::new().forms();
        assert!(forms.iter().any(|form| form.1.contains("add_trace")), "{forms:?}");
    }
}
