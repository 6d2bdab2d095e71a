//! Mean spend of customers, observed and by the Gamma-Gamma model.

use plotly::common::Mode;
use serde_json::{Value, json};

use crate::bins::Bins;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "spend_density";

/// The observed mean spend of repeat customers as a histogram, and the Gamma-Gamma density over it.
///
/// `mean_spend` holds one value per repeat customer. `spend` and `density` are the model's curve:
/// amounts in rising order and the density there, per unit of currency. The chart reaches as far as
/// the curve; customers beyond are counted in a note. Bars have height
/// `customers / (all customers * bin width)`, so bars and curve are on one scale.
///
/// # Errors
/// [`PlotError`] when there is no customer or no curve, the curve's columns differ in length, its
/// amounts do not rise, or a value is negative or not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::spend_density(&[22.0, 31.0, 35.5], &[0.0, 20.0, 40.0], &[0.0, 0.03, 0.01], "$")?;
/// assert_eq!(chart.figure_json()["data"].as_array().map(Vec::len), Some(2));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn spend_density(
    mean_spend: &[f64],
    spend: &[f64],
    density: &[f64],
    currency: &str,
) -> Result<Chart, PlotError> {
    check(mean_spend, spend, density)?;
    let limit = spend[spend.len() - 1];
    let bins = Bins::up_to(mean_spend, limit);
    let customers = mean_spend.len() as f64;
    let heights: Vec<f64> = bins.counts.iter().map(|&n| n as f64 / customers / bins.width).collect();
    let beyond = mean_spend.iter().filter(|&&m| m > limit).count() as u64;
    Ok(Parts {
        name: NAME,
        title: "Mean spend per customer: observed and Gamma-Gamma".to_owned(),
        how_to_read: "The bars show how the mean spend of repeat customers is spread, the line how the fitted model \
                      spreads it. Where bars are above the line, more customers spend that much than the model expects; both areas are one."
            .to_owned(),
        summary: summary(mean_spend, spend, density, currency),
        data: data(&bins, &heights, spend, density),
        traces: vec![bars(&bins, &heights, currency), curve(spend, density, currency)],
        layout: layout(beyond, limit, currency),
    }
    .into())
}

fn check(mean_spend: &[f64], spend: &[f64], density: &[f64]) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("mean_spend", mean_spend.len())?;
    check.not_empty("spend", spend.len())?;
    check.same_length(("spend", spend.len()), ("density", density.len()))?;
    check.non_negative("mean_spend", mean_spend)?;
    check.non_negative("spend", spend)?;
    check.increasing("spend", spend)?;
    check.non_negative("density", density)
}

/// Bars and curve in one table: bars at the middle of their bin.
fn data(bins: &Bins, heights: &[f64], spend: &[f64], density: &[f64]) -> ChartData {
    let series = |name: &str, n: usize| std::iter::repeat_n(name.to_owned(), n);
    let names: Vec<String> =
        series("observed", heights.len()).chain(series("gamma_gamma", spend.len())).collect();
    ChartData::new(vec![
        Column::text("series", &names),
        Column::numbers("spend", &[bins.middles(), spend.to_vec()].concat()),
        Column::numbers("density", &[heights, density].concat()),
    ])
}

fn bars(bins: &Bins, heights: &[f64], currency: &str) -> Value {
    let hover = bins.hover(|value| text::edge(currency, value), |n| text::counted(n, "customer"));
    let bars = trace::bars(trace::numbers(&bins.middles()), trace::numbers(heights), hover, 4)
        .name("Observed")
        .width(bins.width * 0.94);
    trace::json(&bars, json!({"marker": {"pattern": {"shape": ""}}}))
}

fn curve(spend: &[f64], density: &[f64], currency: &str) -> Value {
    let hover: Vec<String> = spend
        .iter()
        .zip(density)
        .map(|(&m, d)| text::plotly(&format!("Gamma-Gamma at {}: density {d:.4}", text::money(currency, m))))
        .collect();
    let line = trace::line(trace::numbers(spend), trace::numbers(density), Mode::Lines, 3)
        .name("Gamma-Gamma")
        .hover_text_array(hover)
        .hover_info(plotly::common::HoverInfo::Text);
    trace::json(&line, json!({"line": {"dash": "solid", "width": 3}}))
}

fn layout(beyond: u64, limit: f64, currency: &str) -> Value {
    let symbol = currency.trim();
    let note =
        format!("{} above {} not drawn", text::counted(beyond, "customer"), text::edge(currency, limit));
    let notes = json!([{
        "x": 1.0, "y": 0.97, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top",
        "text": text::plotly(&note), "showarrow": false, "font": {"size": 12}
    }]);
    merged(
        with_legend(),
        json!({
            "bargap": 0.0,
            "xaxis": axis(&format!("Mean spend per purchase ({symbol})"), merged(money_ticks(currency), json!({"range": [0, limit], "showgrid": false}))),
            "yaxis": axis(&format!("Density (per {})", if symbol.is_empty() { "unit" } else { symbol }), json!({"rangemode": "tozero"})),
            "annotations": if beyond > 0 { notes } else { json!([]) }
        }),
    )
}

fn summary(mean_spend: &[f64], spend: &[f64], density: &[f64], currency: &str) -> String {
    let (median, mean) = crate::bins::centre(mean_spend);
    let peak = (0..spend.len()).max_by(|&a, &b| density[a].total_cmp(&density[b])).unwrap_or(0);
    format!(
        "{} spend {} per purchase on average (median {}); the model's density peaks at {}.",
        text::counted(mean_spend.len() as u64, "repeat customer"),
        text::money(currency, mean),
        text::money(currency, median),
        text::money(currency, spend[peak])
    )
}
