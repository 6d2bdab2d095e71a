//! Forecasts at earlier origins, with what happened after them.

use super::{CountScores, Null, Pit, PitMap};
use crate::base::error::InputError;
use crate::predictive::{CountDistribution, Predictive, PredictiveCounts, SumForecast};
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::rfm::RfmSummary;

/// Level of the intervals and of the chance of right forecasts.
const LEVEL: f64 = 0.95;
/// Runs that tell what chance does to a right forecast.
const RUNS: usize = 99;
/// Customers whose outcomes these runs draw.
const DRAWN: usize = 20_000;

/// The forecast that was made at an earlier origin, and what its customers did in the horizon after it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastForecast {
    name: String,
    counts: PredictiveCounts,
    actual: Vec<u64>,
    repeat: Vec<bool>,
    total: SumForecast,
    scores: CountScores,
    null: Null,
}

impl PastForecast {
    /// Of a summary up to the origin, and the purchases of its customers in the `horizon` after it, in the
    /// summary's order. `predictive` must have been fitted on that summary, not on later data.
    ///
    /// # Errors
    /// As [`Predictive::counts`]; [`InputError::LengthMismatch`] without one outcome a customer.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, Predictive, TimeUnit, simulate_split};
    /// use cltv_models::calibration::PastForecast;
    /// let truth = BgNbdParams::new(0.5, 4.0, 0.8, 2.4, TimeUnit::Week)?;
    /// let split = simulate_split(&truth, &[39.0; 500], 26.0, 42)?;
    /// let fit = BgNbd::default().fit(split.calibration())?;
    /// let predictive = Predictive::at(fit.params());
    /// let past =
    ///     PastForecast::of("week 39", &predictive, split.calibration(), split.actual(), split.duration())?;
    /// assert!(past.ln_error().abs() < 0.3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of<P: PurchasePredictions>(
        name: impl Into<String>,
        predictive: &Predictive<P>,
        rfm: &RfmSummary,
        actual: &[u64],
        horizon: f64,
    ) -> Result<Self, InputError> {
        super::check(rfm.len(), actual.len())?;
        let counts = predictive.counts(rfm, horizon)?;
        let repeat: Vec<bool> = rfm.frequency().iter().map(|&x| x > 0).collect();
        let distributions = counts.distributions();
        Ok(Self {
            name: name.into(),
            scores: CountScores::of(&distributions, actual, &repeat, LEVEL)?,
            null: null(&distributions)?,
            total: predictive.total(rfm, horizon, LEVEL)?,
            actual: actual.to_vec(),
            repeat,
            counts,
        })
    }

    /// The origin's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The distributions that were forecast.
    #[must_use]
    pub fn counts(&self) -> &PredictiveCounts {
        &self.counts
    }

    /// How they came true.
    #[must_use]
    pub fn scores(&self) -> &CountScores {
        &self.scores
    }

    /// What chance alone does to the KS distance of right forecasts at this origin.
    #[must_use]
    pub fn null(&self) -> &Null {
        &self.null
    }

    /// The total that was forecast.
    #[must_use]
    pub fn total(&self) -> &SumForecast {
        &self.total
    }

    /// Purchases that were made.
    #[must_use]
    pub fn actual_total(&self) -> u64 {
        self.actual.iter().sum()
    }

    /// ln(actual / expected) of the total; −∞ without a purchase.
    #[must_use]
    pub fn ln_error(&self) -> f64 {
        (self.actual_total() as f64 / self.total.expected).ln()
    }

    /// The PIT of this forecast.
    ///
    /// # Errors
    /// As [`Pit::of`].
    pub fn pit(&self) -> Result<Pit, InputError> {
        Pit::of(&self.counts.distributions(), &self.actual)
    }

    /// The time from the origin to the holdout's end.
    #[must_use]
    pub fn horizon(&self) -> f64 {
        self.counts.horizon()
    }

    /// Mean CRPS of this forecast after a map.
    pub(super) fn mean_crps(&self, map: &PitMap) -> f64 {
        let mapped = map.apply_to(&self.counts);
        let sum: f64 = self.actual.iter().enumerate().map(|(i, &y)| super::crps(&mapped.of(i), y)).sum();
        sum / self.actual.len() as f64
    }

    /// The scores of this forecast after a map.
    ///
    /// # Errors
    /// As [`CountScores::of`].
    pub fn scores_mapped(&self, map: &PitMap) -> Result<CountScores, InputError> {
        let mapped = map.apply_to(&self.counts);
        CountScores::of(&mapped.distributions(), &self.actual, &self.repeat, LEVEL)
    }
}

/// What chance does to the KS distance. Of many customers some are drawn, evenly spaced, and the distances are
/// multiplied by the root of the ratio: by chance they fall with the root of the number of customers.
fn null(distributions: &[CountDistribution<'_>]) -> Result<Null, InputError> {
    let n = distributions.len();
    if n <= DRAWN {
        return Pit::null(distributions, RUNS, 1);
    }
    let some: Vec<_> = (0..DRAWN).map(|k| distributions[(k * n) / DRAWN]).collect();
    Ok(Pit::null(&some, RUNS, 1)?.times((DRAWN as f64 / n as f64).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_among_some_customers_is_scaled_to_all() {
        let forecasts = [[0.5, 0.3, 0.2], [0.9, 0.06, 0.04], [0.1, 0.3, 0.6]];
        let of = |n: usize| -> Vec<CountDistribution<'_>> {
            (0..n).map(|i| CountDistribution::try_new(&forecasts[i % 3]).unwrap()).collect()
        };
        let (scaled, whole) = (null(&of(4 * DRAWN)).unwrap(), Pit::null(&of(4 * DRAWN), RUNS, 2).unwrap());
        // The mean of 99 runs has a standard error of about 3%.
        assert!((scaled.mean / whole.mean - 1.0).abs() < 0.12, "{} {}", scaled.mean, whole.mean);
    }
}
