//! Marks, guides and groups of the charts with a mark an account.

use plotly::common::Mode;
use serde_json::{Value, json};

use crate::reduce::Marks;
use crate::trace::Coord;
use crate::{text, theme, trace};

/// From so many marks on they are drawn small.
const MANY: usize = 800;

/// Coordinates with six digits, finer than any screen: the file is smaller by a third.
fn short(values: &[f64]) -> Vec<Coord> {
    let rounded = |value: &f64| format!("{value:.5e}").parse().unwrap_or(*value);
    trace::numbers(&values.iter().map(rounded).collect::<Vec<f64>>())
}

/// Marks of one kind, all of one size. `hover` holds one already escaped text a mark.
pub(crate) fn points(name: &str, x: &[f64], y: &[f64], hover: Vec<String>, style: usize) -> Value {
    // Many marks are drawn small and faint, so that their density shows.
    let (size, opacity) = if x.len() > MANY { (4, 0.55) } else { (6, 0.6) };
    let marks =
        trace::marks(short(x), short(y), hover, style, size).name(text::plotly(name)).opacity(opacity);
    let outline = if theme::open_symbol(style) { 1.5 } else { 0.0 };
    trace::json(&marks, json!({"marker": {"line": {"width": outline}}}))
}

/// The marks `own` of one kind, at `x` and `y`, which hold a place for each of all marks; `hover` gives the
/// text of a mark.
pub(crate) fn marks(
    name: &str,
    (marks, own): (&Marks, &[usize]),
    (x, y): (&[f64], &[f64]),
    hover: impl Fn(usize) -> String,
    style: usize,
) -> Value {
    let pick = |values: &[f64]| own.iter().map(|&mark| values[mark]).collect::<Vec<f64>>();
    let hover = own.iter().map(|&mark| text::plotly(&hover(mark))).collect();
    let mut trace = points(name, &pick(x), &pick(y), hover, style);
    trace::resize(&mut trace, marks.diameters(own));
    trace
}

/// A reference line without a hover text.
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
    let mut order: Vec<(f64, usize)> = by.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let order: Vec<usize> = order.into_iter().map(|(_, row)| row).collect();
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
