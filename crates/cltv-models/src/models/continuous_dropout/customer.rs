//! Continuous-time dropout: predictions for a customer who is alive.

use super::dropout_time::DropoutTime;
use crate::models::nbd::counts::ln_negative_binomial;
use crate::numeric::gauss::{integral, ln_integral};
use crate::numeric::panels::NEGLIGIBLE;
use crate::numeric::special::ln_add_exp;
use crate::purchases::process::AliveCustomer;

/// The distribution of a living customer: rate λ ~ Gamma(shape, scale), and the remaining dropout
/// time.
#[derive(Debug, Clone, Copy)]
pub struct ContinuousDropoutCustomer<D> {
    pub(super) shape: f64,
    pub(super) scale: f64,
    pub(super) dropout_time: D,
}

impl<D: DropoutTime> AliveCustomer for ContinuousDropoutCustomer<D> {
    fn expected_purchases(&self, t: f64) -> f64 {
        self.shape / self.scale * self.dropout_time.mean_up_to(t)
    }

    /// S(t) P(N(t) = n) + ∫_0^t f(τ) P(N(τ) = n) dτ with a negative binomial N.
    fn pmf(&self, n: u64, t: f64) -> f64 {
        let x = n as f64;
        let count = |t: f64| ln_negative_binomial(x, self.shape, self.scale, t);
        let alive = self.dropout_time.ln_survival(t) + count(t);
        // In y = ln τ: below all scales the integrand falls as e^((n+1) y) on the left.
        let lowest = t.min(self.scale).min(self.dropout_time.scale());
        let gone = ln_integral(lowest.ln() - NEGLIGIBLE, t.ln(), 1.0, |y| {
            y + self.dropout_time.ln_density(y.exp()) + count(y.exp())
        });
        ln_add_exp(alive, gone).exp().min(1.0)
    }

    /// The integral over the dropout time for all n at once, by the same nodes.
    fn pmf_up_to(&self, t: f64, out: &mut [f64]) {
        if !self.counts_within(t, out) {
            (0..).zip(out).for_each(|(n, chance)| *chance = self.pmf(n, t));
        }
    }

    /// ∫ f(u) (1 + u/scale)^−shape du, over all u.
    fn never(&self) -> f64 {
        self.no_purchase_before_dropout()
    }

    fn at_least_one(&self, t: f64) -> f64 {
        self.next_purchase_within(t)
    }

    /// `E[λ²] E[min(dropout time, t)²]`, whose second factor is 2 ∫_0^t s S(s) ds, taken in y = ln s.
    fn factorial_moment(&self, t: f64) -> f64 {
        let mean = integral(t.ln() - NEGLIGIBLE / 2.0, t.ln(), 2.0, |y| {
            (2.0 * (y - t.ln()) + self.dropout_time.ln_survival(y.exp())).exp()
        });
        let reach = t / self.scale;
        2.0 * self.shape * (self.shape + 1.0) * reach * reach * mean
    }

    fn survival(&self, t: f64) -> f64 {
        self.dropout_time.ln_survival(t).exp()
    }

    /// ∫ u g(u) du / ∫ g(u) du, where g(u) = shape/scale (1 + u/scale)^−(shape+1) S(u) is the
    /// density of a next purchase at u; infinite where shape and the dropout time's tail power add to 1 or
    /// less.
    fn time_to_next_purchase(&self) -> f64 {
        let power = self.shape + self.dropout_time.tail_power();
        if power <= 1.0 {
            return f64::INFINITY;
        }
        let lowest = self.scale.min(self.dropout_time.scale()).ln() - NEGLIGIBLE;
        let highest = self.scale.max(self.dropout_time.scale()).ln() + NEGLIGIBLE;
        let ln_g = |y: f64| {
            self.dropout_time.ln_survival(y.exp()) - (self.shape + 1.0) * (y.exp() / self.scale).ln_1p() + y
        };
        let times = ln_integral(lowest, highest, 1.0, |y| y + ln_g(y));
        // Beyond the highest node both factors are pure powers.
        let beyond = highest + ln_g(highest) - (power - 1.0).ln();
        (ln_add_exp(times, beyond) - ln_integral(lowest, highest, 1.0, ln_g)).exp()
    }
}
