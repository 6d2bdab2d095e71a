//! Which purchase model for these data: comparison on the holdout, backtest, regularity.

use crate::choice::{Choice, Named};
use crate::data::Data;
use crate::error::Error;
use crate::frames;
use crate::models::origins::origins as origins_of;
use crate::progress::working;
use crate::words::span;
use cltv_models::{
    Backtest, Comparison, DrawPlan, Grain, InputError, ModelFigures, Origin, PurchaseModel, TimeUnit,
    backtest, compare_timed, wheat_morrison,
};
use cltv_purchases::Split;
use cltv_report::RegularityLine;
use cltv_report::numbers::whole;
use polars::prelude::DataFrame;
use std::fmt;
use std::time::Instant;

/// The purchase models of these names, separated by commas; "" is all of them.
///
/// # Errors
/// [`Error::UnknownModel`] for an unknown name; the message lists the names.
///
/// # Examples
/// ```
/// use cltv_workflow::purchase_models;
/// assert_eq!(purchase_models("BG/NBD, pareto_nbd")?.len(), 2);
/// assert_eq!(purchase_models("")?, cltv_models::PurchaseModel::all());
/// assert!(purchase_models("BGNBD").unwrap_err().to_string().contains("mbg_nbd"));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn purchase_models(names: &str) -> Result<Vec<PurchaseModel>, Error> {
    if names.trim().is_empty() {
        return Ok(PurchaseModel::all());
    }
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(PurchaseModel::named).collect()
}

/// Fits models on the calibration and compares them on the holdout; each fit is timed.
///
/// # Errors
/// [`Error::Input`] without a model. A model that has no fit is a row with its error.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let comparison = compare_models(&split, &purchase_models("bg_nbd, nbd")?)?;
/// assert_eq!(comparison.frame()?.height(), 2);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn compare_models(split: &Split, models: &[PurchaseModel]) -> Result<Comparison, Error> {
    let what =
        format!("Fitting {} models to {} customers", models.len(), whole(split.calibration.len() as f64));
    working(&what, || {
        let began = Instant::now();
        let clock = || began.elapsed().as_secs_f64();
        Ok(compare_timed(models, &split.holdout()?, &DrawPlan::default(), clock)?)
    })
}

/// The model to use: the best of those that pass their audits, or of all where none does, as the
/// comparison's sentences explain.
///
/// # Errors
/// [`Error::Fit`] when no model has a fit: the first one's error. [`Error::Input`] without a model.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, best_model, compare_models, load, purchase_models};
/// let split = load(&Input::new("cdnow"))?.split("week", "day")?;
/// let comparison = compare_models(&split, &purchase_models("bg_nbd, nbd")?)?;
/// assert_eq!(best_model(&comparison)?.name(), "BG/NBD");
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn best_model(comparison: &Comparison) -> Result<PurchaseModel, Error> {
    match (comparison.chosen(), comparison.rows.iter().find_map(|row| row.result.as_ref().err())) {
        (Some(name), _) => PurchaseModel::named(name),
        (None, Some(error)) => Err(error.clone().into()),
        (None, None) => Err(InputError::BadOption { name: "models", value: 0.0, bound: "1 or more" }.into()),
    }
}

/// Results as a table.
pub trait ToFrame {
    /// The table.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    fn frame(&self) -> Result<DataFrame, Error>;
}

impl ToFrame for Comparison {
    /// The figures, a row a model; times are left out, so that equal runs write equal files.
    fn frame(&self) -> Result<DataFrame, Error> {
        comparison_frame(self)
    }
}

fn comparison_frame(comparison: &Comparison) -> Result<DataFrame, Error> {
    let rows = &comparison.rows;
    let figure = |pick: &dyn Fn(&ModelFigures) -> Option<f64>| {
        rows.iter().map(|row| row.result.as_ref().ok().and_then(pick)).collect::<Vec<_>>()
    };
    let trusted: Vec<String> = rows
        .iter()
        .map(|row| match &row.result {
            Err(_) => "no fit".to_owned(),
            Ok(figures) => if figures.trusted() { "yes" } else { "no" }.to_owned(),
        })
        .collect();
    let numbers = |name: &str, values: Vec<Option<f64>>| frames::numbers(name, values.into_iter());
    frames::frame(vec![
        frames::texts("model", rows.iter().map(|row| row.model)),
        numbers("log_likelihood", figure(&|f| Some(f.fit.log_likelihood()))),
        numbers("aic", figure(&|f| Some(f.fit.aic()))),
        numbers("bic", figure(&|f| Some(f.fit.bic()))),
        numbers("mae", figure(&|f| Some(f.accuracy.mae))),
        numbers("rmse", figure(&|f| Some(f.accuracy.rmse))),
        numbers("bias", figure(&|f| Some(f.accuracy.bias))),
        numbers("correlation", figure(&|f| f.accuracy.correlation)),
        numbers("normalised_gini", figure(&|f| f.accuracy.gini)),
        numbers("decile_error", figure(&ModelFigures::calibration_error)),
        numbers("actual", figure(&|f| Some(f.total.actual as f64))),
        numbers("expected", figure(&|f| Some(f.total.expected))),
        numbers("expected_low", figure(&|f| Some(f.total.low))),
        numbers("expected_high", figure(&|f| Some(f.total.high))),
        numbers("tenths_covered", figure(&|f| Some(f.coverage()))),
        frames::texts("trusted", trusted.iter().map(String::as_str)),
    ])
}

/// The models at several origins, with the length of each holdout.
#[derive(Debug, Clone)]
pub struct Origins {
    /// The comparisons.
    pub backtest: Backtest,
    /// The length of each holdout in words: "13 weeks"; "about 13 weeks" where they differ by days.
    pub length: String,
}

impl Data {
    /// Compares models at `origins` days: the calibration's end, and then on through the holdout in
    /// steps that are equal to the day. Each holdout lasts until the next origin, the last one until the observation's end.
    ///
    /// # Errors
    /// [`Error::Data`] when a part has no repeat purchase; [`Error::Input`] for no origin, more than
    /// the holdout has days, no model, or an unknown unit or grain.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::*;
    /// let data = load(&Input::new("cdnow"))?;
    /// let origins = data.backtest("week", "day", 2, &purchase_models("bg_nbd, nbd")?)?;
    /// assert_eq!(origins.frame()?.height(), 2 * 2);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    pub fn backtest(
        &self,
        time_unit: impl Choice<TimeUnit>,
        grain: impl Choice<Grain>,
        origins: usize,
        models: &[PurchaseModel],
    ) -> Result<Origins, Error> {
        let (unit, grain) = (time_unit.chosen()?, grain.chosen()?);
        working("Backtesting the models", || {
            let splits = origins_of(self, self.periods, unit, grain, origins)?;
            let length = lengths(&splits, unit);
            let backtest = backtest(models, &splits, &DrawPlan::default())?;
            Ok(Origins { backtest, length })
        })
    }

    /// The regularity of purchases, from each customer's first two interpurchase times.
    ///
    /// # Errors
    /// [`Error::Input`] for an unknown grain.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::{Input, load};
    /// let regularity = load(&Input::new("cdnow"))?.regularity("day")?;
    /// assert!(regularity.order.unwrap() < 1.5);
    /// # Ok::<(), cltv_workflow::Error>(())
    /// ```
    ///
    /// # References
    /// Wheat and Morrison (1990), "Estimating Purchase Regularity with Two Interpurchase Times".
    pub fn regularity(&self, grain: impl Choice<Grain>) -> Result<Regularity, Error> {
        let waits = self.first_two_intervals(grain.chosen()?)?;
        let positive = waits.iter().filter(|(first, second)| *first > 0.0 && *second > 0.0);
        let shares = positive.map(|(first, second)| first / (first + second)).collect();
        Ok(Regularity { order: wheat_morrison(&waits), shares })
    }
}

/// The length of the holdouts in words, with "about" where they are not all the same.
fn lengths(origins: &[Origin], unit: TimeUnit) -> String {
    let lengths: Vec<f64> = origins.iter().map(|origin| origin.split.duration()).collect();
    let mean = lengths.iter().sum::<f64>() / lengths.len().max(1) as f64;
    let same = lengths.iter().all(|length| (length - mean).abs() < 1e-9);
    format!("{}{}", if same { "" } else { "about " }, span(mean, unit))
}

impl Origins {
    /// What was expected and made, a row an origin and model.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows: Vec<(&str, &str, &ModelFigures)> = self
            .backtest
            .origins
            .iter()
            .flat_map(|at| at.comparison.rows.iter().map(move |row| (at.origin.as_str(), row)))
            .filter_map(|(origin, row)| Some((origin, row.model, row.result.as_ref().ok()?)))
            .collect();
        let figure = |pick: &dyn Fn(&ModelFigures) -> f64| {
            rows.iter().map(|(.., f)| Some(pick(f))).collect::<Vec<_>>()
        };
        let numbers = |name: &str, values: Vec<Option<f64>>| frames::numbers(name, values.into_iter());
        frames::frame(vec![
            frames::texts("origin", rows.iter().map(|row| row.0)),
            frames::texts("model", rows.iter().map(|row| row.1)),
            numbers("actual", figure(&|f| f.total.actual as f64)),
            numbers("expected", figure(&|f| f.total.expected)),
            numbers("expected_low", figure(&|f| f.total.low)),
            numbers("expected_high", figure(&|f| f.total.high)),
            numbers("rmse", figure(&|f| f.accuracy.rmse)),
            numbers("bias", figure(&|f| f.accuracy.bias)),
        ])
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.backtest.sentences().join("\n"))
    }
}

/// The regularity of purchases.
#[derive(Debug, Clone, PartialEq)]
pub struct Regularity {
    /// The order k of Erlang interpurchase times; none where nobody has two of them.
    pub order: Option<f64>,
    /// The first interpurchase time's share of a customer's first two, an entry a customer.
    pub shares: Vec<f64>,
}

impl Regularity {
    /// The order and the number of customers, for a summary.
    pub fn line(&self) -> RegularityLine {
        RegularityLine { order: self.order, customers: self.shares.len() }
    }
}

impl fmt::Display for Regularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Input, load};

    #[test]
    fn origins_share_the_holdout_evenly_to_the_day() {
        let data = load(&Input::default().observation_end("1997-10-10")).unwrap();
        let origins = origins_of(&data, data.periods, TimeUnit::Day, Grain::Day, 4).unwrap();
        let lengths: Vec<f64> = origins.iter().map(|origin| origin.split.duration()).collect();
        assert_eq!(lengths.iter().sum::<f64>(), f64::from(data.periods.holdout_days()));
        assert!(lengths.iter().all(|days| (days - lengths[0]).abs() <= 1.0), "{lengths:?}");
        assert!(self::lengths(&origins, TimeUnit::Day).starts_with("about "));
        assert_eq!(self::lengths(&origins[..1], TimeUnit::Day), span(lengths[0], TimeUnit::Day));
        assert!(origins_of(&data, data.periods, TimeUnit::Day, Grain::Day, 1000).is_err());
    }

    #[test]
    fn the_model_to_use_is_the_one_that_the_sentences_name() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        let mut comparison = compare_models(&split, &purchase_models("NBD, MBG/NBD").unwrap()).unwrap();
        let best = best_model(&comparison).unwrap();
        assert!(comparison.sentences()[0].contains(best.name()), "{}", best.name());
        let stop = |comparison: &mut Comparison, model: &str| {
            let row = comparison.rows.iter_mut().find(|row| row.model == model).unwrap();
            row.result = Err(cltv_models::FitError::NobodyLeft { model: "NBD", customers: 7 });
        };
        stop(&mut comparison, "NBD");
        stop(&mut comparison, "MBG/NBD");
        assert!(matches!(best_model(&comparison), Err(Error::Fit(_))));
    }
}
