//! What a column holds: the kind that at least four fifths of its cells agree on.

use super::days;
use super::grid::Cell;
use super::numbers::Parts;
use super::source::TableSource;

/// Words that mean a missing value in any column.
const MISSING: [&str; 8] = ["na", "n/a", "nan", "null", "-", "–", "—", "n.a."];
/// Of a column's values, this share in tenths must be of a kind for the others to be mistakes.
const AGREED_TENTHS: usize = 8;

/// The kind of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Date,
    Flag,
}

/// How many cells are of which kind.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Census {
    pub(crate) values: usize,
    pub(crate) numbers: usize,
    days: usize,
    flags: usize,
    zero_or_one: usize,
    codes: usize,
}

impl Census {
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a Cell>) -> Self {
        let mut census = Self::default();
        for cell in cells {
            census.count(cell);
        }
        census
    }

    fn count(&mut self, cell: &Cell) {
        self.values += 1;
        match cell {
            Cell::Missing | Cell::Error(_) | Cell::NoValue(_) => self.values -= 1,
            Cell::Number(n) => {
                self.numbers += 1;
                self.zero_or_one += usize::from(*n == 0.0 || *n == 1.0);
            }
            Cell::Flag(_) => self.flags += 1,
            Cell::Day(_) => self.days += 1,
            Cell::Text(text) => self.count_text(text),
        }
    }

    fn count_text(&mut self, text: &str) {
        if flag(text).is_some() {
            self.flags += 1;
        } else if days::is_day(text) {
            self.days += 1;
        } else if let Some(parts) = Parts::of(text) {
            self.codes += usize::from(parts.is_code());
            self.zero_or_one += usize::from(matches!(text, "0" | "1"));
            self.numbers += 1;
        }
    }

    /// The kind of the column; a column without values holds numbers.
    pub(crate) fn kind(&self) -> Kind {
        let most = |n: usize| 10 * n >= AGREED_TENTHS * self.values;
        if self.flags > 0 && self.flags + self.zero_or_one == self.values {
            Kind::Flag
        } else if self.codes > 0 {
            Kind::Text
        } else if most(self.numbers) {
            Kind::Number
        } else if most(self.days) {
            Kind::Date
        } else if most(self.flags) {
            Kind::Flag
        } else {
            Kind::Text
        }
    }
}

/// Yes and no, in words.
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

/// Whether a text stands for a missing value.
pub(crate) fn is_missing(source: &TableSource, text: &str) -> bool {
    let text = text.to_lowercase();
    MISSING.contains(&text.as_str()) || source.missing_words.iter().any(|word| word.to_lowercase() == text)
}
