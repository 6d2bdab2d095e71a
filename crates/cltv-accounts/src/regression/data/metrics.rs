//! Metrics of predictions.

use std::fmt;

use serde::Serialize;

use super::error::RegressionError;
use crate::numeric::{mean, sum_of_squared_deviations};
use crate::text::{aligned, figure};

/// Metrics of predictions, in the target's unit but for the two R².
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Metrics {
    /// Rows predicted.
    pub n: usize,
    /// R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², ȳ the mean of these rows; below 0 where that mean would have
    /// predicted better, NaN where the actual values are all equal.
    pub r2: f64,
    /// 1 − (1 − R²)(n − 1) / (n − p − 1) with p features; NaN unless n > p + 1.
    pub adj_r2: f64,
    /// Root mean squared error.
    pub rmse: f64,
    /// Mean absolute error.
    pub mae: f64,
    /// Median absolute error.
    pub medae: f64,
}

impl Metrics {
    pub(crate) const NAMES: [&'static str; 5] = ["R2", "adjusted R2", "RMSE", "MAE", "median AE"];

    /// The five figures in the order of their names.
    pub(crate) fn figures(&self) -> [f64; 5] {
        [self.r2, self.adj_r2, self.rmse, self.mae, self.medae]
    }

    /// Lines of one metric each, a column for each of several sets of rows.
    pub(crate) fn table(sets: &[(&str, &Self)]) -> String {
        let header: Vec<&str> = ["metric"].into_iter().chain(sets.iter().map(|(name, _)| *name)).collect();
        let line = |name: &str, cells: Vec<String>| [vec![name.to_owned()], cells].concat();
        let rows = line("rows", sets.iter().map(|(_, set)| set.n.to_string()).collect());
        let figures = Self::NAMES
            .iter()
            .enumerate()
            .map(|(k, name)| line(name, sets.iter().map(|(_, set)| figure(set.figures()[k])).collect()));
        aligned(&header, [rows].into_iter().chain(figures))
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Self::table(&[("value", self)]))
    }
}

/// The metrics of `predicted` against `actual`, with `features` features behind the predictions.
///
/// # Errors
/// [`RegressionError::BadPairs`] unless both have the same length, of at least 1.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::regression_metrics;
/// let metrics = regression_metrics(&[1.0, 2.0, 3.0, 6.0], &[1.0, 2.0, 4.0, 5.0], 1)?;
/// assert_eq!((metrics.mae, metrics.medae), (0.5, 0.5));
/// assert!((metrics.r2 - (1.0 - 2.0 / 14.0)).abs() < 1e-12);
/// # Ok::<(), cltv_accounts::regression::RegressionError>(())
/// ```
pub fn regression_metrics(
    actual: &[f64],
    predicted: &[f64],
    features: usize,
) -> Result<Metrics, RegressionError> {
    if actual.len() != predicted.len() || actual.is_empty() {
        return Err(RegressionError::BadPairs { predicted: predicted.len(), actual: actual.len() });
    }
    Ok(metrics(actual, predicted, features))
}

/// [`regression_metrics`] for lists of the same length.
pub(crate) fn metrics(actual: &[f64], predicted: &[f64], features: usize) -> Metrics {
    let n = actual.len();
    let mut errors: Vec<f64> = actual.iter().zip(predicted).map(|(y, fit)| (y - fit).abs()).collect();
    errors.sort_by(f64::total_cmp);
    let squares = errors.iter().map(|error| error * error).sum::<f64>();
    let variation = sum_of_squared_deviations(actual);
    let r2 = if variation > 0.0 { 1.0 - squares / variation } else { f64::NAN };
    let free = n as f64 - features as f64 - 1.0;
    Metrics {
        n,
        r2,
        adj_r2: if free > 0.0 { 1.0 - (1.0 - r2) * (n as f64 - 1.0) / free } else { f64::NAN },
        rmse: (squares / n as f64).sqrt(),
        mae: mean(&errors),
        medae: 0.5 * (errors[(n - 1) / 2] + errors[n / 2]),
    }
}
