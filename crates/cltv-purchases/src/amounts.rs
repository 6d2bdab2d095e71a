//! Amounts written as text: thousands separators, decimal commas, currencies, brackets.

use crate::error::{DataError, EXAMPLES_SHOWN, SourceValue};
use crate::table::{Cell, Table};

/// Longest word beside a number that may be a currency: "EUR", "kr.", "US$".
const CURRENCY_LETTERS: usize = 4;

/// Which character separates the whole from the fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Point,
    Comma,
}

/// A number's characters, without sign, currency and blanks.
#[derive(Debug, Clone, PartialEq)]
struct Digits {
    negative: bool,
    body: String,
}

/// Reads the amount column; a missing amount stays missing.
pub(crate) fn read_amounts(
    shown: &str,
    decimal_comma: Option<bool>,
    table: &mut Table,
) -> Result<Option<Vec<Option<f64>>>, DataError> {
    let Some(cells) = table.amounts.take() else {
        return Ok(None);
    };
    let mark = find_mark(shown, decimal_comma, table, &cells)?;
    let mut bad = Vec::new();
    let mut amounts = Vec::with_capacity(cells.len());
    for (cell, &row) in cells.iter().zip(&table.rows) {
        let read = read_cell(cell, mark);
        if read.is_none() {
            bad.push(SourceValue { row, value: cell.shown().unwrap_or_default() });
        }
        amounts.push(read.flatten());
    }
    if mark == Mark::Comma {
        table.notes.push("Amounts have a decimal comma.".to_owned());
    }
    if bad.is_empty() {
        return Ok(Some(amounts));
    }
    Err(DataError::UnreadableAmounts {
        shown: shown.to_owned(),
        column: table.names.amount.clone(),
        bad: bad.len(),
        total: cells.len(),
        values: bad.into_iter().take(EXAMPLES_SHOWN).collect(),
        where_word: table.where_word,
    })
}

/// `None` is not a number; `Some(None)` is missing.
fn read_cell(cell: &Cell, mark: Mark) -> Option<Option<f64>> {
    match cell {
        Cell::Missing => Some(None),
        Cell::Int(n) => Some(Some(*n as f64)),
        Cell::Number(n) if n.is_nan() => Some(None),
        Cell::Number(n) => n.is_finite().then_some(Some(*n)),
        Cell::Text(text) => number(text, mark).map(Some),
        Cell::Day(_) | Cell::Stamp(_) | Cell::Instant(_) => None,
    }
}

fn number(text: &str, mark: Mark) -> Option<f64> {
    if let Some(n) = plain(text).filter(|_| mark == Mark::Point) {
        return Some(n);
    }
    let digits = strip(text)?;
    let (decimal, group) = match mark {
        Mark::Point => ('.', ','),
        Mark::Comma => (',', '.'),
    };
    let body = ungroup(&digits.body, decimal, group)?;
    let size = plain(&body.replace(decimal, "."))?;
    Some(if digits.negative { -size } else { size })
}

/// A number as programs write it; "inf" and "nan" are words, not amounts.
fn plain(text: &str) -> Option<f64> {
    let starts = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    let ends = text.ends_with(|c: char| c.is_ascii_digit() || c == '.');
    (starts && ends).then(|| text.parse::<f64>().ok()).flatten().filter(|n| n.is_finite())
}

/// Takes thousands separators out; the groups before the decimal mark must have three digits.
fn ungroup(body: &str, decimal: char, group: char) -> Option<String> {
    let (whole, fraction) = match body.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (body, None),
    };
    let mut groups = whole.split([group, '\'', '’']);
    let first = groups.next()?;
    let mut out = first.to_owned();
    let mut grouped = false;
    for digits in groups {
        if digits.len() != 3 {
            return None;
        }
        grouped = true;
        out.push_str(digits);
    }
    let first_fits = !grouped || (1..=3).contains(&first.len());
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !first_fits || !all_digits(&out) || !fraction.is_none_or(all_digits) {
        return None;
    }
    if let Some(fraction) = fraction {
        out.push(decimal);
        out.push_str(fraction);
    }
    Some(out)
}

/// Takes the sign, brackets, currency and blanks off.
fn strip(text: &str) -> Option<Digits> {
    let mut rest: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut negative = false;
    if rest.starts_with('(') && rest.ends_with(')') {
        negative = true;
        rest = rest[1..rest.len() - 1].to_owned();
    }
    let is_sign = |c: char| "+-−–".contains(c);
    let edge = |c: char| !c.is_ascii_digit();
    let first = rest.find(|c| !edge(c))?;
    let last = rest.rfind(|c| !edge(c))? + 1;
    let (mut before, mut after) = (&rest[..first], &rest[last..]);
    let mut body = rest[first..last].to_owned();
    // ".50" and "5." keep their mark.
    if let Some(head) = before.strip_suffix(['.', ','])
        && !head.contains(char::is_alphabetic)
    {
        body.insert_str(0, &before[head.len()..]);
        before = head;
    }
    if matches!(after, "." | ",") {
        after = "";
    }
    let words: Vec<&str> = [before, after].map(|word| word.trim_matches(is_sign)).to_vec();
    let signs = [before, after].concat().chars().filter(|&c| is_sign(c)).count();
    if signs > 1 || !words.iter().all(|word| is_currency(word)) {
        return None;
    }
    negative |= [before, after].concat().contains(['-', '−', '–']);
    Some(Digits { negative, body })
}

fn is_currency(word: &str) -> bool {
    let letters = word.chars().count();
    let symbol = |c: char| "$€£¥₹₽₩₺₪₫₴¢¤".contains(c);
    letters <= CURRENCY_LETTERS && word.chars().all(|c| c.is_alphabetic() || symbol(c) || c == '.')
}

/// What a column says about its decimal mark.
#[derive(Debug, Default)]
struct Evidence {
    point: bool,
    comma: bool,
    open: Option<usize>,
}

fn find_mark(shown: &str, given: Option<bool>, table: &Table, cells: &[Cell]) -> Result<Mark, DataError> {
    if let Some(comma) = given {
        return Ok(if comma { Mark::Comma } else { Mark::Point });
    }
    let mut evidence = Evidence::default();
    for (i, cell) in cells.iter().enumerate() {
        if let Cell::Text(text) = cell {
            evidence.look(i, text);
        }
    }
    match (evidence.point, evidence.comma, evidence.open) {
        // Rows that contradict the majority are reported as unreadable afterwards.
        (true, _, _) => Ok(Mark::Point),
        (false, true, _) => Ok(Mark::Comma),
        // Among commas, a quoted "1,250" can only be a thousands separator.
        (false, false, Some(_)) if table.comma_separated => Ok(Mark::Point),
        (false, false, None) => Ok(Mark::Point),
        (false, false, Some(i)) => Err(DataError::AmbiguousAmounts {
            shown: shown.to_owned(),
            column: table.names.amount.clone(),
            value: SourceValue { row: table.rows[i], value: cells[i].shown().unwrap_or_default() },
            where_word: table.where_word,
        }),
    }
}

impl Evidence {
    fn look(&mut self, i: usize, text: &str) {
        let Some(Digits { body, .. }) = strip(text) else {
            return;
        };
        let (point, comma) = (body.rfind('.'), body.rfind(','));
        match (point, comma) {
            (None, None) => {}
            (Some(point), Some(comma)) if point > comma => self.point = true,
            (Some(_), Some(_)) => self.comma = true,
            (Some(_), None) if body.matches('.').count() > 1 => self.comma = true,
            (None, Some(_)) if body.matches(',').count() > 1 => self.point = true,
            // A lone point is the decimal mark that programs write; before exactly three digits
            // it says nothing, and gives way to the evidence of the other rows.
            (Some(at), None) => self.point |= !may_group(&body, at),
            (None, Some(at)) if may_group(&body, at) => {
                self.open.get_or_insert(i);
            }
            (None, Some(_)) => self.comma = true,
        }
    }
}

/// Whether a lone mark may be a thousands separator: 1,250 but not 0,250 or 12,5.
fn may_group(body: &str, at: usize) -> bool {
    body.len() - at - 1 == 3 && (1..=3).contains(&at) && !body.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str], comma_separated: bool) -> Result<Vec<Option<f64>>, DataError> {
        let mut table = Table {
            amounts: Some(values.iter().map(|value| Cell::text(value)).collect()),
            rows: (2..2 + values.len() as u64).collect(),
            comma_separated,
            where_word: "line",
            ..Table::default()
        };
        read_amounts("shop.csv", None, &mut table).map(Option::unwrap)
    }

    #[test]
    fn marks_currencies_and_signs() {
        let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
        let us = read(&["1,234.56", "$12.50", "(3.00)", "-4", "5 USD", "1e2", ".5"], true);
        assert_eq!(us, Ok(some(&[1234.56, 12.5, -3.0, -4.0, 5.0, 100.0, 0.5])));
        let de = read(&["1.234,56", "12,5 €", "−3,00", "4,00-", "1.234.567", "1.250"], false);
        assert_eq!(de, Ok(some(&[1234.56, 12.5, -3.0, -4.0, 1_234_567.0, 1250.0])));
        let fr = read(&["1 234,56", "1\u{a0}000,00", "7"], false);
        assert_eq!(fr, Ok(some(&[1234.56, 1000.0, 7.0])));
        let ch = read(&["CHF 1'234.50", "Fr. 2.00"], false);
        assert_eq!(ch, Ok(some(&[1234.5, 2.0])));
        assert_eq!(read(&["", "NaN", "1"], true), Ok(vec![None, None, Some(1.0)]));
    }

    #[test]
    fn a_lone_comma_before_three_digits_is_refused_where_it_could_be_either() {
        assert!(matches!(read(&["1,250", "900"], false), Err(DataError::AmbiguousAmounts { .. })));
        assert_eq!(read(&["1,250", "900"], true), Ok(vec![Some(1250.0), Some(900.0)]));
        assert_eq!(read(&["1,250", "0,5"], false), Ok(vec![Some(1.25), Some(0.5)]));
    }

    #[test]
    fn words_are_refused_with_their_rows() {
        let error = read(&["1.50", "twelve", "3.00", "12 apples", "2024-01-05", "inf"], true).unwrap_err();
        let message = error.to_string();
        assert!(message.starts_with("4 of 6 amounts"), "{message}");
        assert!(message.contains(r#"line 3 "twelve", line 5 "12 apples""#), "{message}");
    }
}
