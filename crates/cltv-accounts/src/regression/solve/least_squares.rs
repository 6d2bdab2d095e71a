//! Least squares: linfa-linear fits, and the factorisation of `orthogonal.rs` finds the rank.

use linfa::traits::Fit;
use linfa_linear::LinearRegression;
use ndarray::{Array1, Array2, ShapeBuilder};

use super::orthogonal::Basis;
use crate::numeric::mean;
use crate::regression::data::error::RegressionError;

/// The b that minimises |y − Xb|², by linfa-linear's Householder QR; X, given by columns, must have full
/// rank, and an intercept must be a column of it.
pub(crate) fn least_squares(columns: &[Vec<f64>], y: Vec<f64>) -> Result<Vec<f64>, RegressionError> {
    let unsolved = |reason: String| RegressionError::Unsolved { columns: columns.len(), reason };
    let records = Array2::from_shape_vec((y.len(), columns.len()).f(), columns.concat())
        .map_err(|error| unsolved(error.to_string()))?;
    let fit = LinearRegression::new()
        .with_intercept(false)
        .fit(&linfa::Dataset::new(records, Array1::from(y)))
        .map_err(|error| unsolved(error.to_string()))?;
    Ok(fit.params().to_vec())
}

/// Coefficients by column of the design, and the factorisation that says which columns have one.
pub(crate) struct Solution {
    pub(crate) intercept: f64,
    /// One for each column of the design, 0 where it was dropped.
    pub(crate) slopes: Vec<f64>,
    /// The factorisation of the intercept and the columns.
    pub(crate) basis: Basis,
}

impl Solution {
    /// The coefficients of `y` on an intercept and `columns`.
    pub(crate) fn of(columns: &[Vec<f64>], y: &[f64]) -> Result<Self, RegressionError> {
        let ones = vec![1.0; y.len()];
        let basis = Basis::of([&ones].into_iter().chain(columns).map(Vec::as_slice));
        if y.len() <= basis.kept.len() {
            return Err(RegressionError::TooFewRows { rows: y.len(), parameters: basis.kept.len() });
        }
        if basis.kept.len() == 1 {
            return Ok(Self { intercept: mean(y), slopes: vec![0.0; columns.len()], basis });
        }
        let design = |&k: &usize| if k == 0 { ones.clone() } else { columns[k - 1].clone() };
        let kept: Vec<Vec<f64>> = basis.kept.iter().map(design).collect();
        let (intercept, slopes) = spread(&basis, &least_squares(&kept, y.to_vec())?, columns.len());
        Ok(Self { intercept, slopes, basis })
    }

    pub(crate) fn predict(&self, columns: &[Vec<f64>], rows: usize) -> Vec<f64> {
        predict(self.intercept, &self.slopes, columns, rows)
    }

    /// Columns with a coefficient, the intercept left out.
    pub(crate) fn features(&self) -> usize {
        self.basis.kept.len() - 1
    }
}

/// Coefficients of the columns kept, the intercept first, as intercept and slopes of all columns; 0 where
/// a column was dropped.
pub(crate) fn spread(basis: &Basis, coefficients: &[f64], columns: usize) -> (f64, Vec<f64>) {
    let (mut intercept, mut slopes) = (0.0, vec![0.0; columns]);
    for (&column, &coefficient) in basis.kept.iter().zip(coefficients) {
        match column.checked_sub(1) {
            None => intercept = coefficient,
            Some(k) => slopes[k] = coefficient,
        }
    }
    (intercept, slopes)
}

/// The linear predictor: the intercept plus Σ slope · column.
pub(crate) fn predict(intercept: f64, slopes: &[f64], columns: &[Vec<f64>], rows: usize) -> Vec<f64> {
    let mut predicted = vec![intercept; rows];
    for (slope, column) in slopes.iter().zip(columns).filter(|(slope, _)| **slope != 0.0) {
        predicted.iter_mut().zip(column).for_each(|(sum, value)| *sum += slope * value);
    }
    predicted
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn linfa_and_the_factorisation_agree() {
        let column =
            |k: u32| (0..50).map(|row| f64::from((row * row * k + 7 * row) % 53)).collect::<Vec<f64>>();
        let columns = vec![column(3), column(5), column(11)];
        let y: Vec<f64> = column(17).iter().map(|value| 1e4 + value).collect();
        let solution = Solution::of(&columns, &y).expect("a solution");
        let direct = solution.basis.solve(solution.basis.project(&y));
        assert_relative_eq!(solution.intercept, direct[0], max_relative = 1e-12);
        for (slope, direct) in solution.slopes.iter().zip(&direct[1..]) {
            assert_relative_eq!(slope, direct, max_relative = 1e-9);
        }
    }
}
