//! A plot of the plotly crate as a chart.

use plotly::Plot;
use serde_json::{Value, json};

use super::{NAME, file_name};
use crate::data::{ChartData, Column};
use crate::reduce::spaced;
use crate::{Chart, PlotError, text, theme};

/// The most points of a trace.
const MOST_POINTS: usize = 20_000;

impl Chart {
    /// A plot that was made with the plotly crate; what its layout does not set is in the theme of the other charts.
    ///
    /// Of a trace of more than 20,000 points, evenly spaced ones are drawn.
    ///
    /// # Errors
    /// [`PlotError::Empty`] for a plot without traces, [`PlotError::NoFigure`] for one that is no JSON.
    pub fn of_plotly(plot: &Plot) -> Result<Chart, PlotError> {
        let figure: Value = serde_json::from_str(&plot.to_json())
            .map_err(|error| PlotError::NoFigure { reason: error.to_string() })?;
        let Some(traces) = figure["data"].as_array().filter(|traces| !traces.is_empty()) else {
            return Err(PlotError::Empty { chart: NAME, input: "the list of traces (see add_trace)" });
        };
        let mut traces = traces.clone();
        let longest = traces.iter().map(points).max().unwrap_or(0);
        traces.iter_mut().for_each(sample);
        let note = (longest > MOST_POINTS).then(|| {
            format!(
                "Of {} points of a trace, {} are drawn, evenly spaced.",
                text::count(longest as u64),
                text::count(MOST_POINTS as u64)
            )
        });
        let layout = figure["layout"].clone();
        let title =
            layout["title"]["text"].as_str().or(layout["title"].as_str()).unwrap_or_default().to_owned();
        let summary = format!("A plot of {}.", text::counted(traces.len() as u64, "trace"));
        let data = table(&traces);
        let heading = if title.is_empty() { "Plot".to_owned() } else { text::one_line(&title) };
        Ok(Chart::of_parts(heading, summary, data, traces, themed(&title, layout)).noted(note))
    }
}

/// The number of points of a trace.
fn points(trace: &Value) -> usize {
    ["x", "y"].iter().filter_map(|key| trace[key].as_array()).map(Vec::len).max().unwrap_or(0)
}

/// Keeps evenly spaced points in every list of a trace that has one entry a point.
fn sample(trace: &mut Value) {
    let len = points(trace);
    if len > MOST_POINTS {
        keep(trace, len, &spaced(len, MOST_POINTS));
    }
}

fn keep(value: &mut Value, len: usize, rows: &[usize]) {
    match value {
        Value::Array(list) if list.len() == len => {
            *value = rows.iter().map(|&row| list[row].take()).collect();
        }
        Value::Object(fields) => fields.values_mut().for_each(|field| keep(field, len, rows)),
        _ => {}
    }
}

/// The author's layout over the theme's.
fn themed(title: &str, layout: Value) -> Value {
    let mut own = match layout {
        Value::Object(_) => layout,
        _ => json!({}),
    };
    if own["title"].is_string() {
        own["title"] = json!({"text": title});
    }
    let mut themed = theme::merged(theme::layout("", json!({"showlegend": true})), own);
    for (key, axis) in themed.as_object_mut().into_iter().flatten() {
        if key.starts_with("xaxis") || key.starts_with("yaxis") {
            let mut full = theme::axis("", json!({"tickformat": null, "title": null}));
            theme::merge(&mut full, axis.take());
            *axis = full;
        }
    }
    for key in ["xaxis", "yaxis"] {
        if themed[key].is_null() {
            themed[key] = theme::axis("", json!({"tickformat": null, "title": null}));
        }
    }
    themed
}

/// The points of the traces that have x and y.
fn table(traces: &[Value]) -> ChartData {
    let mut columns: [Vec<String>; 3] = Default::default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for (number, trace) in traces.iter().enumerate() {
        let name = trace["name"].as_str().map_or_else(|| format!("trace {}", number + 1), str::to_owned);
        let list = |key: &str| trace[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let (x, y) = (list("x"), list("y"));
        for row in 0..points(trace) {
            columns[0].push(name.clone());
            columns[1].push(x.get(row).map(text).unwrap_or_default());
            columns[2].push(y.get(row).map(text).unwrap_or_default());
        }
    }
    ChartData::new(
        ["trace", "x", "y"].iter().zip(&columns).map(|(name, values)| Column::text(name, values)).collect(),
    )
}

impl Chart {
    fn of_parts(title: String, summary: String, data: ChartData, traces: Vec<Value>, layout: Value) -> Chart {
        Chart {
            name: file_name(&[&title]),
            how_to_read: String::new(),
            title,
            summary,
            data,
            traces,
            layout,
            note: None,
        }
    }
}
