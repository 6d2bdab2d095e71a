//! Counts and times of Poisson purchases at a gamma-distributed rate.

use crate::numeric::random::Draws;
use crate::numeric::special::ln_gamma_ratio;

/// The times of a Poisson process up to `end`.
pub(crate) fn poisson_times(draws: &mut Draws, rate: f64, end: f64) -> Vec<f64> {
    let (mut times, mut last) = (Vec::new(), 0.0);
    loop {
        let next = last + draws.exponential() / rate;
        // A waiting time too small to move the clock would be a purchase at the same time.
        if !(next > last && next <= end) {
            return times;
        }
        times.push(next);
        last = next;
    }
}

/// ln P(N = n) of a negative binomial count: Poisson over t at a Gamma(shape, scale) rate.
pub(crate) fn ln_negative_binomial(n: f64, shape: f64, scale: f64, t: f64) -> f64 {
    let events = if n > 0.0 { -n * (scale / t).ln_1p() } else { 0.0 };
    ln_gamma_ratio(shape, n) - ln_gamma_ratio(1.0, n) - shape * (t / scale).ln_1p() + events
}
