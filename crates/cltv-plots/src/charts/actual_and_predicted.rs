//! Actual and predicted values of accounts.

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Marks};
use crate::scale::{Scale, edge_note};
use crate::theme::{merged, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "actual_and_predicted";

/// A mark a row: the predicted value to the right, the actual one upwards, with the line on which both
/// are the same. `model` names the model, `rows` is which rows these are, such as "test".
///
/// Both axes are logarithmic when the tail is long; values too small for that, negative ones among them, are
/// drawn at the edge and counted in a note. Of more than 5,000 rows, those close together share a mark at
/// their mean, and a sentence says so. [`Chart::data`] holds the values of the marks.
///
/// # Errors
/// [`PlotError`] when there is no row, the slices differ in length, or a number is not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::actual_and_predicted(&[10.0, 20.0, 40.0], &[12.0, 19.0, 30.0], "linear", "test", "$")?;
/// assert!(chart.text_summary().contains("R2"));
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn actual_and_predicted(
    actual: &[f64],
    predicted: &[f64],
    model: &str,
    rows: &str,
    currency: &str,
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("actual", actual.len())?;
    check.same_length(("actual", actual.len()), ("predicted", predicted.len()))?;
    check.finite("actual", actual)?;
    check.finite("predicted", predicted)?;
    let all = [actual, predicted].concat();
    let scale = Scale::of(&all);
    let (low, high) = cloud::range(&[&all]);
    let line = [scale.place(low), high];
    let (x, y) = (
        scale.axis("Predicted value", &all, "", currency).0,
        scale.axis("Actual value", &all, "", currency).0,
    );
    let marks = Marks::new(Axis { values: predicted, scale }, Axis { values: actual, scale }, 1, |_| 0);
    let chart = Chart::from(Parts {
        name: NAME,
        title: text::shorten(&format!("Actual and predicted value, {model} model, {rows} rows"), 60),
        how_to_read: format!(
            "{}. On the dotted line the prediction is right; above it the account is worth more than predicted, below \
             it less. Marks that leave the line upwards on the right are large accounts that the model underrates; a \
             column of marks at the left edge are predictions near zero or below it.",
            marks.each("an account")
        ),
        summary: summary(actual, predicted, rows, currency),
        data: data(&marks, actual, predicted),
        traces: vec![
            accounts(&marks, actual, predicted, scale, currency),
            cloud::guide("Prediction is right", &line, &line, 2),
        ],
        layout: merged(
            with_legend(),
            json!({"xaxis": x, "yaxis": y, "annotations": note(scale, actual, predicted).into_iter().collect::<Vec<_>>()}),
        ),
    });
    Ok(chart.noted(marks.note("account")))
}

fn data(marks: &Marks, actual: &[f64], predicted: &[f64]) -> ChartData {
    let mut columns = marks.count_column("accounts");
    columns.push(Column::numbers("predicted", &marks.mean(predicted)));
    columns.push(Column::numbers("actual", &marks.mean(actual)));
    ChartData::new(columns)
}

/// What a logarithmic scale cannot show where it is.
fn note(scale: Scale, actual: &[f64], predicted: &[f64]) -> Option<Value> {
    let (values, predictions) = (scale.cut(actual), scale.cut(predicted));
    let text = match (predictions, values) {
        (0, 0) => return None,
        (0, _) => format!("{} too small for the scale, at the foot", text::counted(values, "value")),
        (_, 0) => {
            format!("{} too small for the scale, on the left", text::counted(predictions, "prediction"))
        }
        _ => format!(
            "{} too small for the scale, on the left; {}, at the foot",
            text::counted(predictions, "prediction"),
            text::counted(values, "value")
        ),
    };
    Some(edge_note(&text))
}

fn accounts(marks: &Marks, actual: &[f64], predicted: &[f64], scale: Scale, currency: &str) -> Value {
    let (actual, predicted) = (marks.mean(actual), marks.mean(predicted));
    let hover = |mark: usize| {
        let money = |values: &[f64]| text::money(currency, values[mark]);
        let (several, predicted) = (marks.several(mark, "account"), money(&predicted));
        format!("{several}predicted {predicted}, actual {}", money(&actual))
    };
    let placed = |values: &[f64]| -> Vec<f64> { values.iter().map(|&value| scale.place(value)).collect() };
    cloud::marks("Account", (marks, &marks.of_kind(0)), (&placed(&predicted), &placed(&actual)), hover, 0)
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
