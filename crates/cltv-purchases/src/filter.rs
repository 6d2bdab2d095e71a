//! The parameter `filter`: conditions on columns that rows must meet.

use std::cmp::Ordering;

use cltv_tables::words::quote;
use cltv_tables::{Column, TableError};

/// Conditions joined by "and".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filter {
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    column: String,
    sign: Sign,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer signs first, so that "<=" is not read as "<".
const SIGNS: [(&str, Sign); 8] = [
    ("!=", Sign::NotEqual),
    ("<>", Sign::NotEqual),
    ("<=", Sign::LessOrEqual),
    (">=", Sign::GreaterOrEqual),
    ("==", Sign::Equal),
    ("=", Sign::Equal),
    ("<", Sign::Less),
    (">", Sign::Greater),
];

impl Filter {
    /// Takes a text such as `Status = paid and Total >= 10` apart; `None` for "".
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, TableError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let bad = |problem: String| TableError::BadFilter { value: text.to_owned(), problem };
        let conditions: Result<Vec<Condition>, String> =
            parts(text).iter().map(|part| condition(part)).collect();
        Ok(Some(Self { conditions: conditions.map_err(bad)? }))
    }

    /// The columns that the conditions name.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        self.conditions.iter().map(|condition| condition.column.as_str())
    }

    /// Whether each row meets all conditions; `columns` are those of the conditions, in their order.
    pub(crate) fn keeps(&self, columns: &[Column]) -> Vec<bool> {
        let rows = columns.first().map_or(0, |column| column.cells.len());
        let mut keeps = vec![true; rows];
        for (condition, column) in self.conditions.iter().zip(columns) {
            for (row, keep) in keeps.iter_mut().enumerate().filter(|(_, keep)| **keep) {
                *keep = condition.holds(&column.cells.shown(row));
            }
        }
        keeps
    }
}

/// The text between "and"s that are not in quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote = None;
    let lower = text.to_ascii_lowercase();
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        if quote.is_none() && c.is_whitespace() && lower[at + c.len_utf8()..].starts_with("and ") {
            parts.push(String::new());
            skip = at + c.len_utf8() + 4;
            continue;
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}

fn condition(part: &str) -> Result<Condition, String> {
    let at =
        part.find(['=', '<', '>', '!']).ok_or_else(|| format!("{} compares nothing", quote(part.trim())))?;
    let (column, rest) = part.split_at(at);
    let found = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
    let (text, sign) =
        found.ok_or_else(|| format!("{} has no comparison that is known", quote(part.trim())))?;
    let column = unquoted(column);
    if column.is_empty() {
        return Err(format!("{} names no column", quote(part.trim())));
    }
    Ok(Condition { column: column.to_owned(), sign: *sign, value: unquoted(&rest[text.len()..]).to_owned() })
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inside = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

impl Condition {
    /// Two numbers are compared as numbers, everything else as text. A missing value equals only "".
    fn holds(&self, found: &str) -> bool {
        let number = |text: &str| text.parse::<f64>().ok();
        let order = match (number(found), number(&self.value)) {
            (Some(a), Some(b)) => a.partial_cmp(&b),
            _ => Some(found.cmp(self.value.as_str())),
        };
        let missing = found.is_empty() && !self.value.is_empty();
        match self.sign {
            Sign::Equal => order == Some(Ordering::Equal),
            Sign::NotEqual => order != Some(Ordering::Equal),
            _ if missing => false,
            Sign::Less => order == Some(Ordering::Less),
            Sign::LessOrEqual => order != Some(Ordering::Greater),
            Sign::Greater => order == Some(Ordering::Greater),
            Sign::GreaterOrEqual => order != Some(Ordering::Less),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_taken_apart() {
        let filter =
            Filter::parse("Order Status = paid and 'Net total' >= 10 and note != \"salt and pepper\"");
        let filter = filter.unwrap().unwrap();
        let found: Vec<(&str, Sign, &str)> =
            filter.conditions.iter().map(|c| (c.column.as_str(), c.sign, c.value.as_str())).collect();
        let expected = [
            ("Order Status", Sign::Equal, "paid"),
            ("Net total", Sign::GreaterOrEqual, "10"),
            ("note", Sign::NotEqual, "salt and pepper"),
        ];
        assert_eq!(found, expected);
        assert_eq!(Filter::parse(" ").unwrap(), None);
        for bad in ["paid", "= paid", "a ! b"] {
            assert!(matches!(Filter::parse(bad), Err(TableError::BadFilter { .. })), "{bad}");
        }
    }

    #[test]
    fn numbers_are_compared_as_numbers_and_dates_as_text() {
        let holds =
            |text: &str, value: &str| Filter::parse(text).unwrap().unwrap().conditions[0].holds(value);
        assert!(holds("a < 10", "9.5") && !holds("a < 10", "10") && holds("a <= 10", "10.0"));
        assert!(holds("a = 5", "5.0") && holds("a != x", "") && !holds("a = x", "") && !holds("a > 1", ""));
        assert!(holds("a >= 2024-02-01", "2024-02-01") && !holds("a >= 2024-02-01", "2024-01-31"));
        assert!(holds("a = ", ""));
    }
}
