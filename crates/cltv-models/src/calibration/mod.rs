//! Whether probabilities, distributions and intervals of forecasts come true.
//!
//! [`Pit`] and its distance from the uniform distribution, with what chance alone does to it ([`Null`]);
//! [`CountScores`] with CRPS, coverage and interval score; [`ReturnScores`] with the Brier score and its
//! parts, the expected calibration error and the reliability curve; [`crps_next_purchase`].

mod null;
mod pit;
mod returns;
mod scores;

pub use null::Null;
pub use pit::Pit;
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
