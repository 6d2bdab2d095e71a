//! Are the errors normal?

use serde_json::{Value, json};

use super::cloud;
use crate::chart::Parts;
use crate::check::Check;
use crate::data::{ChartData, Column};
use crate::theme::{axis, merged, with_legend};
use crate::{Chart, PlotError, text};

const NAME: &str = "normal_quantiles";

/// A normal Q-Q plot: the quantiles that normal errors would have to the right, the standardised
/// residuals, sorted, upwards.
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
    let far = standardised.iter().filter(|z| z.abs() > 3.0).count();
    Ok(Parts {
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
            Column::numbers("theoretical", theoretical),
            Column::numbers("standardised", standardised),
        ]),
        traces: vec![marks(theoretical, standardised), cloud::guide("Normal errors", &[low, high], &[low, high], 2)],
        layout: merged(
            with_legend(),
            json!({
                "xaxis": axis("Quantile of a normal error (standard deviations)", json!({})),
                "yaxis": axis("Residual (standard deviations)", json!({}))
            }),
        ),
    }
    .into())
}

fn marks(theoretical: &[f64], standardised: &[f64]) -> Value {
    let hover = theoretical
        .iter()
        .zip(standardised)
        .map(|(expected, found)| text::plotly(&format!("expected {expected:.2}, found {found:.2}")));
    cloud::marks("Residual", theoretical, standardised, hover.collect(), 0)
}
