//! The chart that every function of this crate returns.

use std::fmt;

use serde_json::{Value, json};

use crate::{ChartData, PlotError, text};

/// A drawn chart: the figure, the values it shows, and how it is read.
///
/// # Examples
/// ```
/// let chart = cltv_plots::frequency_distribution(&[1, 1, 2, 5])?;
/// assert_eq!(chart.name(), "frequency_distribution");
/// println!("{}", chart.data());
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) how_to_read: String,
    pub(crate) summary: String,
    pub(crate) data: ChartData,
    pub(crate) traces: Vec<Value>,
    pub(crate) layout: Value,
    pub(crate) note: Option<String>,
}

/// The height of the line below the title, in pixels.
pub(crate) const SUBTITLE: u64 = 20;

/// What a chart function hands over to become a [`Chart`].
pub(crate) struct Parts {
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) how_to_read: String,
    pub(crate) summary: String,
    pub(crate) data: ChartData,
    pub(crate) traces: Vec<Value>,
    /// Everything but the title, laid over the theme's layout.
    pub(crate) layout: Value,
}

impl From<Parts> for Chart {
    fn from(parts: Parts) -> Chart {
        let title = text::one_line(&parts.title);
        Chart {
            name: parts.name.to_owned(),
            layout: crate::theme::layout(&title, parts.layout),
            title,
            how_to_read: text::one_line(&parts.how_to_read),
            summary: text::one_line(&parts.summary),
            data: parts.data,
            traces: parts.traces,
            note: None,
        }
    }
}

impl Chart {
    /// The chart with a sentence below its title, in its alternative text and in its summary, which says
    /// how a large input was made small enough to draw; unchanged without one.
    pub(crate) fn noted(mut self, note: Option<String>) -> Chart {
        let Some(note) = note else { return self };
        let subtitle =
            json!({"text": text::plotly(&note), "font": {"size": 12, "color": crate::theme::MUTED}});
        let top = self.layout["margin"]["t"].as_u64().unwrap_or(0);
        let grown = json!({
            "height": self.height() + SUBTITLE, "margin": {"t": top + SUBTITLE}, "title": {"subtitle": subtitle}
        });
        crate::theme::merge(&mut self.layout, grown);
        self.summary = format!("{} {note}", self.summary);
        self.note = Some(note);
        self
    }

    /// The chart's name, which is also the stem of its file: `cumulative_tracking`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The title over the chart, as plain text.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// One or two sentences on how to read the chart.
    pub fn how_to_read(&self) -> &str {
        &self.how_to_read
    }

    /// Exactly the values the chart shows: of a large input those of the marks, see [`Chart::note`].
    pub fn data(&self) -> &ChartData {
        &self.data
    }

    /// The sentence that says how a large input was made small enough to draw, such as customers who
    /// share a mark; none where every row is drawn.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// The chart's key figure in a sentence, for readers who see no picture, and [`Chart::note`] after it.
    pub fn text_summary(&self) -> String {
        self.summary.clone()
    }

    /// The same chart under another name, when a notebook shows one kind twice.
    ///
    /// # Errors
    /// [`PlotError::BadName`] when the name is not made of lower-case letters, digits and underscores.
    pub fn renamed(mut self, name: &str) -> Result<Chart, PlotError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || name.len() > 80 || !name.chars().all(fits) {
            return Err(PlotError::BadName { name: name.to_owned() });
        }
        self.name = name.to_owned();
        Ok(self)
    }

    /// The figure as plotly.js takes it: `{"data": [...], "layout": {...}, "config": {...}}`.
    pub fn figure_json(&self) -> Value {
        json!({"data": self.traces, "layout": self.layout, "config": config()})
    }

    /// The chart as a still picture in svg, in the colours of paper, for where no script runs.
    ///
    /// It has the chart's lines, marks, bars, cells, axes and notes, without patterns; of more than 1,500 marks of a
    /// kind, evenly spaced ones are drawn.
    pub fn svg(&self) -> String {
        crate::picture::svg(&self.traces, &self.layout, self.height() as f64)
    }

    /// The height of the chart in pixels.
    pub(crate) fn height(&self) -> u64 {
        self.layout["height"].as_u64().unwrap_or(crate::theme::HEIGHT as u64)
    }
}

/// MathJax stays off: two dollar signs in a label are two amounts, not a formula.
fn config() -> Value {
    json!({
        "responsive": true, "displaylogo": false, "typesetMath": false,
        "modeBarButtonsToRemove": ["select2d", "lasso2d"]
    })
}

impl fmt::Display for Chart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title, self.summary)
    }
}
