//! The purchase model of a run: the one that is named, or the best by out-of-time error.

use crate::choice::{Choice, Named};
use crate::data::Data;
use crate::error::Error;
use crate::models::holdout::rmse;
use crate::models::origins::origins;
use crate::progress::working;
use cltv_models::{
    FitError, InputError, Origin, PurchaseFit, PurchaseModel, PurchasePredictions, RfmSummary,
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
    /// The models that "best" compared; empty where the model was named.
    pub candidates: Vec<Candidate>,
}

/// A model's means over the origins at which "best" compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// The model.
    pub model: PurchaseModel,
    /// Root mean squared error a customer, in purchases after the origin.
    pub rmse: f64,
    /// BIC of the fits.
    pub bic: f64,
    /// Whether the data identify the parameters at every origin.
    pub identified: bool,
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
/// so that the holdout stays unseen. Candidates are the models whose parameters are identified at every
/// origin (all models, where none is). Of those whose mean RMSE a customer is within 1% of the lowest, the one
/// with the lowest mean BIC is chosen.
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
        ModelChoice::Model(model) => Ok(ChosenModel { model, candidates: Vec::new() }),
        ModelChoice::Best => working("Choosing the purchase model", || best(data, split)),
    }
}

fn best(data: &Data, split: &Split) -> Result<ChosenModel, Error> {
    let Periods { start, calibration_end, .. } = data.periods;
    let half = start + (calibration_end - start) / 2;
    let within = Periods { start, calibration_end: half, observation_end: calibration_end };
    let (unit, grain) = (split.calibration.unit(), split.calibration.grain());
    let splits = origins(data, within, unit, grain, ORIGINS)?;
    let tried: Vec<Result<Candidate, FitError>> =
        PurchaseModel::all().into_iter().map(|model| candidate(model, &splits)).collect();
    let candidates: Vec<Candidate> = tried.iter().flatten().copied().collect();
    match chosen_of(&candidates) {
        Some(model) => Ok(ChosenModel { model, candidates }),
        None => Err(tried.into_iter().find_map(Result::err).map_or_else(no_model, Error::from)),
    }
}

fn candidate(model: PurchaseModel, origins: &[Origin]) -> Result<Candidate, FitError> {
    let mut all = Candidate { model, rmse: 0.0, bic: 0.0, identified: true };
    for Origin { split, .. } in origins {
        let fit = model.fit(split.calibration())?;
        let expected = fit.expected_purchases_all(split.calibration(), split.duration())?;
        all.rmse += rmse(&expected, split.actual()) / origins.len() as f64;
        all.bic += fit.bic() / origins.len() as f64;
        all.identified &= fit.identified();
    }
    Ok(all)
}

fn chosen_of(candidates: &[Candidate]) -> Option<PurchaseModel> {
    let none_identified = !candidates.iter().any(|candidate| candidate.identified);
    let eligible = || candidates.iter().filter(|candidate| candidate.identified || none_identified);
    let lowest = eligible().map(|candidate| candidate.rmse).fold(f64::INFINITY, f64::min);
    let good = eligible().filter(|candidate| candidate.rmse <= (1.0 + AS_GOOD) * lowest);
    good.min_by(|a, b| a.bic.total_cmp(&b.bic)).map(|candidate| candidate.model)
}

fn no_model() -> Error {
    InputError::BadOption { name: "models", value: 0.0, bound: "1 or more" }.into()
}

impl fmt::Display for ChosenModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(own) = self.candidates.iter().find(|candidate| candidate.model == self.model) else {
            return write!(f, "Purchase model: {}.", self.name());
        };
        write!(
            f,
            "Purchase model: {}, the best of {} by the error at {ORIGINS} origins before the calibration's end (mean RMSE {} purchases a customer).",
            self.name(),
            self.candidates.len(),
            fixed(own.rmse, 4)
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
        assert!(best.candidates.iter().any(|candidate| candidate.model == best.model));
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

    #[test]
    fn equally_good_models_are_decided_by_bic_and_unidentified_ones_come_last() {
        let all = PurchaseModel::all();
        let candidate =
            |at: usize, rmse, bic, identified| Candidate { model: all[at], rmse, bic, identified };
        let mut candidates = vec![
            candidate(0, 1.0, 30.0, true),
            candidate(1, 1.005, 20.0, true),
            candidate(2, 1.2, 10.0, true),
            candidate(3, 0.5, 5.0, false),
        ];
        assert_eq!(chosen_of(&candidates), Some(all[1]));
        candidates.iter_mut().for_each(|candidate| candidate.identified = false);
        assert_eq!(chosen_of(&candidates), Some(all[3]));
        assert_eq!(chosen_of(&[]), None);
    }
}
