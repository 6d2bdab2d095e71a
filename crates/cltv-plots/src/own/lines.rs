//! Lines along x.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use super::series::{Rows, Series, one};
use super::{Along, NAME, OwnChart, Together, file_name, notes};
use crate::chart::Parts;
use crate::data::{ChartData, Column};
use crate::reduce::{MOST_PERIODS, step};
use crate::theme::merged;
use crate::{Chart, PlotError, text, trace};

/// Up to so many points, each has a mark on its line.
const MARKED: usize = 60;

pub(super) fn draw(chart: &OwnChart) -> Result<Chart, PlotError> {
    let rows = chart.rows_of_series()?;
    let left_out = notes([rows.missing_note(), rows.others_note()]);
    let (mut series, several) = rows.together(together(chart));
    let measured = chart.measured(several);
    let thinned = thin(chart, &mut series);
    let traces =
        series.iter().enumerate().map(|(style, one)| line(chart, one, style, series.len())).collect();
    let layout = json!({
        "xaxis": chart.x_axis(), "yaxis": chart.value_axis(&text::capital(&measured))
    });
    let drawn = Chart::from(Parts {
        name: NAME,
        title: chart.heading(format!("{measured} by {}", chart.x_name)),
        how_to_read: how_to_read(chart, &measured, several, series.len()),
        summary: extremes(chart, &series, &measured),
        data: table(chart, &series, &measured),
        traces,
        layout: chart.legend(series.len(), layout),
    });
    let mut parts: Vec<&str> = chart.measures.first().map(|m| m.name.as_str()).into_iter().collect();
    parts.push(&chart.x_name);
    drawn.noted(notes([thinned, left_out])).renamed(&file_name(&parts))
}

/// Without a column of numbers, rows are counted.
pub(super) fn together(chart: &OwnChart) -> Together {
    if chart.measures.is_empty() { Together::Count } else { chart.together }
}

pub(super) fn how_to_read(chart: &OwnChart, measured: &str, several: bool, series: usize) -> String {
    let together = match together(chart) {
        _ if !several => String::new(),
        Together::Sum => format!(" Rows with the same {} are added up.", chart.x_name),
        Together::Count => String::new(),
        how => format!(
            " Rows with the same {} are drawn as their {}.",
            chart.x_name,
            how.words().replace(" of", "").trim()
        ),
    };
    let click = if series > 1 { " A click on a name in the legend hides it." } else { "" };
    format!("Along the x axis stands {}, upwards the {measured}.{together}{click}", chart.x_name)
}

/// Neighbours share a point where there are more than may be drawn; the sentence that says so.
pub(super) fn thin(chart: &OwnChart, series: &mut [Series]) -> Option<String> {
    let most = (MOST_PERIODS / series.len().max(1)).max(100);
    let points: usize = series.iter().map(|one| one.x.len()).sum();
    let longest = series.iter().map(|one| one.x.len()).max().unwrap_or(0);
    let size = step(longest, most);
    if size == 1 || matches!(chart.x, Along::Names(_)) {
        return None;
    }
    let how = match together(chart) {
        Together::Count => Together::Sum,
        how => how,
    };
    for one_series in series.iter_mut() {
        one_series.y = one_series.y.chunks(size).map(|group| one(group.to_vec(), how)).collect();
        one_series.x = one_series.x.chunks(size).map(|group| group[0]).collect();
    }
    let drawn: usize = series.iter().map(|one| one.x.len()).sum();
    Some(format!(
        "{} are drawn as {}: each is the {} of {} neighbours.",
        text::counted(points as u64, "point"),
        text::counted(drawn as u64, "point"),
        how.words().replace(" of", "").trim(),
        text::count(size as u64)
    ))
}

fn line(chart: &OwnChart, series: &Series, style: usize, all: usize) -> Value {
    let mode = if series.x.len() <= MARKED { Mode::LinesMarkers } else { Mode::Lines };
    let line = trace::line(chart.coords(&series.x), trace::numbers(&series.y), mode, style)
        .name(text::plotly(&series.name))
        .hover_text_array(hover(chart, series, all))
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({}))
}

/// The tooltip of each point.
pub(super) fn hover(chart: &OwnChart, series: &Series, all: usize) -> Vec<String> {
    let name = if all > 1 { format!("{}, ", series.name) } else { String::new() };
    let point = |(&x, &y): (&f64, &f64)| {
        text::plotly(&format!("{name}{} {}: {}", chart.x_name, chart.place(x), chart.number(y)))
    };
    series.x.iter().zip(&series.y).map(point).collect()
}

/// The values as a table: the series where there are several, x, and the value.
pub(super) fn table(chart: &OwnChart, series: &[Series], measured: &str) -> ChartData {
    let x: Vec<f64> = series.iter().flat_map(|one| one.x.iter().copied()).collect();
    let y: Vec<f64> = series.iter().flat_map(|one| one.y.iter().copied()).collect();
    let mut columns = Vec::new();
    if series.len() > 1 {
        let names: Vec<String> =
            series.iter().flat_map(|one| std::iter::repeat_n(one.name.clone(), one.x.len())).collect();
        let head = chart.groups.as_ref().map_or("series", |(name, _)| name.as_str());
        columns.push(Column::text(head, &names));
    }
    let head =
        if chart.groups.is_none() && series.len() > 1 { "value".to_owned() } else { measured.to_owned() };
    columns.push(chart.places(&x));
    columns.push(Column::numbers(&head, &y));
    ChartData::new(columns)
}

/// The largest and the smallest value, in a sentence.
pub(super) fn extremes(chart: &OwnChart, series: &[Series], measured: &str) -> String {
    let points =
        || series.iter().flat_map(|one| one.x.iter().zip(&one.y).map(|(&x, &y)| (one.name.as_str(), x, y)));
    let place = |(name, x, y): (&str, f64, f64)| {
        let name = if series.len() > 1 { format!("{name}, ") } else { String::new() };
        format!("{} ({name}{} {})", chart.number(y), chart.x_name, chart.place(x))
    };
    let largest = points().reduce(|best, point| if point.2 > best.2 { point } else { best });
    let smallest = points().reduce(|best, point| if point.2 < best.2 { point } else { best });
    match (largest, smallest) {
        (Some(largest), Some(smallest)) if largest.2 > smallest.2 => {
            format!("The largest {measured} is {}, the smallest {}.", place(largest), place(smallest))
        }
        (Some(only), _) => format!("The {measured} is {}.", place(only)),
        _ => String::new(),
    }
}

/// The rows behind the series of a chart.
pub(super) fn series_of(chart: &OwnChart) -> Result<(Vec<Series>, bool, Option<String>), PlotError> {
    let rows: Rows = chart.rows_of_series()?;
    let note = notes([rows.missing_note(), rows.others_note()]);
    let (series, several) = rows.together(together(chart));
    Ok((series, several, note))
}

/// A layout with its axes.
pub(super) fn axes(x: Value, y: Value, extra: Value) -> Value {
    merged(json!({"xaxis": x, "yaxis": y}), extra)
}
