//! Customers by number of purchases, observed and expected.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, names_axis, with_legend};
use crate::{Chart, PlotError, text, trace};

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
    Pairs { name: "repeat_purchases", thing: "repeat purchase", open: true, actual, expected }.chart()
}

/// Customers by number of purchases at their opportunities, as observed and as the model expects. The
/// index is the number of purchases, from none to the most opportunities that anybody had.
///
/// # Errors
/// As [`repeat_purchases`].
///
/// # Examples
/// ```
/// let chart = cltv_plots::opportunity_counts(&[3464, 1891, 1203], &[3460.2, 1902.5, 1195.3])?;
/// assert_eq!(chart.figure_json()["data"][0]["x"][2], "2");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn opportunity_counts(actual: &[u64], expected: &[f64]) -> Result<Chart, PlotError> {
    Pairs { name: "opportunity_counts", thing: "purchase", open: false, actual, expected }.chart()
}

/// A pair of bars for each number of purchases.
struct Pairs<'a> {
    name: &'static str,
    /// What is counted: "repeat purchase".
    thing: &'static str,
    /// Whether the last pair counts that many or more.
    open: bool,
    actual: &'a [u64],
    expected: &'a [f64],
}

impl Pairs<'_> {
    fn chart(self) -> Result<Chart, PlotError> {
        let Pairs { name, thing, actual, expected, .. } = self;
        let check = Check(name);
        check.not_empty("actual", actual.len())?;
        check.same_length(("actual", actual.len()), ("expected", expected.len()))?;
        check.non_negative("expected", expected)?;
        let labels = self.labels();
        Ok(Parts {
            name,
            title: format!("{}: observed and expected by the model", text::units(thing)),
            how_to_read: format!(
                "Each pair of bars counts the customers with that many {thing}s: filled as observed, hatched as the \
                 fitted model expects. Pairs of equal height mean that the model describes the customers it was \
                 fitted on; it is no test of a forecast."
            ),
            summary: self.summary(),
            data: ChartData::new(vec![
                Column::text(&format!("{thing}s").replace(' ', "_"), &labels),
                Column::integers("observed_customers", actual),
                Column::numbers("expected_customers", expected),
            ]),
            traces: self.traces(&labels),
            layout: merged(with_legend(), json!({
                "barmode": "group", "bargap": 0.25,
                "xaxis": names_axis(&format!("{} per customer", text::units(thing)), json!({})),
                "yaxis": axis("Customers", json!({"rangemode": "tozero"}))
            })),
        }
        .into())
    }

    /// "0", "1", ..., and "7+" for an open last pair.
    fn labels(&self) -> Vec<String> {
        let last = self.actual.len() - 1;
        let open = |at: usize| self.open && at > 0 && at == last;
        (0..=last).map(|at| format!("{at}{}", if open(at) { "+" } else { "" })).collect()
    }

    fn traces(&self, labels: &[String]) -> Vec<Value> {
        let hover = |who: &str, values: Vec<String>| -> Vec<String> {
            let label = |(label, value): (&String, String)| {
                let plural = if label == "1" { "" } else { "s" };
                format!("{label} {}{plural}, {who}: {value} customers", self.thing)
            };
            labels.iter().zip(values).map(label).collect()
        };
        let observed = hover("observed", self.actual.iter().map(|&n| text::count(n)).collect());
        let modelled = hover("model", self.expected.iter().map(|&n| text::number(n, 1)).collect());
        let (x, y) = (trace::names(labels), trace::counts(self.actual));
        let observed = trace::bars(x.clone(), y, observed, 0).name("Observed");
        let modelled = trace::bars(x, trace::numbers(self.expected), modelled, 1).name("Model");
        vec![trace::json(&observed, json!({})), trace::json(&modelled, json!({}))]
    }

    fn summary(&self) -> String {
        let (actual, expected) = (self.actual, self.expected);
        let total: u64 = actual.iter().sum();
        let gaps: f64 = actual.iter().zip(expected).map(|(&n, e)| (n as f64 - e).abs()).sum();
        // Moving one customer to another bar changes two bars, hence the half.
        let misplaced = if total == 0 { 0.0 } else { gaps / 2.0 / total as f64 };
        format!(
            "{} customers made no {}, the model expects {}; {} of {} would have to change bars to match the model.",
            text::count(actual[0]),
            self.thing,
            text::number(expected[0], 0),
            text::percent(misplaced),
            text::counted(total, "customer")
        )
    }
}
