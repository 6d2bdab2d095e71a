//! Beta-discrete-Weibull: renewals under contract, with loyalty that grows or wears off.
//!
//! A customer is still there after t renewals with probability (1 − θ)^(t^c); over customers
//! θ ~ Beta(α, β). With c = 1 this is the shifted beta-geometric; with c > 1 each customer becomes
//! more likely to leave with time, with c < 1 less.
//!
//! # References
//! Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to Project Customer Retention" Revisited:
//! The Role of Duration Dependence, Journal of Interactive Marketing 43, 1-16.

use serde::{Deserialize, Serialize};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::contracts::cohorts::ContractCohorts;
use crate::contracts::retention::{ContractRow, RetentionPredictions, contract_sample, log_likelihood};
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, LikelihoodModel, Parameter, Sample, Weighted};
use crate::numeric::special::{digamma_difference, ln_beta_survival};

/// The beta-discrete-Weibull model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{BetaDiscreteWeibull, Cohort, ContractCohorts, TimeUnit};
/// let regular = Cohort::new("regular", &[1000, 631, 468, 382, 326, 289, 262, 241]);
/// let cohorts = ContractCohorts::try_new(TimeUnit::Year, vec![regular])?;
/// let fit = BetaDiscreteWeibull::default().fit(&cohorts)?;
/// assert!((fit.survival(7) - 0.241).abs() < 0.01);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct BetaDiscreteWeibull {
    options: FitOptions,
}

fitted_by_likelihood!(BetaDiscreteWeibull, ContractCohorts, "α, β and c");

impl LikelihoodModel for BetaDiscreteWeibull {
    type Data = ContractCohorts;
    type Row = ContractRow;
    type Params = BetaDiscreteWeibullParams;
    const NAME: &'static str = "beta-discrete-Weibull";
    const PARAMETERS: &'static [Parameter] = BetaDiscreteWeibullParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn sample(&self, cohorts: &ContractCohorts) -> Result<Sample<ContractRow>, FitError> {
        contract_sample(cohorts, Self::NAME, Self::PARAMETERS.len())
    }

    fn starts(&self, _sample: &Sample<ContractRow>) -> Vec<Vec<f64>> {
        vec![vec![1.0, 2.0, 1.0], vec![0.5, 0.5, 1.5], vec![2.0, 20.0, 0.7], vec![0.2, 1.0, 2.0]]
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<ContractRow>], gradient: &mut [f64]) -> f64 {
        let (alpha, beta, c) = (theta[0], theta[1], theta[2]);
        let survival = |t: f64| {
            let duration = t.powf(c);
            // d(t^c)/dc is 0 for the start as well as for the first period.
            let by_c = if t > 1.0 { duration * t.ln() } else { 0.0 };
            let by_both = digamma_difference(alpha + beta, duration);
            let by_duration = -digamma_difference(beta + duration, alpha);
            let ln = ln_beta_survival(alpha, beta, duration);
            (ln, [-by_both, digamma_difference(beta, duration) - by_both, by_duration * by_c])
        };
        log_likelihood(rows, gradient, survival, |t| ln_survival_after(theta, t - 1.0, 1.0))
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<Self::Params, InputError> {
        BetaDiscreteWeibullParams::from_theta(theta, unit)
    }
}

parameters! {
    /// Beta-discrete-Weibull parameters, fitted or published.
    ///
    /// Predictions are methods of [`RetentionPredictions`], which has to be imported:
    /// S(t) = B(α, β + t^c) / B(α, β).
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BetaDiscreteWeibullParams, RetentionPredictions, TimeUnit};
    /// let params = BetaDiscreteWeibullParams::new(0.7, 1.2, 1.3, TimeUnit::Year)?;
    /// assert!(params.survival(3) < params.survival(2));
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct BetaDiscreteWeibullParams of "beta-discrete-Weibull" {
        /// First shape of the probabilities to leave at the first renewal.
        alpha: shape,
        /// Second shape of the probabilities to leave at the first renewal.
        beta: shape,
        /// Duration dependence: 1 for none.
        c: shape,
    }
}

impl BetaDiscreteWeibullParams {
    /// The time from one renewal to the next.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.unit
    }
}

impl RetentionPredictions for BetaDiscreteWeibullParams {
    fn ln_survival(&self, t: f64) -> f64 {
        ln_beta_survival(self.alpha, self.beta, t.powf(self.c))
    }

    fn ln_survival_after(&self, t: f64, m: f64) -> f64 {
        ln_survival_after(&[self.alpha, self.beta, self.c], t, m)
    }

    fn tail_power(&self) -> f64 {
        self.alpha * self.c
    }
}

/// ln S(t + m)/S(t) of α, β and c: a beta-geometric share over the duration (t + m)^c − t^c.
fn ln_survival_after(theta: &[f64], t: f64, m: f64) -> f64 {
    let (alpha, beta, c) = (theta[0], theta[1], theta[2]);
    let before = t.powf(c);
    if before == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    let between = if t == 0.0 { m.powf(c) } else { before * (c * (m / t).ln_1p()).exp_m1() };
    ln_beta_survival(alpha, beta + before, between)
}
