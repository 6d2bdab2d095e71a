//! The calibration fit against purchases it has not seen.

use crate::Error;
use crate::load::Data;
use cltv_data::Split;
use cltv_models::{BgNbd, Fitted, TimeUnit};
use cltv_plots::Tracking;
use cltv_report::numbers::{fixed, percent, whole};
use std::fmt;

/// Actual and expected holdout purchases of every calibration customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Holdout {
    /// The holdout's length in time units.
    pub periods: f64,
    /// The time unit.
    pub unit: TimeUnit,
    /// Repeat purchases of each customer in the calibration.
    pub frequency: Vec<u64>,
    /// Purchases of each customer in the holdout.
    pub actual: Vec<u64>,
    /// Purchases expected of each customer in the holdout.
    pub expected: Vec<f64>,
}

/// Predicts the holdout of every calibration customer.
///
/// # Errors
/// [`Error::Input`] when fit and split are of different time units.
pub fn check_holdout(fit: &Fitted<BgNbd>, split: &Split) -> Result<Holdout, Error> {
    fit.check_unit(&split.calibration)?;
    let expected = |history| fit.expected_purchases(history, split.duration);
    Ok(Holdout {
        periods: split.duration,
        unit: split.calibration.unit(),
        frequency: split.calibration.frequency().to_vec(),
        actual: split.holdout_purchases.clone(),
        expected: split.calibration.histories().into_iter().map(expected).collect(),
    })
}

impl Holdout {
    /// Purchases made by all.
    pub fn actual_purchases(&self) -> u64 {
        self.actual.iter().sum()
    }

    /// Purchases expected of all.
    pub fn expected_purchases(&self) -> f64 {
        self.expected.iter().sum()
    }

    fn errors(&self) -> impl Iterator<Item = f64> + '_ {
        self.expected.iter().zip(&self.actual).map(|(&expected, &actual)| expected - actual as f64)
    }

    /// Mean absolute error over customers, in purchases.
    pub fn mae(&self) -> f64 {
        self.errors().map(f64::abs).sum::<f64>() / self.actual.len().max(1) as f64
    }

    /// Root of the mean squared error over customers, in purchases.
    pub fn rmse(&self) -> f64 {
        (self.errors().map(|e| e * e).sum::<f64>() / self.actual.len().max(1) as f64).sqrt()
    }

    /// The holdout's length in words: "39 weeks".
    pub fn length(&self) -> String {
        let number = fixed(self.periods, 1);
        let number = number.strip_suffix(".0").unwrap_or(&number);
        let plural = if number == "1" { "" } else { "s" };
        format!("{number} {}{plural}", self.unit.name())
    }
}

impl fmt::Display for Holdout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (actual, expected) = (self.actual_purchases() as f64, self.expected_purchases());
        write!(
            f,
            "In the {} held back, {} customers made {} purchases; the model expected {}",
            self.length(),
            whole(self.actual.len() as f64),
            whole(actual),
            fixed(expected, 2)
        )?;
        if actual > 0.0 {
            let side = if expected < actual { "few" } else { "many" };
            write!(f, ", {} too {side}", percent((expected / actual - 1.0).abs()))?;
        }
        write!(
            f,
            ". By customer: mean absolute error {}, root mean squared error {}.",
            fixed(self.mae(), 3),
            fixed(self.rmse(), 3)
        )
    }
}

/// Actual and expected repeat purchases of the calibration customers, week by week.
///
/// The expectation of a week is the sum over customers of what the model expects of a new
/// customer between the week's ends, counted from each customer's own first purchase.
///
/// # Errors
/// [`Error::Input`] when fit and split are of different time units.
pub fn track(fit: &Fitted<BgNbd>, data: &Data, split: &Split) -> Result<Tracking, Error> {
    fit.check_unit(&split.calibration)?;
    let tracking = data.purchases.tracking(&data.periods, split.calibration.grain(), true);
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
        unit: "week".to_owned(),
        elapsed: tracking.weeks.iter().map(|w| w.week as f64).collect(),
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
        let holdout = Holdout {
            periods: 39.0,
            unit: TimeUnit::Week,
            frequency: vec![0, 2],
            actual: vec![0, 3],
            expected: vec![1.0, 1.0],
        };
        assert_eq!(holdout.mae(), 1.5);
        assert!((holdout.rmse() - 2.5f64.sqrt()).abs() < 1e-12);
        assert!(holdout.to_string().starts_with(
            "In the 39 weeks held back, 2 customers made 3 purchases; the model expected 2.00, 33.3% too few"
        ));
    }
}
