//! The distribution of the value of all customers.

use serde_json::{Value, json};

use crate::bins::Bins;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::ChartData;
use crate::theme::{axis, line_note, merged, money_ticks, vertical_line};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "total_value_draws";

/// The total value at random parameters that the data allow, with its interval; `interval` is its
/// estimate, lower and upper end.
///
/// # Errors
/// [`PlotError`] when there is no draw, or a value is negative or not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::total_value_draws(&[36e3, 37e3, 39e3], (37.3e3, 35e3, 40e3), 0.95, 6, "$")?;
/// assert!(chart.text_summary().contains("$35,000 to $40,000"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn total_value_draws(
    draws: &[f64],
    interval: (f64, f64, f64),
    level: f64,
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("draws", draws.len())?;
    check.non_negative("draws", draws)?;
    let (estimate, low, high) = interval;
    check.non_negative("interval", &[estimate, low, high])?;
    check.share("level", &[level])?;
    let bins = Bins::new(draws);
    // Room for the amounts above the bars.
    let most = bins.counts.iter().copied().max().unwrap_or(0) as f64;
    let (level, horizon) = (text::whole_percent(level), text::counted(u64::from(horizon_months), "month"));
    let money = |value: f64| text::money(currency, value);
    let mut notes = vec![
        line_note(&json!(low), 1.0, &money(low), "right"),
        line_note(&json!(high), 1.0, &money(high), "left"),
        line_note(&json!(estimate), 1.0, &money(estimate), "left"),
    ];
    notes.extend(bins.open_note(|value| text::edge(currency, value)));
    Ok(Parts {
        name: NAME,
        title: format!("Value of all customers, next {horizon}"),
        how_to_read: format!(
            "Each bar counts draws of the parameters, of purchases and of spend, by the total value they give. The \
             solid line is the estimate; {level} of the draws lie between the dashed lines. The interval reflects parameter uncertainty only, not model error."
        ),
        summary: format!(
            "All customers together are worth {}, {level} interval {} to {}.",
            money(estimate),
            money(low),
            money(high)
        ),
        data: ChartData::new(bins.columns("total_value", "draws")),
        traces: vec![bars(&bins, currency)],
        layout: json!({
            "bargap": 0.0,
            "xaxis": axis(&format!("Total value, next {horizon} ({})", currency.trim()), merged(money_ticks(currency), json!({"showgrid": false}))),
            "yaxis": axis("Draws", json!({"range": [0.0, 1.15 * most]})),
            "shapes": [
                vertical_line(&json!(estimate), "solid"), vertical_line(&json!(low), "dash"),
                vertical_line(&json!(high), "dash")
            ],
            "annotations": notes
        }),
    }
    .into())
}

fn bars(bins: &Bins, currency: &str) -> Value {
    let hover = bins.hover(|value| text::edge(currency, value), |n| text::counted(n, "draw"));
    let bars = trace::bars(trace::numbers(&bins.middles()), trace::counts(&bins.counts), hover, 4)
        .width(bins.width * 0.94);
    trace::json(&bars, json!({"marker": {"pattern": {"shape": bins.patterns()}}}))
}
