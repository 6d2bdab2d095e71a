//! GGompertz/NBD: purchase rates and gamma-Gompertz dropout times.
//!
//! While alive, a customer buys as a Poisson process with rate λ; the customer drops out
//! with the Gompertz hazard η b e^(b t), which rises with age. Over customers λ ~ Gamma(r, α) and η ~ Gamma(s, β),
//! independently. As b goes to 0 with β/b fixed it becomes the Pareto/NBD of scale β/b; a fit near
//! that limit has a Hessian that is flat along b and beta.
//!
//! # References
//! Bemmaor & Glady (2012), Modeling Purchasing Behavior with Sudden "Death": A Flexible Customer
//! Lifetime Model, Management Science 58(5), 1012-1021.

use serde::{Deserialize, Serialize};

use super::dropout_time::DropoutTime;
use super::integrand::ContinuousDropout;
use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, Parameter, Sample};
use crate::numeric::panels::{NEGLIGIBLE, integrate_in_panels};
use crate::numeric::random::Draws;
use crate::numeric::special::ln_add_exp;
use crate::purchases::model::HistoryModel;
use crate::purchases::process::PurchaseParameters;
use crate::purchases::rows::{HistoryRow, mean_rate};
use crate::summary::rfm::RfmSummary;

/// The GGompertz/NBD model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{GgompertzNbd, GgompertzNbdParams, TimeUnit, simulate_histories, summary_of};
/// let truth = GgompertzNbdParams::new(0.8, 4.0, 0.05, 0.6, 1.5, TimeUnit::Week)?;
/// let histories = simulate_histories(&truth, &vec![52.0; 1000], 7);
/// let rfm = summary_of(TimeUnit::Week, &histories, None)?;
/// let fit = GgompertzNbd::default().fit(&rfm)?;
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GgompertzNbd {
    options: FitOptions,
}

fitted_by_likelihood!(GgompertzNbd, RfmSummary, "r, α, b, s and β");

impl HistoryModel for GgompertzNbd {
    type Params = GgompertzNbdParams;
    type Process = ContinuousDropout<GammaGompertzDropoutTime>;
    const NAME: &'static str = "GGompertz/NBD";
    const KEY: &'static str = "ggompertz_nbd";
    const DROPOUT_PARAMETERS: &'static [&'static str] = &["b", "s", "beta"];
    const PARAMETERS: &'static [Parameter] = GgompertzNbdParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn starts(&self, sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
        let rate = mean_rate(sample);
        [(0.5, 0.1, 0.6, 0.03), (1.0, 1.0, 1.0, 1.0), (0.5, 3.0, 0.3, 5.0), (2.0, 0.5, 2.0, 3.0)]
            .map(|(r, b, s, beta)| vec![r, r / rate, b, s, beta])
            .to_vec()
    }

    fn process(&self, theta: &[f64]) -> ContinuousDropout<GammaGompertzDropoutTime> {
        let dropout_time = GammaGompertzDropoutTime { b: theta[2], s: theta[3], beta: theta[4] };
        ContinuousDropout { r: theta[0], alpha: theta[1], dropout_time }
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<GgompertzNbdParams, InputError> {
        GgompertzNbdParams::from_theta(theta, unit)
    }
}

parameters! {
    /// GGompertz/NBD parameters, fitted or published: all predictions are here.
    ///
    /// They are methods of [`PurchasePredictions`](crate::PurchasePredictions), which has to be
    /// imported:
    /// - the likelihood is Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫ f(τ) (α+τ)^−(r+x) dτ] over
    ///   t_x ≤ τ ≤ T, with S(t) = (β/(β−1+e^(b t)))^s and f its density, by a quadrature of positive
    ///   terms exact to about 1e-14;
    /// - expected purchases of a customer alive at T are (r+x)/(α+T) · ∫_0^t S(T+u)/S(T) du;
    /// - a customer alive at T is a new customer with r + x, α + T, b, s, 1 + (β − 1) e^(−b T).
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{GgompertzNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = GgompertzNbdParams::new(0.55, 10.6, 0.02, 0.4, 0.1, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// assert!(params.p_alive(history) > 0.5);
    /// assert!(params.expected_purchases(history, 39.0) < params.expected_purchases(history, 52.0));
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct GgompertzNbdParams of "GGompertz/NBD" {
        /// Shape of the purchase rates.
        r: shape,
        /// Scale of the purchase rates, in time units.
        alpha: scale,
        /// How fast the hazard rises, a time unit.
        b: rate,
        /// Shape of the frailties η.
        s: shape,
        /// Scale of the frailties η, without a unit.
        beta: shape,
    }
}

impl PurchaseParameters for GgompertzNbdParams {
    type Process = ContinuousDropout<GammaGompertzDropoutTime>;

    fn time_unit(&self) -> TimeUnit {
        self.unit
    }

    fn process(&self) -> ContinuousDropout<GammaGompertzDropoutTime> {
        GgompertzNbd::default().process(&self.theta())
    }
}

/// Dropout times with hazard η b e^(b t), η ~ Gamma(s, β) over customers:
/// S(t) = (β / (β − 1 + e^(b t)))^s.
///
/// With b small and β/b fixed it is the Pareto dropout time of scale β/b.
#[derive(Debug, Clone, Copy)]
pub struct GammaGompertzDropoutTime {
    pub(crate) b: f64,
    pub(crate) s: f64,
    pub(crate) beta: f64,
}

impl GammaGompertzDropoutTime {
    /// ln[(β − 1 + e^(b t)) / β] without overflow.
    fn ln_growth(&self, t: f64) -> f64 {
        let w = self.b * t;
        if w < 1.0 {
            return (w.exp_m1() / self.beta).ln_1p();
        }
        ln_add_exp(0.0, w + (-(-w).exp()).ln_1p() - self.beta.ln())
    }

    /// e^(b t) / (β − 1 + e^(b t)).
    fn share(&self, t: f64) -> f64 {
        1.0 / (1.0 + (self.beta - 1.0) * (-self.b * t).exp())
    }

    /// 1 / (β − 1 + e^(b t)).
    fn rest(&self, t: f64) -> f64 {
        self.share(t) * (-self.b * t).exp()
    }
}

impl DropoutTime for GammaGompertzDropoutTime {
    const PARAMETERS: usize = 3;

    fn ln_survival(&self, t: f64) -> f64 {
        -self.s * self.ln_growth(t)
    }

    fn ln_density(&self, t: f64) -> f64 {
        (self.s * self.b / self.beta).ln() + self.b * t - (self.s + 1.0) * self.ln_growth(t)
    }

    /// By b, s and β.
    fn survival_by(&self, t: f64) -> (f64, [f64; 3]) {
        let ln_growth = self.ln_growth(t);
        // e^(bt) − 1 over β − 1 + e^(bt).
        let grown = -(-self.b * t).exp_m1() * self.share(t);
        (-self.s * ln_growth, [-self.s * t * self.share(t), -ln_growth, self.s * grown / self.beta])
    }

    /// By b, s and β.
    fn density_by(&self, t: f64) -> (f64, [f64; 3]) {
        let (ln_growth, share) = (self.ln_growth(t), self.share(t));
        let grown = -(-self.b * t).exp_m1() * share;
        let ln = (self.s * self.b / self.beta).ln() + self.b * t - (self.s + 1.0) * ln_growth;
        let by_b = 1.0 / self.b + t - (self.s + 1.0) * t * share;
        (ln, [by_b, 1.0 / self.s - ln_growth, self.s * grown / self.beta - self.rest(t)])
    }

    fn slope(&self, t: f64) -> f64 {
        self.b * ((self.s + 1.0) * self.share(t) - 1.0).abs()
    }

    /// β − 1 + e^(b t) is 0 at t = ln(1 − β)/b, or at (ln(β − 1) ± iπ)/b for β above 1.
    fn smooth_for(&self, t: f64) -> f64 {
        if self.beta < 1.0 {
            return t - (-self.beta).ln_1p() / self.b;
        }
        let real = t - (self.beta - 1.0).ln() / self.b;
        real.hypot(std::f64::consts::PI / self.b)
    }

    /// The density rises until e^(b t) = (β − 1)/s, at most by a factor of β.
    fn rise(&self) -> f64 {
        self.beta.ln().max(0.0)
    }

    /// By quadrature; exact to about 1e-14.
    fn mean_up_to(&self, t: f64) -> f64 {
        // From where e^(−60) of customers are left no customer adds to the mean.
        let all_gone = (60.0 / self.s + self.beta.ln().max(0.0) + 1.0) / self.b;
        let mut sum = 0.0;
        let slope = |t: f64| self.s * self.b * self.share(t);
        integrate_in_panels(
            0.0,
            t.min(all_gone),
            -NEGLIGIBLE,
            (slope, |t| self.smooth_for(t)),
            |t| self.ln_survival(t),
            |t, weight| {
                sum += weight * self.ln_survival(t).exp();
            },
        );
        sum
    }

    fn scale(&self) -> f64 {
        // β/b for small β; for large β nobody drops out before e^(b t) is near β.
        self.beta.ln_1p() / self.b
    }

    fn tail_power(&self) -> f64 {
        f64::INFINITY
    }

    /// S(age + t)/S(age) is the same distribution with β' = 1 + (β − 1) e^(−b age).
    fn later(&self, age: f64) -> Self {
        let beta = if self.beta < 1.0 {
            self.beta - (1.0 - self.beta) * (-self.b * age).exp_m1()
        } else {
            1.0 + (self.beta - 1.0) * (-self.b * age).exp()
        };
        Self { beta, ..*self }
    }

    /// η ~ Gamma(s + 1, β + e^(b age) − 1), with the hazard of a new customer.
    fn of_dropped_out(&self, age: f64) -> Self {
        Self { s: self.s + 1.0, beta: self.beta + (self.b * age).exp_m1(), ..*self }
    }

    fn draw(&self, draws: &mut Draws) -> f64 {
        // H(t) = η (e^(b t) − 1) is standard exponential.
        (draws.exponential() * self.beta / draws.gamma(self.s)).ln_1p() / self.b
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::continuous_dropout::pareto_nbd::ParetoDropoutTime;
    use crate::numeric::gauss::integral;
    use approx::assert_relative_eq;

    #[test]
    fn the_density_is_the_fall_of_survival() {
        for (b, s, beta) in [(0.1, 0.6, 0.3), (0.05, 2.0, 40.0), (2.0, 0.01, 1.0), (1e-3, 3.0, 1e-4)] {
            let time = GammaGompertzDropoutTime { b, s, beta };
            for t in [0.5, 3.0, 60.0] {
                let dropped_out = integral(-40.0, f64::ln(t), 1.0, |y| (y + time.ln_density(y.exp())).exp());
                assert_relative_eq!(dropped_out, 1.0 - time.ln_survival(t).exp(), max_relative = 1e-11);
                let mean = integral(0.0, t, 0.1, |t| time.ln_survival(t).exp());
                assert_relative_eq!(time.mean_up_to(t), mean, max_relative = 1e-11);
                // The remaining dropout time of those alive at 7.
                let later = time.later(7.0).ln_survival(t);
                let exact = time.ln_survival(7.0 + t) - time.ln_survival(7.0);
                assert_relative_eq!(later, exact, max_relative = 1e-9, epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn a_small_b_is_a_pareto_dropout_time() {
        let (pareto, time) =
            (ParetoDropoutTime::new(0.6, 11.7), GammaGompertzDropoutTime { b: 1e-9, s: 0.6, beta: 11.7e-9 });
        for t in [0.1, 5.0, 300.0] {
            assert_relative_eq!(time.ln_survival(t), pareto.ln_survival(t), max_relative = 1e-6);
            assert_relative_eq!(time.ln_density(t), pareto.ln_density(t), max_relative = 1e-6);
            assert_relative_eq!(time.mean_up_to(t), pareto.mean_up_to(t), max_relative = 1e-6);
        }
    }
}
