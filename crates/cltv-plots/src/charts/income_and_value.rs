//! Does income tell what an account is worth?

use plotly::common::Mode;
use serde_json::{Value, json};

use super::cloud;
use super::clv_by_p_alive::Scale;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "income_and_value";
/// Accounts are put into so many groups of rising income.
const GROUPS: usize = 5;

/// A mark an account, income to the right and lifetime value upwards, and the mean value of each fifth of
/// income as a line. One entry an account in all three slices.
///
/// The value axis is logarithmic when the tail is long; values too small for it, negative ones among
/// them, are drawn at its foot and counted in a note. [`Chart::data`] holds the true ones.
///
/// # Errors
/// [`PlotError`] when there is no account, the slices differ in length, an income is negative, or a
/// number is not finite.
///
/// # Examples
/// ```
/// let ids = ["A".to_owned(), "B".to_owned()];
/// let chart = cltv_plots::income_and_value(&ids, &[52_000.0, 71_000.0], &[900.0, 400.0], "$")?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn income_and_value(
    ids: &[String],
    income: &[f64],
    value: &[f64],
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("ids", ids.len())?;
    check.same_length(("ids", ids.len()), ("income", income.len()))?;
    check.same_length(("ids", ids.len()), ("value", value.len()))?;
    check.non_negative("income", income)?;
    check.finite("value", value)?;
    let scale = Scale::of(value);
    let fifths = cloud::by_rank(income, GROUPS);
    let means: Vec<f64> = fifths.iter().map(|rows| mean_of(value, rows)).collect();
    let (values, note) = scale.axis("Lifetime value", value, "account", currency);
    Ok(Parts {
        name: NAME,
        title: "Income and lifetime value".to_owned(),
        how_to_read: "Each mark is an account: right means more income, up means worth more. The line joins the mean \
                      value of each fifth of income. A cloud as wide as it is high with a nearly flat line says that \
                      income is a poor guide to value."
            .to_owned(),
        summary: summary(ids.len(), &means, currency),
        data: ChartData::new(vec![
            Column::text("account_id", ids),
            Column::numbers("income", income),
            Column::numbers("value", value),
        ]),
        traces: vec![
            accounts(ids, income, value, scale, currency),
            fifth_line(&fifths, income, &means, scale, currency),
        ],
        layout: merged(with_legend(), json!({
            "xaxis": axis(&format!("Income a year ({})", currency.trim()), merged(money_ticks(currency), json!({"rangemode": "tozero"}))),
            "yaxis": values,
            "annotations": note.into_iter().collect::<Vec<Value>>()
        })),
    }
    .into())
}

fn mean_of(values: &[f64], rows: &[usize]) -> f64 {
    rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len().max(1) as f64
}

fn accounts(ids: &[String], income: &[f64], value: &[f64], scale: Scale, currency: &str) -> Value {
    let drawn: Vec<f64> = value.iter().map(|&value| scale.place(value)).collect();
    let hover = (0..ids.len()).map(|at| {
        let (income, value) = (text::money(currency, income[at]), text::money(currency, value[at]));
        text::plotly(&format!("{}: income {income}, value {value}", ids[at]))
    });
    cloud::marks("Account", income, &drawn, hover.collect(), 4)
}

fn fifth_line(fifths: &[Vec<usize>], income: &[f64], means: &[f64], scale: Scale, currency: &str) -> Value {
    let middles: Vec<f64> = fifths.iter().map(|rows| cloud::median_of(income, rows)).collect();
    let drawn: Vec<f64> = means.iter().map(|&mean| scale.place(mean)).collect();
    let hover = (1..).zip(means).map(|(fifth, mean)| {
        text::plotly(&format!("Fifth {fifth} of income: mean value {}", text::money(currency, *mean)))
    });
    let line = trace::line(trace::numbers(&middles), trace::numbers(&drawn), Mode::LinesMarkers, 3)
        .name("Mean of each fifth of income")
        .hover_text_array(hover.collect())
        .hover_info(plotly::common::HoverInfo::Text);
    trace::json(&line, json!({"line": {"width": 3, "dash": "solid"}, "marker": {"size": 10}}))
}

fn summary(accounts: usize, means: &[f64], currency: &str) -> String {
    let mean = |at: Option<&f64>| text::money(currency, at.copied().unwrap_or(0.0));
    format!(
        "Of {}, those in the lowest fifth of income are worth {} on average, those in the highest {}.",
        text::counted(accounts as u64, "account"),
        mean(means.first()),
        mean(means.last())
    )
}
