//! Random numbers: ChaCha12 with a given seed, so that the same seed gives the same numbers
//! everywhere.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha12Rng;

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

/// Places of `count` of `all` draws in a random order, none twice before all have had their turn.
pub(crate) fn in_random_order(all: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut random = Draws::new(seed);
    let mut left: Vec<usize> = vec![];
    let mut one = || {
        if left.is_empty() {
            left = (0..all).collect();
        }
        let place = (random.uniform() * left.len() as f64) as usize;
        left.swap_remove(place)
    };
    (0..count).map(|_| one()).collect()
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
