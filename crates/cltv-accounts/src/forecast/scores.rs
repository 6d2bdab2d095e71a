//! Errors of forecasts, by method and horizon.

use serde::Serialize;

use super::method::Method;

/// The errors of a method's forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Score {
    /// The method.
    pub method: Method,
    /// Months ahead; 0 for all horizons together.
    pub horizon: usize,
    /// Forecasts compared.
    pub n: usize,
    /// Root of the mean squared error, in the unit of spending.
    pub rmse: f64,
    /// Mean absolute error, in the unit of spending.
    pub mae: f64,
    /// 1 - squared errors / squares about the mean of the actual values.
    pub r2: f64,
    /// Share by which the root mean squared error lies below that of the seasonal naive; negative
    /// where it lies above.
    pub skill: f64,
}

/// The coverage of the prediction intervals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Months ahead; 0 for all horizons together.
    pub horizon: usize,
    /// Intervals compared, of accounts that were not inactive.
    pub n: usize,
    /// The nominal probability.
    pub level: f64,
    /// The share of values within their interval.
    pub covered: f64,
}

/// Pairs of forecast and value, each with its horizon.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pairs(pub(crate) Vec<(usize, f64, f64)>);

impl Pairs {
    pub(crate) fn rmse(&self, horizon: usize) -> f64 {
        self.score(Method::Naive, horizon).rmse
    }

    /// The score at a horizon; its skill is not yet known.
    pub(crate) fn score(&self, method: Method, horizon: usize) -> Score {
        let chosen = || self.0.iter().filter(|pair| horizon == 0 || pair.0 == horizon);
        let n = chosen().count();
        let mean = chosen().map(|pair| pair.2).sum::<f64>() / n.max(1) as f64;
        let (mut squares, mut sizes, mut about) = (0.0, 0.0, 0.0);
        for (_, forecast, value) in chosen() {
            squares += (value - forecast).powi(2);
            sizes += (value - forecast).abs();
            about += (value - mean).powi(2);
        }
        let share = |sum: f64| sum / n.max(1) as f64;
        let r2 = if about > 0.0 { 1.0 - squares / about } else { 0.0 };
        Score { method, horizon, n, rmse: share(squares).sqrt(), mae: share(sizes), r2, skill: 0.0 }
    }
}

/// Scores of all methods at all horizons (first 0, all together), with their skill.
pub(crate) fn table(pairs: &[(Method, Pairs)], horizons: usize) -> Vec<Score> {
    let mut scores = Vec::new();
    for horizon in 0..=horizons {
        let base = pairs.iter().find(|(method, _)| *method == Method::SeasonalNaive);
        let base = base.map_or(0.0, |(_, pairs)| pairs.rmse(horizon));
        for (method, pairs) in pairs {
            let score = pairs.score(*method, horizon);
            let skill = if base > 0.0 { 1.0 - score.rmse / base } else { 0.0 };
            scores.push(Score { skill, ..score });
        }
    }
    scores
}
