//! Lines, marks, bars and cells.

use std::collections::HashMap;
use std::fmt::Write;

use serde_json::Value;

use super::axis::{Axis, as_text, list};
use super::paper::{Paper, Type, Words, short};
use crate::reduce::spaced;

/// The most marks of a trace.
const MOST_MARKS: usize = 1_500;
/// The most points of a line.
const MOST_POINTS: usize = 2_000;

/// How high bars reach already, and how many stand beside each other.
pub(super) struct Stacks {
    stacked: bool,
    beside: usize,
    next: usize,
    gap: f64,
    tops: HashMap<String, f64>,
}

impl Stacks {
    pub(super) fn new(traces: &[Value], layout: &Value) -> Stacks {
        let mode = layout["barmode"].as_str().unwrap_or("group");
        let bars = traces.iter().filter(|trace| trace["type"] == "bar").count();
        Stacks {
            stacked: mode == "stack" || mode == "relative",
            beside: if mode == "group" { bars.max(1) } else { 1 },
            next: 0,
            gap: layout["bargap"].as_f64().unwrap_or(0.2),
            tops: HashMap::new(),
        }
    }
}

pub(super) fn draw(paper: &mut Paper, trace: &Value, x: &Axis, y: &Axis, stacks: &mut Stacks) {
    match trace["type"].as_str().unwrap_or("scatter") {
        "bar" => bars(paper, trace, x, y, stacks),
        "heatmap" => cells(paper, trace, x, y),
        "scatter" | "scattergl" => points(paper, trace, x, y),
        _ => {}
    }
}

/// Whether a trace is drawn; contours lie on cells that show the same values.
pub(super) fn is_drawn(trace: &Value) -> bool {
    let kind = trace["type"].as_str().unwrap_or("scatter");
    ["bar", "heatmap", "scatter", "scattergl", "contour"].contains(&kind)
}

/// An entry of a list, or the value for all.
fn entry(value: &Value, at: usize) -> &Value {
    if value.is_array() { &value[at] } else { value }
}

fn places(trace: &Value, x: &Axis, y: &Axis) -> Vec<Option<(f64, f64)>> {
    let place = |(a, b): (&Value, &Value)| Some((x.place(x.number(a)?), y.place(y.number(b)?)));
    list(trace, "x").zip(list(trace, "y")).map(place).collect()
}

fn points(paper: &mut Paper, trace: &Value, x: &Axis, y: &Axis) {
    let places = places(trace, x, y);
    let mode = trace["mode"].as_str().unwrap_or("lines");
    let color = trace["line"]["color"].as_str().or(trace["marker"]["color"].as_str()).unwrap_or("#0072B2");
    if let Some(fill) = trace["fill"].as_str().filter(|fill| *fill != "none") {
        area(paper, trace, &places, fill, y);
    }
    if mode.contains("lines") {
        let steps = trace["line"]["shape"] == "hv";
        let path = line(&places, steps);
        let width = trace["line"]["width"].as_f64().unwrap_or(2.0);
        if width > 0.0 {
            paper.path(&path, "none", color, width, trace["line"]["dash"].as_str().unwrap_or(""));
        }
    }
    let backwards: Vec<Option<(f64, f64)>> =
        places.iter().rev().filter(|place| place.is_some()).copied().collect();
    paper.last_line = Some(line(&backwards, false));
    errors(paper, trace, x, y, color);
    if mode.contains("markers") {
        marks(paper, trace, &places, color);
    }
    if mode.contains("text") {
        for (at, place) in places.iter().enumerate().take(200) {
            if let (Some(place), Some(text)) = (place, entry(&trace["text"], at).as_str()) {
                paper.text((place.0, place.1 - 8.0), &Words::of(text), Type::of(11.0, "middle"), "");
            }
        }
    }
}

/// A path that begins anew behind each gap.
fn line(places: &[Option<(f64, f64)>], steps: bool) -> String {
    let mut path = String::new();
    let mut last: Option<(f64, f64)> = None;
    for at in spaced(places.len(), MOST_POINTS) {
        match (last, places[at]) {
            (Some(before), Some((x, y))) if steps => {
                let _ = write!(path, "L{},{}L{},{}", short(x), short(before.1), short(x), short(y));
            }
            (Some(_), Some((x, y))) => drop(write!(path, "L{},{}", short(x), short(y))),
            (None, Some((x, y))) => drop(write!(path, "M{},{}", short(x), short(y))),
            _ => {}
        }
        last = places[at];
    }
    path
}

fn area(paper: &mut Paper, trace: &Value, places: &[Option<(f64, f64)>], fill: &str, y: &Axis) {
    let found: Vec<(f64, f64)> = places.iter().flatten().copied().collect();
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return };
    let color = trace["fillcolor"].as_str().unwrap_or("rgba(0,114,178,0.2)");
    let mut path = line(&found.iter().map(|place| Some(*place)).collect::<Vec<_>>(), false);
    if fill == "tozeroy" {
        let foot = y.place(y.foot());
        let _ = write!(path, "L{},{}L{},{}", short(last.0), short(foot), short(first.0), short(foot));
    }
    if fill == "tonexty"
        && let Some(before) = &paper.last_line
    {
        path = format!("{path}{}", before.replacen('M', "L", 1));
    }
    paper.path(&(path + "Z"), color, "none", 0.0, "");
}

fn marks(paper: &mut Paper, trace: &Value, places: &[Option<(f64, f64)>], color: &str) {
    let marker = &trace["marker"];
    let symbol = marker["symbol"].as_str().unwrap_or("circle");
    let opacity = marker["opacity"].as_f64().unwrap_or(1.0);
    let one_look = !marker["color"].is_array() && !marker["size"].is_array();
    let color_of = |at: usize| entry(&marker["color"], at).as_str().unwrap_or(color);
    let size_of = |at: usize| entry(&marker["size"], at).as_f64().unwrap_or(6.0);
    let mut path = String::new();
    for at in spaced(places.len(), MOST_MARKS) {
        let Some((x, y)) = places[at] else { continue };
        if one_look {
            push_mark(&mut path, symbol, x, y, size_of(at));
        } else {
            let mut one = String::new();
            push_mark(&mut one, symbol, x, y, size_of(at));
            let (fill, stroke, width) = look(symbol, color_of(at));
            paper.marks(&one, fill, stroke, if dot(symbol) { size_of(at) } else { width }, opacity);
        }
    }
    if !path.is_empty() {
        let (fill, stroke, width) = look(symbol, color_of(0));
        paper.marks(&path, fill, stroke, if dot(symbol) { size_of(0) } else { width }, opacity);
    }
}

/// A filled circle is a line of no length with a round end, the shortest text for a mark.
fn dot(symbol: &str) -> bool {
    symbol == "circle"
}

fn look<'a>(symbol: &str, color: &'a str) -> (&'a str, &'a str, f64) {
    if symbol.ends_with("-open") {
        ("none", color, 1.6)
    } else {
        (color, color, if dot(symbol) { 0.0 } else { 0.6 })
    }
}

fn push_mark(path: &mut String, symbol: &str, x: f64, y: f64, size: f64) {
    let r = size / 2.0;
    if symbol == "circle" {
        let _ = write!(path, "M{},{}h0", short(x), short(y));
        return;
    }
    if symbol == "circle-open" {
        let (edge, up, r, d) = (short(x - r), short(y), short(r), short(2.0 * r));
        let _ = write!(path, "M{edge},{up}a{r},{r} 0 1 0 {d},0a{r},{r} 0 1 0 -{d},0z");
        return;
    }
    let corners = corners(symbol.trim_end_matches("-open"));
    for (at, (dx, dy)) in corners.iter().enumerate() {
        let _ =
            write!(path, "{}{},{}", if at == 0 { "M" } else { "L" }, short(x + dx * r), short(y + dy * r));
    }
    path.push('z');
}

/// The corners of a symbol of radius 1.
fn corners(symbol: &str) -> &'static [(f64, f64)] {
    match symbol {
        "square" => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "diamond" => &[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)],
        "triangle-up" => &[(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)],
        "triangle-down" => &[(0.0, 1.1), (1.0, -0.8), (-1.0, -0.8)],
        "x" => &[
            (0.0, -0.4),
            (0.8, -1.2),
            (1.2, -0.8),
            (0.4, 0.0),
            (1.2, 0.8),
            (0.8, 1.2),
            (0.0, 0.4),
            (-0.8, 1.2),
            (-1.2, 0.8),
            (-0.4, 0.0),
            (-1.2, -0.8),
            (-0.8, -1.2),
        ],
        "star" => &[
            (0.0, -1.3),
            (0.3, -0.4),
            (1.2, -0.4),
            (0.5, 0.2),
            (0.8, 1.1),
            (0.0, 0.5),
            (-0.8, 1.1),
            (-0.5, 0.2),
            (-1.2, -0.4),
            (-0.3, -0.4),
        ],
        _ => &[
            (-0.35, -1.1),
            (0.35, -1.1),
            (0.35, -0.35),
            (1.1, -0.35),
            (1.1, 0.35),
            (0.35, 0.35),
            (0.35, 1.1),
            (-0.35, 1.1),
            (-0.35, 0.35),
            (-1.1, 0.35),
            (-1.1, -0.35),
            (-0.35, -0.35),
        ],
    }
}

fn errors(paper: &mut Paper, trace: &Value, x: &Axis, y: &Axis, color: &str) {
    for (key, axis) in [("error_x", x), ("error_y", y)] {
        let errors = &trace[key];
        if !errors["array"].is_array() {
            continue;
        }
        let color = errors["color"].as_str().unwrap_or(color);
        for (at, (a, b)) in list(trace, "x").zip(list(trace, "y")).enumerate().take(MOST_MARKS) {
            let (Some(across), Some(up)) = (x.number(a), y.number(b)) else { continue };
            let value = if key == "error_x" { across } else { up };
            let more = errors["array"][at].as_f64().unwrap_or(0.0);
            let less = errors["arrayminus"][at].as_f64().unwrap_or(more);
            let ends = (axis.place(value - less), axis.place(value + more));
            let (from, to) = match key {
                "error_x" => ((ends.0, y.place(up)), (ends.1, y.place(up))),
                _ => ((x.place(across), ends.0), (x.place(across), ends.1)),
            };
            paper.line(from, to, color, errors["thickness"].as_f64().unwrap_or(1.6), "");
        }
    }
}

fn bars(paper: &mut Paper, trace: &Value, x: &Axis, y: &Axis, stacks: &mut Stacks) {
    let lying = trace["orientation"] == "h";
    let (along, up, keys) = if lying { (y, x, ("y", "x")) } else { (x, y, ("x", "y")) };
    let mut at_places: Vec<f64> = list(trace, keys.0).filter_map(|value| along.number(value)).collect();
    at_places.sort_by(f64::total_cmp);
    let gap = at_places
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|gap| *gap > 0.0)
        .fold(f64::INFINITY, f64::min);
    let slot = if gap.is_finite() && at_places.len() > 1 && along.kind != super::ticks::Kind::Names {
        gap
    } else {
        1.0
    };
    let full = slot * (1.0 - stacks.gap);
    let number = if stacks.beside > 1 { stacks.next } else { 0 };
    stacks.next += 1;
    for (at, (place, value)) in list(trace, keys.0).zip(list(trace, keys.1)).enumerate() {
        let (Some(place), Some(value)) = (along.number(place), up.number(value)) else { continue };
        let width = entry(&trace["width"], at).as_f64().unwrap_or(full / stacks.beside as f64);
        let shift = (number as f64 - (stacks.beside as f64 - 1.0) / 2.0) * full / stacks.beside as f64;
        let base = entry(&trace["base"], at).as_f64();
        let low = match (base, stacks.stacked) {
            (Some(base), _) => base,
            (None, true) => {
                let top = stacks
                    .tops
                    .entry(format!("{place} {} {}", value < 0.0, as_text(&trace[format!("{}axis", keys.1)])))
                    .or_default();
                let low = *top;
                *top += value;
                low
            }
            _ => up.foot(),
        };
        let high = if base.is_some() || stacks.stacked { low + value } else { value };
        let ends = (up.place(low), up.place(high));
        let sides = (along.place(place + shift - width / 2.0), along.place(place + shift + width / 2.0));
        let (a, b) = if lying {
            ((ends.0, sides.0), (ends.1, sides.1))
        } else {
            ((sides.0, ends.0), (sides.1, ends.1))
        };
        let corner = (a.0.min(b.0), a.1.min(b.1));
        let size = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
        let marker = &trace["marker"];
        let opacity = entry(&marker["opacity"], at).as_f64().or(trace["opacity"].as_f64()).unwrap_or(1.0);
        let outline = if size.0.min(size.1) > 3.0 { "#222222" } else { "" };
        paper.rect(corner, size, entry(&marker["color"], at).as_str().unwrap_or("#0072B2"), outline, opacity);
        if let Some(text) = entry(&trace["text"], at).as_str().filter(|text| !text.is_empty()) {
            let (place, anchor) = match lying {
                true => ((corner.0 + size.0 + 5.0, corner.1 + size.1 / 2.0 + 4.0), "start"),
                false => ((corner.0 + size.0 / 2.0, corner.1 - 5.0), "middle"),
            };
            paper.text(place, &Words::of(text), Type::of(11.0, anchor), "");
        }
    }
}

fn cells(paper: &mut Paper, trace: &Value, x: &Axis, y: &Axis) {
    let rows: Vec<&Vec<Value>> =
        trace["z"].as_array().into_iter().flatten().filter_map(Value::as_array).collect();
    let numbers = || rows.iter().flat_map(|row| row.iter()).filter_map(Value::as_f64);
    let low = trace["zmin"].as_f64().unwrap_or_else(|| numbers().fold(f64::INFINITY, f64::min));
    let high = trace["zmax"].as_f64().unwrap_or_else(|| numbers().fold(f64::NEG_INFINITY, f64::max));
    let across: Vec<f64> = edges(&list(trace, "x").filter_map(|value| x.number(value)).collect::<Vec<_>>());
    let up: Vec<f64> = edges(&list(trace, "y").filter_map(|value| y.number(value)).collect::<Vec<_>>());
    for (row, values) in rows.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            let (Some(value), true) = (value.as_f64(), column + 1 < across.len() && row + 1 < up.len())
            else {
                continue;
            };
            let a = (x.place(across[column]), y.place(up[row]));
            let b = (x.place(across[column + 1]), y.place(up[row + 1]));
            let fill = shade(&trace["colorscale"], (value - low) / (high - low));
            let corner = (a.0.min(b.0), a.1.min(b.1));
            let size = ((a.0 - b.0).abs(), (a.1 - b.1).abs());
            paper.rect(corner, size, &fill, "", 1.0);
            if let Some(text) =
                trace["text"][row][column].as_str().filter(|_| trace["texttemplate"].is_string())
            {
                let middle = (corner.0 + size.0 / 2.0, corner.1 + size.1 / 2.0 + 4.0);
                paper.text(middle, &Words::of(text), Type::of(11.0, "middle"), "");
            }
        }
    }
}

/// The edges between values, half way to their neighbours.
fn edges(values: &[f64]) -> Vec<f64> {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return Vec::new() };
    let step = |a: usize, b: usize| if values.len() > 1 { values[b] - values[a] } else { 1.0 };
    let mut edges = vec![first - step(0, 1.min(values.len() - 1)) / 2.0];
    edges.extend(values.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0));
    edges.push(last + step(values.len().saturating_sub(2), values.len() - 1) / 2.0);
    edges
}

/// The colour of a share of a scale.
fn shade(scale: &Value, share: f64) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let stops: Vec<(f64, [f64; 3])> = scale
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|stop| Some((stop[0].as_f64()?, rgb(stop[1].as_str()?)?)))
        .collect();
    for pair in stops.windows(2) {
        let ((from, low), (to, high)) = (pair[0], pair[1]);
        if share <= to && to > from {
            let part = ((share - from) / (to - from)).clamp(0.0, 1.0);
            let mix = |at: usize| (low[at] + (high[at] - low[at]) * part).round() as u8;
            return format!("#{:02x}{:02x}{:02x}", mix(0), mix(1), mix(2));
        }
    }
    "#9ecae1".to_owned()
}

fn rgb(hex: &str) -> Option<[f64; 3]> {
    let part = |from: usize| {
        hex.get(from..from + 2).and_then(|text| u8::from_str_radix(text, 16).ok()).map(f64::from)
    };
    Some([part(1)?, part(3)?, part(5)?])
}
