//! Does the model know which customers will buy?

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

/// Purchases made and expected by tenths of the customers, those of whom most was expected first.
/// `period` is the holdout in words: "39 weeks".
///
/// # Errors
/// [`PlotError`] when there is no tenth, or a figure is negative or not finite.
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
    let level = text::whole_percent(level);
    Ok(Parts {
        name: NAME,
        title: text::shorten(&format!("Purchases in {period} by tenths of the customers, {model}"), 60),
        how_to_read: format!(
            "Customers are sorted by what the model expected of them; the first tenth is the best. Bars are what they \
             bought, marks what was expected with its {level} interval. Bars must fall from left to right, or the \
             model cannot rank; bars outside their intervals show where it is off. Customers with the same \
             expectation stay together, so groups differ in size."
        ),
        summary: summary(tenths),
        data: data(tenths),
        traces: vec![made(tenths), expected(tenths, &level)],
        layout: merged(with_legend(), json!({
            "xaxis": axis("Tenths of the customers by falling expectation", json!({"dtick": 1, "showgrid": false, "tickformat": ""})),
            "yaxis": axis(&format!("Purchases in {period}"), json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}

fn places(tenths: &[Tenth]) -> Vec<f64> {
    (1..=tenths.len()).map(|at| at as f64).collect()
}

fn data(tenths: &[Tenth]) -> ChartData {
    let numbers = |pick: fn(&Tenth) -> f64| tenths.iter().map(pick).collect::<Vec<_>>();
    let counts = |pick: fn(&Tenth) -> u64| tenths.iter().map(pick).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::integers("tenth", &(1..=tenths.len() as u64).collect::<Vec<_>>()),
        Column::integers("customers", &counts(|tenth| tenth.customers)),
        Column::integers("actual", &counts(|tenth| tenth.actual)),
        Column::numbers("expected", &numbers(|tenth| tenth.expected)),
        Column::numbers("low", &numbers(|tenth| tenth.low)),
        Column::numbers("high", &numbers(|tenth| tenth.high)),
    ])
}

fn made(tenths: &[Tenth]) -> Value {
    let counts: Vec<u64> = tenths.iter().map(|tenth| tenth.actual).collect();
    let hover = tenths.iter().zip(1..).map(|(tenth, at)| {
        let customers = text::counted(tenth.customers, "customer");
        format!("Tenth {at}, {customers}: {}", text::counted(tenth.actual, "purchase"))
    });
    let bars =
        trace::bars(trace::numbers(&places(tenths)), trace::counts(&counts), hover.collect(), 4).name("Made");
    trace::json(&bars, json!({"marker": {"pattern": {"shape": ""}}}))
}

fn expected(tenths: &[Tenth], level: &str) -> Value {
    let hover = tenths.iter().zip(1..).map(|(tenth, at)| {
        let number = |value: f64| text::number(value, 1);
        let (low, high) = (number(tenth.low), number(tenth.high));
        text::plotly(&format!("Tenth {at}: {} expected, {level} {low} to {high}", number(tenth.expected)))
    });
    Whiskers {
        name: &format!("Expected, {level} interval"),
        at: &places(tenths),
        middle: &tenths.iter().map(|tenth| tenth.expected).collect::<Vec<_>>(),
        low: &tenths.iter().map(|tenth| Some(tenth.low)).collect::<Vec<_>>(),
        high: &tenths.iter().map(|tenth| Some(tenth.high)).collect::<Vec<_>>(),
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
