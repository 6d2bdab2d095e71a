//! The lines of an index.

use super::in_one_line;
use std::collections::BTreeSet;

/// Lines, sorted: a path, a kind, a signature and documentation, with tabs between.
#[derive(Debug, Default)]
pub(super) struct Lines(BTreeSet<String>);

impl Lines {
    /// Adds an item or a member of one.
    pub(super) fn item(&mut self, path: &str, kind: &str, signature: &str, docs: &str) {
        let signature = signature.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = format!("{path}\t{kind}\t{signature}\t{}", in_one_line(docs.trim()));
        self.0.insert(line.trim_end_matches('\t').to_owned());
    }

    /// Adds what connects a path with another: `use`, `impl` or `deref`.
    pub(super) fn link(&mut self, path: &str, kind: &str, to: &str) {
        self.0.insert(format!("{path}\t{kind}\t{to}"));
    }

    /// The file's text.
    pub(super) fn text(&self, head: &str) -> String {
        let mut text = format!("{head}\n# Made by `cargo xtask index`; do not edit.\n");
        self.0.iter().for_each(|line| text.extend([line, "\n"]));
        text
    }
}
