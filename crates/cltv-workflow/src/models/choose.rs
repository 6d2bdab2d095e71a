//! The purchase model of a run: the one that is named, or the best by out-of-time error.

use crate::choice::{Choice, Named};
use crate::data::Data;
use crate::error::Error;
use crate::models::origins::origins;
use crate::progress::working;
use cltv_models::{
    Backtest, DrawPlan, FitError, ModelFigures, PurchaseFit, PurchaseModel, RfmSummary, backtest,
};
use cltv_purchases::{Periods, Split};
use cltv_report::numbers::fixed;
use std::fmt;

/// Origins at which "best" compares the models.
const ORIGINS: usize = 3;
/// Mean errors this close to the lowest count as equal.
const AS_GOOD: f64 = 0.01;

/// A purchase model, or the rule that chooses one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ModelChoice {
    /// This model.
    Model(PurchaseModel),
    /// The model with the lowest out-of-time error before the calibration's end.
    Best,
}

impl Named for ModelChoice {
    /// "best", or the name of a model.
    fn named(name: &str) -> Result<ModelChoice, Error> {
        match name.trim() {
            "best" => Ok(ModelChoice::Best),
            _ => PurchaseModel::named(name).map(ModelChoice::Model),
        }
    }
}

impl Choice<ModelChoice> for PurchaseModel {
    fn chosen(self) -> Result<ModelChoice, Error> {
        Ok(ModelChoice::Model(self))
    }
}

/// The purchase model of a run, and how it was chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct ChosenModel {
    /// The model.
    pub model: PurchaseModel,
    /// The comparison that chose it; none where it was named.
    pub backtest: Option<Backtest>,
}

impl ChosenModel {
    /// The model's name: "BG/NBD".
    pub fn name(&self) -> &'static str {
        self.model.name()
    }

    /// Fits the model.
    ///
    /// # Errors
    /// [`Error::Fit`] when it has no optimum.
    pub fn fit(&self, history: &RfmSummary) -> Result<PurchaseFit, Error> {
        Ok(self.model.fit(history)?)
    }
}

impl Choice<PurchaseModel> for &ChosenModel {
    fn chosen(self) -> Result<PurchaseModel, Error> {
        Ok(self.model)
    }
}

/// The purchase model that is named, or with "best" the one with the lowest out-of-time error.
///
/// "best" fits every model at three origins in the second half of the calibration, which share that half
/// evenly; each is judged by the purchases until the next origin, the last one until the calibration's end,
/// so that the holdout stays unseen. Of the models whose mean RMSE a customer is within 1% of the lowest,
/// the one with the lowest mean BIC is chosen.
///
/// # Errors
/// [`Error::UnknownModel`] for an unknown name. For "best" [`Error::Data`] when the calibration is too short
/// for the origins, [`Error::Fit`] when no model has a fit at all of them.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, choose_model, load};
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let model = choose_model(&data, &split, "mbg_nbd")?;
/// assert_eq!(model.fit(&split.calibration)?.name(), "MBG/NBD");
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn choose_model(
    data: &Data,
    split: &Split,
    model: impl Choice<ModelChoice>,
) -> Result<ChosenModel, Error> {
    match model.chosen()? {
        ModelChoice::Model(model) => Ok(ChosenModel { model, backtest: None }),
        ModelChoice::Best => working("Choosing the purchase model", || best(data, split)),
    }
}

fn best(data: &Data, split: &Split) -> Result<ChosenModel, Error> {
    let Periods { start, calibration_end, .. } = data.periods;
    let half = start + (calibration_end - start) / 2;
    let within = Periods { start, calibration_end: half, observation_end: calibration_end };
    let (unit, grain) = (split.calibration.unit(), split.calibration.grain());
    let splits = origins(data, within, unit, grain, ORIGINS)?;
    let models = PurchaseModel::all();
    let found = backtest(&models, &splits, &DrawPlan::default())?;
    let scored: Vec<Scored> =
        models.iter().enumerate().filter_map(|(at, &model)| Scored::of(&found, at, model)).collect();
    let lowest = scored.iter().map(|model| model.rmse).fold(f64::INFINITY, f64::min);
    let good = scored.iter().filter(|model| model.rmse <= (1.0 + AS_GOOD) * lowest);
    match good.min_by(|a, b| a.bic.total_cmp(&b.bic)) {
        Some(chosen) => Ok(ChosenModel { model: chosen.model, backtest: Some(found) }),
        None => Err(first_failure(&found)),
    }
}

/// A model's mean errors over the origins.
struct Scored {
    model: PurchaseModel,
    rmse: f64,
    bic: f64,
}

impl Scored {
    /// None where the model has no fit at one of the origins.
    fn of(found: &Backtest, at: usize, model: PurchaseModel) -> Option<Scored> {
        let figures: Option<Vec<&ModelFigures>> =
            found.origins.iter().map(|origin| origin.comparison.rows.get(at)?.result.as_ref().ok()).collect();
        let figures = figures?;
        let mean = |figure: fn(&ModelFigures) -> f64| {
            figures.iter().map(|found| figure(found)).sum::<f64>() / figures.len().max(1) as f64
        };
        Some(Scored { model, rmse: mean(|found| found.accuracy.rmse), bic: mean(|found| found.fit.bic()) })
    }
}

fn first_failure(found: &Backtest) -> Error {
    let mut rows = found.origins.iter().flat_map(|origin| &origin.comparison.rows);
    let error = rows.find_map(|row| row.result.as_ref().err().cloned());
    error.unwrap_or(FitError::NobodyLeft { model: "every purchase model", customers: 0 }).into()
}

impl fmt::Display for ChosenModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(backtest) = &self.backtest else {
            return write!(f, "Purchase model: {}.", self.name());
        };
        let place = PurchaseModel::all().iter().position(|model| *model == self.model).unwrap_or(0);
        let rmse = Scored::of(backtest, place, self.model).map_or(f64::NAN, |scored| scored.rmse);
        write!(
            f,
            "Purchase model: {}, the best of {} at {} origins before the calibration's end (mean RMSE {} purchases a customer).",
            self.name(),
            PurchaseModel::all().len(),
            backtest.origins.len(),
            fixed(rmse, 4)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Input, load};

    #[test]
    fn the_best_model_is_chosen_without_the_holdout() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        let best = choose_model(&data, &split, "best").unwrap();
        let found = best.backtest.as_ref().unwrap();
        assert_eq!(found.origins.len(), ORIGINS);
        assert!(found.origins.iter().all(|origin| origin.origin < data.periods.calibration_end.to_string()));
        // The same purchases with everything after the calibration's end cut off give the same choice.
        let input = Input::default().calibration_end("1997-08-31").observation_end("1997-09-30");
        let short = load(&input).unwrap();
        let cut = Data {
            periods: Periods { calibration_end: data.periods.calibration_end, ..short.periods },
            ..short
        };
        assert_eq!(choose_model(&cut, &split, "best").unwrap(), best);
        assert!(best.to_string().contains(best.name()), "{best}");
    }

    #[test]
    fn a_named_model_is_taken_and_an_unknown_name_is_an_error() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        assert_eq!(choose_model(&data, &split, "nbd").unwrap().name(), "NBD");
        assert!(matches!(choose_model(&data, &split, "bgnbd"), Err(Error::UnknownModel { .. })));
    }
}
