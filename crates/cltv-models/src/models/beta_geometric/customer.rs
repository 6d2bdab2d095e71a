//! A customer who is alive and may drop out after the next purchase.

use crate::models::nbd::counts::{
    negative_binomial_at_least_one, negative_binomial_tails, negative_binomials,
};
use crate::numeric::quadrature::beta_expectation;
use crate::numeric::special::{
    hypergeometric_2f1, hypergeometric_2f1_at, ln_beta, ln_gamma_ratio, negative_binomial_tail,
};
use crate::purchases::process::AliveCustomer;

/// The closed form is left for the integral when its bracket keeps less than this of its terms:
/// four digits lost leave eleven.
const BRACKET_LEFT: f64 = 1e-4;
/// Times whose series are summed together.
const FOUR: usize = 4;
/// Fall of a purchase rate below which a difference of nearly equal terms is a series.
const SERIES_BELOW: f64 = 1e-3;
/// Fall of a purchase rate whose square no longer counts.
const NEXT_TO_NOTHING: f64 = 1e-8;
/// Distance from the poles at a = 1 and a + b = 1 inside which the closed form is not tried.
const POLE: f64 = 1e-6;

/// The distribution of a living customer: rate λ ~ Gamma(shape, scale), dropout p ~ Beta(a, b),
/// with the next chance to drop out after the next purchase.
///
/// In the BG/NBD after x purchases by age T: shape = r + x, scale = α + T, Beta(a, b + x).
#[derive(Debug, Clone, Copy)]
pub struct BetaGeometricCustomer {
    pub(super) shape: f64,
    pub(super) scale: f64,
    pub(super) a: f64,
    pub(super) b: f64,
}

impl AliveCustomer for BetaGeometricCustomer {
    /// With z = t/(scale+t): (a+b−1)/(a−1) · [1 − (1−z)^(a−1) ₂F₁(a−1, a+b−1−shape; a+b−1; z)],
    /// Euler's transformation of the published form, which overflows. Where the bracket cancels
    /// (a near 1, a + b near 1, very short horizons), the same figure is the mean of
    /// [1 − (1 + p t/scale)^−shape] / p over p: the integral of the purchase rate with its order
    /// exchanged, regular everywhere.
    fn expected_purchases(&self, t: f64) -> f64 {
        if t == 0.0 {
            return 0.0;
        }
        if t == f64::INFINITY {
            return self.expected_ever();
        }
        let ratio = t / self.scale;
        let closed = self.closed_form(ratio);
        closed.unwrap_or_else(|| self.dropout_integral(ratio))
    }

    fn expected_purchases_at(&self, times: &[f64], out: &mut [f64]) {
        for (times, out) in times.chunks(FOUR).zip(out.chunks_mut(FOUR)) {
            let customers = times.iter().map(|&t| (*self, t));
            self.expected_in_fours(customers, out);
        }
    }

    /// Customers with the same shape and Beta, such as those with the same x, share their series.
    fn expected_purchases_of(customers: &[Self], t: f64, out: &mut [f64]) {
        let alike = |l: &Self, r: &Self| (l.shape, l.a, l.b) == (r.shape, r.a, r.b);
        let mut out = out.iter_mut();
        for alike in customers.chunk_by(alike) {
            for four in alike.chunks(FOUR) {
                let mut expected = [0.0; FOUR];
                four[0].expected_in_fours(four.iter().map(|&customer| (customer, t)), &mut expected);
                out.by_ref().zip(expected).take(four.len()).for_each(|(out, value)| *out = value);
            }
        }
    }

    /// Fader, Hardie & Lee (2005), equation 8.
    fn pmf(&self, n: u64, t: f64) -> f64 {
        let (Self { shape, scale, a, b }, x) = (*self, n as f64);
        let ratio = t / scale;
        let ln_factorial = ln_gamma_ratio(1.0, x);
        let ln_z = -(scale / t).ln_1p();
        let ln_count = ln_gamma_ratio(shape, x) - ln_factorial - shape * ratio.ln_1p() + x * ln_z;
        let still_alive = (ln_beta(a, b + x) - ln_beta(a, b) + ln_count).exp();
        if n == 0 {
            return still_alive;
        }
        let dropped_at_n = (ln_beta(a + 1.0, b + x - 1.0) - ln_beta(a, b)).exp();
        still_alive + dropped_at_n * negative_binomial_tail(x, shape, ratio / (1.0 + ratio))
    }

    fn pmf_up_to(&self, t: f64, out: &mut [f64]) {
        let Self { shape, scale, a, b } = *self;
        negative_binomials(shape, scale, t, out);
        let at_least = negative_binomial_tails(shape, scale, t, out);
        // E[(1−p)^n], and E[p (1−p)^(n−1)], by recurrence.
        let (mut stayed, mut dropped) = (1.0, 0.0);
        for (n, (chance, at_least)) in out.iter_mut().zip(at_least).enumerate() {
            *chance = stayed * *chance + dropped * at_least;
            let next = stayed / (a + b + n as f64);
            (stayed, dropped) = (next * (b + n as f64), next * a);
        }
    }

    fn never(&self) -> f64 {
        0.0
    }

    /// There is no chance to drop out before the next purchase.
    fn at_least_one(&self, t: f64) -> f64 {
        negative_binomial_at_least_one(self.shape, self.scale, t)
    }

    /// The mean over p of 2 (1−p)/p² [1 − (1+w)^−shape − shape w (1+w)^−(shape+1)], w = p t/scale.
    ///
    /// Given λ and p, a purchase at s has density λ e^(−λ p s); after it the customer stays with
    /// chance 1 − p and makes (1 − e^(−λ p (t−s))) / p purchases more. Pairs count twice.
    fn factorial_moment(&self, t: f64) -> f64 {
        let (shape, ratio) = (self.shape, t / self.scale);
        let small = shape * (shape + 1.0) * ratio * ratio;
        beta_expectation(self.a, self.b, |p| {
            let w = p * ratio;
            let falls = w * (shape + 2.0);
            // The bracket is shape (shape+1) w²/2 to this order, where its terms would cancel.
            if falls < SERIES_BELOW {
                return (1.0 - p) * small * (1.0 - 2.0 / 3.0 * falls + 0.25 * falls * (falls + w));
            }
            let ln_one = w.ln_1p();
            let next = shape * w * (-(shape + 1.0) * ln_one).exp();
            2.0 * (1.0 - p) / (p * p) * (-(-shape * ln_one).exp_m1() - next)
        })
    }

    /// The mean of (1 + p t/scale)^−shape over p.
    fn survival(&self, t: f64) -> f64 {
        let ratio = t / self.scale;
        beta_expectation(self.a, self.b, |p| (-self.shape * (p * ratio).ln_1p()).exp())
    }

    /// The mean of 1/λ, scale / (shape − 1).
    fn time_to_next_purchase(&self) -> f64 {
        if self.shape > 1.0 { self.scale / (self.shape - 1.0) } else { f64::INFINITY }
    }
}

impl BetaGeometricCustomer {
    /// Expected purchases of up to four customers like this one but for their scales, each within a
    /// time: their series have the same terms but for the powers of z.
    fn expected_in_fours(&self, customers: impl Iterator<Item = (Self, f64)> + Clone, out: &mut [f64]) {
        let (a1, c) = (self.a - 1.0, self.a + self.b - 1.0);
        let mut z = [0.0; FOUR];
        for (z, (customer, t)) in z.iter_mut().zip(customers.clone()) {
            *z = t / (customer.scale + t);
        }
        let series = match a1.abs() < POLE || c < POLE {
            true => [f64::NAN; FOUR],
            false => hypergeometric_2f1_at(a1, c - self.shape, c, &z),
        };
        for ((out, (customer, t)), series) in out.iter_mut().zip(customers).zip(series) {
            let closed = customer.with_series(t / customer.scale, series);
            *out = closed.unwrap_or_else(|| customer.expected_purchases(t));
        }
    }

    /// The mean of 1 / p.
    fn expected_ever(&self) -> f64 {
        if self.a > 1.0 {
            return (self.a + self.b - 1.0) / (self.a - 1.0);
        }
        f64::INFINITY
    }

    /// The closed form, or `None` where it has lost digits or its series is too slow.
    fn closed_form(&self, ratio: f64) -> Option<f64> {
        let (a1, c) = (self.a - 1.0, self.a + self.b - 1.0);
        if a1.abs() < POLE || c < POLE {
            return None;
        }
        let z = ratio / (1.0 + ratio);
        self.with_series(ratio, hypergeometric_2f1(a1, c - self.shape, c, z)?)
    }

    /// The closed form with its series; `None` where it has lost digits.
    fn with_series(&self, ratio: f64, series: f64) -> Option<f64> {
        let (a1, c) = (self.a - 1.0, self.a + self.b - 1.0);
        let product = (-a1 * ratio.ln_1p()).exp() * series;
        let bracket = 1.0 - product;
        let kept = bracket.abs() >= BRACKET_LEFT * product.abs().max(1.0);
        (kept && product.is_finite()).then(|| c / a1 * bracket)
    }

    fn dropout_integral(&self, ratio: f64) -> f64 {
        beta_expectation(self.a, self.b, |p| {
            let w = p * ratio;
            let falls = (self.shape + 1.0) * w;
            // A beta distribution with a small a has most of its mass at p so small that p and w have lost
            // digits: there the first terms of the series, which need no division by p.
            if falls < NEXT_TO_NOTHING {
                return self.shape * ratio * (1.0 - 0.5 * falls);
            }
            -(-self.shape * w.ln_1p()).exp_m1() / p
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn closed_form_and_integral_are_the_same() {
        for (shape, a, b) in [(0.24, 0.79, 2.43), (7.5, 0.3, 9.0), (2.0, 3.0, 0.6), (250.0, 1.4, 252.0)] {
            let customer = BetaGeometricCustomer { shape, scale: 40.0, a, b };
            for ratio in [1e-2, 0.3, 1.0, 20.0] {
                let closed = customer.closed_form(ratio).expect("digits are left");
                assert_relative_eq!(closed, customer.dropout_integral(ratio), max_relative = 1e-10);
            }
        }
    }

    #[test]
    fn short_horizons_with_a_dropout_next_to_zero() {
        // mpmath 1.3 with 60 digits, the closed form. Most of these distributions' mass is at p below 1e-300,
        // where a quotient by p once was wrong by 0.4%.
        for (shape, scale, a, b, t, exact) in [
            (2.29, 40.0, 0.001, 19.4, 0.01, 0.000_572_499_987_864_723_7),
            (2.29, 40.0, 0.001, 19.4, 0.02, 0.001_144_999_951_459_746_3),
            (0.84, 1000.0, 0.001, 7.06, 0.15, 0.000_125_999_997_537_502_7),
            (0.84, 1000.0, 0.001, 7.06, 0.35, 0.000_293_999_986_593_385_46),
            (7.5, 40.0, 0.0005, 9.0, 0.01, 0.001_874_999_889_337_829_4),
        ] {
            let customer = BetaGeometricCustomer { shape, scale, a, b };
            assert_relative_eq!(customer.dropout_integral(t / scale), exact, max_relative = 1e-11);
            assert_relative_eq!(customer.expected_purchases(t), exact, max_relative = 1e-10);
        }
    }
}
