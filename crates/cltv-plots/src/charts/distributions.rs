//! How recency, frequency and monetary value are spread over customers.

use serde_json::{Value, json};

use crate::bins::{Bins, centre};
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, band_note, merged, money_ticks, names_axis, vertical_line};
use crate::{Chart, PlotError, text, trace};

/// The frequency from which on customers share the last bar.
const MOST_PURCHASES: u64 = 10;

/// Days since the last purchase, over customers: the R of RFM.
///
/// # Errors
/// [`PlotError`] when there is no customer or a value is negative or not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::recency_distribution(&[3.0, 41.0, 250.0, 8.0])?;
/// assert_eq!(chart.title(), "Days since the last purchase");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn recency_distribution(recency_days: &[f64]) -> Result<Chart, PlotError> {
    Spread {
        name: "recency_distribution",
        input: "recency_days",
        quantity: "days",
        title: "Days since the last purchase".to_owned(),
        axis_title: "Days since the last purchase".to_owned(),
        how_to_read: "Each bar counts the customers whose last purchase lies that many days before the end of \
                      the data. A tall bar far to the right is a group that has not come back for long.",
        subject: "the last purchase lies",
        unit: Unit::Days,
        values: recency_days,
        who: "customer",
    }
    .chart()
}

/// Purchases per customer, the first one included: the F of RFM. Ten and more share the last bar.
///
/// # Errors
/// [`PlotError`] when there is no customer or a customer has no purchase.
///
/// # Examples
/// ```
/// let chart = cltv_plots::frequency_distribution(&[1, 1, 1, 2, 14])?;
/// assert!(chart.text_summary().starts_with("60.0%"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn frequency_distribution(purchases: &[u64]) -> Result<Chart, PlotError> {
    let check = Check("frequency_distribution");
    check.not_empty("purchases", purchases.len())?;
    if let Some(at) = purchases.iter().position(|&n| n == 0) {
        return Err(check.bad("purchases", at, 0, "1 or more (the first purchase counts)"));
    }
    let (labels, counts) = frequency_bars(purchases);
    let total = purchases.len() as f64;
    let once = counts[0] as f64 / total;
    let most = purchases.iter().copied().max().unwrap_or(0);
    Ok(Parts {
        name: "frequency_distribution",
        title: "Purchases per customer".to_owned(),
        how_to_read:
            "Each bar counts the customers with that many purchases. The first bar holds those who bought \
                      once: the purchase model estimates which of them have left."
                .to_owned(),
        summary: format!(
            "{} of {} bought once; the most loyal bought {} times.",
            text::percent(once),
            text::counted(purchases.len() as u64, "customer"),
            text::count(most)
        ),
        data: ChartData::new(vec![
            Column::text("purchases", &labels),
            Column::integers("customers", &counts),
            Column::numbers(
                "share_of_customers",
                &counts.iter().map(|&n| n as f64 / total).collect::<Vec<_>>(),
            ),
        ]),
        traces: vec![frequency_trace(&labels, &counts, total)],
        layout: json!({
            "xaxis": names_axis("Purchases (number, the first included)", json!({})),
            "yaxis": axis("Customers", json!({"rangemode": "tozero"}))
        }),
    }
    .into())
}

/// Mean spend per purchase, over customers: the M of RFM. The long tail shares an open last bar.
///
/// # Errors
/// [`PlotError`] when there is no customer or a value is negative or not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::monetary_distribution(&[11.77, 20.76, 20.76, 130.0], "$")?;
/// assert_eq!(chart.name(), "monetary_distribution");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn monetary_distribution(monetary: &[f64], currency: &str) -> Result<Chart, PlotError> {
    Spread {
        name: "monetary_distribution",
        input: "monetary",
        quantity: "spend",
        title: "Mean spend per purchase".to_owned(),
        axis_title: format!("Mean spend per purchase ({})", currency.trim()),
        how_to_read: "Each bar counts the customers who spend that much per purchase on average. Where the mean lies \
                      right of the median, a few big spenders pull it up.",
        subject: "mean spend per purchase is",
        unit: Unit::Money(currency),
        values: monetary,
        who: "customer",
    }
    .chart()
}

fn frequency_bars(purchases: &[u64]) -> (Vec<String>, Vec<u64>) {
    let top = purchases.iter().copied().max().unwrap_or(1).min(MOST_PURCHASES);
    let mut counts = vec![0; top as usize];
    for &n in purchases {
        counts[n.min(top) as usize - 1] += 1;
    }
    let open = purchases.iter().any(|&n| n > top);
    let label = |n: u64| {
        if open && n == top { format!("{n}+") } else { n.to_string() }
    };
    ((1..=top).map(label).collect(), counts)
}

fn frequency_trace(labels: &[String], counts: &[u64], total: f64) -> Value {
    let hover = labels.iter().zip(counts).map(|(label, &n)| {
        let (customers, share) = (text::counted(n, "customer"), text::percent(n as f64 / total));
        text::plotly(&format!(
            "{label} purchase{}: {customers} ({share})",
            if label == "1" { "" } else { "s" }
        ))
    });
    let bars = trace::bars(trace::names(labels), trace::counts(counts), hover.collect(), 4)
        .text_array(counts.iter().map(|&n| text::count(n)).collect::<Vec<_>>())
        .text_position(plotly::common::TextPosition::Outside)
        .clip_on_axis(false)
        .text_angle(0.0);
    trace::json(&bars, json!({"name": "Customers", "marker": {"pattern": {"shape": ""}}}))
}

/// What a histogram's axis counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Unit<'a> {
    Days,
    Money(&'a str),
}

impl Unit<'_> {
    fn edge(self, value: f64) -> String {
        match self {
            Unit::Days => format!("{} days", text::edge("", value)),
            Unit::Money(currency) => text::edge(currency, value),
        }
    }

    fn value(self, value: f64) -> String {
        match self {
            Unit::Days => format!("{} days", text::number(value, 0)),
            Unit::Money(currency) => text::money(currency, value),
        }
    }

    fn ticks(self) -> Value {
        match self {
            Unit::Days => json!({}),
            Unit::Money(currency) => money_ticks(currency),
        }
    }
}

/// A histogram over customers with its median and mean.
#[derive(Debug)]
pub(crate) struct Spread<'a> {
    pub(crate) name: &'static str,
    pub(crate) input: &'static str,
    pub(crate) quantity: &'static str,
    pub(crate) title: String,
    pub(crate) axis_title: String,
    pub(crate) how_to_read: &'static str,
    /// How the summary begins: "mean spend per purchase is".
    pub(crate) subject: &'static str,
    pub(crate) unit: Unit<'a>,
    pub(crate) values: &'a [f64],
    /// Who is counted: "customer".
    pub(crate) who: &'static str,
}

impl Spread<'_> {
    pub(crate) fn chart(self) -> Result<Chart, PlotError> {
        let check = Check(self.name);
        check.not_empty(self.input, self.values.len())?;
        if self.who == "customer" {
            check.non_negative(self.input, self.values)?;
        }
        check.finite(self.input, self.values)?;
        let bins = Bins::new(self.values);
        let (median, mean) = centre(self.values);
        Ok(Parts {
            name: self.name,
            how_to_read: self.how_to_read.to_owned(),
            summary: self.summary(median, mean),
            data: ChartData::new(bins.columns(self.quantity, &format!("{}s", self.who))),
            traces: vec![self.trace(&bins)],
            layout: self.layout(&bins, median, mean),
            title: self.title,
        }
        .into())
    }

    fn summary(&self, median: f64, mean: f64) -> String {
        let days = if matches!(self.unit, Unit::Days) { " before the end of the data" } else { "" };
        format!(
            "For half of {} {} {} or less{days}; the mean is {}.",
            text::counted(self.values.len() as u64, self.who),
            self.subject,
            self.unit.value(median),
            self.unit.value(mean)
        )
    }

    fn trace(&self, bins: &Bins) -> Value {
        let total = self.values.len() as f64;
        let counted = |n| format!("{} ({})", text::counted(n, self.who), text::percent(n as f64 / total));
        let hover = bins.hover(|value| self.unit.edge(value), counted);
        let bars = trace::bars(trace::numbers(&bins.middles()), trace::counts(&bins.counts), hover, 4)
            .width(bins.width * 0.94);
        let shapes = bins.patterns();
        trace::json(&bars, json!({"name": text::units(self.who), "marker": {"pattern": {"shape": shapes}}}))
    }

    fn layout(&self, bins: &Bins, median: f64, mean: f64) -> Value {
        let (median_text, mean_text) = (self.unit.value(median), self.unit.value(mean));
        let lines = format!("dashed line: median {median_text}   dotted line: mean {mean_text}");
        let mut notes = vec![band_note(&lines)];
        notes.extend(bins.open_note(|value| self.unit.edge(value)));
        json!({
            "bargap": 0.0, "margin": {"t": 84},
            "xaxis": axis(&self.axis_title, merged(self.unit.ticks(), json!({"showgrid": false}))),
            "yaxis": axis(&text::units(self.who), json!({"rangemode": "tozero"})),
            "shapes": [vertical_line(&json!(median), "dash"), vertical_line(&json!(mean), "dot")],
            "annotations": notes
        })
    }
}
