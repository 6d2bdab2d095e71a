//! The names of the regression models.

use serde::Serialize;

use crate::text::named;

/// A regression model of the target.
///
/// # Examples
/// ```
/// use cltv_accounts::regression::RegressionModel;
/// assert_eq!("log target".parse(), Ok(RegressionModel::LogTarget));
/// let error = "forest".parse::<RegressionModel>().unwrap_err().to_string();
/// assert!(error.contains("\"linear\", \"ridge\", \"lasso\", \"log target\" or \"multiplicative\""));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegressionModel {
    /// Least squares.
    Linear,
    /// Least squares with a penalty on the squares of the coefficients.
    Ridge,
    /// Least squares with a penalty on the sizes of the coefficients.
    Lasso,
    /// Least squares on the logarithm of the target.
    #[serde(rename = "log target")]
    LogTarget,
    /// A mean that is the exponential of a linear predictor.
    Multiplicative,
}

named!(
    RegressionModel, "regression model",
    Linear => "linear",
    Ridge => "ridge",
    Lasso => "lasso",
    LogTarget => "log target",
    Multiplicative => "multiplicative",
);

/// The penalty that is added to the mean squared error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shrinkage {
    /// ½ λ Σ w²: all coefficients smaller, none 0.
    Ridge,
    /// λ Σ |w|: some coefficients 0.
    Lasso,
}

named!(Shrinkage, "penalty", Ridge => "ridge", Lasso => "lasso");

impl From<Shrinkage> for RegressionModel {
    fn from(kind: Shrinkage) -> Self {
        match kind {
            Shrinkage::Ridge => Self::Ridge,
            Shrinkage::Lasso => Self::Lasso,
        }
    }
}
