//! How far to forecast, and how to test the methods.

use cltv_protocol::parameters::REVOPS_HORIZON_MONTHS;
use serde::Serialize;

use super::error::ForecastError;
use super::season::FEWEST_MONTHS;

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

impl ForecastOptions {
    pub(crate) fn check(&self, months: usize) -> Result<(), ForecastError> {
        let bad = |option: &str, value: String, bound: &str| {
            Err(ForecastError::BadOption { option: option.to_owned(), value, bound: bound.to_owned() })
        };
        if !REVOPS_HORIZON_MONTHS.allow(self.horizon as f64) {
            let bound = format!("{} months", REVOPS_HORIZON_MONTHS.in_words());
            return bad("horizon", self.horizon.to_string(), &bound);
        }
        if self.tested_horizon == 0 || self.test_origins == 0 {
            return bad("tested_horizon or test_origins", "0".to_owned(), "at least 1");
        }
        if !(self.level > 0.0 && self.level < 1.0) {
            return bad("level", self.level.to_string(), "between 0 and 1");
        }
        let needed = FEWEST_MONTHS + 2 + self.test_origins;
        if months < needed { Err(ForecastError::TooFewMonths { months, needed }) } else { Ok(()) }
    }
}
