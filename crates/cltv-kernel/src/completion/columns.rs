//! Names of columns that cells have shown or used: a frame's own can only be had by running a cell.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

/// How many names are kept.
const MOST: usize = 1000;

/// The names, which the outputs of cells and the session add to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Columns(Arc<Mutex<BTreeSet<String>>>);

impl Columns {
    /// Adds the heads of tables in html.
    pub(crate) fn note_shown(&self, html: &str) {
        for piece in html.split("<th").skip(1) {
            // `<thead>` begins in the same way.
            let is_head = piece.starts_with(['>', ' ']);
            let inside =
                piece.split_once('>').and_then(|(_, rest)| rest.split_once("</th>")).filter(|_| is_head);
            if let Some((name, _)) = inside {
                let name = name.split('<').next().unwrap_or_default();
                self.add(html_escape::decode_html_entities(name).into_owned());
            }
        }
    }

    pub(super) fn add(&self, name: String) {
        let mut names = self.lock();
        if !name.trim().is_empty() && names.len() < MOST {
            names.insert(name);
        }
    }

    pub(super) fn beginning(&self, typed: &str) -> Vec<String> {
        self.lock().iter().filter(|name| name.starts_with(typed)).cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        // Names are added whole: what a panic left is as good as any.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_tables_are_columns() {
        let columns = Columns::default();
        columns.note_shown(
            "<table><thead><tr><th style=\"a\">customer</th><th>A&amp;B</th><th></th></tr></thead><td>x</td>",
        );
        assert_eq!(columns.beginning(""), ["A&B", "customer"]);
        assert_eq!(columns.beginning("cus"), ["customer"]);
    }
}
