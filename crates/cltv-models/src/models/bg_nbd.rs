//! BG/NBD: how often customers buy, and when they silently stop.
//!
//! While alive, a customer buys as a Poisson process with rate λ; after each purchase the customer
//! drops out with probability p. Over customers λ ~ Gamma(r, α) and p ~ Beta(a, b), independently.
//! A customer without repeat purchases has had no chance to drop out, so P(alive) = 1.
//!
//! # References
//! Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
//! Pareto/NBD Model, Marketing Science 24(2), 275-284. Equation numbers below are theirs.

use std::fmt;

use serde::Serialize;

use crate::dropout::AliveCustomer;
use crate::error::{FitError, InputError};
use crate::fit::fit;
use crate::fitted::Fitted;
use crate::model::{
    FitOptions, LikelihoodModel, Parameter, Sample, Weighted, all_positive, enough_customers,
};
use crate::purchases::PurchasePredictions;
use crate::rfm::{History, RfmSummary, TimeUnit};
use crate::special::{
    digamma_difference, ln_add_exp, ln_beta, ln_gamma_ratio, logistic, negative_binomial_tail,
};

const NAME: &str = "BG/NBD";

/// The BG/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbd, BgNbdParams, History, TimeUnit, simulate_histories, summary_of};
/// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 2000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = BgNbd::default().fit(&rfm)?;
/// assert!(fit.identified());
/// assert!(fit.p_alive(History::try_new(5, 10.0, 52.0)?) < 0.5);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct BgNbd {
    options: FitOptions,
}

impl BgNbd {
    /// Sets the penalty on the squared log parameters; 0, the default, is maximum likelihood.
    /// See [`FitOptions::penalty`].
    #[must_use]
    pub fn penalty(mut self, penalty: f64) -> Self {
        self.options.penalty = penalty;
        self
    }

    /// Fits r, α, a and b by maximum likelihood.
    ///
    /// # Errors
    /// [`FitError`]: a bad penalty, no repeat purchases, fewer customers than parameters, or no
    /// convergence.
    pub fn fit(&self, rfm: &RfmSummary) -> Result<Fitted<Self>, FitError> {
        fit(self, rfm)
    }
}

/// One distinct history in multiples of the longest age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BgNbdRow {
    x: f64,
    t_x: f64,
    age: f64,
}

impl LikelihoodModel for BgNbd {
    type Row = BgNbdRow;
    type Params = BgNbdParams;
    const NAME: &'static str = NAME;
    const PARAMETERS: &'static [Parameter] =
        &[Parameter::shape("r"), Parameter::scale("alpha"), Parameter::shape("a"), Parameter::shape("b")];

    fn options(&self) -> FitOptions {
        self.options
    }

    fn sample(&self, rfm: &RfmSummary) -> Result<Sample<BgNbdRow>, FitError> {
        enough_customers(rfm, NAME, Self::PARAMETERS.len(), rfm.len(), "all customers")?;
        let scale = rfm.age().iter().copied().fold(0.0, f64::max);
        let row = |history: History| BgNbdRow {
            x: history.x as f64,
            t_x: history.t_x / scale,
            age: history.T / scale,
        };
        let rows = rfm.histories().into_iter().map(row).collect();
        Ok(Sample {
            rows: Sample::compress(rows, |l: &BgNbdRow, r: &BgNbdRow| {
                let by_x = l.x.total_cmp(&r.x);
                by_x.then(l.t_x.total_cmp(&r.t_x)).then(l.age.total_cmp(&r.age))
            }),
            customers: rfm.len(),
            scale,
            densities: rfm.repeat_purchases() as f64,
        })
    }

    fn starts(&self, sample: &Sample<BgNbdRow>) -> Vec<Vec<f64>> {
        let purchases: f64 = sample.rows.iter().map(|row| row.weight * row.row.x).sum();
        let time: f64 = sample.rows.iter().map(|row| row.weight * row.row.age).sum();
        let rate = purchases / time;
        [(0.25, 0.8, 2.5), (1.0, 1.0, 1.0), (0.5, 0.1, 4.0), (3.0, 2.0, 10.0)]
            .map(|(r, a, b)| vec![r, r / rate, a, b])
            .to_vec()
    }

    fn log_likelihood(theta: &[f64], rows: &[Weighted<BgNbdRow>], gradient: &mut [f64]) -> f64 {
        let at = Likelihood::new(theta);
        let (mut sum, mut shared) = (0.0, at.shared(0.0));
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.x {
                shared = at.shared(row.x);
            }
            sum += weight * at.row(row, &shared, *weight, gradient);
        }
        sum
    }

    fn params(theta: &[f64], unit: TimeUnit) -> Result<BgNbdParams, InputError> {
        BgNbdParams::new(theta[0], theta[1], theta[2], theta[3], unit)
    }
}

/// The likelihood at one parameter vector (equation 6, in logarithms).
struct Likelihood {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
}

/// What all rows with the same x share.
struct Shared {
    x: f64,
    value: f64,
    /// ln[a / (b + x − 1)], the odds of dropping out at the last purchase; −∞ without one.
    ln_dropout: f64,
    by_r: f64,
    by_a: f64,
    by_b: f64,
}

impl Likelihood {
    fn new(theta: &[f64]) -> Self {
        let (r, alpha, a, b) = (theta[0], theta[1], theta[2], theta[3]);
        Self { r, alpha, a, b }
    }

    fn shared(&self, x: f64) -> Shared {
        let Self { r, a, b, .. } = *self;
        let by_sum = digamma_difference(a + b, x);
        let ln_dropout = if x > 0.0 { a.ln() - (b + x - 1.0).ln() } else { f64::NEG_INFINITY };
        Shared {
            x,
            value: ln_gamma_ratio(r, x) + ln_gamma_ratio(b, x) - ln_gamma_ratio(a + b, x),
            ln_dropout,
            by_r: digamma_difference(r, x),
            by_a: -by_sum,
            by_b: digamma_difference(b, x) - by_sum,
        }
    }

    /// One row's log-likelihood; its derivatives times `weight` are added to `gradient`.
    fn row(&self, row: &BgNbdRow, shared: &Shared, weight: f64, gradient: &mut [f64]) -> f64 {
        let Self { r, alpha, a, b } = *self;
        let BgNbdRow { x, t_x, age } = *row;
        // Either still alive at T, or dropped out right after the purchase at t_x.
        let (to_end, to_last) = ((age / alpha).ln_1p(), (t_x / alpha).ln_1p());
        let ln_alive = -(r + x) * to_end;
        let ln_gone = shared.ln_dropout - (r + x) * to_last;
        let gone = logistic(ln_gone - ln_alive);
        let alive = 1.0 - gone;
        gradient[0] += weight * (shared.by_r - alive * to_end - gone * to_last);
        let by_alpha =
            alive * (r * age / alpha - x) / (alpha + age) + gone * (r * t_x / alpha - x) / (alpha + t_x);
        gradient[1] += weight * by_alpha;
        gradient[2] += weight * (shared.by_a + gone / a);
        let by_b = if x > 0.0 { gone / (b + x - 1.0) } else { 0.0 };
        gradient[3] += weight * (shared.by_b - by_b);
        shared.value - x * alpha.ln() + ln_add_exp(ln_alive, ln_gone)
    }
}

/// BG/NBD parameters, fitted or published: all predictions are here.
///
/// They are methods of [`PurchasePredictions`], which has to be imported.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
/// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let history = History::try_new(2, 30.43, 38.86)?;
/// assert!((params.p_alive(history) - 0.7266).abs() < 1e-4);
/// assert!((params.expected_purchases(history, 39.0) - 1.2260).abs() < 1e-4);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BgNbdParams {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    unit: TimeUnit,
}

impl BgNbdParams {
    /// Checks parameters, for example published ones.
    ///
    /// # Errors
    /// [`InputError::BadParameter`] when one is not positive and finite.
    pub fn new(r: f64, alpha: f64, a: f64, b: f64, unit: TimeUnit) -> Result<Self, InputError> {
        all_positive(NAME, &[("r", r), ("alpha", alpha), ("a", a), ("b", b)])?;
        Ok(Self { r, alpha, a, b, unit })
    }

    /// Shape of the purchase rates.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.r
    }

    /// Scale of the purchase rates, in time units.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.alpha
    }

    /// First shape of the dropout probabilities.
    #[must_use]
    pub fn a(&self) -> f64 {
        self.a
    }

    /// Second shape of the dropout probabilities.
    #[must_use]
    pub fn b(&self) -> f64 {
        self.b
    }

    /// Mean dropout probability after a purchase, a / (a + b).
    #[must_use]
    pub fn mean_dropout(&self) -> f64 {
        self.a / (self.a + self.b)
    }

    /// The log-likelihood of a history, with the densities of its purchase times.
    ///
    /// # References
    /// Equation 6.
    #[must_use]
    pub fn log_likelihood(&self, history: History) -> f64 {
        if !history.is_possible() {
            return f64::NAN;
        }
        let at = Likelihood::new(&[self.r, self.alpha, self.a, self.b]);
        let row = BgNbdRow { x: history.x as f64, t_x: history.t_x, age: history.T };
        at.row(&row, &at.shared(row.x), 1.0, &mut [0.0; 4])
    }

    fn ln_odds_gone(&self, history: History) -> f64 {
        if !history.is_possible() {
            return f64::NAN;
        }
        if history.x == 0 {
            return f64::NEG_INFINITY;
        }
        let x = history.x as f64;
        let since_last = (history.T - history.t_x) / (self.alpha + history.t_x);
        self.a.ln() - (self.b + x - 1.0).ln() + (self.r + x) * since_last.ln_1p()
    }

    /// What is known of a customer alive at age T with x repeat purchases.
    fn alive(&self, x: f64, age: f64) -> AliveCustomer {
        AliveCustomer { shape: self.r + x, scale: self.alpha + age, a: self.a, b: self.b + x }
    }
}

impl PurchasePredictions for BgNbdParams {
    /// The unit of all times.
    fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// P(alive | x, t_x, T) = 1 / (1 + a/(b+x−1) · ((α+T)/(α+t_x))^(r+x)); 1 when x = 0.
    ///
    /// # References
    /// Fader, Hardie & Lee (2008), Computing P(alive) Using the BG/NBD Model.
    fn p_alive(&self, history: History) -> f64 {
        logistic(-self.ln_odds_gone(history))
    }

    /// 1 − P(alive) without cancellation.
    fn p_gone(&self, history: History) -> f64 {
        logistic(self.ln_odds_gone(history))
    }

    /// Expected purchases in (T, T + horizon] of a customer known to be alive at T.
    ///
    /// (a+b+x−1)/(a−1) · [1 − ...] with a Gauss hypergeometric function by Euler's transformation,
    /// and an integral near its removable poles.
    ///
    /// # References
    /// Equation 10, without P(alive).
    fn expected_purchases_if_alive(&self, history: History, horizon: f64) -> f64 {
        if !history.is_possible() {
            return f64::NAN;
        }
        self.alive(history.x as f64, history.T).expected_purchases(horizon)
    }

    /// Expected purchases of a new customer in the first `t` after the first purchase.
    ///
    /// # References
    /// Equation 9.
    fn expected_purchases_new(&self, t: f64) -> f64 {
        self.alive(0.0, 0.0).expected_purchases(t)
    }

    /// P(X(t) = n): the chance that a new customer makes n repeat purchases within t.
    ///
    /// # References
    /// Equation 8; its finite sum is an incomplete beta function, which keeps its digits where
    /// 1 − sum would not.
    fn pmf(&self, n: u64, t: f64) -> f64 {
        if t.is_nan() || t < 0.0 || t == f64::INFINITY {
            return f64::NAN;
        }
        if t == 0.0 {
            return f64::from(u8::from(n == 0));
        }
        let (Self { r, alpha, a, b, .. }, x) = (*self, n as f64);
        let ratio = t / alpha;
        let ln_factorial = ln_gamma_ratio(1.0, x);
        let ln_z = -(alpha / t).ln_1p();
        let ln_count = ln_gamma_ratio(r, x) - ln_factorial - r * ratio.ln_1p() + x * ln_z;
        let still_alive = (ln_beta(a, b + x) - ln_beta(a, b) + ln_count).exp();
        if n == 0 {
            return still_alive;
        }
        let dropped_at_n = (ln_beta(a + 1.0, b + x - 1.0) - ln_beta(a, b)).exp();
        still_alive + dropped_at_n * negative_binomial_tail(x, r, ratio / (1.0 + ratio))
    }
}

impl fmt::Display for BgNbdParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self { r, a, b, .. }, alpha, unit) = (self, self.alpha, self.unit);
        write!(f, "r = {r:.4}, alpha = {alpha:.4} {unit}s, a = {a:.4}, b = {b:.4}")
    }
}
