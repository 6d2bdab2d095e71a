//! Monthly spending ahead: a method chosen and tested on the past, and what it says of each account.

use crate::progress::working;
use crate::{Error, frames};
use cltv_report::numbers::whole;
use cltv_accounts::{Accounts, Backtest, ExpenseForecast, ExpensePanel, ForecastOptions, RiskLevel};
use polars::prelude::DataFrame;
use std::fmt;

/// The months of spending, the backtest of the methods, and the forecast.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// What was spent.
    pub panel: ExpensePanel,
    /// How all methods did on months that they had not seen.
    pub test: Backtest,
    /// The months ahead.
    pub forecast: ExpenseForecast,
}

/// Chooses a method on the earlier months, tests it on the later ones, and forecasts `horizon_months` months.
///
/// # Errors
/// [`Error::Forecast`] for fewer months than a season and a test need, or options out of bounds.
pub fn forecast_expenses(accounts: &Accounts, horizon_months: u32, interval: f64) -> Result<Outlook, Error> {
    let what = format!("Forecasting {} accounts", whole(accounts.accounts.len() as f64));
    working(&what, || {
        let panel = accounts.panel()?;
        let options = ForecastOptions {
            horizon: horizon_months as usize,
            level: interval,
            ..ForecastOptions::default()
        };
        let test = panel.backtest(&options)?;
        let forecast = panel.forecast(&test)?;
        Ok(Outlook { panel, test, forecast })
    })
}

/// The flag as a word.
pub(crate) fn risk_word(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::None => "none",
        RiskLevel::Watch => "watch",
        RiskLevel::High => "high",
        RiskLevel::Left => "left",
        _ => "other",
    }
}

impl Outlook {
    /// Errors of each method over all horizons of the backtest, and against the seasonal naive.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn scores(&self) -> Result<DataFrame, Error> {
        let rows = || self.test.scores.iter().filter(|score| score.horizon == 0);
        frames::frame(vec![
            frames::texts("method", rows().map(|score| score.method.words())),
            frames::counts("forecasts", rows().map(|score| score.n as u64)),
            frames::numbers("rmse", rows().map(|score| Some(score.rmse))),
            frames::numbers("mae", rows().map(|score| Some(score.mae))),
            frames::numbers("r2", rows().map(|score| Some(score.r2))),
            frames::numbers("better_than_seasonal_naive", rows().map(|score| Some(score.skill))),
        ])
    }

    /// The chosen method by months ahead: its error, and how often its intervals held.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn by_horizon(&self) -> Result<DataFrame, Error> {
        let own = |score: &&cltv_accounts::Score| score.method == self.test.method && score.horizon > 0;
        let rows = || self.test.scores.iter().filter(own);
        let held = |horizon: usize| {
            let found = self.test.coverage.iter().find(|coverage| coverage.horizon == horizon);
            found.map(|coverage| coverage.held)
        };
        frames::frame(vec![
            frames::counts("months_ahead", rows().map(|score| score.horizon as u64)),
            frames::numbers("rmse", rows().map(|score| Some(score.rmse))),
            frames::numbers("mae", rows().map(|score| Some(score.mae))),
            frames::numbers("r2", rows().map(|score| Some(score.r2))),
            frames::numbers("better_than_seasonal_naive", rows().map(|score| Some(score.skill))),
            frames::numbers("intervals_held", rows().map(|score| held(score.horizon))),
        ])
    }

    /// The months ahead of all accounts together.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn months(&self) -> Result<DataFrame, Error> {
        let rows = || self.forecast.total.iter();
        frames::frame(vec![
            frames::texts("month", rows().map(|month| month.month.as_str())),
            frames::numbers("expected", rows().map(|month| Some(month.mean))),
            frames::numbers("low", rows().map(|month| Some(month.low))),
            frames::numbers("high", rows().map(|month| Some(month.high))),
        ])
    }

    /// The accounts that left their interval in the last month, those furthest below first.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn deviations(&self) -> Result<DataFrame, Error> {
        let rows = || self.forecast.deviations.iter();
        frames::frame(vec![
            frames::texts("account_id", rows().map(|row| row.id.as_str())),
            frames::texts("month", rows().map(|row| row.month.as_str())),
            frames::numbers("spent", rows().map(|row| Some(row.spent))),
            frames::numbers("forecast", rows().map(|row| Some(row.forecast))),
            frames::numbers("low", rows().map(|row| Some(row.low))),
            frames::numbers("high", rows().map(|row| Some(row.high))),
        ])
    }

    /// Each account: what is expected of it, its volatility and its churn risk.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows = || self.forecast.accounts.iter().zip(&self.forecast.risks);
        frames::frame(vec![
            frames::texts("account_id", rows().map(|(account, _)| account.id.as_str())),
            frames::numbers("next_month", rows().map(|(account, _)| account.mean.first().copied())),
            frames::numbers("low", rows().map(|(account, _)| account.low.first().copied())),
            frames::numbers("high", rows().map(|(account, _)| account.high.first().copied())),
            frames::numbers("all_months", rows().map(|(account, _)| Some(account.total))),
            frames::numbers("volatility", rows().map(|(account, _)| Some(account.volatility))),
            frames::numbers(
                "residual_volatility",
                rows().map(|(account, _)| Some(account.residual_volatility)),
            ),
            frames::texts("risk", rows().map(|(_, risk)| risk_word(risk.level))),
            frames::texts("reason", rows().map(|(_, risk)| risk.reason.as_str())),
        ])
    }
}

impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences = [self.test.sentences(), self.forecast.sentences()].concat();
        f.write_str(&sentences.join("\n"))
    }
}
