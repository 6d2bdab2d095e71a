//! The calibration fit against the purchases of the holdout.

use crate::data::Data;
use crate::error::Error;
use crate::words::span;
use cltv_models::{
    DrawPlan, HoldoutSum, InputError, ModelFigures, PurchaseFit, PurchasePredictions, TimeUnit,
};
use cltv_purchases::Split;
use cltv_report::numbers::{fixed, percent, whole};
use std::collections::BTreeMap;
use std::fmt;

/// Actual and expected holdout purchases of the calibration customers.
#[derive(Debug, Clone, PartialEq)]
pub struct Holdout {
    /// The holdout's length in time units.
    pub periods: f64,
    /// The time unit.
    pub unit: TimeUnit,
    /// Customers by their repeat purchases in the calibration, rising.
    pub by_frequency: Vec<FrequencyGroup>,
    /// Mean absolute error over customers, in purchases.
    pub mae: f64,
    /// Root of the mean squared error over customers, in purchases.
    pub rmse: f64,
    /// All customers together, with the interval of their purchases.
    pub total: HoldoutSum,
    /// Level of that interval.
    pub level: f64,
}

/// The holdout of the customers with one calibration frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyGroup {
    /// Repeat purchases of each in the calibration.
    pub frequency: u64,
    /// How many customers.
    pub customers: u64,
    /// Their purchases in the holdout.
    pub actual: u64,
    /// Purchases expected of them.
    pub expected: f64,
}

/// Predicts the holdout of every calibration customer by a fitted purchase model.
///
/// The 95% interval of the total includes parameter uncertainty (200 seeded draws) and the randomness of
/// each customer's purchases.
///
/// # Errors
/// [`Error::Input`] when fit and split are of different time units.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, check_holdout, choose_model, load};
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let fit = choose_model(&data, &split, "bg_nbd")?.fit(&split.calibration)?;
/// let holdout = check_holdout(&split, &fit)?;
/// assert_eq!(holdout.actual_purchases(), 1882);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn check_holdout<F>(split: &Split, fit: &F) -> Result<Holdout, Error>
where
    F: Clone + Into<PurchaseFit>,
{
    of_fit(split, fit.clone().into())
}

/// Compiled once, here, and not in each cell that checks another model.
fn of_fit(split: &Split, fit: PurchaseFit) -> Result<Holdout, Error> {
    let plan = DrawPlan::default();
    let expected = fit.expected_purchases_all(&split.calibration, split.duration)?;
    let actual = &split.holdout_purchases;
    Ok(Holdout {
        periods: split.duration,
        unit: split.calibration.unit(),
        by_frequency: by_frequency(split.calibration.frequency(), actual, &expected),
        mae: mae(&expected, actual),
        rmse: rmse(&expected, actual),
        total: ModelFigures::of(fit, &split.holdout()?, &plan)?.total,
        level: plan.level,
    })
}

fn by_frequency(frequency: &[u32], actual: &[u64], expected: &[f64]) -> Vec<FrequencyGroup> {
    let mut groups: BTreeMap<u32, FrequencyGroup> = BTreeMap::new();
    for ((&frequency, &actual), &expected) in frequency.iter().zip(actual).zip(expected) {
        let empty =
            FrequencyGroup { frequency: u64::from(frequency), customers: 0, actual: 0, expected: 0.0 };
        let group = groups.entry(frequency).or_insert(empty);
        group.customers += 1;
        group.actual += actual;
        group.expected += expected;
    }
    groups.into_values().collect()
}

fn errors<'a>(expected: &'a [f64], actual: &'a [u64]) -> impl Iterator<Item = f64> + 'a {
    expected.iter().zip(actual).map(|(&expected, &actual)| expected - actual as f64)
}

/// Mean absolute error over customers, in purchases.
fn mae(expected: &[f64], actual: &[u64]) -> f64 {
    errors(expected, actual).map(f64::abs).sum::<f64>() / actual.len().max(1) as f64
}

/// Root of the mean squared error over customers, in purchases.
pub(super) fn rmse(expected: &[f64], actual: &[u64]) -> f64 {
    let squares: f64 = errors(expected, actual).map(|error| error * error).sum();
    (squares / actual.len().max(1) as f64).sqrt()
}

impl Holdout {
    /// Purchases made by all.
    pub fn actual_purchases(&self) -> u64 {
        self.total.actual
    }

    /// Purchases expected of all.
    pub fn expected_purchases(&self) -> f64 {
        self.total.expected
    }

    /// Whether the interval covers the purchases made, in a sentence.
    pub fn interval_sentence(&self) -> String {
        let HoldoutSum { low, high, .. } = self.total;
        let ends =
            format!("The {} interval of the total is {} to {}", percent(self.level), whole(low), whole(high));
        match self.total.covers() {
            true => format!("{ends} and covers the purchases made."),
            false => format!(
                "{ends} and does not cover the purchases made: chance and parameter uncertainty do not explain the error, so the model is wrong here or the market changed."
            ),
        }
    }

    /// The holdout's length in words: "39 weeks".
    pub fn length(&self) -> String {
        span(self.periods, self.unit)
    }
}

impl fmt::Display for Holdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (actual, expected) = (self.actual_purchases() as f64, self.expected_purchases());
        write!(
            f,
            "In the holdout of {}, {} customers made {} purchases; the model expected {}",
            self.length(),
            whole(self.total.customers as f64),
            whole(actual),
            fixed(expected, 2)
        )?;
        if actual > 0.0 {
            let side = if expected < actual { "few" } else { "many" };
            write!(f, ", {} too {side}", percent((expected / actual - 1.0).abs()))?;
        }
        write!(f, ". {}", self.interval_sentence())?;
        write!(
            f,
            " By customer: mean absolute error {}, root mean squared error {}.",
            fixed(self.mae, 3),
            fixed(self.rmse, 3)
        )
    }
}

/// Actual and expected repeat purchases of the calibration customers, week by week.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracking {
    /// Weeks from the first purchase to the end of each week; whole ones but for a shorter first or last week.
    pub weeks: Vec<f64>,
    /// Repeat purchases made in each week.
    pub actual: Vec<f64>,
    /// Repeat purchases expected in each week.
    pub expected: Vec<f64>,
    /// The calibration's length in weeks.
    pub calibration_end: f64,
}

/// Actual and expected repeat purchases of the calibration customers, week by week.
///
/// The expectation of a week is the sum over customers of what the model expects of a new
/// customer between the week's ends, counted from each customer's own first purchase.
///
/// # Errors
/// [`Error::Input`] when fit and split are of different time units.
///
/// # Examples
/// ```
/// use cltv_workflow::{Input, choose_model, load, track};
/// let data = load(&Input::new("cdnow"))?;
/// let split = data.split("week", "day")?;
/// let fit = choose_model(&data, &split, "bg_nbd")?.fit(&split.calibration)?;
/// assert_eq!(track(&data, &split, &fit)?.weeks.len(), 78);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn track(data: &Data, split: &Split, fit: &dyn PurchasePredictions) -> Result<Tracking, Error> {
    if fit.unit() != split.calibration.unit() {
        let (model_unit, data_unit) = (fit.unit(), split.calibration.unit());
        return Err(InputError::UnitMismatch { model_unit, data_unit }.into());
    }
    let tracking = data.purchases.tracking(&data.periods, split.calibration.grain(), true)?;
    let until = |week: usize| -> f64 {
        let ages = tracking.ages(week, fit.unit());
        ages.iter().map(|&(age, customers)| customers as f64 * fit.expected_purchases_new(age)).sum()
    };
    let mut before = 0.0;
    let mut expected = Vec::with_capacity(tracking.weeks.len());
    for week in 0..tracking.weeks.len() {
        let cumulative = until(week);
        expected.push(cumulative - before);
        before = cumulative;
    }
    Ok(Tracking {
        weeks: tracking.weeks.iter().map(|w| w.elapsed).collect(),
        actual: tracking.weeks.iter().map(|w| w.actual as f64).collect(),
        expected,
        calibration_end: f64::from(data.periods.calibration_days() + 1) / 7.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_by_customer() {
        let (actual, expected) = ([0, 3], [1.0, 1.0]);
        let holdout = Holdout {
            periods: 39.0,
            unit: TimeUnit::Week,
            by_frequency: by_frequency(&[2, 0], &actual, &expected),
            mae: mae(&expected, &actual),
            rmse: rmse(&expected, &actual),
            total: HoldoutSum {
                customers: 2,
                expected: 2.0,
                actual: 3,
                standard_deviation: 1.0,
                chance: 1.0,
                low: 0.0,
                high: 4.0,
            },
            level: 0.95,
        };
        assert_eq!(holdout.mae, 1.5);
        assert!((holdout.rmse - 2.5f64.sqrt()).abs() < 1e-12);
        let frequencies: Vec<u64> = holdout.by_frequency.iter().map(|group| group.frequency).collect();
        assert_eq!((frequencies, holdout.by_frequency[0].actual), (vec![0, 2], 3));
        assert!(holdout.to_string().starts_with(
            "In the holdout of 39 weeks, 2 customers made 3 purchases; the model expected 2.00, 33.3% too few. The 95% interval of the total is 0 to 4 and covers the purchases made. By"
        ));
    }
}
