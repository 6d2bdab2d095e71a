//! Does the model reproduce how often customers bought?

use serde_json::json;

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, names_axis, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "repeat_purchases";

/// Customers by number of repeat purchases, as observed and as the model expects. The index is the
/// number of repeat purchases; the last entry counts that many **or more**.
///
/// # Errors
/// [`PlotError`] when there is no bar, the two differ in length, or an expectation is
/// negative or not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::repeat_purchases(&[1411, 439, 214, 293], &[1416.1, 402.3, 208.8, 329.8])?;
/// assert_eq!(chart.data().rows(), 4);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn repeat_purchases(actual: &[u64], expected: &[f64]) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("actual", actual.len())?;
    check.same_length(("actual", actual.len()), ("expected", expected.len()))?;
    check.non_negative("expected", expected)?;
    let labels = labels(actual.len());
    let hover = |who: &str, values: Vec<String>| -> Vec<String> {
        let label = |(label, value): (&String, String)| {
            format!(
                "{label} repeat purchase{}, {who}: {value} customers",
                if label == "1" { "" } else { "s" }
            )
        };
        labels.iter().zip(values).map(label).collect()
    };
    let observed = hover("observed", actual.iter().map(|&n| text::count(n)).collect());
    let modelled = hover("model", expected.iter().map(|&n| text::number(n, 1)).collect());
    let observed = trace::bars(trace::names(&labels), trace::counts(actual), observed, 0).name("Observed");
    let modelled = trace::bars(trace::names(&labels), trace::numbers(expected), modelled, 1).name("Model");
    Ok(Parts {
        name: NAME,
        title: "Repeat purchases: observed and expected by the model".to_owned(),
        how_to_read: "Each pair of bars counts the customers with that many repeat purchases: filled as observed, \
                      hatched as the fitted model expects. Pairs of equal height mean that the model describes the \
                      customers it was fitted on; it says nothing yet about the future."
            .to_owned(),
        summary: summary(actual, expected),
        data: ChartData::new(vec![
            Column::text("repeat_purchases", &labels),
            Column::integers("observed_customers", actual),
            Column::numbers("expected_customers", expected),
        ]),
        traces: vec![trace::json(&observed, json!({})), trace::json(&modelled, json!({}))],
        layout: merged(with_legend(), json!({
            "barmode": "group", "bargap": 0.25,
            "xaxis": names_axis("Repeat purchases per customer", json!({})),
            "yaxis": axis("Customers", json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}

/// "0", "1", ..., "7+".
fn labels(bars: usize) -> Vec<String> {
    let label = |at: usize| {
        if at > 0 && at + 1 == bars { format!("{at}+") } else { at.to_string() }
    };
    (0..bars).map(label).collect()
}

fn summary(actual: &[u64], expected: &[f64]) -> String {
    let total: u64 = actual.iter().sum();
    let gaps: f64 = actual.iter().zip(expected).map(|(&n, e)| (n as f64 - e).abs()).sum();
    // Moving one customer to another bar changes two bars, hence the half.
    let misplaced = if total == 0 { 0.0 } else { gaps / 2.0 / total as f64 };
    format!(
        "{} customers made no repeat purchase, the model expects {}; {} of {} would have to change bars to match the model.",
        text::count(actual[0]),
        text::number(expected[0], 0),
        text::percent(misplaced),
        text::counted(total, "customer")
    )
}
