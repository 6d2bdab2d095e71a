//! NBD: purchase rates without dropout. A baseline for the models with dropout.
//!
//! A customer buys as a Poisson process with rate λ for ever; over customers λ ~ Gamma(r, α). So
//! P(alive) = 1, and recency carries no information.
//!
//! # References
//! Ehrenberg (1959), The Pattern of Consumer Purchases, Applied Statistics 8(1), 26-41.

pub(crate) mod counts;

use serde::{Deserialize, Serialize};

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, Parameter, Sample, Weighted};
use crate::models::nbd::counts::{
    ln_negative_binomial, negative_binomial_at_least_one, negative_binomials, poisson_times,
};
use crate::numeric::random::Draws;
use crate::numeric::special::{digamma_difference, ln_gamma_ratio};
use crate::purchases::model::HistoryModel;
use crate::purchases::process::{AliveCustomer, PurchaseParameters, PurchaseProcess};
use crate::purchases::rows::{HistoryRow, HistoryRows, mean_rate};
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

/// The NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{History, Nbd, NbdParams, TimeUnit, simulate_histories, summary_of};
/// let truth = NbdParams::new(0.8, 6.0, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 500], 7);
/// let fit = Nbd::default().fit(&summary_of(TimeUnit::Week, &histories, None)?)?;
/// let history = History::try_new(3, 10.0, 52.0)?;
/// assert_eq!(fit.p_alive(history), 1.0);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Nbd {
    options: FitOptions,
}

fitted_by_likelihood!(Nbd, RfmSummary, "r and α");

impl HistoryModel for Nbd {
    type Params = NbdParams;
    type Process = NbdProcess;
    const NAME: &'static str = "NBD";
    const KEY: &'static str = "nbd";
    const DROPOUT_PARAMETERS: &'static [&'static str] = &[];
    const PARAMETERS: &'static [Parameter] = NbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        let rate = mean_rate(sample);
        [0.3, 1.0, 4.0].map(|r| vec![r, r / rate]).to_vec()
    }

    fn process(&self, theta: &[f64]) -> NbdProcess {
        NbdProcess { r: theta[0], alpha: theta[1] }
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<NbdParams, InputError> {
        NbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
    /// imported: P(alive) = 1; expected purchases (r+x)/(α+T) · t; counts are negative binomial.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{History, NbdParams, PurchasePredictions, TimeUnit};
    /// let params = NbdParams::new(0.385, 12.07, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!((params.expected_purchases(history, 39.0) - 1.8263).abs() < 1e-4);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct NbdParams of "NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
    }
}

/// A customer who buys at a Gamma(shape, scale) rate for ever.
#[derive(Debug, Clone, Copy)]
pub struct NbdCustomer {
    shape: f64,
    scale: f64,
}

impl AliveCustomer for NbdCustomer {
    fn expected_purchases(&self, t: f64) -> f64 {
        self.shape / self.scale * t
    }

    fn pmf(&self, n: u64, t: f64) -> f64 {
        ln_negative_binomial(n as f64, self.shape, self.scale, t).exp()
    }

    fn pmf_up_to(&self, t: f64, out: &mut [f64]) {
        negative_binomials(self.shape, self.scale, t, out);
    }

    fn never(&self) -> f64 {
        0.0
    }

    fn at_least_one(&self, t: f64) -> f64 {
        negative_binomial_at_least_one(self.shape, self.scale, t)
    }

    fn factorial_moment(&self, t: f64) -> f64 {
        let reach = t / self.scale;
        self.shape * (self.shape + 1.0) * reach * reach
    }

    fn survival(&self, _t: f64) -> f64 {
        1.0
    }

    fn time_to_next_purchase(&self) -> f64 {
        if self.shape > 1.0 { self.scale / (self.shape - 1.0) } else { f64::INFINITY }
    }
}

impl PurchaseParameters for NbdParams {
    type Process = NbdProcess;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> NbdProcess {
        Nbd::default().process(&self.theta())
    }
}

/// Poisson purchases at a Gamma(r, α) rate for ever.
#[derive(Debug, Clone, Copy)]
pub struct NbdProcess {
    r: f64,
    alpha: f64,
}

impl PurchaseProcess for NbdProcess {
    type Customer = NbdCustomer;

    /// Γ(r+x)/Γ(r) α^r (α+T)^−(r+x), with the densities of the purchase times.
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        let Self { r, alpha } = *self;
        let at = |x: f64| (x, ln_gamma_ratio(r, x) - x * alpha.ln(), digamma_difference(r, x));
        let (mut sum, mut shared) = (0.0, at(0.0));
        for Weighted { row: HistoryRow { x, age, .. }, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if *x != shared.0 {
                shared = at(*x);
            }
            let ln_time = (age / alpha).ln_1p();
            sum += weight * (shared.1 - (r + x) * ln_time);
            gradient[0] += weight * (shared.2 - ln_time);
            gradient[1] += weight * (r * age / alpha - x) / (alpha + age);
        }
        sum
    }

    fn ln_odds_gone(&self, _history: History) -> f64 {
        f64::NEG_INFINITY
    }

    /// Nobody drops out.
    fn reactivated(&self, _history: History, _each: &mut dyn FnMut(f64, NbdCustomer)) {}

    fn alive(&self, history: History) -> NbdCustomer {
        NbdCustomer { shape: self.r + history.x as f64, scale: self.alpha + history.T }
    }

    fn newcomer(&self) -> (f64, NbdCustomer) {
        (1.0, NbdCustomer { shape: self.r, scale: self.alpha })
    }

    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
        let rate = draws.gamma(self.r) / self.alpha;
        poisson_times(draws, rate, age)
    }
}
