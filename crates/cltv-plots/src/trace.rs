//! Traces in the house style, over the plotly crate's typed traces.

use plotly::common::{HoverInfo, Line, Marker, Mode, Orientation, Pattern, PatternFillMode, TextPosition};
use plotly::{Bar, HeatMap, Scatter};
use serde::Serialize;
use serde_json::Value;

use crate::{text, theme};

/// A coordinate; a gap ends a line so that the next one starts afresh.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Coord {
    Number(f64),
    Text(String),
    Gap,
}

pub(crate) type Bars = Bar<Coord, Coord>;
pub(crate) type Points = Scatter<Coord, Coord>;
pub(crate) type Cells = HeatMap<Coord, Coord, Vec<Option<f64>>>;

pub(crate) fn numbers(values: &[f64]) -> Vec<Coord> {
    values.iter().copied().map(Coord::Number).collect()
}

pub(crate) fn counts(values: &[u64]) -> Vec<Coord> {
    values.iter().map(|&n| Coord::Number(n as f64)).collect()
}

/// Names or dates, escaped for plotly's labels.
pub(crate) fn names<S: AsRef<str>>(values: &[S]) -> Vec<Coord> {
    values.iter().map(|name| Coord::Text(text::plotly(name.as_ref()))).collect()
}

/// Upright bars; `hover` holds one already escaped text a bar.
pub(crate) fn bars(x: Vec<Coord>, y: Vec<Coord>, hover: Vec<String>, style: usize) -> Box<Bars> {
    Bar::new(x, y).marker(bar_marker(style)).hover_text_array(hover).hover_info(HoverInfo::Text)
}

/// Bars from left to right with a label behind each.
pub(crate) fn lying_bars(
    names: Vec<Coord>,
    lengths: Vec<Coord>,
    labels: Vec<String>,
    hover: Vec<String>,
    style: usize,
) -> Box<Bars> {
    let mut bars =
        bars(lengths, names, hover, style).orientation(Orientation::Horizontal).clip_on_axis(false);
    if !labels.is_empty() {
        bars = bars.text_array(labels).text_position(TextPosition::Outside).text_angle(0.0);
    }
    bars
}

/// A line, dashed by style, with marks where `mode` asks for them.
pub(crate) fn line(x: Vec<Coord>, y: Vec<Coord>, mode: Mode, style: usize) -> Box<Points> {
    Scatter::new(x, y)
        .mode(mode)
        .line(Line::new().color(theme::color(style)).dash(theme::dash(style)).width(2.5))
        .marker(Marker::new().color(theme::color(style)).symbol(theme::symbol(style)).size(8))
}

/// Marks without a line; `hover` holds one already escaped text a mark.
pub(crate) fn marks(
    x: Vec<Coord>,
    y: Vec<Coord>,
    hover: Vec<String>,
    style: usize,
    size: usize,
) -> Box<Points> {
    Scatter::new(x, y)
        .mode(Mode::Markers)
        .marker(Marker::new().color(theme::color(style)).symbol(theme::symbol(style)).size(size))
        .hover_text_array(hover)
        .hover_info(HoverInfo::Text)
}

/// A heatmap with a text in each cell; cells without a value stay blank.
pub(crate) fn cells(
    x: Vec<Coord>,
    y: Vec<Coord>,
    z: Vec<Vec<Option<f64>>>,
    hover: Vec<Vec<String>>,
) -> Box<Cells> {
    HeatMap::new(x, y, z)
        .hover_text_matrix(hover)
        .hover_info(HoverInfo::Text)
        .hover_on_gaps(false)
        .show_scale(false)
}

/// The trace as JSON, with `extra` for what the typed trace has no setter for.
pub(crate) fn json(trace: &impl Serialize, extra: Value) -> Value {
    // The traces hold numbers and strings only, which always serialize.
    let mut value = serde_json::to_value(trace).unwrap_or_default();
    theme::merge(&mut value, extra);
    value
}

/// Gives each mark of a trace its own diameter, in pixels.
pub(crate) fn resize(trace: &mut Value, diameters: Option<Vec<f64>>) {
    if let Some(diameters) = diameters {
        theme::merge(trace, serde_json::json!({"marker": {"size": diameters}}));
    }
}

fn bar_marker(style: usize) -> Marker {
    let pattern = Pattern::new()
        .shape(theme::pattern(style))
        .fill_mode(PatternFillMode::Overlay)
        .foreground_color(theme::stroke(style))
        .size(7.0)
        .solidity(0.25);
    Marker::new().color(theme::color(style)).line(Line::new().color(theme::INK).width(0.8)).pattern(pattern)
}
