//! Maps of cumulated probabilities that recalibrate predictive distributions.

use serde::Serialize;

use super::{Pit, interpolated};
use crate::base::error::InputError;
use crate::predictive::PredictiveCounts;

/// Steps of a map: as fine as a few hundred customers can tell.
const STEPS: usize = 100;

/// A map of cumulated probabilities: P(count ≤ n) becomes G(P(count ≤ n)), where G is the PIT of earlier
/// forecasts.
///
/// G is a mean of distribution functions and therefore rises: no isotonic regression is needed. If the
/// distributions that are mapped are off as the earlier ones were, their PIT is uniform after the map.
///
/// # References
/// Kuleshov, Fenner & Ermon (2018), Accurate Uncertainties for Deep Learning Using Calibrated Regression,
/// Proceedings of Machine Learning Research 80; Gneiting & Ranjan (2013), Combining Predictive Distributions,
/// Electronic Journal of Statistics 7, section 3.
///
/// # Examples
/// ```
/// use cltv_models::CountDistribution;
/// use cltv_models::calibration::{Pit, PitMap};
/// let forecast = [0.5, 0.3, 0.2];
/// let forecasts = vec![CountDistribution::try_new(&forecast)?; 10];
/// let actual = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2];
/// let map = PitMap::of(&[Pit::of(&forecasts, &actual)?], 1.0)?;
/// let mapped = map.apply(&forecasts[0]);
/// assert!((mapped[0] - 0.7).abs() < 1e-12 && (mapped[1] - 0.2).abs() < 1e-12);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PitMap {
    /// G at 0, 1/100, …, 1.
    grid: Vec<f64>,
}

impl PitMap {
    /// The mean of the PITs of earlier forecasts with this weight, and the identity with the rest.
    ///
    /// # Errors
    /// [`InputError::BadOption`] without a PIT, or for a weight outside [0, 1].
    pub fn of(pits: &[Pit], weight: f64) -> Result<Self, InputError> {
        if pits.is_empty() {
            let bound = "1 or more: give the PIT of each earlier forecast";
            return Err(InputError::BadOption { name: "PITs", value: 0.0, bound });
        }
        if !(0.0..=1.0).contains(&weight) {
            return Err(InputError::BadOption { name: "weight", value: weight, bound: "between 0 and 1" });
        }
        let point = |k: usize| {
            let u = k as f64 / STEPS as f64;
            let mean = pits.iter().map(|pit| pit.at(u)).sum::<f64>() / pits.len() as f64;
            (1.0 - weight) * u + weight * mean
        };
        let mut grid: Vec<f64> = (0..=STEPS).map(point).collect();
        (grid[0], grid[STEPS]) = (0.0, 1.0);
        Ok(Self { grid })
    }

    /// G(u), by linear interpolation.
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        interpolated(&self.grid, u)
    }

    /// The probabilities of a distribution after the map: P(0), P(1), …, the last of all counts from there on.
    #[must_use]
    pub fn apply(&self, distribution: &crate::predictive::CountDistribution<'_>) -> Vec<f64> {
        let mut chances = distribution.chances().to_vec();
        self.apply_in_place(&mut chances);
        chances
    }

    /// The distributions of all customers after the map.
    ///
    /// Their means change too: expected purchases stay those of the model unless they are taken from here.
    #[must_use]
    pub fn apply_to(&self, counts: &PredictiveCounts) -> PredictiveCounts {
        counts.changed(|chances| self.apply_in_place(chances))
    }

    fn apply_in_place(&self, chances: &mut [f64]) {
        let (mut cumulated, mut below, last) = (0.0, 0.0, chances.len().saturating_sub(1));
        for (n, chance) in chances.iter_mut().enumerate() {
            cumulated += *chance;
            let until = if n == last { 1.0 } else { self.at(cumulated) };
            *chance = (until - below).max(0.0);
            below = until;
        }
    }
}
