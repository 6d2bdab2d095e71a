//! Charts as html: a page of their own, or a fragment inside a notebook's output.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cltv_protocol::chart_html::Script;
use serde_json::{Value, json};

use crate::chart::SUBTITLE;
use crate::{Chart, text};

/// Where a kernel may put the library loader, once a page: the first line of every fragment.
pub const LOADER_MARKER: &str = "<!--cltv:plotly.js-->";

const PAGE_STYLE: &str = "body{font-family:system-ui,'Segoe UI',Arial,sans-serif;color:#222;background:#fff;margin:0}\
main{max-width:960px;margin:0 auto;padding:16px}h1{font-size:1.25rem;margin:.2rem 0}\
table{border-collapse:collapse;margin:.6rem 0}caption{text-align:left;padding:.3rem 0}\
th,td{border:1px solid #ccc;padding:.2rem .6rem;text-align:left}td.number{text-align:right}\
summary{cursor:pointer;padding:.4rem 0}";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@</title>
<style>@STYLE@</style>
<script src="@SRC@"></script>
</head>
<body>
<main>
<h1>@TITLE@</h1>
<p>@SUMMARY@</p>
<div id="chart" role="img" aria-label="@SUMMARY@" style="width:100%;min-height:@HEIGHT@px"></div>
<p><strong>How to read it.</strong> @HOW@</p>
<details>
<summary>The values shown, as a table</summary>
@TABLE@</details>
<noscript><p>This browser runs no scripts, so only the table is shown.</p></noscript>
</main>
<script>
(function () {
  var figure = @FIGURE@;
  var div = document.getElementById("chart");
  if (window.Plotly) {
    window.Plotly.newPlot(div, figure.data, figure.layout, figure.config);
  } else {
    div.textContent = "The chart needs the file @SRC@ beside this page; the table below holds its values.";
  }
})();
</script>
</body>
</html>
"#;

const FRAGMENT: &str = r#"@MARKER@
<div id="@ID@" class="cltv-chart tex2jax_ignore mathjax_ignore" style="width:100%;min-height:@HEIGHT@px;background:#fff;color:#222"><img src="@PICTURE@" alt="@FALLBACK@" style="width:100%;max-width:@WIDTH@px"></div>
@SCRIPT@"#;

impl Chart {
    /// A whole page for `outputs/visualizations/<name>.html`, which needs only `plotly_src`, the
    /// address of plotly.js beside it (see [`crate::plotly_js`]), and works without a network.
    ///
    /// The same chart always gives the same page, byte for byte.
    pub fn html_page(&self, plotly_src: &str) -> String {
        fill(
            PAGE,
            &[
                ("@STYLE@", PAGE_STYLE.to_owned()),
                ("@TITLE@", text::html(self.title())),
                ("@SUMMARY@", text::html(&self.text_summary())),
                ("@HOW@", text::html(self.how_to_read())),
                ("@HEIGHT@", self.height().to_string()),
                ("@SRC@", text::html(plotly_src)),
                ("@TABLE@", self.data().to_html(self.title())),
                ("@FIGURE@", text::script_json(&untitled(self.figure_json()))),
            ],
        )
    }

    /// What a notebook output carries as `text/html`: [`LOADER_MARKER`], a div with the chart's still picture, and a
    /// script that draws into it as soon as `window.Plotly` is there. Each call gives the div another id.
    ///
    /// Where no script runs, as in an untrusted notebook, and where the output with plotly.js was cleared, the
    /// picture stays.
    pub fn html_fragment(&self) -> String {
        let fallback = format!("{}: {}", self.title(), self.text_summary());
        let picture = format!("data:image/svg+xml;base64,{}", STANDARD.encode(self.svg()));
        let (id, figure) = (unique_id(self.name()), text::script_json(&self.figure_json()));
        fill(
            FRAGMENT,
            &[
                ("@MARKER@", LOADER_MARKER.to_owned()),
                ("@SCRIPT@", Script::Draw { figure: &figure, id: &id }.element()),
                ("@ID@", id),
                ("@PICTURE@", picture),
                ("@WIDTH@", "900".to_owned()),
                ("@HEIGHT@", self.height().to_string()),
                ("@FALLBACK@", text::html(&fallback)),
            ],
        )
    }
}

impl Chart {
    /// The figure as JSON that can stand inside a script element.
    pub fn script_json(&self) -> String {
        text::script_json(&self.figure_json())
    }
}

/// A text as a JSON string that can stand inside a script element.
///
/// # Examples
/// ```
/// assert_eq!(cltv_plots::script_text("</script>"), "\"\\u003c/script>\"");
/// ```
pub fn script_text(text: &str) -> String {
    text::script_json(&json!(text))
}

/// Fills a template in one pass, so that a value which looks like a placeholder stays a value.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(start) = rest.find('@') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match values.iter().find(|(key, _)| rest.starts_with(key)) {
            Some((key, value)) => {
                out.push_str(value);
                rest = &rest[key.len()..];
            }
            None => {
                out.push('@');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

/// The page's heading is the title already, and the note stands below it; the figure need not repeat them.
fn untitled(mut figure: Value) -> Value {
    if let Some(layout) = figure["layout"].as_object_mut() {
        let title = layout.remove("title");
        let noted = title.is_some_and(|title| title.get("subtitle").is_some());
        let top = layout["margin"]["t"].as_u64().unwrap_or(60);
        layout["margin"]["t"] = json!(top.saturating_sub(30 + if noted { SUBTITLE } else { 0 }));
    }
    figure
}

/// An id that no other output of the notebook has, whichever run of the kernel made it.
pub fn unique_id(name: &str) -> String {
    static DRAWN: AtomicU64 = AtomicU64::new(0);
    // The standard library seeds its hash maps with randomness, which is all that is needed here.
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(DRAWN.fetch_add(1, Ordering::Relaxed));
    hasher.write_u32(std::process::id());
    format!("cltv-{name}-{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_in_values_stay_text() {
        assert_eq!(fill("a @X@ b@c @Y@", &[("@X@", "@Y@".into()), ("@Y@", "2".into())]), "a @Y@ b@c 2");
    }

    #[test]
    fn ids_differ() {
        assert_ne!(unique_id("a"), unique_id("a"));
    }
}
