//! The executive summary of the value formula.

use crate::data::Data;
use crate::error::Error;
use crate::summaries::page::write_page;
use crate::values::{FormulaBase, FormulaComparison};
use cltv_purchases::Outputs;
use cltv_report::numbers::{money, percent};
use cltv_report::{Caveat, FormulaSummary};

/// The executive summary of the formula.
///
/// # Errors
/// [`Error::Formula`] where the value has no bound.
pub fn formula_summary(
    data: &Data,
    base: &FormulaBase,
    comparison: &FormulaComparison,
    currency: &str,
) -> Result<FormulaSummary, Error> {
    let formula = base.formula;
    Ok(FormulaSummary {
        source: data.purchases.name(),
        currency: currency.to_owned(),
        customers: base.averages.customers,
        period: base.period.clone(),
        periods: base.periods,
        order_value: formula.order_value,
        frequency: formula.frequency,
        retention: formula.retention,
        margin: formula.margin,
        discount: formula.discount,
        value: formula.value()?,
        steps: base.sensitivity()?.rows.iter().map(|row| row.sentence()).collect(),
        horizon_months: comparison.months,
        formula_total: comparison.formula_total,
        model_total: comparison.model_total,
        groups: comparison.groups.clone(),
        caveats: caveats(base, comparison, currency),
    })
}

fn caveats(base: &FormulaBase, comparison: &FormulaComparison, currency: &str) -> Vec<Caveat> {
    let period = &base.period;
    let mut texts = vec![
        format!(
            "Who skips a {period} counts as lost, and as new when back: with periods shorter than customers' rhythm retention comes out too low, and the value with it."
        ),
        "One retention rate stands for all. In a mixture of loyal and fleeting customers those who stay are ever more loyal, and the formula undervalues them (Fader and Hardie 2010).".to_owned(),
        format!(
            "The formula values a customer who buys now ({} in a {period}); given to everybody on the list it counts those long gone as well.",
            money(currency, base.formula.period_margin())
        ),
    ];
    if let (Some(&last), Some(&constant)) = (base.observed.last(), base.constant().last()) {
        let at = base.observed.len() - 1;
        texts.push(format!(
            "{at} {period}s after the first purchase {} of the customers buy; the constant rate says {}.",
            percent(last),
            percent(constant)
        ));
    }
    if comparison.months != comparison.horizon_months {
        texts.push(format!(
            "The comparison covers {} months by the formula and {} by the model, because a {period} does not divide the horizon.",
            comparison.months, comparison.horizon_months
        ));
    }
    texts.into_iter().map(|text| Caveat { text }).collect()
}

/// Writes the summary to `formula/executive_summary.md` in the outputs.
///
/// # Errors
/// [`Error::Report`] when it cannot be put into words, [`Error::Data`] when it cannot be written.
pub fn write_formula_summary(out: &Outputs, summary: &FormulaSummary) -> Result<(), Error> {
    write_page(out, "formula", &summary.to_markdown()?)
}
