//! Calendar days from every way of writing a date.
//!
//! A format is recognised by the evidence of the whole column: one day above 12 settles the order of day and month for
//! all rows. A column that can be read in two ways, or that holds both orders, is refused.

mod months;
mod written;

use chrono::format::{Item, Parsed, StrftimeItems, parse_and_remainder};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::column::{Cells, Column, NO_DAY, NO_WHOLE};
use crate::error::{EXAMPLES_SHOWN, TableError};
use crate::numbers::formulas_error;
use crate::table::{Table, source_value};
use crate::value::{MISSING, Value};
use crate::words::{count, counted};
use written::{Clock, Order, Shape, Written};

/// Excel's serial numbers of 1900-03-01 and 9999-12-31.
const SERIALS: std::ops::RangeInclusive<f64> = 61.0..=2_958_465.999_999;
/// Serial numbers of 1954 to 2119: bare numbers in this range are likely to be serial dates.
const LIKELY_SERIALS: std::ops::RangeInclusive<f64> = 20_000.0..=80_000.0;
/// Seconds since 1970 of 1990 to 2100.
const LIKELY_SECONDS: std::ops::RangeInclusive<f64> = 6.3e8..=4.1e9;
/// As many cells of two types are needed before a pattern between them is no chance.
const CELLS_FOR_A_PATTERN: usize = 5;
/// At most so many rows without a date at the end are taken for the footer of an export.
const FOOTER_ROWS: usize = 20;
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// How the dates of a column are to be read.
#[derive(Debug, Clone, Default)]
pub struct DateOptions {
    /// The format of dates that are text, in the letters of strftime; "excel" for serial numbers; "" to find it.
    pub format: String,
    /// The zone whose calendar day counts for moments with an offset; `None` for the day as it is written.
    pub zone: Option<Tz>,
    /// Whether each row is an event on its date, as a purchase is. Then rows at the end without a date are the footer
    /// of an export, and a note says what dates without a day mean.
    pub of_events: bool,
}

impl DateOptions {
    /// The options that the parameters `date_format` and `timezone` name, for the dates of events.
    ///
    /// # Errors
    /// [`TableError::UnknownTimezone`].
    pub fn named(format: &str, timezone: &str) -> Result<Self, TableError> {
        let zone = match timezone.trim() {
            "" => None,
            name => {
                Some(name.parse().map_err(|_| TableError::UnknownTimezone { value: timezone.to_owned() })?)
            }
        };
        Ok(Self { format: format.trim().to_owned(), zone, of_events: true })
    }
}

/// One value on the way to its day.
#[derive(Debug, Clone, Copy)]
enum Reading {
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Written(Written),
    Unreadable,
}

/// Reads a column of dates as days since 1970-01-01, [`NO_DAY`] where one is missing.
///
/// Where the rows are events, rows at the end of the table whose date is a text that is no date are the footer of an
/// export: they are taken out of the table, and a note counts them.
///
/// # Errors
/// [`TableError`]: unreadable, ambiguous or mixed dates, with file, row, value and remedy.
pub fn read(table: &mut Table, column: &Column, options: &DateOptions) -> Result<Vec<i32>, TableError> {
    match &column.cells {
        Cells::Days(days) => Ok(days.clone()),
        Cells::Stamps(stamps) => Ok(stamps.iter().map(|&at| day_of(at)).collect()),
        Cells::Instants(moments, shown_in) => {
            let zone = options.zone.or_else(|| shown_in.parse().ok()).unwrap_or(Tz::UTC);
            let mut local = LocalDay { zone, quarter: i64::MIN, offset: 0 };
            Ok(moments.iter().map(|&at| if at == NO_WHOLE { NO_DAY } else { local.day(at) }).collect())
        }
        Cells::Coded { .. } => Coded::new(table, column, options).read(),
        Cells::Whole(_) | Cells::Numbers(_) => {
            let coded = Column { name: column.name.clone(), cells: column.cells.clone().into_coded() };
            Coded::new(table, &coded, options).read()
        }
    }
}

/// Whether a text is a date in some order of its fields, between 1900 and 2199.
#[must_use]
pub fn is_date(text: &str) -> bool {
    let likely = |day: NaiveDate| (1900..2200).contains(&day.year());
    let written =
        |written: Written| written.shape.orders().iter().any(|&order| written.day(order).is_some_and(likely));
    iso(text).is_some_and(likely) || Written::parse(text).is_some_and(written)
}

fn day_of(micros: i64) -> i32 {
    if micros == NO_WHOLE { NO_DAY } else { micros.div_euclid(MICROS_PER_DAY) as i32 }
}

/// The local day of moments in UTC; the offset is looked up once for moments in the same quarter of an hour.
struct LocalDay {
    zone: Tz,
    quarter: i64,
    offset: i64,
}

impl LocalDay {
    fn day(&mut self, micros: i64) -> i32 {
        let quarter = micros.div_euclid(900_000_000);
        if quarter != self.quarter {
            let local = DateTime::from_timestamp_micros(micros).map(|at| at.with_timezone(&self.zone));
            self.offset = local.map_or(0, |at| chrono::Offset::fix(at.offset()).local_minus_utc().into());
            self.quarter = quarter;
        }
        day_of(micros + self.offset * 1_000_000)
    }
}

/// A column of coded values with what is needed to read it.
struct Coded<'a> {
    table: &'a mut Table,
    column: &'a Column,
    codes: &'a [u32],
    options: &'a DateOptions,
    readings: Vec<Reading>,
    /// Rows that have each value.
    rows: Vec<usize>,
}

impl<'a> Coded<'a> {
    fn new(table: &'a mut Table, column: &'a Column, options: &'a DateOptions) -> Self {
        let codes: &[u32] = match &column.cells {
            Cells::Coded { codes, .. } => codes,
            _ => &[],
        };
        Self { table, column, codes, options, readings: Vec::new(), rows: Vec::new() }
    }

    fn values(&self) -> impl Iterator<Item = Value<'a>> {
        let values = match &self.column.cells {
            Cells::Coded { values, .. } => Some(values.iter()),
            _ => None,
        };
        values.into_iter().flatten()
    }

    fn read(mut self) -> Result<Vec<i32>, TableError> {
        self.rows = vec![0; self.values().count()];
        self.codes.iter().filter(|&&code| code != MISSING).for_each(|&code| self.rows[code as usize] += 1);
        let given = self.given_format()?;
        self.readings = self.values().map(|value| self.reading(&value, given.as_deref())).collect();
        self.refuse_numbers()?;
        self.refuse_swapped()?;
        let orders = self.orders()?;
        let days: Vec<Option<i32>> = self.readings.iter().map(|reading| self.day(reading, &orders)).collect();
        let bad = |code: u32| code != MISSING && days[code as usize].is_none();
        let kept = self.without_footer(&bad);
        if self.codes[..kept].iter().any(|&code| bad(code)) {
            return Err(self.unreadable(&bad, &orders));
        }
        self.note(&orders, kept);
        let day = |&code: &u32| if code == MISSING { NO_DAY } else { days[code as usize].unwrap_or(NO_DAY) };
        Ok(self.codes[..kept].iter().map(day).collect())
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

    /// Refuses a column of bare numbers that are likely to be serial dates or seconds since 1970.
    fn refuse_numbers(&self) -> Result<(), TableError> {
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
    fn refuse_swapped(&self) -> Result<(), TableError> {
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
            Reading::Instant(instant) => self.day_in_zone(*instant),
            Reading::Unreadable => return None,
            Reading::Written(written) => {
                let order = orders.iter().find(|(shape, _)| *shape == written.shape)?.1;
                let day = written.day(order)?;
                match (written.clock, self.options.zone) {
                    (Clock { time, offset: Some(seconds) }, Some(_)) => {
                        let utc = day.and_time(time) - chrono::TimeDelta::seconds(i64::from(seconds));
                        self.day_in_zone(utc.and_utc())
                    }
                    _ => day,
                }
            }
        };
        Some(day.to_epoch_days())
    }

    fn day_in_zone(&self, instant: DateTime<Utc>) -> NaiveDate {
        self.options
            .zone
            .map_or_else(|| instant.date_naive(), |zone| instant.with_timezone(&zone).date_naive())
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
            "{} at the end without a date, from {} ({:?}) on, {} left out as the footer of the export.",
            counted(footer, "row"),
            self.table.places.place(kept as u64),
            value.value,
            if footer == 1 { "is" } else { "are" },
        ));
        self.table.footer_lines += footer;
        self.table.rows_left = Some(kept);
        kept
    }

    fn row_of(&self, code: usize) -> usize {
        self.codes.iter().position(|&other| other as usize == code).unwrap_or_default()
    }

    fn ambiguous(&self, code: usize, written: &Written, one: Order, other: Order) -> TableError {
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

    fn mixed(&self, written: &[(usize, Written)], one: Order, other: Order) -> TableError {
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

    fn unreadable(&self, bad: &dyn Fn(u32) -> bool, orders: &[(Shape, Order)]) -> TableError {
        let format = match (self.options.format.as_str(), orders) {
            ("", []) => "dates".to_owned(),
            ("", orders) => words(orders),
            (format, _) => format!("{format:?}"),
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
        let moments = self.codes[..kept].iter().filter(offset).count();
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

impl Reading {
    fn has_offset(&self) -> bool {
        match self {
            Self::Instant(_) => true,
            Self::Written(written) => written.clock.offset.is_some(),
            _ => false,
        }
    }
}

fn words(orders: &[(Shape, Order)]) -> String {
    let mut names: Vec<&str> = orders.iter().map(|(shape, order)| order.words(*shape)).collect();
    names.dedup();
    names.join(" or ")
}

/// The day of `yyyy-mm-dd`, perhaps with a clock without an offset: the usual form, read without a search.
fn iso(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let digits = |range: std::ops::Range<usize>| {
        bytes[range].iter().try_fold(0_u32, |n, b| b.is_ascii_digit().then(|| 10 * n + u32::from(b - b'0')))
    };
    let day = NaiveDate::from_ymd_opt(digits(0..4)? as i32, digits(5..7)?, digits(8..10)?)?;
    match bytes.len() {
        10 => Some(day),
        16 | 19 => {
            let clock = bytes[10] == b' ' || bytes[10] == b'T';
            let (hour, minute) = (digits(11..13)?, digits(14..16)?);
            let second = if bytes.len() == 19 { digits(17..19)? } else { 0 };
            let colons = bytes[13] == b':' && (bytes.len() == 16 || bytes[16] == b':');
            (clock && colons && hour < 24 && minute < 60 && second < 60).then_some(day)
        }
        _ => None,
    }
}

/// Excel's serial number of a day, with the time as its fraction.
fn serial(n: f64) -> Reading {
    if !SERIALS.contains(&n) {
        return Reading::Unreadable;
    }
    // Serial 61 is 1900-03-01; before it Excel counts a 29th of February that never was.
    NaiveDate::from_ymd_opt(1899, 12, 30)
        .and_then(|epoch| epoch.checked_add_days(Days::new(n as u64)))
        .map_or(Reading::Unreadable, Reading::Day)
}

/// Reads a text by the format that the user gave; a clock after the day may follow unsaid.
fn by_format(text: &str, items: &[Item<'_>]) -> Reading {
    let mut parsed = Parsed::new();
    let Ok(rest) = parse_and_remainder(&mut parsed, text, items.iter()) else {
        return Reading::Unreadable;
    };
    if !rest.is_empty() && Clock::parse(rest).is_none_or(|clock| clock.offset.is_some()) {
        return Reading::Unreadable;
    }
    if let Ok(instant) = parsed.to_datetime() {
        // The day as it is written; a zone that is given is applied to the moment.
        return Reading::Written(Written::of_moment(instant));
    }
    // A format of a month and a year alone means the first day.
    if parsed.day().is_none()
        && parsed.ordinal().is_none()
        && parsed.month().is_some()
        && parsed.weekday().is_none()
    {
        let _ = parsed.set_day(1);
    }
    parsed.to_naive_date().map_or(Reading::Unreadable, Reading::Day)
}

#[cfg(test)]
mod tests;
