//! Rows merged into purchases: what falls into one grain period of a customer is one purchase.

use chrono::NaiveDate;
use cltv_models::Grain;
use polars::prelude::DataFrame;

use crate::columns::{codes, days, reals};
use crate::error::DataError;
use crate::plan::{Plan, queries};
use crate::transactions::Transactions;

/// Purchases in columns, ordered by customer and day: row i of each column is one purchase.
#[derive(Debug, Clone, PartialEq)]
pub struct Purchases {
    /// The customer's code, its place in [`Transactions::ids`].
    pub customer: Vec<u32>,
    /// The day of the purchase's first row, in days since 1970-01-01.
    pub day: Vec<i32>,
    /// Which grain period it is: days, weeks or months from a fixed origin.
    pub period: Vec<i32>,
    /// What its rows add up to; `None` without amounts.
    pub amount: Option<Vec<f64>>,
    /// Rows merged.
    pub rows: Vec<u32>,
}

impl Purchases {
    /// Number of purchases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customer.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customer.is_empty()
    }

    /// The purchases of each customer, as ranges of the columns.
    pub fn by_customer(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        let mut start = 0;
        self.customer.chunk_by(|a, b| a == b).map(move |own| {
            let range = start..start + own.len();
            start = range.end;
            range
        })
    }
}

impl Transactions {
    /// The purchases until a day included, merged by the grain.
    ///
    /// Rows after `end` are cut first, then rows inside one period are merged: a calendar day, a
    /// week from Monday to Sunday, or a calendar month. Customers without a row until then are
    /// left out.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn purchases(&self, grain: Grain, end: NaiveDate) -> Result<Purchases, DataError> {
        let amounts = self.has_amounts();
        Purchases::of(self.by_customer(&merged(grain, end, amounts))?, amounts)
    }

    /// Something of each block of customers, from its purchases without amounts; the blocks are in the customers' order.
    ///
    /// Only some blocks are merged at a time, where [`Transactions::purchases`] needs the memory of all purchases.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::Grain;
    /// use cltv_purchases::{Cleaning, Source};
    /// let cdnow = Source::new("cdnow").read()?.clean(&Cleaning::default())?.transactions;
    /// let days = cdnow.of_purchases(Grain::Day, cdnow.last_date(), |purchases| purchases.len())?;
    /// assert_eq!(days.into_iter().sum::<usize>(), 6696);
    /// # Ok::<(), cltv_purchases::DataError>(())
    /// ```
    pub fn of_purchases<T: Send>(
        &self,
        grain: Grain,
        end: NaiveDate,
        of: impl Fn(&Purchases) -> T + Sync,
    ) -> Result<Vec<T>, DataError> {
        let plan = merged(grain, end, false);
        self.of_blocks_by(&plan, |table| Ok(of(&Purchases::of(table, false)?)))
    }
}

fn merged(grain: Grain, end: NaiveDate, amounts: bool) -> Plan {
    let mut columns = vec!["customer", "day", "period", "rows"];
    columns.extend(amounts.then_some("amount"));
    queries::purchases(grain, None, end.to_epoch_days(), amounts).select(&columns)
}

impl Purchases {
    fn of(mut table: DataFrame, amounts: bool) -> Result<Self, DataError> {
        // A column of the table is freed as soon as it is copied: both together would be the peak of a report.
        let customer = codes(&table, "customer")?;
        table.drop_in_place("customer")?;
        let day = days(&table, "day")?;
        table.drop_in_place("day")?;
        let period = days(&table, "period")?;
        table.drop_in_place("period")?;
        let rows = codes(&table, "rows")?;
        table.drop_in_place("rows")?;
        let amount = amounts.then(|| reals(&table, "amount")).transpose()?;
        Ok(Self { customer, day, period, amount, rows })
    }
}
