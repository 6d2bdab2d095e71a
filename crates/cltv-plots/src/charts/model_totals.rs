//! Holdout purchases expected by several models, and the actual number.

use serde_json::{Value, json};

use super::whiskers::{Whiskers, named_places};
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, line_note, merged, vertical_line, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "model_totals";

/// One model's holdout.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelTotal {
    /// The model.
    pub model: String,
    /// Purchases expected of all customers.
    pub expected: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether the fit passes its audits.
    pub trusted: bool,
}

/// The purchases that each model expected of all customers in the holdout, with their intervals, and
/// those that were made. `period` is the holdout in words: "39 weeks".
///
/// # Errors
/// [`PlotError`] when there is no model, one stands there twice, or a figure is negative or not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{ModelTotal, model_totals};
/// let row = ModelTotal { model: "BG/NBD".into(), expected: 1653.0, low: 1500.0, high: 1810.0, trusted: false };
/// let chart = model_totals(&[row], 1882, 0.95, "39 weeks")?;
/// assert!(chart.text_summary().contains("1,882"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn model_totals(rows: &[ModelTotal], actual: u64, level: f64, period: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("rows", rows.len())?;
    check.unique("model", rows.iter().map(|row| row.model.as_str()))?;
    check.share("level", &[level])?;
    let picks: [fn(&ModelTotal) -> f64; 3] = [|row| row.expected, |row| row.low, |row| row.high];
    for pick in picks {
        check.non_negative("rows", &rows.iter().map(pick).collect::<Vec<_>>())?;
    }
    let models: Vec<String> = rows.iter().map(|row| row.model.clone()).collect();
    let (at, level) = (json!(actual), text::whole_percent(level));
    Ok(Parts {
        name: NAME,
        title: format!("Holdout of {period}: expected by each model, and made"),
        how_to_read: format!(
            "Each mark is the number of purchases that a model expected of all customers, with its {level} interval for parameter uncertainty and chance. The vertical line is the actual number. An interval that misses the line is evidence against its model."
        ),
        summary: summary(rows, actual),
        data: data(rows, actual),
        traces: vec![kind(rows, true, &level), kind(rows, false, &level)],
        layout: merged(with_legend(), json!({
            "height": (190 + 38 * rows.len()).max(300), "margin": {"l": 130},
            "xaxis": axis(&format!("Purchases of all customers in {period}"), json!({})),
            "yaxis": named_places("", &models, json!({"range": [rows.len() as f64 - 0.5, -0.5]})),
            "shapes": [vertical_line(&at, "dash")],
            "annotations": [line_note(&at, 0.09, &format!("made: {}", text::count(actual)), "left")]
        })),
    }
    .into())
}

fn data(rows: &[ModelTotal], actual: u64) -> ChartData {
    let numbers = |pick: fn(&ModelTotal) -> f64| rows.iter().map(pick).collect::<Vec<_>>();
    ChartData::new(vec![
        Column::text("model", &rows.iter().map(|row| row.model.clone()).collect::<Vec<_>>()),
        Column::numbers("expected", &numbers(|row| row.expected)),
        Column::numbers("low", &numbers(|row| row.low)),
        Column::numbers("high", &numbers(|row| row.high)),
        Column::integers("actual", &vec![actual; rows.len()]),
    ])
}

fn kind(rows: &[ModelTotal], trusted: bool, level: &str) -> Value {
    let own: Vec<(f64, &ModelTotal)> =
        (0..).map(f64::from).zip(rows).filter(|(_, row)| row.trusted == trusted).collect();
    let hover = own.iter().map(|(_, row)| {
        let count = |value: f64| text::number(value, 0);
        let (low, high) = (count(row.low), count(row.high));
        text::plotly(&format!("{}: {} expected, {level} {low} to {high}", row.model, count(row.expected)))
    });
    Whiskers {
        name: if trusted { "Passes its audits" } else { "Does not" },
        at: &own.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        middle: &own.iter().map(|(_, row)| row.expected).collect::<Vec<_>>(),
        low: &own.iter().map(|(_, row)| row.low).collect::<Vec<_>>(),
        high: &own.iter().map(|(_, row)| row.high).collect::<Vec<_>>(),
        hover: hover.collect(),
        style: if trusted { 0 } else { 1 },
    }
    .lying()
}

fn summary(rows: &[ModelTotal], actual: u64) -> String {
    let made = actual as f64;
    let hold = rows.iter().filter(|row| (row.low..=row.high).contains(&made)).count();
    let miss = |row: &&ModelTotal| (row.expected - made).abs();
    let nearest = rows.iter().min_by(|a, b| miss(a).total_cmp(&miss(b)));
    format!(
        "{} purchases were made; the intervals of {hold} of {} hold that, and {} expected {}, which is nearest.",
        text::count(actual),
        text::counted(rows.len() as u64, "model"),
        nearest.map_or("nobody", |row| row.model.as_str()),
        text::number(nearest.map_or(0.0, |row| row.expected), 0)
    )
}
