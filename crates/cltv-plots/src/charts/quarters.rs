//! Mean value of customers between the quartiles of value.

use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks, names_axis};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "value_by_quarter";

/// Customers between two quartiles of value.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarterValue {
    /// Its name: "Low".
    pub name: String,
    /// Customers in it.
    pub customers: u64,
    /// Their mean value.
    pub mean: f64,
    /// Their value together.
    pub total: f64,
}

/// The mean value of each quarter of the customers, with its share of the total.
///
/// # Errors
/// [`PlotError`] when there is no quarter, one stands there twice, or a value is not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{QuarterValue, value_by_quarter};
/// let quarter = |name: &str, mean| QuarterValue { name: name.into(), customers: 125, mean, total: 125.0 * mean };
/// let chart = value_by_quarter(&[quarter("Low", 2079.55), quarter("Top", 17990.25)], "$")?;
/// assert!(chart.text_summary().contains("Top"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn value_by_quarter(quarters: &[QuarterValue], currency: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("quarters", quarters.len())?;
    check.unique("name", quarters.iter().map(|quarter| quarter.name.as_str()))?;
    let means: Vec<f64> = quarters.iter().map(|quarter| quarter.mean).collect();
    let totals: Vec<f64> = quarters.iter().map(|quarter| quarter.total).collect();
    check.finite("mean", &means)?;
    check.finite("total", &totals)?;
    let all: f64 = totals.iter().sum();
    let share = |total: f64| if all == 0.0 { 0.0 } else { total / all };
    Ok(Parts {
        name: NAME,
        title: "Mean customer value by quarter of the customers".to_owned(),
        how_to_read: "Each bar is a quarter of the customers, cut at the quartiles of their value, with their mean value \
                      and their share of the value of all. A last bar much higher than the others means that few customers hold most of the value."
            .to_owned(),
        summary: summary(quarters, &share, currency),
        data: ChartData::new(vec![
            Column::text("segment", &quarters.iter().map(|quarter| quarter.name.clone()).collect::<Vec<_>>()),
            Column::integers("customers", &quarters.iter().map(|quarter| quarter.customers).collect::<Vec<_>>()),
            Column::numbers("mean_value", &means),
            Column::numbers("share_of_value", &totals.iter().map(|&total| share(total)).collect::<Vec<_>>()),
        ]),
        traces: vec![bars(quarters, &share, currency)],
        layout: json!({
            "xaxis": names_axis("Quarter of the customers", json!({})),
            "yaxis": axis(&format!("Mean value of a customer ({})", currency.trim()), merged(money_ticks(currency), json!({"rangemode": "tozero"})))
        }),
    }
    .into())
}

fn bars(quarters: &[QuarterValue], share: &dyn Fn(f64) -> f64, currency: &str) -> Value {
    let names: Vec<&str> = quarters.iter().map(|quarter| quarter.name.as_str()).collect();
    let means: Vec<f64> = quarters.iter().map(|quarter| quarter.mean).collect();
    let label = |quarter: &QuarterValue| {
        let share = text::percent(share(quarter.total));
        text::plotly(&format!("{} ({share} of all)", text::money(currency, quarter.mean)))
    };
    let hover = |quarter: &QuarterValue| {
        let customers = text::counted(quarter.customers, "customer");
        format!("{}, {customers}: {}", text::plotly(&quarter.name), label(quarter))
    };
    let bars =
        trace::bars(trace::names(&names), trace::numbers(&means), quarters.iter().map(hover).collect(), 4)
            .text_array(quarters.iter().map(label).collect::<Vec<_>>())
            .text_position(plotly::common::TextPosition::Outside)
            .clip_on_axis(false)
            .text_angle(0.0);
    trace::json(&bars, json!({"name": "Mean value", "marker": {"pattern": {"shape": ""}}}))
}

fn summary(quarters: &[QuarterValue], share: &dyn Fn(f64) -> f64, currency: &str) -> String {
    let best = quarters.iter().max_by(|a, b| a.mean.total_cmp(&b.mean)).unwrap_or(&quarters[0]);
    format!(
        "{} customers are worth {} on average and hold {} of the value.",
        best.name,
        text::money(currency, best.mean),
        text::percent(share(best.total))
    )
}
