//! Exponential/NBD: purchase rates that differ, and one dropout rate for all customers.
//!
//! While alive, a customer buys as a Poisson process with rate λ; the customer drops out at an
//! exponential time with rate μ, the same for all customers. Over customers λ ~ Gamma(r, α). It is the
//! limit of the Pareto/NBD for s → ∞ with s/β = μ: three parameters instead of four, for data that do
//! not identify the spread of dropout rates.
//!
//! # References
//! Schmittlein, Morrison & Colombo (1987), Counting Your Customers: Who Are They and What Will They
//! Do Next?, Management Science 33(1), 1-24: their model of one customer (Poisson purchases,
//! exponential dropout) mixed over λ only.

use serde::{Deserialize, Serialize};

use super::dropout_time::{ByParameters, ByTwoParameters, DropoutTime};
use super::integrand::ContinuousDropout;
use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, Parameter, Sample};
use crate::numeric::random::Draws;
use crate::purchases::model::HistoryModel;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::rows::{HistoryRow, mean_rate};
use crate::summary::rfm::RfmSummary;

/// The Exponential/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{ExponentialNbd, ExponentialNbdParams, History, TimeUnit};
/// use cltv_models::{simulate_histories, summary_of};
/// let truth = ExponentialNbdParams::new(0.8, 6.0, 0.05, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 2000], 7);
/// let fit = ExponentialNbd::default().fit(&summary_of(TimeUnit::Week, &histories, None)?)?;
/// assert!(fit.identified());
/// assert!(fit.p_alive(History::try_new(5, 10.0, 52.0)?) < 0.5);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ExponentialNbd {
    options: FitOptions,
}

fitted_by_likelihood!(ExponentialNbd, RfmSummary, "r, α and μ");

impl HistoryModel for ExponentialNbd {
    type Params = ExponentialNbdParams;
    type Process = ContinuousDropout<ExponentialDropoutTime>;
    const NAME: &'static str = "Exponential/NBD";
    const KEY: &'static str = "exponential_nbd";
    const DROPOUT_PARAMETERS: &'static [&'static str] = &["mu"];
    const PARAMETERS: &'static [Parameter] = ExponentialNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        let rate = mean_rate(sample);
        [(0.5, 1.0), (1.0, 0.2), (0.3, 5.0), (3.0, 1.0)].map(|(r, mu)| vec![r, r / rate, mu]).to_vec()
    }

    fn process(&self, theta: &[f64]) -> ContinuousDropout<ExponentialDropoutTime> {
        let dropout_time = ExponentialDropoutTime { mu: theta[2] };
        ContinuousDropout { r: theta[0], alpha: theta[1], dropout_time }
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<ExponentialNbdParams, InputError> {
        ExponentialNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// Exponential/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
    /// imported:
    /// - the likelihood is Γ(r+x)/Γ(r) α^r [e^(−μT) (α+T)^−(r+x) + ∫ μ e^(−μτ) (α+τ)^−(r+x) dτ] over
    ///   t_x ≤ τ ≤ T, by a quadrature of positive terms;
    /// - P(alive) is the first term's share of the bracket;
    /// - expected purchases of a customer alive at T are (r+x)/(α+T) · (1 − e^(−μt))/μ;
    /// - a customer alive at T is a new customer with r + x, α + T, μ (exponential dropout times have no
    ///   memory), whose PMF is e^(−μt) P(N(t) = n) + ∫ μ e^(−μτ) P(N(τ) = n) dτ with a negative binomial
    ///   N.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{ExponentialNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = ExponentialNbdParams::new(0.5, 10.0, 0.01, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!(params.p_alive(history) > 0.85);
    /// assert!(params.expected_purchases(history, f64::INFINITY) < 2.5 / 48.86 / 0.01);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct ExponentialNbdParams of "Exponential/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// Dropout rate, a time unit.
        mu: rate,
    }
}

impl PurchaseParameters for ExponentialNbdParams {
    type Process = ContinuousDropout<ExponentialDropoutTime>;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> ContinuousDropout<ExponentialDropoutTime> {
        ExponentialNbd::default().process(&self.theta())
    }
}

/// Exponential dropout times with one rate μ: S(t) = e^(−μt).
#[derive(Debug, Clone, Copy)]
pub struct ExponentialDropoutTime {
    mu: f64,
}

impl DropoutTime for ExponentialDropoutTime {
    const PARAMETERS: usize = 1;

    fn ln_survival(&self, t: f64) -> f64 {
        -self.mu * t
    }

    fn ln_density(&self, t: f64) -> f64 {
        self.mu.ln() - self.mu * t
    }

    fn survival_by(&self, t: f64) -> (f64, ByParameters) {
        (-self.mu * t, [-t, 0.0, 0.0])
    }

    fn density_by(&self, t: f64) -> (f64, ByParameters) {
        (self.ln_density(t), [1.0 / self.mu - t, 0.0, 0.0])
    }

    fn second(&self, _t: f64) -> Option<(ByTwoParameters, ByTwoParameters)> {
        let mut density = ByTwoParameters::default();
        density[0] = -1.0 / (self.mu * self.mu);
        Some((ByTwoParameters::default(), density))
    }

    fn slope(&self, _t: f64) -> f64 {
        self.mu
    }

    /// The density is entire.
    fn smooth_for(&self, _t: f64) -> f64 {
        f64::INFINITY
    }

    fn rise(&self) -> f64 {
        0.0
    }

    /// (1 − e^(−μt)) / μ.
    fn mean_up_to(&self, t: f64) -> f64 {
        -(-self.mu * t).exp_m1() / self.mu
    }

    fn scale(&self) -> f64 {
        1.0 / self.mu
    }

    fn tail_power(&self) -> f64 {
        f64::INFINITY
    }

    fn later(&self, _age: f64) -> Self {
        *self
    }

    fn of_dropped_out(&self, _age: f64) -> Self {
        *self
    }

    fn draw(&self, draws: &mut Draws) -> f64 {
        draws.exponential() / self.mu
    }
}
