//! Purchases and revenue by period.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_PERIODS, step};
use crate::theme::{axis, date_axis, merged, money_ticks};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "purchases_over_time";

/// What was bought in each period, in order of time.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodTotals {
    /// The length of a period: "week", "month".
    pub period: String,
    /// The first day of each period, as 1997-01-31.
    pub starts: Vec<String>,
    /// Purchases in each period.
    pub purchases: Vec<u64>,
    /// Revenue in each period; `None` when the transactions carry no amounts.
    pub revenue: Option<Vec<f64>>,
}

/// Purchases as bars and, below them, revenue as a line over the same calendar. More than 2,000 periods
/// are added up in equal groups, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no period, when the columns differ in length, when a date is not a
/// day, or when a revenue is not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{PeriodTotals, purchases_over_time};
/// let totals = PeriodTotals {
///     period: "month".into(),
///     starts: vec!["1997-01-01".into(), "1997-02-01".into()],
///     purchases: vec![2100, 2900],
///     revenue: Some(vec![70_000.0, 95_000.0]),
/// };
/// assert_eq!(purchases_over_time(&totals, "$")?.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn purchases_over_time(totals: &PeriodTotals, currency: &str) -> Result<Chart, PlotError> {
    check(totals)?;
    let together = step(totals.starts.len(), MOST_PERIODS);
    let summary = summary(totals, currency);
    let totals = &added_up(totals, together);
    let period = &totals.period;
    let mut columns =
        vec![Column::text("period_start", &totals.starts), Column::integers("purchases", &totals.purchases)];
    let mut traces = vec![purchase_bars(totals)];
    if let Some(revenue) = &totals.revenue {
        columns.push(Column::numbers("revenue", revenue));
        traces.push(revenue_line(totals, revenue, currency));
    }
    let both = totals.revenue.is_some();
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!(
            "Purchases{} per {}",
            if both { " and revenue" } else { "" },
            text::each(together, period)
        ),
        how_to_read: format!(
            "Each bar counts the purchases of one {period}{}. Look for a start-up phase, a season, a trend, \
             and for periods that are only partly covered by the data.",
            if both { "; the line below is what they brought in" } else { "" }
        ),
        summary,
        data: ChartData::new(columns),
        traces,
        layout: layout(totals, currency),
    });
    let note = format!("Each bar adds up {}.", text::counted(together as u64, period));
    Ok(chart.noted((together > 1).then_some(note)))
}

/// The totals of `together` neighbouring periods, under the first day of the first one.
fn added_up(totals: &PeriodTotals, together: usize) -> PeriodTotals {
    let sums = |revenue: &Vec<f64>| revenue.chunks(together).map(|group| group.iter().sum()).collect();
    PeriodTotals {
        period: totals.period.clone(),
        starts: totals.starts.iter().step_by(together).cloned().collect(),
        purchases: totals.purchases.chunks(together).map(|group| group.iter().sum()).collect(),
        revenue: totals.revenue.as_ref().map(sums),
    }
}

fn check(totals: &PeriodTotals) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("starts", totals.starts.len())?;
    check.same_length(("starts", totals.starts.len()), ("purchases", totals.purchases.len()))?;
    check.dates("starts", &totals.starts)?;
    check.unique("starts", totals.starts.iter().map(String::as_str))?;
    if let Some(revenue) = &totals.revenue {
        check.same_length(("starts", totals.starts.len()), ("revenue", revenue.len()))?;
        check.finite("revenue", revenue)?;
    }
    Ok(())
}

fn purchase_bars(totals: &PeriodTotals) -> Value {
    let hover = totals.starts.iter().zip(&totals.purchases).map(|(start, &n)| {
        text::plotly(&format!(
            "{} from {start}: {}",
            text::capital(&totals.period),
            text::counted(n, "purchase")
        ))
    });
    let bars =
        trace::bars(trace::names(&totals.starts), trace::counts(&totals.purchases), hover.collect(), 0);
    trace::json(&bars.name("Purchases"), json!({}))
}

fn revenue_line(totals: &PeriodTotals, revenue: &[f64], currency: &str) -> Value {
    let hover: Vec<String> = totals
        .starts
        .iter()
        .zip(revenue)
        .map(|(start, &sum)| {
            let period = text::capital(&totals.period);
            text::plotly(&format!("{period} from {start}: {}", text::money(currency, sum)))
        })
        .collect();
    let line = trace::line(trace::names(&totals.starts), trace::numbers(revenue), Mode::LinesMarkers, 3)
        .name("Revenue")
        .x_axis("x")
        .y_axis("y2")
        .hover_text_array(hover)
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({"line": {"dash": "solid"}, "marker": {"symbol": "circle", "size": 6}}))
}

fn layout(totals: &PeriodTotals, currency: &str) -> Value {
    let starting = format!("{} starting", text::capital(&totals.period));
    let purchases = json!({"rangemode": "tozero"});
    if totals.revenue.is_none() {
        return json!({"xaxis": date_axis(&starting, json!({})), "yaxis": axis("Purchases", purchases)});
    }
    let money = merged(money_ticks(currency), json!({"rangemode": "tozero", "domain": [0.0, 0.44]}));
    json!({
        "height": 540,
        "xaxis": date_axis(&starting, json!({"anchor": "y2"})),
        "yaxis": axis("Purchases", merged(purchases, json!({"domain": [0.54, 1.0], "zeroline": true, "zerolinecolor": "#888888"}))),
        "yaxis2": axis(&format!("Revenue ({})", currency.trim()), money)
    })
}

fn summary(totals: &PeriodTotals, currency: &str) -> String {
    let purchases: u64 = totals.purchases.iter().sum();
    let busiest = (0..totals.starts.len()).max_by_key(|&at| totals.purchases[at]).unwrap_or(0);
    let revenue = totals
        .revenue
        .as_ref()
        .map(|sums| format!(" worth {}", text::money(currency, sums.iter().sum())))
        .unwrap_or_default();
    format!(
        "{}{revenue} in {}; the busiest {} starts on {} with {}.",
        text::counted(purchases, "purchase"),
        text::counted(totals.starts.len() as u64, &totals.period),
        totals.period,
        totals.starts[busiest],
        text::counted(totals.purchases[busiest], "purchase"),
    )
}
