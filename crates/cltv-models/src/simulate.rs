//! Customers drawn from the models, for recovery tests, examples and teaching.
//!
//! The generator is ChaCha12 with a given seed: the same seed gives the same customers everywhere.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::error::InputError;
use crate::models::gamma_gamma::GammaGammaParams;
use crate::purchases::{PurchaseParameters, PurchaseProcess};
use crate::rfm::{Grain, History, RfmSummary, TimeUnit};

/// Random numbers for the simulators of the models.
#[derive(Debug, Clone)]
pub struct Draws(ChaCha12Rng);

/// A seed for each of many runs under one seed: another seed has others for all of them.
pub(crate) fn seed_of_run(seed: u64, run: usize) -> u64 {
    let mut generator = ChaCha12Rng::seed_from_u64(seed);
    generator.set_stream(run as u64);
    generator.next_u64()
}

impl Draws {
    /// A generator; the same seed gives the same numbers everywhere.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// Uniform in (0, 1].
    fn positive_uniform(&mut self) -> f64 {
        1.0 - self.uniform()
    }

    /// Exponential with rate 1.
    pub fn exponential(&mut self) -> f64 {
        -self.positive_uniform().ln()
    }

    /// Standard normal by the Box-Muller transform.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.positive_uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }

    /// Gamma with this shape and rate 1: Marsaglia & Tsang (2000), with their boost below shape 1.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = self.positive_uniform().powf(1.0 / shape);
            return (boost * self.gamma(shape + 1.0)).max(f64::MIN_POSITIVE);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let z = self.normal();
            let v = (1.0 + c * z).powi(3);
            if v > 0.0 && self.positive_uniform().ln() < 0.5 * z * z + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// Beta(a, b).
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (left, right) = (self.gamma(a), self.gamma(b));
        left / (left + right)
    }
}

/// One random history for each age, in the parameters' unit, by any model of purchases.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, TimeUnit, simulate_histories};
/// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let histories = simulate_histories(&params, &[39.0, 27.0], 42);
/// assert_eq!(histories, simulate_histories(&params, &[39.0, 27.0], 42));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[must_use]
pub fn simulate_histories(params: &impl PurchaseParameters, ages: &[f64], seed: u64) -> Vec<History> {
    let times = simulate_purchase_times(params, ages, seed);
    let history = |(times, &age): (Vec<f64>, &f64)| History {
        x: times.len() as u64,
        t_x: times.last().copied().unwrap_or(0.0),
        T: age,
    };
    times.into_iter().zip(ages).map(history).collect()
}

/// The rising times of each random customer's repeat purchases up to their age.
#[must_use]
pub fn simulate_purchase_times(params: &impl PurchaseParameters, ages: &[f64], seed: u64) -> Vec<Vec<f64>> {
    let (process, mut draws) = (params.process(), Draws::new(seed));
    ages.iter().map(|&age| process.draw(&mut draws, age)).collect()
}

/// One mean spend for each number of repeat purchases; 0 where there are none.
#[must_use]
pub fn simulate_spend(params: &GammaGammaParams, frequency: &[u64], seed: u64) -> Vec<f64> {
    let mut draws = Draws::new(seed);
    frequency
        .iter()
        .map(|&x| {
            if x == 0 {
                return 0.0;
            }
            let rate = draws.gamma(params.q()) / params.v();
            draws.gamma(params.p() * x as f64) / (rate * x as f64)
        })
        .collect()
}

/// A summary of simulated histories, with ids from 1 on; the grain is day, which simulated times
/// do not need.
///
/// # Errors
/// [`InputError::NoCustomers`], [`InputError::LengthMismatch`] or [`InputError::BadRows`], as
/// [`RfmSummary::try_new`].
pub fn summary_of(
    unit: TimeUnit,
    histories: &[History],
    monetary: Option<Vec<f64>>,
) -> Result<RfmSummary, InputError> {
    RfmSummary::try_new(
        unit,
        Grain::Day,
        (1..=histories.len()).map(|id| id.to_string()).collect(),
        histories.iter().map(|history| history.x).collect(),
        histories.iter().map(|history| history.t_x).collect(),
        histories.iter().map(|history| history.T).collect(),
        monetary,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_has_its_mean_and_variance() {
        let mut draws = Draws::new(1);
        for shape in [0.25, 1.0, 6.5] {
            let n = 40_000;
            let draws: Vec<f64> = (0..n).map(|_| draws.gamma(shape)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!((mean / shape - 1.0).abs() < 0.05, "mean {mean} of shape {shape}");
            assert!((variance / shape - 1.0).abs() < 0.1, "variance {variance} of shape {shape}");
        }
    }
}
