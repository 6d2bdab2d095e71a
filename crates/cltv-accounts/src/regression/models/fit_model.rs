//! One function that fits any regression model by its name.

use super::log_target::Retransformation;
use super::summary::RegressionSummary;
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::Metrics;
use crate::regression::data::model::{RegressionModel, Shrinkage};
use crate::regression::data::regression_data::RegressionData;
use crate::regression::data::split::Split;

/// A model fitted on the training rows, with its predictions of all rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ModelPredictions {
    /// The fit in figures.
    pub summary: RegressionSummary,
    /// Metrics on the training rows, of the target itself.
    pub train: Metrics,
    /// Metrics on the test rows, of the target itself.
    pub test: Metrics,
    /// The prediction for each row of the data, in units of the target.
    pub values: Vec<f64>,
}

impl RegressionData {
    /// Fits a model by its name on the training rows and predicts all rows.
    ///
    /// Ridge and lasso need their penalty `lambda`; the others ignore it. The log target is retransformed
    /// by Duan's smearing.
    ///
    /// # Errors
    /// [`RegressionError::NoPenalty`] for ridge or lasso without a penalty; else as the fit of the model.
    ///
    /// # Examples
    /// ```
    /// use cltv_accounts::regression::{Feature, RegressionData, sklearn_split};
    /// let x: Vec<f64> = (0..40).map(f64::from).collect();
    /// let y = x.iter().map(|x| 5.0 + 2.0 * x).collect();
    /// let data = RegressionData::new("ltv", y, vec![Feature::numeric("tenure", x)])?;
    /// let model = "linear".parse()?;
    /// let fitted = data.fit_model(&sklearn_split(40, 0.2, 42)?, model, None)?;
    /// assert!((fitted.values[7] - 19.0).abs() < 1e-9);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit_model(
        &self,
        split: &Split,
        model: RegressionModel,
        lambda: Option<f64>,
    ) -> Result<ModelPredictions, RegressionError> {
        let (summary, train, test, values) = match model {
            RegressionModel::Linear => {
                let fit = self.fit(split)?;
                (fit.summary(), fit.train, fit.test, fit.predict(self)?)
            }
            RegressionModel::Ridge => self.fit_by_penalty(split, Shrinkage::Ridge, lambda)?,
            RegressionModel::Lasso => self.fit_by_penalty(split, Shrinkage::Lasso, lambda)?,
            RegressionModel::LogTarget => {
                let fit = self.fit_log(split, Retransformation::Smearing)?;
                (fit.summary(), fit.train, fit.test, fit.predict(self)?)
            }
            RegressionModel::Multiplicative => {
                let fit = self.fit_multiplicative(split)?;
                (fit.summary(), fit.train, fit.test, fit.predict(self)?)
            }
        };
        Ok(ModelPredictions { summary, train, test, values })
    }

    fn fit_by_penalty(
        &self,
        split: &Split,
        kind: Shrinkage,
        lambda: Option<f64>,
    ) -> Result<(RegressionSummary, Metrics, Metrics, Vec<f64>), RegressionError> {
        let lambda = lambda.ok_or(RegressionError::NoPenalty { model: kind.into() })?;
        let fit = self.fit_shrunk(split, kind, lambda)?;
        Ok((fit.summary(), fit.train, fit.test, fit.predict(self)?))
    }
}
