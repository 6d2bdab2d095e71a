//! Which model for these data: comparisons on the holdout, backtests, regularity, saved fits.

use crate::load::Data;
use crate::progress::working;
use crate::{Error, frames};
use chrono::Duration;
use cltv_data::{Periods, Split};
use cltv_models::{
    Backtest, Comparison, DrawPlan, Grain, ModelFigures, Origin, PurchaseModel, TimeUnit, backtest,
    compare_timed, wheat_morrison,
};
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
/// assert_eq!(purchase_models("")?.len(), 7);
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
    /// The length of each holdout in words: "13 weeks".
    pub length: String,
}

impl Data {
    /// Compares models at `origins` days: the calibration's end, and then on through the holdout in
    /// equal steps. Each holdout lasts until the next origin, the last one until the observation's end.
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
            let length = splits.first().map_or(0.0, |first| first.split.duration());
            let backtest = backtest(models, &splits, &DrawPlan::default())?;
            Ok(Origins { backtest, length: span(length, unit) })
        })
    }

    fn origins(&self, unit: TimeUnit, grain: Grain, count: usize) -> Result<Vec<Origin>, Error> {
        let Periods { start, calibration_end, observation_end } = self.periods;
        let step = i64::from(self.periods.holdout_days()) / (count.max(1) as i64);
        if step < 1 {
            let bound = "at most one a day of the holdout";
            return Err(
                cltv_models::InputError::BadOption { name: "origins", value: count as f64, bound }.into()
            );
        }
        let origin = |k: usize| {
            let from = calibration_end + Duration::days(step * k as i64);
            let until = if k + 1 == count { observation_end } else { from + Duration::days(step) };
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
