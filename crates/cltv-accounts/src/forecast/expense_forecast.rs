//! The forecast: months ahead by account and in total, with intervals, risk flags and findings.

use serde::Serialize;

use super::backtest::Backtest;
use super::error::ForecastError;
use super::fit::{Fit, MethodSettings, season_of};
use super::method::Method;
use super::monitor::Deviation;
use super::options::ForecastOptions;
use super::panel::ExpensePanel;
use super::risk::{ChurnRisk, RiskCheck, RiskLevel};
use super::total::{TotalForecast, half_widths};
use crate::numeric::{deviation, mean};
use crate::text::{count, money, percent};

/// From this coefficient of variation on, an account is volatile.
const VOLATILE: f64 = 0.5;

/// The months ahead of one account.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccountForecast {
    /// The account.
    pub id: String,
    /// The forecast of each month.
    pub mean: Vec<f64>,
    /// Lower ends of the prediction intervals.
    pub low: Vec<f64>,
    /// Upper ends of the prediction intervals.
    pub high: Vec<f64>,
    /// The forecasts' sum.
    pub total: f64,
    /// Coefficient of variation of the months seen: standard deviation by mean.
    pub volatility: f64,
    /// The same for the residuals from line and season.
    pub residual_volatility: f64,
    /// Whether the volatility is 0.5 or more.
    pub volatile: bool,
    /// Whether there was no spending for three months; the forecast is then 0.
    pub inactive: bool,
}

/// The forecast of all accounts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExpenseForecast {
    /// The method, chosen by the backtest.
    pub method: Method,
    /// Weight of a month by its age.
    pub discount: f64,
    /// The season of January to December: factors, or deviations as shares of an account's mean.
    pub season: [f64; 12],
    /// The months ahead, as "2026-01".
    pub months: Vec<String>,
    /// Each account, in the panel's order.
    pub accounts: Vec<AccountForecast>,
    /// The sum of all accounts, by month.
    pub total: Vec<TotalForecast>,
    /// Accounts outside their interval in the last month seen.
    pub deviations: Vec<Deviation>,
    /// How many the backtest expects to be outside.
    pub deviations_expected: f64,
    /// The churn-risk flag of each account, in the panel's order.
    pub risks: Vec<ChurnRisk>,
    /// The accuracy of the flag six months earlier.
    pub risk_check: RiskCheck,
    /// The longest horizon that the backtest measured.
    pub tested_horizon: usize,
}

impl ExpensePanel {
    /// Forecasts all accounts by the method that a backtest chose.
    ///
    /// The model of an account is `y(t) = (l + b t) (1 + a (s(t) - 1))`, or with the season added,
    /// `l + b t + a s(t) scale`; the season s is common to all accounts, and an account's slope b
    /// and amplitude a are shrunk to those of all accounts according to their precision (empirical Bayes).
    /// Forecasts below 0 are 0, and
    /// an account without spending for three months is forecast at 0.
    ///
    /// # Errors
    /// [`ForecastError::BadOption`] or [`ForecastError::TooFewMonths`].
    ///
    /// # Examples
    /// ```
    /// use chrono::NaiveDate;
    /// use cltv_accounts::{ExpensePanel, ForecastOptions};
    /// let spent = |level: f64| (0..24).map(|t| Some(level + f64::from(t % 5))).collect();
    /// let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    /// let panel = ExpensePanel::new(vec!["A".into(), "B".into()], first, vec![spent(50.0), spent(90.0)])?;
    /// let test = panel.backtest(&ForecastOptions::default())?;
    /// let forecast = panel.forecast(&test)?;
    /// assert_eq!(forecast.months[0], "2026-01");
    /// println!("{}", forecast.sentences().join("\n"));
    /// # Ok::<(), cltv_accounts::ForecastError>(())
    /// ```
    pub fn forecast(&self, test: &Backtest) -> Result<ExpenseForecast, ForecastError> {
        let options = test.options;
        options.check(self.months())?;
        let settings = MethodSettings { method: test.method, discount: test.discount };
        let fit = Fit::new(self, self.months(), settings, season_of(self, self.months(), test.method));
        let accounts = self.account_forecasts(&fit, test);
        let deviations = self.deviations(test);
        let watched = fit.accounts.iter().filter(|account| !account.inactive).count();
        let next = test.coverage.iter().find(|coverage| coverage.horizon == 1 && coverage.n > 0);
        let outside = 1.0 - next.map_or(options.level, |coverage| coverage.covered);
        Ok(ExpenseForecast {
            method: test.method,
            discount: test.discount,
            season: fit.season(),
            months: (0..options.horizon).map(|h| self.label(self.months() + h)).collect(),
            total: self.total(&accounts, test),
            accounts,
            deviations,
            deviations_expected: outside * watched as f64,
            risks: self.risks(self.months()),
            risk_check: self.check_risks(),
            tested_horizon: options.tested_horizon,
        })
    }

    /// The months ahead of each account by a method, all months counting alike, without intervals.
    ///
    /// # Errors
    /// [`ForecastError::BadOption`] for a horizon out of bounds.
    pub fn forecast_by(&self, method: Method, horizon: usize) -> Result<Vec<Vec<f64>>, ForecastError> {
        let options = ForecastOptions { horizon, ..ForecastOptions::default() };
        options.check(usize::MAX)?;
        let settings = MethodSettings { method, discount: 1.0 };
        let fit = Fit::new(self, self.months(), settings, season_of(self, self.months(), method));
        Ok((0..self.series.len()).map(|account| fit.predict(account, horizon)).collect())
    }

    fn account_forecasts(&self, fit: &Fit, test: &Backtest) -> Vec<AccountForecast> {
        let horizon = test.options.horizon;
        let widths = test.errors.accounts.widths(test.options.level, horizon);
        let scales = fit.scales();
        let account = |i: usize| {
            let forecasts = fit.predict(i, horizon);
            let (_, seen) = self.before(i, self.months());
            let (centre, inactive) = (mean(&seen), fit.accounts[i].inactive);
            let share = |spread: f64| if centre > 0.0 { spread / centre } else { 0.0 };
            let around = |(h, forecast): (usize, &f64)| match inactive {
                true => (0.0, 0.0),
                false => widths.around(*forecast, scales[i], h + 1),
            };
            let (low, high) = forecasts.iter().enumerate().map(around).unzip();
            let volatility = share(deviation(&seen));
            AccountForecast {
                id: self.ids[i].clone(),
                total: forecasts.iter().sum(),
                mean: forecasts,
                low,
                high,
                volatility,
                residual_volatility: share(fit.accounts[i].spread),
                volatile: volatility >= VOLATILE,
                inactive,
            }
        };
        (0..self.series.len()).map(account).collect()
    }

    fn total(&self, accounts: &[AccountForecast], test: &Backtest) -> Vec<TotalForecast> {
        let horizon = test.options.horizon;
        let widths = half_widths(&test.errors.total, test.options.level, horizon);
        let month = |h: usize| {
            let mean: f64 = accounts.iter().map(|account| account.mean[h]).sum();
            let month = self.label(self.months() + h);
            TotalForecast {
                month,
                mean,
                low: (mean * (1.0 - widths[h])).max(0.0),
                high: mean * (1.0 + widths[h]),
            }
        };
        (0..horizon).map(month).collect()
    }
}

impl ExpenseForecast {
    /// The findings, one sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut out = Vec::new();
        if let (Some(next), Some(last)) = (self.total.first(), self.total.last()) {
            out.push(format!(
                "All accounts together are forecast to spend {} in {} ({} to {}), and {} in all until {}; accounts that start later are not included.",
                money(next.mean), next.month, money(next.low), money(next.high),
                money(self.total.iter().map(|month| month.mean).sum()), last.month
            ));
        }
        if self.months.len() > self.tested_horizon {
            out.push(format!(
                "Beyond {} months the intervals are extrapolated: the backtest does not cover those horizons.",
                self.tested_horizon
            ));
        }
        out.push("The season is common to all accounts, because two years of one account are too few for twelve indices.".to_owned());
        let volatile = self.accounts.iter().filter(|account| account.volatile && !account.inactive).count();
        let inactive = self.accounts.iter().filter(|account| account.inactive).count();
        out.push(format!(
            "{} accounts are volatile (coefficient of variation 0.5 or more), {} have had no spending for three months.",
            count(volatile), count(inactive)
        ));
        let below = self.deviations.iter().filter(|deviation| deviation.spent < deviation.low).count();
        out.push(format!(
            "{} accounts were outside their interval in the last month, {} of them below it; the backtest expects about {} in any month.",
            count(self.deviations.len()), count(below), count(self.deviations_expected.round() as usize)
        ));
        let high = self.risks.iter().filter(|risk| risk.level == RiskLevel::High).count();
        let share = percent(high as f64 / self.risks.len().max(1) as f64);
        out.push(format!("{} accounts ({share}) are at high risk of leaving.", count(high)));
        out.push(self.risk_check.sentence());
        out
    }
}
