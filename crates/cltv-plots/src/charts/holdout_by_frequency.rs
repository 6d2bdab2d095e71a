//! Actual and expected holdout purchases by calibration frequency.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, names_axis, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "holdout_by_frequency";
/// The calibration frequency from which on customers share the last point.
const LAST: u64 = 7;

/// The holdout's purchases of the customers with one calibration frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrequencyGroup {
    /// Repeat purchases of each in the calibration.
    pub frequency: u64,
    /// How many customers.
    pub customers: u64,
    /// Their purchases in the holdout.
    pub actual: u64,
    /// Purchases expected of them.
    pub expected: f64,
}

/// Mean purchases in the holdout period, actual and expected, by the repeat purchases of the
/// calibration period; seven and more share the last point. `holdout` is the length of the holdout period in `unit`s.
///
/// # Errors
/// [`PlotError`] when there is no customer, or an expectation is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{FrequencyGroup, holdout_by_frequency};
/// let group = |frequency, customers, actual, expected| FrequencyGroup { frequency, customers, actual, expected };
/// let chart = holdout_by_frequency(&[group(0, 9, 3, 2.2), group(2, 4, 4, 4.1)], 39.0, "week")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn holdout_by_frequency(groups: &[FrequencyGroup], holdout: f64, unit: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    let customers: u64 = groups.iter().map(|group| group.customers).sum();
    check.not_empty("customers", customers as usize)?;
    check.non_negative("expected", &groups.iter().map(|group| group.expected).collect::<Vec<_>>())?;
    let bins = bins(groups);
    let period = text::span(holdout, unit);
    Ok(Parts {
        name: NAME,
        title: format!("Purchases in the holdout ({period}) by past frequency"),
        how_to_read: "Customers are grouped by their repeat purchases in the calibration period, on which the model was fitted. The solid line is what they bought on average in the holdout period, the dashed line what the model expected. The last group is small, so its difference is the least certain."
            .to_owned(),
        summary: summary(groups, customers, &period),
        data: data(&bins),
        traces: vec![
            line(&bins, "Actual", |bin| bin.actual, 0),
            line(&bins, "Expected by the model", |bin| bin.expected, 1),
        ],
        layout: merged(with_legend(), json!({
            "xaxis": names_axis("Repeat purchases in the calibration period", json!({})),
            "yaxis": axis(&format!("Mean purchases in {period}"), json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}

/// Customers with the same calibration frequency, with their mean holdout purchases.
struct Bin {
    label: String,
    customers: u64,
    actual: f64,
    expected: f64,
}

/// Frequencies that nobody has are left out: they have no mean.
fn bins(groups: &[FrequencyGroup]) -> Vec<Bin> {
    let mut sums = vec![(0u64, 0.0, 0.0); LAST as usize + 1];
    for group in groups {
        let bin = &mut sums[group.frequency.min(LAST) as usize];
        *bin = (bin.0 + group.customers, bin.1 + group.actual as f64, bin.2 + group.expected);
    }
    let bin = |(x, (n, bought, expectation)): (usize, (u64, f64, f64))| Bin {
        label: if x as u64 == LAST { format!("{x}+") } else { x.to_string() },
        customers: n,
        actual: bought / n as f64,
        expected: expectation / n as f64,
    };
    sums.into_iter().enumerate().filter(|(_, sum)| sum.0 > 0).map(bin).collect()
}

fn data(bins: &[Bin]) -> ChartData {
    let labels: Vec<String> = bins.iter().map(|bin| bin.label.clone()).collect();
    let column = |pick: fn(&Bin) -> f64| bins.iter().map(pick).collect::<Vec<f64>>();
    ChartData::new(vec![
        Column::text("calibration_frequency", &labels),
        Column::integers("customers", &bins.iter().map(|bin| bin.customers).collect::<Vec<_>>()),
        Column::numbers("mean_actual", &column(|bin| bin.actual)),
        Column::numbers("mean_expected", &column(|bin| bin.expected)),
    ])
}

fn line(bins: &[Bin], name: &str, pick: fn(&Bin) -> f64, style: usize) -> Value {
    let labels: Vec<&str> = bins.iter().map(|bin| bin.label.as_str()).collect();
    let hover: Vec<String> = bins
        .iter()
        .map(|bin| {
            let customers = text::counted(bin.customers, "customer");
            format!("{name}: {} for {customers} with {} before", text::number(pick(bin), 2), bin.label)
        })
        .collect();
    let values: Vec<f64> = bins.iter().map(pick).collect();
    let line = trace::line(trace::names(&labels), trace::numbers(&values), Mode::LinesMarkers, style)
        .name(name)
        .hover_text_array(hover)
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({"marker": {"size": 9}}))
}

fn summary(groups: &[FrequencyGroup], customers: u64, period: &str) -> String {
    let bought: u64 = groups.iter().map(|group| group.actual).sum();
    let expectation: f64 = groups.iter().map(|group| group.expected).sum();
    let error = if bought == 0 {
        String::new()
    } else {
        format!(" ({})", text::signed_percent(expectation / bought as f64 - 1.0))
    };
    format!(
        "In the holdout of {period}, {} bought {} times against {} expected{error}.",
        text::counted(customers, "customer"),
        text::count(bought),
        text::number(expectation, 1)
    )
}
