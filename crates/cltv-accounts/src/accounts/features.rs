//! Features out of an account's months of spending.

use serde::Serialize;

use super::account::{Account, Accounts};
use crate::numeric::{deviation, mean, quantile};
use crate::table::{AccountTable, TableError, Values};

/// An account's features from its months of spending.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccountFeatures {
    /// Months since the account's start, among those used.
    pub months_observed: usize,
    /// Months with spending.
    pub active_months: usize,
    /// Share of the observed months that are active: 0 to 1.
    pub frequency: f64,
    /// Mean spend of an active month (the average transaction of a month).
    pub average_expense: f64,
    /// Spend of all observed months.
    pub total_expense: f64,
    /// Months since the last month with spending; all observed months when there was none.
    pub months_since_expense: usize,
    /// Coefficient of variation of the observed months: standard deviation divided by mean; 0 without spending.
    pub volatility: f64,
    /// Slope of the least-squares line through the observed months, divided by their mean: 0.01 is one
    /// percent of the mean a month.
    pub trend: f64,
}

impl AccountFeatures {
    fn of(account: &Account, months: usize) -> Self {
        let spent: Vec<f64> = account.expenses.iter().take(months).flatten().copied().collect();
        let active: Vec<f64> = spent.iter().copied().filter(|spent| *spent > 0.0).collect();
        let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let centre = mean(&spent);
        Self {
            months_observed: spent.len(),
            active_months: active.len(),
            frequency: share(active.len() as f64, spent.len() as f64),
            average_expense: mean(&active),
            total_expense: spent.iter().sum(),
            months_since_expense: spent.iter().rev().take_while(|spent| **spent <= 0.0).count(),
            volatility: share(deviation(&spent), centre),
            trend: share(slope(&spent), centre),
        }
    }
}

/// Slope of the least-squares line through values a month apart; 0 of fewer than two.
fn slope(values: &[f64]) -> f64 {
    let middle = (values.len() as f64 - 1.0) / 2.0;
    let (mut above, mut below) = (0.0, 0.0);
    for (t, value) in values.iter().enumerate() {
        above += (t as f64 - middle) * value;
        below += (t as f64 - middle).powi(2);
    }
    if below > 0.0 { above / below } else { 0.0 }
}

impl Accounts {
    /// The features of each account, from the first `months` months (all of them, at most).
    ///
    /// Fewer months keep features and outcome apart: a value realised over all months contains the
    /// spending that its features are made of.
    #[must_use]
    pub fn features(&self, months: usize) -> Vec<AccountFeatures> {
        self.accounts.iter().map(|account| AccountFeatures::of(account, months)).collect()
    }

    /// The table with the features as further columns: `purchase_frequency`, `average_expense`,
    /// `months_since_expense`, `expense_volatility` and `expense_trend`, from the first `months`.
    ///
    /// An account that began later has the medians of the others, and 0 months since it spent.
    ///
    /// # Errors
    /// [`TableError::RowCount`] when the table has other rows than the accounts.
    pub fn with_features(&self, table: &AccountTable, months: usize) -> Result<AccountTable, TableError> {
        if table.len() != self.accounts.len() {
            let (found, rows) = (self.accounts.len(), table.len());
            return Err(TableError::RowCount { what: "accounts".to_owned(), found, rows });
        }
        let features = self.features(months);
        let mut table = table.clone();
        let mut add = |name: &str, of: &dyn Fn(&AccountFeatures) -> f64| {
            let seen: Vec<f64> = features.iter().filter(|f| f.months_observed > 0).map(of).collect();
            let median = quantile(&seen, 0.5);
            let value = |f: &AccountFeatures| Some(if f.months_observed > 0 { of(f) } else { median });
            table.set(name, Values::Number(features.iter().map(value).collect()));
        };
        add("purchase_frequency", &|f| f.frequency);
        add("average_expense", &|f| f.average_expense);
        add("months_since_expense", &|f| f.months_since_expense as f64);
        add("expense_volatility", &|f| f.volatility);
        add("expense_trend", &|f| f.trend);
        Ok(table)
    }
}
