//! Expected value by tier, by segment, and by both.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_GROUPS, largest, largest_note};
use crate::theme::{axis, merged, money_ticks, names_axis, with_legend};
use crate::{Chart, PlotError, text, trace};

const BY_GROUP: &str = "value_by_group";
const BY_BOTH: &str = "value_by_segment_and_tier";

/// A group of customers, a tier or a segment, and what it is expected to bring.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupValue {
    /// The group's name.
    pub name: String,
    /// Its customers.
    pub customers: u64,
    /// The sum of their expected lifetime values.
    pub value: f64,
    /// The sum of what contacting each of them once is expected to add; `None` leaves it out.
    pub winback_value: Option<f64>,
}

/// The customers of one segment and one tier.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentTierValue {
    /// The segment's name.
    pub segment: String,
    /// The tier's name.
    pub tier: String,
    /// Customers in both.
    pub customers: u64,
    /// The sum of their expected lifetime values.
    pub value: f64,
}

/// Expected value, and beside it win-back value, of each tier or segment, from top to bottom in the
/// given order. `kind` names the groups: "tier", "segment". Of more than 60, those of most value are drawn,
/// and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no group, a name appears twice, or a value is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{GroupValue, value_by_group};
/// let tiers = [
///     GroupValue { name: "High".into(), customers: 471, value: 31_000.0, winback_value: Some(4_100.0) },
///     GroupValue { name: "Low".into(), customers: 1100, value: 6_000.0, winback_value: Some(2_500.0) },
/// ];
/// assert_eq!(value_by_group(&tiers, "tier", 6, "$")?.title(), "Expected value by tier, next 6 months");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn value_by_group(
    groups: &[GroupValue],
    kind: &str,
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    let (value, winback) = checked_groups(groups)?;
    let horizon = text::counted(u64::from(horizon_months), "month");
    let summary = group_summary(groups, &value, winback.as_deref(), &horizon, currency);
    let (total, all) = (value.iter().sum(), groups.len());
    let drawn = largest(&value, MOST_GROUPS);
    let groups: &[GroupValue] = &drawn.iter().map(|&at| groups[at].clone()).collect::<Vec<_>>();
    let pick = |values: &[f64]| drawn.iter().map(|&at| values[at]).collect::<Vec<f64>>();
    let (value, winback) = (pick(&value), winback.as_deref().map(pick));
    let mut traces = vec![value_trace(groups, &value, total, currency)];
    if let Some(winback) = &winback {
        traces.push(winback_trace(groups, winback, currency));
    }
    let longest = value.iter().chain(winback.iter().flatten()).copied().fold(0.0, f64::max);
    let legend = if winback.is_some() { with_legend() } else { json!({}) };
    let chart = Chart::from(Parts {
        name: BY_GROUP,
        title: format!("Expected value by {kind}, next {horizon}"),
        how_to_read: how_to_read(kind, winback.is_some()),
        summary,
        data: group_data(groups, kind, &value, winback.as_deref()),
        traces,
        layout: merged(
            legend,
            lying_layout(groups.len(), traces_height(winback.is_some()), longest * 1.5, currency),
        ),
    });
    Ok(chart.noted(largest_note(groups.len(), all, kind)))
}

/// Expected value of each segment, stacked by tier. Segments and tiers keep the order in which they
/// first appear. Of more than 60 segments, those of most value are drawn, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no row, a pair appears twice, or a value is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{SegmentTierValue, value_by_segment_and_tier};
/// let row = |tier: &str, value| SegmentTierValue {
///     segment: "Champions".into(), tier: tier.into(), customers: 10, value,
/// };
/// let chart = value_by_segment_and_tier(&[row("High", 900.0), row("Low", 40.0)], 6, "$")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn value_by_segment_and_tier(
    rows: &[SegmentTierValue],
    horizon_months: u32,
    currency: &str,
) -> Result<Chart, PlotError> {
    check_pairs(rows)?;
    let all = text::distinct(rows.iter().map(|row| row.segment.as_str()));
    let summary = pair_summary(rows, &all, currency);
    let sums: Vec<f64> = all.iter().map(|segment| sum_of(rows, segment)).collect();
    let segments: Vec<String> = largest(&sums, MOST_GROUPS).into_iter().map(|at| all[at].clone()).collect();
    let kept = |row: &&SegmentTierValue| segments.contains(&row.segment);
    let rows: &[SegmentTierValue] = &rows.iter().filter(kept).cloned().collect::<Vec<_>>();
    let tiers = text::distinct(rows.iter().map(|row| row.tier.as_str()));
    let horizon = text::counted(u64::from(horizon_months), "month");
    let traces = tiers
        .iter()
        .enumerate()
        .map(|(style, tier)| tier_trace(rows, &segments, tier, style, currency))
        .collect();
    let longest = sums.iter().copied().fold(0.0, f64::max);
    let layout = merged(
        lying_layout(segments.len(), 34, longest * 1.06, currency),
        json!({
            "barmode": "stack", "legend": {"title": {"text": "Tier"}, "traceorder": "normal"}
        }),
    );
    let chart = Chart::from(Parts {
        name: BY_BOTH,
        title: format!("Expected value by segment and tier, next {horizon}"),
        how_to_read: "Each row is a segment, and its length the value expected of it; the pieces show from which value \
                      tier it comes. A long piece of the at-risk tier marks a segment that may be worth winning back."
            .to_owned(),
        summary,
        data: pair_data(rows),
        traces,
        layout: merged(with_legend(), layout),
    });
    Ok(chart.noted(largest_note(segments.len(), all.len(), "segment")))
}

fn checked_groups(groups: &[GroupValue]) -> Result<(Vec<f64>, Option<Vec<f64>>), PlotError> {
    let check = Check(BY_GROUP);
    check.not_empty("groups", groups.len())?;
    check.unique("groups", groups.iter().map(|group| group.name.as_str()))?;
    let value: Vec<f64> = groups.iter().map(|group| group.value).collect();
    let winback: Option<Vec<f64>> = groups.iter().map(|group| group.winback_value).collect();
    check.non_negative("value", &value)?;
    check.non_negative("winback_value", winback.as_deref().unwrap_or_default())?;
    Ok((value, winback))
}

fn check_pairs(rows: &[SegmentTierValue]) -> Result<(), PlotError> {
    let check = Check(BY_BOTH);
    check.not_empty("rows", rows.len())?;
    let pairs: Vec<String> = rows.iter().map(|row| format!("{} / {}", row.segment, row.tier)).collect();
    check.unique("rows", pairs.iter().map(String::as_str))?;
    check.non_negative("value", &rows.iter().map(|row| row.value).collect::<Vec<_>>())
}

fn sum_of(rows: &[SegmentTierValue], segment: &str) -> f64 {
    rows.iter().filter(|row| row.segment == segment).map(|row| row.value).sum()
}

fn share(part: f64, total: f64) -> f64 {
    if total > 0.0 { part / total } else { 0.0 }
}

fn value_trace(groups: &[GroupValue], value: &[f64], total: f64, currency: &str) -> Value {
    let label = |sum: &f64| {
        text::plotly(&format!(
            "{} ({})",
            text::edge(currency, sum.round()),
            text::whole_percent(share(*sum, total))
        ))
    };
    let hover = |group: &GroupValue| {
        let customers = text::counted(group.customers, "customer");
        let value = text::money(currency, group.value);
        text::plotly(&format!("{}: {customers}, expected value {value}", group.name))
    };
    bars(
        groups,
        value,
        value.iter().map(label).collect(),
        groups.iter().map(hover).collect(),
        "Expected value",
        0,
    )
}

fn winback_trace(groups: &[GroupValue], winback: &[f64], currency: &str) -> Value {
    let label = |sum: &f64| text::plotly(&text::edge(currency, sum.round()));
    let hover = |(group, sum): (&GroupValue, &f64)| {
        text::plotly(&format!("{}: win-back value {}", group.name, text::money(currency, *sum)))
    };
    let hover = groups.iter().zip(winback).map(hover).collect();
    bars(groups, winback, winback.iter().map(label).collect(), hover, "Win-back value", 1)
}

fn bars(
    groups: &[GroupValue],
    sums: &[f64],
    labels: Vec<String>,
    hover: Vec<String>,
    name: &str,
    style: usize,
) -> Value {
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let bars = trace::lying_bars(trace::names(&names), trace::numbers(sums), labels, hover, style);
    trace::json(&bars.name(name), json!({}))
}

fn tier_trace(
    rows: &[SegmentTierValue],
    segments: &[String],
    tier: &str,
    style: usize,
    currency: &str,
) -> Value {
    let cell = |segment: &String| rows.iter().find(|row| row.segment == *segment && row.tier == tier);
    let sums: Vec<f64> = segments.iter().map(|segment| cell(segment).map_or(0.0, |row| row.value)).collect();
    let hover = |segment: &String| {
        let (n, value) = cell(segment).map_or((0, 0.0), |row| (row.customers, row.value));
        let value = text::money(currency, value);
        text::plotly(&format!("{segment}, {tier}: {}, expected value {value}", text::counted(n, "customer")))
    };
    let hover = segments.iter().map(hover).collect();
    let bars = trace::lying_bars(trace::names(segments), trace::numbers(&sums), vec![], hover, style);
    trace::json(&bars.name(text::plotly(tier)), json!({}))
}

fn traces_height(pair: bool) -> usize {
    if pair { 58 } else { 40 }
}

fn lying_layout(groups: usize, row: usize, longest: f64, currency: &str) -> Value {
    let range = if longest > 0.0 { longest } else { 1.0 };
    let x = merged(money_ticks(currency), json!({"range": [0, range], "nticks": 7}));
    json!({
        "height": (160 + row * groups).clamp(300, 1000), "barmode": "group", "bargap": 0.25,
        "xaxis": axis(&format!("Expected value ({})", currency.trim()), x),
        "yaxis": names_axis("", json!({"autorange": "reversed", "ticks": ""}))
    })
}

fn how_to_read(kind: &str, winback: bool) -> String {
    let hatched = if winback {
        " The hatched bar is the win-back value: what contacting each customer once is expected to add, and so the most that all contacts may cost."
    } else {
        ""
    };
    format!("Each filled bar is the value expected of a {kind}, with its share of the total.{hatched}")
}

fn group_summary(
    groups: &[GroupValue],
    value: &[f64],
    winback: Option<&[f64]>,
    horizon: &str,
    currency: &str,
) -> String {
    let total: f64 = value.iter().sum();
    let best = (0..groups.len()).max_by(|&a, &b| value[a].total_cmp(&value[b])).unwrap_or(0);
    let added = winback
        .map(|sums| {
            format!("; contacting everybody is expected to add {}", text::money(currency, sums.iter().sum()))
        })
        .unwrap_or_default();
    format!(
        "{} is expected in the next {horizon}, {} of it from {} ({}){added}.",
        text::money(currency, total),
        text::percent(share(value[best], total)),
        groups[best].name,
        text::counted(groups[best].customers, "customer")
    )
}

fn group_data(groups: &[GroupValue], kind: &str, value: &[f64], winback: Option<&[f64]>) -> ChartData {
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    let customers: Vec<u64> = groups.iter().map(|group| group.customers).collect();
    let mut columns = vec![
        Column::text(kind, &names),
        Column::integers("customers", &customers),
        Column::numbers("expected_value", value),
    ];
    columns.extend(winback.map(|sums| Column::numbers("winback_value", sums)));
    ChartData::new(columns)
}

fn pair_data(rows: &[SegmentTierValue]) -> ChartData {
    let text =
        |pick: fn(&SegmentTierValue) -> &String| rows.iter().map(|row| pick(row).clone()).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::text("segment", &text(|row| &row.segment)),
        Column::text("tier", &text(|row| &row.tier)),
        Column::integers("customers", &rows.iter().map(|row| row.customers).collect::<Vec<_>>()),
        Column::numbers("expected_value", &rows.iter().map(|row| row.value).collect::<Vec<_>>()),
    ])
}

fn pair_summary(rows: &[SegmentTierValue], segments: &[String], currency: &str) -> String {
    let total: f64 = rows.iter().map(|row| row.value).sum();
    let sum = |segment: &String| sum_of(rows, segment);
    let none = String::new();
    let best = segments.iter().max_by(|a, b| sum(a).total_cmp(&sum(b))).unwrap_or(&none);
    format!(
        "{} is expected in {}; {best} brings {} of it.",
        text::money(currency, total),
        text::counted(segments.len() as u64, "segment"),
        text::percent(share(sum(best), total))
    )
}
