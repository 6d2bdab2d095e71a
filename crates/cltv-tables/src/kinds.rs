//! What the values of a column are: numbers, dates, yes and no, or texts.

use crate::column::{Cells, Column};
use crate::dates;
use crate::error::{EXAMPLES_SHOWN, TableError};
use crate::numbers::{self, DecimalMark, formulas_error};
use crate::place::SourceValue;
use crate::table::{Table, source_value};
use crate::value::{MISSING, Value};

/// So many tenths of a column's values must be of one kind; the others are then errors in the data.
const AGREED_TENTHS: usize = 8;
/// A number of more digits than a double represents exactly is a code.
const EXACT_DIGITS: usize = 15;

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers, also as text with currencies, groups and percent signs.
    Number,
    /// Calendar days, also as text.
    Date,
    /// Yes and no.
    Flag,
    /// Everything else.
    Text,
}

/// How many rows of a column have a value of which kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Rows with a value.
    pub values: usize,
    /// Rows with a number.
    pub numbers: usize,
    /// Rows with a number that is text.
    pub numbers_as_text: usize,
    /// Rows with a percentage, such as "12%".
    pub percentages: usize,
    dates: usize,
    flags: usize,
    zero_or_one: usize,
    codes: usize,
    /// Rows with a letter before digits: amounts in rand or quetzal, or quarters and other codes.
    letter_first: usize,
}

impl Kinds {
    /// Counts the kinds of a column's values; each distinct value is looked at once.
    #[must_use]
    pub fn of(column: &Column) -> Self {
        let mut kinds = Self::default();
        match &column.cells {
            Cells::Coded { codes, values } => {
                let mut rows = vec![0; values.len()];
                codes.iter().filter(|&&code| code != MISSING).for_each(|&code| rows[code as usize] += 1);
                values.iter().zip(rows).for_each(|(value, rows)| kinds.count(&value, rows));
            }
            cells => {
                let value = (0..cells.len()).find_map(|row| cells.value(row));
                let rows = cells.len() - cells.missing();
                value.iter().for_each(|value| kinds.count(value, rows));
            }
        }
        kinds
    }

    fn count(&mut self, value: &Value<'_>, rows: usize) {
        self.values += rows;
        match value {
            Value::Error(_) | Value::Formula(_) => self.values -= rows,
            Value::Int(0 | 1) => {
                (self.numbers, self.zero_or_one) = (self.numbers + rows, self.zero_or_one + rows)
            }
            Value::Number(n) if *n == 0.0 || *n == 1.0 => {
                (self.numbers, self.zero_or_one) = (self.numbers + rows, self.zero_or_one + rows);
            }
            Value::Int(_) | Value::Number(_) => self.numbers += rows,
            Value::Bool(_) => self.flags += rows,
            Value::Day(_) | Value::Stamp(_) | Value::Instant(_) => self.dates += rows,
            Value::Text(text) if is_error(text) => self.values -= rows,
            Value::Text(text) => self.count_text(text, rows),
        }
    }

    fn count_text(&mut self, text: &str, rows: usize) {
        let is_number = |mark| numbers::number(text, mark).is_some();
        if flag(&Value::Text(text)).is_some() && !matches!(text, "0" | "1") {
            self.flags += rows;
        } else if is_number(DecimalMark::Point) || is_number(DecimalMark::Comma) {
            self.numbers += rows;
            self.numbers_as_text += rows;
            if text.contains('%') {
                self.percentages += rows;
            }
            if matches!(text, "0" | "1") {
                self.zero_or_one += rows;
            } else if is_code(text) {
                self.codes += rows;
            } else if is_letter_first(text) {
                self.letter_first += rows;
            }
        } else if dates::is_date(text) {
            self.dates += rows;
        }
    }

    /// The kind of the column: that of at least four fifths of its values, else texts. Codes, such as 00042, make a
    /// column of texts, and so does a letter before digits in all of its numbers, as in Q3. A column without values is
    /// one of numbers.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let most = |n: usize| 10 * n >= AGREED_TENTHS * self.values;
        if self.flags > 0 && self.flags + self.zero_or_one == self.values {
            Kind::Flag
        } else if self.codes > 0 || self.letter_first > 0 && self.letter_first == self.numbers {
            Kind::Text
        } else if most(self.numbers) {
            Kind::Number
        } else if most(self.dates) {
            Kind::Date
        } else if most(self.flags) {
            Kind::Flag
        } else {
            Kind::Text
        }
    }
}

/// Yes or no: as a boolean, as a word, or as 1 and 0.
#[must_use]
pub fn flag(value: &Value<'_>) -> Option<bool> {
    match *value {
        Value::Bool(truth) => Some(truth),
        Value::Int(n @ (0 | 1)) => Some(n == 1),
        Value::Number(n) if n == 0.0 || n == 1.0 => Some(n == 1.0),
        Value::Text(text) => match text.to_lowercase().as_str() {
            "yes" | "true" | "1" => Some(true),
            "no" | "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Reads a column of yes and no; `None` where a value is missing.
///
/// # Errors
/// [`TableError::UnreadableFlags`] with the rows that are neither.
pub fn read_flags(table: &Table, column: &Column) -> Result<Vec<Option<bool>>, TableError> {
    let is_bad = |value: &Value<'_>| flag(value).is_none();
    let (bad, values) = rows_with(table, column, &is_bad);
    if bad > 0 {
        let total = column.cells.len() - column.cells.missing();
        let (shown, column) = (table.shown.clone(), column.name.clone());
        return Err(TableError::UnreadableFlags { shown, column, bad, total, values });
    }
    Ok((0..column.cells.len()).map(|row| column.cells.value(row).and_then(|value| flag(&value))).collect())
}

/// Refuses formulas without a stored value, and errors of formulas such as #REF!; #N/A is a missing value.
///
/// # Errors
/// [`TableError::Formulas`] or [`TableError::ErrorCells`].
pub fn refuse_errors(table: &Table, column: &Column) -> Result<(), TableError> {
    let formulas: Vec<usize> = (0..column.cells.len())
        .filter(|&row| matches!(column.cells.value(row), Some(Value::Formula(_))))
        .collect();
    if !formulas.is_empty() {
        return Err(formulas_error(table, column, &formulas));
    }
    let is_bad = |value: &Value<'_>| match value {
        Value::Error(_) => true,
        Value::Text(text) => is_error(text),
        _ => false,
    };
    match rows_with(table, column, &is_bad) {
        (0, _) => Ok(()),
        (found, values) => {
            let (shown, column) = (table.shown.clone(), column.name.clone());
            Err(TableError::ErrorCells { shown, column, found, values })
        }
    }
}

/// How many rows have such a value, and the first of them.
fn rows_with(
    table: &Table,
    column: &Column,
    is_bad: &dyn Fn(&Value<'_>) -> bool,
) -> (usize, Box<[SourceValue]>) {
    let bad = |row: &usize| column.cells.value(*row).is_some_and(|value| is_bad(&value));
    let rows: Vec<usize> = (0..column.cells.len()).filter(bad).collect();
    (rows.len(), rows.iter().take(EXAMPLES_SHOWN).map(|&row| source_value(table, column, row)).collect())
}

/// An error of a spreadsheet that a text file contains as its text.
fn is_error(text: &str) -> bool {
    text.starts_with('#') && text.ends_with(['!', '?', 'A'])
}

/// Digits that are no quantity: 00042, or more of them than a number represents exactly.
fn is_code(text: &str) -> bool {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits && text.len() > 1 && (text.starts_with('0') || text.len() > EXACT_DIGITS)
}

fn is_letter_first(text: &str) -> bool {
    let digits = text.strip_prefix(|c: char| c.is_ascii_alphabetic());
    digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(values: &[Value<'_>]) -> Column {
        let mut column = Column { name: "x".into(), ..Column::default() };
        values.iter().for_each(|value| column.cells.push(Some(value)));
        column
    }

    fn kind(values: &[&str]) -> Kind {
        let values: Vec<Value<'_>> = values.iter().map(|text| Value::Text(text)).collect();
        Kinds::of(&column(&values)).kind()
    }

    #[test]
    fn four_fifths_agree() {
        assert_eq!(kind(&["1", "2,5", "$3", "4%", "many"]), Kind::Number);
        assert_eq!(kind(&["1", "2,5", "$3", "some", "many"]), Kind::Text);
        assert_eq!(kind(&["31.01.2024", "2024-02-01", "1 Mar 24", "4/5/2024", "soon"]), Kind::Date);
        assert_eq!(kind(&["yes", "no", "TRUE", "false", "maybe"]), Kind::Flag);
        assert_eq!(kind(&["yes", "no", "1", "0"]), Kind::Flag);
        assert_eq!(kind(&["1", "0", "1"]), Kind::Number);
        assert_eq!(kind(&["", "n/a"]), Kind::Number);
    }

    #[test]
    fn rows_count_and_not_distinct_values() {
        assert_eq!(kind(&["5", "5", "5", "5", "5", "5", "5", "5", "many", "some"]), Kind::Number);
    }

    #[test]
    fn codes_are_texts() {
        assert_eq!(kind(&["00042", "10115", "20095"]), Kind::Text);
        assert_eq!(kind(&["12345678901234567890"]), Kind::Text);
        assert_eq!(kind(&["0", "10", "0.5"]), Kind::Number);
        assert_eq!(kind(&["Q1", "Q2", "Q4"]), Kind::Text);
        assert_eq!(kind(&["R150", "R1,250.50", "R20"]), Kind::Number);
        assert_eq!(kind(&["10-20", "1-9", "A12", "B7"]), Kind::Text);
    }

    #[test]
    fn typed_columns_keep_their_type() {
        let whole = Column { name: "n".into(), cells: Cells::Whole(vec![1, crate::NO_WHOLE, 0]) };
        assert_eq!(Kinds::of(&whole).kind(), Kind::Number);
        assert_eq!(Kinds::of(&whole).values, 2);
        let days = Column { name: "d".into(), cells: Cells::Days(vec![crate::NO_DAY, 19_000]) };
        assert_eq!(Kinds::of(&days).kind(), Kind::Date);
    }

    #[test]
    fn errors_of_formulas_are_refused_with_their_rows() {
        let mut table = Table { shown: "crm.csv".into(), ..Table::default() };
        table.places.start("crm.csv", "", "line");
        table.places.push_many(2, 3);
        let bad = column(&[Value::Number(1.0), Value::Error("#DIV/0!"), Value::Text("#REF!")]);
        let message = refuse_errors(&table, &bad).unwrap_err().to_string();
        assert!(message.contains(r##"line 3 "#DIV/0!", line 4 "#REF!""##), "{message}");
        assert!(refuse_errors(&table, &column(&[Value::Text("#1"), Value::Bool(true)])).is_ok());
        let flags = column(&[Value::Bool(true), Value::Text("NO"), Value::Text("maybe")]);
        let message = read_flags(&table, &flags).unwrap_err().to_string();
        assert!(message.contains(r#"line 4 "maybe""#), "{message}");
        assert_eq!(
            read_flags(&table, &column(&[Value::Int(1), Value::Text("no")])).unwrap(),
            [Some(true), Some(false)]
        );
    }
}
