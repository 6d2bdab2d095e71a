//! Purchases as they were read, before cleaning.

use std::fmt;

use chrono::{NaiveDate, Utc};
use chrono_tz::Tz;
use polars::prelude::DataFrame;

use crate::amounts::read_amounts;
use crate::clean::Cleaned;
use crate::datasets;
use crate::dates::{DateOptions, read_days};
use crate::error::DataError;
use crate::frame;
use crate::rules::Cleaning;
use crate::source::Source;
use crate::table::{Cell, Table};
use crate::words::counted;

/// One row of the source; what is missing there is missing here.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RawRow {
    pub(crate) customer_id: Option<String>,
    pub(crate) date: Option<NaiveDate>,
    pub(crate) amount: Option<f64>,
    pub(crate) order: Option<String>,
    pub(crate) row: u64,
    /// Equal for rows that are equal in every column of the source.
    pub(crate) print: u64,
}

/// Where rows came from, for messages and defaults.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Origin {
    pub(crate) shown: String,
    pub(crate) where_word: &'static str,
    /// Calibration and observation end of a named data set.
    pub(crate) ends: Option<(NaiveDate, NaiveDate)>,
    pub(crate) has_amounts: bool,
    pub(crate) has_orders: bool,
}

/// Purchases as they were read: ids, days and amounts may be missing, returns are negative.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let raw = Source::new("cdnow").read()?;
/// println!("{raw}");
/// let cleaned = raw.clean(&Cleaning::default())?;
/// assert_eq!(cleaned.transactions.customers(), 2357);
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RawTransactions {
    pub(crate) rows: Vec<RawRow>,
    pub(crate) origin: Origin,
    pub(crate) notes: Vec<String>,
    zone: Option<Tz>,
}

impl RawTransactions {
    pub(crate) fn from_table(source: &Source, zone: Option<Tz>, mut table: Table) -> Result<Self, DataError> {
        let shown = source.transactions.as_str();
        let options = DateOptions { shown, format: &source.date_format, zone };
        let days = read_days(&options, &mut table)?;
        let amounts = read_amounts(shown, source.decimal_comma, &mut table)?;
        let ids = ids_of(&table.customers);
        let orders = table.orders.as_deref().map(ids_of);
        let origin = Origin {
            shown: shown.to_owned(),
            where_word: table.where_word,
            ends: datasets::find(shown).and_then(datasets::DataSet::ends),
            has_amounts: amounts.is_some(),
            has_orders: orders.is_some(),
        };
        let rows = ids.into_iter().zip(days).enumerate().map(|(i, (id, date))| RawRow {
            customer_id: id,
            date,
            amount: amounts.as_ref().and_then(|amounts| amounts[i]),
            order: orders.as_ref().and_then(|orders| orders[i].clone()),
            row: table.rows[i],
            print: table.prints[i],
        });
        Ok(Self { rows: rows.collect(), origin, notes: table.notes, zone })
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Always false: a source without rows is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The source, as it was named.
    #[must_use]
    pub fn name(&self) -> String {
        self.origin.shown.clone()
    }

    /// Whether an amount column was named.
    #[must_use]
    pub fn has_amounts(&self) -> bool {
        self.origin.has_amounts
    }

    /// Whether an order column was named.
    #[must_use]
    pub fn has_orders(&self) -> bool {
        self.origin.has_orders
    }

    /// What was recognised while reading (separator, encoding, order of day and month), as sentences.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// Applies the rules and reports what they did.
    ///
    /// # Errors
    /// [`DataError::DatesAfterToday`], [`DataError::OnlyReturns`], [`DataError::NoPurchases`] or
    /// [`DataError::OneCustomer`].
    pub fn clean(&self, rules: &Cleaning) -> Result<Cleaned, DataError> {
        crate::clean::clean(self, rules)
    }

    /// The rows as a table: `row`, `customer_id`, `date`, and `amount` and `order_id` where named.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let rows = &self.rows;
        let mut columns = vec![
            frame::counts("row", rows.iter().map(|row| row.row)),
            frame::texts("customer_id", rows.iter().map(|row| row.customer_id.clone())),
            frame::dates("date", rows.iter().map(|row| row.date)),
        ];
        if self.origin.has_amounts {
            columns.push(frame::numbers("amount", rows.iter().map(|row| row.amount)));
        }
        if self.origin.has_orders {
            columns.push(frame::texts("order_id", rows.iter().map(|row| row.order.clone())));
        }
        frame::frame(columns)
    }

    /// The day that the clock shows in the stated zone, or on this machine.
    pub(crate) fn clock_day(&self) -> NaiveDate {
        match self.zone {
            Some(zone) => Utc::now().with_timezone(&zone).date_naive(),
            None => chrono::Local::now().date_naive(),
        }
    }
}

impl fmt::Display for RawTransactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts = if self.origin.has_amounts {
            "with amounts"
        } else {
            "without amounts: the steps on spend are skipped"
        };
        write!(f, "{} read from {}, {amounts}.", counted(self.len(), "row"), self.origin.shown)?;
        self.notes.iter().try_for_each(|note| write!(f, " {note}"))
    }
}

/// Ids are text. Numbers become the text that a csv has: 12 and 12.0 are "12".
///
/// A text column in which every id ends in ".0" is a number column that a program wrote with
/// missing values, and loses the ".0"; any other text stays as it is, "00004" with its zeros.
fn ids_of(cells: &[Cell]) -> Vec<Option<String>> {
    let whole = |cell: &Cell| match cell {
        Cell::Text(text) => {
            text.strip_suffix(".0").is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
        }
        _ => true,
    };
    let strip = cells.iter().all(whole);
    let id = |cell: &Cell| {
        let text = cell.shown()?;
        Some(match text.strip_suffix(".0") {
            Some(id) if strip => id.to_owned(),
            _ => text,
        })
    };
    cells.iter().map(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_text_from_every_kind_of_file() {
        let ids = |cells: &[Cell]| ids_of(cells).into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(ids(&[Cell::text("00004"), Cell::text("12")]), ["00004", "12"]);
        assert_eq!(ids(&[Cell::Int(12), Cell::Number(12.0)]), ["12", "12"]);
        assert_eq!(ids(&[Cell::text("12.0"), Cell::Missing, Cell::text("7.0")]), ["12", "7"]);
        assert_eq!(ids(&[Cell::text("12.0"), Cell::text("v2.1")]), ["12.0", "v2.1"]);
        assert_eq!(ids(&[Cell::Number(f64::NAN)]), Vec::<String>::new());
    }
}
