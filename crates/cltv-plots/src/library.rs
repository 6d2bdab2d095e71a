//! plotly.js itself: as a file, or packed into a notebook.

use std::io::Write;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cltv_protocol::chart_html::Script;
use flate2::{Compression, write::GzEncoder};
use plotly::Plot;

/// The file name that pages beside it load plotly.js by.
pub const PLOTLY_FILE: &str = "plotly.min.js";

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
    Script::Loader { packed }.element()
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

    use cltv_protocol::chart_html;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_source_is_plotly_alone() {
        let source = plotly_js();
        assert!(source.len() > 4_000_000);
        assert!(source.starts_with("/**\n* plotly.js v3"));
        assert!(source.trim_end().ends_with("return Plotly;\n}));"), "{}", &source[source.len() - 60..]);
    }

    #[test]
    fn the_hash_is_that_of_the_source() {
        let hash = Sha256::digest(chart_html::unpacked(plotly_js()).as_bytes());
        assert_eq!(format!("sha256-{}", STANDARD.encode(hash)), chart_html::UNPACKED_HASH);
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
