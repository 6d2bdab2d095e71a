//! How a chart shows itself in a notebook: evcxr's display protocol on standard output.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use cltv_protocol::display::{self, block};
use cltv_protocol::environment;
use cltv_protocol::marks::asked_for;

use crate::html::LOADER_MARKER;
use crate::{Chart, plotly_loader_html};

impl Chart {
    /// The chart in each form that a notebook front end may pick: `text/html`, plotly's own JSON for
    /// front ends with that extension, and one sentence of plain text.
    pub fn mime_bundle(&self) -> [(&'static str, String); 3] {
        [
            (display::HTML, self.html_fragment()),
            (display::PLOTLY, self.figure_json().to_string()),
            (display::PLAIN, self.text_summary()),
        ]
    }

    /// Shows the chart as the output of a notebook cell.
    pub fn show(&self) {
        show_bundle(&self.mime_bundle());
    }

    /// Shows the chart when it is the last expression of a cell; evcxr calls it by this name.
    pub fn evcxr_display(&self) {
        self.show();
    }
}

/// Shows one output of a cell in the forms that a front end may pick, by MIME type, in evcxr's display protocol.
///
/// Where html begins with [`LOADER_MARKER`], as that of charts does, plotly.js comes before the first such output of
/// the process.
pub fn show_bundle(bundle: &[(&str, String)]) {
    let draws = bundle.iter().any(|(_, content)| content.starts_with(LOADER_MARKER));
    let ours = std::env::var_os(environment::KERNEL).is_some();
    let text = match (draws && first_of_process(), ours) {
        (true, true) => loader_block() + &blocks(bundle, false),
        (first, _) => blocks(bundle, first),
    };
    let mut stdout = std::io::stdout().lock();
    // A cell whose output nobody reads any more need not fail.
    let _ = stdout.write_all(asked_for(text).as_bytes()).and_then(|()| stdout.flush());
}

/// All blocks in one text, so that one write holds them together.
fn blocks(bundle: &[(&str, String)], library_needed: bool) -> String {
    let loader = if library_needed { plotly_loader_html() } else { String::new() };
    let mut out = String::new();
    for (mime, content) in bundle {
        let content = content.trim_end_matches('\n');
        let (library, own) = match content.strip_prefix(LOADER_MARKER) {
            Some(rest) if library_needed => (loader.trim_end(), rest),
            _ => ("", content),
        };
        let text = block(mime, own);
        // The library itself holds no marker, and is too long to be searched for one.
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        out.push_str(&format!("{first}\n{library}{rest}"));
    }
    out
}

/// Hands our kernel the library, which it puts into the first output that wants it.
fn loader_block() -> String {
    block(display::LOADER, plotly_loader_html().trim_end())
}

/// Whether no chart of this process was shown before.
fn first_of_process() -> bool {
    static SHOWN: AtomicBool = AtomicBool::new(false);
    if SHOWN.swap(true, Ordering::SeqCst) || std::env::var_os(environment::PLOTLY_SENT).is_some() {
        return false;
    }
    // SAFETY: a stock kernel links a copy of this library, with statics of its own, into every cell,
    // so only the environment lasts from one cell to the next. Cells run one after the other, and
    // nothing a notebook loads reads the environment through C at this moment.
    unsafe { std::env::set_var(environment::PLOTLY_SENT, "1") };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_the_protocol() {
        let chart = crate::frequency_distribution(&[1, 2, 2, 9]).unwrap();
        let text = blocks(&chart.mime_bundle(), false);
        let begins: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("EVCXR_BEGIN_CONTENT ")).collect();
        assert_eq!(begins, ["text/html", "application/vnd.plotly.v1+json", "text/plain"]);
        assert_eq!(text.lines().filter(|&line| line == "EVCXR_END_CONTENT").count(), 3);
        assert_eq!(text.lines().nth(1), Some(LOADER_MARKER));
        assert!(text.ends_with("EVCXR_END_CONTENT\n"));
    }

    #[test]
    fn our_kernel_gets_the_library_as_a_block_of_its_own() {
        let block = loader_block();
        assert!(block.starts_with("EVCXR_BEGIN_CONTENT application/x-cltv-loader\n<script"));
        assert_eq!(block.lines().filter(|&line| line == "EVCXR_END_CONTENT").count(), 1);
    }

    #[test]
    fn the_first_chart_brings_the_library() {
        let chart = crate::frequency_distribution(&[1, 2, 2, 9]).unwrap();
        let text = blocks(&chart.mime_bundle(), true);
        assert!(!text.contains(LOADER_MARKER));
        assert!(text.starts_with("EVCXR_BEGIN_CONTENT text/html\n<script"));
        assert!(text.contains("DecompressionStream"));
    }
}
