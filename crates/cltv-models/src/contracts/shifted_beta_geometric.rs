//! Shifted beta-geometric: how many customers under contract renew.
//!
//! At each renewal a customer leaves with probability θ, always the same; over customers
//! θ ~ Beta(α, β). Retention rises although no customer changes: those likely to leave leave first.
//!
//! # References
//! Fader & Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing
//! 21(1), 76-90. Equation numbers are theirs.

use serde::{Deserialize, Serialize};

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::contracts::cohorts::ContractCohorts;
use crate::contracts::retention::{ContractRow, RetentionPredictions, contract_sample, log_likelihood};
use crate::fit::macros::{fitted_by_likelihood, parameters};
use crate::fit::model::{FitOptions, LikelihoodModel, Parameter, Sample, Weighted};
use crate::numeric::special::{digamma_difference, ln_beta_survival};

/// The shifted beta-geometric model before its fit.
///
/// # Examples
/// ```
/// use cltv_models::{Cohort, ContractCohorts, ShiftedBetaGeometric, TimeUnit};
/// let regular = Cohort::new("regular", &[1000, 631, 468, 382, 326, 289, 262, 241]);
/// let cohorts = ContractCohorts::try_new(TimeUnit::Year, vec![regular])?;
/// let fit = ShiftedBetaGeometric::default().fit(&cohorts)?;
/// assert!((fit.survival(12) - 0.17).abs() < 0.01);
/// println!("{fit}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ShiftedBetaGeometric {
    options: FitOptions,
}

fitted_by_likelihood!(ShiftedBetaGeometric, ContractCohorts, "α and β");

impl LikelihoodModel for ShiftedBetaGeometric {
    type Data = ContractCohorts;
    type Row = ContractRow;
    type Params = ShiftedBetaGeometricParams;
    const NAME: &'static str = "shifted beta-geometric";
    const PARAMETERS: &'static [Parameter] = ShiftedBetaGeometricParams::PARAMETERS;

    fn options(&self) -> FitOptions {
        self.options
    }

    fn sample(&self, cohorts: &ContractCohorts) -> Result<Sample<ContractRow>, FitError> {
        contract_sample(cohorts, Self::NAME, Self::PARAMETERS.len())
    }

    fn starts(&self, _sample: &Sample<ContractRow>) -> Vec<Vec<f64>> {
        vec![vec![1.0, 2.0], vec![0.5, 0.5], vec![2.0, 20.0]]
    }

    fn log_likelihood(&self, theta: &[f64], rows: &[Weighted<ContractRow>], gradient: &mut [f64]) -> f64 {
        let (alpha, beta) = (theta[0], theta[1]);
        let survival = |t| {
            let by_both = digamma_difference(alpha + beta, t);
            (ln_beta_survival(alpha, beta, t), [-by_both, digamma_difference(beta, t) - by_both])
        };
        log_likelihood(rows, gradient, survival, |t| ln_beta_survival(alpha, beta + t - 1.0, 1.0))
    }

    fn params(&self, theta: &[f64], unit: TimeUnit) -> Result<Self::Params, InputError> {
        ShiftedBetaGeometricParams::from_theta(theta, unit)
    }
}

parameters! {
    /// Shifted beta-geometric parameters, fitted or published.
    ///
    /// Predictions are methods of [`RetentionPredictions`], which has to be imported:
    /// S(t) = B(α, β+t) / B(α, β) and retention (β+t−1) / (α+β+t−1) (equations 6 and 8).
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{RetentionPredictions, ShiftedBetaGeometricParams, TimeUnit};
    /// let params = ShiftedBetaGeometricParams::new(0.668, 3.806, TimeUnit::Year)?;
    /// assert!((params.survival(7) - 0.491).abs() < 0.02);
    /// assert!(params.discounted_residual_lifetime(5, 0.1) > params.discounted_residual_lifetime(1, 0.1));
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub struct ShiftedBetaGeometricParams of "shifted beta-geometric" {
        /// First shape of the probabilities to leave.
        alpha: shape,
        /// Second shape of the probabilities to leave.
        beta: shape,
    }
}

impl ShiftedBetaGeometricParams {
    /// The time from one renewal to the next.
    #[must_use]
    pub fn period(&self) -> TimeUnit {
        self.unit
    }
}

impl RetentionPredictions for ShiftedBetaGeometricParams {
    fn ln_survival(&self, t: f64) -> f64 {
        ln_beta_survival(self.alpha, self.beta, t)
    }

    fn ln_survival_after(&self, t: f64, m: f64) -> f64 {
        ln_beta_survival(self.alpha, self.beta + t, m)
    }

    fn tail_power(&self) -> f64 {
        self.alpha
    }
}
