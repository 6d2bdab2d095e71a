//! How close predicted values come to what happened.

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, money_ticks, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "actual_and_predicted";

/// A mark a row: the predicted value to the right, the actual one upwards, with the line on which both
/// are the same. `rows` says which rows these are, such as "test".
///
/// # Errors
/// [`PlotError`] when there is no row, the slices differ in length, or a number is not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::actual_and_predicted(&[10.0, 20.0, 40.0], &[12.0, 19.0, 30.0], "test", "$")?;
/// assert!(chart.text_summary().contains("R2"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn actual_and_predicted(
    actual: &[f64],
    predicted: &[f64],
    rows: &str,
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("actual", actual.len())?;
    check.same_length(("actual", actual.len()), ("predicted", predicted.len()))?;
    check.finite("actual", actual)?;
    check.finite("predicted", predicted)?;
    let (low, high) = cloud::range(&[actual, predicted]);
    let money = |title: &str| axis(&format!("{title} ({})", currency.trim()), money_ticks(currency));
    Ok(Parts {
        name: NAME,
        title: format!("Actual and predicted value, {rows} rows"),
        how_to_read: "Each mark is an account. On the dotted line the prediction is right; above it the account is \
                      worth more than predicted, below it less. Marks that leave the line upwards on the right are \
                      large accounts that the model underrates."
            .to_owned(),
        summary: summary(actual, predicted, rows, currency),
        data: ChartData::new(vec![
            Column::numbers("predicted", predicted),
            Column::numbers("actual", actual),
        ]),
        traces: vec![
            marks(actual, predicted, currency),
            cloud::guide("Prediction is right", &[low, high], &[low, high], 2),
        ],
        layout: merged(
            with_legend(),
            json!({"xaxis": money("Predicted value"), "yaxis": money("Actual value")}),
        ),
    }
    .into())
}

fn marks(actual: &[f64], predicted: &[f64], currency: &str) -> Value {
    let hover = actual.iter().zip(predicted).map(|(actual, predicted)| {
        let (actual, predicted) = (text::money(currency, *actual), text::money(currency, *predicted));
        text::plotly(&format!("predicted {predicted}, actual {actual}"))
    });
    cloud::marks("Account", predicted, actual, hover.collect(), 0)
}

fn summary(actual: &[f64], predicted: &[f64], rows: &str, currency: &str) -> String {
    let n = actual.len() as f64;
    let mean = actual.iter().sum::<f64>() / n;
    let squares: f64 = actual.iter().zip(predicted).map(|(y, fit)| (y - fit).powi(2)).sum();
    let all: f64 = actual.iter().map(|y| (y - mean).powi(2)).sum();
    let r2 =
        if all > 0.0 { format!("R2 is {:.3}", 1.0 - squares / all) } else { "R2 is not defined".to_owned() };
    let rmse = text::money(currency, (squares / n).sqrt());
    format!(
        "Over {}, {r2} and the root mean squared error {rmse}.",
        text::counted(actual.len() as u64, &format!("{rows} row"))
    )
}
