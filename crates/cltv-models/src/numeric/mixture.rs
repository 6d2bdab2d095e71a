//! Mixtures of normal distributions.

use statrs::function::erf::erfc;

use crate::numeric::quantile::quantile;

/// Halvings after which a quantile has all digits of a count.
const HALVINGS: u32 = 60;

/// A quantile of an even mixture of normal distributions, each a mean and a standard deviation.
pub(crate) fn normal_mixture_quantile(parts: &[(f64, f64)], share: f64) -> f64 {
    if parts.iter().all(|&(_, deviation)| deviation == 0.0) {
        let mut means: Vec<f64> = parts.iter().map(|&(mean, _)| mean).collect();
        means.sort_by(f64::total_cmp);
        return quantile(&means, share);
    }
    let below = |at: f64| {
        let normal = |&(mean, deviation): &(f64, f64)| match deviation > 0.0 {
            true => 0.5 * erfc((mean - at) / (deviation * std::f64::consts::SQRT_2)),
            false => f64::from(u8::from(mean <= at)),
        };
        parts.iter().map(normal).sum::<f64>() / parts.len() as f64
    };
    let end = |side: f64| parts.iter().map(move |&(mean, deviation)| mean + side * 10.0 * deviation);
    let (mut low, mut high) =
        (end(-1.0).fold(f64::INFINITY, f64::min), end(1.0).fold(f64::NEG_INFINITY, f64::max));
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if below(middle) < share { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn quantiles_of_mixtures() {
        // 1.959963985 is the normal distribution's 97.5% quantile.
        let at = |parts: &[(f64, f64)], share: f64| normal_mixture_quantile(parts, share);
        assert_relative_eq!(at(&[(5.0, 2.0)], 0.975), 5.0 + 2.0 * 1.959_963_985, epsilon = 1e-6);
        assert_relative_eq!(at(&[(0.0, 1.0), (10.0, 1.0)], 0.5), 5.0, epsilon = 1e-6);
        assert_relative_eq!(at(&[(0.0, 1.0), (9.0, 3.0)], 0.25), 0.0, epsilon = 2e-2);
        assert_relative_eq!(at(&[(1.0, 0.0), (3.0, 0.0)], 0.5), 2.0);
    }
}
