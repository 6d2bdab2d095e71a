//! Draws of two parameters from their posterior.

use serde_json::json;

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::{Axis, Marks};
use crate::scale::Scale;
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "posterior_cloud";

/// Draws of two parameters, with the maximum-likelihood estimate among them. Each side is a name
/// and its values.
///
/// # Errors
/// [`PlotError`] when there is no draw, the sides differ in length, or a value is not positive and
/// finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::posterior_cloud(("a", &[0.7, 0.9]), ("b", &[2.1, 2.9]), (0.8, 2.4))?;
/// assert_eq!(chart.data().rows(), 2);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn posterior_cloud(
    (x_name, x): (&str, &[f64]),
    (y_name, y): (&str, &[f64]),
    estimate: (f64, f64),
) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("x", x.len())?;
    check.same_length(("x", x.len()), ("y", y.len()))?;
    for (name, values) in [("x", x), ("y", y), ("estimate", &[estimate.0, estimate.1])] {
        check.non_negative(name, values)?;
        if let Some(at) = values.iter().position(|value| *value == 0.0) {
            return Err(check.bad(name, at, 0, "positive"));
        }
    }
    let pair = |x: f64, y: f64| format!("{x_name} {}, {y_name} {}", text::number(x, 3), text::number(y, 3));
    let marks = Marks::new(logarithmic(x), logarithmic(y), 1, |_| 0);
    let (xs, ys) = (marks.mean(x), marks.mean(y));
    let hover = |mark: usize| format!("{}{}", marks.several(mark, "draw"), pair(xs[mark], ys[mark]));
    let draws = cloud::marks("Posterior draws", (&marks, &marks.of_kind(0)), (&xs, &ys), hover, 0);
    let at_best = vec![text::plotly(&pair(estimate.0, estimate.1))];
    let mut best = cloud::points("Maximum likelihood", &[estimate.0], &[estimate.1], at_best, 3);
    best["marker"]["size"] = json!(14);
    best["opacity"] = json!(1);
    let log = |name: &str| axis(name, json!({"type": "log", "tickformat": "~g", "nticks": 8}));
    let mut columns = marks.count_column("draws");
    columns.extend([Column::numbers(x_name, &xs), Column::numbers(y_name, &ys)]);
    let chart = Chart::from(Parts {
        name: NAME,
        title: format!("Draws of {x_name} and {y_name} from the posterior"),
        how_to_read: "Each mark is a pair of parameters that the data and the priors allow, more marks where it is more \
                      probable. A round cloud means that the data determine both parameters. A long narrow one means that they determine a combination only: both may change together along it while the predictions hardly change."
            .to_owned(),
        summary: format!(
            "{} of {x_name} and {y_name}; the logarithms have a correlation of {}.",
            text::counted(x.len() as u64, "draw"),
            text::number(correlation(x, y), 2)
        ),
        data: ChartData::new(columns),
        traces: vec![draws, best],
        layout: merged(with_legend(), json!({"xaxis": log(x_name), "yaxis": log(y_name)})),
    });
    Ok(chart.noted(marks.note("draw")))
}

/// A column of positive values on a logarithmic axis.
fn logarithmic(values: &[f64]) -> Axis<'_> {
    Axis { values, scale: Scale::From(values.iter().copied().fold(f64::INFINITY, f64::min)) }
}

/// Pearson's correlation of the logarithms; 0 where one side does not vary.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let centred = |values: &[f64]| -> Vec<f64> {
        let mean = values.iter().map(|v| v.ln()).sum::<f64>() / values.len() as f64;
        values.iter().map(|v| v.ln() - mean).collect()
    };
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (x, y) = (centred(x), centred(y));
    let spread = (product(&x, &x) * product(&y, &y)).sqrt();
    if spread > 0.0 { product(&x, &y) / spread } else { 0.0 }
}
