//! Purchases at opportunities by customers who may drop out before each: the BG/BB's mathematics.

use crate::numeric::gauss::ln_series;
use crate::numeric::quadrature::beta_expectation;
use crate::numeric::special::{digamma_difference, ln_add_exp, ln_beta_survival, ln_gamma_ratio, logistic};
use crate::opportunities::history::OpportunityHistory;

/// One distinct history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgBbRow {
    x: f64,
    t_x: f64,
    n: f64,
}

impl From<OpportunityHistory> for BgBbRow {
    fn from(history: OpportunityHistory) -> Self {
        Self { x: history.x as f64, t_x: history.t_x as f64, n: history.n as f64 }
    }
}

/// The likelihood at one parameter vector (equation 5, in logarithms).
pub(crate) struct Likelihood {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    pub(crate) gamma: f64,
    pub(crate) delta: f64,
}

/// ln of one of the likelihood's two parts, with its derivatives.
pub(crate) struct Part {
    pub(crate) ln: f64,
    by: [f64; 4],
}

impl Likelihood {
    pub(crate) fn row(&self, row: &BgBbRow, weight: f64, gradient: &mut [f64]) -> f64 {
        let (alive, gone) = (self.alive(row), self.gone(row));
        let share = logistic(gone.ln - alive.ln);
        for (k, slope) in gradient.iter_mut().enumerate() {
            *slope += weight * ((1.0 - share) * alive.by[k] + share * gone.by[k]);
        }
        ln_add_exp(alive.ln, gone.ln)
    }

    /// Alive at all n opportunities.
    pub(crate) fn alive(&self, row: &BgBbRow) -> Part {
        let Self { gamma, delta, .. } = *self;
        let bought = self.bought(row.x, row.n);
        let by_both = digamma_difference(gamma + delta, row.n);
        Part {
            ln: bought.ln + ln_beta_survival(gamma, delta, row.n),
            by: [bought.by[0], bought.by[1], -by_both, digamma_difference(delta, row.n) - by_both],
        }
    }

    /// x purchases at `m` opportunities while alive: B(α+x, β+m−x) / B(α, β).
    fn bought(&self, x: f64, m: f64) -> Part {
        let Self { alpha, beta, .. } = *self;
        let by_both = digamma_difference(alpha + beta, m);
        Part {
            ln: ln_gamma_ratio(alpha, x) + ln_gamma_ratio(beta, m - x) - ln_gamma_ratio(alpha + beta, m),
            by: [digamma_difference(alpha, x) - by_both, digamma_difference(beta, m - x) - by_both, 0.0, 0.0],
        }
    }

    /// Dropped out before opportunity j + 1, for j from t_x to n − 1. The terms fall, so they are
    /// added against the first.
    pub(crate) fn gone(&self, row: &BgBbRow) -> Part {
        let Self { alpha, beta, gamma, delta } = *self;
        let BgBbRow { x, t_x, n } = *row;
        if t_x >= n {
            return Part { ln: f64::NEG_INFINITY, by: [0.0; 4] };
        }
        let bought = self.bought(x, t_x);
        let by_both = digamma_difference(gamma + delta, t_x + 1.0);
        let mut by =
            [bought.by[0], bought.by[1], 1.0 / gamma - by_both, digamma_difference(delta, t_x) - by_both];
        let first = bought.ln + ln_beta_survival(gamma, delta, t_x) + gamma.ln() - (gamma + delta + t_x).ln();
        let (mut term, mut sum, mut j) = (1.0, 1.0, t_x);
        let mut total = by;
        while j + 1.0 < n && term > 1e-18 * sum {
            let (not_bought, chances) = (beta + j - x, alpha + beta + j);
            let (stayed, lives) = (delta + j, gamma + delta + j + 1.0);
            term *= not_bought / chances * (stayed / lives);
            by[0] -= 1.0 / chances;
            by[1] += 1.0 / not_bought - 1.0 / chances;
            by[2] -= 1.0 / lives;
            by[3] += 1.0 / stayed - 1.0 / lives;
            sum += term;
            total.iter_mut().zip(by).for_each(|(total, by)| *total += term * by);
            j += 1.0;
        }
        Part { ln: first + sum.ln(), by: total.map(|total| total / sum) }
    }
}

/// A customer alive at an opportunity; `m` counts the next ones.
pub(crate) struct Alive(pub(crate) Likelihood);

impl Alive {
    /// P(alive at opportunity m).
    pub(crate) fn survival(&self, m: u64) -> f64 {
        ln_beta_survival(self.0.gamma, self.0.delta, m as f64).exp()
    }

    /// α/(α+β) Σ_{i=1}^m E[(1−θ)^i] / (1+d)^i = α/(α+β) E[(1−θ) (1 − q^m) / (d + θ)], where
    /// q = (1−θ)/(1+d): regular at γ = 1, and for any m.
    pub(crate) fn discounted(&self, m: f64, rate: f64) -> f64 {
        let Likelihood { alpha, beta, gamma, delta } = self.0;
        if rate.is_nan() || rate < 0.0 {
            return f64::NAN;
        }
        if m == 0.0 {
            return 0.0;
        }
        if m == f64::INFINITY && rate == 0.0 {
            // The mean of (1−θ)/θ.
            return if gamma > 1.0 { alpha / (alpha + beta) * delta / (gamma - 1.0) } else { f64::INFINITY };
        }
        let sum = beta_expectation(gamma, delta, |theta| {
            let ln_q = (-theta).ln_1p() - rate.ln_1p();
            if ln_q == 0.0 {
                return m;
            }
            (1.0 - theta) * -(m * ln_q).exp_m1() / (rate + theta)
        });
        alpha / (alpha + beta) * sum
    }

    /// Equation 7.
    pub(crate) fn pmf(&self, k: u64, m: u64) -> f64 {
        if k > m {
            return 0.0;
        }
        let Likelihood { gamma, delta, .. } = self.0;
        let x = k as f64;
        let ln_ways = |i: f64| ln_gamma_ratio(x + 1.0, i - x) - ln_gamma_ratio(1.0, i - x);
        let bought = |i: f64| self.0.bought(x, i).ln + ln_ways(i);
        let alive = bought(m as f64) + ln_beta_survival(gamma, delta, m as f64);
        let dropped = |i: u64| {
            let i = i as f64;
            bought(i) + ln_beta_survival(gamma, delta, i) + gamma.ln() - (gamma + delta + i).ln()
        };
        let sum: f64 = (k..m).map(|i| dropped(i).exp()).sum();
        (alive.exp() + sum).min(1.0)
    }

    /// Σ k P(k) / Σ P(k), where P(k) = E[p (1−p)^(k−1)] E[(1−θ)^k] is the chance that the next
    /// purchase is at opportunity k.
    pub(crate) fn time_to_next(&self) -> f64 {
        let Likelihood { alpha, beta, gamma, delta } = self.0;
        let power = alpha + 1.0 + gamma;
        let ln_p = |k: f64| {
            ln_beta_survival(alpha, beta, k - 1.0) - (alpha + beta + k - 1.0).ln()
                + ln_beta_survival(gamma, delta, k)
        };
        let times = ln_series(power - 1.0, |k| k.ln() + ln_p(k));
        (times - ln_series(power, ln_p)).exp()
    }
}
