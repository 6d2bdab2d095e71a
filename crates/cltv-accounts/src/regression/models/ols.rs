//! Linear regression by least squares, with standard errors, tests and intervals of its coefficients.

use std::fmt;

use serde::Serialize;

use crate::numeric::sum_of_squared_deviations;
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::{Metrics, metrics};
use crate::regression::data::regression_data::RegressionData;
use crate::regression::data::split::Split;
use crate::regression::solve::least_squares::{Solution, predict};
use crate::regression::solve::orthogonal::{Basis, dot, norm};
use crate::regression::solve::probability::{f_upper, p_text, t_quantile, t_two_sided};
use crate::text::{aligned, figure};

/// One coefficient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Coefficient {
    /// The column of the design; `(intercept)` for the first.
    pub name: String,
    /// The estimate, in units of the target by unit of the column.
    pub estimate: f64,
    /// Its standard error √(s² (X'X)⁻¹_jj), for errors of equal variance.
    pub std_error: f64,
    /// estimate / standard error.
    pub t: f64,
    /// P(|T| > |t|) were the coefficient 0, with n − p − 1 degrees of freedom.
    pub p_value: f64,
    /// Lower end of the 95% interval.
    pub low: f64,
    /// Upper end of the 95% interval.
    pub high: f64,
    /// The standard error without that assumption, HC3 of MacKinnon and White (1985).
    pub robust_error: f64,
    /// Variance inflation factor 1 / (1 − R²_j), R²_j of this column on the others; NaN for the
    /// intercept.
    pub vif: f64,
}

/// A column without a coefficient of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DroppedColumn {
    /// The column.
    pub name: String,
    /// What it equals in the training rows, such as `0.001 income` or `1 - region_East`.
    pub equals: String,
}

impl fmt::Display for DroppedColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} was dropped: it equals {} in the training rows.", self.name, self.equals)
    }
}

/// A fitted linear regression.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::{Feature, RegressionData, sklearn_split};
/// let tenure: Vec<f64> = (0..40).map(f64::from).collect();
/// let value = tenure.iter().map(|t| 100.0 + 3.0 * t + (t * 1.7).sin()).collect();
/// let months = tenure.iter().map(|t| t * 12.0).collect();
/// let features = vec![Feature::numeric("years", tenure), Feature::numeric("months", months)];
/// let data = RegressionData::new("ltv", value, features)?;
/// let fit = data.fit(&sklearn_split(data.rows(), 0.2, 42)?)?;
/// assert!((fit.coefficients[1].estimate - 3.0).abs() < 0.05);
/// assert!(fit.test.r2 > 0.99);
/// assert_eq!(fit.dropped[0].to_string(), "months was dropped: it equals 12 years in the training rows.");
/// # Ok::<(), cltv_accounts::regression::RegressionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearFit {
    /// The target's name.
    pub target: String,
    /// The intercept, then the columns kept in the order of the design.
    pub coefficients: Vec<Coefficient>,
    /// Columns that are linear combinations of those before them.
    pub dropped: Vec<DroppedColumn>,
    /// Metrics on the training rows.
    pub train: Metrics,
    /// Metrics on the test rows, which the fit has not seen.
    pub test: Metrics,
    /// s, the standard deviation of the errors: √(Σ e² / (n − p − 1)), in units of the target.
    pub sigma: f64,
    /// n − p − 1.
    pub degrees_of_freedom: usize,
    /// F of all coefficients but the intercept together.
    pub f_statistic: f64,
    /// P(F > f) were they all 0.
    pub f_p_value: f64,
    /// The rows behind both metrics.
    pub split: Split,
    /// Predictions of the training rows, in the order of the split.
    pub fitted: Vec<f64>,
    /// Actual minus predicted of the training rows.
    pub residuals: Vec<f64>,
    /// Predictions of the test rows.
    pub test_predicted: Vec<f64>,
    /// Actual values of the test rows.
    pub test_actual: Vec<f64>,
    pub(crate) names: Vec<String>,
    pub(crate) intercept: f64,
    pub(crate) slopes: Vec<f64>,
    pub(crate) basis: Basis,
}

impl RegressionData {
    /// Least squares on the training rows, measured on both sides of the split.
    ///
    /// # Errors
    /// [`RegressionError`]: a split of other data, no more rows than coefficients, a target that does
    /// not vary, or columns the solver cannot handle.
    pub fn fit(&self, split: &Split) -> Result<LinearFit, RegressionError> {
        let (columns, y) = self.at(&split.train)?;
        let (test_columns, test_actual) = self.at(&split.test)?;
        if test_actual.is_empty() {
            return Err(RegressionError::BadShare { share: 0.0, rows: self.rows() });
        }
        if sum_of_squared_deviations(&y) == 0.0 && !y.is_empty() {
            return Err(RegressionError::ConstantTarget {
                target: self.target_name().to_owned(),
                value: y[0],
            });
        }
        let solution = Solution::of(&columns, &y)?;
        let fitted = solution.predict(&columns, y.len());
        let test_predicted = solution.predict(&test_columns, test_actual.len());
        let residuals: Vec<f64> = y.iter().zip(&fitted).map(|(y, fit)| y - fit).collect();
        let p = solution.features();
        let df = y.len() - p - 1;
        let squares = dot(&residuals, &residuals);
        let sigma = (squares / df as f64).sqrt();
        let explained = sum_of_squared_deviations(&y) - squares;
        let f_statistic = if p > 0 { explained / p as f64 / (sigma * sigma) } else { f64::NAN };
        Ok(LinearFit {
            target: self.target_name().to_owned(),
            coefficients: coefficients(self.design_names(), &columns, &solution, &residuals, sigma),
            dropped: dropped(self.design_names(), &columns, &solution.basis),
            train: metrics(&y, &fitted, p),
            test: metrics(&test_actual, &test_predicted, p),
            sigma,
            degrees_of_freedom: df,
            f_statistic,
            f_p_value: f_upper(f_statistic, p as f64, df as f64),
            split: split.clone(),
            fitted,
            residuals,
            test_predicted,
            test_actual,
            names: self.design_names().to_vec(),
            intercept: solution.intercept,
            slopes: solution.slopes,
            basis: solution.basis,
        })
    }
}

fn coefficients(
    names: &[String],
    columns: &[Vec<f64>],
    solution: &Solution,
    residuals: &[f64],
    sigma: f64,
) -> Vec<Coefficient> {
    let basis = &solution.basis;
    let df = (residuals.len() - basis.kept.len()) as f64;
    let quantile = t_quantile(0.05, df);
    let inverse = basis.inverse();
    let robust = basis.sandwich(&inverse, &hc3_weights(basis, residuals));
    let coefficient = |((row, &column), robust): ((&Vec<f64>, &usize), &f64)| {
        let std_error = sigma * norm(row);
        let (name, estimate, vif) = match column.checked_sub(1) {
            None => ("(intercept)", solution.intercept, f64::NAN),
            Some(k) => (
                names[k].as_str(),
                solution.slopes[k],
                sum_of_squared_deviations(&columns[k]) * dot(row, row),
            ),
        };
        let t = estimate / std_error;
        Coefficient {
            name: name.to_owned(),
            estimate,
            std_error,
            t,
            p_value: t_two_sided(t, df),
            low: estimate - quantile * std_error,
            high: estimate + quantile * std_error,
            robust_error: robust.sqrt(),
            vif,
        }
    };
    inverse.iter().zip(&basis.kept).zip(&robust).map(coefficient).collect()
}

/// e² / (1 − h)², the weights of HC3; 0 for a row with leverage 1, whose residual is 0 by construction.
fn hc3_weights(basis: &Basis, residuals: &[f64]) -> Vec<f64> {
    let weight = |(e, h): (&f64, f64)| if 1.0 - h < 1e-12 { 0.0 } else { (e / (1.0 - h)).powi(2) };
    residuals.iter().zip(basis.leverage()).map(weight).collect()
}

/// The columns without a coefficient, each with the combination of the kept ones that it equals.
pub(crate) fn dropped(names: &[String], columns: &[Vec<f64>], basis: &Basis) -> Vec<DroppedColumn> {
    let left_out = (0..names.len()).filter(|k| !basis.kept.contains(&(k + 1)));
    left_out
        .map(|k| {
            let factors = basis.solve(basis.coordinates[k + 1].clone());
            let whole = norm(&columns[k]);
            let terms = basis.kept.iter().zip(factors).filter_map(|(&column, factor)| {
                let (name, size) = match column.checked_sub(1) {
                    None => ("", (columns[k].len() as f64).sqrt()),
                    Some(kept) => (names[kept].as_str(), norm(&columns[kept])),
                };
                (factor.abs() * size > 1e-7 * whole).then_some((factor, name))
            });
            DroppedColumn { name: names[k].clone(), equals: combination(terms) }
        })
        .collect()
}

/// `1 - region_East + 2 products`; nothing at all is `0`.
fn combination<'a>(terms: impl Iterator<Item = (f64, &'a str)>) -> String {
    let mut text = String::new();
    for (factor, name) in terms {
        let sign = match (text.is_empty(), factor < 0.0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        let size: f64 = format!("{:.6e}", factor.abs()).parse().unwrap_or(factor.abs());
        let term = match (size == 1.0, name.is_empty()) {
            (_, true) => size.to_string(),
            (true, false) => name.to_owned(),
            (false, false) => format!("{size} {name}"),
        };
        text = format!("{text}{sign}{term}");
    }
    if text.is_empty() { "0".to_owned() } else { text }
}

impl LinearFit {
    /// Predictions for all accounts of data with the same columns, in units of the target.
    ///
    /// # Errors
    /// [`RegressionError::OtherColumns`] when the design has other columns than the fit.
    pub fn predict(&self, data: &RegressionData) -> Result<Vec<f64>, RegressionError> {
        check_columns(&self.names, data)?;
        Ok(predict(self.intercept, &self.slopes, data.columns(), data.rows()))
    }
}

pub(crate) fn check_columns(fitted: &[String], data: &RegressionData) -> Result<(), RegressionError> {
    let found = data.design_names();
    if fitted == found {
        return Ok(());
    }
    let without = |of: &[String], other: &[String]| {
        of.iter().filter(|name| !other.contains(name)).cloned().collect::<Vec<_>>().join(", ")
    };
    Err(RegressionError::OtherColumns { fitted: without(fitted, found), found: without(found, fitted) })
}

impl fmt::Display for LinearFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Linear regression of {} on {} columns: {} training and {} test rows, F = {:.1} ({}), s = {}.\n",
            self.target,
            self.coefficients.len() - 1,
            self.train.n,
            self.test.n,
            self.f_statistic,
            p_text(self.f_p_value),
            figure(self.sigma)
        )?;
        let header = ["column", "estimate", "std error", "robust", "t", "p", "95% low", "95% high", "VIF"];
        let rows = self.coefficients.iter().map(|row| {
            let figures = [row.estimate, row.std_error, row.robust_error].map(figure);
            let mut cells = [vec![row.name.clone()], figures.to_vec()].concat();
            cells.extend([format!("{:.2}", row.t), format!("{:.3}", row.p_value)]);
            cells.extend([row.low, row.high].map(figure));
            cells.push(if row.vif.is_nan() { "-".to_owned() } else { format!("{:.2}", row.vif) });
            cells
        });
        f.write_str(&aligned(&header, rows))?;
        f.write_str(&after_the_table(&self.dropped, &self.train, &self.test))
    }
}

/// The lines after a table of coefficients: dropped columns, and metrics.
pub(crate) fn after_the_table(dropped: &[DroppedColumn], train: &Metrics, test: &Metrics) -> String {
    let dropped: String = dropped.iter().map(|column| format!("{column}\n")).collect();
    format!("{dropped}\n{}", Metrics::table(&[("train", train), ("test", test)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_read_as_sums() {
        let text = |terms: &[(f64, &'static str)]| combination(terms.iter().copied());
        assert_eq!(text(&[(1.0, ""), (-1.0, "a"), (0.5, "b")]), "1 - a + 0.5 b");
        assert_eq!(text(&[(-2.000_000_000_1, "a")]), "-2 a");
        assert_eq!(text(&[]), "0");
    }
}
