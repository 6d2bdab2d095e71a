//! An output of a cell, by what can be shown of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cltv_protocol::chart_html::Script;
use cltv_protocol::display::{HTML, LATEX, MARKDOWN, PLAIN, PLOTLY};
use serde_json::Value;

use crate::terminal::strip_ansi;

/// The types of images that a page can show.
const IMAGES: [&str; 5] = ["image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp"];

/// An output.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shown {
    /// What was printed; `true` for standard error.
    Stream { text: String, is_error: bool },
    /// What a failed cell said.
    Error { name: String, message: String, lines: String },
    /// The forms in which something is shown.
    Bundle(Bundle),
}

/// One thing in several forms.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bundle {
    pub(super) html: Option<String>,
    pub(super) markdown: Option<String>,
    pub(super) latex: Option<String>,
    pub(super) plain: Option<String>,
    /// The type of an image, and its data: base64, or the text of an svg.
    pub(super) image: Option<(String, String)>,
    /// The types of all forms.
    pub(super) kinds: Vec<String>,
}

impl Shown {
    /// Reads an output as a notebook file has it.
    pub(super) fn new(output: &Value) -> Shown {
        let text = |key: &str| joined(&output[key]).unwrap_or_default();
        match output["output_type"].as_str() {
            Some("stream") => {
                Shown::Stream { text: strip_ansi(&text("text")), is_error: output["name"] == "stderr" }
            }
            Some("error") => Shown::Error {
                name: text("ename"),
                message: strip_ansi(&text("evalue")),
                lines: strip_ansi(&lines(&output["traceback"])),
            },
            _ => Shown::Bundle(Bundle::new(&output["data"])),
        }
    }

    /// The element that loads the chart library for the whole page, when it is in this output.
    pub(super) fn chart_loader(&self) -> Option<&str> {
        let Shown::Bundle(Bundle { html: Some(html), .. }) = self else {
            return None;
        };
        let (before, script) = html.trim_start().split_once('>')?;
        let script = &script[..script.find("</script>")?];
        let is_loader =
            before.starts_with("<script") && matches!(Script::of(script), Some(Script::Loader { .. }));
        is_loader.then(|| &html.trim_start()[..before.len() + 1 + script.len() + "</script>".len()])
    }
}

impl Bundle {
    fn new(data: &Value) -> Bundle {
        let form = |kind: &str| joined(&data[kind]);
        Bundle {
            html: form(HTML),
            markdown: form(MARKDOWN),
            latex: form(LATEX),
            plain: form(PLAIN).map(|text| strip_ansi(&text)),
            image: IMAGES.iter().find_map(|kind| Some(((*kind).to_owned(), form(kind)?))),
            kinds: data.as_object().into_iter().flatten().map(|(kind, _)| kind.clone()).collect(),
        }
    }

    /// Whether it is a chart, of which only text can stand outside a browser.
    pub(super) fn is_chart(&self) -> bool {
        self.kinds.iter().any(|kind| kind == PLOTLY)
    }
}

/// A text that a notebook keeps as one string or as a list of lines.
pub(super) fn joined(json: &Value) -> Option<String> {
    match json {
        Value::String(text) => Some(text.clone()),
        Value::Array(lines) => lines.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

fn lines(json: &Value) -> String {
    let lines: Vec<&str> = json.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    lines.join("\n")
}

/// An image as an address that holds it. An svg becomes an image, too, in which no script runs.
pub(super) fn address(kind: &str, data: &str) -> String {
    let compact: String = match kind {
        "image/svg+xml" => STANDARD.encode(data),
        _ => data.split_whitespace().collect(),
    };
    format!("data:{kind};base64,{compact}")
}

/// What is said of an output that has no form anybody can show.
pub(super) fn unknown(bundle: &Bundle) -> String {
    match bundle.kinds.as_slice() {
        [] => "An output without contents.".to_owned(),
        kinds => format!("An output of type {}, which only Jupyter shows.", kinds.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn outputs_lose_colours_and_keep_words() {
        let stream = json!({"output_type": "stream", "name": "stderr", "text": ["a\u{1b}[31m\n", "b"]});
        assert_eq!(Shown::new(&stream), Shown::Stream { text: "a\nb".into(), is_error: true });
        let bundle = json!({"output_type": "display_data", "data": {"text/plain": ["x"], "a/b": {}}});
        let Shown::Bundle(bundle) = Shown::new(&bundle) else { panic!("a bundle") };
        assert_eq!((bundle.plain.as_deref(), bundle.kinds.len()), (Some("x"), 2));
    }

    #[test]
    fn the_loader_is_the_first_element_alone() {
        let chart = |html: &str| Shown::Bundle(Bundle { html: Some(html.into()), ..Bundle::default() });
        let loader = Script::Loader { packed: "AAAA" }.element();
        let first = chart(&format!("{loader}<div></div><script>draw</script>"));
        assert_eq!(first.chart_loader(), Some(loader.trim_end()));
        assert_eq!(chart(&format!("<div></div>{loader}")).chart_loader(), None);
        assert_eq!(chart("<script>draw()</script>").chart_loader(), None);
    }
}
