//! Counts and times of Poisson purchases at a gamma-distributed rate.

use crate::numeric::random::Draws;
use crate::numeric::special::{ln_gamma_ratio, negative_binomial_tail};

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

/// P(N ≥ 1) of a negative binomial count: Poisson over t at a Gamma(shape, scale) rate.
pub(crate) fn negative_binomial_at_least_one(shape: f64, scale: f64, t: f64) -> f64 {
    -(-shape * (t / scale).ln_1p()).exp_m1()
}

/// P(N = n) for n = 0, 1, … in `out`, by recurrence from the mode to both sides, so that nothing underflows
/// before it is negligible.
pub(crate) fn negative_binomials(shape: f64, scale: f64, t: f64, out: &mut [f64]) {
    let Some(last) = out.len().checked_sub(1) else { return };
    let z = t / (scale + t);
    let mode = ((shape - 1.0).max(0.0) * (t / scale)).min(last as f64) as usize;
    out[mode] = ln_negative_binomial(mode as f64, shape, scale, t).exp();
    for n in mode..last {
        out[n + 1] = out[n] * z * (shape + n as f64) / (n as f64 + 1.0);
    }
    for n in (0..mode).rev() {
        out[n] = out[n + 1] * (n as f64 + 1.0) / ((shape + n as f64) * z);
    }
}

/// P(N ≥ n) for each n of probabilities P(N = n) from 0 on, and of the n after them.
pub(crate) fn negative_binomial_tails(shape: f64, scale: f64, t: f64, exactly: &[f64]) -> Vec<f64> {
    let mut tails = vec![0.0; exactly.len() + 1];
    let beyond = exactly.len();
    let whole = if beyond == 0 { 1.0 } else { negative_binomial_tail(beyond as f64, shape, t / (scale + t)) };
    tails[beyond] = whole;
    for n in (0..beyond).rev() {
        tails[n] = tails[n + 1] + exactly[n];
    }
    tails
}

/// ln P(N = n) of a negative binomial count: Poisson over t at a Gamma(shape, scale) rate.
pub(crate) fn ln_negative_binomial(n: f64, shape: f64, scale: f64, t: f64) -> f64 {
    let events = if n > 0.0 { -n * (scale / t).ln_1p() } else { 0.0 };
    ln_gamma_ratio(shape, n) - ln_gamma_ratio(1.0, n) - shape * (t / scale).ln_1p() + events
}
