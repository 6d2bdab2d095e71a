//! The multiplicative model: a mean that is the exponential of a linear predictor, always above 0.

use std::fmt;

use serde::Serialize;

use super::ols::{DroppedColumn, after_the_table, check_columns, dropped};
use crate::numeric::{deviation, mean, skewness};
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::{Metrics, metrics};
use crate::regression::data::regression_data::{Feature, FeatureValues, RegressionData};
use crate::regression::data::split::Split;
use crate::regression::solve::least_squares::{predict, spread};
use crate::regression::solve::orthogonal::Basis;
use crate::regression::solve::probability::t_quantile;
use crate::regression::solve::quasi_poisson::{ITERATIONS, QuasiPoisson};
use crate::text::{aligned, figure};

/// Skewness from which a column of positive numbers enters as its logarithm.
pub const LOGARITHM_FROM: f64 = 1.0;
/// A coefficient of the multiplicative model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Multiplier {
    /// The column of the design; `ln tenure` for the logarithm of `tenure`.
    pub name: String,
    /// b: one unit more of the column multiplies the mean by eᵇ. Of a logarithm b is an elasticity: one
    /// percent more of the feature is b percent more of the mean.
    pub estimate: f64,
    /// Its standard error, without an assumption on the errors' variances (White's sandwich, HC0).
    pub robust_error: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// The factor of the mean for one standard deviation of the column in the training rows; NaN for
    /// the intercept.
    pub factor_per_sd: f64,
}

/// A fitted mean E\[y\] = exp(β₀ + Σ β_j f_j), f_j a feature or its logarithm.
///
/// The estimate solves Σ (y_i − μ_i) x_i = 0, the score of a Poisson regression, which is right for any
/// target whose mean has this form, whatever its distribution, and which needs no logarithm of y: zeros
/// and a few negative values are allowed. Numeric features above 0 in all rows whose skewness
/// is above [`LOGARITHM_FROM`] enter as logarithms, because the exponential of a long-tailed feature is extreme.
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
    intercept: f64,
    /// One for each column, 0 where it was dropped.
    slopes: Vec<f64>,
}

/// A fit on some rows.
struct Fitted {
    intercept: f64,
    /// One for each column, 0 where it was dropped.
    slopes: Vec<f64>,
    /// The factorisation of the intercept and the columns, which says which have a coefficient.
    basis: Basis,
    estimate: QuasiPoisson,
}

fn means(intercept: f64, slopes: &[f64], columns: &[Vec<f64>], rows: usize) -> Vec<f64> {
    predict(intercept, slopes, columns, rows).iter().map(|eta| eta.exp()).collect()
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
        let fitted = data.quasi_poisson(&columns, &y)?;
        let test_predicted = fitted.means(&test_columns, test_actual.len());
        Ok(MultiplicativeFit {
            target: self.target_name().to_owned(),
            coefficients: fitted.coefficients(data.design_names(), &columns, &y),
            dropped: dropped(data.design_names(), &columns, &fitted.basis),
            logarithms,
            train: metrics(&y, &fitted.estimate.means, fitted.features()),
            test: metrics(&test_actual, &test_predicted, fitted.features()),
            test_predicted,
            test_actual,
            names: data.design_names().to_vec(),
            intercept: fitted.intercept,
            slopes: fitted.slopes,
        })
    }

    /// Metrics of the multiplicative model on each of several splits.
    pub(crate) fn multiplicative_metrics(&self, splits: &[Split]) -> Result<Vec<Metrics>, RegressionError> {
        let data = self.with_logarithms(&self.long_tails())?;
        let one = |split: &Split| {
            let (columns, y) = data.at(&split.train)?;
            let (test_columns, actual) = data.at(&split.test)?;
            let fitted = data.quasi_poisson(&columns, &y)?;
            let predicted = fitted.means(&test_columns, actual.len());
            Ok(metrics(&actual, &predicted, fitted.features()))
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

    fn quasi_poisson(&self, columns: &[Vec<f64>], y: &[f64]) -> Result<Fitted, RegressionError> {
        let ones = vec![1.0; y.len()];
        let all: Vec<&[f64]> = [&ones].into_iter().chain(columns).map(Vec::as_slice).collect();
        let basis = Basis::of(all.iter().copied());
        let kept: Vec<&[f64]> = basis.kept.iter().map(|&k| all[k]).collect();
        if y.len() <= kept.len() {
            return Err(RegressionError::TooFewRows { rows: y.len(), parameters: kept.len() });
        }
        let target = || self.target_name().to_owned();
        if y.iter().sum::<f64>() <= 0.0 {
            return Err(RegressionError::NoPositiveMean { target: target(), mean: mean(y) });
        }
        let unbounded = || RegressionError::NoMultipliers { target: target(), iterations: ITERATIONS };
        let estimate = QuasiPoisson::fit(&kept, y).ok_or_else(unbounded)?;
        let (intercept, slopes) = spread(&basis, &estimate.coefficients, columns.len());
        Ok(Fitted { intercept, slopes, basis, estimate })
    }
}

impl Fitted {
    fn means(&self, columns: &[Vec<f64>], rows: usize) -> Vec<f64> {
        means(self.intercept, &self.slopes, columns, rows)
    }

    /// Columns with a coefficient, the intercept left out.
    fn features(&self) -> usize {
        self.basis.kept.len() - 1
    }

    fn coefficients(&self, names: &[String], columns: &[Vec<f64>], y: &[f64]) -> Vec<Multiplier> {
        let QuasiPoisson { coefficients, means, weighted } = &self.estimate;
        let weights: Vec<f64> = y.iter().zip(means).map(|(y, mean)| (y - mean).powi(2) / mean).collect();
        let variances = weighted.sandwich(&weighted.inverse(), &weights);
        let quantile = t_quantile(0.05, (y.len() - self.basis.kept.len()) as f64);
        let one = |((&column, &estimate), variance): ((&usize, &f64), &f64)| {
            let (name, deviation) = match column.checked_sub(1) {
                None => ("(intercept)", f64::NAN),
                Some(k) => (names[k].as_str(), deviation(&columns[k])),
            };
            let robust_error = variance.sqrt();
            Multiplier {
                name: name.to_owned(),
                estimate,
                robust_error,
                low: estimate - quantile * robust_error,
                high: estimate + quantile * robust_error,
                factor_per_sd: (estimate * deviation).exp(),
            }
        };
        self.basis.kept.iter().zip(coefficients).zip(&variances).map(one).collect()
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
        Ok(means(self.intercept, &self.slopes, data.columns(), data.rows()))
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
            let figures = [row.estimate, row.robust_error, row.low, row.high, row.factor_per_sd].map(figure);
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
