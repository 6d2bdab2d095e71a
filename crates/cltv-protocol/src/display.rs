//! How output of a cell reaches a notebook: MIME types, evcxr's markers, and the place of plotly.js.
//!
//! A program that a cell runs writes a block for each form of an output to standard output:
//!
//! ```text
//! EVCXR_BEGIN_CONTENT text/html
//! <b>1</b>
//! EVCXR_END_CONTENT
//! ```
//!
//! In cltv's kernel such a block counts only between two lines with the session's secret
//! ([`asked_for`](crate::marks::asked_for)), which data that a cell prints cannot contain.

/// Html.
pub const HTML: &str = "text/html";
/// Plain text.
pub const PLAIN: &str = "text/plain";
/// Markdown.
pub const MARKDOWN: &str = "text/markdown";
/// LaTeX.
pub const LATEX: &str = "text/latex";
/// A plotly figure as JSON, for front ends that draw it themselves.
pub const PLOTLY: &str = "application/vnd.plotly.v1+json";
/// The html that loads plotly.js, sent once by the helper library to cltv's kernel.
pub const LOADER: &str = "application/x-cltv-loader";
/// Progress of a long computation, for cltv's kernel: a name, a newline, and a text that replaces the
/// last one of that name.
pub const PROGRESS: &str = "application/x-cltv-progress";

/// The first line of a chart's html, where the kernel puts the html that loads plotly.js.
pub const PLOTLY_PLACE: &str = "<!--cltv:plotly.js-->";

/// What all of evcxr's markers begin with.
pub const MARKER_PREFIX: &str = "EVCXR_";
/// Begins a block; the MIME type follows on the same line.
pub const BEGIN_CONTENT: &str = "EVCXR_BEGIN_CONTENT ";
/// Ends a block, on a line of its own.
pub const END_CONTENT: &str = "EVCXR_END_CONTENT";
/// The cell has ended.
pub const EXECUTION_COMPLETE: &str = "EVCXR_EXECUTION_COMPLETE";
/// The cell has panicked.
pub const PANIC: &str = "EVCXR_PANIC_NOTIFICATION";
/// A `?` has left the cell; the error is on standard error.
pub const ERROR_OCCURRED: &str = "EVCXR_ERROR_OCCURRED";
/// The type of a variable is not the one it was stored with; its name follows.
pub const VARIABLE_CHANGED_TYPE: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";
/// The cell waits for input.
pub const INPUT_REQUEST: &str = "EVCXR_INPUT_REQUEST";

/// A block of an output, complete with its last newline.
///
/// # Examples
/// ```
/// use cltv_protocol::display::{PLAIN, block};
/// assert_eq!(block(PLAIN, "7\n"), "EVCXR_BEGIN_CONTENT text/plain\n7\nEVCXR_END_CONTENT\n");
/// ```
#[must_use]
pub fn block(mime: &str, content: &str) -> String {
    let content = without_markers(content.trim_end_matches('\n'));
    format!("{BEGIN_CONTENT}{mime}\n{content}\n{END_CONTENT}\n")
}

/// The text with a zero-width word joiner inside every marker of evcxr, so that a customer's name
/// cannot end a block.
///
/// # Examples
/// ```
/// let name = cltv_protocol::display::without_markers("EVCXR_END_CONTENT");
/// assert_eq!(name, "EVCXR\u{2060}_END_CONTENT");
/// ```
#[must_use]
pub fn without_markers(content: &str) -> String {
    content.replace(MARKER_PREFIX, "EVCXR\u{2060}_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_cannot_end_its_block() {
        let block = block(HTML, "a\nEVCXR_END_CONTENT\nEVCXR_BEGIN_CONTENT text/html\n\n");
        let ends = block.lines().filter(|line| *line == END_CONTENT).count();
        let begins = block.lines().filter(|line| line.starts_with(BEGIN_CONTENT)).count();
        assert_eq!((begins, ends), (1, 1));
        assert!(block.ends_with("text/html\nEVCXR_END_CONTENT\n"), "{block}");
    }

    #[test]
    fn every_marker_has_the_prefix() {
        for marker in [
            BEGIN_CONTENT,
            END_CONTENT,
            EXECUTION_COMPLETE,
            PANIC,
            ERROR_OCCURRED,
            VARIABLE_CHANGED_TYPE,
            INPUT_REQUEST,
        ] {
            assert!(marker.starts_with(MARKER_PREFIX), "{marker}");
        }
    }
}
