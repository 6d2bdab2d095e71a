//! The integrand over dropout times, and the derivatives of its logarithm.

use super::dropout_time::{ByTwo, Lifetime};
use crate::numeric::panels::{NEGLIGIBLE, march};
use crate::numeric::special::ln_one_plus;

/// A model of purchases at a Gamma(r, α) rate until the end of a random life.
#[derive(Debug, Clone, Copy)]
pub struct Mortal<L> {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) lifetime: L,
}

/// One way in which a history can have come about: the logarithm of its part of the likelihood, and
/// mean derivatives of that logarithm.
#[derive(Clone, Copy, Default)]
pub(crate) struct Way {
    pub(crate) ln: f64,
    pub(crate) by: By,
    /// Means of second derivatives plus products of first ones, from the diagonal on; 0 unless
    /// asked for.
    pub(crate) second: Square,
}

/// Derivatives by r, α and the lifetime's parameters.
pub(crate) type By = [f64; MOST];
/// The same by two of them; only the part from the diagonal on is used.
pub(crate) type Square = [By; MOST];
/// r, α and up to three parameters of a lifetime.
pub(crate) const MOST: usize = 5;

impl<L: Lifetime> Mortal<L> {
    /// The part of a likelihood in which the customer is alive at T.
    pub(crate) fn survived(&self, x: f64, age: f64, second: bool) -> Way {
        let to_end = ln_one_plus(age / self.alpha);
        let (ln_survival, by) = self.lifetime.survival_by(age);
        let by = [-to_end, self.by_alpha(x, age), by[0], by[1], by[2]];
        let mut part = Way { ln: ln_survival - (self.r + x) * to_end, by, second: Square::default() };
        if let Some((survival, _)) = self.lifetime.second(age).filter(|_| second) {
            self.add_square(age, &by, &survival, 1.0, &mut part.second);
        }
        part
    }

    /// Adds second derivatives of the logarithm of one way, plus products of first ones.
    pub(crate) fn add_square(&self, t: f64, by: &By, lifetime: &ByTwo, weight: f64, square: &mut Square) {
        let n = 2 + L::PARAMETERS;
        for i in 0..n {
            for j in i..n {
                square[i][j] += weight * by[i] * by[j];
            }
        }
        let by_r = t / (self.alpha * (self.alpha + t));
        square[0][1] += weight * by_r;
        square[1][1] -= weight * (self.r * by_r / self.alpha + by[1] / (self.alpha + t));
        let [ss, sb, sc, bb, bc, cc] = *lifetime;
        for (i, row) in [[ss, sb, sc], [0.0, bb, bc], [0.0, 0.0, cc]].iter().enumerate() {
            for j in i..L::PARAMETERS {
                square[2 + i][2 + j] += weight * row[j];
            }
        }
    }

    /// The derivative of −x ln α − (r+x) ln(1 + t/α) by α, without cancellation.
    pub(crate) fn by_alpha(&self, x: f64, t: f64) -> f64 {
        (self.r * t / self.alpha - x) / (self.alpha + t)
    }

    /// ln of the integrand of the part in which the customer died, at t.
    pub(crate) fn ln_dying(&self, x: f64, t: f64) -> f64 {
        self.lifetime.ln_density(t) - (self.r + x) * ln_one_plus(t / self.alpha)
    }

    /// Steps through the integral over deaths from one time to another until it is negligible; true
    /// when it is.
    pub(crate) fn march(&self, x: f64, from: f64, to: f64, each: impl FnMut(f64, f64)) -> bool {
        let (shape, alpha, life) = (self.r + x, self.alpha, &self.lifetime);
        let ln_f = |t: f64| self.ln_dying(x, t);
        let slope = |t: f64| life.slope(t) + shape / (alpha + t);
        let smooth_for = |t: f64| life.smooth_for(t).min(alpha + t);
        march(from, to, ln_f(from) - NEGLIGIBLE - life.rise(), (slope, smooth_for), ln_f, each)
    }
}
