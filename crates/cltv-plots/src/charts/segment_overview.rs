//! Size and revenue of segments.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_GROUPS, largest, largest_note};
use crate::theme::{axis, merged, money_ticks, names_axis};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "segment_overview";

/// One segment's size and past revenue.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentTotal {
    /// The segment's name.
    pub name: String,
    /// Its customers.
    pub customers: u64,
    /// What they have spent; `None` when the transactions carry no amounts.
    pub revenue: Option<f64>,
}

/// Customers and revenue of each segment, from top to bottom in the given order, with their shares.
/// The revenue panel is left out when a segment has none. Of more than 60 segments, those with most
/// customers are drawn, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no segment, a name appears twice, or a revenue is not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{SegmentTotal, segment_overview};
/// let segments = [
///     SegmentTotal { name: "Champions".into(), customers: 310, revenue: Some(61_000.0) },
///     SegmentTotal { name: "Hibernating".into(), customers: 900, revenue: Some(19_500.0) },
/// ];
/// assert!(segment_overview(&segments, "$")?.text_summary().contains("Champions"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn segment_overview(segments: &[SegmentTotal], currency: &str) -> Result<Chart, PlotError> {
    check(segments)?;
    let all = Columns::of(segments);
    let sizes: Vec<f64> = all.customers.iter().map(|&n| n as f64).collect();
    let drawn = largest(&sizes, MOST_GROUPS);
    let Columns { names, customers, revenue } =
        Columns::of(&drawn.iter().map(|&at| segments[at].clone()).collect::<Vec<_>>());
    let revenue = all.revenue.as_ref().and(revenue);
    let mut columns = vec![Column::text("segment", &names), Column::integers("customers", &customers)];
    let mut traces = vec![customer_bars(&names, &customers, all.customers.iter().sum())];
    if let Some(revenue) = &revenue {
        columns.push(Column::numbers("revenue", revenue));
        let total = all.revenue.iter().flatten().sum();
        traces.push(revenue_bars(&names, revenue, total, currency));
    }
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("Segments: customers{}", if revenue.is_some() { " and revenue" } else { "" }),
        how_to_read:
            "Each row is a segment. Compare its share of the customers with its share of the revenue: few \
                      customers with much revenue are worth keeping, many with little are worth reactivating."
                .to_owned(),
        summary: summary(&all.names, &all.customers, all.revenue.as_deref(), currency),
        data: ChartData::new(columns),
        traces,
        layout: layout(&customers, revenue.as_deref(), currency),
    });
    Ok(chart.noted(largest_note(names.len(), segments.len(), "segment")))
}

struct Columns {
    names: Vec<String>,
    customers: Vec<u64>,
    revenue: Option<Vec<f64>>,
}

impl Columns {
    fn of(segments: &[SegmentTotal]) -> Columns {
        Columns {
            names: segments.iter().map(|segment| segment.name.clone()).collect(),
            customers: segments.iter().map(|segment| segment.customers).collect(),
            revenue: segments.iter().map(|segment| segment.revenue).collect(),
        }
    }
}

fn check(segments: &[SegmentTotal]) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("segments", segments.len())?;
    check.unique("segments", segments.iter().map(|segment| segment.name.as_str()))?;
    let revenue: Vec<f64> = segments.iter().map(|segment| segment.revenue.unwrap_or(0.0)).collect();
    check.finite("revenue", &revenue)
}

fn customer_bars(names: &[String], customers: &[u64], total: u64) -> Value {
    let label =
        |&n: &u64| format!("{} ({})", text::count(n), text::whole_percent(share(n as f64, total as f64)));
    let labels: Vec<String> = customers.iter().map(label).collect();
    let hover = hover(names, &labels, "customers");
    let bars = trace::lying_bars(trace::names(names), trace::counts(customers), escaped(&labels), hover, 0);
    trace::json(&bars.name("Customers"), json!({}))
}

fn revenue_bars(names: &[String], revenue: &[f64], total: f64, currency: &str) -> Value {
    let label = |&sum: &f64| {
        format!("{} ({})", text::edge(currency, sum.round()), text::whole_percent(share(sum, total)))
    };
    let labels: Vec<String> = revenue.iter().map(label).collect();
    let hover = hover(names, &labels, "revenue");
    let bars = trace::lying_bars(trace::names(names), trace::numbers(revenue), escaped(&labels), hover, 1);
    trace::json(&bars.name("Revenue").x_axis("x2").y_axis("y"), json!({}))
}

fn share(part: f64, total: f64) -> f64 {
    if total == 0.0 { 0.0 } else { part / total }
}

fn escaped(labels: &[String]) -> Vec<String> {
    labels.iter().map(|label| text::plotly(label)).collect()
}

fn hover(names: &[String], labels: &[String], what: &str) -> Vec<String> {
    names.iter().zip(labels).map(|(name, label)| text::plotly(&format!("{name}: {what} {label}"))).collect()
}

fn layout(customers: &[u64], revenue: Option<&[f64]>, currency: &str) -> Value {
    let most = customers.iter().copied().max().unwrap_or(0) as f64;
    let height = (150 + 32 * customers.len()).clamp(320, 900);
    let y = names_axis("", json!({"autorange": "reversed", "ticks": ""}));
    let Some(revenue) = revenue else {
        let x = axis("Customers", json!({"range": [0, room(most)]}));
        return json!({"height": height, "xaxis": x, "yaxis": y});
    };
    let largest = revenue.iter().copied().fold(0.0, f64::max);
    let least = revenue.iter().copied().fold(0.0, f64::min);
    let money = merged(
        money_ticks(currency),
        json!({
            "domain": [0.53, 1.0], "range": [least * 1.2, room(largest) * 1.15], "nticks": 3, "tickangle": 0
        }),
    );
    json!({
        "height": height,
        "xaxis": axis("Customers", json!({"domain": [0.0, 0.47], "range": [0, room(most)], "nticks": 5})),
        "xaxis2": axis(&format!("Revenue ({})", currency.trim()), money),
        "yaxis": y
    })
}

/// Room behind the longest bar for its label.
fn room(longest: f64) -> f64 {
    if longest > 0.0 { longest * 1.55 } else { 1.0 }
}

fn summary(names: &[String], customers: &[u64], revenue: Option<&[f64]>, currency: &str) -> String {
    let total: u64 = customers.iter().sum();
    let largest = (0..names.len()).max_by_key(|&at| customers[at]).unwrap_or(0);
    let of_customers = text::percent(share(customers[largest] as f64, total as f64));
    let first = format!(
        "{} is the largest of {} segments with {of_customers} of {}",
        names[largest],
        names.len(),
        text::counted(total, "customer")
    );
    let Some(revenue) = revenue else {
        return first + ".";
    };
    let sum: f64 = revenue.iter().sum();
    let best = (0..names.len()).max_by(|&a, &b| revenue[a].total_cmp(&revenue[b])).unwrap_or(0);
    format!(
        "{first}; {} brought most, {} of {}.",
        names[best],
        text::percent(share(revenue[best], sum)),
        text::money(currency, sum)
    )
}
