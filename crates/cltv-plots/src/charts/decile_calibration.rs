//! Actual and expected purchases by tenths of the customers.

use serde_json::{Value, json};

use super::whiskers::Whiskers;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "decile_calibration";

/// About a tenth of the customers, by falling prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tenth {
    /// Customers in it.
    pub customers: u64,
    /// Purchases expected of them.
    pub expected: f64,
    /// Lower end of the interval of their purchases.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Purchases they made.
    pub actual: u64,
}

/// Purchases made and expected by tenths of the customers, those of whom most was expected first, a
/// customer of each: tenths differ in size. `period` is the holdout in words: "39 weeks".
///
/// # Errors
/// [`PlotError`] when there is no tenth, one has no customer, or a figure is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{Tenth, decile_calibration};
/// let tenth = |expected: f64, actual| Tenth { customers: 236, expected, low: 0.8 * expected, high: 1.2 * expected, actual };
/// let chart = decile_calibration(&[tenth(900.0, 1004), tenth(210.0, 260)], "BG/NBD", 0.95, "39 weeks")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn decile_calibration(
    tenths: &[Tenth],
    model: &str,
    level: f64,
    period: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("tenths", tenths.len())?;
    check.share("level", &[level])?;
    let picks: [fn(&Tenth) -> f64; 3] = [|tenth| tenth.expected, |tenth| tenth.low, |tenth| tenth.high];
    for pick in picks {
        check.non_negative("tenths", &tenths.iter().map(pick).collect::<Vec<_>>())?;
    }
    if let Some(at) = tenths.iter().position(|tenth| tenth.customers == 0) {
        return Err(check.bad("customers", at, 0, "1 or more"));
    }
    let level = text::whole_percent(level);
    Ok(Parts {
        name: NAME,
        title: text::shorten(&format!("Purchases a customer in {period} by tenths, {model}"), 60),
        how_to_read: format!(
            "Customers are sorted by expected purchases, the highest first. Bars are the mean purchases of a customer of each tenth, marks the expectation with its {level} interval. Bars that do not fall from left to right mean that the model ranks customers wrongly; bars outside their interval are errors of the forecast. Customers with the same expectation stay together, so tenths differ in size."
        ),
        summary: summary(tenths),
        data: data(tenths),
        traces: vec![made(tenths), expected(tenths, &level)],
        layout: merged(with_legend(), json!({
            "xaxis": axis("Tenths of the customers by falling expectation", json!({"dtick": 1, "showgrid": false, "tickformat": ""})),
            "yaxis": axis(&format!("Purchases a customer in {period}"), json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}

fn places(tenths: &[Tenth]) -> Vec<f64> {
    (1..=tenths.len()).map(|at| at as f64).collect()
}

fn data(tenths: &[Tenth]) -> ChartData {
    let counts = |pick: fn(&Tenth) -> u64| tenths.iter().map(pick).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::integers("tenth", &(1..=tenths.len() as u64).collect::<Vec<_>>()),
        Column::integers("customers", &counts(|tenth| tenth.customers)),
        Column::integers("purchases", &counts(|tenth| tenth.actual)),
        Column::numbers("actual_per_customer", &each(tenths, |tenth| tenth.actual as f64)),
        Column::numbers("expected_per_customer", &each(tenths, |tenth| tenth.expected)),
        Column::numbers("low_per_customer", &each(tenths, |tenth| tenth.low)),
        Column::numbers("high_per_customer", &each(tenths, |tenth| tenth.high)),
    ])
}

/// A figure of each tenth, a customer.
fn each(tenths: &[Tenth], pick: fn(&Tenth) -> f64) -> Vec<f64> {
    tenths.iter().map(|tenth| pick(tenth) / tenth.customers as f64).collect()
}

fn made(tenths: &[Tenth]) -> Value {
    let means = each(tenths, |tenth| tenth.actual as f64);
    let hover = tenths.iter().zip(&means).zip(1..).map(|((tenth, mean), at)| {
        let customers = text::counted(tenth.customers, "customer");
        let made = text::counted(tenth.actual, "purchase");
        format!("Tenth {at}, {customers}: {made}, {} a customer", text::number(*mean, 3))
    });
    let bars =
        trace::bars(trace::numbers(&places(tenths)), trace::numbers(&means), hover.collect(), 4).name("Made");
    trace::json(&bars, json!({"marker": {"pattern": {"shape": ""}}}))
}

fn expected(tenths: &[Tenth], level: &str) -> Value {
    let middle = each(tenths, |tenth| tenth.expected);
    let (low, high) = (each(tenths, |tenth| tenth.low), each(tenths, |tenth| tenth.high));
    let number = |value: f64| text::number(value, 3);
    let hover = (0..tenths.len()).map(|at| {
        let ends = format!("{level} {} to {}", number(low[at]), number(high[at]));
        text::plotly(&format!("Tenth {}: {} a customer expected, {ends}", at + 1, number(middle[at])))
    });
    Whiskers {
        name: &format!("Expected, {level} interval"),
        at: &places(tenths),
        middle: &middle,
        low: &low,
        high: &high,
        hover: hover.collect(),
        style: 3,
    }
    .upright()
}

fn summary(tenths: &[Tenth]) -> String {
    let inside =
        tenths.iter().filter(|tenth| (tenth.low..=tenth.high).contains(&(tenth.actual as f64))).count();
    let made: u64 = tenths.iter().map(|tenth| tenth.actual).sum();
    let off: f64 = tenths.iter().map(|tenth| (tenth.expected - tenth.actual as f64).abs()).sum();
    format!(
        "The best of {} bought {} times against {} expected; {inside} groups lie inside their intervals, and all differences together are {} of the purchases.",
        text::counted(tenths.len() as u64, "group"),
        text::count(tenths[0].actual),
        text::number(tenths[0].expected, 1),
        if made == 0 { "–".to_owned() } else { text::percent(off / made as f64) }
    )
}
