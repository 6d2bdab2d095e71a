//! Quantiles of residuals and of a normal distribution.

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::reduce::MOST_ROWS;
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "normal_quantiles";
/// Residuals at either end that are always drawn: they show how long the tails are.
const ENDS: usize = 500;
/// Steps along the axis between the ends of a larger input, with a residual each.
const STEPS: usize = 1_000;

/// A normal Q-Q plot: the quantiles that normal errors would have to the right, the standardised
/// residuals upwards, both sorted. Of more than 5,000 residuals, the 500 at each end and, between them,
/// some at equal distances along the axis are drawn, and a sentence says so.
///
/// # Errors
/// [`PlotError`] when there is no point, the slices differ in length, or a number is not finite.
///
/// # Examples
/// ```
/// let chart = cltv_plots::normal_quantiles(&[-0.97, 0.0, 0.97], &[-1.1, 0.1, 2.4])?;
/// assert_eq!(chart.data().rows(), 3);
/// # Ok::<(), cltv_plots::PlotError>(())
/// ```
pub fn normal_quantiles(theoretical: &[f64], standardised: &[f64]) -> Result<Chart, PlotError> {
    let check = Check(NAME);
    check.not_empty("theoretical", theoretical.len())?;
    check.same_length(("theoretical", theoretical.len()), ("standardised", standardised.len()))?;
    check.finite("theoretical", theoretical)?;
    check.finite("standardised", standardised)?;
    let (low, high) = cloud::range(&[theoretical]);
    let rows = drawn(theoretical);
    let pick = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
    let (expected, found) = (pick(theoretical), pick(standardised));
    let far = standardised.iter().filter(|z| z.abs() > 3.0).count();
    let chart = Chart::from(Parts {
        name: NAME,
        title: "Q-Q plot of the residuals, training rows".to_owned(),
        how_to_read: "Normal errors lie on the dotted line. Marks that leave it upwards on the right and downwards on \
                      the left mean more large errors than normal ones would have; then the interval of a single \
                      prediction is too narrow."
            .to_owned(),
        summary: format!(
            "{} of {} residuals ({}) are more than three standard deviations off; of normal ones 0.3% are.",
            text::count(far as u64),
            text::count(standardised.len() as u64),
            text::percent(far as f64 / standardised.len() as f64)
        ),
        data: ChartData::new(vec![
            Column::numbers("theoretical", &expected),
            Column::numbers("standardised", &found),
        ]),
        traces: vec![marks(&expected, &found), cloud::guide("Normal errors", &[low, high], &[low, high], 2)],
        layout: merged(
            with_legend(),
            json!({
                "xaxis": axis("Quantile of a normal error (standard deviations)", json!({})),
                "yaxis": axis("Residual (standard deviations)", json!({}))
            }),
        ),
    });
    Ok(chart.noted(note(rows.len(), theoretical.len())))
}

/// The rows that are drawn: of a larger input, those at either end in the order of `theoretical`, and
/// between them those at equal steps along its axis.
fn drawn(theoretical: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..theoretical.len()).collect();
    if order.len() <= MOST_ROWS {
        return order;
    }
    order.sort_by(|&a, &b| theoretical[a].total_cmp(&theoretical[b]));
    let between = &order[ENDS..order.len() - ENDS];
    let (low, high) = (theoretical[between[0]], theoretical[between[between.len() - 1]]);
    let at = |step: usize| low + (high - low) * step as f64 / STEPS as f64;
    let mut places: Vec<usize> =
        (0..STEPS).map(|step| between.partition_point(|&row| theoretical[row] < at(step))).collect();
    places.dedup();
    let middle: Vec<usize> = places.into_iter().filter_map(|place| between.get(place).copied()).collect();
    [&order[..ENDS], &middle, &order[order.len() - ENDS..]].concat()
}

fn note(drawn: usize, rows: usize) -> Option<String> {
    (drawn < rows).then(|| {
        format!(
            "{} of {} are drawn: the {ENDS} at each end and, between, some at equal distances.",
            text::count(drawn as u64),
            text::counted(rows as u64, "residual")
        )
    })
}

fn marks(theoretical: &[f64], standardised: &[f64]) -> Value {
    let hover = theoretical
        .iter()
        .zip(standardised)
        .map(|(expected, found)| text::plotly(&format!("expected {expected:.2}, found {found:.2}")));
    cloud::points("Residual", theoretical, standardised, hover.collect(), 0)
}
