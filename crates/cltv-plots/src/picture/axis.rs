//! An axis: what it measures, where its values lie, and its ticks.

use serde_json::Value;

use super::paper::{Paper, Type, Words};
use super::ticks::Kind;
use super::{Area, ticks};

pub(super) struct Axis {
    pub(super) kind: Kind,
    is_x: bool,
    names: Vec<String>,
    range: (f64, f64),
    /// Where the range begins and ends on the paper.
    pub(super) ends: (f64, f64),
    pub(super) anchor: Option<String>,
    right: bool,
    settings: Value,
}

impl Axis {
    pub(super) fn new(name: &str, traces: &[Value], layout: &Value, area: Area) -> Axis {
        let (letter, number) = name.split_at(1);
        let is_x = letter == "x";
        let settings = layout[format!("{letter}axis{number}")].clone();
        let own: Vec<&Value> = traces
            .iter()
            .filter(|trace| trace[format!("{letter}axis")].as_str().unwrap_or(letter) == name)
            .collect();
        let kind = kind(&settings, &own, letter);
        let mut names = Vec::new();
        if kind == Kind::Names {
            let listed = settings["categoryarray"].as_array().into_iter().flatten();
            let used = own.iter().flat_map(|trace| list(trace, letter));
            for value in listed.chain(used) {
                let text = as_text(value);
                if !names.contains(&text) {
                    names.push(text);
                }
            }
        }
        let over = settings["overlaying"].as_str().map(|over| format!("{letter}axis{}", &over[1..]));
        let domain = if settings["domain"].is_array() {
            &settings["domain"]
        } else {
            &layout[over.unwrap_or_default()]["domain"]
        };
        let share = |at: usize, or: f64| domain[at].as_f64().unwrap_or(or);
        let (left, top, width, height) = area;
        let ends = match is_x {
            true => (left + share(0, 0.0) * width, left + share(1, 1.0) * width),
            false => (top + height - share(0, 0.0) * height, top + height - share(1, 1.0) * height),
        };
        let mut axis = Axis {
            kind,
            is_x,
            names,
            range: (0.0, 1.0),
            ends,
            anchor: settings["anchor"].as_str().map(str::to_owned),
            right: settings["side"] == "right",
            settings,
        };
        axis.range = axis.whole_range(&own, letter);
        axis
    }

    /// The given range, or that of the values.
    fn whole_range(&self, own: &[&Value], letter: &str) -> (f64, f64) {
        if let (Some(low), Some(high)) = (self.end(0), self.end(1)) {
            return (low, high);
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut add = |value: f64| {
            if value.is_finite() {
                (low, high) = (low.min(value), high.max(value));
            }
        };
        let (mut bars_along, mut bars_up, mut heat) = (false, false, false);
        let mut tops: std::collections::HashMap<String, f64> = std::collections::HashMap::new();
        for trace in own {
            let is_bar = trace["type"] == "bar";
            let up = is_bar && (trace["orientation"] == "h") == (letter == "x");
            bars_along |= is_bar && !up;
            bars_up |= up;
            heat |= trace["type"] == "heatmap";
            let other = if letter == "x" { "y" } else { "x" };
            let across: Vec<&Value> = list(trace, other).collect();
            for (at, value) in list(trace, letter).enumerate() {
                let Some(value) = self.number(value) else { continue };
                add(value);
                if up {
                    let place = across.get(at).map(|value| as_text(value)).unwrap_or_default();
                    let top = tops.entry(format!("{place}{}", value < 0.0)).or_default();
                    *top += value;
                    add(*top + trace["base"].as_f64().unwrap_or(0.0));
                }
                for side in ["array", "arrayminus"] {
                    let errors = &trace[format!("error_{letter}")];
                    if let Some(size) = errors[side][at].as_f64() {
                        add(if side == "array" { value + size } else { value - size });
                    }
                }
            }
        }
        if self.kind == Kind::Names {
            (low, high) = (0.0, (self.names.len().max(1) - 1) as f64);
        }
        if self.settings["rangemode"] == "tozero" || bars_up {
            (low, high) = (low.min(0.0), high.max(0.0));
        }
        if !low.is_finite() {
            (low, high) = (0.0, 1.0);
        }
        self.widened((low, high), own, letter, bars_up, bars_along || heat)
    }

    /// A range with room beside its values; bars and cells need half their width.
    fn widened(
        &self,
        (low, high): (f64, f64),
        own: &[&Value],
        letter: &str,
        bars_up: bool,
        has_width: bool,
    ) -> (f64, f64) {
        let step = if high > low { high - low } else { 1.0 };
        let pad = match (self.kind, has_width) {
            (Kind::Names, _) => 0.5,
            (_, true) => {
                step / (2.0
                    * own.iter().map(|trace| list(trace, letter).count()).max().unwrap_or(1).max(1) as f64)
            }
            _ => step * 0.04,
        };
        let foot =
            if (self.settings["rangemode"] == "tozero" || bars_up) && low == 0.0 && self.kind == Kind::Linear
            {
                0.0
            } else {
                pad
            };
        let (low, high) = (low - foot, high + pad);
        if self.settings["autorange"] == "reversed" { (high, low) } else { (low, high) }
    }

    fn end(&self, at: usize) -> Option<f64> {
        let value = &self.settings["range"][at];
        match self.kind {
            Kind::Date => value.as_str().and_then(ticks::parse_date).or_else(|| value.as_f64()),
            _ => value.as_f64(),
        }
    }

    /// The number of a value along the axis: of a logarithmic one its exponent.
    pub(super) fn number(&self, value: &Value) -> Option<f64> {
        match self.kind {
            Kind::Linear => value.as_f64(),
            Kind::Log => value.as_f64().filter(|value| *value > 0.0).map(f64::log10),
            Kind::Date => value.as_str().and_then(ticks::parse_date).or_else(|| value.as_f64()),
            Kind::Names if value.is_null() => None,
            Kind::Names => {
                let text = as_text(value);
                self.names
                    .iter()
                    .position(|name| *name == text)
                    .map(|at| at as f64)
                    .or_else(|| value.as_f64())
            }
        }
    }

    /// Where a number of the axis lies on the paper.
    pub(super) fn place(&self, number: f64) -> f64 {
        let (low, high) = self.range;
        self.ends.0 + (number - low) / (high - low) * (self.ends.1 - self.ends.0)
    }

    /// The foot of bars.
    pub(super) fn foot(&self) -> f64 {
        if self.kind == Kind::Log { self.range.0.min(self.range.1) } else { 0.0 }
    }

    /// The width of a unit on the paper.
    pub(super) fn unit(&self) -> f64 {
        ((self.ends.1 - self.ends.0) / (self.range.1 - self.range.0)).abs()
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        if let Some(values) = self.settings["tickvals"].as_array() {
            let text = |at: usize, value: &Value| {
                let given = self.settings["ticktext"][at].as_str().map(str::to_owned);
                given.unwrap_or_else(|| {
                    ticks::label(self.kind, self.number(value).unwrap_or(0.0), &[], &self.settings)
                })
            };
            let found = values
                .iter()
                .enumerate()
                .filter_map(|(at, value)| Some((self.number(value)?, text(at, value))));
            return found.collect();
        }
        let (low, high) = (self.range.0.min(self.range.1), self.range.0.max(self.range.1));
        let room = (self.ends.1 - self.ends.0).abs();
        if self.kind == Kind::Names {
            let most = (room / if self.is_x { 22.0 } else { 13.0 }).max(1.0) as usize;
            let every = self.names.len().div_ceil(most).max(1);
            return self
                .names
                .iter()
                .enumerate()
                .step_by(every)
                .map(|(at, name)| (at as f64, name.clone()))
                .collect();
        }
        let values = match self.kind {
            Kind::Log => ticks::logarithmic(low, high),
            Kind::Date => ticks::moments(low, high),
            _ => ticks::linear(
                low,
                high,
                self.settings["nticks"].as_f64().unwrap_or(room / if self.is_x { 90.0 } else { 55.0 }),
            ),
        };
        values.iter().map(|&at| (at, ticks::label(self.kind, at, &values, &self.settings))).collect()
    }

    pub(super) fn draw_grid(&self, paper: &mut Paper, (from, to): (f64, f64)) {
        if self.settings["visible"] == false {
            return;
        }
        if self.settings["showgrid"] != false {
            for (value, _) in self.ticks() {
                let at = self.place(value);
                let ends = if self.is_x { ((at, from), (at, to)) } else { ((from, at), (to, at)) };
                paper.line(ends.0, ends.1, "#E3E3E3", 1.0, "");
            }
        }
        let edge = if self.right { to } else { from };
        let ends = if self.is_x {
            ((self.ends.0, edge), (self.ends.1, edge))
        } else {
            ((edge, self.ends.0), (edge, self.ends.1))
        };
        if self.settings["showline"] != false {
            paper.line(ends.0, ends.1, "#888888", 1.0, "");
        }
    }

    pub(super) fn draw_labels(&self, paper: &mut Paper, (from, to): (f64, f64)) {
        if self.settings["visible"] == false || self.settings["showticklabels"] == false {
            return;
        }
        let ticks = self.ticks();
        let texts: Vec<Words> = ticks.iter().map(|(_, label)| Words::of(label)).collect();
        let longest = texts.iter().map(Words::longest).max().unwrap_or(0) as f64 * 7.4;
        let room = self.unit()
            * ticks.windows(2).map(|pair| (pair[1].0 - pair[0].0).abs()).fold(f64::INFINITY, f64::min);
        let turned = self.is_x && longest + 8.0 > room && ticks.len() > 1;
        for ((value, _), words) in ticks.iter().zip(&texts) {
            let at = self.place(*value);
            let (place, kind) = match (self.is_x, turned, self.right) {
                (true, true, _) => ((at + 4.0, from + 12.0), Type { turned: 35.0, ..Type::of(11.0, "end") }),
                (true, false, _) => ((at, from + 17.0), Type::of(12.0, "middle")),
                (false, _, true) => ((to + 8.0, at + 4.0), Type::of(12.0, "start")),
                (false, _, false) => ((from - 8.0, at + 4.0), Type::of(12.0, "end")),
            };
            paper.text(place, words, kind, "");
        }
        let title =
            self.settings["title"]["text"].as_str().or(self.settings["title"].as_str()).unwrap_or_default();
        let lines = texts.iter().map(|words| words.lines.len()).max().unwrap_or(1) as f64;
        let middle = (self.ends.0 + self.ends.1) / 2.0;
        let (place, turn) = match (self.is_x, self.right) {
            (true, _) => {
                let below = if turned { longest * 0.6 + 24.0 } else { 20.0 + lines * 16.0 };
                ((middle, (from + below).min(paper.height - 6.0)), 0.0)
            }
            (false, true) => (((to + longest + 26.0).min(paper.width - 8.0), middle), 90.0),
            (false, false) => (((from - longest - 18.0).max(14.0), middle), 90.0),
        };
        paper.text(place, &Words::of(title), Type { turned: turn, ..Type::of(13.0, "middle") }, "");
    }
}

fn kind(settings: &Value, own: &[&Value], letter: &str) -> Kind {
    match settings["type"].as_str() {
        Some("log") => return Kind::Log,
        Some("date") => return Kind::Date,
        Some("category") => return Kind::Names,
        Some("linear") => return Kind::Linear,
        _ => {}
    }
    let values = || own.iter().flat_map(|trace| list(trace, letter)).filter(|value| !value.is_null());
    let texts = values().filter(|value| value.is_string()).count();
    let is_date = |value: &&Value| value.as_str().and_then(ticks::parse_date).is_some();
    match texts {
        0 => Kind::Linear,
        n if values().filter(is_date).count() == n => Kind::Date,
        _ => Kind::Names,
    }
}

/// The values of a trace along an axis.
pub(super) fn list<'a>(trace: &'a Value, letter: &str) -> impl Iterator<Item = &'a Value> {
    trace[letter].as_array().into_iter().flatten()
}

pub(super) fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
