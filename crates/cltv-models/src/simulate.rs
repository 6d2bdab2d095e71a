//! Customers drawn from the models, for recovery tests, examples and teaching.
//!
//! The generator is ChaCha12 with a given seed: the same seed gives the same customers everywhere.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;

use crate::error::InputError;
use crate::models::bg_nbd::BgNbdParams;
use crate::models::gamma_gamma::GammaGammaParams;
use crate::rfm::{Grain, History, RfmSummary, TimeUnit};

/// One BG/NBD history for each age, in the parameters' unit.
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
pub fn simulate_histories(params: &BgNbdParams, ages: &[f64], seed: u64) -> Vec<History> {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    ages.iter()
        .map(|&age| {
            let rate = gamma(&mut rng, params.r()) / params.alpha();
            let (left, right) = (gamma(&mut rng, params.a()), gamma(&mut rng, params.b()));
            simulate_one(&mut rng, rate, left / (left + right), age)
        })
        .collect()
}

fn simulate_one(rng: &mut ChaCha12Rng, rate: f64, dropout: f64, age: f64) -> History {
    let (mut x, mut t_x) = (0, 0.0);
    loop {
        let next = t_x - positive_uniform(rng).ln() / rate;
        // A waiting time too small to move the clock would be a purchase at the same time.
        if !(next > t_x && next <= age) {
            break;
        }
        (x, t_x) = (x + 1, next);
        if rng.random::<f64>() < dropout {
            break;
        }
    }
    History { x, t_x, T: age }
}

/// One mean spend for each number of repeat purchases; 0 where there are none.
#[must_use]
pub fn simulate_spend(params: &GammaGammaParams, frequency: &[u64], seed: u64) -> Vec<f64> {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    frequency
        .iter()
        .map(|&x| {
            if x == 0 {
                return 0.0;
            }
            let rate = gamma(&mut rng, params.q()) / params.v();
            gamma(&mut rng, params.p() * x as f64) / (rate * x as f64)
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

/// Uniform in (0, 1].
fn positive_uniform(rng: &mut ChaCha12Rng) -> f64 {
    1.0 - rng.random::<f64>()
}

/// Standard normal by the Box-Muller transform.
fn normal(rng: &mut ChaCha12Rng) -> f64 {
    let radius = (-2.0 * positive_uniform(rng).ln()).sqrt();
    radius * (2.0 * std::f64::consts::PI * rng.random::<f64>()).cos()
}

/// Gamma with this shape and rate 1: Marsaglia & Tsang (2000), with their boost below shape 1.
fn gamma(rng: &mut ChaCha12Rng, shape: f64) -> f64 {
    if shape < 1.0 {
        let boost = positive_uniform(rng).powf(1.0 / shape);
        return (boost * gamma(rng, shape + 1.0)).max(f64::MIN_POSITIVE);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let z = normal(rng);
        let v = (1.0 + c * z).powi(3);
        if v > 0.0 && positive_uniform(rng).ln() < 0.5 * z * z + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_has_its_mean_and_variance() {
        let mut rng = ChaCha12Rng::seed_from_u64(1);
        for shape in [0.25, 1.0, 6.5] {
            let n = 40_000;
            let draws: Vec<f64> = (0..n).map(|_| gamma(&mut rng, shape)).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / f64::from(n);
            assert!((mean / shape - 1.0).abs() < 0.05, "mean {mean} of shape {shape}");
            assert!((variance / shape - 1.0).abs() < 0.1, "variance {variance} of shape {shape}");
        }
    }
}
