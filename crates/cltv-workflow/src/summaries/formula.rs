//! The facts of the page of the value formula.

use crate::data::Data;
use crate::error::Error;
use crate::values::{FormulaBase, FormulaComparison};
use cltv_report::{FormulaSummary, LastRetention};

/// The facts of the executive summary of the formula.
///
/// # Errors
/// [`Error::Formula`] where the value has no bound.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
/// let base = data.averages("day", "quarter", 0.10, 1.0)?;
/// let summary = formula_summary(&data, &base, &base.compare(&scores)?, "$")?;
/// assert_eq!(summary.model, "BG/NBD");
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn formula_summary(
    data: &Data,
    base: &FormulaBase,
    comparison: &FormulaComparison,
    currency: &str,
) -> Result<FormulaSummary, Error> {
    let formula = base.formula;
    let last = |(&observed, &constant): (&f64, &f64)| LastRetention {
        periods: base.observed.len() - 1,
        observed,
        constant,
    };
    Ok(FormulaSummary {
        source: data.purchases.name(),
        currency: currency.to_owned(),
        model: comparison.model.to_owned(),
        customers: base.averages.customers,
        period: base.period.clone(),
        periods: base.periods,
        order_value: formula.order_value,
        frequency: formula.frequency,
        retention: formula.retention,
        margin: formula.margin,
        discount: formula.discount,
        period_margin: formula.period_margin(),
        value: formula.value()?,
        steps: base.sensitivity()?.rows.iter().map(|row| row.sentence()).collect(),
        last_retention: base.observed.last().zip(base.constant().last()).map(last),
        formula_months: comparison.months,
        model_months: comparison.horizon_months,
        formula_total: comparison.formula_total,
        model_total: comparison.model_total,
        groups: comparison.groups.clone(),
    })
}
