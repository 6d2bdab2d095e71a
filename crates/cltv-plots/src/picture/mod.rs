//! A still picture of a chart as svg, for where no script runs: an untrusted notebook, a page without plotly.js.
//!
//! It draws what this crate's figures use of plotly: lines, marks, bars and heatmaps over linear, logarithmic, date and
//! name axes, with shapes, notes and the legend. Of a trace of many marks, evenly spaced ones are drawn.

mod axis;
mod marks;
mod notes;
mod paper;
mod ticks;

use std::collections::BTreeMap;

use serde_json::Value;

use axis::Axis;
use paper::{Paper, Words};

/// The width of a picture in its own units; it is shown as wide as there is room.
const WIDTH: f64 = 900.0;

/// The picture of a figure.
pub(crate) fn svg(traces: &[Value], layout: &Value, height: f64) -> String {
    let mut paper = Paper::new(WIDTH, height);
    let area = area(traces, layout, height);
    let axes = axes(traces, layout, area);
    for (name, axis) in &axes {
        axis.draw_grid(&mut paper, crossing(&axes, name, axis));
    }
    paper.begin_clip(area);
    let mut stacks = marks::Stacks::new(traces, layout);
    for trace in traces {
        if let Some((x, y)) = pair(&axes, trace) {
            marks::draw(&mut paper, trace, x, y, &mut stacks);
        }
    }
    paper.end_clip();
    for (name, axis) in &axes {
        axis.draw_labels(&mut paper, crossing(&axes, name, axis));
    }
    notes::shapes(&mut paper, layout, &axes, area);
    notes::annotations(&mut paper, layout, &axes, area);
    notes::legend(&mut paper, traces, layout, area);
    notes::title(&mut paper, layout);
    if traces.iter().any(|trace| !marks::is_drawn(trace)) {
        let words = Words::of("Parts of this chart are drawn only where scripts run.");
        paper.text((area.0, height - 8.0), &words, paper::Type::of(12.0, "start"), "#555555");
    }
    paper.finish()
}

/// Left, top, width and height of what lies between the margins.
pub(crate) type Area = (f64, f64, f64, f64);

fn area(traces: &[Value], layout: &Value, height: f64) -> Area {
    let margin = |side: &str, or: f64| layout["margin"][side].as_f64().unwrap_or(or);
    let (mut left, right, top, mut bottom) =
        (margin("l", 70.0), margin("r", 30.0), margin("t", 60.0), margin("b", 60.0));
    // Names along the axes need room; plotly makes it by itself, too.
    let names = |key: &str| -> usize {
        let labels = layout[key]["ticktext"].as_array().cloned().unwrap_or_default();
        let axis = traces.iter().filter(|trace| trace[&key[..1]].is_array());
        let values = axis.flat_map(|trace| trace[&key[..1]].as_array().into_iter().flatten()).cloned();
        let texts =
            values.chain(labels).filter_map(|value| value.as_str().map(|text| Words::of(text).longest()));
        texts.filter(|&length| length < 60).max().unwrap_or(0)
    };
    left = left.max((names("yaxis") as f64 * 7.0 + 40.0).min(WIDTH * 0.4));
    if names("xaxis") > 12 {
        bottom = bottom.max((names("xaxis") as f64 * 5.0 + 40.0).min(height * 0.4));
    }
    let has_right = layout.as_object().is_some_and(|keys| keys.values().any(|axis| axis["side"] == "right"));
    let right = if has_right { right.max(80.0) } else { right };
    let top = top + notes::legend_lines(traces, layout, WIDTH - left - right);
    (left, top, (WIDTH - left - right).max(50.0), (height - top - bottom).max(50.0))
}

/// The axes of the layout and of the traces, by plotly's short names: x, y2.
fn axes(traces: &[Value], layout: &Value, area: Area) -> BTreeMap<String, Axis> {
    let mut names: Vec<String> = vec!["x".to_owned(), "y".to_owned()];
    for key in layout.as_object().into_iter().flat_map(|layout| layout.keys()) {
        for letter in ["x", "y"] {
            if let Some(number) = key.strip_prefix(&format!("{letter}axis")) {
                names.push(format!("{letter}{number}"));
            }
        }
    }
    names.sort();
    names.dedup();
    names.into_iter().map(|name| (name.clone(), Axis::new(&name, traces, layout, area))).collect()
}

fn pair<'a>(axes: &'a BTreeMap<String, Axis>, trace: &Value) -> Option<(&'a Axis, &'a Axis)> {
    let name = |key: &str, or: &str| trace[key].as_str().unwrap_or(or).to_owned();
    Some((axes.get(&name("xaxis", "x"))?, axes.get(&name("yaxis", "y"))?))
}

/// From where to where the lines across an axis run: along the axis that it is anchored to.
fn crossing(axes: &BTreeMap<String, Axis>, name: &str, axis: &Axis) -> (f64, f64) {
    let other = if name.starts_with('x') { "y" } else { "x" };
    let anchor = axis.anchor.as_deref().filter(|anchor| axes.contains_key(*anchor)).unwrap_or(other);
    axes.get(anchor).map_or((0.0, 0.0), |other| other.ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_lies_where_its_values_say() {
        let traces = [
            json!({"type": "scatter", "mode": "lines", "x": [0, 10], "y": [0, 4], "line": {"color": "#0072B2"}}),
        ];
        let layout = json!({"margin": {"l": 100, "r": 100, "t": 50, "b": 50}, "xaxis": {"range": [0, 10]}, "yaxis": {"range": [0, 4]}});
        let svg = svg(&traces, &layout, 300.0);
        assert!(svg.contains("M100,250L800,50"), "{svg}");
        assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>"));
    }

    #[test]
    fn bars_stand_beside_each_other_and_on_each_other() {
        let bar = |name: &str, y: f64| json!({"type": "bar", "name": name, "x": ["a"], "y": [y], "marker": {"color": "#111111"}});
        let layout = |mode: &str| {
            json!({"barmode": mode, "bargap": 0.0, "yaxis": {"range": [0, 10]},
            "margin": {"l": 100, "r": 100, "t": 50, "b": 50}})
        };
        let heights = |mode: &str| -> Vec<String> {
            let svg = svg(&[bar("u", 2.0), bar("v", 3.0)], &layout(mode), 300.0);
            svg.split("<rect")
                .skip(2)
                .map(|rect| rect.split("/>").next().unwrap_or_default().to_owned())
                .collect()
        };
        let grouped = heights("group");
        assert!(grouped[0].contains("x=\"100\" y=\"210\" width=\"350\" height=\"40\""), "{grouped:?}");
        assert!(grouped[1].contains("x=\"450\" y=\"190\" width=\"350\" height=\"60\""), "{grouped:?}");
        let stacked = heights("stack");
        assert!(stacked[1].contains("x=\"100\" y=\"150\" width=\"700\" height=\"60\""), "{stacked:?}");
    }

    #[test]
    fn hostile_text_is_only_text() {
        let name = crate::text::plotly("<script>alert(1)</script>&\"");
        let traces = [json!({"type": "bar", "name": name, "x": [name], "y": [1]})];
        let layout = json!({"title": {"text": name}, "showlegend": true, "annotations": [{"x": 0, "y": 1, "text": name}]});
        let svg = svg(&traces, &layout, 300.0);
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;"), "{svg}");
    }
}
