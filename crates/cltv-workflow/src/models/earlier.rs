//! What the same model would have forecast at earlier dates, against what happened.

use crate::choice::Choice;
use crate::data::Data;
use crate::error::Error;
use crate::frames;
use crate::models::Distributions;
use crate::progress::working;
use chrono::Duration;
use cltv_models::calibration::{CountScores, MapFromPast, PastForecast, Refusal, TotalsFromPast};
use cltv_models::{Grain, PurchaseModel, SumForecast, TimeUnit};
use cltv_purchases::Periods;
use cltv_report::numbers::{fixed, percent, whole};
use polars::prelude::DataFrame;
use std::fmt;

/// Earlier dates that are looked at, half a horizon apart.
const DATES: i64 = 4;
/// Level of intervals.
const LEVEL: f64 = 0.95;

/// A forecast for the horizon at an earlier date, with what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlierForecast {
    /// The date, ISO.
    pub date: String,
    /// The purchases of all customers known then.
    pub total: SumForecast,
    /// Purchases made.
    pub made: u64,
    /// How the distributions of the customers came true.
    pub scores: CountScores,
    /// The KS distance of the PIT that right forecasts exceed by chance in one of 20 cases.
    pub pit_ks_by_chance: f64,
}

impl From<&PastForecast> for EarlierForecast {
    fn from(past: &PastForecast) -> EarlierForecast {
        EarlierForecast {
            date: past.name().to_owned(),
            total: *past.total(),
            made: past.actual_total(),
            scores: past.scores().clone(),
            pit_ks_by_chance: past.null().high,
        }
    }
}

/// Forecasts for the horizon that the model would have made at earlier dates, each by a fit on what was known then.
#[derive(Debug, Clone)]
pub struct EarlierForecasts {
    /// The forecasts, the oldest first.
    pub forecasts: Vec<EarlierForecast>,
    /// The horizon in months.
    pub months: u32,
    /// How far totals were off, or why the intervals of totals are left as they are.
    pub totals: Result<TotalsFromPast, Refusal>,
    /// How distributions were off, or why they are left as they are.
    pub distributions: Result<MapFromPast, Refusal>,
}

/// Forecasts the horizon at up to four earlier dates, half a horizon apart, the last of them one horizon before the
/// observation's end.
///
/// At each date the model is fitted on the purchases up to it, and forecasts those of the customers known then. Dates
/// with less than half a horizon of data before them are left out, and those where there is no fit. What the errors say
/// about the next forecast is estimated by [`TotalsFromPast::estimate`] and [`MapFromPast::estimate`].
///
/// # Errors
/// [`Error::Input`] for an unknown unit or grain, [`Error::UnknownModel`] for an unknown model.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, earlier_forecasts, load};
/// let data = load(&Input::new("cdnow"))?;
/// let earlier = earlier_forecasts(&data, "bg_nbd", "week", "day", 6)?;
/// assert_eq!(earlier.forecasts.last().unwrap().date, "1997-12-29");
/// println!("{earlier}");
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn earlier_forecasts(
    data: &Data,
    model: impl Choice<PurchaseModel>,
    time_unit: impl Choice<TimeUnit>,
    grain: impl Choice<Grain>,
    horizon_months: u32,
) -> Result<EarlierForecasts, Error> {
    let (model, unit, grain) = (model.chosen()?, time_unit.chosen()?, grain.chosen()?);
    let step = "Forecasting at earlier dates";
    Ok(working(step, || at_earlier_dates(data, model, unit, grain, horizon_months)))
}

fn at_earlier_dates(
    data: &Data,
    model: PurchaseModel,
    unit: TimeUnit,
    grain: Grain,
    months: u32,
) -> EarlierForecasts {
    let Periods { start, observation_end, .. } = data.periods;
    let days = (TimeUnit::Day.from_months(f64::from(months))).round() as i64;
    let mut forecasts = Vec::new();
    for k in (0..DATES).rev() {
        let date = observation_end - Duration::days(days + k * days / 2);
        if (date - start).num_days() < (days / 2).max(1) {
            continue;
        }
        let periods = Periods { start, calibration_end: date, observation_end: date + Duration::days(days) };
        forecasts.extend(forecast_at(data, &model, &periods, unit, grain));
    }
    let horizon = unit.from_months(f64::from(months));
    let totals = TotalsFromPast::estimate(&forecasts, horizon);
    let distributions = MapFromPast::estimate(&forecasts, horizon);
    // Without the customers' distributions, which take much memory.
    let forecasts = forecasts.iter().map(EarlierForecast::from).collect();
    EarlierForecasts { forecasts, months, totals, distributions }
}

/// The forecast at the end of the calibration; none where there are too few purchases for a fit.
fn forecast_at(
    data: &Data,
    model: &PurchaseModel,
    periods: &Periods,
    unit: TimeUnit,
    grain: Grain,
) -> Option<PastForecast> {
    let split = data.purchases.split(periods, unit, grain).ok()?;
    let fit = model.fit(&split.calibration).ok()?;
    let Distributions { predictive, .. } = Distributions::of(&fit, &split.calibration).ok()?;
    let (name, made) = (periods.calibration_end.to_string(), &split.holdout_purchases);
    PastForecast::of(name, &predictive, &split.calibration, made, split.duration).ok()
}

impl EarlierForecasts {
    /// The 95% interval of a total after the errors of earlier totals; none where they are left as they are.
    pub fn interval(&self, total: &SumForecast) -> Option<(f64, f64)> {
        self.totals.as_ref().ok()?.interval(total, LEVEL).ok()
    }

    /// What the errors of earlier totals say about the next one.
    pub fn totals_sentence(&self) -> String {
        match &self.totals {
            Ok(found) => format!(
                "At {} earlier dates the totals were off by more than parameter uncertainty and chance explain. After these errors the next total is about {} times the expected one, with a standard deviation of {}, by which its interval is shifted and widened.",
                found.origins,
                fixed(found.shift.exp(), 2),
                percent(found.deviation.exp_m1())
            ),
            Err(refusal) => sentence(refusal),
        }
    }

    /// What earlier distributions say about the next ones.
    pub fn distributions_sentence(&self) -> String {
        match &self.distributions {
            Ok(found) => format!(
                "The distributions of the customers' purchases were off in the same way at {} earlier dates: a correction from the dates before each would have lowered their CRPS from {} to {}.",
                found.origins,
                fixed(found.raw, 4),
                fixed(found.mapped, 4)
            ),
            Err(refusal) => sentence(refusal),
        }
    }

    /// The forecasts as a table, one row a date.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let all = || self.forecasts.iter();
        let number = |name: &str, of: &dyn Fn(&EarlierForecast) -> f64| {
            frames::numbers(name, all().map(|past| Some(of(past))))
        };
        frames::frame(vec![
            frames::texts("date", all().map(|past| past.date.as_str())),
            frames::counts("customers", all().map(|past| past.total.customers as u64)),
            number("expected", &|past| past.total.expected),
            number("low", &|past| past.total.low),
            number("high", &|past| past.total.high),
            frames::counts("made", all().map(|past| past.made)),
            number("expected_to_return", &|past| past.scores.returns.expected),
            frames::counts("returned", all().map(|past| past.scores.returns.returned as u64)),
            number("crps", &|past| past.scores.crps),
            number("ece", &|past| past.scores.returns.ece),
            number("pit_ks", &|past| past.scores.pit_ks),
            number("pit_ks_by_chance", &|past| past.pit_ks_by_chance),
        ])
    }
}

/// A refusal as a sentence of its own.
fn sentence(refusal: &Refusal) -> String {
    let text = refusal.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

impl fmt::Display for EarlierForecasts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for past in &self.forecasts {
            writeln!(
                f,
                "{}, for {} months: {} purchases expected of {} customers ({} to {}), {} made.",
                past.date,
                self.months,
                whole(past.total.expected),
                whole(past.total.customers as f64),
                whole(past.total.low),
                whole(past.total.high),
                whole(past.made as f64)
            )?;
        }
        write!(f, "{} {}", self.totals_sentence(), self.distributions_sentence())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Input, load};

    #[test]
    fn forecasts_use_what_was_known_at_their_dates() {
        let data = load(&Input::default()).unwrap();
        let earlier = earlier_forecasts(&data, "bg_nbd", "week", "day", 6).unwrap();
        let dates: Vec<&str> = earlier.forecasts.iter().map(|past| past.date.as_str()).collect();
        // The first would have had 92 days of data, just over half a horizon.
        assert_eq!(dates, ["1997-06-29", "1997-09-29", "1997-12-29"]);
        let periods = Periods { calibration_end: "1997-12-29".parse().unwrap(), ..data.periods };
        let split = data.purchases.split(&periods, TimeUnit::Week, Grain::Day).unwrap();
        let last = earlier.forecasts.last().unwrap();
        assert_eq!(last.made, split.holdout_purchases.iter().sum::<u64>());
        assert_eq!(earlier.frame().unwrap().height(), 3);
        let short = earlier_forecasts(&data, "bg_nbd", "week", "day", 12).unwrap();
        assert!(short.totals_sentence().contains("are needed"), "{short}");
    }
}
