//! Least squares, ridge, lasso, a log target and a multiplicative model beside each other.

use std::fmt;

use serde::Serialize;

use super::folds::Folds;
use crate::regression::data::error::RegressionError;
use crate::regression::data::metrics::Metrics;
use crate::regression::data::model::{RegressionModel, Shrinkage};
use crate::regression::data::regression_data::RegressionData;
use crate::regression::data::split::Split;
use crate::regression::models::fit_model::ModelPredictions;
use crate::regression::models::log_target::Retransformation;
use crate::text::{aligned, figure};
use crate::text::{count, counted};

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedModel {
    /// The model.
    pub model: RegressionModel,
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
    /// Rows, training and test ones, for which it predicts an amount below 0.
    pub below_zero: usize,
}

/// Models of the same target, on the same split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelComparison {
    /// The models.
    pub models: Vec<ComparedModel>,
    /// The model with the lowest RMSE over the folds.
    pub best: RegressionModel,
    /// A sentence where the linear model predicts amounts below 0 for more rows than have one.
    pub negative_predictions: Option<String>,
    /// Why a model is missing.
    pub notes: Vec<String>,
}

impl RegressionData {
    /// Fits least squares, ridge and lasso (each with the penalty that folds of the training rows
    /// choose), the smeared log target and the multiplicative model, and measures each in units of the
    /// target. A model that the target does not allow (no logarithm exists at or below 0) is left out,
    /// and a note says why.
    ///
    /// # Errors
    /// [`RegressionError`]: what any of the fits refuses.
    pub fn compare_models(&self, split: &Split, folds: &Folds) -> Result<ModelComparison, RegressionError> {
        let mut models = Vec::new();
        let mut notes = Vec::new();
        for model in RegressionModel::ALL {
            match self.compared(model, split, folds) {
                Ok(compared) => models.push(compared),
                Err(
                    error @ (RegressionError::LogOfNonPositive { .. }
                    | RegressionError::NoPositiveMean { .. }
                    | RegressionError::NoMultipliers { .. }),
                ) => notes.push(format!("The {model} model cannot be fitted: {error}.")),
                Err(error) => return Err(error),
            }
        }
        let best = models.iter().min_by(|a, b| a.folds_rmse.total_cmp(&b.folds_rmse));
        let best = best.map_or(RegressionModel::Linear, |model| model.model);
        let linear = models.iter().find(|model| model.model == RegressionModel::Linear);
        let negative_predictions = linear.and_then(|linear| self.negative_predictions(linear));
        Ok(ModelComparison { models, best, negative_predictions, notes })
    }

    /// A sentence where a linear model predicts amounts below 0 for more rows than have one.
    fn negative_predictions(&self, linear: &ComparedModel) -> Option<String> {
        let actual = self.target().iter().filter(|value| **value < 0.0).count();
        (linear.below_zero > actual).then(|| {
            format!(
                "The linear model predicts negative amounts for {} of {}, but {} of {} {} negative.",
                count(linear.below_zero),
                counted(self.rows(), "row"),
                if actual == 0 {
                    "no value".to_owned()
                } else {
                    format!("only {}", counted(actual, "value"))
                },
                self.target_name(),
                if actual > 1 { "are" } else { "is" }
            )
        })
    }

    /// A model fitted on the training rows, its penalty and its RMSE from folds of them.
    fn compared(
        &self,
        model: RegressionModel,
        split: &Split,
        folds: &Folds,
    ) -> Result<ComparedModel, RegressionError> {
        let penalty = |kind| self.choose_penalty(&split.train, kind, folds).map(|path| Some(path.best));
        let penalty = match model {
            RegressionModel::Ridge => penalty(Shrinkage::Ridge)?,
            RegressionModel::Lasso => penalty(Shrinkage::Lasso)?,
            _ => None,
        };
        let lambda = penalty.map(|point| point.lambda);
        let fitted = self.fit_model(split, model, lambda)?;
        let folds_rmse = match (penalty, model) {
            (Some(point), _) => point.rmse,
            (None, RegressionModel::LogTarget) => {
                self.cross_validate_log(&split.train, folds, Retransformation::Smearing)?.rmse()
            }
            (None, RegressionModel::Multiplicative) => {
                self.cross_validate_multiplicative(&split.train, folds)?.rmse()
            }
            (None, _) => self.cross_validate(&split.train, folds)?.rmse(),
        };
        Ok(ComparedModel {
            model,
            lambda,
            features: fitted.summary.features.len(),
            folds_rmse,
            train: fitted.train,
            test: fitted.test,
            below_zero: fitted.values.iter().filter(|value| **value < 0.0).count(),
        })
    }

    /// Fits the model that a comparison found best again, and predicts all rows.
    ///
    /// # Errors
    /// As [`RegressionData::fit_model`].
    pub fn fit_best(
        &self,
        split: &Split,
        comparison: &ModelComparison,
    ) -> Result<ModelPredictions, RegressionError> {
        let best = comparison.models.iter().find(|model| model.model == comparison.best);
        self.fit_model(split, comparison.best, best.and_then(|model| model.lambda))
    }
}

impl ModelComparison {
    /// What else was found, one sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = &String> {
        self.negative_predictions.iter().chain(&self.notes)
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
            "below 0",
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
            let first = [model.model.to_string(), lambda, model.features.to_string()];
            let below = [model.below_zero.to_string()];
            [first.to_vec(), figures.map(figure).to_vec(), below.to_vec()].concat()
        });
        writeln!(f, "{}", aligned(&header, rows))?;
        write!(
            f,
            "The {} model has the lowest RMSE in the folds of the training rows; the test rows are not used to choose.",
            self.best
        )?;
        self.sentences().try_for_each(|note| write!(f, "\n{note}"))
    }
}
