//! Whether probabilities, distributions and intervals of forecasts come true.
//!
//! [`Pit`] and its distance from the uniform distribution, with what chance alone does to it ([`Null`]);
//! [`CountScores`] with CRPS, coverage and interval score; [`ReturnScores`] with the Brier score and its
//! parts, the expected calibration error and the reliability curve; [`crps_next_purchase`].
//!
//! A [`PastForecast`] is what was forecast at an earlier origin, with what happened. Several of them give a
//! [`MapFromPast`], which recalibrates predictive distributions, and [`TotalsFromPast`], which shift and widen
//! the interval of a total; or a [`Refusal`] that says why nothing is changed.

mod map;
mod null;
mod past;
mod pit;
mod recalibration;
mod returns;
mod scores;

pub use map::PitMap;
pub use null::Null;
pub use past::PastForecast;
pub use pit::Pit;
pub use recalibration::{FEWEST_ORIGINS, MapFromPast, Refusal, TotalsFromPast};
pub use returns::{ReliabilityBin, ReturnScores};
pub use scores::{CountScores, crps, crps_next_purchase, interval_score};

use crate::base::error::InputError;

/// Refuses outcomes that are not one a forecast.
fn check(forecasts: usize, found: usize) -> Result<(), InputError> {
    if forecasts == 0 {
        return Err(InputError::NoCustomers);
    }
    if found != forecasts {
        return Err(InputError::LengthMismatch { column: "outcomes", found, expected: forecasts });
    }
    Ok(())
}

/// The value at `u` of a function that a grid has at equal steps from 0 to 1, by linear interpolation.
fn interpolated(grid: &[f64], u: f64) -> f64 {
    let steps = grid.len() - 1;
    let place = u.clamp(0.0, 1.0) * steps as f64;
    let below = (place as usize).min(steps - 1);
    grid[below] + (place - below as f64) * (grid[below + 1] - grid[below])
}
