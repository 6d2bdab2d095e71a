//! Calendar days from every way of writing a date.
//!
//! A format is recognised by the evidence of the whole column: one day above 12 settles the order
//! of day and month for all rows, and a column that can be read in two ways is refused.

use chrono::format::{Item, Parsed, StrftimeItems, parse_and_remainder};
use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::error::{DataError, EXAMPLES_SHOWN, SourceValue};
use crate::table::{Cell, Table};
use crate::written::{Clock, Order, Shape, Written};

/// Excel's serial numbers of 1900-03-01 and 9999-12-31.
const SERIALS: std::ops::RangeInclusive<f64> = 61.0..=2_958_465.999_999;

/// How the dates of a source are to be read.
#[derive(Debug, Clone)]
pub(crate) struct DateOptions<'a> {
    pub(crate) shown: &'a str,
    pub(crate) format: &'a str,
    pub(crate) zone: Option<Tz>,
}

/// One cell on the way to its day.
#[derive(Debug, Clone)]
enum Reading {
    Missing,
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Written(Written),
    Unreadable,
}

/// Reads the date column; a missing date stays missing.
pub(crate) fn read_days(
    options: &DateOptions<'_>,
    table: &mut Table,
) -> Result<Vec<Option<NaiveDate>>, DataError> {
    let cells = std::mem::take(&mut table.dates);
    let column = Column { options, cells: &cells, table };
    let (days, notes) = column.read()?;
    table.notes.extend(notes);
    Ok(days)
}

/// The column with what error messages need.
struct Column<'a> {
    options: &'a DateOptions<'a>,
    cells: &'a [Cell],
    table: &'a Table,
}

type ReadDays = Vec<Option<NaiveDate>>;

impl Column<'_> {
    fn read(&self) -> Result<(ReadDays, Vec<String>), DataError> {
        let given = self.given_format()?;
        let readings: Vec<Reading> =
            self.cells.iter().map(|cell| self.reading(cell, given.as_deref())).collect();
        let orders = self.orders(&readings)?;
        let (mut days, mut bad, mut cut) = (Vec::with_capacity(readings.len()), Vec::new(), 0);
        for (i, reading) in readings.iter().enumerate() {
            cut += usize::from(reading.has_offset());
            match self.day(reading, &orders) {
                Ok(day) => days.push(day),
                Err(()) => bad.push(i),
            }
        }
        if !bad.is_empty() {
            return Err(self.unreadable(&bad, &orders));
        }
        Ok((days, self.notes(&orders, cut)))
    }

    fn given_format(&self) -> Result<Option<Vec<Item<'_>>>, DataError> {
        let format = self.options.format.trim();
        if format.is_empty() {
            return Ok(None);
        }
        let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
        let any_field = items.iter().any(|item| matches!(item, Item::Numeric(..) | Item::Fixed(..)));
        if !any_field || items.contains(&Item::Error) {
            return Err(DataError::BadDateFormat { value: self.options.format.to_owned() });
        }
        Ok(Some(items))
    }

    fn reading(&self, cell: &Cell, given: Option<&[Item<'_>]>) -> Reading {
        let text = match cell {
            Cell::Missing => return Reading::Missing,
            Cell::Number(n) if n.is_nan() => return Reading::Missing,
            Cell::Day(day) => return Reading::Day(*day),
            Cell::Stamp(stamp) => return Reading::Day(stamp.date()),
            Cell::Instant(instant) => return Reading::Instant(*instant),
            Cell::Int(_) | Cell::Number(_) => cell.shown().unwrap_or_default(),
            Cell::Text(text) => text.clone(),
        };
        if let Some(items) = given {
            return by_format(&text, items);
        }
        let written = Written::parse(&text).map_or(Reading::Unreadable, Reading::Written);
        match cell {
            Cell::Int(n) if self.table.serial_dates => serial(*n as f64, written),
            Cell::Number(n) if self.table.serial_dates => serial(*n, written),
            _ => written,
        }
    }

    /// The order of day, month and year, for each shape that occurs.
    fn orders(&self, readings: &[Reading]) -> Result<Vec<(Shape, Order)>, DataError> {
        let mut orders = Vec::new();
        for shape in Shape::ALL {
            let rows: Vec<(usize, &Written)> = readings
                .iter()
                .enumerate()
                .filter_map(|(i, reading)| match reading {
                    Reading::Written(written) if written.shape == shape => Some((i, written)),
                    _ => None,
                })
                .collect();
            if !rows.is_empty() {
                orders.push((shape, self.order_of(shape, &rows)?));
            }
        }
        Ok(orders)
    }

    /// The order that reads most rows; two orders that read all rows differently are refused.
    fn order_of(&self, shape: Shape, rows: &[(usize, &Written)]) -> Result<Order, DataError> {
        let failures = |order: &Order| rows.iter().filter(|(_, w)| w.day(*order).is_none()).count();
        let candidates = shape.orders();
        let best = *candidates.iter().min_by_key(|order| failures(order)).unwrap_or(&candidates[0]);
        let rivals = candidates.iter().filter(|&&other| other != best && failures(&other) == 0);
        for &other in rivals {
            let differing = rows.iter().find(|(_, w)| w.day(best) != w.day(other));
            if let Some(&(i, written)) = differing {
                return Err(self.ambiguous(i, written, best, other));
            }
        }
        Ok(best)
    }

    fn day(&self, reading: &Reading, orders: &[(Shape, Order)]) -> Result<Option<NaiveDate>, ()> {
        match reading {
            Reading::Missing => Ok(None),
            Reading::Day(day) => Ok(Some(*day)),
            Reading::Instant(instant) => Ok(Some(self.day_in_zone(*instant))),
            Reading::Unreadable => Err(()),
            Reading::Written(written) => {
                let order = orders.iter().find(|(shape, _)| *shape == written.shape).ok_or(())?.1;
                let day = written.day(order).ok_or(())?;
                match written.clock {
                    Clock { time, offset: Some(seconds) } => {
                        let there = day.and_time(time);
                        let utc = there - chrono::TimeDelta::seconds(i64::from(seconds));
                        Ok(Some(self.day_in_zone(utc.and_utc())))
                    }
                    _ => Ok(Some(day)),
                }
            }
        }
    }

    fn day_in_zone(&self, instant: DateTime<Utc>) -> NaiveDate {
        match self.options.zone {
            Some(zone) => instant.with_timezone(&zone).date_naive(),
            None => instant.date_naive(),
        }
    }

    fn value(&self, i: usize) -> SourceValue {
        SourceValue { row: self.table.rows[i], value: self.cells[i].shown().unwrap_or_default() }
    }

    fn ambiguous(&self, i: usize, written: &Written, one: Order, other: Order) -> DataError {
        DataError::AmbiguousDates {
            shown: self.options.shown.to_owned(),
            column: self.table.names.date.clone(),
            value: Box::new(self.value(i)),
            first: written.day(one).unwrap_or_default(),
            second: written.day(other).unwrap_or_default(),
            first_format: written.format(one).into(),
            second_format: written.format(other).into(),
            where_word: self.table.where_word,
        }
    }

    fn unreadable(&self, bad: &[usize], orders: &[(Shape, Order)]) -> DataError {
        let format = match (self.options.format.trim(), orders) {
            ("", []) => "dates".to_owned(),
            ("", orders) => words(orders),
            (format, _) => format!("{format:?}"),
        };
        let missing = self.cells.iter().filter(|cell| **cell == Cell::Missing).count();
        DataError::UnreadableDates {
            shown: self.options.shown.to_owned(),
            column: self.table.names.date.clone(),
            format: format.into(),
            bad: bad.len(),
            total: self.cells.len() - missing,
            values: bad.iter().take(EXAMPLES_SHOWN).map(|&i| self.value(i)).collect(),
            where_word: self.table.where_word,
        }
    }

    fn notes(&self, orders: &[(Shape, Order)], cut: usize) -> Vec<String> {
        let mut notes = Vec::new();
        if !orders.is_empty() {
            notes.push(format!("Dates are read as {}.", words(orders)));
        }
        if cut > 0 {
            let zone = self.options.zone.map_or("UTC", |zone| zone.name());
            notes.push(format!(
                "{} with an offset are cut to the calendar day in {zone}.",
                crate::words::counted(cut, "stamp")
            ));
        }
        notes
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

/// A bare number in a workbook is a serial date, unless it reads as yyyymmdd.
fn serial(n: f64, written: Reading) -> Reading {
    if matches!(written, Reading::Written(_)) || !SERIALS.contains(&n) {
        return written;
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
        return Reading::Instant(instant.to_utc());
    }
    parsed.to_naive_date().map_or(Reading::Unreadable, Reading::Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str], format: &str, zone: Option<Tz>) -> Result<Vec<String>, DataError> {
        let mut table = Table {
            dates: values.iter().map(|value| Cell::text(value)).collect(),
            rows: (2..2 + values.len() as u64).collect(),
            where_word: "line",
            ..Table::default()
        };
        table.names.date = "date".to_owned();
        let options = DateOptions { shown: "shop.csv", format, zone };
        let days = read_days(&options, &mut table)?;
        Ok(days.into_iter().map(|day| day.map_or("-".to_owned(), |day| day.to_string())).collect())
    }

    #[test]
    fn the_usual_formats_are_recognised() {
        let values = [
            "1997-01-31",
            "19970131",
            "1997/1/31 10:15",
            "1997-01-31T23:59:59.123",
            "31.01.1997",
            "31 Jan 1997",
            "31-JAN-97",
            "January 31st, 1997 4:05 PM",
            "Fri, 31 Jan 1997 08:00:00",
            "31/1/1997 09:30:00 am",
        ];
        for value in values {
            assert_eq!(read(&[value], "", None), Ok(vec!["1997-01-31".to_owned()]), "{value}");
        }
    }

    #[test]
    fn one_day_above_twelve_settles_the_column() {
        let day_first = read(&["01/02/2024", "25/12/2024"], "", None);
        assert_eq!(day_first.unwrap(), ["2024-02-01", "2024-12-25"]);
        let month_first = read(&["01/02/2024", "12/25/2024"], "", None);
        assert_eq!(month_first.unwrap(), ["2024-01-02", "2024-12-25"]);
        let same = read(&["05/05/2024", "06.06.2024"], "", None);
        assert_eq!(same.unwrap(), ["2024-05-05", "2024-06-06"]);
    }

    #[test]
    fn ambiguous_columns_are_refused_with_the_remedy() {
        let message = read(&["05/05/2024", "01/02/2024"], "", None).unwrap_err().to_string();
        assert!(message.contains(r#"line 3: "01/02/2024" is 2024-02-01 or 2024-01-02"#), "{message}");
        assert!(message.contains(r#""%d/%m/%Y" or "%m/%d/%Y""#), "{message}");
        let given = read(&["05/05/2024", "01/02/2024"], "%m/%d/%Y", None);
        assert_eq!(given.unwrap(), ["2024-05-05", "2024-01-02"]);
        assert!(matches!(read(&["01-02-03"], "", None), Err(DataError::AmbiguousDates { .. })));
        assert_eq!(read(&["97-01-31"], "", None).unwrap(), ["1997-01-31"]);
    }

    #[test]
    fn unreadable_dates_say_which_rows() {
        let values = ["2024-01-05", "2024-02-30", "", "soon", "2024-13-01"];
        let message = read(&values, "", None).unwrap_err().to_string();
        assert!(message.starts_with("3 of 4 dates"), "{message}");
        assert!(message.contains(r#"line 3 "2024-02-30", line 5 "soon", line 6 "2024-13-01""#), "{message}");
        let message = read(&["2024-01-05"], "%d/%m/%Y", None).unwrap_err().to_string();
        assert!(message.contains(r#"cannot be read as "%d/%m/%Y""#), "{message}");
        assert!(matches!(read(&["1"], "%Q", None), Err(DataError::BadDateFormat { .. })));
        assert!(matches!(read(&["1"], "date", None), Err(DataError::BadDateFormat { .. })));
        assert_eq!(read(&["", "2024-01-05"], "", None).unwrap(), ["-", "2024-01-05"]);
    }

    #[test]
    fn offsets_are_cut_to_the_stated_zone() {
        let stamps = ["2024-01-05T23:30:00-05:00", "2024-01-05 23:30:00+0100", "2024-01-05T23:30:00Z"];
        assert_eq!(read(&stamps, "", None).unwrap(), ["2024-01-06", "2024-01-05", "2024-01-05"]);
        let berlin = Some(chrono_tz::Europe::Berlin);
        assert_eq!(read(&stamps, "", berlin).unwrap(), ["2024-01-06", "2024-01-05", "2024-01-06"]);
        // A stamp without an offset keeps its day in every zone.
        assert_eq!(read(&["2024-01-05 23:30:00"], "", berlin).unwrap(), ["2024-01-05"]);
        let given = read(&["05.01.2024 23:30 -0500"], "%d.%m.%Y %H:%M %z", None);
        assert_eq!(given.unwrap(), ["2024-01-06"]);
        assert_eq!(read(&["1704497400"], "%s", None).unwrap(), ["2024-01-05"]);
    }

    #[test]
    fn a_format_of_the_day_suffices_for_stamps() {
        assert_eq!(read(&["05.01.2024 23:30"], "%d.%m.%Y", None).unwrap(), ["2024-01-05"]);
        assert!(read(&["05.01.2024 late"], "%d.%m.%Y", None).is_err());
    }

    #[test]
    fn serial_numbers_are_dates_in_workbooks_only() {
        let mut table = Table {
            dates: vec![Cell::Number(35431.75), Cell::Number(19970131.0), Cell::Int(35431)],
            rows: vec![2, 3, 4],
            serial_dates: true,
            where_word: "row",
            ..Table::default()
        };
        let options = DateOptions { shown: "a.xlsx", format: "", zone: None };
        let days = read_days(&options, &mut table).unwrap();
        let days: Vec<String> = days.into_iter().flatten().map(|day| day.to_string()).collect();
        assert_eq!(days, ["1997-01-01", "1997-01-31", "1997-01-01"]);
        assert!(read(&["35431"], "", None).is_err());
    }
}
