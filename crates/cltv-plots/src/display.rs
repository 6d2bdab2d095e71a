//! How a chart shows itself in a notebook: evcxr's display protocol on standard output.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::html::LOADER_MARKER;
use crate::{Chart, plotly_loader_html};

/// Set by our kernel, which puts the library into the page itself.
const KERNEL_VARIABLE: &str = "CLTV_KERNEL";
/// The form under which our kernel takes the library.
const LOADER_MIME: &str = "application/x-cltv-loader";
/// Set by the first chart of a process, so that the later ones leave the library out.
const SENT_VARIABLE: &str = "CLTV_PLOTLY_SENT";

impl Chart {
    /// The chart in each form that a notebook front end may pick: `text/html`, plotly's own JSON for
    /// front ends with that extension, and one sentence of plain text.
    pub fn mime_bundle(&self) -> [(&'static str, String); 3] {
        [
            ("text/html", self.html_fragment()),
            ("application/vnd.plotly.v1+json", self.figure_json().to_string()),
            ("text/plain", self.text_summary()),
        ]
    }

    /// Shows the chart as the output of a notebook cell.
    pub fn show(&self) {
        let blocks = match (std::env::var_os(KERNEL_VARIABLE).is_some(), first_of_process()) {
            (true, true) => loader_block() + &self.evcxr_blocks(false),
            (true, false) => self.evcxr_blocks(false),
            (false, first) => self.evcxr_blocks(first),
        };
        let mut stdout = std::io::stdout().lock();
        // A cell whose output nobody reads any more need not fail.
        let _ = stdout.write_all(blocks.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Shows the chart when it is the last expression of a cell; evcxr calls it by this name.
    pub fn evcxr_display(&self) {
        self.show();
    }

    /// All blocks in one text, so that one write holds them together.
    fn evcxr_blocks(&self, library_needed: bool) -> String {
        let mut out = String::new();
        for (mime, content) in self.mime_bundle() {
            out.push_str(&format!("EVCXR_BEGIN_CONTENT {mime}\n"));
            match content.strip_prefix(LOADER_MARKER) {
                Some(rest) if library_needed => {
                    out.push_str(plotly_loader_html().trim_end());
                    out.push_str(&harmless(rest.trim_end()));
                }
                _ => out.push_str(&harmless(content.trim_end())),
            }
            out.push_str("\nEVCXR_END_CONTENT\n");
        }
        out
    }
}

/// Content that cannot be taken for evcxr's markers, whatever a customer is called.
fn harmless(content: &str) -> String {
    content.replace("EVCXR_", "EVCXR\u{2060}_")
}

/// Hands our kernel the library, which it puts into the first output that wants it.
fn loader_block() -> String {
    format!("EVCXR_BEGIN_CONTENT {LOADER_MIME}\n{}\nEVCXR_END_CONTENT\n", plotly_loader_html().trim_end())
}

/// Whether no chart of this process was shown before.
fn first_of_process() -> bool {
    static SHOWN: AtomicBool = AtomicBool::new(false);
    if SHOWN.swap(true, Ordering::SeqCst) || std::env::var_os(SENT_VARIABLE).is_some() {
        return false;
    }
    // SAFETY: a stock kernel links a copy of this library, with statics of its own, into every cell,
    // so only the environment lasts from one cell to the next. Cells run one after the other, and
    // nothing a notebook loads reads the environment through C at this moment.
    unsafe { std::env::set_var(SENT_VARIABLE, "1") };
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_follow_the_protocol() {
        let chart = crate::frequency_distribution(&[1, 2, 2, 9]).unwrap();
        let blocks = chart.evcxr_blocks(false);
        let begins: Vec<&str> =
            blocks.lines().filter_map(|line| line.strip_prefix("EVCXR_BEGIN_CONTENT ")).collect();
        assert_eq!(begins, ["text/html", "application/vnd.plotly.v1+json", "text/plain"]);
        assert_eq!(blocks.lines().filter(|&line| line == "EVCXR_END_CONTENT").count(), 3);
        assert_eq!(blocks.lines().nth(1), Some(LOADER_MARKER));
        assert!(blocks.ends_with("EVCXR_END_CONTENT\n"));
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
        let blocks = chart.evcxr_blocks(true);
        assert!(!blocks.contains(LOADER_MARKER));
        assert!(blocks.starts_with("EVCXR_BEGIN_CONTENT text/html\n<script"));
        assert!(blocks.contains("DecompressionStream"));
    }
}
