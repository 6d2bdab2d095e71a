//! plotly.js itself: as a file, or packed into a notebook.

use std::io::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::GzEncoder};
use plotly::Plot;

/// The file name that pages beside it load plotly.js by.
pub const PLOTLY_FILE: &str = "plotly.min.js";

/// Define, module, exports and require are shadowed so that require.js, which nbconvert's pages load,
/// does not swallow the library; the source itself sets `window.Plotly`. A script element rather than
/// `eval`, because pages that allow this inline script may still forbid `eval`.
const LOADER: (&str, &str) = (
    r#"<script type="text/javascript">
(function () {
  if (window.Plotly || window.__cltvPlotlyLoading) { return; }
  window.__cltvPlotlyLoading = true;
  function fail(why) {
    window.__cltvPlotlyLoading = false;
    window.__cltvPlotlyError = "The chart library could not be unpacked: " + why;
  }
  if (typeof DecompressionStream === "undefined") {
    fail("this browser is too old (it has no DecompressionStream).");
    return;
  }
  var packed = ""#,
    r#"";
  var text = atob(packed), bytes = new Uint8Array(text.length);
  for (var i = 0; i < text.length; i += 1) { bytes[i] = text.charCodeAt(i); }
  var stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  new Response(stream).text().then(function (source) {
    var script = document.createElement("script");
    script.text = "(function (define, module, exports, require) {" + source + "\n}).call(window);";
    document.head.appendChild(script);
    document.head.removeChild(script);
    if (!window.Plotly) { throw new Error("it did not start."); }
    window.dispatchEvent(new Event("cltv-plotly-ready"));
  }).catch(function (error) { fail(error.message || String(error)); });
})();
</script>
"#,
);

/// The source of plotly.js 3, for `outputs/visualizations/plotly.min.js`; it comes with the plotly
/// crate.
pub fn plotly_js() -> &'static str {
    static SOURCE: OnceLock<String> = OnceLock::new();
    SOURCE.get_or_init(|| first_script(&Plot::offline_js_sources()))
}

/// Html that defines `window.Plotly`, once a page however often it stands there: about 1.9 MB,
/// unpacked by the browser, without a network.
pub fn plotly_loader_html() -> String {
    static PACKED: OnceLock<String> = OnceLock::new();
    let packed = PACKED.get_or_init(|| STANDARD.encode(gzip(plotly_js().as_bytes())));
    [LOADER.0, packed, LOADER.1].concat()
}

/// The crate hands out script elements: plotly.js first, MathJax after it.
fn first_script(sources: &str) -> String {
    const OPEN: &str = "<script type=\"text/javascript\">";
    let start = sources.find(OPEN).map_or(0, |at| at + OPEN.len());
    let end = sources[start..].find("</script>").map_or(sources.len(), |at| start + at);
    sources[start..end].to_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_source_is_plotly_alone() {
        let source = plotly_js();
        assert!(source.len() > 4_000_000);
        assert!(source.starts_with("/**\n* plotly.js v3"));
        assert!(source.trim_end().ends_with("return Plotly;\n}));"), "{}", &source[source.len() - 60..]);
    }

    #[test]
    fn the_loader_unpacks_to_the_source() {
        let loader = plotly_loader_html();
        assert!(loader.len() < 2_000_000, "{}", loader.len());
        let start = loader.find("packed = \"").unwrap() + "packed = \"".len();
        let end = start + loader[start..].find('"').unwrap();
        let bytes = STANDARD.decode(&loader[start..end]).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, plotly_js());
    }
}
