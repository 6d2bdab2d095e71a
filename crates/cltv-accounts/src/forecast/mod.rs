//! Forecasts of monthly spending: a line with a season shared by all accounts, against baselines.

mod backtest;
mod baseline;
mod error;
mod fit;
mod intervals;
mod monitor;
mod outlook;
mod panel;
mod risk;
mod scores;
mod season;
mod total;

pub use backtest::Backtest;
pub use error::ForecastError;
pub use monitor::Deviation;
pub use outlook::{AccountForecast, ExpenseForecast};
pub use panel::ExpensePanel;
pub use risk::{ChurnRisk, RiskCheck, RiskLevel};
pub use scores::{Coverage, Score};
pub use total::TotalForecast;

use serde::Serialize;

/// How the next months are forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Method {
    /// The last month again.
    Naive,
    /// The same month of the year before, again.
    SeasonalNaive,
    /// A line through the account's months.
    Trend,
    /// A line, plus the season times the account's scale.
    AdditiveSeason,
    /// A line, times the season.
    MultiplicativeSeason,
}

impl Method {
    /// All of them, baselines first.
    pub const ALL: [Self; 5] =
        [Self::Naive, Self::SeasonalNaive, Self::Trend, Self::AdditiveSeason, Self::MultiplicativeSeason];

    /// The method in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal naive",
            Self::Trend => "trend",
            Self::AdditiveSeason => "trend + additive season",
            Self::MultiplicativeSeason => "trend x multiplicative season",
        }
    }
}

/// What is forecast, and how it is tested.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ForecastOptions {
    /// Months to forecast.
    pub horizon: usize,
    /// Longest horizon of the backtest, in months.
    pub tested_horizon: usize,
    /// Origins of the backtest that are kept for the test; earlier ones choose and calibrate.
    pub test_origins: usize,
    /// Probability of the prediction intervals.
    pub level: f64,
}

impl Default for ForecastOptions {
    /// Twelve months ahead; six tested from six origins; intervals of 90%.
    fn default() -> Self {
        Self { horizon: 12, tested_horizon: 6, test_origins: 6, level: 0.9 }
    }
}
