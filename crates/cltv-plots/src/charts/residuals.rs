//! Residuals against the predictions.

use plotly::common::Mode;
use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Marks};
use crate::scale::Scale;
use crate::theme::{axis, merged, money_ticks, with_legend};
use crate::{Chart, PlotError, text, trace};

const NAME: &str = "residuals_and_fitted";
/// The line of medians has so many points.
const GROUPS: usize = 12;

/// A mark a training row: the fitted value to the right, actual minus fitted upwards, and the median
/// residual of twelve groups of rising fitted value as a line. Of more than 5,000 rows, those close
/// together share a mark at their mean, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no row, the slices differ in length, or a number is not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::residuals_and_fitted(&[10.0, 20.0, 40.0], &[1.0, -3.0, 2.0], "$")?;
/// assert_eq!(chart.name(), "residuals_and_fitted");
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn residuals_and_fitted(fitted: &[f64], residuals: &[f64], currency: &str) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("fitted", fitted.len())?;
    check.same_length(("fitted", fitted.len()), ("residuals", residuals.len()))?;
    check.finite("fitted", fitted)?;
    check.finite("residuals", residuals)?;
    let groups = cloud::by_rank(fitted, GROUPS);
    let money = |title: &str| axis(&format!("{title} ({})", currency.trim()), money_ticks(currency));
    let linear = |values| Axis { values, scale: Scale::Linear };
    let marks = Marks::new(linear(fitted), linear(residuals), 1, |_| 0);
    let chart = Chart::from(Parts {
        name: NAME,
        title: "Residuals against fitted values, training rows".to_owned(),
        how_to_read: format!(
            "{}: right means a higher prediction, up means worth more than predicted. The line of medians should lie \
             on zero: if it bends, the relation is not a straight one. Marks that fan out to the right mean that \
             errors grow with the value.",
            marks.each("an account")
        ),
        summary: summary(fitted, residuals, &groups, currency),
        data: data(&marks, fitted, residuals),
        traces: vec![
            accounts(&marks, fitted, residuals, currency),
            medians(fitted, residuals, &groups, currency),
        ],
        layout: merged(
            with_legend(),
            json!({
                "xaxis": money("Fitted value"), "yaxis": money("Actual minus fitted value"),
                "shapes": [cloud::level(0.0, "dot")]
            }),
        ),
    });
    Ok(chart.noted(marks.note("account")))
}

fn data(marks: &Marks, fitted: &[f64], residuals: &[f64]) -> ChartData {
    let mut columns = marks.count_column("accounts");
    columns.push(Column::numbers("fitted", &marks.mean(fitted)));
    columns.push(Column::numbers("residual", &marks.mean(residuals)));
    ChartData::new(columns)
}

fn accounts(marks: &Marks, fitted: &[f64], residuals: &[f64], currency: &str) -> Value {
    let (fitted, residuals) = (marks.mean(fitted), marks.mean(residuals));
    let hover = |mark: usize| {
        let money = |values: &[f64]| text::money(currency, values[mark]);
        format!("{}fitted {}, residual {}", marks.several(mark, "account"), money(&fitted), money(&residuals))
    };
    cloud::marks("Account", (marks, &marks.of_kind(0)), (&fitted, &residuals), hover, 4)
}

fn medians(fitted: &[f64], residuals: &[f64], groups: &[Vec<usize>], currency: &str) -> Value {
    let of =
        |values: &[f64]| -> Vec<f64> { groups.iter().map(|rows| cloud::median_of(values, rows)).collect() };
    let (x, y) = (of(fitted), of(residuals));
    let hover = y.iter().map(|y| text::plotly(&format!("median residual {}", text::money(currency, *y))));
    let line = trace::line(trace::numbers(&x), trace::numbers(&y), Mode::LinesMarkers, 3)
        .name("Median residual")
        .hover_text_array(hover.collect())
        .hover_info(plotly::common::HoverInfo::Text);
    trace::json(&line, json!({"line": {"dash": "solid", "width": 3}}))
}

/// The errors of the lowest and of the highest predictions, to see whether errors grow with the value.
fn summary(fitted: &[f64], residuals: &[f64], groups: &[Vec<usize>], currency: &str) -> String {
    let spread = |rows: Option<&Vec<usize>>| {
        let sizes: Vec<f64> = rows.into_iter().flatten().map(|&row| residuals[row].abs()).collect();
        if sizes.is_empty() { 0.0 } else { crate::bins::centre(&sizes).0 }
    };
    format!(
        "Of {}, the lowest predictions are off by {} at the median, the highest by {}.",
        text::counted(fitted.len() as u64, "training row"),
        text::money(currency, spread(groups.first())),
        text::money(currency, spread(groups.last()))
    )
}
