//! A mean that features multiply: never below 0, for targets that may be.

use std::fmt;

use serde::Serialize;

use super::data::{Feature, FeatureValues, RegressionData};
use super::error::RegressionError;
use super::metrics::{Metrics, metrics};
use super::ols::{DroppedColumn, after_the_table, check_columns, dropped, predict};
use super::orthogonal::{Basis, dot};
use super::probability::t_quantile;
use super::split::Split;
use crate::numeric::{deviation, mean, skewness};
use crate::text::{aligned, figure};

/// Skewness from which a column of positive numbers enters as its logarithm.
pub const LOGARITHM_FROM: f64 = 1.0;
/// Iterations of Newton's method; a usual fit takes about ten.
const ITERATIONS: u32 = 60;
/// Change of the predictions' logarithm at which they stand still.
const STILL: f64 = 1e-12;

/// A coefficient of the multiplicative model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Multiplier {
    /// The column of the design; `ln tenure` for the logarithm of `tenure`.
    pub name: String,
    /// b: one unit more of the column multiplies the mean by eᵇ. Of a logarithm b is an elasticity: one
    /// percent more of the feature is b percent more of the mean.
    pub estimate: f64,
    /// Its standard error, which supposes nothing of the errors' spread (the sandwich, HC0).
    pub robust_error: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// What a standard deviation more of the column, in the training rows, multiplies the mean by; NaN for
    /// the intercept.
    pub by_deviation: f64,
}

/// A fitted mean E\[y\] = exp(β₀ + Σ β_j f_j), f_j a feature or its logarithm.
///
/// The estimate solves Σ (y_i − μ_i) x_i = 0, the score of a Poisson regression, which is right for any
/// target whose mean has this form, whatever its distribution, and which needs no logarithm of y: zeros
/// and a few values below 0 are as good as others. Numeric features above 0 in all rows whose skewness
/// is above [`LOGARITHM_FROM`] enter as logarithms, because an exponential of a long tail explodes.
///
/// # References
/// - Gourieroux, C., Monfort, A. and Trognon, A. (1984). Pseudo maximum likelihood methods: theory.
///   *Econometrica* 52, 681-700.
/// - Santos Silva, J. M. C. and Tenreyro, S. (2006). The log of gravity. *Review of Economics and
///   Statistics* 88, 641-658, equation (11) for the score.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::{Feature, RegressionData, sklearn_split};
/// let spend: Vec<f64> = (0..60).map(|k| (0.1 * f64::from(k)).exp()).collect();
/// let value = spend.iter().map(|spend| 3.0 * spend.powf(1.5)).collect();
/// let data = RegressionData::new("ltv", value, vec![Feature::numeric("spend", spend)])?;
/// let fit = data.fit_multiplicative(&sklearn_split(60, 0.2, 42)?)?;
/// assert_eq!(fit.coefficients[1].name, "ln spend");
/// assert!((fit.coefficients[1].estimate - 1.5).abs() < 1e-9);
/// # Ok::<(), cltv_accounts::regression::RegressionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MultiplicativeFit {
    /// The target's name.
    pub target: String,
    /// The intercept, then the columns kept.
    pub coefficients: Vec<Multiplier>,
    /// Columns that are combinations of those before them.
    pub dropped: Vec<DroppedColumn>,
    /// Features that entered as logarithms.
    pub logarithms: Vec<String>,
    /// Metrics on the training rows, of the target itself.
    pub train: Metrics,
    /// Metrics on the test rows.
    pub test: Metrics,
    /// Predictions of the test rows.
    pub test_predicted: Vec<f64>,
    /// Actual values of the test rows.
    pub test_actual: Vec<f64>,
    names: Vec<String>,
    slopes: Slopes,
}

/// The coefficients by column, 0 where it was dropped.
#[derive(Debug, Clone, PartialEq)]
struct Slopes {
    intercept: f64,
    slopes: Vec<f64>,
}

impl Slopes {
    fn means(&self, columns: &[Vec<f64>], rows: usize) -> Vec<f64> {
        predict(self.intercept, &self.slopes, columns, rows).iter().map(|log| log.exp()).collect()
    }
}

/// Where Newton's method came to rest.
struct Solution {
    slopes: Slopes,
    /// The columns that are no combinations of those before them.
    plain: Basis,
    /// The same, each row by the root of its mean.
    weighted: Basis,
    means: Vec<f64>,
}

impl RegressionData {
    /// The multiplicative model on the training rows, measured on both sides of the split.
    ///
    /// # Errors
    /// [`RegressionError::NoPositiveMean`] for a target that does not add up to more than 0,
    /// [`RegressionError::NoMultipliers`] when no finite coefficients fit best, and as [`Self::fit`].
    pub fn fit_multiplicative(&self, split: &Split) -> Result<MultiplicativeFit, RegressionError> {
        let logarithms = self.long_tails();
        let data = self.with_logarithms(&logarithms)?;
        let (columns, y) = data.at(&split.train)?;
        let (test_columns, test_actual) = data.at(&split.test)?;
        if test_actual.is_empty() {
            return Err(RegressionError::BadShare { share: 0.0, rows: self.rows() });
        }
        let solution = data.multipliers(&columns, &y)?;
        let test_predicted = solution.slopes.means(&test_columns, test_actual.len());
        let features = solution.plain.kept.len() - 1;
        Ok(MultiplicativeFit {
            target: self.target_name().to_owned(),
            coefficients: solution.coefficients(data.design_names(), &columns, &y),
            dropped: dropped(data.design_names(), &columns, &solution.plain),
            logarithms,
            train: metrics(&y, &solution.means, features),
            test: metrics(&test_actual, &test_predicted, features),
            test_predicted,
            test_actual,
            names: data.design_names().to_vec(),
            slopes: solution.slopes,
        })
    }

    /// Metrics of the multiplicative model on each of several splits.
    pub(super) fn multiplicative_metrics(&self, splits: &[Split]) -> Result<Vec<Metrics>, RegressionError> {
        let data = self.with_logarithms(&self.long_tails())?;
        let one = |split: &Split| {
            let (columns, y) = data.at(&split.train)?;
            let (test_columns, actual) = data.at(&split.test)?;
            let solution = data.multipliers(&columns, &y)?;
            let predicted = solution.slopes.means(&test_columns, actual.len());
            Ok(metrics(&actual, &predicted, solution.plain.kept.len() - 1))
        };
        splits.iter().map(one).collect()
    }

    /// Numeric features above 0 with a long tail.
    fn long_tails(&self) -> Vec<String> {
        let long = |feature: &&Feature| match &feature.values {
            FeatureValues::Numeric(values) => {
                values.iter().all(|value| *value > 0.0) && skewness(values) > LOGARITHM_FROM
            }
            FeatureValues::Categorical(_) => false,
        };
        self.features().iter().filter(long).map(|feature| feature.name.clone()).collect()
    }

    fn with_logarithms(&self, names: &[String]) -> Result<Self, RegressionError> {
        let logarithm = |feature: &Feature| match &feature.values {
            FeatureValues::Numeric(values) if names.contains(&feature.name) => {
                let logs = values.iter().map(|value| value.ln()).collect();
                Feature::numeric(&format!("ln {}", feature.name), logs)
            }
            _ => feature.clone(),
        };
        let features = self.features().iter().map(logarithm).collect();
        Self::new(self.target_name(), self.target().to_vec(), features)
    }

    /// Newton's method on Σ (y η − e^η), which is concave in the coefficients whatever y is.
    fn multipliers(&self, columns: &[Vec<f64>], y: &[f64]) -> Result<Solution, RegressionError> {
        let ones = vec![1.0; y.len()];
        let all: Vec<&[f64]> =
            [ones.as_slice()].into_iter().chain(columns.iter().map(Vec::as_slice)).collect();
        let plain = Basis::of(all.iter().copied());
        let kept: Vec<&[f64]> = plain.kept.iter().map(|&k| all[k]).collect();
        if y.len() <= kept.len() {
            return Err(RegressionError::TooFewRows { rows: y.len(), parameters: kept.len() });
        }
        let target = || self.target_name().to_owned();
        let total: f64 = y.iter().sum();
        if total <= 0.0 {
            return Err(RegressionError::NoPositiveMean { target: target(), mean: mean(y) });
        }
        let mut logs = vec![mean(y).ln(); y.len()];
        let mut height = height(y, &logs);
        for _ in 0..ITERATIONS {
            let means: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
            let weighted = weighted(&kept, &means);
            if weighted.kept.len() < kept.len() {
                break;
            }
            let working = |((y, mean), log): ((&f64, &f64), &f64)| mean.sqrt() * (log + (y - mean) / mean);
            let working: Vec<f64> = y.iter().zip(&means).zip(&logs).map(working).collect();
            let factors = weighted.solve(weighted.project(&working));
            let aim = combined(&factors, &kept);
            let step: f64 = aim.iter().zip(&logs).map(|(aim, log)| (aim - log).abs()).fold(0.0, f64::max);
            if step < STILL {
                return Ok(Solution {
                    slopes: slopes(&factors, &plain, columns.len()),
                    plain,
                    weighted,
                    means,
                });
            }
            let (higher, next) = climb(y, &logs, &aim, height);
            // At the top rounding decides which of two heights is the higher one.
            (height, logs) = (higher, next);
        }
        Err(RegressionError::NoMultipliers { target: target(), iterations: ITERATIONS })
    }
}

/// The quasi-likelihood Σ (y η − e^η).
fn height(y: &[f64], logs: &[f64]) -> f64 {
    y.iter().zip(logs).map(|(y, log)| y * log - log.exp()).sum()
}

/// From where we are towards Newton's aim, half the way as often as the whole one leads down.
fn climb(y: &[f64], from: &[f64], aim: &[f64], height_there: f64) -> (f64, Vec<f64>) {
    let mut share = 1.0;
    loop {
        let logs: Vec<f64> = from.iter().zip(aim).map(|(from, aim)| from + share * (aim - from)).collect();
        let reached = height(y, &logs);
        if reached >= height_there - 1e-12 * height_there.abs() || share < 1e-6 {
            return (reached, logs);
        }
        share /= 2.0;
    }
}

fn weighted(columns: &[&[f64]], means: &[f64]) -> Basis {
    let column = |values: &&[f64]| -> Vec<f64> {
        values.iter().zip(means).map(|(value, mean)| value * mean.sqrt()).collect()
    };
    let columns: Vec<Vec<f64>> = columns.iter().map(column).collect();
    Basis::of(columns.iter().map(Vec::as_slice))
}

fn combined(factors: &[f64], columns: &[&[f64]]) -> Vec<f64> {
    let mut sums = vec![0.0; columns.first().map_or(0, |column| column.len())];
    for (factor, column) in factors.iter().zip(columns) {
        sums.iter_mut().zip(*column).for_each(|(sum, value)| *sum += factor * value);
    }
    sums
}

/// Factors of the columns kept, the intercept first, as slopes of all columns.
fn slopes(factors: &[f64], plain: &Basis, columns: usize) -> Slopes {
    let mut found = Slopes { intercept: 0.0, slopes: vec![0.0; columns] };
    for (&column, &factor) in plain.kept.iter().zip(factors) {
        match column.checked_sub(1) {
            None => found.intercept = factor,
            Some(k) => found.slopes[k] = factor,
        }
    }
    found
}

impl Solution {
    fn coefficients(&self, names: &[String], columns: &[Vec<f64>], y: &[f64]) -> Vec<Multiplier> {
        let q = &self.weighted.q;
        let weights: Vec<f64> =
            y.iter().zip(&self.means).map(|(y, mean)| (y - mean).powi(2) / mean).collect();
        let line = |a: &Vec<f64>| -> Vec<f64> {
            let scaled: Vec<f64> = a.iter().zip(&weights).map(|(value, weight)| value * weight).collect();
            q.iter().map(|b| dot(&scaled, b)).collect()
        };
        let meat: Vec<Vec<f64>> = q.iter().map(line).collect();
        let reach = t_quantile(0.05, (y.len() - self.plain.kept.len()) as f64);
        let one = |(row, &column): (&Vec<f64>, &usize)| {
            let variance: f64 = meat.iter().zip(row).map(|(line, factor)| factor * dot(line, row)).sum();
            let (name, estimate, deviation) = match column.checked_sub(1) {
                None => ("(intercept)", self.slopes.intercept, f64::NAN),
                Some(k) => (names[k].as_str(), self.slopes.slopes[k], deviation(&columns[k])),
            };
            let robust_error = variance.sqrt();
            let (low, high) = (estimate - reach * robust_error, estimate + reach * robust_error);
            let by_deviation = (estimate * deviation).exp();
            Multiplier { name: name.to_owned(), estimate, robust_error, low, high, by_deviation }
        };
        self.weighted.inverse().iter().zip(&self.plain.kept).map(one).collect()
    }
}

impl MultiplicativeFit {
    /// Predictions for all accounts of data with the same columns, in units of the target, all above 0.
    ///
    /// # Errors
    /// [`RegressionError::OtherColumns`] when the design has other columns than the fit;
    /// [`RegressionError::NotFinite`] for a number at or below 0 whose logarithm the fit takes.
    pub fn predict(&self, data: &RegressionData) -> Result<Vec<f64>, RegressionError> {
        let data = data.with_logarithms(&self.logarithms)?;
        check_columns(&self.names, &data)?;
        Ok(self.slopes.means(data.columns(), data.rows()))
    }
}

impl fmt::Display for MultiplicativeFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Multiplicative model of {}: its mean is exp(sum of estimate x column), on {} columns.\n",
            self.target,
            self.coefficients.len() - 1
        )?;
        let header = ["column", "estimate", "robust error", "95% low", "95% high", "one sd multiplies by"];
        let rows = self.coefficients.iter().map(|row| {
            let figures = [row.estimate, row.robust_error, row.low, row.high, row.by_deviation].map(figure);
            [vec![row.name.clone()], figures.to_vec()].concat()
        });
        f.write_str(&aligned(&header, rows))?;
        f.write_str(&after_the_table(&self.dropped, &self.train, &self.test))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regression::sklearn_split;

    fn data(y: Vec<f64>) -> RegressionData {
        let n = y.len();
        let size = (0..n).map(|k| (0.05 * k as f64).exp()).collect();
        let plan = (0..n).map(|k| ["Basic", "Pro"][k * 7 / 3 % 2].to_owned()).collect();
        let features = vec![Feature::numeric("size", size), Feature::categorical("plan", plan)];
        RegressionData::new("ltv", y, features).expect("columns")
    }

    #[test]
    fn values_below_zero_need_no_logarithm_and_the_score_is_zero() {
        let y: Vec<f64> =
            (0..80).map(|k| (0.04 * f64::from(k)).exp() * (1.0 + (f64::from(k) * 1.3).sin()) - 0.2).collect();
        assert!(y.iter().any(|value| *value < 0.0));
        let data = data(y);
        let split = sklearn_split(80, 0.2, 42).expect("a share");
        let fit = data.fit_multiplicative(&split).expect("a fit");
        let predicted = fit.predict(&data).expect("the same columns");
        assert!(predicted.iter().all(|value| *value > 0.0));
        let size = |row: usize| 0.05 * row as f64;
        let pro = |row: usize| f64::from(u8::from(row * 7 / 3 % 2 == 1));
        for column in [&(|_| 1.0) as &dyn Fn(usize) -> f64, &size, &pro] {
            let score: f64 =
                split.train.iter().map(|&row| (data.target()[row] - predicted[row]) * column(row)).sum();
            assert!(score.abs() < 1e-9, "{score}");
        }
        assert!(fit.to_string().contains("ln size"), "{fit}");
    }

    #[test]
    fn what_has_no_best_coefficients_is_refused_by_name() {
        let split = sklearn_split(80, 0.2, 42).expect("a share");
        let error = data(vec![-1.0; 80]).fit_multiplicative(&split).expect_err("below zero");
        assert!(error.to_string().contains("adds up to no more than 0"), "{error}");
        // All value in one level: its factor is infinite.
        let one_level = (0..80).map(|k| if k * 7 / 3 % 2 == 1 { 5.0 } else { 0.0 }).collect();
        let error = data(one_level).fit_multiplicative(&split).expect_err("infinite");
        assert!(error.to_string().contains("\"ltv\""), "{error}");
    }
}
