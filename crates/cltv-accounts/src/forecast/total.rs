//! The sum of all accounts.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The forecast of what all accounts spend together in a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TotalForecast {
    /// The month, as "2026-01".
    pub month: String,
    /// The sum of the accounts' forecasts; accounts that are yet to come are not in it.
    pub mean: f64,
    /// Lower end of the prediction interval.
    pub low: f64,
    /// Upper end of the prediction interval.
    pub high: f64,
}

/// Relative half width of the total's interval at each horizon.
///
/// It is the t quantile times the root mean square of the relative errors of the backtest, which
/// had one origin a month and so are few; beyond the longest horizon it grows with the root of the
/// horizon. A horizon is never narrower than the one before.
pub(crate) fn half_widths(errors: &[(usize, f64)], level: f64, horizons: usize) -> Vec<f64> {
    let mut widths: Vec<f64> = Vec::with_capacity(horizons);
    for h in 1..=horizons {
        let squares: Vec<f64> =
            errors.iter().filter(|(at, _)| *at == h).map(|(_, error)| error * error).collect();
        let last = widths.last().copied().unwrap_or(0.0);
        let quantile =
            StudentsT::new(0.0, 1.0, squares.len().max(1) as f64).map(|t| t.inverse_cdf((1.0 + level) / 2.0));
        let width = match quantile {
            Ok(quantile) if squares.len() > 1 => (quantile * crate::numeric::mean(&squares).sqrt()).max(last),
            _ => last * (h as f64 / (h - 1).max(1) as f64).sqrt(),
        };
        widths.push(width);
    }
    widths
}
