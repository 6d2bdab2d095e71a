//! How long customers live, and the life that the Pareto/NBD gives them.

use crate::simulate::Draws;
use crate::special::ln_one_plus;

/// Derivatives of a lifetime's logarithms by up to three parameters of its own.
pub(crate) type ByLifetime = [f64; 3];

/// Second derivatives by two parameters i ≤ j of a lifetime: (0,0), (0,1), (0,2), (1,1), (1,2), (2,2).
pub(crate) type ByTwo = [f64; 6];

/// How long customers live, over all of them.
pub trait Lifetime: Copy + std::fmt::Debug {
    /// How many parameters it has.
    const PARAMETERS: usize;

    /// ln P(life > t).
    fn ln_survival(&self, t: f64) -> f64;

    /// ln of the density of the life's end at t.
    fn ln_density(&self, t: f64) -> f64;

    /// [`Lifetime::ln_survival`] with its derivatives.
    fn survival_by(&self, t: f64) -> (f64, ByLifetime);

    /// [`Lifetime::ln_density`] with its derivatives.
    fn density_by(&self, t: f64) -> (f64, ByLifetime);

    /// Second derivatives of [`Lifetime::ln_survival`] and of [`Lifetime::ln_density`] at t by its
    /// parameters, where there are formulas for them.
    fn second(&self, _t: f64) -> Option<(ByTwo, ByTwo)> {
        None
    }

    /// |d ln density / dt|.
    fn slope(&self, t: f64) -> f64;

    /// Distance in the complex plane from t to the nearest singularity of the density.
    fn smooth_for(&self, t: f64) -> f64;

    /// How far the density may rise again, in logarithms.
    fn rise(&self) -> f64;

    /// ∫_0^t P(life > u) du, the mean life up to t.
    fn mean_up_to(&self, t: f64) -> f64;

    /// The time below which hardly anybody dies.
    fn scale(&self) -> f64;

    /// c where P(life > t) falls as t^−c far out; infinite where it falls faster.
    fn tail_power(&self) -> f64;

    /// The life left of somebody alive at `age`.
    #[must_use]
    fn later(&self, age: f64) -> Self;

    /// A random life.
    fn draw(&self, draws: &mut Draws) -> f64;
}

/// A life that ends at a rate μ ~ Gamma(s, β) over customers: Pareto of the second kind.
#[derive(Debug, Clone, Copy)]
pub struct ParetoLife {
    s: f64,
    beta: f64,
    /// ln(s/β), the logarithm of the density at 0.
    ln_level: f64,
}

impl ParetoLife {
    pub(crate) fn new(s: f64, beta: f64) -> Self {
        Self { s, beta, ln_level: (s / beta).ln() }
    }
}

impl Lifetime for ParetoLife {
    const PARAMETERS: usize = 2;

    fn ln_survival(&self, t: f64) -> f64 {
        -self.s * ln_one_plus(t / self.beta)
    }

    fn ln_density(&self, t: f64) -> f64 {
        self.ln_level - (self.s + 1.0) * ln_one_plus(t / self.beta)
    }

    fn survival_by(&self, t: f64) -> (f64, ByLifetime) {
        let ln_time = ln_one_plus(t / self.beta);
        let by_beta = self.s * t / (self.beta * (self.beta + t));
        (-self.s * ln_time, [-ln_time, by_beta, 0.0])
    }

    fn density_by(&self, t: f64) -> (f64, ByLifetime) {
        let ln_time = ln_one_plus(t / self.beta);
        let by_beta = (self.s * t / self.beta - 1.0) / (self.beta + t);
        let ln = self.ln_level - (self.s + 1.0) * ln_time;
        (ln, [1.0 / self.s - ln_time, by_beta, 0.0])
    }

    fn second(&self, t: f64) -> Option<(ByTwo, ByTwo)> {
        let Self { s, beta, .. } = *self;
        let by = t / (beta * (beta + t));
        let survival = [0.0, by, 0.0, -s * by * (1.0 / beta + 1.0 / (beta + t)), 0.0, 0.0];
        let slope = (s * t / beta - 1.0) / (beta + t);
        let density = [-1.0 / (s * s), by, 0.0, -(s * by / beta + slope / (beta + t)), 0.0, 0.0];
        Some((survival, density))
    }

    fn slope(&self, t: f64) -> f64 {
        (self.s + 1.0) / (self.beta + t)
    }

    fn smooth_for(&self, t: f64) -> f64 {
        self.beta + t
    }

    fn rise(&self) -> f64 {
        0.0
    }

    /// β/(s−1) [1 − (1 + t/β)^−(s−1)], which is β ln(1 + t/β) at s = 1.
    fn mean_up_to(&self, t: f64) -> f64 {
        let (over, ln_time) = (self.s - 1.0, ln_one_plus(t / self.beta));
        if over == 0.0 {
            return self.beta * ln_time;
        }
        self.beta * (-(-over * ln_time).exp_m1() / over)
    }

    fn scale(&self) -> f64 {
        self.beta
    }

    fn tail_power(&self) -> f64 {
        self.s
    }

    fn later(&self, age: f64) -> Self {
        Self::new(self.s, self.beta + age)
    }

    fn draw(&self, draws: &mut Draws) -> f64 {
        draws.exponential() * self.beta / draws.gamma(self.s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_mean_life_is_regular_at_one() {
        let mean = |s: f64| ParetoLife::new(s, 11.0).mean_up_to(30.0);
        assert_relative_eq!(mean(1.0), 11.0 * (41.0_f64 / 11.0).ln(), max_relative = 1e-15);
        for s in [1.0 - 1e-13, 1.0 + 1e-9, 1.0 - 1e-5] {
            assert_relative_eq!(mean(s), mean(1.0), max_relative = 1e-4);
        }
        assert_eq!(ParetoLife::new(3.0, 8.0).mean_up_to(f64::INFINITY), 4.0);
        assert!(mean(0.9) > mean(1.0));
    }
}
