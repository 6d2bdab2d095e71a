//! The choice of the penalty of ridge or lasso by folds.

use std::fmt;

use serde::Serialize;

use super::folds::Folds;
use crate::numeric::{mean, sum_of_squared_deviations};
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::metrics;
use crate::regression::data::model::Shrinkage;
use crate::regression::data::regression_data::RegressionData;
use crate::regression::models::shrinkage::{Reduced, check_penalty};
use crate::regression::solve::least_squares::predict;
use crate::text::figure;

/// Penalties tried by [`RegressionData::choose_penalty`].
const GRID: usize = 40;

/// One penalty, over the folds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PenaltyPoint {
    /// λ.
    pub lambda: f64,
    /// Mean RMSE over the folds, in units of the target.
    pub rmse: f64,
    /// Its standard error over the folds.
    pub std_error: f64,
}

/// Penalties tried, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PenaltyPath {
    /// Ridge or lasso.
    pub kind: Shrinkage,
    /// One point a penalty.
    pub points: Vec<PenaltyPoint>,
    /// The penalty with the lowest mean RMSE.
    pub best: PenaltyPoint,
    /// The largest penalty whose mean RMSE is within one standard error of the lowest: the simplest
    /// model that cannot be distinguished from the best (Hastie, Tibshirani and Friedman 2009, 7.10.1).
    pub one_standard_error: PenaltyPoint,
}

impl fmt::Display for PenaltyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Of {} penalties for {}, {} has the lowest RMSE by folds, {} ± {}; {} is the largest within one standard error.",
            self.points.len(),
            self.kind.name(),
            figure(self.best.lambda),
            figure(self.best.rmse),
            figure(self.best.std_error),
            figure(self.one_standard_error.lambda)
        )
    }
}

impl RegressionData {
    /// Tries 40 penalties by folds of `rows`: for the lasso from the smallest one at which all coefficients are 0 down
    /// to a thousandth of it, for ridge from 100 down to 0.0001.
    ///
    /// # Errors
    /// [`RegressionError`]: an impossible number of folds, rows outside the data, [`RegressionError::NotConverged`].
    pub fn choose_penalty(
        &self,
        rows: &[usize],
        kind: Shrinkage,
        folds: &Folds,
    ) -> Result<PenaltyPath, RegressionError> {
        let (columns, y) = self.at(rows)?;
        let (largest, decades) = match kind {
            Shrinkage::Lasso => (Reduced::of(&columns, &y).largest_penalty(), 3.0),
            Shrinkage::Ridge => (100.0, 6.0),
        };
        check_penalty(largest)?;
        let step = |k: usize| largest * 10_f64.powf(-decades * k as f64 / (GRID - 1) as f64);
        let lambdas: Vec<f64> = (0..GRID).map(step).collect();
        let mut errors = vec![Vec::new(); GRID];
        for split in folds.splits(rows)? {
            let (columns, y) = self.at(&split.train)?;
            let (test_columns, test_y) = self.at(&split.test)?;
            let reduced = Reduced::of(&columns, &y);
            for (lambda, errors) in lambdas.iter().zip(&mut errors) {
                let (intercept, slopes) = reduced.unscaled(&reduced.solve(kind, *lambda)?);
                let predicted = predict(intercept, &slopes, &test_columns, test_y.len());
                errors.push(metrics(&test_y, &predicted, reduced.rank()).rmse);
            }
        }
        let points = lambdas.iter().zip(&errors).map(|(&lambda, errors)| point(lambda, errors)).collect();
        Ok(path(kind, points))
    }
}

fn point(lambda: f64, errors: &[f64]) -> PenaltyPoint {
    let n = errors.len() as f64;
    let std_error = (sum_of_squared_deviations(errors) / (n - 1.0) / n).sqrt();
    PenaltyPoint { lambda, rmse: mean(errors), std_error }
}

fn path(kind: Shrinkage, points: Vec<PenaltyPoint>) -> PenaltyPath {
    let best = points.iter().copied().reduce(|a, b| if b.rmse < a.rmse { b } else { a }).unwrap_or(points[0]);
    let within = |point: &&PenaltyPoint| point.rmse <= best.rmse + best.std_error;
    let one_standard_error = points.iter().find(within).copied().unwrap_or(best);
    PenaltyPath { kind, points, best, one_standard_error }
}
