//! Purchases of customers who may drop out after each with a beta-distributed probability.

use crate::histories::{HistoryRow, mean_rate};
use crate::model::{Sample, Weighted};
use crate::purchases::AliveCustomer;
use crate::quadrature::beta_expectation;
use crate::rfm::History;
use crate::simulate::Draws;
use crate::special::{
    digamma_difference, hypergeometric_2f1, ln_beta, ln_gamma_ratio, ln_one_plus, negative_binomial_tail,
};

/// The closed form is left for the integral when its bracket keeps less than this of its terms:
/// four digits lost leave eleven.
const BRACKET_LEFT: f64 = 1e-4;
/// Distance from the poles at a = 1 and a + b = 1 inside which the closed form is not tried.
const POLE: f64 = 1e-6;

/// Where fits of r, α, a and b start.
pub(crate) fn dropout_starts(sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
    let rate = mean_rate(sample);
    [(0.25, 0.8, 2.5), (1.0, 1.0, 1.0), (0.5, 0.1, 4.0), (3.0, 2.0, 10.0)]
        .map(|(r, a, b)| vec![r, r / rate, a, b])
        .to_vec()
}

/// The BG/NBD or the MBG/NBD at one parameter vector.
///
/// They differ only in the chances to drop out that x repeat purchases leave behind: x in the
/// BG/NBD, x + 1 in the MBG/NBD, whose first purchase is one as well.
pub(crate) struct BetaDropout {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    chances_at_start: f64,
}

/// The share of e^`ln_gone` in e^`ln_alive` + e^`ln_gone`, and the logarithm of that sum:
/// what `logistic` and `ln_add_exp` give, with one exponential for both.
fn either(ln_alive: f64, ln_gone: f64) -> (f64, f64) {
    let ln_odds = ln_gone - ln_alive;
    let smaller = (-ln_odds.abs()).exp();
    let sum = 1.0 + smaller;
    match ln_odds >= 0.0 {
        true => (1.0 / sum, ln_gone + ln_one_plus(smaller)),
        false => (smaller / sum, ln_alive + ln_one_plus(smaller)),
    }
}

/// What all rows with the same x share.
pub(crate) struct Shared {
    pub(crate) value: f64,
    a: f64,
    /// b + chances − 1.
    survived: f64,
    /// ln[a / (b + chances − 1)], the odds of dropping out at the last chance; −∞ without one.
    pub(crate) ln_dropout: f64,
    pub(crate) by_r: f64,
    by_a: f64,
    by_b: f64,
}

impl Shared {
    /// Adds the derivatives by a and b of a row that is gone with this probability.
    pub(crate) fn add_dropout(&self, gone: f64, weight: f64, gradient: &mut [f64]) {
        gradient[2] += weight * (self.by_a + gone / self.a);
        let by_b = if gone > 0.0 { gone / self.survived } else { 0.0 };
        gradient[3] += weight * (self.by_b - by_b);
    }
}

impl BetaDropout {
    pub(crate) fn new(theta: &[f64], chances_at_start: f64) -> Self {
        let (r, alpha, a, b) = (theta[0], theta[1], theta[2], theta[3]);
        Self { r, alpha, a, b, chances_at_start }
    }

    /// The weighted log-likelihood (Fader, Hardie & Lee 2005, equation 6, in logarithms); its
    /// derivatives are added to `gradient`.
    pub(crate) fn log_likelihood(&self, rows: &[Weighted<HistoryRow>], gradient: &mut [f64]) -> f64 {
        let at = |x: f64| (x, self.of_purchases(x));
        let (mut sum, mut shared) = (0.0, at(0.0));
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.0 {
                shared = at(row.x);
            }
            sum += weight * self.row(row, &shared.1, *weight, gradient);
        }
        sum
    }

    pub(crate) fn of_history(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        self.row(&row, &self.of_purchases(row.x), 1.0, &mut [0.0; 4])
    }

    /// What rows with x repeat purchases share, each one event: −x ln α is part of the value.
    fn of_purchases(&self, x: f64) -> Shared {
        let shared = self.shared(x, x);
        Shared { value: shared.value - x * self.alpha.ln(), ..shared }
    }

    /// What rows with x repeat purchases, which took `events` events of the Poisson process, share.
    pub(crate) fn shared(&self, x: f64, events: f64) -> Shared {
        let Self { r, a, b, .. } = *self;
        let chances = x + self.chances_at_start;
        let by_sum = digamma_difference(a + b, chances);
        Shared {
            value: ln_gamma_ratio(r, events) + ln_gamma_ratio(b, chances) - ln_gamma_ratio(a + b, chances),
            a,
            survived: b + chances - 1.0,
            ln_dropout: self.ln_dropout(x),
            by_r: digamma_difference(r, events),
            by_a: -by_sum,
            by_b: digamma_difference(b, chances) - by_sum,
        }
    }

    pub(crate) fn ln_dropout(&self, x: f64) -> f64 {
        let chances = x + self.chances_at_start;
        if chances > 0.0 { self.a.ln() - (self.b + chances - 1.0).ln() } else { f64::NEG_INFINITY }
    }

    /// One row's log-likelihood with what [`BetaDropout::of_purchases`] gives; its derivatives times
    /// `weight` are added to `gradient`.
    fn row(&self, row: &HistoryRow, shared: &Shared, weight: f64, gradient: &mut [f64]) -> f64 {
        let Self { r, alpha, .. } = *self;
        let HistoryRow { x, t_x, age } = *row;
        // Either still alive at T, or dropped out right after the purchase at t_x.
        let (to_end, to_last) = (ln_one_plus(age / alpha), ln_one_plus(t_x / alpha));
        let ln_alive = -(r + x) * to_end;
        let ln_gone = shared.ln_dropout - (r + x) * to_last;
        let (gone, ln_either) = either(ln_alive, ln_gone);
        let alive = 1.0 - gone;
        gradient[0] += weight * (shared.by_r - alive * to_end - gone * to_last);
        let by_alpha =
            alive * (r * age / alpha - x) / (alpha + age) + gone * (r * t_x / alpha - x) / (alpha + t_x);
        gradient[1] += weight * by_alpha;
        shared.add_dropout(gone, weight, gradient);
        shared.value + ln_either
    }

    pub(crate) fn ln_odds_gone(&self, history: History) -> f64 {
        let x = history.x as f64;
        let since_last = (history.T - history.t_x) / (self.alpha + history.t_x);
        self.ln_dropout(x) + (self.r + x) * since_last.ln_1p()
    }

    pub(crate) fn alive(&self, history: History) -> DropoutCustomer {
        self.after(history.x as f64, history.T)
    }

    /// P(alive right after the first purchase), and a customer who is.
    pub(crate) fn newcomer(&self) -> (f64, DropoutCustomer) {
        let alive = if self.chances_at_start > 0.0 { self.b / (self.a + self.b) } else { 1.0 };
        (alive, self.after(0.0, 0.0))
    }

    fn after(&self, x: f64, age: f64) -> DropoutCustomer {
        let (a, b) = self.after_purchases(x);
        DropoutCustomer { shape: self.r + x, scale: self.alpha + age, a, b }
    }

    /// The dropout probability, Beta(a, b), of a customer alive after x repeat purchases.
    pub(crate) fn after_purchases(&self, x: f64) -> (f64, f64) {
        (self.a, self.b + x + self.chances_at_start)
    }

    /// The repeat purchases of a random customer; each takes `phases` Poisson events.
    pub(crate) fn draw(&self, draws: &mut Draws, age: f64, phases: u32) -> Vec<f64> {
        let rate = draws.gamma(self.r) / self.alpha;
        let dropout = draws.beta(self.a, self.b);
        let (mut times, mut last) = (Vec::new(), 0.0);
        if self.chances_at_start > 0.0 && draws.uniform() < dropout {
            return times;
        }
        loop {
            let next = last + (0..phases).map(|_| draws.exponential()).sum::<f64>() / rate;
            // A waiting time too small to move the clock would be a purchase at the same time.
            if !(next > last && next <= age) {
                return times;
            }
            times.push(next);
            last = next;
            if draws.uniform() < dropout {
                return times;
            }
        }
    }
}

/// What is known of a customer who is alive: rate λ ~ Gamma(shape, scale), dropout p ~ Beta(a, b),
/// with the next chance to drop out after the next purchase.
///
/// In the BG/NBD after x purchases by age T: shape = r + x, scale = α + T, Beta(a, b + x).
#[derive(Debug, Clone, Copy)]
pub struct DropoutCustomer {
    shape: f64,
    scale: f64,
    a: f64,
    b: f64,
}

impl AliveCustomer for DropoutCustomer {
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

impl DropoutCustomer {
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
    use crate::special::{ln_add_exp, logistic};
    use approx::assert_relative_eq;

    #[test]
    fn one_exponential_gives_share_and_sum() {
        for ln_alive in [-900.0, -3.5, -0.1, 0.0] {
            for ln_gone in [f64::NEG_INFINITY, -901.0, -40.0, -3.5, -0.2, 2.0] {
                let (gone, ln_sum) = either(ln_alive, ln_gone);
                assert_eq!(gone, logistic(ln_gone - ln_alive));
                assert_relative_eq!(
                    ln_sum,
                    ln_add_exp(ln_alive, ln_gone),
                    max_relative = 1e-15,
                    epsilon = 1e-15
                );
            }
        }
    }

    #[test]
    fn closed_form_and_integral_are_the_same() {
        for (shape, a, b) in [(0.24, 0.79, 2.43), (7.5, 0.3, 9.0), (2.0, 3.0, 0.6), (250.0, 1.4, 252.0)] {
            let customer = DropoutCustomer { shape, scale: 40.0, a, b };
            for ratio in [1e-2, 0.3, 1.0, 20.0] {
                let closed = customer.closed_form(ratio).expect("digits are left");
                assert_relative_eq!(closed, customer.dropout_integral(ratio), max_relative = 1e-10);
            }
        }
    }
}
