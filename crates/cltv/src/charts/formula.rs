//! Charts of the value formula.

use super::Figure;
use crate::Error;
use crate::formula::FormulaBase;
use cltv_plots::{self as plots, QuarterValue, SensitivityBar};
use cltv_accounts::formula::{ClvFormula, FormulaInput, SegmentTable};

/// How far the value moves with one step of each input, down and up.
///
/// # Errors
/// [`Error::Formula`] where the value has no bound.
pub fn value_sensitivity(formula: &ClvFormula, currency: &str) -> Result<Figure, Error> {
    let value = formula.value()?;
    let bar = |row: &cltv_accounts::formula::SensitivityRow| {
        let step = (row.moved_to - row.at).abs();
        let moved = |by: f64| {
            let there = formula.with(row.input, row.at + by).and_then(|moved| moved.value());
            there.ok().map(|there| there - value)
        };
        SensitivityBar { input: step_name(row.input), down: moved(-step), up: moved(step) }
    };
    let bars: Vec<SensitivityBar> = formula.sensitivity()?.rows.iter().map(bar).collect();
    Ok(Figure::drawn(plots::value_sensitivity(&bars, value, currency)?))
}

fn step_name(input: FormulaInput) -> String {
    let step = match input {
        FormulaInput::OrderValue | FormulaInput::Frequency => "1%",
        _ => "1 point",
    };
    format!("{input} ± {step}")
}

/// Mean value of each quarter of the customers.
///
/// # Errors
/// [`Error::Plot`] when there is no quarter.
pub fn value_by_quarter(quarters: &SegmentTable, currency: &str) -> Result<Figure, Error> {
    let row = |row: &cltv_accounts::formula::SegmentRow| QuarterValue {
        name: row.segment.clone(),
        customers: row.count as u64,
        mean: row.mean,
        total: row.total,
    };
    let rows: Vec<QuarterValue> = quarters.rows.iter().map(row).collect();
    Ok(Figure::drawn(plots::value_by_quarter(&rows, currency)?))
}

/// The share of customers that buy, by periods since their first purchase, and what one rate says.
///
/// # Errors
/// [`Error::Plot`] when there is no period.
pub fn retention_curve(base: &FormulaBase) -> Result<Figure, Error> {
    Ok(Figure::drawn(plots::retention_curve(&base.observed, &base.constant(), &base.period)?))
}
