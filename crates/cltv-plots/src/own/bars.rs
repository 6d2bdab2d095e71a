//! A bar for each x, a part of it for each group.

use serde_json::{Value, json};

use super::lines::{axes, extremes, hover, how_to_read, series_of, table, thin};
use super::series::Series;
use super::{Along, NAME, OwnChart, file_name, notes};
use crate::chart::Parts;
use crate::reduce::{MOST_GROUPS, largest, largest_note};
use crate::theme::{HEIGHT, merged};
use crate::{Chart, PlotError, text, trace};

/// Names that are longer, or more of them, get bars from left to right.
const SHORT: usize = 14;
const UPRIGHT: usize = 14;

pub(super) fn draw(chart: &OwnChart) -> Result<Chart, PlotError> {
    let (mut series, several, left_out) = series_of(chart)?;
    let measured = chart.measured(several);
    let cut = match &chart.x {
        Along::Names(names) => keep_largest(&mut series, names.names.len(), &chart.x_name),
        _ => thin(chart, &mut series),
    };
    let places = distinct(&series);
    let lying = matches!(chart.x, Along::Names(_))
        && (places.len() > UPRIGHT || places.iter().any(|&x| chart.place(x).chars().count() > SHORT));
    let all = series.len();
    let traces = series.iter().enumerate().map(|(style, one)| bars(chart, one, style, all, lying)).collect();
    let value = merged(chart.value_axis(&text::capital(&measured)), json!({"rangemode": "tozero"}));
    let extra = json!({"barmode": if all > 1 { "group" } else { "relative" }, "bargap": 0.2});
    let layout = if lying {
        let height = (150 + places.len() * (8 + 16 * all.min(3))).clamp(HEIGHT, 1_500);
        let names = merged(chart.x_axis(), json!({"autorange": "reversed"}));
        axes(value, names, merged(extra, json!({"height": height})))
    } else {
        axes(chart.x_axis(), value, extra)
    };
    let drawn = Chart::from(Parts {
        name: NAME,
        title: chart.heading(format!("{measured} by {}", chart.x_name)),
        how_to_read: how_to_read(chart, &measured, several, all),
        summary: extremes(chart, &series, &measured),
        data: table(chart, &series, &measured),
        traces,
        layout: chart.legend(all, layout),
    });
    let mut parts: Vec<&str> = chart.measures.first().map(|m| m.name.as_str()).into_iter().collect();
    parts.push(&chart.x_name);
    drawn.noted(notes([cut, left_out])).renamed(&file_name(&parts))
}

/// Of more names than can be read, those with the largest bars stay, in their order.
fn keep_largest(series: &mut [Series], names: usize, what: &str) -> Option<String> {
    let mut weights = vec![f64::NEG_INFINITY; names];
    for one in series.iter() {
        for (&x, &y) in one.x.iter().zip(&one.y) {
            let weight = &mut weights[x as usize];
            *weight = if *weight == f64::NEG_INFINITY { y.abs() } else { *weight + y.abs() };
        }
    }
    let all = weights.iter().filter(|weight| weight.is_finite()).count();
    if all <= MOST_GROUPS {
        return None;
    }
    let kept = largest(&weights, MOST_GROUPS);
    for one in series.iter_mut() {
        let points = one.x.iter().zip(&one.y);
        let stays = |(x, _): &(&f64, &f64)| kept.binary_search(&(**x as usize)).is_ok();
        (one.x, one.y) = points.filter(stays).map(|(&x, &y)| (x, y)).unzip();
    }
    largest_note(kept.len(), all, &format!("{what} value"))
}

/// The places of all series.
fn distinct(series: &[Series]) -> Vec<f64> {
    let mut places: Vec<f64> = series.iter().flat_map(|one| one.x.iter().copied()).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    places
}

fn bars(chart: &OwnChart, series: &Series, style: usize, all: usize, lying: bool) -> Value {
    let (x, y) = (chart.coords(&series.x), trace::numbers(&series.y));
    let hover = hover(chart, series, all);
    let bars = if lying {
        trace::lying_bars(x, y, Vec::new(), hover, style)
    } else {
        trace::bars(x, y, hover, style)
    };
    trace::json(&bars.name(text::plotly(&series.name)), json!({}))
}
