//! Spending of accounts by month, with its forecast.

use plotly::common::{HoverInfo, Mode};
use serde_json::{Value, json};

use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, date_axis, line_note, merged, money_ticks, vertical_line, with_legend};
use crate::{Chart, PlotError, text, theme, trace};

const NAME: &str = "expense_forecast";

/// Months of spending, and the months ahead with their interval.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpenseFan {
    /// Whose spending: "all accounts".
    pub whose: String,
    /// The first day of each month seen, ISO.
    pub months: Vec<String>,
    /// What was spent in it.
    pub spent: Vec<f64>,
    /// The first day of each month ahead, ISO.
    pub ahead: Vec<String>,
    /// What is expected.
    pub mean: Vec<f64>,
    /// Lower ends of the prediction intervals.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
    /// The intervals' probability, 0 to 1.
    pub level: f64,
    /// Months ahead that a backtest has measured; beyond them the fan is extrapolated.
    pub tested: usize,
}

/// Monthly spending as a line, the forecast as a dashed one with a fan around it.
///
/// # Errors
/// [`PlotError`] when a part is empty or unequally long, a month is no date, or an amount is not finite.
///
/// # Examples
/// ```
/// use cltv_plots::{ExpenseFan, expense_forecast};
/// let fan = ExpenseFan {
///     whose: "all accounts".into(),
///     months: vec!["2025-11-01".into(), "2025-12-01".into()],
///     spent: vec![900.0, 1200.0],
///     ahead: vec!["2026-01-01".into()],
///     mean: vec![950.0],
///     low: vec![800.0],
///     high: vec![1100.0],
///     level: 0.9,
///     tested: 1,
/// };
/// assert_eq!(expense_forecast(&fan, "$")?.data().rows(), 3);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn expense_forecast(fan: &ExpenseFan, currency: &str) -> Result<Chart, PlotError> {
    check(fan)?;
    Ok(Parts {
        name: NAME,
        title: text::shorten(&format!("Monthly spending of {}", fan.whose), 60),
        how_to_read: "The solid line is what was spent, the dashed line what is expected, and the shaded fan holds \
                      the coming months with the probability in the legend. The fan widens because errors add up; \
                      its width right of the second vertical line has not been tested on past data."
            .to_owned(),
        summary: summary(fan, currency),
        data: data(fan),
        traces: vec![band(fan, &fan.low, None), band(fan, &fan.high, Some(fan.level)), seen(fan, currency), ahead(fan, currency)],
        layout: layout(fan, currency),
    }
    .into())
}

fn check(fan: &ExpenseFan) -> Result<(), PlotError> {
    let check = Check(NAME);
    check.not_empty("months", fan.months.len())?;
    check.not_empty("ahead", fan.ahead.len())?;
    check.same_length(("months", fan.months.len()), ("spent", fan.spent.len()))?;
    check.dates("months", &fan.months)?;
    check.dates("ahead", &fan.ahead)?;
    check.finite("spent", &fan.spent)?;
    check.share("level", &[fan.level])?;
    for (name, values) in [("mean", &fan.mean), ("low", &fan.low), ("high", &fan.high)] {
        check.same_length(("ahead", fan.ahead.len()), (name, values.len()))?;
        check.finite(name, values)?;
    }
    Ok(())
}

fn data(fan: &ExpenseFan) -> ChartData {
    let (seen, ahead) = (fan.months.len(), fan.ahead.len());
    let later = |values: &[f64]| -> Vec<Option<f64>> {
        std::iter::repeat_n(None, seen).chain(values.iter().copied().map(Some)).collect()
    };
    let spent = fan.spent.iter().copied().map(Some).chain(std::iter::repeat_n(None, ahead));
    ChartData::new(vec![
        Column::text("month", &[fan.months.clone(), fan.ahead.clone()].concat()),
        Column::optional("spent", spent.collect()),
        Column::optional("expected", later(&fan.mean)),
        Column::optional("low", later(&fan.low)),
        Column::optional("high", later(&fan.high)),
    ])
}

/// One edge of the fan; the upper one fills down to the lower.
fn band(fan: &ExpenseFan, edge: &[f64], level: Option<f64>) -> Value {
    let line = trace::line(trace::names(&fan.ahead), trace::numbers(edge), Mode::Lines, 1)
        .hover_info(HoverInfo::Skip);
    let name = level
        .map_or_else(String::new, |level| text::plotly(&format!("{} interval", text::whole_percent(level))));
    let fill = if level.is_some() { "tonexty" } else { "none" };
    trace::json(
        &line,
        json!({
            "name": name, "showlegend": level.is_some(), "fill": fill, "fillcolor": "rgba(230,159,0,0.25)",
            "line": {"width": 1, "dash": "dot", "color": theme::color(1)}
        }),
    )
}

fn seen(fan: &ExpenseFan, currency: &str) -> Value {
    let hover = fan.months.iter().zip(&fan.spent).map(|(month, spent)| {
        text::plotly(&format!("{}: {} spent", &month[..7], text::money(currency, *spent)))
    });
    let line = trace::line(trace::names(&fan.months), trace::numbers(&fan.spent), Mode::LinesMarkers, 0)
        .name("Spent")
        .hover_text_array(hover.collect())
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({"marker": {"size": 5}}))
}

fn ahead(fan: &ExpenseFan, currency: &str) -> Value {
    let money = |value: f64| text::money(currency, value);
    let hover = (0..fan.ahead.len()).map(|at| {
        let (mean, low, high) = (money(fan.mean[at]), money(fan.low[at]), money(fan.high[at]));
        text::plotly(&format!("{}: {mean} expected, {low} to {high}", &fan.ahead[at][..7]))
    });
    let line = trace::line(trace::names(&fan.ahead), trace::numbers(&fan.mean), Mode::LinesMarkers, 3)
        .name("Expected")
        .hover_text_array(hover.collect())
        .hover_info(HoverInfo::Text);
    trace::json(&line, json!({"line": {"dash": "dash"}, "marker": {"size": 6}}))
}

fn layout(fan: &ExpenseFan, currency: &str) -> Value {
    let now = json!(fan.ahead[0]);
    let mut shapes = vec![vertical_line(&now, "dot")];
    let mut notes = vec![line_note(&now, 0.1, "seen", "right"), line_note(&now, 0.1, "ahead", "left")];
    if let Some(untested) = fan.ahead.get(fan.tested).filter(|_| fan.tested > 0) {
        shapes.push(vertical_line(&json!(untested), "dash"));
        notes.push(line_note(&json!(untested), 0.2, "not tested", "left"));
    }
    merged(
        with_legend(),
        json!({
            "xaxis": date_axis("Month", json!({})),
            "yaxis": axis(&format!("Spending a month ({})", currency.trim()), merged(money_ticks(currency), json!({"rangemode": "tozero"}))),
            "shapes": shapes, "annotations": notes
        }),
    )
}

fn summary(fan: &ExpenseFan, currency: &str) -> String {
    format!(
        "{} are expected to spend {} in the next {}, {} to {} of it in {}.",
        text::capital(&fan.whose),
        text::money(currency, fan.mean.iter().sum()),
        text::counted(fan.ahead.len() as u64, "month"),
        text::money(currency, fan.low[0]),
        text::money(currency, fan.high[0]),
        &fan.ahead[0][..7]
    )
}
