//! Leverage, residuals and Cook's distances of training rows.

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Marks};
use crate::scale::Scale;
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, Texts, text};

const NAME: &str = "leverage";

/// A mark a training row: its leverage (weight in its own prediction, 0 to 1) to the right, its
/// standardised residual upwards. Rows whose Cook's distance is above 4/n have a symbol of their own.
/// `rows` names each row, as by the account's id. Of more than 5,000 rows, those close together share a
/// mark at their mean with the largest Cook's distance among them, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no row, the slices differ in length, a leverage is not between 0 and 1,
/// or a number is not finite.
///
/// # Examples
/// ```
/// let rows = ["A", "B", "C"].map(str::to_owned);
/// let chart = cltv_plots::leverage(&rows, &[0.1, 0.2, 0.7], &[0.5, -1.0, 3.2], &[0.01, 0.1, 2.0])?;
/// assert!(chart.text_summary().contains("C"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn leverage(
    rows: &(impl Texts + ?Sized),
    leverage: &[f64],
    standardised: &[f64],
    cooks_distance: &[f64],
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    let named = ("rows", rows.rows());
    check.not_empty("rows", rows.rows())?;
    check.same_length(named, ("leverage", leverage.len()))?;
    check.same_length(named, ("standardised", standardised.len()))?;
    check.same_length(named, ("cooks_distance", cooks_distance.len()))?;
    check.share("leverage", leverage)?;
    check.finite("standardised", standardised)?;
    check.non_negative("cooks_distance", cooks_distance)?;
    let limit = 4.0 / named.1 as f64;
    let noted = cooks_distance.iter().filter(|&&distance| distance > limit).count();
    let linear = |values| Axis { values, scale: Scale::Linear };
    let marks =
        Marks::new(linear(leverage), linear(standardised), 2, |row| usize::from(cooks_distance[row] > limit));
    let summary = summary(rows, cooks_distance, noted);
    let (weights, cooks) = (marks.mean(leverage), marks.largest(cooks_distance));
    let standardised = marks.mean(standardised);
    let trace = |kind: usize, name: &str, style: usize| {
        let hover = |mark: usize| {
            let who = marks.who(mark, "row", |row| rows.text(row).to_owned());
            format!("{who}: leverage {:.4}, Cook's distance {:.4}", weights[mark], cooks[mark])
        };
        cloud::marks(name, (&marks, &marks.of_kind(kind)), (&weights, &standardised), hover, style)
    };
    let mut columns = marks.named_columns("row", rows, "rows");
    columns.extend([
        Column::numbers("leverage", &weights),
        Column::numbers("standardised", &standardised),
        Column::numbers("cooks_distance", &cooks),
    ]);
    let chart = Chart::from(Parts {
        name: NAME,
        title: "Leverage and residuals, training rows".to_owned(),
        how_to_read: "Right means unusual features, far from zero an unusual value. Only a row with both can change the coefficients much: check first the marks on the right that are far from zero. Dotted lines are three standard deviations from zero."
            .to_owned(),
        summary,
        data: ChartData::new(columns),
        traces: vec![trace(0, "Others", 4), trace(1, "Cook's distance above 4/n", 3)],
        layout: merged(with_legend(), layout()),
    });
    Ok(chart.noted(marks.note("row")))
}

fn layout() -> Value {
    json!({
        "xaxis": axis("Leverage (0 to 1)", json!({"rangemode": "tozero", "tickformat": ""})),
        "yaxis": axis("Residual (standard deviations)", json!({})),
        "shapes": [cloud::level(3.0, "dot"), cloud::level(-3.0, "dot")]
    })
}

fn summary(rows: &(impl Texts + ?Sized), cooks: &[f64], noted: usize) -> String {
    let worst = (0..cooks.len()).max_by(|&a, &b| cooks[a].total_cmp(&cooks[b])).unwrap_or(0);
    format!(
        "{} of {} have a Cook's distance above 4/n; the largest is {}, of {}.",
        text::count(noted as u64),
        text::counted(cooks.len() as u64, "row"),
        // Of many rows, every distance is small.
        if cooks[worst] < 0.001 { format!("{:.1e}", cooks[worst]) } else { text::number(cooks[worst], 3) },
        rows.text(worst)
    )
}
