//! Expectations over a beta distribution, exact where closed forms have removable poles.

use crate::numeric::special::logistic;

/// Log density, against the mode's, below which a node no longer counts.
const NEGLIGIBLE: f64 = -60.0;
/// Agreement of two step sizes at which the finer one is taken: its own error is about the square.
const AGREEMENT: f64 = 1e-9;
/// Step halvings before the finest result is taken as it is.
const HALVINGS: u32 = 9;

/// E[f(p)] for p ~ Beta(a, b), f smooth and bounded on (0, 1).
///
/// With p = logistic(y) the beta density has no endpoint singularity, and y = mode + s sinh(u)
/// makes its tails die doubly exponentially, however small a or b: the trapezoid rule in u then
/// doubles its digits with every halving of the step. The density is normalised by the same sum.
pub(crate) fn beta_expectation(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    let grid = Grid::new(a, b);
    let mut step = 0.5;
    let mut sums = grid.sum(0.0, step, &f);
    let mut value = sums.0 / sums.1;
    for _ in 0..HALVINGS {
        let between = grid.sum(0.5 * step, step, &f);
        sums = (sums.0 + between.0, sums.1 + between.1);
        step *= 0.5;
        let finer = sums.0 / sums.1;
        let agrees = (finer - value).abs() <= AGREEMENT * finer.abs();
        value = finer;
        if agrees {
            break;
        }
    }
    value
}

/// The nodes of one beta distribution.
struct Grid {
    a: f64,
    b: f64,
    mode: f64,
    scale: f64,
    peak: f64,
}

impl Grid {
    fn new(a: f64, b: f64) -> Self {
        let mode = (a / b).ln();
        let scale = (1.0 / a + 1.0 / b).sqrt().min(std::f64::consts::FRAC_PI_2);
        let mut grid = Self { a, b, mode, scale, peak: 0.0 };
        grid.peak = grid.ln_density(mode);
        grid
    }

    /// Log density of y, up to a constant.
    fn ln_density(&self, y: f64) -> f64 {
        -self.a * softplus(-y) - self.b * softplus(y) - self.peak
    }

    /// Sums of weight * f and of weights over u = offset + k step, to both sides.
    fn sum(&self, offset: f64, step: f64, f: &impl Fn(f64) -> f64) -> (f64, f64) {
        let right = self.half(offset, step, f);
        let left = self.half(offset - step, -step, f);
        (right.0 + left.0, right.1 + left.1)
    }

    fn half(&self, start: f64, step: f64, f: &impl Fn(f64) -> f64) -> (f64, f64) {
        let (mut sum, mut weights, mut u) = (0.0, 0.0, start);
        loop {
            let y = self.mode + self.scale * u.sinh();
            let ln_density = self.ln_density(y);
            if ln_density < NEGLIGIBLE || !ln_density.is_finite() {
                return (sum, weights);
            }
            let weight = ln_density.exp() * u.cosh();
            sum += weight * f(logistic(y));
            weights += weight;
            u += step;
        }
    }
}

/// ln(1 + e^y) without overflow.
fn softplus(y: f64) -> f64 {
    y.max(0.0) + (-y.abs()).exp().ln_1p()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn moments_of_the_beta_distribution() {
        for a in [1e-3, 0.1, 0.8, 1.0, 7.0, 3000.0] {
            for b in [0.02, 0.5, 2.4, 40.0, 1e5] {
                let n = a + b;
                assert_relative_eq!(beta_expectation(a, b, |_| 1.0), 1.0);
                assert_relative_eq!(beta_expectation(a, b, |p| p), a / n, max_relative = 1e-11);
                let second = a * (a + 1.0) / (n * (n + 1.0));
                assert_relative_eq!(beta_expectation(a, b, |p| p * p), second, max_relative = 1e-11);
            }
        }
    }
}
