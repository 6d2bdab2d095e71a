//! Monthly series of many accounts over the same months.

use chrono::{Datelike, Months, NaiveDate};

use super::error::ForecastError;
use crate::accounts::Accounts;

/// Monthly series; each begins when its account does and then has no gap.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ExpensePanel {
    /// The accounts' ids.
    pub ids: Vec<String>,
    /// The first day of the first month.
    pub first_month: NaiveDate,
    /// One series an account, over all months; `None` before its start.
    pub series: Vec<Vec<Option<f64>>>,
}

impl ExpensePanel {
    /// A panel of series that begin in this month.
    ///
    /// # Errors
    /// [`ForecastError::NoSeries`], [`ForecastError::UnequalLengths`] or [`ForecastError::Gap`].
    ///
    /// # Examples
    /// ```
    /// use chrono::NaiveDate;
    /// use cltv_accounts::{ExpensePanel, ForecastOptions, Method};
    /// // One account with an exact line times an exact season, for 36 months.
    /// let season = |t: usize| 1.0 + 0.2 * (std::f64::consts::TAU * t as f64 / 12.0).sin();
    /// let series: Vec<Option<f64>> =
    ///     (0..36).map(|t| Some((100.0 + 2.0 * t as f64) * season(t))).collect();
    /// let first = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    /// let panel = ExpensePanel::new(vec!["A".into()], first, vec![series])?;
    /// let forecast = panel.forecast_by(Method::MultiplicativeSeason, 12)?;
    /// assert!((forecast[0][0] - 172.0 * season(36)).abs() < 1e-6);
    /// # Ok::<(), cltv_accounts::ForecastError>(())
    /// ```
    pub fn new(
        ids: Vec<String>,
        first_month: NaiveDate,
        series: Vec<Vec<Option<f64>>>,
    ) -> Result<Self, ForecastError> {
        let months = series.first().map_or(0, Vec::len);
        for (i, values) in series.iter().enumerate() {
            let account = || ids.get(i).cloned().unwrap_or_else(|| format!("no. {}", i + 1));
            if values.len() != months || i >= ids.len() {
                return Err(ForecastError::UnequalLengths {
                    account: account(),
                    found: values.len(),
                    expected: months,
                });
            }
            let start = values.iter().position(Option::is_some).unwrap_or(months);
            let gap = values[start..].iter().position(|value| !value.is_some_and(f64::is_finite));
            if let Some(at) = gap {
                return Err(ForecastError::Gap { account: account(), month: start + at + 1 });
            }
        }
        if !series.iter().flatten().any(Option::is_some) {
            return Err(ForecastError::NoSeries);
        }
        Ok(Self { ids, first_month, series })
    }

    /// How many months there are.
    #[must_use]
    pub fn months(&self) -> usize {
        self.series.first().map_or(0, Vec::len)
    }

    /// A month by its index; indices from [`ExpensePanel::months`] on are in the future.
    #[must_use]
    pub fn month(&self, index: usize) -> NaiveDate {
        self.first_month.checked_add_months(Months::new(index as u32)).unwrap_or(NaiveDate::MAX)
    }

    /// The calendar month of a month of the panel, 0 to 11.
    pub(crate) fn calendar_month(&self, index: usize) -> usize {
        (self.first_month.month0() as usize + index) % 12
    }

    /// A month as "2024-01".
    pub(crate) fn label(&self, index: usize) -> String {
        self.month(index).format("%Y-%m").to_string()
    }

    /// The index of the first value of an account, and its values before an origin.
    pub(crate) fn before(&self, account: usize, origin: usize) -> (usize, Vec<f64>) {
        let values: Vec<f64> = self.series[account][..origin].iter().flatten().copied().collect();
        (origin - values.len(), values)
    }
}

impl Accounts {
    /// The accounts' months of spending as a panel.
    ///
    /// # Errors
    /// As [`ExpensePanel::new`].
    pub fn panel(&self) -> Result<ExpensePanel, ForecastError> {
        let ids = self.accounts.iter().map(|account| account.id.clone()).collect();
        ExpensePanel::new(ids, self.months.first().copied().unwrap_or_default(), self.expenses())
    }
}
