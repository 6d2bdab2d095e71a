//! Columns of dates that are refused, and the rows that show why.

use super::column::{Coded, words};
use super::reading::{Reading, serial};
use super::written::{Order, Shape, Written};
use crate::error::{EXAMPLES_SHOWN, TableError};
use crate::numbers::formulas_error;
use crate::table::source_value;
use crate::value::{MISSING, Value};
use crate::words::quote;
use chrono::{DateTime, Datelike, NaiveDate};

/// Serial numbers of 1954 to 2119: bare numbers in this range are likely to be serial dates.
const LIKELY_SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;
/// Seconds since 1970 of 1990 to 2100.
const LIKELY_SECONDS: std::ops::RangeInclusive<f64> = 6.3e8..=4.1e9;
/// As many cells of two types are needed before a pattern between them is no chance.
const CELLS_FOR_A_PATTERN: usize = 5;

impl Coded<'_> {
    /// Refuses a column of bare numbers that are likely to be serial dates or seconds since 1970.
    pub(super) fn refuse_numbers(&self) -> Result<(), TableError> {
        let used = || self.values().zip(&self.rows).zip(&self.readings).filter(|((_, rows), _)| **rows > 0);
        let all = |range: &std::ops::RangeInclusive<f64>| {
            let fits = |value: &Value<'_>| value.shown().parse().is_ok_and(|n: f64| range.contains(&n));
            used().next().is_some()
                && used().all(|((value, _), reading)| matches!(reading, Reading::Unreadable) && fits(&value))
        };
        let (day, what, format): (fn(f64) -> Reading, _, _) = if all(&LIKELY_SERIALS) {
            (serial, "Excel's serial numbers", "excel")
        } else if all(&LIKELY_SECONDS) {
            let seconds = |n: f64| {
                DateTime::from_timestamp(n as i64, 0)
                    .map_or(Reading::Unreadable, |at| Reading::Day(at.date_naive()))
            };
            (seconds, "seconds since 1970-01-01", "%s")
        } else {
            return Ok(());
        };
        let row = self.codes.iter().position(|&code| code != MISSING).unwrap_or_default();
        let value = source_value(self.table, self.column, row);
        let day = match value.value.parse().map(day) {
            Ok(Reading::Day(day)) => day,
            _ => NaiveDate::default(),
        };
        Err(TableError::NumbersAsDates {
            shown: self.table.shown.clone(),
            column: self.column.name.clone(),
            value: Box::new(value),
            day,
            what,
            format,
        })
    }

    /// Refuses date cells that all have days up to 12 beside texts that all have days above 12.
    pub(super) fn refuse_swapped(&self) -> Result<(), TableError> {
        let (mut dates, mut texts) = (0, 0);
        for ((value, reading), &rows) in
            self.values().zip(&self.readings).zip(&self.rows).filter(|(_, r)| **r > 0)
        {
            match (value, reading) {
                (Value::Day(_) | Value::Stamp(_), Reading::Day(day)) if day.day() <= 12 => dates += rows,
                (Value::Day(_) | Value::Stamp(_), _) => return Ok(()),
                (Value::Text(_), Reading::Written(written)) if written.one_field_above_12() => texts += rows,
                (Value::Text(_), Reading::Written(written)) if written.has_orders() => return Ok(()),
                _ => {}
            }
        }
        if dates < CELLS_FOR_A_PATTERN || texts < CELLS_FOR_A_PATTERN {
            return Ok(());
        }
        let first = |is: &dyn Fn(Value<'_>) -> bool| {
            let row = (0..self.codes.len()).find(|&row| self.column.cells.value(row).is_some_and(is));
            Box::new(source_value(self.table, self.column, row.unwrap_or_default()))
        };
        Err(TableError::SwappedDates {
            shown: self.table.shown.clone(),
            column: self.column.name.clone(),
            dates,
            date: first(&|value| matches!(value, Value::Day(_) | Value::Stamp(_))),
            texts,
            text: first(&|value| matches!(value, Value::Text(_))),
        })
    }

    fn row_of(&self, code: usize) -> usize {
        self.codes.iter().position(|&other| other as usize == code).unwrap_or_default()
    }

    pub(super) fn ambiguous(&self, code: usize, written: &Written, one: Order, other: Order) -> TableError {
        TableError::AmbiguousDates {
            shown: self.table.shown.clone(),
            column: self.column.name.clone(),
            value: Box::new(source_value(self.table, self.column, self.row_of(code))),
            first: written.day(one).unwrap_or_default(),
            second: written.day(other).unwrap_or_default(),
            first_format: written.format(one).into(),
            second_format: written.format(other).into(),
        }
    }

    pub(super) fn mixed(&self, written: &[(usize, Written)], one: Order, other: Order) -> TableError {
        let rows = |is: &dyn Fn(&Written) -> bool| -> usize {
            written.iter().filter(|(_, value)| is(value)).map(|(code, _)| self.rows[*code]).sum()
        };
        let only = |this: Order, that: Order| {
            move |value: &Written| value.day(this).is_some() && value.day(that).is_none()
        };
        let example = |this: Order, that: Order| {
            let is = only(this, that);
            let code =
                written.iter().filter(|(_, value)| is(value)).map(|(code, _)| self.row_of(*code)).min();
            Box::new(source_value(self.table, self.column, code.unwrap_or_default()))
        };
        let format = |order| written.first().map(|(_, value)| value.format(order)).unwrap_or_default();
        let both = |value: &Written| match (value.day(one), value.day(other)) {
            (Some(a), Some(b)) => a != b,
            _ => false,
        };
        TableError::MixedDates {
            shown: self.table.shown.as_str().into(),
            column: self.column.name.clone(),
            first_only: rows(&only(one, other)),
            first: example(one, other),
            first_format: format(one).into(),
            second_only: rows(&only(other, one)),
            second: example(other, one),
            second_format: format(other).into(),
            doubtful: rows(&both),
        }
    }

    pub(super) fn unreadable(&self, bad: &dyn Fn(u32) -> bool, orders: &[(Shape, Order)]) -> TableError {
        let format = match (self.options.format.as_str(), orders) {
            ("", []) => "dates".to_owned(),
            ("", orders) => words(orders),
            (format, _) => quote(format),
        };
        let rows: Vec<usize> = (0..self.codes.len()).filter(|&row| bad(self.codes[row])).collect();
        let is_formula = |row: &usize| matches!(self.column.cells.value(*row), Some(Value::Formula(_)));
        let formulas: Vec<usize> = rows.iter().copied().filter(|row| is_formula(row)).collect();
        if !formulas.is_empty() {
            return formulas_error(self.table, self.column, &formulas);
        }
        let shown = rows.iter().take(EXAMPLES_SHOWN);
        TableError::UnreadableDates {
            shown: self.table.shown.clone(),
            column: self.column.name.clone(),
            format: format.into(),
            bad: rows.len(),
            total: self.codes.len() - self.column.cells.missing(),
            values: shown.map(|&row| source_value(self.table, self.column, row)).collect(),
        }
    }
}
