//! Clean purchases: what every later step starts from.

use std::cmp::Ordering;
use std::fmt;

use chrono::NaiveDate;
use polars::prelude::DataFrame;

use crate::error::DataError;
use crate::frame;
use crate::raw::Origin;
use crate::words::{count, counted, money};

/// One purchase row.
#[derive(Debug, Clone, PartialEq)]
pub struct Transaction {
    /// The customer.
    pub customer_id: String,
    /// The calendar day.
    pub date: NaiveDate,
    /// What was paid; `None` for data without amounts.
    pub amount: Option<f64>,
    /// The order's id, where the source has one.
    pub order: Option<String>,
    /// Line or row of the source.
    pub row: u64,
}

/// Clean purchases of several customers, ordered by customer, day and amount.
///
/// The order does not depend on the order of the source's rows, so sums of amounts are the same
/// to the last bit however the source was sorted.
///
/// # Examples
/// ```
/// use cltv_purchases::{Cleaning, Source};
/// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
/// assert_eq!((cdnow.len(), cdnow.customers()), (6919, 2357));
/// assert_eq!(cdnow.first_date().to_string(), "1997-01-01");
/// # Ok::<(), cltv_purchases::DataError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Transactions {
    rows: Vec<Transaction>,
    pub(crate) origin: Origin,
    pub(crate) today: NaiveDate,
    customers: usize,
    first: NaiveDate,
    last: NaiveDate,
}

impl Transactions {
    /// Sorts rows; there must be at least one.
    pub(crate) fn new(mut rows: Vec<Transaction>, origin: Origin, today: NaiveDate) -> Self {
        rows.sort_by(|a, b| {
            natural(&a.customer_id, &b.customer_id)
                .then_with(|| a.date.cmp(&b.date))
                .then_with(|| a.amount.unwrap_or(0.0).total_cmp(&b.amount.unwrap_or(0.0)))
                .then_with(|| a.order.cmp(&b.order))
                .then_with(|| a.row.cmp(&b.row))
        });
        let first = rows.iter().map(|row| row.date).min().unwrap_or_default();
        let last = rows.iter().map(|row| row.date).max().unwrap_or_default();
        let customers = rows.chunk_by(|a, b| a.customer_id == b.customer_id).count();
        Self { rows, origin, today, customers, first, last }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Always false: cleaning refuses a source without purchases.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, ordered by customer, day and amount.
    #[must_use]
    pub fn rows(&self) -> &[Transaction] {
        &self.rows
    }

    /// The source, as it was named.
    #[must_use]
    pub fn name(&self) -> String {
        self.origin.shown.clone()
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> usize {
        self.customers
    }

    /// Day of the first purchase.
    #[must_use]
    pub fn first_date(&self) -> NaiveDate {
        self.first
    }

    /// Day of the last purchase.
    #[must_use]
    pub fn last_date(&self) -> NaiveDate {
        self.last
    }

    /// Whether there are amounts; without them the steps on spend are skipped.
    #[must_use]
    pub fn has_amounts(&self) -> bool {
        self.origin.has_amounts
    }

    /// Whether there are order ids.
    #[must_use]
    pub fn has_orders(&self) -> bool {
        self.origin.has_orders
    }

    /// What all purchases add up to; `None` without amounts.
    #[must_use]
    pub fn total_amount(&self) -> Option<f64> {
        self.has_amounts().then(|| self.rows.iter().filter_map(|row| row.amount).sum())
    }

    /// The rows of each customer.
    pub(crate) fn by_customer(&self) -> impl Iterator<Item = &[Transaction]> {
        self.rows.chunk_by(|a, b| a.customer_id == b.customer_id)
    }

    /// The rows as a table: `customer_id`, `date`, and `amount` and `order_id` where there are any.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, DataError> {
        let rows = &self.rows;
        let mut columns = vec![
            frame::texts("customer_id", rows.iter().map(|row| row.customer_id.clone())),
            frame::dates("date", rows.iter().map(|row| row.date)),
        ];
        if self.has_amounts() {
            columns.push(frame::numbers("amount", rows.iter().map(|row| row.amount)));
        }
        if self.has_orders() {
            columns.push(frame::texts("order_id", rows.iter().map(|row| row.order.clone())));
        }
        frame::frame(columns)
    }
}

impl fmt::Display for Transactions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} from {} to {}",
            counted(self.len(), "purchase row"),
            counted(self.customers, "customer"),
            self.first,
            self.last
        )?;
        match self.total_amount() {
            Some(total) => {
                write!(f, ", {} in all, {} a row on average.", money(total), money(total / self.len() as f64))
            }
            None => write!(f, ", without amounts."),
        }
    }
}

/// Ids in the order people expect: 2 before 10, "a2" before "a10", equal numbers by their text.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    loop {
        match (x.chars().next(), y.chars().next()) {
            (None, _) | (_, None) => return x.len().cmp(&y.len()).then_with(|| a.cmp(b)),
            (Some(c), Some(d)) if c.is_ascii_digit() && d.is_ascii_digit() => {
                let (m, rest_x) = leading_digits(x);
                let (n, rest_y) = leading_digits(y);
                let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
                if order != Ordering::Equal {
                    return order;
                }
                (x, y) = (rest_x, rest_y);
            }
            (Some(c), Some(d)) if c == d => (x, y) = (&x[c.len_utf8()..], &y[d.len_utf8()..]),
            (Some(c), Some(d)) => return c.cmp(&d),
        }
    }
}

/// A number's digits without leading zeros, and what follows.
fn leading_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}

/// A part of the whole as a percentage without decimals.
pub(crate) fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "0%".to_owned();
    }
    format!("{:.0}%", 100.0 * part as f64 / whole as f64)
}

/// "1,234 of 2,357 (52%)".
pub(crate) fn part_of(part: usize, whole: usize) -> String {
    format!("{} of {} ({})", count(part), count(whole), percent(part, whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_as_people_expect() {
        let mut ids = vec!["b", "a10", "10", "2", "a2", "0002", "Z", "", "a"];
        ids.sort_by(|a, b| natural(a, b));
        assert_eq!(ids, ["", "0002", "2", "10", "Z", "a", "a2", "a10", "b"]);
    }
}
