//! Regression of the logarithm of a long-tailed target, with predictions of the target itself.

use std::fmt;

use serde::Serialize;

use super::ols::LinearFit;
use crate::numeric::mean;
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::{Metrics, metrics};
use crate::regression::data::regression_data::RegressionData;
use crate::regression::data::split::Split;
use crate::text::named;

/// How a predicted logarithm becomes an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Retransformation {
    /// exp(prediction) · mean exp(residual): an estimate of the mean, whatever the errors'
    /// distribution, if it is the same everywhere (Duan 1983).
    #[default]
    Smearing,
    /// exp(prediction): an estimate of the median, below the mean.
    Plain,
}

named!(Retransformation, "retransformation", Smearing => "smearing", Plain => "plain");

impl Retransformation {
    pub(crate) fn factor(self, residuals: &[f64]) -> f64 {
        match self {
            Self::Plain => 1.0,
            Self::Smearing => mean(&residuals.iter().map(|e| e.exp()).collect::<Vec<_>>()),
        }
    }
}

/// A fitted regression of ln y.
///
/// # References
/// Duan, N. (1983). Smearing estimate: a nonparametric retransformation method. *Journal of the
/// American Statistical Association* 78, 605-610.
#[derive(Debug, Clone, PartialEq)]
pub struct LogFit {
    /// The fit of the logarithm: a coefficient b multiplies the target by e^b a unit of its column.
    pub log_fit: LinearFit,
    /// How predicted logarithms become amounts.
    pub retransformation: Retransformation,
    /// What exp(prediction) is multiplied by: 1 unless smeared.
    pub factor: f64,
    /// Metrics on the training rows, of the target itself.
    pub train: Metrics,
    /// Metrics on the test rows, of the target itself.
    pub test: Metrics,
}

impl RegressionData {
    /// Least squares on ln y, predictions retransformed to the target's unit.
    ///
    /// # Errors
    /// [`RegressionError::LogOfNonPositive`] for a target at or below 0, and as [`Self::fit`].
    pub fn fit_log(
        &self,
        split: &Split,
        retransformation: Retransformation,
    ) -> Result<LogFit, RegressionError> {
        let log_fit = self.logged()?.fit(split)?;
        let factor = retransformation.factor(&log_fit.residuals);
        let side = |rows: &[usize], predicted: &[f64]| {
            let actual: Vec<f64> = rows.iter().map(|&row| self.target()[row]).collect();
            let amounts: Vec<f64> = predicted.iter().map(|log| log.exp() * factor).collect();
            metrics(&actual, &amounts, log_fit.coefficients.len() - 1)
        };
        let train = side(&split.train, &log_fit.fitted);
        let test = side(&split.test, &log_fit.test_predicted);
        Ok(LogFit { log_fit, retransformation, factor, train, test })
    }
}

impl LogFit {
    /// Predictions for all accounts of data with the same columns, in units of the target.
    ///
    /// # Errors
    /// [`RegressionError::OtherColumns`] when the design has other columns than the fit.
    pub fn predict(&self, data: &RegressionData) -> Result<Vec<f64>, RegressionError> {
        Ok(self.log_fit.predict(data)?.iter().map(|log| log.exp() * self.factor).collect())
    }
}

impl fmt::Display for LogFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.retransformation {
            Retransformation::Smearing => "smeared",
            Retransformation::Plain => "not smeared, medians rather than means",
        };
        writeln!(
            f,
            "Regression of ln {}; predictions exp(·) x {:.4}, {how}. Metrics of the amounts:\n",
            self.log_fit.target, self.factor
        )?;
        f.write_str(&Metrics::table(&[("train", &self.train), ("test", &self.test)]))
    }
}
