//! A slider over values that are computed ahead: `interact!(horizon = 1..=24, |h| chart(h)?)`.

use crate::bundle::{Bundle, emit};
use crate::figure::Figure;
use crate::forms::forms;
use crate::own_plot::FramePlot;
use crate::plotly_plot::Plot;
use cltv_plots::LOADER_MARKER;
use cltv_protocol::chart_html::Script;
use cltv_protocol::text::count;
use cltv_workflow::Error;
use html_escape::{encode_double_quoted_attribute, encode_text};
use std::any::Any;
use std::fmt::{Debug, Display};

/// The most positions of a slider.
const MOST_POSITIONS: usize = 200;
/// The most bytes that its positions may add to a notebook.
const MOST_BYTES: usize = 4_000_000;

/// A slider with what each of its positions shows; [`interact!`](crate::interact!) makes one.
#[derive(Debug, Clone)]
pub struct Interact {
    label: String,
    positions: Vec<Position>,
}

#[derive(Debug, Clone)]
struct Position {
    label: String,
    /// The figure as JSON that can stand in a script.
    figure: Option<Figure>,
    html: String,
    plain: String,
}

/// A slider: what it shows for each value is computed now, so that it works without a kernel, in a saved notebook and in
/// an exported page.
///
/// `interact!(name = values, |value| what is shown)`: a figure, a frame, or any other value with a display; `?` may stand
/// in it. Where no script runs, the first position's picture or table is shown. At most 200 positions of 4 MB together
/// are kept, because they are saved in the notebook.
///
/// # Errors
/// [`Error::Chart`] without a value or above these bounds, and the first error of a position with its value.
///
/// # Examples
/// ```
/// use cltv_notebook::interact;
/// let slider = interact!(horizon = 1..=24, |h| format!("{h} months: {}", 12.5 * f64::from(h)))?;
/// assert_eq!(slider.positions(), 24);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[macro_export]
macro_rules! interact {
    ($name:ident = $values:expr, |$value:pat_param| $shown:expr) => {
        $crate::interact(stringify!($name), $values, |$value| {
            ::std::result::Result::<_, ::std::boxed::Box<dyn ::std::error::Error>>::Ok($shown)
        })
    };
}

/// The slider of [`interact!`](crate::interact!), with its name as a string.
///
/// # Errors
/// As the macro.
pub fn interact<V: Display, T: Debug + 'static>(
    label: &str,
    values: impl IntoIterator<Item = V>,
    mut shown: impl FnMut(V) -> Result<T, Box<dyn std::error::Error>>,
) -> Result<Interact, Error> {
    let mut slider = Interact { label: label.replace('_', " "), positions: Vec::new() };
    let mut bytes = 0;
    for value in values {
        let name = value.to_string();
        if slider.positions.len() == MOST_POSITIONS {
            return Err(Error::Chart(format!(
                "The slider {label:?} has more than {MOST_POSITIONS} positions; take fewer values, as in \
                 (0..=100).step_by(5)."
            )));
        }
        let failed =
            |error: String| Error::Chart(format!("The slider {label:?} cannot show {name}: {error}"));
        let content = shown(value).map_err(|error| failed(error.to_string()))?;
        let position = position(name.clone(), &content).map_err(failed)?;
        bytes += position.size();
        if bytes > MOST_BYTES {
            return Err(Error::Chart(format!(
                "The slider {label:?} would add more than {} bytes to the notebook at {name}; take fewer values, or show \
                 less at each.",
                count(MOST_BYTES)
            )));
        }
        slider.positions.push(position);
    }
    match slider.positions.is_empty() {
        true => Err(Error::Chart(format!(
            "The slider {label:?} has no values; give some, as in {label} = 1..=24."
        ))),
        false => Ok(slider),
    }
}

fn position<T: Debug + 'static>(label: String, content: &T) -> Result<Position, String> {
    let figure = figure(content)?;
    let bundle = match &figure {
        Some(figure) => figure.forms(),
        None => forms(content, content).unwrap_or_default(),
    };
    let form = |mime: &str| bundle.iter().find(|(kind, _)| *kind == mime).map(|(_, text)| text.as_str());
    let plain = form("text/plain").unwrap_or_default().to_owned();
    let html = match form("text/html") {
        // Scripts do not run in html that is put in later; data is escaped, so that the first one is ours.
        Some(html) => {
            let html = html.strip_prefix(LOADER_MARKER).unwrap_or(html);
            html.split("<script").next().unwrap_or_default().trim().to_owned()
        }
        None => format!("<pre>{}</pre>", encode_text(&plain)),
    };
    Ok(Position { label, figure: figure.filter(|figure| figure.chart().is_some()), html, plain })
}

/// The figure among the values that have one.
fn figure(content: &dyn Any) -> Result<Option<Figure>, String> {
    let text = |error: Error| error.to_string();
    if let Some(figure) = content.downcast_ref::<Figure>() {
        return Ok(Some(figure.clone()));
    }
    if let Some(result) = content.downcast_ref::<Result<Figure, Error>>() {
        return result.clone().map(Some).map_err(text);
    }
    if let Some(plot) = content.downcast_ref::<FramePlot>() {
        return plot.auto().map(Some).map_err(text);
    }
    if let Some(plot) = content.downcast_ref::<Plot>() {
        return plot.figure().map(Some).map_err(text);
    }
    Ok(None)
}

impl Position {
    fn size(&self) -> usize {
        self.json().len()
    }

    /// The position as the script reads it.
    fn json(&self) -> String {
        let label = cltv_plots::script_text(&self.label);
        match self.figure.as_ref().and_then(Figure::chart) {
            Some(chart) => format!("{{\"label\":{label},\"figure\":{}}}", chart.script_json()),
            None => format!("{{\"label\":{label},\"html\":{}}}", cltv_plots::script_text(&self.html)),
        }
    }
}

impl Interact {
    /// How many positions the slider has.
    pub fn positions(&self) -> usize {
        self.positions.len()
    }

    /// Shows the slider as a cell's last line.
    pub fn evcxr_display(&self) {
        emit(&self.forms());
    }

    pub(crate) fn forms(&self) -> Bundle {
        let Some(first) = self.positions.first() else { return Vec::new() };
        let id = cltv_plots::unique_id("slider");
        let json: Vec<String> = self.positions.iter().map(Position::json).collect();
        let positions = format!("[{}]", json.join(","));
        let marker =
            if self.positions.iter().any(|position| position.figure.is_some()) { LOADER_MARKER } else { "" };
        let (name, label) = (encode_text(&self.label), encode_text(&first.label));
        let described = encode_double_quoted_attribute(&first.label);
        let html = format!(
            "{marker}<div id=\"{id}\" class=\"cltv-slider\"><label style=\"display:block;padding:.4em 0\">{name}&ensp;\
             <input type=\"range\" min=\"0\" max=\"{}\" value=\"0\" step=\"1\" aria-valuetext=\"{described}\" disabled \
             style=\"width:50%;max-width:24em;vertical-align:middle\">&ensp;<output><b>{label}</b></output></label>\
             <div class=\"cltv-shown\">{}</div></div>\n{}",
            self.positions.len() - 1,
            first.html,
            Script::Slider { positions: &positions, id: &id }.element()
        );
        let last = self.positions.last().map_or("", |position| &position.label);
        let plain = format!(
            "A slider for {} with {} positions from {} to {last}; at {}: {}",
            self.label,
            self.positions.len(),
            first.label,
            first.label,
            first.plain
        );
        vec![("text/html", html), ("text/plain", plain)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot;
    use polars::prelude::*;

    #[test]
    fn every_position_is_in_the_page_and_the_first_is_shown() {
        let frame = df!("x" => [1, 2, 3], "y" => [1.0, 4.0, 9.0]).unwrap();
        let slider = crate::interact!(power = 1..=3, |p| {
            let scaled = frame.clone().lazy().with_column(col("y") * lit(p)).collect()?;
            plot(&scaled).x("x").y("y").line()?
        })
        .unwrap();
        let html = &slider.forms()[0].1;
        assert!(html.starts_with(LOADER_MARKER), "a chart asks for its library");
        assert_eq!(html.matches("<script").count(), 1);
        let script = html
            .split("<script type=\"text/javascript\">")
            .nth(1)
            .unwrap()
            .strip_suffix("</script>\n")
            .unwrap();
        let Some(Script::Slider { positions, .. }) = Script::of(script) else { panic!("{script}") };
        assert_eq!(positions.matches("\"label\":").count(), 3);
        assert!(positions.contains("27.0") || positions.contains("27"), "{positions}");
        let before = &html[..html.find("<script").unwrap()];
        assert!(before.contains("data:image/svg+xml;base64,") && before.contains("max=\"2\""));
    }

    #[test]
    fn frames_and_texts_are_positions_too() {
        let slider =
            crate::interact!(rows = [1usize, 2], |n| df!("<name>" => vec!["</script><b>"; n])?).unwrap();
        let html = &slider.forms()[0].1;
        assert_eq!(html.matches("</script").count(), 1, "data does not end the script");
        assert!(html.contains("&lt;/script&gt;&lt;b&gt;") && !html.contains("<b>\""));
        let text = crate::interact!(horizon = [0.5], |h| h * 2.0).unwrap();
        assert!(text.forms()[1].1.ends_with("at 0.5: 1"), "{:?}", text.forms());
    }

    #[test]
    fn bounds_and_errors_name_the_slider_and_the_value() {
        let message = |slider: Result<Interact, Error>| slider.unwrap_err().to_string();
        assert!(message(crate::interact!(horizon = 0..0, |h| h)).contains("\"horizon\" has no values"));
        assert!(message(crate::interact!(horizon = 0..201, |h| h)).contains("more than 200 positions"));
        let frame = df!("x" => [1]).unwrap();
        let failed = message(crate::interact!(h = 7..9, |_h| plot(&frame).x("z").line()?));
        assert!(failed.contains("cannot show 7") && failed.contains("There is no column \"z\""), "{failed}");
        let same = message(crate::interact!(h = 7..9, |_h| plot(&frame).x("z").line()));
        assert!(same.contains("cannot show 7"), "{same}");
        let long = message(crate::interact!(n = 0..9, |_n| df!("t" => ["x".repeat(1_000_000)])?));
        assert!(long.contains("4,000,000 bytes"), "{long}");
    }
}
