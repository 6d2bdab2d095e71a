//! The days of a column of coded values: each value is read once, and the whole column settles the order of its fields.

use super::options::DateOptions;
use super::reading::{Reading, by_format, iso, serial};
use super::written::{Clock, Order, Shape, Written};
use crate::column::{Cells, Column, NO_DAY, day_of};
use crate::error::TableError;
use crate::table::{Table, source_value};
use crate::value::{MISSING, Value};
use crate::words::{count, counted, quote};
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc};
use rayon::prelude::*;

/// At most so many rows without a date at the end are taken for the footer of an export.
const FOOTER_ROWS: usize = 20;

/// A column of coded values with what is needed to read it.
pub(super) struct Coded<'a> {
    pub(super) table: &'a mut Table,
    pub(super) column: &'a Column,
    pub(super) codes: &'a [u32],
    pub(super) options: &'a DateOptions,
    pub(super) readings: Vec<Reading>,
    /// Rows that have each value.
    pub(super) rows: Vec<usize>,
}

impl<'a> Coded<'a> {
    pub(super) fn new(table: &'a mut Table, column: &'a Column, options: &'a DateOptions) -> Self {
        let codes: &[u32] = match &column.cells {
            Cells::Coded { codes, .. } => codes,
            _ => &[],
        };
        Self { table, column, codes, options, readings: Vec::new(), rows: Vec::new() }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = Value<'a>> {
        let values = match &self.column.cells {
            Cells::Coded { values, .. } => Some(values.iter()),
            _ => None,
        };
        values.into_iter().flatten()
    }

    pub(super) fn read(mut self) -> Result<Vec<i32>, TableError> {
        self.rows = vec![0; self.values().count()];
        self.codes.iter().filter(|&&code| code != MISSING).for_each(|&code| self.rows[code as usize] += 1);
        let given = self.given_format()?;
        self.readings = self.values().map(|value| self.reading(&value, given.as_deref())).collect();
        self.refuse_numbers()?;
        self.refuse_swapped()?;
        let orders = self.orders()?;
        let days: Vec<Option<i32>> = self.readings.iter().map(|reading| self.day(reading, &orders)).collect();
        // Without an unreadable value there is none to look for in the rows.
        let some_bad = days.iter().any(Option::is_none);
        let bad = |code: u32| some_bad && code != MISSING && days[code as usize].is_none();
        let kept = self.without_footer(&bad);
        if some_bad && self.codes[..kept].iter().any(|&code| bad(code)) {
            return Err(self.unreadable(&bad, &orders));
        }
        self.note(&orders, kept);
        let day = |&code: &u32| if code == MISSING { NO_DAY } else { days[code as usize].unwrap_or(NO_DAY) };
        Ok(self.codes[..kept].par_iter().map(day).collect())
    }

    fn is_excel(&self) -> bool {
        self.options.format.eq_ignore_ascii_case("excel")
    }

    fn given_format(&self) -> Result<Option<Vec<Item<'static>>>, TableError> {
        let format = &self.options.format;
        if format.is_empty() || self.is_excel() {
            return Ok(None);
        }
        let bad = || TableError::BadDateFormat { value: format.clone() };
        let items = StrftimeItems::new(format).parse_to_owned().map_err(|_| bad())?;
        let any_field = items.iter().any(|item| matches!(item, Item::Numeric(..) | Item::Fixed(..)));
        if any_field { Ok(Some(items)) } else { Err(bad()) }
    }

    fn reading(&self, value: &Value<'_>, given: Option<&[Item<'_>]>) -> Reading {
        let excel = self.is_excel();
        match *value {
            Value::Day(day) => crate::value::date(day).map_or(Reading::Unreadable, Reading::Day),
            Value::Stamp(at) => crate::value::date(day_of(at)).map_or(Reading::Unreadable, Reading::Day),
            Value::Instant(at) => {
                DateTime::from_timestamp_micros(at).map_or(Reading::Unreadable, Reading::Instant)
            }
            Value::Int(n) => self.number(n as f64, &n.to_string(), given),
            Value::Number(n) => self.number(n, &n.to_string(), given),
            Value::Text(text) if excel => text.parse().map_or(Reading::Unreadable, serial),
            Value::Text(text) => self.text(text, given),
            Value::Bool(_) | Value::Error(_) | Value::Formula(_) => Reading::Unreadable,
        }
    }

    fn text(&self, text: &str, given: Option<&[Item<'_>]>) -> Reading {
        if let Some(items) = given {
            return by_format(text, items);
        }
        if let Some(day) = iso(text) {
            return Reading::Day(day);
        }
        Written::parse(text).map_or(Reading::Unreadable, Reading::Written)
    }

    /// A bare number is a day by the given format, yyyymmdd, or in a workbook a serial date.
    fn number(&self, n: f64, text: &str, given: Option<&[Item<'_>]>) -> Reading {
        if self.is_excel() {
            return serial(n);
        }
        match self.text(text, given) {
            Reading::Unreadable if self.table.serial_dates && given.is_none() => serial(n),
            reading => reading,
        }
    }

    /// The order of day, month and year, for each shape that occurs.
    fn orders(&self) -> Result<Vec<(Shape, Order)>, TableError> {
        let mut orders = Vec::new();
        for shape in Shape::ALL {
            let own = |(code, reading): (usize, &Reading)| match reading {
                Reading::Written(written) if written.shape == shape && self.rows[code] > 0 => {
                    Some((code, *written))
                }
                _ => None,
            };
            let written: Vec<(usize, Written)> = self.readings.iter().enumerate().filter_map(own).collect();
            if !written.is_empty() {
                orders.push((shape, self.order_of(shape, &written)?));
            }
        }
        Ok(orders)
    }

    /// The order that reads the most values; two that read all but differ, or that each read what the other cannot,
    /// are refused.
    fn order_of(&self, shape: Shape, written: &[(usize, Written)]) -> Result<Order, TableError> {
        let fails = |order: Order, (_, written): &(usize, Written)| written.day(order).is_none();
        let failures = |order: Order| written.iter().filter(|value| fails(order, value)).count();
        let candidates = shape.orders();
        let best = *candidates.iter().min_by_key(|&&order| failures(order)).unwrap_or(&candidates[0]);
        for &other in candidates.iter().filter(|&&other| other != best) {
            let only_other = written.iter().find(|value| fails(best, value) && !fails(other, value));
            if only_other.is_some() {
                return Err(self.mixed(written, best, other));
            }
            let differs = written.iter().find(|(_, value)| value.day(best) != value.day(other));
            if let Some((code, value)) = differs.filter(|_| failures(best) == 0 && failures(other) == 0) {
                return Err(self.ambiguous(*code, value, best, other));
            }
        }
        Ok(best)
    }

    fn day(&self, reading: &Reading, orders: &[(Shape, Order)]) -> Option<i32> {
        let day = match reading {
            Reading::Day(day) => *day,
            Reading::Instant(instant) => self.day_in_zone(*instant)?,
            Reading::Unreadable => return None,
            Reading::Written(written) => {
                let order = orders.iter().find(|(shape, _)| *shape == written.shape)?.1;
                let day = written.day(order)?;
                match (written.clock, self.options.zone) {
                    (Clock { time, offset: Some(seconds) }, Some(_)) => {
                        let offset = chrono::TimeDelta::seconds(i64::from(seconds));
                        self.day_in_zone(day.and_time(time).checked_sub_signed(offset)?.and_utc())?
                    }
                    _ => day,
                }
            }
        };
        Some(day.to_epoch_days())
    }

    /// The local day; none where it lies beyond the first or last year that a date can have.
    fn day_in_zone(&self, instant: DateTime<Utc>) -> Option<NaiveDate> {
        let utc = instant.naive_utc();
        let Some(zone) = self.options.zone else { return Some(utc.date()) };
        Some(utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix())?.date())
    }

    /// Takes rows at the end whose date is unreadable out of the table, and gives how many rows stay.
    fn without_footer(&mut self, bad: &dyn Fn(u32) -> bool) -> usize {
        let all = self.codes.len();
        if !self.options.of_events {
            return all;
        }
        let last = self.codes.iter().rposition(|&code| code != MISSING && !bad(code));
        let Some(kept) = last.map(|last| last + 1) else { return all };
        let footer = all - kept;
        let first = self.codes[kept..].iter().position(|&code| bad(code));
        let bad_before = self.codes[..kept].iter().any(|&code| bad(code));
        let Some(first) = first.filter(|_| !bad_before && footer <= FOOTER_ROWS && 10 * footer <= kept)
        else {
            return all;
        };
        let value = source_value(self.table, self.column, kept + first);
        self.table.notes.push(format!(
            "{} at the end without a date, from {} ({}) on, {} left out as the footer of the export.",
            counted(footer, "row"),
            self.table.places.place(kept as u64),
            quote(&value.value),
            if footer == 1 { "is" } else { "are" },
        ));
        self.table.footer_lines += footer;
        self.table.rows_left = Some(kept);
        kept
    }

    fn note(&mut self, orders: &[(Shape, Order)], kept: usize) {
        let mut notes = Vec::new();
        if !orders.is_empty() {
            notes.push(format!("Dates are read as {}.", words(orders)));
        }
        if orders.iter().any(|(shape, _)| *shape == Shape::ShortYear) {
            notes.push("Years of two digits are read as 1970 to 2069.".to_owned());
        }
        if self.options.of_events && orders.iter().any(|(shape, _)| *shape == Shape::Month) {
            notes.push(
                "The dates are months: each counts as the first day of its month; set time_unit and grain to \"month\"."
                    .to_owned(),
            );
        }
        let offset = |&&code: &&u32| code != MISSING && self.readings[code as usize].has_offset();
        let some = self.readings.iter().any(Reading::has_offset);
        let moments = if some { self.codes[..kept].iter().filter(offset).count() } else { 0 };
        if moments > 0 {
            let day = match self.options.zone {
                Some(zone) => format!("count on their day in {}", zone.name()),
                None => "count on the day that is written (timezone names another zone)".to_owned(),
            };
            notes.push(format!("{} dates with a UTC offset {day}.", count(moments)));
        }
        self.table.add_notes(notes);
    }
}

pub(super) fn words(orders: &[(Shape, Order)]) -> String {
    let mut names: Vec<&str> = orders.iter().map(|(shape, order)| order.words(*shape)).collect();
    names.dedup();
    names.join(" or ")
}
