//! Calendar days from every way of writing a date.
//!
//! A format is recognised by the evidence of the whole column: one day above 12 settles the order of day and month for
//! all rows. A column that can be read in two ways, or that holds both orders, is refused.

mod column;
mod months;
mod options;
mod reading;
mod refusals;
mod written;

use crate::column::{Cells, Column, NO_DAY, NO_WHOLE, day_of};
use crate::error::TableError;
use crate::table::Table;
use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;
use column::Coded;
pub use options::DateOptions;
use reading::iso;
use written::Written;

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
        day_of(micros.saturating_add(self.offset * 1_000_000))
    }
}

#[cfg(test)]
mod tests;
