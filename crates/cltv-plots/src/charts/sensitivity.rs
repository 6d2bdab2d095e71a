//! Sensitivity of the formula's value to each input.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks, names_axis, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "value_sensitivity";

/// One input moved down and up.
#[derive(Debug, Clone, PartialEq)]
pub struct SensitivityBar {
    /// The input with its step, as "retention ± 1 point".
    pub input: String,
    /// Change of the value when the input is moved down; `None` where it cannot be.
    pub down: Option<f64>,
    /// Change of the value when the input is moved up; `None` where it cannot be.
    pub up: Option<f64>,
}

/// A tornado: how far the value moves when each input is moved one step down and one step up, the
/// strongest input on top. `value` is the value without a move.
///
/// # Errors
/// [`PlotError`] when there is no input, one stands there twice, or a change is not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{SensitivityBar, value_sensitivity};
/// let bar = |input: &str, size: f64| SensitivityBar { input: input.into(), down: Some(-size), up: Some(size) };
/// let chart = value_sensitivity(&[bar("margin", 2.0), bar("retention", 12.0)], 260.0, "$")?;
/// assert!(chart.text_summary().contains("retention"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn value_sensitivity(bars: &[SensitivityBar], value: f64, currency: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("bars", bars.len())?;
    check.unique("input", bars.iter().map(|bar| bar.input.as_str()))?;
    check.finite("value", &[value])?;
    let changes: Vec<f64> = bars.iter().flat_map(|bar| [bar.down, bar.up]).flatten().collect();
    check.finite("changes", &changes)?;
    let mut sorted = bars.to_vec();
    sorted.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let longest = changes.iter().fold(0.0, |most: f64, change| most.max(change.abs()));
    Ok(Parts {
        name: NAME,
        title: "What one step of each input is worth".to_owned(),
        how_to_read: "Each pair of bars is an input moved one step down (dotted) and one step up (plain), all others unchanged. The longest bar is the input with the largest effect on a customer's value; how hard a step is to achieve is not shown."
            .to_owned(),
        summary: summary(&sorted, value, currency),
        data: ChartData::new(vec![
            Column::text("input", &sorted.iter().map(|bar| bar.input.clone()).collect::<Vec<_>>()),
            Column::optional("change_down", sorted.iter().map(|bar| bar.down).collect()),
            Column::optional("change_up", sorted.iter().map(|bar| bar.up).collect()),
        ]),
        traces: vec![
            side(&sorted, "One step up", |bar| bar.up, 0, currency),
            side(&sorted, "One step down", |bar| bar.down, 2, currency),
        ],
        layout: merged(with_legend(), json!({
            "height": (190 + 48 * bars.len()).max(300), "barmode": "overlay", "bargap": 0.35,
            "xaxis": axis(
                &format!("Change of the value of a customer ({})", currency.trim()),
                merged(money_ticks(currency), json!({"range": [-1.3 * longest, 1.3 * longest], "zeroline": true}))
            ),
            "yaxis": names_axis("", json!({"autorange": "reversed", "ticks": ""}))
        })),
    }
    .into())
}

fn size(bar: &SensitivityBar) -> f64 {
    [bar.down, bar.up].into_iter().flatten().fold(0.0, |most: f64, change| most.max(change.abs()))
}

fn side(
    bars: &[SensitivityBar],
    name: &str,
    pick: fn(&SensitivityBar) -> Option<f64>,
    style: usize,
    currency: &str,
) -> Value {
    let own: Vec<(&str, f64)> =
        bars.iter().filter_map(|bar| Some((bar.input.as_str(), pick(bar)?))).collect();
    let names: Vec<&str> = own.iter().map(|(name, _)| *name).collect();
    let lengths: Vec<f64> = own.iter().map(|(_, change)| *change).collect();
    let label = |change: &f64| {
        let sign = if *change > 0.0 { "+" } else { "" };
        text::plotly(&format!("{sign}{}", text::money(currency, *change)))
    };
    let hover =
        own.iter().map(|(input, change)| format!("{}: {}", text::plotly(input), label(change))).collect();
    let labels = lengths.iter().map(label).collect();
    let bars = trace::lying_bars(trace::names(&names), trace::numbers(&lengths), labels, hover, style);
    trace::json(&bars.name(name), json!({}))
}

fn summary(sorted: &[SensitivityBar], value: f64, currency: &str) -> String {
    let first = sorted.first().map_or("nothing", |bar| bar.input.as_str());
    let most = sorted.first().map_or(0.0, size);
    let share = if value == 0.0 { 0.0 } else { most / value };
    format!(
        "A customer is worth {}; the strongest step is {first}, {} or {} of the value.",
        text::money(currency, value),
        text::money(currency, most),
        text::percent(share)
    )
}
