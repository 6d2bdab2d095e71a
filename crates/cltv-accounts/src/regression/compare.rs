//! Least squares, ridge, lasso, a log target and a multiplicative model beside each other.

use std::fmt;

use serde::Serialize;

use super::metrics::Metrics;
use super::{Folds, RegressionData, RegressionError, RegressionSummary, Retransformation, Shrinkage, Split};
use crate::text::{aligned, figure};
use crate::text::{count, counted};

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ComparedModel {
    /// `linear`, `ridge`, `lasso`, `log target` or `multiplicative`.
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
    /// Rows, training and test ones, for which it predicts an amount below 0.
    pub below_zero: usize,
}

/// Models of the same target, on the same split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelComparison {
    /// The models.
    pub models: Vec<ComparedModel>,
    /// The model with the lowest RMSE over the folds.
    pub best: String,
    /// That the linear model predicts amounts below 0 for more rows than have one, as a sentence.
    pub less_than_nothing: Option<String>,
    /// Why a model is missing.
    pub notes: Vec<String>,
}

impl RegressionData {
    /// Fits least squares, ridge and lasso (each with the penalty that folds of the training rows
    /// choose), the smeared log target and the multiplicative model, and measures each in units of the
    /// target. A model that the target does not allow (no logarithm exists at or below 0) is missing,
    /// and a note says why.
    ///
    /// # Errors
    /// [`RegressionError`]: what any of the fits refuses.
    pub fn compare_models(&self, split: &Split, folds: &Folds) -> Result<ModelComparison, RegressionError> {
        let linear = self.linear(split, folds)?;
        let less_than_nothing = self.less_than_nothing(&linear);
        let mut notes = Vec::new();
        let mut models = vec![linear];
        for kind in [Shrinkage::Ridge, Shrinkage::Lasso] {
            models.push(self.shrunk(split, kind, folds)?);
        }
        for (name, model) in [
            ("log target", self.smeared(split, folds)),
            ("multiplicative model", self.multiplied(split, folds)),
        ] {
            match model {
                Ok(model) => models.push(model),
                Err(
                    error @ (RegressionError::LogOfNonPositive { .. }
                    | RegressionError::NoPositiveMean { .. }
                    | RegressionError::NoMultipliers { .. }),
                ) => notes.push(format!("No {name}: {error}.")),
                Err(error) => return Err(error),
            }
        }
        let best = models.iter().min_by(|a, b| a.folds_rmse.total_cmp(&b.folds_rmse));
        let best = best.map_or_else(String::new, |model| model.model.clone());
        Ok(ModelComparison { models, best, less_than_nothing, notes })
    }

    /// That a line predicts amounts below 0 for more rows than have one.
    fn less_than_nothing(&self, linear: &ComparedModel) -> Option<String> {
        let found = self.target().iter().filter(|value| **value < 0.0).count();
        (linear.below_zero > found).then(|| {
            format!(
                "The linear model predicts less than nothing for {} of {}, where {} of {} is below 0.",
                count(linear.below_zero),
                counted(self.rows(), "row"),
                if found == 0 { "no value".to_owned() } else { format!("only {}", counted(found, "value")) },
                self.target_name()
            )
        })
    }

    fn linear(&self, split: &Split, folds: &Folds) -> Result<ComparedModel, RegressionError> {
        let fit = self.fit(split)?;
        let folds = self.cross_validate(&split.train, folds)?;
        Ok(ComparedModel::new(&fit.summary(), None, folds.rmse(), [fit.train, fit.test], &fit.predict(self)?))
    }

    fn shrunk(
        &self,
        split: &Split,
        kind: Shrinkage,
        folds: &Folds,
    ) -> Result<ComparedModel, RegressionError> {
        let best = self.choose_penalty(&split.train, kind, folds)?.best;
        let fit = self.fit_shrunk(split, kind, best.lambda)?;
        let (lambda, predicted) = (Some(best.lambda), fit.predict(self)?);
        Ok(ComparedModel::new(&fit.summary(), lambda, best.rmse, [fit.train, fit.test], &predicted))
    }

    fn smeared(&self, split: &Split, folds: &Folds) -> Result<ComparedModel, RegressionError> {
        let fit = self.fit_log(split, Retransformation::Smearing)?;
        let folds = self.cross_validate_log(&split.train, folds, Retransformation::Smearing)?;
        Ok(ComparedModel::new(&fit.summary(), None, folds.rmse(), [fit.train, fit.test], &fit.predict(self)?))
    }

    fn multiplied(&self, split: &Split, folds: &Folds) -> Result<ComparedModel, RegressionError> {
        let fit = self.fit_multiplicative(split)?;
        let folds = self.cross_validate_multiplicative(&split.train, folds)?;
        Ok(ComparedModel::new(&fit.summary(), None, folds.rmse(), [fit.train, fit.test], &fit.predict(self)?))
    }
}

impl ModelComparison {
    /// What else was found, one sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = &String> {
        self.less_than_nothing.iter().chain(&self.notes)
    }
}

impl ComparedModel {
    fn new(
        summary: &RegressionSummary,
        lambda: Option<f64>,
        folds_rmse: f64,
        [train, test]: [Metrics; 2],
        predicted: &[f64],
    ) -> Self {
        Self {
            model: summary.model.clone(),
            lambda,
            features: summary.features.len(),
            folds_rmse,
            train,
            test,
            below_zero: predicted.iter().filter(|value| **value < 0.0).count(),
        }
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
            let first = [model.model.clone(), lambda, model.features.to_string()];
            let below = [model.below_zero.to_string()];
            [first.to_vec(), figures.map(figure).to_vec(), below.to_vec()].concat()
        });
        writeln!(f, "{}", aligned(&header, rows))?;
        write!(
            f,
            "By folds of the training rows the {} model has the lowest RMSE; the test rows only report it.",
            self.best
        )?;
        self.sentences().try_for_each(|note| write!(f, "\n{note}"))
    }
}
