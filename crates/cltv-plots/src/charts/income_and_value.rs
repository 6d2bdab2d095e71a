//! Income and lifetime value of accounts.

use plotly::common::Mode;
use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Marks};
use crate::scale::Scale;
use crate::theme::{axis, merged, money_ticks, with_legend};
use crate::{Chart, PlotError, Texts, text, trace};

const NAME: &str = "income_and_value";
/// Accounts are put into so many groups of rising income.
const GROUPS: usize = 5;

/// A mark an account, income to the right and lifetime value upwards, and the mean value of each fifth of
/// income as a line. One entry an account in all three slices.
///
/// The value axis is logarithmic when the tail is long; values too small for it, negative ones among
/// them, are drawn at its foot and counted in a note. Of more than 5,000 accounts, those close together
/// share a mark at their mean, and a sentence says so. [`Chart::data`] holds the values of the marks.
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
    ids: &(impl Texts + ?Sized),
    income: &[f64],
    value: &[f64],
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("ids", ids.rows())?;
    check.same_length(("ids", ids.rows()), ("income", income.len()))?;
    check.same_length(("ids", ids.rows()), ("value", value.len()))?;
    check.non_negative("income", income)?;
    check.finite("value", value)?;
    let scale = Scale::of(value);
    let fifths = cloud::by_rank(income, GROUPS);
    let means: Vec<f64> = fifths.iter().map(|rows| mean_of(value, rows)).collect();
    let (values, note) = scale.axis("Lifetime value", value, "account", currency);
    let across = Axis { values: income, scale: Scale::Linear };
    let marks = Marks::new(across, Axis { values: value, scale }, 1, |_| 0);
    let drawn = (marks.mean(income), marks.mean(value));
    let mut columns = marks.named_columns("account_id", ids, "accounts");
    columns.extend([Column::numbers("income", &drawn.0), Column::numbers("value", &drawn.1)]);
    let chart = Chart::from(Parts {
        name: NAME,
        title: "Income and lifetime value".to_owned(),
        how_to_read: format!(
            "{}: right means more income, up means worth more. The line joins the mean value of each fifth of income. \
             A nearly flat line through widely scattered marks means that income predicts value poorly.",
            marks.each("an account")
        ),
        summary: summary(value.len(), &means, currency),
        data: ChartData::new(columns),
        traces: vec![
            accounts(&marks, ids, &drawn, scale, currency),
            fifth_line(&fifths, income, &means, scale, currency),
        ],
        layout: merged(
            with_legend(),
            json!({
                "xaxis": axis(&format!("Income a year ({})", currency.trim()), merged(money_ticks(currency), json!({"rangemode": "tozero"}))),
                "yaxis": values,
                "annotations": note.into_iter().collect::<Vec<Value>>()
            }),
        ),
    });
    Ok(chart.noted(marks.note("account")))
}

fn mean_of(values: &[f64], rows: &[usize]) -> f64 {
    rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len().max(1) as f64
}

fn accounts(
    marks: &Marks,
    ids: &(impl Texts + ?Sized),
    (income, value): &(Vec<f64>, Vec<f64>),
    scale: Scale,
    currency: &str,
) -> Value {
    let drawn: Vec<f64> = value.iter().map(|&value| scale.place(value)).collect();
    let hover = |mark: usize| {
        let who = marks.who(mark, "account", |row| ids.text(row).to_owned());
        let money = |values: &[f64]| text::money(currency, values[mark]);
        format!("{who}: income {}, value {}", money(income), money(value))
    };
    cloud::marks("Account", (marks, &marks.of_kind(0)), (income, &drawn), hover, 4)
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
