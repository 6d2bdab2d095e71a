//! Which model for these data: comparisons on the holdout, backtests, regularity, saved fits.

use crate::load::Data;
use crate::progress::working;
use crate::{Error, frames};
use chrono::Duration;
use cltv_models::{
    Backtest, Comparison, DrawPlan, Grain, ModelFigures, Origin, PurchaseModel, TimeUnit, backtest,
    compare_timed, wheat_morrison,
};
use cltv_purchases::{Periods, Split};
use cltv_report::numbers::{fixed, whole};
use polars::prelude::DataFrame;
use std::fmt;
use std::time::Instant;

/// The models of purchases of these names, separated by commas; "" is all of them.
///
/// # Errors
/// [`Error::UnknownModel`] for a name that no model has; the message lists them.
///
/// # Examples
/// ```
/// use cltv::prelude::*;
/// assert_eq!(purchase_models("BG/NBD, Pareto/NBD")?.len(), 2);
/// assert_eq!(purchase_models("")?.len(), PurchaseModel::all().len());
/// assert!(purchase_models("BGNBD").unwrap_err().to_string().contains("MBG/NBD"));
/// # Ok::<(), cltv::Error>(())
/// ```
pub fn purchase_models(names: &str) -> Result<Vec<PurchaseModel>, Error> {
    let all = PurchaseModel::all();
    if names.trim().is_empty() {
        return Ok(all);
    }
    let find = |name: &str| {
        let found = all.iter().find(|model| model.name().eq_ignore_ascii_case(name)).copied();
        found.ok_or_else(|| Error::UnknownModel {
            name: name.to_owned(),
            known: all.iter().map(PurchaseModel::name).collect::<Vec<_>>().join(", "),
        })
    };
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(find).collect()
}

/// Fits models on the calibration and compares them on the holdout; each fit is timed.
///
/// # Errors
/// [`Error::Input`] without a model. A model that has no fit is a row with its error.
pub fn compare_models(models: &[PurchaseModel], split: &Split) -> Result<Comparison, Error> {
    let what =
        format!("Fitting {} models to {} customers", models.len(), whole(split.calibration.len() as f64));
    working(&what, || {
        let began = Instant::now();
        let clock = || began.elapsed().as_secs_f64();
        Ok(compare_timed(models, &split.holdout()?, &DrawPlan::default(), clock)?)
    })
}

/// The name of the model to use: the best of those that can be trusted, or the least wrong where none
/// can, as the comparison's sentences say.
///
/// # Errors
/// [`Error::Fit`] when no model has a fit: what stopped the first. [`Error::Input`] without a model.
pub fn chosen_model(comparison: &Comparison) -> Result<&'static str, Error> {
    let stopped = comparison.rows.iter().find_map(|row| row.result.as_ref().err());
    match (comparison.chosen(), stopped) {
        (Some(name), _) => Ok(name),
        (None, Some(error)) => Err(error.clone().into()),
        (None, None) => {
            Err(cltv_models::InputError::BadOption { name: "models", value: 0.0, bound: "1 or more" }.into())
        }
    }
}

/// The figures of a comparison, a row a model; times are left out, so that equal runs write equal files.
///
/// # Errors
/// [`Error::Frame`] when polars refuses the table.
pub fn comparison_frame(comparison: &Comparison) -> Result<DataFrame, Error> {
    let rows = &comparison.rows;
    let figure = |pick: &dyn Fn(&ModelFigures) -> Option<f64>| {
        rows.iter().map(|row| row.result.as_ref().ok().and_then(pick)).collect::<Vec<_>>()
    };
    let said: Vec<String> = rows
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
        frames::texts("trusted", said.iter().map(String::as_str)),
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
    /// [`Error::Data`] when a part holds no repeat purchase; [`Error::Input`] for no origin, more than
    /// the holdout has days, no model, or an unknown unit or grain.
    pub fn backtest(
        &self,
        models: &[PurchaseModel],
        time_unit: &str,
        grain: &str,
        origins: usize,
    ) -> Result<Origins, Error> {
        let (unit, grain): (TimeUnit, Grain) = (time_unit.parse()?, grain.parse()?);
        working("Backtesting the models", || {
            let splits = self.origins(unit, grain, origins)?;
            let length = lengths(&splits, unit);
            let backtest = backtest(models, &splits, &DrawPlan::default())?;
            Ok(Origins { backtest, length })
        })
    }

    fn origins(&self, unit: TimeUnit, grain: Grain, count: usize) -> Result<Vec<Origin>, Error> {
        let Periods { start, calibration_end, observation_end } = self.periods;
        let days = self.periods.holdout_days();
        if (days as usize) < count.max(1) {
            let bound = "at most one a day of the holdout";
            return Err(
                cltv_models::InputError::BadOption { name: "origins", value: count as f64, bound }.into()
            );
        }
        let day = |k: usize| calibration_end + Duration::days(i64::from(days) * k as i64 / count as i64);
        let origin = |k: usize| {
            let (from, until) = (day(k), if k + 1 == count { observation_end } else { day(k + 1) });
            let periods = Periods { start, calibration_end: from, observation_end: until };
            let split = self.purchases.split(&periods, unit, grain)?.holdout()?;
            Ok(Origin::new(from.to_string(), split))
        };
        (0..count).map(origin).collect()
    }

    /// Whether customers buy at random or by a clock, from their first two waits between purchases.
    ///
    /// # Errors
    /// [`Error::Input`] for an unknown grain.
    pub fn regularity(&self, grain: &str) -> Result<Regularity, Error> {
        let waits = self.first_two_intervals(grain.parse()?);
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

/// A length in words: "13 weeks".
pub(crate) fn span(length: f64, unit: TimeUnit) -> String {
    let number = fixed(length, 1);
    let number = number.strip_suffix(".0").unwrap_or(&number);
    format!("{number} {}{}", unit.name(), if number == "1" { "" } else { "s" })
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

/// How regular purchases are.
#[derive(Debug, Clone, PartialEq)]
pub struct Regularity {
    /// The order k of Erlang intervals by Wheat and Morrison (1990); none without two waits of anybody.
    pub order: Option<f64>,
    /// The first wait's share of a customer's first two, one entry a customer.
    pub shares: Vec<f64>,
}

impl fmt::Display for Regularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(order) = self.order else {
            return f
                .write_str("Nobody bought three times, so nothing is known of the times between purchases.");
        };
        write!(
            f,
            "By their first two waits, {} customers buy like Erlang of order {}: 1 is purely random timing, 2 and more a rhythm, below 1 bursts.",
            whole(self.shares.len() as f64),
            fixed(order, 2)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts;
    use crate::prelude::{Input, load};

    #[test]
    fn origins_share_the_holdout_evenly_to_the_day() {
        let data = load(&Input { observation_end: "1997-10-10", ..Input::default() }).unwrap();
        let origins = data.origins(TimeUnit::Day, Grain::Day, 4).unwrap();
        let lengths: Vec<f64> = origins.iter().map(|origin| origin.split.duration()).collect();
        assert_eq!(lengths.iter().sum::<f64>(), f64::from(data.periods.holdout_days()));
        assert!(lengths.iter().all(|days| (days - lengths[0]).abs() <= 1.0), "{lengths:?}");
        assert!(self::lengths(&origins, TimeUnit::Day).starts_with("about "));
        assert_eq!(self::lengths(&origins[..1], TimeUnit::Day), span(lengths[0], TimeUnit::Day));
        assert!(data.origins(TimeUnit::Day, Grain::Day, 1000).is_err());
    }

    #[test]
    fn the_model_to_use_is_the_one_that_the_sentences_name() {
        let data = load(&Input::default()).unwrap();
        let split = data.split("week", "day").unwrap();
        let mut comparison = compare_models(&purchase_models("NBD, MBG/NBD").unwrap(), &split).unwrap();
        let chosen = chosen_model(&comparison).unwrap();
        assert!(comparison.sentences()[0].contains(chosen), "{chosen}");
        let stop = |comparison: &mut Comparison, model: &str| {
            let row = comparison.rows.iter_mut().find(|row| row.model == model).unwrap();
            row.result = Err(cltv_models::FitError::NobodyLeft { model: "NBD", customers: 7 });
        };
        stop(&mut comparison, "NBD");
        let error = charts::decile_calibration(&comparison, "NBD").unwrap_err();
        assert!(matches!(error, Error::Fit(_)), "{error}");
        let error = charts::decile_calibration(&comparison, "BG/NBD").unwrap_err().to_string();
        assert!(error.ends_with("the models are MBG/NBD."), "{error}");
        stop(&mut comparison, "MBG/NBD");
        assert!(matches!(chosen_model(&comparison), Err(Error::Fit(_))));
    }

    #[test]
    fn without_two_waits_the_chart_says_why_there_is_none() {
        let figure =
            charts::purchase_regularity(&Regularity { order: None, shares: Vec::new() }).unwrap().to_string();
        assert!(figure.contains("nobody bought three times"), "{figure}");
    }
}
