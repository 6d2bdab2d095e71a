//! Lifetime value by acquisition cost of channels.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_GROUPS, largest, largest_note};
use crate::theme::{INK, axis, merged, names_axis, vertical_line, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "ltv_to_cac";
/// Value by cost from which a channel is usually called healthy.
const HEALTHY: f64 = 3.0;

/// A channel or a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRatio {
    /// Its name.
    pub name: String,
    /// Its accounts.
    pub accounts: u64,
    /// Lifetime value by acquisition cost; `None` where nothing was spent.
    pub ratio: Option<f64>,
    /// Months until the cost is earned back; `None` when it never is.
    pub payback_months: Option<f64>,
}

/// LTV:CAC as a bar a channel, with the lines at 1:1 (below: a loss) and 3:1. `kind` names what the bars
/// are, such as "channel". Of more than 60, those with most accounts are drawn, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no channel, one stands there twice, or a ratio is not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{ChannelRatio, ltv_to_cac};
/// let channel = |name: &str, ratio| ChannelRatio {
///     name: name.into(), accounts: 40, ratio: Some(ratio), payback_months: Some(9.0),
/// };
/// let chart = ltv_to_cac(&[channel("Events", 0.8), channel("Web", 4.2)], "channel")?;
/// assert!(chart.text_summary().contains("Events"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn ltv_to_cac(channels: &[ChannelRatio], kind: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("channels", channels.len())?;
    check.unique("name", channels.iter().map(|channel| channel.name.as_str()))?;
    let ratios: Vec<f64> = channels.iter().map(|channel| channel.ratio.unwrap_or(0.0)).collect();
    check.finite("ratio", &ratios)?;
    let (summary, all) = (summary(channels, kind), channels.len());
    let accounts: Vec<f64> = channels.iter().map(|channel| channel.accounts as f64).collect();
    let drawn = largest(&accounts, MOST_GROUPS);
    let ratios: Vec<f64> = drawn.iter().map(|&at| ratios[at]).collect();
    let channels: &[ChannelRatio] = &drawn.iter().map(|&at| channels[at].clone()).collect::<Vec<_>>();
    let text = |pick: fn(&ChannelRatio) -> String| channels.iter().map(pick).collect::<Vec<_>>();
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("Lifetime value by acquisition cost, by {kind}"),
        how_to_read: format!(
            "Each bar is a {kind}: its lifetime value divided by what its accounts cost, with the months until the \
             cost is earned back. Left of the first line it makes a loss; 3:1, the second line, is the usual rule of \
             thumb, not a law."
        ),
        summary,
        data: ChartData::new(vec![
            Column::text(kind, &text(|channel| channel.name.clone())),
            Column::integers(
                "accounts",
                &channels.iter().map(|channel| channel.accounts).collect::<Vec<_>>(),
            ),
            Column::optional("value_by_cost", channels.iter().map(|channel| channel.ratio).collect()),
            Column::optional(
                "payback_months",
                channels.iter().map(|channel| channel.payback_months).collect(),
            ),
        ]),
        traces: vec![
            bars(channels, "3:1 or better", 2, |ratio| ratio >= HEALTHY),
            bars(channels, "Under 3:1", 1, |ratio| (1.0..HEALTHY).contains(&ratio)),
            bars(channels, "Loss", 3, |ratio| ratio < 1.0),
        ],
        layout: layout(channels, &ratios),
    });
    Ok(chart.noted(largest_note(channels.len(), all, kind)))
}

fn bars(channels: &[ChannelRatio], name: &str, style: usize, belongs: fn(f64) -> bool) -> Value {
    let own = |channel: &&ChannelRatio| channel.ratio.is_some_and(belongs);
    let members: Vec<&ChannelRatio> = channels.iter().filter(own).collect();
    let names: Vec<&str> = members.iter().map(|channel| channel.name.as_str()).collect();
    let lengths: Vec<f64> = members.iter().filter_map(|channel| channel.ratio).collect();
    let hover = |channel: &&ChannelRatio| {
        let accounts = text::counted(channel.accounts, "account");
        format!("{}, {accounts}: {}", text::plotly(&channel.name), label(channel))
    };
    let bars = trace::lying_bars(
        trace::names(&names),
        trace::numbers(&lengths),
        Vec::new(),
        members.iter().map(hover).collect(),
        style,
    );
    trace::json(&bars.name(name), json!({}))
}

fn label(channel: &ChannelRatio) -> String {
    let payback = channel
        .payback_months
        .map_or("never earned back".to_owned(), |months| format!("{} months", text::number(months, 1)));
    text::plotly(&format!("{}:1, {payback}", text::number(channel.ratio.unwrap_or(0.0), 2)))
}

/// The label of a bar at its end, on a ground of its own: the lines at 1:1 and 3:1 run below it.
fn at_its_end(channel: &ChannelRatio) -> Option<Value> {
    let end = channel.ratio?.max(0.0);
    Some(json!({
        "x": end, "y": text::plotly(&channel.name), "text": label(channel), "showarrow": false,
        "xanchor": "left", "xshift": 5, "borderpad": 1, "bgcolor": "rgba(255,255,255,0.9)",
        "font": {"size": 12, "color": INK}
    }))
}

/// A line over the whole height that stands in the legend.
fn named_line(ratio: f64, dash: &str, name: &str) -> Value {
    merged(vertical_line(&json!(ratio), dash), json!({"showlegend": true, "name": name}))
}

fn layout(channels: &[ChannelRatio], ratios: &[f64]) -> Value {
    let (low, high) = ratios.iter().fold((0.0_f64, HEALTHY), |(low, high), &r| (low.min(r), high.max(r)));
    // Without a ratio there is no bar; the name still shows the channel.
    let named = |channel: &ChannelRatio| text::plotly(&channel.name);
    let order: Vec<String> = channels.iter().map(named).collect();
    merged(
        with_legend(),
        json!({
            "height": (190 + 42 * channels.len()).clamp(300, 1000), "barmode": "overlay", "bargap": 0.3,
            "xaxis": axis("Lifetime value by acquisition cost (times)", json!({"range": [low * 1.1, high * 1.35], "tickformat": ""})),
            "yaxis": names_axis("", json!({"autorange": "reversed", "ticks": "", "categoryorder": "array", "categoryarray": order})),
            "shapes": [named_line(1.0, "dot", "1:1, cost earned back"), named_line(HEALTHY, "dash", "3:1, rule of thumb")],
            "annotations": channels.iter().filter_map(at_its_end).collect::<Vec<Value>>()
        }),
    )
}

fn summary(channels: &[ChannelRatio], kind: &str) -> String {
    let names = |belongs: fn(f64) -> bool| {
        let own = channels.iter().filter(|channel| channel.ratio.is_some_and(belongs));
        let names: Vec<&str> = own.map(|channel| channel.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    };
    format!(
        "Of {}, under 3:1: {}; at a loss: {}.",
        text::counted(channels.len() as u64, kind),
        names(|ratio| (1.0..HEALTHY).contains(&ratio)),
        names(|ratio| ratio < 1.0)
    )
}
