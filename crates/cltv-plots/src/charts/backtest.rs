//! Forecasts of several models from several origins, with what was bought.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use super::whiskers::{Whiskers, beside, named_places};
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "rolling_backtest";

/// One model's forecast from one origin.
#[derive(Debug, Clone, PartialEq)]
pub struct OriginTotal {
    /// The origin: the last day that was known.
    pub origin: String,
    /// The model.
    pub model: String,
    /// Purchases expected of all customers.
    pub expected: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Purchases made.
    pub actual: u64,
}

/// Purchases that each model expected after each origin, with their intervals, and those made.
/// `period` is what is forecast at each origin, in words: "13 weeks", "about 13 weeks".
///
/// # Errors
/// [`PlotError`] when there is no row, or a figure is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{OriginTotal, rolling_backtest};
/// let row = |origin: &str, actual| OriginTotal {
///     origin: origin.into(), model: "BG/NBD".into(), expected: 600.0, low: 520.0, high: 690.0, actual,
/// };
/// let chart = rolling_backtest(&[row("1997-09-30", 660), row("1997-12-31", 580)], 0.95, "13 weeks")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn rolling_backtest(rows: &[OriginTotal], level: f64, period: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("rows", rows.len())?;
    check.share("level", &[level])?;
    let picks: [fn(&OriginTotal) -> f64; 3] = [|row| row.expected, |row| row.low, |row| row.high];
    for pick in picks {
        check.non_negative("rows", &rows.iter().map(pick).collect::<Vec<_>>())?;
    }
    let origins = text::distinct(rows.iter().map(|row| row.origin.as_str()));
    let models = text::distinct(rows.iter().map(|row| row.model.as_str()));
    let level = text::whole_percent(level);
    let mut traces = vec![made(rows, &origins)];
    traces.extend(models.iter().enumerate().map(|at| expected(rows, &origins, at, models.len(), &level)));
    Ok(Parts {
        name: NAME,
        title: format!("Forecasts of {period}, made at several days"),
        how_to_read: format!(
            "At each origin the models are fitted on the purchases up to that day. The line is what was bought afterwards, \
             the marks what each model expected, with its {level} interval. A reliable model is near the line at every origin, not at one. Where all models miss on the same side, something changed that no model includes."
        ),
        summary: summary(rows, &origins, &models),
        data: data(rows),
        traces,
        layout: merged(with_legend(), json!({
            "xaxis": named_places("Origin: the last day known", &origins, json!({})),
            "yaxis": axis(&format!("Purchases in {period} from the origin on"), json!({"rangemode": "tozero"}))
        })),
    }
    .into())
}

fn data(rows: &[OriginTotal]) -> ChartData {
    let texts =
        |pick: fn(&OriginTotal) -> &String| rows.iter().map(|row| pick(row).clone()).collect::<Vec<_>>();
    let numbers = |pick: fn(&OriginTotal) -> f64| rows.iter().map(pick).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::text("origin", &texts(|row| &row.origin)),
        Column::text("model", &texts(|row| &row.model)),
        Column::integers("actual", &rows.iter().map(|row| row.actual).collect::<Vec<_>>()),
        Column::numbers("expected", &numbers(|row| row.expected)),
        Column::numbers("low", &numbers(|row| row.low)),
        Column::numbers("high", &numbers(|row| row.high)),
    ])
}

fn made(rows: &[OriginTotal], origins: &[String]) -> Value {
    let at = |origin: &String| rows.iter().find(|row| row.origin == *origin).map_or(0, |row| row.actual);
    let counts: Vec<u64> = origins.iter().map(at).collect();
    let places: Vec<f64> = (0..origins.len()).map(|at| at as f64).collect();
    let hover = origins.iter().zip(&counts);
    let hover = hover.map(|(origin, &n)| text::plotly(&format!("{origin}: {} made", text::count(n))));
    let line = trace::line(trace::numbers(&places), trace::counts(&counts), Mode::LinesMarkers, 6)
        .name("Made")
        .hover_text_array(hover.collect())
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({"line": {"dash": "solid", "width": 3}}))
}

fn expected(
    rows: &[OriginTotal],
    origins: &[String],
    (style, model): (usize, &String),
    models: usize,
    level: &str,
) -> Value {
    let own: Vec<&OriginTotal> = rows.iter().filter(|row| row.model == *model).collect();
    let place = |row: &&OriginTotal| {
        let group = origins.iter().position(|origin| *origin == row.origin).unwrap_or(0);
        beside(group, style, models)
    };
    let hover = own.iter().map(|row| {
        let count = |value: f64| text::number(value, 0);
        let ends = format!("{level} {} to {}", count(row.low), count(row.high));
        text::plotly(&format!("{}, {model}: {} expected, {ends}", row.origin, count(row.expected)))
    });
    Whiskers {
        name: model,
        at: &own.iter().map(place).collect::<Vec<_>>(),
        middle: &own.iter().map(|row| row.expected).collect::<Vec<_>>(),
        low: &own.iter().map(|row| row.low).collect::<Vec<_>>(),
        high: &own.iter().map(|row| row.high).collect::<Vec<_>>(),
        hover: hover.collect(),
        style,
    }
    .upright()
}

fn summary(rows: &[OriginTotal], origins: &[String], models: &[String]) -> String {
    let held = |model: &String| {
        let holds =
            |row: &&OriginTotal| row.model == *model && (row.low..=row.high).contains(&(row.actual as f64));
        format!("{model} {}", rows.iter().filter(holds).count())
    };
    format!(
        "Origins of {} at which the interval holds what was bought: {}.",
        origins.len(),
        models.iter().map(held).collect::<Vec<_>>().join(", ")
    )
}
