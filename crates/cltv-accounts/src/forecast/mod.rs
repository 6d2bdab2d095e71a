//! Forecasts of monthly spending: a line with a season common to all accounts, compared with baselines.

mod backtest;
mod baseline;
mod error;
mod expense_forecast;
mod fit;
mod intervals;
mod method;
mod monitor;
mod options;
mod panel;
mod risk;
mod scores;
mod season;
mod total;

pub use backtest::Backtest;
pub use error::ForecastError;
pub use expense_forecast::{AccountForecast, ExpenseForecast};
pub use method::Method;
pub use monitor::Deviation;
pub use options::ForecastOptions;
pub use panel::ExpensePanel;
pub use risk::{ChurnRisk, RiskCheck, RiskLevel};
pub use scores::{Coverage, Score};
pub use total::TotalForecast;
