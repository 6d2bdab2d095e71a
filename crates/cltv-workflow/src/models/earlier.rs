//! What the same model would have forecast at earlier dates, against what happened.

use crate::choice::Choice;
use crate::data::Data;
use crate::error::Error;
use crate::frames;
use crate::models::Distributions;
use crate::progress::working;
use chrono::Duration;
use cltv_models::calibration::{
    CountScores, FEWEST_ORIGINS, MapFromPast, PastForecast, Refusal, TotalsFromPast,
};
use cltv_models::{Grain, PurchaseModel, SumForecast, TimeUnit};
use cltv_purchases::{DataError, Periods};
use cltv_report::numbers::{fixed, whole};
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
/// [`Error::Input`] for an unknown unit or grain, [`Error::UnknownModel`] for an unknown model, [`Error::Data`] when
/// the purchases cannot be counted.
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
    working(step, || at_earlier_dates(data, model, unit, grain, horizon_months))
}

fn at_earlier_dates(
    data: &Data,
    model: PurchaseModel,
    unit: TimeUnit,
    grain: Grain,
    months: u32,
) -> Result<EarlierForecasts, Error> {
    let Periods { start, observation_end, .. } = data.periods;
    let days = (TimeUnit::Day.from_months(f64::from(months))).round() as i64;
    let mut forecasts = Vec::new();
    for k in (0..DATES).rev() {
        let date = observation_end - Duration::days(days + k * days / 2);
        if (date - start).num_days() < (days / 2).max(1) {
            continue;
        }
        let periods = Periods { start, calibration_end: date, observation_end: date + Duration::days(days) };
        forecasts.extend(forecast_at(data, &model, &periods, unit, grain)?);
    }
    // By a coarse grain the holdouts are longer or shorter than the months.
    let horizon = forecasts.last().map_or_else(|| unit.from_months(f64::from(months)), PastForecast::horizon);
    let totals = TotalsFromPast::estimate(&forecasts, horizon);
    let distributions = MapFromPast::estimate(&forecasts, horizon);
    // Without the customers' distributions, which take much memory.
    let forecasts = forecasts.iter().map(EarlierForecast::from).collect();
    Ok(EarlierForecasts { forecasts, months, totals, distributions })
}

/// The forecast at the end of the calibration; none where there are too few purchases for a fit.
fn forecast_at(
    data: &Data,
    model: &PurchaseModel,
    periods: &Periods,
    unit: TimeUnit,
    grain: Grain,
) -> Result<Option<PastForecast>, Error> {
    let split = match data.purchases.split(periods, unit, grain) {
        Err(DataError::NoRepeatCustomer { .. }) => return Ok(None),
        split => split?,
    };
    let Ok(fit) = model.fit(&split.calibration) else { return Ok(None) };
    let Distributions { predictive, .. } = Distributions::of(&fit, &split.calibration)?;
    let (name, made) = (periods.calibration_end.to_string(), &split.holdout_purchases);
    Ok(Some(PastForecast::of(name, &predictive, &split.calibration, made, split.duration)?))
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
                "At {} earlier dates the totals were off by more than parameter uncertainty and chance explain. After these errors the interval of all purchases is shifted by a factor of {} and widened; the periods after the dates overlap, so that it is a rough guide.",
                found.origins,
                fixed(found.shift.exp(), 2)
            ),
            Err(Refusal::TooFewOrigins { found, .. }) => format!(
                "Earlier dates with enough data before them and {} months after them: {found}; {FEWEST_ORIGINS} are needed to say how wrong this model tends to be.",
                self.months
            ),
            Err(refusal) => sentence(refusal),
        }
    }

    /// What earlier distributions say about the next ones; nothing where there are too few dates.
    pub fn distributions_sentence(&self) -> Option<String> {
        match &self.distributions {
            Ok(found) => Some(format!(
                "The probabilities of customers' purchases were off in the same way at {} earlier dates (mean CRPS {} as they were forecast, {} after a correction by the dates before each). The figures of customers are not corrected for it.",
                found.origins,
                fixed(found.raw, 4),
                fixed(found.mapped, 4)
            )),
            Err(Refusal::TooFewOrigins { .. }) => None,
            Err(refusal) => Some(sentence(refusal)),
        }
    }

    /// What the earlier forecasts say about this one, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        [self.totals_sentence()].into_iter().chain(self.distributions_sentence()).collect()
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
        f.write_str(&self.sentences().join(" "))
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
        // A fourth, 1997-03-30, would have had 88 days of data, less than half a horizon of 183.
        assert_eq!(dates, ["1997-06-29", "1997-09-29", "1997-12-29"]);
        let periods = Periods { calibration_end: "1997-12-29".parse().unwrap(), ..data.periods };
        let split = data.purchases.split(&periods, TimeUnit::Week, Grain::Day).unwrap();
        let last = earlier.forecasts.last().unwrap();
        assert_eq!(last.made, split.holdout_purchases.iter().sum::<u64>());
        assert_eq!(earlier.frame().unwrap().height(), 3);
        // The errors with one more date without an error, and their interval.
        let errors = earlier.forecasts.iter().map(|past| (past.made as f64 / past.total.expected).ln());
        let factor = (errors.sum::<f64>() / 4.0).exp();
        let said = earlier.totals_sentence();
        assert!(said.contains(&format!("a factor of {factor:.2} and")), "{said}");
        let (low, high) = earlier.interval(&last.total).unwrap();
        assert!(
            (low * high).sqrt() / last.total.expected - factor < 1e-9 && low < last.total.low,
            "{low} {high}"
        );
        // Parameter uncertainty is in it: 70 purchases of the 101 of the holdout of 39 weeks are chance.
        assert!(last.total.standard_deviation > 1.2 * last.total.expected.sqrt(), "{:?}", last.total);
        let short = earlier_forecasts(&data, "bg_nbd", "week", "day", 12).unwrap();
        assert_eq!(
            short.sentences(),
            [
                "Earlier dates with enough data before them and 12 months after them: 0; 3 are needed to say how wrong this model tends to be."
            ]
        );
    }
}
