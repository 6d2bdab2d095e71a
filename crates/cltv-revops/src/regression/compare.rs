//! Least squares, ridge, lasso and a log target beside each other.

use std::fmt;

use serde::Serialize;

use super::metrics::Metrics;
use super::{Folds, RegressionData, RegressionError, Retransformation, Shrinkage, Split};
use crate::text_table::{aligned, figure};

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedModel {
    /// `linear`, `ridge`, `lasso` or `log target`.
    pub model: String,
    /// The penalty chosen by folds of the training rows.
    pub lambda: Option<f64>,
    /// Columns with a coefficient other than 0.
    pub features: usize,
    /// Mean RMSE over folds of the training rows: what to choose by.
    pub folds_rmse: f64,
    /// Metrics on the training rows.
    pub train: Metrics,
    /// Metrics on the test rows: what to report of the model chosen.
    pub test: Metrics,
}

/// Four models of the same target, on the same split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelComparison {
    /// The models.
    pub models: Vec<ComparedModel>,
    /// The model with the lowest RMSE over the folds.
    pub best: String,
    /// Why a model is missing.
    pub notes: Vec<String>,
}

impl RegressionData {
    /// Fits least squares, ridge and lasso (each with the penalty that folds of the training rows
    /// choose) and the smeared log target, and measures each in units of the target. A target at or
    /// below 0 has no logarithm; then a note says so.
    ///
    /// # Errors
    /// [`RegressionError`]: what any of the fits refuses.
    pub fn compare_models(&self, split: &Split, folds: &Folds) -> Result<ModelComparison, RegressionError> {
        let mut models = vec![self.linear(split, folds)?];
        for kind in [Shrinkage::Ridge, Shrinkage::Lasso] {
            models.push(self.shrunk(split, kind, folds)?);
        }
        let mut notes = Vec::new();
        match self.smeared(split, folds) {
            Ok(model) => models.push(model),
            Err(error @ RegressionError::LogOfNonPositive { .. }) => {
                notes.push(format!("No log target: {error}."));
            }
            Err(error) => return Err(error),
        }
        let best = models.iter().min_by(|a, b| a.folds_rmse.total_cmp(&b.folds_rmse));
        let best = best.map_or_else(String::new, |model| model.model.clone());
        Ok(ModelComparison { models, best, notes })
    }

    fn linear(&self, split: &Split, folds: &Folds) -> Result<ComparedModel, RegressionError> {
        let fit = self.fit(split)?;
        Ok(ComparedModel {
            model: "linear".to_owned(),
            lambda: None,
            features: fit.coefficients.len() - 1,
            folds_rmse: self.cross_validate(&split.train, folds)?.rmse(),
            train: fit.train,
            test: fit.test,
        })
    }

    fn shrunk(
        &self,
        split: &Split,
        kind: Shrinkage,
        folds: &Folds,
    ) -> Result<ComparedModel, RegressionError> {
        let best = self.choose_penalty(&split.train, kind, folds)?.best;
        let fit = self.fit_shrunk(split, kind, best.lambda)?;
        Ok(ComparedModel {
            model: kind.name().to_owned(),
            lambda: Some(best.lambda),
            features: fit.nonzero(),
            folds_rmse: best.rmse,
            train: fit.train,
            test: fit.test,
        })
    }

    fn smeared(&self, split: &Split, folds: &Folds) -> Result<ComparedModel, RegressionError> {
        let fit = self.fit_log(split, Retransformation::Smearing)?;
        let validated = self.cross_validate_log(&split.train, folds, Retransformation::Smearing)?;
        Ok(ComparedModel {
            model: "log target".to_owned(),
            lambda: None,
            features: fit.log_fit.coefficients.len() - 1,
            folds_rmse: validated.rmse(),
            train: fit.train,
            test: fit.test,
        })
    }
}

impl fmt::Display for ModelComparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = [
            "model",
            "lambda",
            "columns",
            "RMSE folds",
            "RMSE train",
            "RMSE test",
            "R2 train",
            "R2 test",
            "MAE test",
            "median AE test",
        ];
        let rows = self.models.iter().map(|model| {
            let lambda = model.lambda.map_or_else(|| "-".to_owned(), figure);
            let figures = [
                model.folds_rmse,
                model.train.rmse,
                model.test.rmse,
                model.train.r2,
                model.test.r2,
                model.test.mae,
                model.test.medae,
            ];
            [vec![model.model.clone(), lambda, model.features.to_string()], figures.map(figure).to_vec()]
                .concat()
        });
        writeln!(f, "{}", aligned(&header, rows))?;
        write!(
            f,
            "By folds of the training rows the {} model has the lowest RMSE; the test rows only report it.",
            self.best
        )?;
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        Ok(())
    }
}
