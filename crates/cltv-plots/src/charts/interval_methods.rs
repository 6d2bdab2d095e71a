//! Intervals of the parameters by several methods.

use serde_json::{Value, json};

use super::whiskers::{Whiskers, beside, named_places};
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::scale::edge_note;
use crate::theme::{axis, merged, vertical_line, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "interval_methods";

/// The interval of one parameter by one method.
#[derive(Debug, Clone, PartialEq)]
pub struct MethodInterval {
    /// The parameter.
    pub parameter: String,
    /// The method: "profile likelihood".
    pub method: String,
    /// The estimate, or the posterior mean.
    pub estimate: f64,
    /// Lower end; `None` where the data set no bound.
    pub low: Option<f64>,
    /// Upper end; `None` where the data set no bound.
    pub high: Option<f64>,
}

/// Intervals of parameters by several methods, as multiples of the first method's estimate.
///
/// # Errors
/// [`PlotError`] when there is no interval, or an estimate or an end is not positive and finite.
///
/// # Examples
/// ```
/// use cltv_plots::{MethodInterval, interval_methods};
/// let row = |method: &str, low| MethodInterval {
///     parameter: "a".into(), method: method.into(), estimate: 0.8, low: Some(low), high: Some(1.4),
/// };
/// let chart = interval_methods(&[row("delta", 0.5), row("profile", 0.45)], 0.95)?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn interval_methods(rows: &[MethodInterval], level: f64) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("rows", rows.len())?;
    check.share("level", &[level])?;
    for (at, row) in rows.iter().enumerate() {
        let ends = [("estimate", Some(row.estimate)), ("low", row.low), ("high", row.high)];
        for (name, value) in ends.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if !(value > 0.0 && value.is_finite()) {
                return Err(check.bad(name, at, value, "positive and finite"));
            }
        }
    }
    let parameters = text::distinct(rows.iter().map(|row| row.parameter.as_str()));
    let methods = text::distinct(rows.iter().map(|row| row.method.as_str()));
    let level = text::whole_percent(level);
    let edges = edges(rows);
    let drawn = |method| kind(rows, &parameters, method, methods.len(), &level, edges);
    Ok(Parts {
        name: NAME,
        title: "Intervals of the parameters, by method".to_owned(),
        how_to_read: "Each mark is a parameter's estimate by one method, with its interval, divided by the maximum-likelihood \
                      estimate, so that 1 is that estimate. Where the methods agree, the cheapest will do. Where they \
                      do not, the likelihood is skewed or the model does not fit well, and the cheapest interval is too narrow. A whisker that reaches the edge has no bound on that side."
            .to_owned(),
        summary: summary(rows, &level),
        data: data(rows),
        traces: methods.iter().enumerate().map(drawn).collect(),
        layout: merged(with_legend(), json!({
            "height": (200 + 30 * rows.len()).max(320),
            "xaxis": axis("Multiple of the maximum-likelihood estimate (logarithmic)", json!({
                "type": "log", "tickformat": "~g", "tickmode": "array", "tickvals": ticks(edges),
                "range": [edges.0.log10(), edges.1.log10()]
            })),
            "yaxis": named_places("", &parameters, json!({"range": [parameters.len() as f64 - 0.5, -0.5]})),
            "shapes": [vertical_line(&json!(1), "dot")],
            "annotations": note(rows).into_iter().collect::<Vec<Value>>()
        })),
    }
    .into())
}

/// The first method's estimate of each row's parameter.
fn base(rows: &[MethodInterval], row: &MethodInterval) -> f64 {
    rows.iter().find(|first| first.parameter == row.parameter).map_or(1.0, |first| first.estimate)
}

/// Where the axis ends: a little beyond all that has a bound.
fn edges(rows: &[MethodInterval]) -> (f64, f64) {
    let all = rows.iter().flat_map(|row| {
        [Some(row.estimate), row.low, row.high].into_iter().flatten().map(|value| value / base(rows, row))
    });
    let (low, high) =
        all.fold((1.0, 1.0), |(low, high): (f64, f64), value| (low.min(value), high.max(value)));
    let room = (high / low).powf(0.06).max(1.1);
    (low / room, high * room)
}

/// Round multiples between the edges: fine ones around 1, powers of ten where the axis goes farther.
fn ticks((low, high): (f64, f64)) -> Vec<f64> {
    const FINE: [f64; 17] =
        [0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0];
    let all = if low < FINE[0] || high > FINE[16] {
        (low.log10().ceil() as i32..=high.log10().floor() as i32).map(|power| 10f64.powi(power)).collect()
    } else {
        FINE.to_vec()
    };
    all.into_iter().filter(|tick| (low..=high).contains(tick)).collect()
}

/// How many ends have no bound; at the bottom, since the legend fills the top.
fn note(rows: &[MethodInterval]) -> Option<Value> {
    let open = rows.iter().flat_map(|row| [row.low, row.high]).filter(Option::is_none).count() as u64;
    let note = format!("{} without a bound, drawn to the edge", text::counted(open, "end"));
    (open > 0).then(|| merged(edge_note(&note), json!({"y": 0.01})))
}

fn kind(
    rows: &[MethodInterval],
    parameters: &[String],
    (style, method): (usize, &String),
    methods: usize,
    level: &str,
    (left, right): (f64, f64),
) -> Value {
    let own: Vec<&MethodInterval> = rows.iter().filter(|row| row.method == *method).collect();
    let place = |row: &&MethodInterval| {
        let group = parameters.iter().position(|name| *name == row.parameter).unwrap_or(0);
        beside(group, style, methods)
    };
    let shown = |end: Option<f64>| end.map_or("no bound".to_owned(), |end| text::number(end, 4));
    let hover = own.iter().map(|row| {
        let ends = format!("{level} {} to {}", shown(row.low), shown(row.high));
        text::plotly(&format!("{}, {method}: {}, {ends}", row.parameter, text::number(row.estimate, 4)))
    });
    let ends = |pick: fn(&MethodInterval) -> Option<f64>, edge: f64| -> Vec<f64> {
        own.iter().map(|row| pick(row).map_or(edge, |end| end / base(rows, row))).collect()
    };
    Whiskers {
        name: method,
        at: &own.iter().map(place).collect::<Vec<_>>(),
        middle: &own.iter().map(|row| row.estimate / base(rows, row)).collect::<Vec<_>>(),
        low: &ends(|row| row.low, left),
        high: &ends(|row| row.high, right),
        hover: hover.collect(),
        style,
    }
    .lying()
}

fn data(rows: &[MethodInterval]) -> ChartData {
    let texts =
        |pick: fn(&MethodInterval) -> &String| rows.iter().map(|row| pick(row).clone()).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::text("parameter", &texts(|row| &row.parameter)),
        Column::text("method", &texts(|row| &row.method)),
        Column::numbers("estimate", &rows.iter().map(|row| row.estimate).collect::<Vec<_>>()),
        Column::optional("low", rows.iter().map(|row| row.low).collect()),
        Column::optional("high", rows.iter().map(|row| row.high).collect()),
    ])
}

fn summary(rows: &[MethodInterval], level: &str) -> String {
    let width = |row: &&MethodInterval| match (row.low, row.high) {
        (Some(low), Some(high)) if low > 0.0 => high / low,
        _ => f64::INFINITY,
    };
    let widest = rows.iter().max_by(|a, b| width(a).total_cmp(&width(b)));
    widest.map_or_else(String::new, |row| {
        let reach = width(&row);
        let reach = if reach.is_finite() { text::number(reach, 1) } else { "infinitely many".to_owned() };
        format!(
            "The widest {level} interval is that of {} by {}: its upper end is {reach} times its lower.",
            row.parameter, row.method
        )
    })
}
