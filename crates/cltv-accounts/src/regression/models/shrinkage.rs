//! Ridge and lasso: least squares with a penalty on the coefficients.

use std::fmt;

use linfa::traits::Fit;
use linfa_elasticnet::ElasticNet;
use ndarray::{Array1, Array2};
use serde::Serialize;

use super::ols::check_columns;
use crate::numeric::{mean, sum_of_squared_deviations};
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::{Metrics, metrics};
use crate::regression::data::model::Shrinkage;
use crate::regression::data::regression_data::RegressionData;
use crate::regression::data::split::Split;
use crate::regression::solve::least_squares::{least_squares, predict};
use crate::regression::solve::orthogonal::{Basis, dot};
use crate::text::{aligned, figure};

/// The largest number of sweeps of the lasso.
const SWEEPS: u32 = 200_000;
/// Relative change of coefficients, and duality gap, at which the lasso stops.
const TOLERANCE: f64 = 1e-12;
/// The largest accepted error of the optimality condition, as a share of the largest useful penalty.
const GRADIENT_TOLERANCE: f64 = 1e-7;

/// One coefficient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShrunkCoefficient {
    /// The column of the design.
    pub name: String,
    /// In units of the target by unit of the column.
    pub estimate: f64,
    /// w: in units of the target by standard deviation of the column; comparable between columns.
    pub standardised: f64,
}

/// A fitted ridge or lasso regression.
///
/// Columns are standardised on the training rows: minus their mean, divided by their population
/// standard deviation (ddof = 0, scikit-learn's `StandardScaler`); a constant column gets 0. The
/// target is centred and keeps its unit, the intercept is not penalised. Minimised is
/// ```text
/// Σ (y − Xw)² / (2 n) + penalty,   penalty = ½ λ Σ w² (ridge) or λ Σ |w| (lasso)
/// ```
/// so the same fits are `Ridge(alpha = n λ)` and `Lasso(alpha = λ)` in scikit-learn, and
/// `ElasticNet::params().penalty(λ)` with `l1_ratio` 0 and 1 in linfa. λ is in units of the target for
/// the lasso and without unit for ridge.
///
/// Both are solved on R of X = QR, which has the same minimum and as many rows as columns. The lasso
/// is linfa-elasticnet's, and its result is checked against the optimum's condition. Ridge is linfa-linear's
/// on R with √(nλ) I below it: linfa-elasticnet stops by a duality gap that a penalty without
/// an absolute part does not close.
///
/// # References
/// Hastie, T., Tibshirani, R. and Friedman, J. (2009). *The Elements of Statistical Learning*, 2nd
/// ed.: (3.41) ridge, (3.52) lasso.
#[derive(Debug, Clone, PartialEq)]
pub struct ShrunkFit {
    /// Ridge or lasso.
    pub kind: Shrinkage,
    /// The target's name.
    pub target: String,
    /// λ.
    pub lambda: f64,
    /// In units of the target, for columns in their own units.
    pub intercept: f64,
    /// One a column of the design.
    pub coefficients: Vec<ShrunkCoefficient>,
    /// Metrics on the training rows; adjusted R² by the design's rank, as for least squares.
    pub train: Metrics,
    /// Metrics on the test rows.
    pub test: Metrics,
}

/// The training rows, reduced to as many rows as columns.
pub(crate) struct Reduced {
    n: usize,
    centres: Vec<f64>,
    /// Standard deviations; 0 for a constant.
    spreads: Vec<f64>,
    target_centre: f64,
    /// The target's standard deviation, the size coefficients are solved in.
    target_spread: f64,
    basis: Basis,
    /// Q'(y − ȳ).
    projected: Vec<f64>,
}

impl Reduced {
    pub(crate) fn of(columns: &[Vec<f64>], y: &[f64]) -> Self {
        let n = y.len();
        let centres: Vec<f64> = columns.iter().map(|column| mean(column)).collect();
        let spread = |(column, centre): (&Vec<f64>, &f64)| {
            let spread = (sum_of_squared_deviations(column) / n as f64).sqrt();
            if spread > 1e-12 * centre.abs() { spread } else { 0.0 }
        };
        let spreads: Vec<f64> = columns.iter().zip(&centres).map(spread).collect();
        let standardised: Vec<Vec<f64>> = columns
            .iter()
            .zip(centres.iter().zip(&spreads))
            .map(|(column, (centre, spread))| {
                let factor = if *spread > 0.0 { 1.0 / spread } else { 0.0 };
                column.iter().map(|value| (value - centre) * factor).collect()
            })
            .collect();
        let target_centre = mean(y);
        let centred: Vec<f64> = y.iter().map(|value| value - target_centre).collect();
        let basis = Basis::of(standardised.iter().map(Vec::as_slice));
        let projected = basis.project(&centred);
        let target_spread = (sum_of_squared_deviations(y) / n as f64).sqrt();
        Self { n, centres, spreads, target_centre, target_spread, basis, projected }
    }

    pub(crate) fn rank(&self) -> usize {
        self.basis.kept.len()
    }

    /// R by columns, each with `below` more rows of 0.
    fn factor(&self, below: usize) -> Vec<Vec<f64>> {
        let padded = |column: &Vec<f64>| {
            let mut column = column.clone();
            column.resize(self.rank() + below, 0.0);
            column
        };
        self.basis.coordinates.iter().map(padded).collect()
    }

    /// The smallest λ at which all lasso coefficients are 0: max |X'y| / n.
    pub(crate) fn largest_penalty(&self) -> f64 {
        let products = self.basis.coordinates.iter().map(|column| dot(column, &self.projected).abs());
        products.fold(0.0, f64::max) / self.n as f64
    }

    pub(crate) fn solve(&self, kind: Shrinkage, lambda: f64) -> Result<Vec<f64>, RegressionError> {
        if self.rank() == 0 || self.target_spread == 0.0 {
            return Ok(vec![0.0; self.centres.len()]);
        }
        match kind {
            Shrinkage::Ridge => self.ridge(lambda),
            Shrinkage::Lasso => self.lasso(lambda),
        }
    }

    fn ridge(&self, lambda: f64) -> Result<Vec<f64>, RegressionError> {
        let columns = self.centres.len();
        let mut factor = self.factor(columns);
        let weight = (self.n as f64 * lambda).sqrt();
        for (k, column) in factor.iter_mut().enumerate() {
            column[self.rank() + k] = weight;
        }
        let mut target = self.projected.clone();
        target.resize(self.rank() + columns, 0.0);
        least_squares(&factor, target)
    }

    fn lasso(&self, lambda: f64) -> Result<Vec<f64>, RegressionError> {
        let (rank, columns) = (self.rank(), self.centres.len());
        let factor = self.factor(0);
        let records = Array2::from_shape_fn((rank, columns), |(row, column)| factor[column][row]);
        // linfa sets coefficients below 2e-16 to 0, so the target is scaled to a standard deviation of 1.
        let target = Array1::from_iter(self.projected.iter().map(|value| value / self.target_spread));
        let fit = ElasticNet::<f64>::params()
            .l1_ratio(1.0)
            .penalty(lambda / self.target_spread * self.n as f64 / rank as f64)
            .with_intercept(false)
            .tolerance(TOLERANCE)
            .max_iterations(SWEEPS)
            .fit(&linfa::Dataset::new(records, target))
            .map_err(|error| RegressionError::Unsolved { columns, reason: error.to_string() })?;
        let found: Vec<f64> = fit.hyperplane().iter().map(|w| w * self.target_spread).collect();
        let gradient_error =
            self.gradient_error(&found, lambda) / self.largest_penalty().max(f64::MIN_POSITIVE);
        if gradient_error > GRADIENT_TOLERANCE {
            return Err(RegressionError::NotConverged { lambda, sweeps: fit.n_steps(), gradient_error });
        }
        Ok(found)
    }

    /// Largest distance from the lasso's condition: X'(y − Xw) / n is λ sign(w) where w is not 0, and at
    /// most λ in size where it is.
    fn gradient_error(&self, w: &[f64], lambda: f64) -> f64 {
        let factor = self.factor(0);
        let explained = predict(0.0, w, &factor, self.rank());
        let rest: Vec<f64> = self.projected.iter().zip(explained).map(|(y, fit)| y - fit).collect();
        let error = |(column, w): (&Vec<f64>, &f64)| {
            let gradient = dot(column, &rest) / self.n as f64;
            if *w == 0.0 { gradient.abs() - lambda } else { (gradient - lambda * w.signum()).abs() }
        };
        factor.iter().zip(w).map(error).fold(0.0, f64::max)
    }

    /// Intercept and coefficients in the columns' own units.
    pub(crate) fn unscaled(&self, w: &[f64]) -> (f64, Vec<f64>) {
        let slope = |(w, spread): (&f64, &f64)| if *spread > 0.0 { w / spread } else { 0.0 };
        let slopes: Vec<f64> = w.iter().zip(&self.spreads).map(slope).collect();
        (self.target_centre - dot(&slopes, &self.centres), slopes)
    }
}

impl RegressionData {
    /// Ridge or lasso on the training rows, measured on both sides of the split.
    ///
    /// # Errors
    /// [`RegressionError::BadPenalty`] unless λ is finite and above 0; as [`Self::fit`] for the split;
    /// [`RegressionError::NotConverged`].
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::regression::{Feature, RegressionData, Shrinkage, sklearn_split};
    /// let x: Vec<f64> = (0..40).map(f64::from).collect();
    /// let noise = x.iter().map(|x| (x * 12.3).sin()).collect();
    /// let y = x.iter().map(|x| 5.0 + 2.0 * x).collect();
    /// let features = vec![Feature::numeric("tenure", x), Feature::numeric("noise", noise)];
    /// let data = RegressionData::new("ltv", y, features)?;
    /// let lasso = data.fit_shrunk(&sklearn_split(40, 0.2, 42)?, Shrinkage::Lasso, 2.0)?;
    /// assert!(lasso.coefficients[0].estimate < 2.0 && lasso.coefficients[1].estimate == 0.0);
    /// # Ok::<(), cltv_accounts::regression::RegressionError>(())
    /// ```
    pub fn fit_shrunk(
        &self,
        split: &Split,
        kind: Shrinkage,
        lambda: f64,
    ) -> Result<ShrunkFit, RegressionError> {
        check_penalty(lambda)?;
        let (columns, y) = self.at(&split.train)?;
        let (test_columns, test_y) = self.at(&split.test)?;
        if y.is_empty() || test_y.is_empty() {
            return Err(RegressionError::BadShare { share: 0.0, rows: self.rows() });
        }
        let reduced = Reduced::of(&columns, &y);
        let w = reduced.solve(kind, lambda)?;
        let (intercept, slopes) = reduced.unscaled(&w);
        let side = |columns: &[Vec<f64>], y: &[f64]| {
            metrics(y, &predict(intercept, &slopes, columns, y.len()), reduced.rank())
        };
        let names = self.design_names().iter().zip(slopes.iter().zip(&w));
        let coefficients = names.map(|(name, (&estimate, &standardised))| ShrunkCoefficient {
            name: name.clone(),
            estimate,
            standardised,
        });
        Ok(ShrunkFit {
            kind,
            target: self.target_name().to_owned(),
            lambda,
            intercept,
            coefficients: coefficients.collect(),
            train: side(&columns, &y),
            test: side(&test_columns, &test_y),
        })
    }
}

pub(crate) fn check_penalty(lambda: f64) -> Result<(), RegressionError> {
    if lambda > 0.0 && lambda.is_finite() {
        return Ok(());
    }
    Err(RegressionError::BadPenalty { lambda })
}

impl ShrunkFit {
    /// Predictions for all accounts of data with the same columns, in units of the target.
    ///
    /// # Errors
    /// [`RegressionError::OtherColumns`] when the design has other columns than the fit.
    pub fn predict(&self, data: &RegressionData) -> Result<Vec<f64>, RegressionError> {
        let (names, slopes): (Vec<_>, Vec<_>) =
            self.coefficients.iter().map(|row| (row.name.clone(), row.estimate)).unzip();
        check_columns(&names, data)?;
        Ok(predict(self.intercept, &slopes, data.columns(), data.rows()))
    }

    /// Columns whose coefficient is not 0.
    #[must_use]
    pub fn nonzero(&self) -> usize {
        self.coefficients.iter().filter(|row| row.estimate != 0.0).count()
    }
}

impl fmt::Display for ShrunkFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "A {} regression of {} with lambda {}: {} of {} columns used. Columns standardised, target in its unit.\n",
            self.kind.name(),
            self.target,
            figure(self.lambda),
            self.nonzero(),
            self.coefficients.len()
        )?;
        let rows = self
            .coefficients
            .iter()
            .map(|row| vec![row.name.clone(), figure(row.estimate), figure(row.standardised)]);
        writeln!(f, "{}", aligned(&["column", "estimate", "standardised"], rows))?;
        f.write_str(&Metrics::table(&[("train", &self.train), ("test", &self.test)]))
    }
}
