//! A calibration, and what its customers did afterwards.

use std::sync::Arc;

use crate::base::error::InputError;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::simulate::{simulate_purchase_times, summary_of};
use crate::summary::history::History;
use crate::summary::intervals::ln_intervals;
use crate::summary::rfm::RfmSummary;

/// A summary to fit models on, and the purchases of its customers in a period after it.
///
/// # Examples
/// ```
/// use cltv_models::{Grain, HoldoutSplit, RfmSummary, TimeUnit};
/// let ids = vec!["ann".to_owned(), "bob".to_owned()];
/// let (frequency, t_x, age) = (vec![2, 0], vec![30.4, 0.0], vec![38.9, 38.9]);
/// let rfm = RfmSummary::try_new(TimeUnit::Week, Grain::Day, ids, frequency, t_x, age, None)?;
/// let split = HoldoutSplit::try_new(rfm.clone(), vec![1, 0], 39.0)?;
/// assert_eq!(split.actual(), [1, 0]);
/// assert!(HoldoutSplit::try_new(rfm, vec![1], 39.0).is_err());
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HoldoutSplit {
    calibration: RfmSummary,
    actual: Arc<Vec<u64>>,
    duration: f64,
}

impl HoldoutSplit {
    /// Checks a split: `actual` has the purchases of each customer in the `duration` after the
    /// calibration's end, in the summary's order and unit, merged by its grain.
    ///
    /// # Errors
    /// [`InputError::LengthMismatch`] without one count a customer, [`InputError::BadOption`] for a
    /// duration that is not positive and finite.
    pub fn try_new(
        calibration: RfmSummary,
        actual: impl Into<Arc<Vec<u64>>>,
        duration: f64,
    ) -> Result<Self, InputError> {
        let actual = actual.into();
        let (found, expected) = (actual.len(), calibration.len());
        if found != expected {
            return Err(InputError::LengthMismatch { column: "holdout purchases", found, expected });
        }
        if !(duration > 0.0 && duration.is_finite()) {
            let bound = "a positive, finite number of the summary's time units";
            return Err(InputError::BadOption { name: "duration", value: duration, bound });
        }
        Ok(Self { calibration, actual, duration })
    }

    /// The summary that models are fitted on.
    #[must_use]
    pub fn calibration(&self) -> &RfmSummary {
        &self.calibration
    }

    /// Purchases of each customer in the holdout.
    #[must_use]
    pub fn actual(&self) -> &[u64] {
        &self.actual
    }

    /// The holdout's length in the calibration's time unit.
    #[must_use]
    pub fn duration(&self) -> f64 {
        self.duration
    }
}

/// A split of simulated customers: one for each age at the calibration's end, in the parameters'
/// unit, with the times between purchases that CNBD-k models need.
///
/// # Errors
/// [`InputError::NoCustomers`] without ages, and as [`HoldoutSplit::try_new`].
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, TimeUnit, simulate_split};
/// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let split = simulate_split(&params, &[39.0; 500], 39.0, 42)?;
/// assert!(split.actual().iter().sum::<u64>() > 0);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub fn simulate_split(
    params: &impl PurchaseParameters,
    ages: &[f64],
    duration: f64,
    seed: u64,
) -> Result<HoldoutSplit, InputError> {
    let ends: Vec<f64> = ages.iter().map(|age| age + duration).collect();
    let (mut histories, mut sums, mut actual) = (Vec::new(), Vec::new(), Vec::new());
    for (times, &age) in simulate_purchase_times(params, &ends, seed).iter().zip(ages) {
        let seen = &times[..times.partition_point(|&time| time <= age)];
        actual.push((times.len() - seen.len()) as u64);
        sums.push(ln_intervals(seen));
        let t_x = seen.last().copied().unwrap_or(0.0);
        histories.push(History { x: seen.len() as u64, t_x, T: age });
    }
    let calibration = summary_of(params.time_unit(), &histories, None)?.with_ln_intervals(sums)?;
    HoldoutSplit::try_new(calibration, actual, duration)
}
