//! A sample of customers with the days they bought on.

use chrono::NaiveDate;
use cltv_models::Grain;

use crate::error::DataError;
use crate::periods::Periods;
use crate::transactions::Transactions;

/// One customer's days with purchases.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The customer.
    pub customer_id: String,
    /// Days of the purchases, the first one included.
    pub purchases: Vec<NaiveDate>,
    /// The observation's end.
    pub end: NaiveDate,
}

impl Transactions {
    /// Timelines of up to `n` customers, spread evenly over the number of purchases.
    ///
    /// The customers are ordered by the number of purchases (then first day, then id), and taken
    /// at equal steps from the middle of each step. No chance is involved, so the sample is the
    /// same in every run, and most of it are the many who bought once.
    ///
    /// # Errors
    /// [`DataError::Frame`] if polars refuses the table.
    pub fn timelines(&self, n: usize, grain: Grain, periods: &Periods) -> Result<Vec<Timeline>, DataError> {
        let purchases = self.purchases(grain, periods.observation_end)?;
        let mut customers: Vec<std::ops::Range<usize>> = purchases.by_customer().collect();
        customers.sort_by_key(|own| (own.len(), purchases.day[own.start]));
        let (all, n) = (customers.len(), n.min(customers.len()));
        let chosen = (0..n).map(|i| customers[(2 * i + 1) * all / (2 * n)].clone());
        let ids = self.ids();
        Ok(chosen
            .map(|own| Timeline {
                customer_id: ids.get(purchases.customer[own.start]).to_owned(),
                purchases: purchases.day[own].iter().filter_map(|&day| cltv_tables::date(day)).collect(),
                end: periods.observation_end,
            })
            .collect())
    }
}
