//! Cross-validation: several fits, each tested on rows that it was not fitted on.

use std::fmt;

use serde::Serialize;

use crate::numeric::mean;
use crate::numpy_random::RandomState;
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::{Metrics, metrics};
use crate::regression::data::model::RegressionModel;
use crate::regression::data::regression_data::RegressionData;
use crate::regression::data::split::Split;
use crate::regression::models::log_target::Retransformation;
use crate::regression::solve::least_squares::Solution;
use crate::regression::solve::probability::t_quantile;
use crate::text::{aligned, figure};

/// How rows are divided into folds, as scikit-learn's `KFold` divides them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Folds {
    /// The number of folds.
    pub count: usize,
    /// `KFold(count, shuffle=True, random_state=seed)`; without a seed, rows in their order.
    pub seed: Option<u32>,
}

impl Default for Folds {
    fn default() -> Self {
        Self { count: 5, seed: Some(42) }
    }
}

impl Folds {
    /// The positions tested in each fold, in rising order; together, each of 0..rows once.
    ///
    /// # Errors
    /// [`RegressionError::BadFolds`] for fewer than 2 folds, or more than rows.
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::regression::Folds;
    /// let in_order = Folds { count: 3, seed: None };
    /// assert_eq!(in_order.tests(7)?, [vec![0, 1, 2], vec![3, 4], vec![5, 6]]);
    /// # Ok::<(), cltv_accounts::regression::RegressionError>(())
    /// ```
    pub fn tests(&self, rows: usize) -> Result<Vec<Vec<usize>>, RegressionError> {
        let folds = self.count;
        if folds < 2 || folds > rows {
            return Err(RegressionError::BadFolds { folds, rows });
        }
        let order: Vec<usize> = match self.seed {
            Some(seed) => RandomState::new(seed).permutation(rows),
            None => (0..rows).collect(),
        };
        let mut rest = order.as_slice();
        Ok((0..folds)
            .map(|fold| {
                let (these, those) = rest.split_at(rows / folds + usize::from(fold < rows % folds));
                rest = those;
                let mut these = these.to_vec();
                these.sort_unstable();
                these
            })
            .collect())
    }

    /// A split for each fold of the rows given.
    pub(crate) fn splits(&self, rows: &[usize]) -> Result<Vec<Split>, RegressionError> {
        let split = |test: Vec<usize>| {
            let training = (0..rows.len()).filter(|k| test.binary_search(k).is_err());
            Split {
                train: training.map(|k| rows[k]).collect(),
                test: test.iter().map(|&k| rows[k]).collect(),
            }
        };
        Ok(self.tests(rows.len())?.into_iter().map(split).collect())
    }
}

/// A metric over the folds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MetricInterval {
    /// The metric.
    pub metric: String,
    /// Its mean over the folds.
    pub mean: f64,
    /// Its standard deviation over the folds.
    pub sd: f64,
    /// Lower end of the 95% interval of the mean.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Metrics of k fits, each tested on one fold and fitted on the others.
///
/// The interval is mean ± t · sd / √k with k − 1 degrees of freedom. Folds share training rows, so the
/// fits are not independent and the interval is slightly too narrow (Bengio, Y. and Grandvalet, Y.
/// (2004). *Journal of Machine Learning Research* 5, 1089-1105).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrossValidation {
    /// The model.
    pub model: RegressionModel,
    /// Metrics of each fold's test rows.
    pub folds: Vec<Metrics>,
    /// Mean and interval of each metric.
    pub intervals: Vec<MetricInterval>,
}

impl CrossValidation {
    fn new(model: RegressionModel, folds: Vec<Metrics>) -> Self {
        let intervals = Metrics::NAMES.iter().enumerate().map(|(k, name)| {
            let values: Vec<f64> = folds.iter().map(|fold| fold.figures()[k]).collect();
            let (n, mean) = (values.len() as f64, mean(&values));
            let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            let half_width = t_quantile(0.05, n - 1.0) * sd / n.sqrt();
            MetricInterval {
                metric: (*name).to_owned(),
                mean,
                sd,
                low: mean - half_width,
                high: mean + half_width,
            }
        });
        Self { model, intervals: intervals.collect(), folds }
    }

    /// The mean RMSE over the folds, in units of the target.
    #[must_use]
    pub fn rmse(&self) -> f64 {
        mean(&self.folds.iter().map(|fold| fold.rmse).collect::<Vec<_>>())
    }
}

impl fmt::Display for CrossValidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} regression, {} folds:\n", self.model, self.folds.len())?;
        let header = ["metric", "mean", "sd", "95% low", "95% high"];
        let rows = self.intervals.iter().map(|row| {
            let figures = [row.mean, row.sd, row.low, row.high].map(figure);
            [vec![row.metric.clone()], figures.to_vec()].concat()
        });
        f.write_str(&aligned(&header, rows))
    }
}

impl RegressionData {
    /// The linear regression by folds of `rows` (usually a split's training rows, so that its test rows
    /// are not used).
    ///
    /// # Errors
    /// [`RegressionError`]: an impossible number of folds, or too few training rows in one of them.
    pub fn cross_validate(&self, rows: &[usize], folds: &Folds) -> Result<CrossValidation, RegressionError> {
        let one = |split: Split| {
            let (columns, y) = self.at(&split.train)?;
            let (test_columns, actual) = self.at(&split.test)?;
            let solution = Solution::of(&columns, &y)?;
            let predicted = solution.predict(&test_columns, actual.len());
            Ok(metrics(&actual, &predicted, solution.features()))
        };
        let metrics = folds.splits(rows)?.into_iter().map(one).collect::<Result<_, RegressionError>>()?;
        Ok(CrossValidation::new(RegressionModel::Linear, metrics))
    }

    /// The multiplicative model by folds of `rows`.
    ///
    /// # Errors
    /// As [`Self::cross_validate`] and [`Self::fit_multiplicative`].
    pub fn cross_validate_multiplicative(
        &self,
        rows: &[usize],
        folds: &Folds,
    ) -> Result<CrossValidation, RegressionError> {
        let metrics = self.multiplicative_metrics(&folds.splits(rows)?)?;
        Ok(CrossValidation::new(RegressionModel::Multiplicative, metrics))
    }

    /// The regression of the target's logarithm by folds of `rows`, measured on the target itself.
    ///
    /// # Errors
    /// As [`Self::cross_validate`], and [`RegressionError::LogOfNonPositive`].
    pub fn cross_validate_log(
        &self,
        rows: &[usize],
        folds: &Folds,
        retransformation: Retransformation,
    ) -> Result<CrossValidation, RegressionError> {
        let logged = self.logged()?;
        let one = |split: Split| {
            let (columns, y) = logged.at(&split.train)?;
            let (test_columns, _) = logged.at(&split.test)?;
            let solution = Solution::of(&columns, &y)?;
            let factor = retransformation.factor(&solution.basis.residuals(&y));
            let predicted: Vec<f64> = solution
                .predict(&test_columns, split.test.len())
                .iter()
                .map(|log| log.exp() * factor)
                .collect();
            let actual: Vec<f64> = split.test.iter().map(|&row| self.target()[row]).collect();
            Ok(metrics(&actual, &predicted, solution.features()))
        };
        let metrics = folds.splits(rows)?.into_iter().map(one).collect::<Result<_, RegressionError>>()?;
        Ok(CrossValidation::new(RegressionModel::LogTarget, metrics))
    }
}
