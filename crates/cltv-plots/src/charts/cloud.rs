//! What charts with one mark an account share.

use plotly::common::Mode;
use serde_json::{Value, json};

use crate::trace::Coord;
use crate::{text, theme, trace};

/// Above this many marks the browser draws with WebGL, which stays fluent.
const SVG_LIMIT: usize = 6000;

/// From so many marks on they are a crowd.
const CROWD: usize = 800;

/// Coordinates with six digits, finer than any screen: the file is smaller by a third.
fn short(values: &[f64]) -> Vec<Coord> {
    let rounded = |value: &f64| format!("{value:.5e}").parse().unwrap_or(*value);
    trace::numbers(&values.iter().map(rounded).collect::<Vec<f64>>())
}

/// Marks of one kind. `hover` holds one already escaped text a mark.
pub(crate) fn marks(name: &str, x: &[f64], y: &[f64], hover: Vec<String>, style: usize) -> Value {
    // A crowd is drawn small and faint, so that its density shows.
    let (size, opacity) = if x.len() > CROWD { (4, 0.55) } else { (6, 0.6) };
    let marks = trace::marks(short(x), short(y), hover, style, size)
        .name(text::plotly(name))
        .opacity(opacity)
        .web_gl_mode(x.len() > SVG_LIMIT);
    let outline = if theme::open_symbol(style) { 1.5 } else { 0.0 };
    trace::json(&marks, json!({"marker": {"line": {"width": outline}}}))
}

/// A line that says where something would be, without a hover text.
pub(crate) fn guide(name: &str, x: &[f64], y: &[f64], style: usize) -> Value {
    let line = trace::line(trace::numbers(x), trace::numbers(y), Mode::Lines, style)
        .name(text::plotly(name))
        .hover_info(plotly::common::HoverInfo::Skip);
    trace::json(&line, json!({"line": {"color": theme::INK, "width": 2}}))
}

/// A horizontal line over the whole width.
pub(crate) fn level(y: f64, dash: &str) -> Value {
    json!({
        "type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": y, "y1": y,
        "line": {"color": theme::MUTED, "width": 1.5, "dash": dash}
    })
}

/// Smallest and largest of all values.
pub(crate) fn range(values: &[&[f64]]) -> (f64, f64) {
    let all = values.iter().copied().flatten();
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// Groups of about equally many rows in the order of `by`, at most `groups`.
pub(crate) fn by_rank(by: &[f64], groups: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..by.len()).collect();
    order.sort_by(|&a, &b| by[a].total_cmp(&by[b]));
    let groups = groups.min(by.len()).max(1);
    (0..groups).map(|g| order[g * by.len() / groups..(g + 1) * by.len() / groups].to_vec()).collect()
}

/// The median of the values at these rows, of which there is at least one.
pub(crate) fn median_of(values: &[f64], rows: &[usize]) -> f64 {
    crate::bins::centre(&rows.iter().map(|&row| values[row]).collect::<Vec<_>>()).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_everybody_once_and_in_order() {
        let by = [5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(by_rank(&by, 2), [vec![1, 3], vec![4, 2, 0]]);
        assert_eq!(by_rank(&by, 9).len(), 5);
        assert_eq!(median_of(&by, &[4, 2, 0]), 4.0);
        assert_eq!(range(&[&by, &[9.0]]), (1.0, 9.0));
    }
}
