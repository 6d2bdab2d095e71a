//! A customer who buys regularly, is alive, and may drop out after the next purchase.

use crate::models::nbd::counts::{ln_negative_binomial, negative_binomial_tails, negative_binomials};
use crate::numeric::quadrature::beta_expectation;
use crate::numeric::special::{ln_beta_survival, negative_binomial_tail};
use crate::purchases::process::AliveCustomer;

/// Purchases that are added one by one; longer sums are left to the generating function.
const TERMS: u64 = 400;
/// Dropout probabilities from which the sum over purchases needs only a few terms, whereas the
/// generating function cancels.
const LIKELY_DROPOUT: f64 = 0.5;
/// Terms of that sum: 2^−60 is left.
const FEW_TERMS: u64 = 60;

/// The distribution of a living customer: dropout p ~ Beta(a, b), and, for each number of
/// phases that may have passed since the last purchase, its probability; with j phases the rate is
/// λ ~ Gamma(shape + j, scale) and k − j phases are left to the next purchase.
#[derive(Debug, Clone)]
pub struct CnbdCustomer {
    pub(super) shape: f64,
    pub(super) scale: f64,
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) weights: Vec<f64>,
}

/// One of the cases of an [`CnbdCustomer`] at one horizon.
struct Case {
    k: u64,
    /// Phases passed since the last purchase.
    passed: u64,
    shape: f64,
    scale: f64,
    t: f64,
}

impl Case {
    /// P(at least n purchases without dropout): that many phases are a negative binomial tail.
    fn at_least(&self, n: u64) -> f64 {
        if n == 0 {
            return 1.0;
        }
        let phases = (n * self.k - self.passed) as f64;
        negative_binomial_tail(phases, self.shape, self.t / (self.scale + self.t))
    }

    /// P(exactly n purchases without dropout).
    fn exactly(&self, n: u64) -> f64 {
        let from = (n * self.k).saturating_sub(self.passed);
        let until = (n + 1) * self.k - self.passed;
        (from..until).map(|m| ln_negative_binomial(m as f64, self.shape, self.scale, self.t).exp()).sum()
    }

    /// E[N | p] for a dropout probability below one half: [1 − E (1−p)^F] / p, where F counts
    /// purchases without dropout, by the k-th roots of unity.
    ///
    /// With s = (1−p)^(1/k) ω the phases' generating function is (1 + (1−s) t/scale)^−shape. The
    /// root 1 gives the main term, in a form exact as p goes to 0; the others have lost their p.
    fn mean_given(&self, p: f64) -> f64 {
        let (k, passed) = (self.k as f64, self.passed as f64);
        let rate = -(-p).ln_1p() / k;
        // The mean of e^(i rate) over i below k, less 1.
        let over_one = (0..self.k).map(|i| (i as f64 * rate).exp_m1()).sum::<f64>() / k;
        let ratio = self.t / self.scale;
        let ln_main = over_one.ln_1p() - passed * rate - self.shape * (-(-rate).exp_m1() * ratio).ln_1p();
        // The limit at p = 0 is the derivative of the same expression; p times a short time may have lost digits.
        let main = if p > 1e-30 {
            -ln_main.exp_m1() / p
        } else {
            (self.shape * ratio + passed - 0.5 * (k - 1.0)) / k
        };
        main + self.other_roots(rate) / (1.0 - p)
    }

    /// Σ over the roots other than 1 of s^j E[s^M] s / (k (s − 1)), which is real.
    fn other_roots(&self, rate: f64) -> f64 {
        let (k, ratio) = (self.k as f64, self.t / self.scale);
        let size = (-rate).exp();
        let mut sum = 0.0;
        for w in 1..self.k {
            let angle = 2.0 * std::f64::consts::PI * w as f64 / k;
            let (re, im) = (size * angle.cos(), size * angle.sin());
            let (base_re, base_im) = (1.0 + (1.0 - re) * ratio, -im * ratio);
            let ln_size = base_re.hypot(base_im).ln();
            let turn = base_im.atan2(base_re);
            // s^(j+1) E[s^M] in polar form, then divided by s − 1.
            let ln_length = -(self.passed as f64 + 1.0) * rate - self.shape * ln_size;
            let direction = (self.passed as f64 + 1.0) * angle - self.shape * turn;
            let (up_re, up_im) = (ln_length.exp() * direction.cos(), ln_length.exp() * direction.sin());
            let (down_re, down_im) = (re - 1.0, im);
            sum += (up_re * down_re + up_im * down_im) / (down_re * down_re + down_im * down_im);
        }
        sum / k
    }
}

impl CnbdCustomer {
    fn cases(&self, t: f64) -> impl Iterator<Item = (f64, Case)> + '_ {
        let k = self.weights.len() as u64;
        self.weights.iter().zip(0_u64..).filter(|(weight, _)| **weight > 0.0).map(move |(weight, passed)| {
            let shape = self.shape + passed as f64;
            (*weight, Case { k, passed, shape, scale: self.scale, t })
        })
    }

    /// E[(1−p)^n].
    fn stayed(&self, n: u64) -> f64 {
        ln_beta_survival(self.a, self.b, n as f64).exp()
    }

    /// Σ_{n ≥ 1} E[(1−p)^(n−1)] P(at least n purchases without dropout).
    fn mean_of(&self, case: &Case) -> f64 {
        let mut sum = 0.0;
        for n in 1..=TERMS {
            let term = self.stayed(n - 1) * case.at_least(n);
            sum += term;
            if term <= 1e-17 * sum {
                return sum;
            }
        }
        let at_least: Vec<f64> = (1..=FEW_TERMS).map(|n| case.at_least(n)).collect();
        beta_expectation(self.a, self.b, |p| {
            if p < LIKELY_DROPOUT {
                return case.mean_given(p);
            }
            at_least.iter().rev().fold(0.0, |sum, chance| chance + (1.0 - p) * sum)
        })
    }
}

impl AliveCustomer for CnbdCustomer {
    fn expected_purchases(&self, t: f64) -> f64 {
        if t == 0.0 {
            return 0.0;
        }
        if t == f64::INFINITY {
            // The mean of 1 / p.
            return if self.a > 1.0 { (self.a + self.b - 1.0) / (self.a - 1.0) } else { f64::INFINITY };
        }
        self.cases(t).map(|(weight, case)| weight * self.mean_of(&case)).sum()
    }

    fn pmf(&self, n: u64, t: f64) -> f64 {
        let dropped = if n > 0 { self.stayed(n - 1) - self.stayed(n) } else { 0.0 };
        let one = |case: &Case| {
            let gone = if n > 0 { dropped * case.at_least(n) } else { 0.0 };
            self.stayed(n) * case.exactly(n) + gone
        };
        self.cases(t).map(|(weight, case)| weight * one(&case)).sum::<f64>().min(1.0)
    }

    fn pmf_up_to(&self, t: f64, out: &mut [f64]) {
        let mut sums = vec![0.0; out.len()];
        for (weight, case) in self.cases(t) {
            let (k, passed) = (case.k as usize, case.passed as usize);
            let mut phases = vec![0.0; k * out.len() - passed];
            negative_binomials(case.shape, case.scale, t, &mut phases);
            let at_least = negative_binomial_tails(case.shape, case.scale, t, &phases);
            let (mut stayed, mut dropped) = (1.0, 0.0);
            for (n, sum) in sums.iter_mut().enumerate() {
                let (from, until) = ((n * k).saturating_sub(passed), (n + 1) * k - passed);
                let exactly: f64 = phases[from..until].iter().sum();
                *sum += weight * (stayed * exactly + dropped * at_least[from]);
                let next = stayed / (self.a + self.b + n as f64);
                (stayed, dropped) = (next * (self.b + n as f64), next * self.a);
            }
        }
        out.copy_from_slice(&sums);
    }

    fn never(&self) -> f64 {
        0.0
    }

    fn at_least_one(&self, t: f64) -> f64 {
        if t == f64::INFINITY {
            return 1.0;
        }
        self.cases(t).map(|(weight, case)| weight * case.at_least(1)).sum::<f64>().min(1.0)
    }

    /// E[(1−p)^F], where F counts purchases without dropout: their probabilities, or, for many
    /// purchases, 1 − E[p N].
    fn survival(&self, t: f64) -> f64 {
        if t == 0.0 {
            return 1.0;
        }
        if t == f64::INFINITY {
            return 0.0;
        }
        self.cases(t).map(|(weight, case)| weight * self.survival_of(&case)).sum()
    }

    /// The mean over j of (k − j) E[1/λ]; infinite where a shape is 1 or less.
    fn time_to_next_purchase(&self) -> f64 {
        let k = self.weights.len() as f64;
        let one = |(weight, case): (f64, Case)| {
            let mean = if case.shape > 1.0 { case.scale / (case.shape - 1.0) } else { f64::INFINITY };
            weight * (k - case.passed as f64) * mean
        };
        self.cases(0.0).map(one).sum()
    }
}

impl CnbdCustomer {
    fn survival_of(&self, case: &Case) -> f64 {
        let (mut sum, mut left) = (0.0, 1.0);
        for n in 0..TERMS {
            let exactly = case.exactly(n);
            sum += self.stayed(n) * exactly;
            left -= exactly;
            if left * self.stayed(n) <= 1e-15 * sum {
                return sum.min(1.0);
            }
        }
        let exactly: Vec<f64> = (0..FEW_TERMS).map(|n| case.exactly(n)).collect();
        beta_expectation(self.a, self.b, |p| {
            if p < LIKELY_DROPOUT {
                return (1.0 - p * case.mean_given(p)).max(0.0);
            }
            exactly.iter().rev().fold(0.0, |sum, chance| chance + (1.0 - p) * sum)
        })
    }
}
