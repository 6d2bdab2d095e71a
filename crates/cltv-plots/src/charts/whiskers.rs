//! Estimates with their intervals, for several charts.

use serde_json::{Value, json};

use crate::{text, theme, trace};

/// Marks of one kind.
pub(crate) struct Whiskers<'a> {
    /// What the legend calls them.
    pub(crate) name: &'a str,
    /// Where each stands on the axis across.
    pub(crate) at: &'a [f64],
    /// The estimates.
    pub(crate) middle: &'a [f64],
    /// The lower ends.
    pub(crate) low: &'a [f64],
    /// The upper ends.
    pub(crate) high: &'a [f64],
    /// One already escaped text a mark.
    pub(crate) hover: Vec<String>,
    pub(crate) style: usize,
}

impl Whiskers<'_> {
    /// Upright whiskers over places on the x axis.
    pub(crate) fn upright(self) -> Value {
        let (x, y) = (trace::numbers(self.at), trace::numbers(self.middle));
        self.drawn(x, y, "error_y")
    }

    /// Lying whiskers beside places on the y axis.
    pub(crate) fn lying(self) -> Value {
        let (x, y) = (trace::numbers(self.middle), trace::numbers(self.at));
        self.drawn(x, y, "error_x")
    }

    fn drawn(self, x: Vec<trace::Coord>, y: Vec<trace::Coord>, error: &str) -> Value {
        let ends = |ends: &[f64], sign: f64| -> Vec<f64> {
            ends.iter().zip(self.middle).map(|(end, middle)| (sign * (end - middle)).max(0.0)).collect()
        };
        let (up, down) = (ends(self.high, 1.0), ends(self.low, -1.0));
        let marks = trace::marks(x, y, self.hover, self.style, 9).name(text::plotly(self.name));
        let outline = if theme::open_symbol(self.style) { 2.0 } else { 0.0 };
        let bars = json!({
            "type": "data", "symmetric": false, "array": up, "arrayminus": down,
            "color": theme::color(self.style), "thickness": 2, "width": 5
        });
        let mut drawn = trace::json(&marks, json!({"marker": {"line": {"width": outline}}}));
        drawn[error] = bars;
        drawn
    }
}

/// Places of a group's `members` around its own place, from -0.25 to 0.25.
pub(crate) fn beside(group: usize, member: usize, members: usize) -> f64 {
    let step = if members < 2 { 0.0 } else { 0.5 / (members - 1) as f64 };
    group as f64 - if members < 2 { 0.0 } else { 0.25 } + step * member as f64
}

/// An axis whose places 0, 1, 2, … carry names.
pub(crate) fn named_places(title: &str, names: &[String], extra: Value) -> Value {
    let places: Vec<usize> = (0..names.len()).collect();
    let texts: Vec<String> = names.iter().map(|name| text::plotly(name)).collect();
    let named = json!({
        "tickmode": "array", "tickvals": places, "ticktext": texts, "tickformat": "", "showgrid": false,
        "range": [-0.5, names.len() as f64 - 0.5]
    });
    theme::axis(title, theme::merged(named, extra))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_around_their_group() {
        assert_eq!(beside(3, 0, 1), 3.0);
        assert_eq!([beside(0, 0, 3), beside(0, 1, 3), beside(0, 2, 3)], [-0.25, 0.0, 0.25]);
    }
}
