//! Observed retention and that of one constant retention rate.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "retention_curve";

/// The share of customers that buy in each period after their first, against the curve of one constant
/// retention rate. Both slices begin with the first purchase's own period, where the share is 1.
///
/// # Errors
/// [`PlotError`] when there is no period, the slices differ in length, or a share is not between 0 and 1.
///
/// # Examples
/// ```
/// let chart = cltv_plots::retention_curve(&[1.0, 0.3, 0.25], &[1.0, 0.5, 0.25], "quarter")?;
/// assert_eq!(chart.data().rows(), 3);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn retention_curve(observed: &[f64], constant: &[f64], period: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("observed", observed.len())?;
    check.same_length(("observed", observed.len()), ("constant", constant.len()))?;
    check.share("observed", observed)?;
    check.share("constant", constant)?;
    let periods: Vec<u64> = (0..observed.len() as u64).collect();
    Ok(Parts {
        name: NAME,
        title: format!("Customers who buy, by {period}s since their first purchase"),
        how_to_read: "The solid line is the share of customers who bought in that period of their life, the dashed one that of a constant retention rate. A solid line that falls fast and then flattens means a mixture of customers who leave at once and loyal ones, which a constant rate cannot describe."
            .to_owned(),
        summary: summary(observed, constant, period),
        data: ChartData::new(vec![
            Column::integers(&format!("{period}s_since_first_purchase"), &periods),
            Column::numbers("observed", observed),
            Column::numbers("constant_rate", constant),
        ]),
        traces: vec![
            line(observed, "Observed", 0, period),
            line(constant, "Constant retention rate", 1, period),
        ],
        layout: merged(with_legend(), json!({
            "xaxis": axis(&format!("{} since the first purchase", text::units(period)), json!({"dtick": 1, "tickformat": ""})),
            "yaxis": axis("Share of customers who buy", json!({"tickformat": ".0%", "range": [0, 1.04]}))
        })),
    }
    .into())
}

fn line(shares: &[f64], name: &str, style: usize, period: &str) -> Value {
    let at: Vec<f64> = (0..shares.len()).map(|at| at as f64).collect();
    let hover = shares
        .iter()
        .enumerate()
        .map(|(at, share)| text::plotly(&format!("{name}, {period} {at}: {}", text::percent(*share))));
    // Dashes come with the odd styles.
    let line = trace::line(trace::numbers(&at), trace::numbers(shares), Mode::LinesMarkers, style)
        .name(name)
        .hover_text_array(hover.collect())
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({}))
}

fn summary(observed: &[f64], constant: &[f64], period: &str) -> String {
    let last = observed.len() - 1;
    format!(
        "{} {} after the first purchase {} of the customers buy; a constant rate gives {}.",
        last,
        if last == 1 { period.to_owned() } else { format!("{period}s") },
        text::percent(observed[last]),
        text::percent(constant[last])
    )
}
