//! The integrand over dropout times, and the derivatives of its logarithm.

use super::dropout_time::{ByTwoParameters, DropoutTime};
use crate::numeric::panels::{NEGLIGIBLE, integrate_in_panels};
use crate::numeric::special::ln_one_plus;

/// Poisson purchases at a Gamma(r, α) rate until a random dropout time.
#[derive(Debug, Clone, Copy)]
pub struct ContinuousDropout<D> {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) dropout_time: D,
}

/// One of the two contributions to a likelihood (alive at T, or dropped out before): its logarithm
/// and the mean derivatives of that logarithm.
#[derive(Clone, Copy, Default)]
pub(crate) struct Contribution {
    pub(crate) ln: f64,
    pub(crate) by: By,
    /// Means of second derivatives plus products of first ones, from the diagonal on; 0 unless
    /// requested.
    pub(crate) second: Square,
}

/// Derivatives by r, α and the dropout_time's parameters.
pub(crate) type By = [f64; MOST];
/// The same by two of them; only the part from the diagonal on is used.
pub(crate) type Square = [By; MOST];
/// r, α and up to three parameters of a dropout_time.
pub(crate) const MOST: usize = 5;

impl<D: DropoutTime> ContinuousDropout<D> {
    /// The part of a likelihood in which the customer is alive at T.
    pub(crate) fn survived(&self, x: f64, age: f64, second: bool) -> Contribution {
        let to_end = ln_one_plus(age / self.alpha);
        let (ln_survival, by) = self.dropout_time.survival_by(age);
        let by = [-to_end, self.by_alpha(x, age), by[0], by[1], by[2]];
        let mut part =
            Contribution { ln: ln_survival - (self.r + x) * to_end, by, second: Square::default() };
        if let Some((survival, _)) = self.dropout_time.second(age).filter(|_| second) {
            self.add_square(age, &by, &survival, 1.0, &mut part.second);
        }
        part
    }

    /// Adds second derivatives of the logarithm of one contribution, plus products of first ones.
    pub(crate) fn add_square(
        &self,
        t: f64,
        by: &By,
        dropout_time: &ByTwoParameters,
        weight: f64,
        square: &mut Square,
    ) {
        let n = 2 + D::PARAMETERS;
        for i in 0..n {
            for j in i..n {
                square[i][j] += weight * by[i] * by[j];
            }
        }
        let by_r = t / (self.alpha * (self.alpha + t));
        square[0][1] += weight * by_r;
        square[1][1] -= weight * (self.r * by_r / self.alpha + by[1] / (self.alpha + t));
        let [ss, sb, sc, bb, bc, cc] = *dropout_time;
        for (i, row) in [[ss, sb, sc], [0.0, bb, bc], [0.0, 0.0, cc]].iter().enumerate() {
            for j in i..D::PARAMETERS {
                square[2 + i][2 + j] += weight * row[j];
            }
        }
    }

    /// The derivative of −x ln α − (r+x) ln(1 + t/α) by α, without cancellation.
    pub(crate) fn by_alpha(&self, x: f64, t: f64) -> f64 {
        (self.r * t / self.alpha - x) / (self.alpha + t)
    }

    /// ln of the integrand of the part in which the customer dropped out, at t.
    pub(crate) fn ln_integrand(&self, x: f64, t: f64) -> f64 {
        self.dropout_time.ln_density(t) - (self.r + x) * ln_one_plus(t / self.alpha)
    }

    /// Steps through the integral over the dropout time from one time to another until it is negligible; true
    /// when it is.
    pub(crate) fn integrate_in_panels(&self, x: f64, from: f64, to: f64, each: impl FnMut(f64, f64)) -> bool {
        let (shape, alpha, time) = (self.r + x, self.alpha, &self.dropout_time);
        let ln_f = |t: f64| self.ln_integrand(x, t);
        let slope = |t: f64| time.slope(t) + shape / (alpha + t);
        let smooth_for = |t: f64| time.smooth_for(t).min(alpha + t);
        integrate_in_panels(from, to, ln_f(from) - NEGLIGIBLE - time.rise(), (slope, smooth_for), ln_f, each)
    }
}
