//! Pareto/NBD: purchase rates and exponential dropout times, both heterogeneous.
//!
//! While alive, a customer buys as a Poisson process with rate λ; the customer drops out at an
//! exponential time with rate μ, whether or not the customer buys. Over customers λ ~ Gamma(r, α) and
//! μ ~ Gamma(s, β), independently.
//!
//! # References
//! - Schmittlein, Morrison & Colombo (1987), Counting Your Customers: Who Are They and What Will
//!   They Do Next?, Management Science 33(1), 1-24.
//! - Fader & Hardie (2005), A Note on Deriving the Pareto/NBD Model and Related Expressions.
//!   Equation numbers are theirs.

use serde::{Deserialize, Serialize};

use super::dropout_time::{ByParameters, ByTwoParameters, DropoutTime};
use super::integrand::ContinuousDropout;
use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, Parameter, Sample};
use crate::numeric::random::Draws;
use crate::numeric::special::ln_one_plus;
use crate::purchases::model::HistoryModel;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::rows::{HistoryRow, mean_rate};
use crate::summary::rfm::RfmSummary;

/// The Pareto/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{History, ParetoNbd, ParetoNbdParams, TimeUnit, simulate_histories, summary_of};
/// let truth = ParetoNbdParams::new(0.8, 6.0, 0.9, 12.0, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 2000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = ParetoNbd::default().fit(&rfm)?;
/// assert!(fit.identified());
/// assert!(fit.p_alive(History::try_new(5, 10.0, 52.0)?) < 0.5);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ParetoNbd {
    options: FitOptions,
}

fitted_by_likelihood!(ParetoNbd, RfmSummary, "r, α, s and β");

impl HistoryModel for ParetoNbd {
    type Params = ParetoNbdParams;
    type Process = ContinuousDropout<ParetoDropoutTime>;
    const NAME: &'static str = "Pareto/NBD";
    const KEY: &'static str = "pareto_nbd";
    const DROPOUT_PARAMETERS: &'static [&'static str] = &["s", "beta"];
    const PARAMETERS: &'static [Parameter] = ParetoNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        let rate = mean_rate(sample);
        [(0.5, 0.6, 0.3), (1.0, 1.0, 1.0), (0.5, 2.0, 5.0), (3.0, 0.5, 0.5)]
            .map(|(r, s, beta)| vec![r, r / rate, s, beta])
            .to_vec()
    }

    fn process(&self, theta: &[f64]) -> ContinuousDropout<ParetoDropoutTime> {
        let dropout_time = ParetoDropoutTime::new(theta[2], theta[3]);
        ContinuousDropout { r: theta[0], alpha: theta[1], dropout_time }
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<ParetoNbdParams, InputError> {
        ParetoNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// Pareto/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
    /// imported:
    /// - the likelihood is Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫ f(τ) (α+τ)^−(r+x) dτ] over
    ///   t_x ≤ τ ≤ T, with S(t) = (β/(β+t))^s and f its density (equations 15-18), by a quadrature
    ///   of positive terms that is as exact as the hypergeometric closed forms and has none of
    ///   their branches, limits and overflows;
    /// - P(alive) is the first term's share of the bracket;
    /// - expected purchases of a customer alive at T are
    ///   (r+x)/(α+T) · (β+T)/(s−1) · [1 − ((β+T)/(β+T+t))^(s−1)] (equations 30 and 41), with its
    ///   limit at s = 1;
    /// - a customer alive at T is a new customer with r + x, α + T, s, β + T, whose PMF is
    ///   S(t) P(N(t) = n) + ∫ f(τ) P(N(τ) = n) dτ with a negative binomial N.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{History, ParetoNbdParams, PurchasePredictions, TimeUnit};
    /// let params = ParetoNbdParams::new(0.553, 10.578, 0.606, 11.669, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!((params.p_alive(history) - 0.8692).abs() < 1e-4);
    /// assert!((params.expected_purchases(history, 39.0) - 1.4551).abs() < 1e-4);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct ParetoNbdParams of "Pareto/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// Shape of the dropout rates.
        s: shape,
        /// Scale of the dropout rates, in time units.
        beta: scale,
    }
}

impl PurchaseParameters for ParetoNbdParams {
    type Process = ContinuousDropout<ParetoDropoutTime>;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> ContinuousDropout<ParetoDropoutTime> {
        ParetoNbd::default().process(&self.theta())
    }
}

/// Exponential dropout times with rates μ ~ Gamma(s, β) over customers: Pareto of the second kind,
/// S(t) = (β / (β + t))^s.
#[derive(Debug, Clone, Copy)]
pub struct ParetoDropoutTime {
    s: f64,
    beta: f64,
    /// ln(s/β), the logarithm of the density at 0.
    ln_level: f64,
}

impl ParetoDropoutTime {
    pub(crate) fn new(s: f64, beta: f64) -> Self {
        Self { s, beta, ln_level: (s / beta).ln() }
    }
}

impl DropoutTime for ParetoDropoutTime {
    const PARAMETERS: usize = 2;

    fn ln_survival(&self, t: f64) -> f64 {
        -self.s * ln_one_plus(t / self.beta)
    }

    fn ln_density(&self, t: f64) -> f64 {
        self.ln_level - (self.s + 1.0) * ln_one_plus(t / self.beta)
    }

    fn survival_by(&self, t: f64) -> (f64, ByParameters) {
        let ln_time = ln_one_plus(t / self.beta);
        let by_beta = self.s * t / (self.beta * (self.beta + t));
        (-self.s * ln_time, [-ln_time, by_beta, 0.0])
    }

    fn density_by(&self, t: f64) -> (f64, ByParameters) {
        let ln_time = ln_one_plus(t / self.beta);
        let by_beta = (self.s * t / self.beta - 1.0) / (self.beta + t);
        let ln = self.ln_level - (self.s + 1.0) * ln_time;
        (ln, [1.0 / self.s - ln_time, by_beta, 0.0])
    }

    fn second(&self, t: f64) -> Option<(ByTwoParameters, ByTwoParameters)> {
        let Self { s, beta, .. } = *self;
        let by = t / (beta * (beta + t));
        let survival = [0.0, by, 0.0, -s * by * (1.0 / beta + 1.0 / (beta + t)), 0.0, 0.0];
        let slope = (s * t / beta - 1.0) / (beta + t);
        let density = [-1.0 / (s * s), by, 0.0, -(s * by / beta + slope / (beta + t)), 0.0, 0.0];
        Some((survival, density))
    }

    fn slope(&self, t: f64) -> f64 {
        (self.s + 1.0) / (self.beta + t)
    }

    fn smooth_for(&self, t: f64) -> f64 {
        self.beta + t
    }

    fn rise(&self) -> f64 {
        0.0
    }

    /// β/(s−1) [1 − (1 + t/β)^−(s−1)], which is β ln(1 + t/β) at s = 1.
    fn mean_up_to(&self, t: f64) -> f64 {
        let (over, ln_time) = (self.s - 1.0, ln_one_plus(t / self.beta));
        if over == 0.0 {
            return self.beta * ln_time;
        }
        self.beta * (-(-over * ln_time).exp_m1() / over)
    }

    fn scale(&self) -> f64 {
        self.beta
    }

    fn tail_power(&self) -> f64 {
        self.s
    }

    fn later(&self, age: f64) -> Self {
        Self::new(self.s, self.beta + age)
    }

    /// μ ~ Gamma(s + 1, β + age), whose density at a dropout time is μ e^(−μ age).
    fn of_dropped_out(&self, age: f64) -> Self {
        Self::new(self.s + 1.0, self.beta + age)
    }

    fn draw(&self, draws: &mut Draws) -> f64 {
        draws.exponential() * self.beta / draws.gamma(self.s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_mean_dropout_time_is_regular_at_one() {
        let mean = |s: f64| ParetoDropoutTime::new(s, 11.0).mean_up_to(30.0);
        assert_relative_eq!(mean(1.0), 11.0 * (41.0_f64 / 11.0).ln(), max_relative = 1e-15);
        for s in [1.0 - 1e-13, 1.0 + 1e-9, 1.0 - 1e-5] {
            assert_relative_eq!(mean(s), mean(1.0), max_relative = 1e-4);
        }
        assert_eq!(ParetoDropoutTime::new(3.0, 8.0).mean_up_to(f64::INFINITY), 4.0);
        assert!(mean(0.9) > mean(1.0));
    }
}
