//! Which accounts could move the whole fit?

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "leverage";

/// A mark a training row: its leverage (weight in its own prediction, 0 to 1) to the right, its
/// standardised residual upwards. Rows whose Cook's distance is above 4/n have a symbol of their own.
/// `rows` names each row, as by the account's id.
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
    rows: &[String],
    leverage: &[f64],
    standardised: &[f64],
    cooks_distance: &[f64],
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    let named = ("rows", rows.len());
    check.not_empty("rows", rows.len())?;
    check.same_length(named, ("leverage", leverage.len()))?;
    check.same_length(named, ("standardised", standardised.len()))?;
    check.same_length(named, ("cooks_distance", cooks_distance.len()))?;
    check.share("leverage", leverage)?;
    check.finite("standardised", standardised)?;
    check.non_negative("cooks_distance", cooks_distance)?;
    let limit = 4.0 / rows.len() as f64;
    let (noted, others): (Vec<usize>, Vec<usize>) =
        (0..rows.len()).partition(|&at| cooks_distance[at] > limit);
    let marks = |name: &str, at: &[usize], style: usize| {
        let pick = |values: &[f64]| at.iter().map(|&at| values[at]).collect::<Vec<f64>>();
        let hover = at.iter().map(|&at| {
            let figures = format!("leverage {:.4}, Cook's distance {:.4}", leverage[at], cooks_distance[at]);
            text::plotly(&format!("{}: {figures}", rows[at]))
        });
        cloud::marks(name, &pick(leverage), &pick(standardised), hover.collect(), style)
    };
    Ok(Parts {
        name: NAME,
        title: "Leverage and residuals, training rows".to_owned(),
        how_to_read: "Right means unusual features, far from zero an unusual value. Only a row that is both can move \
                      the coefficients: look first at the marks on the right that are far from zero. Dotted lines \
                      stand at three standard deviations."
            .to_owned(),
        summary: summary(rows, cooks_distance, noted.len()),
        data: ChartData::new(vec![
            Column::text("row", rows),
            Column::numbers("leverage", leverage),
            Column::numbers("standardised", standardised),
            Column::numbers("cooks_distance", cooks_distance),
        ]),
        traces: vec![marks("Others", &others, 4), marks("Cook's distance above 4/n", &noted, 3)],
        layout: merged(with_legend(), layout()),
    }
    .into())
}

fn layout() -> Value {
    json!({
        "xaxis": axis("Leverage (0 to 1)", json!({"rangemode": "tozero", "tickformat": ""})),
        "yaxis": axis("Residual (standard deviations)", json!({})),
        "shapes": [cloud::level(3.0, "dot"), cloud::level(-3.0, "dot")]
    })
}

fn summary(rows: &[String], cooks: &[f64], noted: usize) -> String {
    let worst = (0..rows.len()).max_by(|&a, &b| cooks[a].total_cmp(&cooks[b])).unwrap_or(0);
    format!(
        "{} of {} have a Cook's distance above 4/n; the largest is {:.3}, of {}.",
        text::count(noted as u64),
        text::counted(rows.len() as u64, "row"),
        cooks[worst],
        rows[worst]
    )
}
