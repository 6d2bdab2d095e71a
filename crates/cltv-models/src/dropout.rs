//! Purchases to come of a customer who may drop out after each with a beta-distributed probability.

use crate::quadrature::beta_expectation;
use crate::special::hypergeometric_2f1;

/// The closed form is left for the integral when its bracket keeps less than this of its terms:
/// four digits lost leave eleven.
const BRACKET_LEFT: f64 = 1e-4;
/// Distance from the poles at a = 1 and a + b = 1 inside which the closed form is not tried.
const POLE: f64 = 1e-6;

/// What is known of a customer who is alive: rate λ ~ Gamma(shape, scale), dropout p ~ Beta(a, b).
///
/// In the BG/NBD after x purchases by age T: shape = r + x, scale = α + T, Beta(a, b + x).
#[derive(Debug, Clone, Copy)]
pub(crate) struct AliveCustomer {
    pub(crate) shape: f64,
    pub(crate) scale: f64,
    pub(crate) a: f64,
    pub(crate) b: f64,
}

impl AliveCustomer {
    /// Expected purchases within `t`; NaN for a negative t.
    ///
    /// With z = t/(scale+t): (a+b−1)/(a−1) · [1 − (1−z)^(a−1) ₂F₁(a−1, a+b−1−shape; a+b−1; z)],
    /// Euler's transformation of the published form, which overflows. Where the bracket cancels
    /// (a near 1, a + b near 1, very short horizons), the same figure is the mean of
    /// [1 − (1 + p t/scale)^−shape] / p over p: the integral of the purchase rate with its order
    /// exchanged, regular everywhere.
    pub(crate) fn expected_purchases(&self, t: f64) -> f64 {
        if t.is_nan() || t < 0.0 {
            return f64::NAN;
        }
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
        let series = hypergeometric_2f1(a1, c - self.shape, c, z)?;
        let product = (-a1 * ratio.ln_1p()).exp() * series;
        let bracket = 1.0 - product;
        let kept = bracket.abs() >= BRACKET_LEFT * product.abs().max(1.0);
        (kept && product.is_finite()).then(|| c / a1 * bracket)
    }

    fn dropout_integral(&self, ratio: f64) -> f64 {
        beta_expectation(self.a, self.b, |p| {
            if p == 0.0 {
                return self.shape * ratio;
            }
            -(-self.shape * (p * ratio).ln_1p()).exp_m1() / p
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
            let customer = AliveCustomer { shape, scale: 40.0, a, b };
            for ratio in [1e-2, 0.3, 1.0, 20.0] {
                let closed = customer.closed_form(ratio).expect("digits are left");
                assert_relative_eq!(closed, customer.dropout_integral(ratio), max_relative = 1e-10);
            }
        }
    }
}
