//! Shapes, notes, the legend and the title.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Area;
use super::axis::Axis;
use super::paper::{Paper, Type, Words, short};

/// Where a value lies: along an axis, or as a share of the paper between the margins.
fn place(
    value: &Value,
    reference: &str,
    axes: &BTreeMap<String, Axis>,
    area: Area,
    is_x: bool,
) -> Option<f64> {
    let (left, top, width, height) = area;
    let share = |value: f64| if is_x { left + value * width } else { top + height - value * height };
    if reference == "paper" {
        return value.as_f64().map(share);
    }
    if let Some(name) = reference.strip_suffix(" domain") {
        let (from, to) = axes.get(name)?.ends;
        return value.as_f64().map(|value| from + value * (to - from));
    }
    let axis = axes.get(reference)?;
    let number = match axis.kind {
        // Shapes and notes on a logarithmic axis: plotly takes their values for shapes and exponents for notes.
        super::ticks::Kind::Log => value.as_f64(),
        _ => axis.number(value),
    };
    number.map(|number| axis.place(number))
}

pub(super) fn shapes(paper: &mut Paper, layout: &Value, axes: &BTreeMap<String, Axis>, area: Area) {
    for shape in layout["shapes"].as_array().into_iter().flatten() {
        let at = |key: &str| {
            let is_x = key.starts_with('x');
            let reference = shape[if is_x { "xref" } else { "yref" }].as_str().unwrap_or(&key[..1]);
            let axis = axes.get(reference);
            match axis {
                Some(axis) if axis.kind == super::ticks::Kind::Log => {
                    axis.number(&shape[key]).map(|n| axis.place(n))
                }
                _ => place(&shape[key], reference, axes, area, is_x),
            }
        };
        let stroke = shape["line"]["color"].as_str().unwrap_or("#222222");
        let (width, dash) =
            (shape["line"]["width"].as_f64().unwrap_or(2.0), shape["line"]["dash"].as_str().unwrap_or(""));
        let ends = (at("x0"), at("y0"), at("x1"), at("y1"));
        match (shape["type"].as_str(), ends) {
            (Some("line"), (Some(x0), Some(y0), Some(x1), Some(y1))) => {
                paper.line((x0, y0), (x1, y1), stroke, width, dash)
            }
            (Some("rect"), (Some(x0), Some(y0), Some(x1), Some(y1))) => {
                let fill = shape["fillcolor"].as_str().unwrap_or("none");
                let opacity = shape["opacity"].as_f64().unwrap_or(1.0);
                let outline = if width > 0.0 && shape["line"].is_object() { stroke } else { "" };
                paper.rect(
                    (x0.min(x1), y0.min(y1)),
                    ((x0 - x1).abs(), (y0 - y1).abs()),
                    fill,
                    outline,
                    opacity,
                );
            }
            (Some("circle"), _) if shape["xsizemode"] == "pixel" => {
                let x = place(&shape["xanchor"], shape["xref"].as_str().unwrap_or("x"), axes, area, true);
                let y = place(&shape["yanchor"], shape["yref"].as_str().unwrap_or("y"), axes, area, false);
                if let (Some(x), Some(y)) = (x, y) {
                    let r = shape["x1"].as_f64().unwrap_or(5.0).abs();
                    let path = format!(
                        "M{},{}a{r},{r} 0 1 0 {d},0a{r},{r} 0 1 0 -{d},0z",
                        short(x - r),
                        short(y),
                        r = short(r),
                        d = short(2.0 * r)
                    );
                    paper.path(&path, shape["fillcolor"].as_str().unwrap_or("none"), stroke, width, dash);
                }
            }
            _ => {}
        }
    }
}

pub(super) fn annotations(paper: &mut Paper, layout: &Value, axes: &BTreeMap<String, Axis>, area: Area) {
    for note in layout["annotations"].as_array().into_iter().flatten() {
        let x = place(&note["x"], note["xref"].as_str().unwrap_or("x"), axes, area, true);
        let y = place(&note["y"], note["yref"].as_str().unwrap_or("y"), axes, area, false);
        let (Some(mut x), Some(mut y), Some(text)) = (x, y, note["text"].as_str()) else { continue };
        let words = Words::of(text);
        let size = note["font"]["size"].as_f64().unwrap_or(12.0);
        if note["showarrow"] != false && note.get("ax").is_some() {
            let tail = (x + note["ax"].as_f64().unwrap_or(0.0), y + note["ay"].as_f64().unwrap_or(-30.0));
            paper.line((x, y), tail, "#555555", 1.0, "");
            (x, y) = tail;
        }
        x += note["xshift"].as_f64().unwrap_or(0.0);
        y -= note["yshift"].as_f64().unwrap_or(0.0);
        let anchor = match note["xanchor"].as_str() {
            Some("left") => "start",
            Some("right") => "end",
            _ => "middle",
        };
        let lines = words.lines.len() as f64;
        let first = match note["yanchor"].as_str() {
            Some("top") => y + size,
            Some("bottom") => y - (lines - 1.0) * size * 1.25 - 3.0,
            _ => y + size * 0.35 - (lines - 1.0) * size * 0.6,
        };
        if let Some(fill) = note["bgcolor"].as_str().filter(|_| !text.is_empty()) {
            let width = words.longest() as f64 * size * 0.55 + 6.0;
            let left = match anchor {
                "start" => x - 3.0,
                "end" => x - width + 3.0,
                _ => x - width / 2.0,
            };
            paper.rect((left, first - size), (width, lines * size * 1.25 + 3.0), fill, "", 1.0);
        }
        let bold = text.starts_with("<b>");
        let turned = -note["textangle"].as_f64().unwrap_or(0.0);
        paper.text(
            (x, first),
            &words,
            Type { bold, turned, ..Type::of(size, anchor) },
            note["font"]["color"].as_str().unwrap_or(""),
        );
    }
}

/// The width of an entry of the legend.
fn room(words: &Words) -> f64 {
    words.longest() as f64 * 6.8 + 40.0
}

fn entries<'a>(traces: &'a [Value], layout: &Value) -> Vec<(&'a Value, Words)> {
    let named = |trace: &&Value| trace["showlegend"] != false && trace["name"].is_string();
    let words = |trace: &'a Value| (trace, Words::of(trace["name"].as_str().unwrap_or_default()));
    let shown = layout["showlegend"] == true;
    traces.iter().filter(named).map(words).filter(|_| shown).collect()
}

/// The height of the legend's lines but the first, which stands in the margin.
pub(super) fn legend_lines(traces: &[Value], layout: &Value, width: f64) -> f64 {
    let (mut x, mut lines) = (100.0, 0.0);
    for (_, words) in entries(traces, layout) {
        if x + room(&words) > width && x > 0.0 {
            (x, lines) = (0.0, lines + 1.0);
        }
        x += room(&words);
    }
    lines * 17.0
}

pub(super) fn legend(paper: &mut Paper, traces: &[Value], layout: &Value, (left, top, width, _): Area) {
    let title = layout["legend"]["title"]["text"].as_str().unwrap_or_default();
    let (mut x, mut y) = (left, top - 12.0 - legend_lines(traces, layout, width));
    let entries = entries(traces, layout);
    if !title.is_empty() && !entries.is_empty() {
        let words = Words::of(title);
        paper.text((x, y), &words, Type::of(12.0, "start"), "#555555");
        x += words.longest() as f64 * 6.5 + 14.0;
    }
    for (trace, words) in entries {
        if x + room(&words) > left + width && x > left {
            (x, y) = (left, y + 17.0);
        }
        let color =
            trace["marker"]["color"].as_str().or(trace["line"]["color"].as_str()).unwrap_or("#888888");
        let fill = trace["fillcolor"].as_str().filter(|_| trace["fill"].is_string()).unwrap_or(color);
        if trace["type"] == "bar" || trace["fill"].is_string() {
            paper.rect((x, y - 9.0), (18.0, 9.0), fill, "", 1.0);
        } else {
            paper.line(
                (x, y - 4.0),
                (x + 20.0, y - 4.0),
                color,
                2.5,
                trace["line"]["dash"].as_str().unwrap_or(""),
            );
        }
        paper.text((x + 25.0, y), &words, Type::of(12.0, "start"), "");
        x += room(&words);
    }
}

pub(super) fn title(paper: &mut Paper, layout: &Value) {
    let title = layout["title"]["text"].as_str().unwrap_or_default();
    paper.text((14.0, 30.0), &Words::of(title), Type::of(17.0, "start"), "");
    let below = layout["title"]["subtitle"]["text"].as_str().unwrap_or_default();
    paper.text((14.0, 49.0), &Words::of(below), Type::of(12.0, "start"), "#555555");
}
