//! Columns of a table: codes of distinct values, or the typed numbers of a parquet file.

use crate::value::{MISSING, Value, Values};

/// A missing number of days or microseconds.
pub const NO_DAY: i32 = i32::MIN;
/// A missing whole number or moment.
pub const NO_WHOLE: i64 = i64::MIN;
/// Microseconds of a day.
pub const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The day of a moment in microseconds since 1970-01-01; [`NO_DAY`] for [`NO_WHOLE`].
pub(crate) fn day_of(micros: i64) -> i32 {
    if micros == NO_WHOLE { NO_DAY } else { micros.div_euclid(MICROS_PER_DAY) as i32 }
}

/// The cells of a column.
#[derive(Debug, Clone)]
pub enum Cells {
    /// A code for each row, [`MISSING`] where there is no value.
    Coded {
        /// One code a row.
        codes: Vec<u32>,
        /// The distinct values.
        values: Values,
    },
    /// Whole numbers, [`NO_WHOLE`] where missing.
    Whole(Vec<i64>),
    /// Numbers, NaN where missing.
    Numbers(Vec<f64>),
    /// Days since 1970-01-01, [`NO_DAY`] where missing.
    Days(Vec<i32>),
    /// Moments without a zone in microseconds since 1970-01-01, [`NO_WHOLE`] where missing.
    Stamps(Vec<i64>),
    /// Moments in UTC in microseconds since 1970-01-01, and the zone in which the file shows them.
    Instants(Vec<i64>, String),
}

impl Default for Cells {
    fn default() -> Self {
        Self::Coded { codes: Vec::new(), values: Values::default() }
    }
}

/// A named column.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// The name in the header, without blanks around it.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

impl Cells {
    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Coded { codes, .. } => codes.len(),
            Self::Whole(cells) | Self::Stamps(cells) | Self::Instants(cells, _) => cells.len(),
            Self::Numbers(cells) => cells.len(),
            Self::Days(cells) => cells.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a row, counted from 0; `None` where it is missing.
    #[must_use]
    pub fn value(&self, row: usize) -> Option<Value<'_>> {
        let whole = |n: i64, value: fn(i64) -> Value<'static>| (n != NO_WHOLE).then(|| value(n));
        match self {
            Self::Coded { codes, values } => (codes[row] != MISSING).then(|| values.get(codes[row])),
            Self::Whole(cells) => whole(cells[row], Value::Int),
            Self::Numbers(cells) => (!cells[row].is_nan()).then(|| Value::Number(cells[row])),
            Self::Days(cells) => (cells[row] != NO_DAY).then(|| Value::Day(cells[row])),
            Self::Stamps(cells) => whole(cells[row], Value::Stamp),
            Self::Instants(cells, _) => whole(cells[row], Value::Instant),
        }
    }

    /// The value of a row as text; "" where it is missing.
    #[must_use]
    pub fn shown(&self, row: usize) -> String {
        self.value(row).map(|value| value.shown().into_owned()).unwrap_or_default()
    }

    /// Rows without a value.
    #[must_use]
    pub fn missing(&self) -> usize {
        (0..self.len()).filter(|&row| self.value(row).is_none()).count()
    }

    /// Adds a string.
    pub fn push_text(&mut self, text: &[u8]) {
        let (codes, values) = self.coded();
        let code = values.code_of_text(text);
        codes.push(code);
    }

    /// Adds strings without blanks around them, with their hashes.
    pub(crate) fn push_hashed<'a>(&mut self, texts: impl Iterator<Item = (&'a [u8], u64)>) {
        let (codes, values) = self.coded();
        codes.extend(texts.map(|(text, hash)| values.code_of_hashed(text, hash)));
    }

    /// Adds a value.
    pub fn push(&mut self, value: Option<&Value<'_>>) {
        let (codes, values) = self.coded();
        let code = value.map_or(MISSING, |value| values.code_of(value));
        codes.push(code);
    }

    /// The cells of the rows that are kept; distinct values of the other rows alone are gone.
    pub(crate) fn kept(&self, keep: &[bool]) -> Self {
        fn of<T: Copy>(cells: &[T], keep: &[bool]) -> Vec<T> {
            cells.iter().zip(keep).filter(|(_, keep)| **keep).map(|(cell, _)| *cell).collect()
        }
        match self {
            Self::Coded { .. } => {
                let mut kept = Self::default();
                let rows = (0..self.len()).filter(|&row| keep[row]);
                rows.for_each(|row| kept.push(self.value(row).as_ref()));
                kept
            }
            Self::Whole(cells) => Self::Whole(of(cells, keep)),
            Self::Numbers(cells) => Self::Numbers(of(cells, keep)),
            Self::Days(cells) => Self::Days(of(cells, keep)),
            Self::Stamps(cells) => Self::Stamps(of(cells, keep)),
            Self::Instants(cells, zone) => Self::Instants(of(cells, keep), zone.clone()),
        }
    }

    /// Adds the cells of another part of the column.
    pub(crate) fn append(&mut self, other: Self) {
        match (&mut *self, other) {
            (empty, other) if empty.is_empty() => *empty = other,
            (Self::Whole(all), Self::Whole(more)) | (Self::Stamps(all), Self::Stamps(more)) => {
                all.extend(more);
            }
            (Self::Instants(all, zone), Self::Instants(more, other)) if *zone == other => all.extend(more),
            (Self::Numbers(all), Self::Numbers(more)) => all.extend(more),
            (Self::Days(all), Self::Days(more)) => all.extend(more),
            (this, Self::Coded { codes, values }) => this.append_coded(&codes, &values),
            (this, other) => (0..other.len()).for_each(|row| this.push(other.value(row).as_ref())),
        }
    }

    fn append_coded(&mut self, more: &[u32], others: &Values) {
        let (codes, values) = self.coded();
        let same: Vec<u32> = others.iter().map(|value| values.code_of(&value)).collect();
        codes.extend(more.iter().map(|&code| if code == MISSING { MISSING } else { same[code as usize] }));
    }

    /// The codes and values, into which typed cells are turned first.
    fn coded(&mut self) -> (&mut Vec<u32>, &mut Values) {
        if !matches!(self, Self::Coded { .. }) {
            *self = std::mem::take(self).into_coded();
        }
        match self {
            Self::Coded { codes, values } => (codes, values),
            _ => unreachable!("made coded above"),
        }
    }

    /// The same cells as codes of distinct values.
    #[must_use]
    pub fn into_coded(self) -> Self {
        if matches!(self, Self::Coded { .. }) {
            return self;
        }
        let mut values = Values::default();
        let code = |row| self.value(row).map_or(MISSING, |value| values.code_of(&value));
        let codes = (0..self.len()).map(code).collect();
        Self::Coded { codes, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_other_types_are_joined_value_by_value() {
        let mut cells = Cells::Whole(vec![4, NO_WHOLE]);
        cells.append(Cells::Whole(vec![5]));
        assert!(matches!(&cells, Cells::Whole(all) if all.len() == 3));
        let mut text = Cells::default();
        text.push_text(b"4");
        text.push_text(b"");
        cells.append(text);
        cells.append(Cells::Numbers(vec![4.5, f64::NAN]));
        let shown: Vec<String> = (0..cells.len()).map(|row| cells.shown(row)).collect();
        assert_eq!(shown, ["4", "", "5", "4", "", "4.5", ""]);
        assert_eq!(cells.missing(), 3);
    }
}
