//! Events of the process that runs cells, for the kernel: one JSON value a line.
//!
//! evcxr reads the child's stdout line by line, understands its own markers and
//! hands on every other line. The cell host wraps all a cell prints in lines of this
//! form, so that text without a newline, binary noise and rich outputs arrive
//! whole, in order, and while the cell still runs.

use cltv_protocol::display::MARKER_PREFIX;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The first byte of a wrapped line; no text that evcxr itself prints begins so.
pub(crate) const PREFIX: char = '\u{1}';

/// One event in the life of a running cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// Text on standard output.
    Out(String),
    /// Text on standard error.
    Err(String),
    /// A rich output: content by MIME type.
    Display(BTreeMap<String, String>),
    /// The html that loads a library for html outputs, sent once by the helper.
    Loader(String),
    /// How far something is; each replaces the last of that name.
    Progress {
        /// What it is about.
        name: String,
        /// How far it is.
        text: String,
    },
    /// The value of a variable as text.
    Described {
        /// The variable.
        name: String,
        /// In a line.
        short: String,
        /// In several lines, such as the head of a frame.
        long: String,
    },
    /// The cell waits for a line of standard input.
    Input,
    /// The cell panicked; what it wrote to standard error.
    Panic(String),
    /// A `?` left the cell early.
    Failed {
        /// The error's text.
        text: String,
        /// The file and line of the `?`, as `target/lib.rs:7`; empty where it is not known.
        place: String,
    },
    /// The variables that a failed cell has used up.
    Lost(Vec<String>),
}

impl Event {
    /// The event as one line, without its newline.
    pub(crate) fn to_line(&self) -> String {
        // A string-keyed map of strings cannot fail to serialise.
        let json = serde_json::to_string(self).unwrap_or_default();
        // evcxr looks for its markers anywhere in a line. In JSON a string can be spelt without them.
        format!("{PREFIX}{}", json.replace(MARKER_PREFIX, "EVCXR\\u005f"))
    }

    /// Reads a line back; a line that is not wrapped is plain output.
    pub(crate) fn from_line(line: &str) -> Event {
        line.strip_prefix(PREFIX)
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_else(|| Event::Out(format!("{line}\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_the_wire_whatever_they_hold() {
        for event in [
            Event::Out("no newline".into()),
            Event::Out("two\nlines \u{1} \"quoted\" \\ \0".into()),
            Event::Display(BTreeMap::from([("text/html".into(), "<b>\n</b>".into())])),
            Event::Failed { text: "the file is missing".into(), place: "target/lib.rs:7".into() },
            Event::Lost(vec!["a".into()]),
            Event::Out("EVCXR_BEGIN_CONTENT text/html EVCXR_EVCXR_ \\EVCXR_".into()),
        ] {
            let line = event.to_line();
            assert!(!line.contains('\n') && !line.contains(MARKER_PREFIX));
            assert_eq!(Event::from_line(&line), event);
        }
    }

    #[test]
    fn an_unwrapped_line_is_output() {
        assert_eq!(Event::from_line("hello"), Event::Out("hello\n".into()));
    }
}
