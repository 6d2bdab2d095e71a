//! One look for every chart: colours that colour-blind readers can distinguish (Okabe and Ito), and a
//! pattern, dash or symbol beside each colour, so that a chart printed in black and white still reads.

use plotly::common::{DashType, MarkerSymbol, PatternShape};
use serde_json::{Value, json};

use crate::text;

/// The height of an ordinary chart in pixels.
pub(crate) const HEIGHT: usize = 430;
/// Ink for text and outlines.
pub(crate) const INK: &str = "#222222";
/// Ink on cells of a heatmap, which keep their colours on a dark page: not the ink that is exchanged there.
pub(crate) const ON_CELLS: &str = "#202020";
/// Reference lines and notes.
pub(crate) const MUTED: &str = "#555555";

/// The palette of Okabe and Ito, <https://jfly.uni-koeln.de/color/>, ordered for contrast on white.
const COLORS: [&str; 8] =
    ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#595959", "#F0E442"];

const SYMBOLS: [MarkerSymbol; 10] = [
    MarkerSymbol::Circle,
    MarkerSymbol::DiamondOpen,
    MarkerSymbol::Square,
    MarkerSymbol::TriangleUp,
    MarkerSymbol::X,
    MarkerSymbol::TriangleDownOpen,
    MarkerSymbol::Star,
    MarkerSymbol::CircleOpen,
    MarkerSymbol::Cross,
    MarkerSymbol::SquareOpen,
];

pub(crate) fn color(style: usize) -> &'static str {
    COLORS[style % COLORS.len()]
}

/// The colour of a pattern's strokes on the fill of the same style.
pub(crate) fn stroke(style: usize) -> &'static str {
    if matches!(style % COLORS.len(), 1 | 4 | 5 | 7) { INK } else { "#FFFFFF" }
}

pub(crate) fn pattern(style: usize) -> PatternShape {
    match style % 8 {
        0 => PatternShape::None,
        1 => PatternShape::RightDiagonalLine,
        2 => PatternShape::Dot,
        3 => PatternShape::DiagonalCross,
        4 => PatternShape::HorizontalLine,
        5 => PatternShape::LeftDiagonalLine,
        6 => PatternShape::Cross,
        _ => PatternShape::VerticalLine,
    }
}

pub(crate) fn symbol(style: usize) -> MarkerSymbol {
    SYMBOLS[style % SYMBOLS.len()].clone()
}

/// Whether the symbol of this style is drawn by its outline alone.
pub(crate) fn open_symbol(style: usize) -> bool {
    matches!(style % SYMBOLS.len(), 1 | 5 | 7 | 9)
}

pub(crate) fn dash(style: usize) -> DashType {
    match style % 5 {
        0 => DashType::Solid,
        1 => DashType::Dash,
        2 => DashType::Dot,
        3 => DashType::DashDot,
        _ => DashType::LongDash,
    }
}

/// Light to darker in one hue: darker is more, in grey too. Even the darkest lets black text be read.
pub(crate) fn scale() -> Value {
    json!([
        [0.0, "#F7FBFF"],
        [0.2, "#DEEBF7"],
        [0.4, "#C6DBEF"],
        [0.6, "#9ECAE1"],
        [0.8, "#6BAED6"],
        [1.0, "#4A98C9"]
    ])
}

/// A layout in the house style under a plain-text title; `extra` overrides any part of it.
pub(crate) fn layout(title: &str, extra: Value) -> Value {
    let mut base = json!({
        "title": {
            "text": text::plotly(title), "font": {"size": 17, "color": INK},
            "x": 0.0, "xref": "container", "xanchor": "left", "pad": {"l": 14},
            "y": 1.0, "yref": "container", "yanchor": "top", "automargin": false
        },
        "font": {"family": "system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif", "size": 13, "color": INK},
        "paper_bgcolor": "#FFFFFF", "plot_bgcolor": "#FFFFFF",
        "height": HEIGHT, "autosize": true,
        "margin": {"l": 70, "r": 30, "t": 60, "b": 60},
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#FFFFFF", "bordercolor": MUTED, "font": {"color": INK}, "align": "left"},
        "showlegend": false,
        "legend": {"orientation": "h", "x": 0.0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        "bargap": 0.12,
        "separators": ".,"
    });
    base["title"]["pad"]["t"] = json!(16);
    merge(&mut base, extra);
    base
}

/// What a layout adds to show its legend between title and plot.
pub(crate) fn with_legend() -> Value {
    json!({"showlegend": true, "margin": {"t": 92}})
}

/// An axis in the house style under a plain-text title that names its unit.
pub(crate) fn axis(title: &str, extra: Value) -> Value {
    let mut base = json!({
        "title": {"text": text::plotly(title), "standoff": 10},
        "showgrid": true, "gridcolor": "#E3E3E3", "zeroline": false,
        "showline": true, "linecolor": "#888888", "ticks": "outside", "tickcolor": "#888888",
        "tickformat": ",", "automargin": true
    });
    merge(&mut base, extra);
    base
}

/// An axis of names: every name is shown, in the given order, and none is read as a number or a date.
pub(crate) fn names_axis(title: &str, extra: Value) -> Value {
    let mut base = axis(title, json!({"type": "category", "showgrid": false, "tickformat": "", "dtick": 1}));
    merge(&mut base, extra);
    base
}

/// An axis of calendar days.
pub(crate) fn date_axis(title: &str, extra: Value) -> Value {
    let mut base = axis(
        title,
        json!({"type": "date", "tickformat": "%b<br>%Y", "tickformatstops": [
            {"dtickrange": [null, 2_419_200_000.0_f64], "value": "%-d %b<br>%Y"}
        ]}),
    );
    merge(&mut base, extra);
    base
}

/// What an axis adds to show amounts of money. The dollar is the only sign that plotly puts behind a
/// minus.
pub(crate) fn money_ticks(currency: &str) -> Value {
    match currency {
        "$" => json!({"tickformat": "$,"}),
        other => json!({"tickprefix": text::plotly(other)}),
    }
}

/// A vertical line over the whole height at `x`, a number or an ISO date.
pub(crate) fn vertical_line(x: &Value, dash: &str) -> Value {
    json!({
        "type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper",
        "line": {"color": INK, "width": 2, "dash": dash}
    })
}

/// A note beside a vertical line, `y` being the share of the plot's height.
pub(crate) fn line_note(x: &Value, y: f64, note: &str, anchor: &str) -> Value {
    json!({
        "x": x, "y": y, "yref": "paper", "text": text::plotly(note), "showarrow": false,
        "xanchor": anchor, "yanchor": "top", "xshift": if anchor == "left" { 5 } else { -5 },
        "bgcolor": "rgba(255,255,255,0.85)", "font": {"size": 12, "color": INK}
    })
}

/// A note in the band between title and plot, where a legend would stand.
pub(crate) fn band_note(note: &str) -> Value {
    json!({
        "x": 0.0, "y": 1.02, "xref": "paper", "yref": "paper", "text": text::plotly(note), "showarrow": false,
        "xanchor": "left", "yanchor": "bottom", "font": {"size": 13, "color": INK}
    })
}

/// The heading of one panel of several, centred over `x` in shares of the plot's width.
pub(crate) fn panel_heading(x: f64, y: f64, heading: &str) -> Value {
    json!({
        "x": x, "y": y, "xref": "paper", "yref": "paper", "text": text::plotly(heading), "showarrow": false,
        "xanchor": "center", "yanchor": "bottom", "font": {"size": 14, "color": INK}
    })
}

/// Lays `extra` over `base`: objects merge key by key, everything else replaces.
pub(crate) fn merge(base: &mut Value, extra: Value) {
    match (base, extra) {
        (Value::Object(base), Value::Object(extra)) => {
            for (key, value) in extra {
                merge(base.entry(key).or_insert(Value::Null), value);
            }
        }
        (base, extra) => *base = extra,
    }
}

/// `base` with `extra` laid over it.
pub(crate) fn merged(mut base: Value, extra: Value) -> Value {
    merge(&mut base, extra);
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_keeps_what_is_not_named() {
        let merged = merged(json!({"a": {"b": 1, "c": 2}, "d": 3}), json!({"a": {"b": 9}, "e": 4}));
        assert_eq!(merged, json!({"a": {"b": 9, "c": 2}, "d": 3, "e": 4}));
    }

    #[test]
    fn a_sign_of_money_is_escaped_and_the_dollar_left_to_plotly() {
        assert_eq!(money_ticks("$"), json!({"tickformat": "$,"}));
        assert_eq!(money_ticks("<b>"), json!({"tickprefix": "&lt;b&gt;"}));
    }

    #[test]
    fn titles_are_objects_and_escaped() {
        let layout = layout("a < b", json!({"xaxis": axis("Revenue ($)", json!({}))}));
        assert_eq!(layout["title"]["text"], "a &lt; b");
        assert_eq!(layout["xaxis"]["title"]["text"], "Revenue ($)");
    }
}
