//! Retention curves.

use super::error::FormulaError;
use super::input::FormulaInput;

/// The curve S(t) = r_1 · r_2 · … · r_t from the retention rates of the periods.
///
/// # Errors
/// [`FormulaError::TooFew`] without rates, [`FormulaError::OutOfBounds`] for a rate outside [0, 1].
pub fn survival_curve(rates: &[f64]) -> Result<Vec<f64>, FormulaError> {
    if rates.is_empty() {
        return Err(FormulaError::TooFew { what: "retention rates", least: 1 });
    }
    if let Some(&value) = rates.iter().find(|rate| !(0.0..=1.0).contains(*rate)) {
        let (name, bound) = (FormulaInput::Retention.name(), FormulaInput::Retention.bound());
        return Err(FormulaError::OutOfBounds { name, value, bound });
    }
    let mut share = 1.0;
    Ok(rates
        .iter()
        .map(|rate| {
            share *= rate;
            share
        })
        .collect())
}

pub(super) fn check_curve(survival: &[f64]) -> Result<(), FormulaError> {
    if survival.is_empty() {
        return Err(FormulaError::TooFew { what: "entries in the retention curve", least: 1 });
    }
    let mut before = 1.0;
    for (k, &value) in survival.iter().enumerate() {
        let problem = if !(0.0..=1.0).contains(&value) {
            "outside [0, 1]"
        } else if value > before {
            "more than in the period before"
        } else {
            before = value;
            continue;
        };
        return Err(FormulaError::BadCurve { period: k + 1, value, problem });
    }
    Ok(())
}
