//! Regularity of the times between purchases.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "purchase_regularity";
const BARS: usize = 20;

/// The share of a customer's first two times between purchases that the first one takes, one entry a
/// customer, with the curve of Erlang intervals of the estimated `order`: `density` at evenly spaced
/// places from 0 to 1. Order 1 is purely random timing, where every share is equally likely.
///
/// # Errors
/// [`PlotError`] when there is no share, one is not between 0 and 1, or a density is negative or not
/// finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::purchase_regularity(&[0.2, 0.5, 0.55, 0.8], 1.6, &[0.0, 1.5, 0.0])?;
/// assert_eq!(chart.data().rows(), 20);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn purchase_regularity(shares: &[f64], order: f64, density: &[f64]) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("shares", shares.len())?;
    check.not_empty("density", density.len())?;
    check.share("shares", shares)?;
    check.non_negative("order", &[order])?;
    check.non_negative("density", density)?;
    let mut customers = [0_u64; BARS];
    shares.iter().for_each(|share| customers[((share * BARS as f64) as usize).min(BARS - 1)] += 1);
    let heights: Vec<f64> = customers.iter().map(|&n| n as f64 * BARS as f64 / shares.len() as f64).collect();
    Ok(Parts {
        name: NAME,
        title: "How regular are purchases? (Wheat and Morrison)".to_owned(),
        how_to_read: "For each customer the first time between purchases is divided by the sum of the first two; the bars show how often each share occurs. Purely random timing gives a flat histogram (dotted line). A peak in the middle means regular purchases and supports an Erlang model; high ends mean bursts of purchases with long gaps."
            .to_owned(),
        summary: format!(
            "The waits of {} look like Erlang of order {}; 1 is purely random timing.",
            text::counted(shares.len() as u64, "customer"),
            text::number(order, 2)
        ),
        data: ChartData::new(vec![
            Column::numbers("share_from", &(0..BARS).map(edge).collect::<Vec<_>>()),
            Column::numbers("share_below", &(1..=BARS).map(edge).collect::<Vec<_>>()),
            Column::integers("customers", &customers),
        ]),
        traces: vec![
            bars(&customers, &heights),
            curve(&[0.0, 1.0], &[1.0, 1.0], "Random timing (order 1)", 2),
            curve(&places(density.len()), density, &format!("Erlang of order {}", text::number(order, 2)), 3),
        ],
        layout: merged(with_legend(), json!({
            "bargap": 0.0,
            "xaxis": axis("First wait as a share of the first two waits together", json!({"range": [0, 1], "tickformat": ".0%", "showgrid": false})),
            "yaxis": axis("Density", json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}

fn edge(at: usize) -> f64 {
    at as f64 / BARS as f64
}

fn places(count: usize) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|at| at as f64 / last).collect()
}

fn bars(customers: &[u64; BARS], heights: &[f64]) -> Value {
    let middles: Vec<f64> = (0..BARS).map(|at| edge(at) + 0.5 / BARS as f64).collect();
    let hover = customers.iter().enumerate().map(|(at, &n)| {
        let range = format!("{} to {}", text::whole_percent(edge(at)), text::whole_percent(edge(at + 1)));
        text::plotly(&format!("{range}: {}", text::counted(n, "customer")))
    });
    let bars = trace::bars(trace::numbers(&middles), trace::numbers(heights), hover.collect(), 4)
        .name("Observed")
        .width(0.94 / BARS as f64);
    trace::json(&bars, json!({"marker": {"pattern": {"shape": ""}}}))
}

fn curve(x: &[f64], y: &[f64], name: &str, style: usize) -> Value {
    let line = trace::line(trace::numbers(x), trace::numbers(y), Mode::Lines, style)
        .name(text::plotly(name))
        .hover_info(HoverInfo::Skip);
    trace::json(&line, json!({"line": {"width": 3}}))
}
