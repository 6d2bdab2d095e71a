//! A fitted model: estimates, their uncertainty, and how the fit went.

use std::fmt;

use crate::base::error::{FitError, InputError};
use crate::base::units::TimeUnit;
use crate::base::words::grouped;
use crate::fit::model::{LikelihoodModel, Parameter, describe};
use crate::fit::tolerances::FLAT_STANDARD_ERROR;
use crate::summary::rfm::RfmSummary;

/// Level of the intervals in [`CoefTable`].
const TABLE_LEVEL: f64 = 0.95;

/// The second derivatives at the maximum.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HessianStatus {
    /// A maximum inside the bounds: the data identify all parameters.
    PositiveDefinite,
    /// The likelihood hardly changes along some parameters: the data do not identify them.
    Flat {
        /// The parameters without a bound.
        along: Vec<&'static str>,
    },
    /// Not a maximum in every direction.
    Indefinite,
}

impl fmt::Display for HessianStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PositiveDefinite => f.write_str("positive definite"),
            Self::Flat { along } => write!(f, "flat along {}", along.join(", ")),
            Self::Indefinite => f.write_str("indefinite"),
        }
    }
}

/// How a fit went. Without convergence there is no fitted model but [`FitError::NotConverged`].
#[derive(Debug, Clone, PartialEq)]
pub struct Convergence {
    /// Quasi-Newton and Newton steps over all starts.
    pub iterations: u64,
    /// Starting points tried.
    pub starts: usize,
    /// Largest absolute derivative a customer by log parameters.
    pub gradient_norm: f64,
    /// Standard error of the least certain combination of log parameters, at most
    /// [`Convergence::LEAST_CERTAIN_CAP`].
    pub least_certain: f64,
    /// The second derivatives at the maximum.
    pub hessian: HessianStatus,
}

impl Convergence {
    /// The value of `least_certain` when the likelihood has no curvature.
    pub const LEAST_CERTAIN_CAP: f64 = 1000.0;
}

impl fmt::Display for Convergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Converged after {} iterations from {} starts: largest gradient {:.1e} a customer, Hessian {}.",
            self.iterations, self.starts, self.gradient_norm, self.hessian
        )
    }
}

/// One row of a [`CoefTable`].
#[derive(Debug, Clone, PartialEq)]
pub struct Coef {
    /// The parameter.
    pub name: &'static str,
    /// The maximum likelihood estimate.
    pub estimate: f64,
    /// Its standard error; `None` when the data do not identify the parameters.
    pub std_error: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

/// Estimates with standard errors and 95% intervals (on the log scale, so always positive).
#[derive(Debug, Clone, PartialEq)]
pub struct CoefTable {
    /// The model.
    pub model: &'static str,
    /// One row a parameter.
    pub rows: Vec<Coef>,
    /// Level of the intervals: 0.95.
    pub level: f64,
}

impl fmt::Display for CoefTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.5}"));
        let percent = 100.0 * self.level;
        let width = self.rows.iter().map(|row| row.name.chars().count()).fold(8, usize::max);
        writeln!(
            f,
            "{:<width$} {:>12} {:>12} {:>12} {:>12}",
            self.model,
            "estimate",
            "std error",
            format!("{percent:.0}% low"),
            format!("{percent:.0}% high")
        )?;
        for row in &self.rows {
            writeln!(
                f,
                "{:<width$} {:>12} {:>12} {:>12} {:>12}",
                row.name,
                cell(Some(row.estimate)),
                cell(row.std_error),
                cell(row.low),
                cell(row.high)
            )?;
        }
        Ok(())
    }
}

/// A confidence interval of one parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The parameter.
    pub name: &'static str,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A model with the parameters that make its data most likely.
///
/// Predictions are methods of the concrete types, such as `Fitted<BgNbd>`, and of the parameters
/// that [`Fitted::params`] gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted<M: LikelihoodModel> {
    pub(crate) model: M,
    pub(crate) params: M::Params,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) theta: Vec<f64>,
    pub(crate) unit: TimeUnit,
    pub(crate) n_obs: usize,
    pub(crate) distinct_rows: usize,
    pub(crate) log_likelihood: f64,
    pub(crate) log_covariance: Option<Vec<Vec<f64>>>,
    pub(crate) convergence: Convergence,
}

impl<M: LikelihoodModel> Fitted<M> {
    /// The parameters, which carry the predictions.
    #[must_use]
    pub fn params(&self) -> M::Params {
        self.params.clone()
    }

    /// The parameters' type at other values of the estimates, such as draws of their distribution.
    ///
    /// # Errors
    /// [`InputError`] when a parameter is outside its range, or there are too few or too many.
    pub fn params_at(&self, theta: &[f64]) -> Result<M::Params, InputError> {
        let (found, expected) = (theta.len(), self.theta.len());
        if found != expected {
            return Err(InputError::LengthMismatch { column: "theta", found, expected });
        }
        self.model.params(theta, self.unit)
    }

    /// The model that was fitted, with its options.
    #[must_use]
    pub fn model(&self) -> M {
        self.model.clone()
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        M::NAME
    }

    /// The parameters, in the order of every vector and matrix.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        self.parameters.clone()
    }

    /// The parameters' names, in the order of every vector and matrix.
    #[must_use]
    pub fn parameter_names(&self) -> Vec<&'static str> {
        self.parameters.iter().map(|parameter| parameter.name).collect()
    }

    /// The estimates, in the order of [`Fitted::parameter_names`], in the data's own unit.
    #[must_use]
    pub fn estimates(&self) -> Vec<f64> {
        self.theta.clone()
    }

    /// Estimates, standard errors and 95% intervals.
    #[must_use]
    pub fn coef_table(&self) -> CoefTable {
        let errors = self.std_errors().ok();
        let intervals = self.confint(TABLE_LEVEL).ok();
        let row = |(k, estimate): (usize, &f64)| Coef {
            name: self.parameters[k].name,
            estimate: *estimate,
            std_error: errors.as_ref().map(|errors| errors[k]),
            low: intervals.as_ref().map(|intervals| intervals[k].low),
            high: intervals.as_ref().map(|intervals| intervals[k].high),
        };
        CoefTable {
            model: M::NAME,
            rows: self.theta.iter().enumerate().map(row).collect(),
            level: TABLE_LEVEL,
        }
    }

    /// Standard errors of the parameters.
    ///
    /// # Errors
    /// [`FitError::NotIdentified`] when the Hessian is flat or indefinite.
    pub fn std_errors(&self) -> Result<Vec<f64>, FitError> {
        let log_errors = self.log_std_errors()?;
        Ok(log_errors.iter().zip(self.slopes()).map(|(error, slope)| error * slope).collect())
    }

    /// The derivatives of the parameters by their logarithms; 1 for signed ones.
    fn slopes(&self) -> Vec<f64> {
        self.parameters.iter().zip(&self.theta).map(|(parameter, theta)| parameter.slope(*theta)).collect()
    }

    /// Standard errors of the logarithms of the parameters; of signed ones, such as coefficients,
    /// the standard errors themselves.
    ///
    /// # Errors
    /// [`FitError::NotIdentified`] when the Hessian is flat or indefinite.
    pub fn log_std_errors(&self) -> Result<Vec<f64>, FitError> {
        let covariance = self.log_covariance()?;
        Ok((0..covariance.len()).map(|k| covariance[k][k].sqrt()).collect())
    }

    /// Confidence intervals, computed for ln θ and transformed back: θ exp(± z · se / θ).
    ///
    /// They are always positive and have the given coverage better than θ ± z · se, because a
    /// positive parameter's likelihood is closer to a normal one on the log scale. Signed parameters
    /// have θ ± z · se.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for a level outside (0, 1), and [`FitError::NotIdentified`] when
    /// the Hessian is flat or indefinite.
    pub fn confint(&self, level: f64) -> Result<Vec<Interval>, FitError> {
        let z = z_of(level)?;
        let errors = self.log_std_errors()?;
        let interval = |(k, error): (usize, &f64)| {
            let parameter = self.parameters[k];
            let at = |shift: f64| match parameter.signed {
                true => self.theta[k] + shift,
                false => self.theta[k] * shift.exp(),
            };
            Interval { name: parameter.name, low: at(-z * error), high: at(z * error) }
        };
        Ok(errors.iter().enumerate().map(interval).collect())
    }

    /// Covariance of the parameters: the inverse Hessian of the log parameters, each entry times
    /// θ_i · θ_j (the delta method). With a penalty it is that of the penalised likelihood.
    ///
    /// # Errors
    /// [`FitError::NotIdentified`] when the Hessian is flat or indefinite.
    pub fn vcov(&self) -> Result<Vec<Vec<f64>>, FitError> {
        let mut covariance = self.log_covariance()?.clone();
        let slopes = self.slopes();
        for (row, left) in covariance.iter_mut().zip(&slopes) {
            for (entry, right) in row.iter_mut().zip(&slopes) {
                *entry *= left * right;
            }
        }
        Ok(covariance)
    }

    pub(crate) fn log_covariance(&self) -> Result<&Vec<Vec<f64>>, FitError> {
        self.log_covariance.as_ref().ok_or_else(|| FitError::NotIdentified {
            model: M::NAME,
            hessian: self.convergence.hessian.to_string(),
            at: describe(&self.parameters, &self.theta),
        })
    }

    /// The log-likelihood: unpenalised, summed over customers, in the data's own unit.
    ///
    /// It changes with the unit, so compare only fits in the same unit.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// Akaike's criterion, 2k − 2 ln L.
    #[must_use]
    pub fn aic(&self) -> f64 {
        2.0 * self.theta.len() as f64 - 2.0 * self.log_likelihood
    }

    /// The Bayesian criterion, k ln n − 2 ln L with n customers.
    #[must_use]
    pub fn bic(&self) -> f64 {
        self.theta.len() as f64 * (self.n_obs as f64).ln() - 2.0 * self.log_likelihood
    }

    /// Customers the model was fitted on.
    #[must_use]
    pub fn n_obs(&self) -> usize {
        self.n_obs
    }

    /// Distinct rows among them: what the likelihood really has to compute.
    #[must_use]
    pub fn distinct_rows(&self) -> usize {
        self.distinct_rows
    }

    /// How the fit went.
    #[must_use]
    pub fn convergence(&self) -> &Convergence {
        &self.convergence
    }

    /// Whether the data identify the parameters: a positive definite Hessian in which no
    /// combination of log parameters has a standard error of 10 or more.
    #[must_use]
    pub fn identified(&self) -> bool {
        self.convergence.hessian == HessianStatus::PositiveDefinite
    }

    /// The penalty that was used.
    #[must_use]
    pub fn penalty(&self) -> f64 {
        self.model.options().penalty
    }

    /// The unit of the model's times.
    #[must_use]
    pub fn unit(&self) -> TimeUnit {
        self.unit
    }

    /// Refuses a summary in another unit than the model's.
    ///
    /// # Errors
    /// [`InputError::UnitMismatch`].
    pub fn check_unit(&self, rfm: &RfmSummary) -> Result<(), InputError> {
        check_units(self.unit, rfm.unit())
    }
}

/// How many standard deviations an interval of this level reaches to each side.
pub(crate) fn z_of(level: f64) -> Result<f64, InputError> {
    if !(level > 0.0 && level < 1.0) {
        let bound = "between 0 and 1, such as 0.95";
        return Err(InputError::BadOption { name: "level", value: level, bound });
    }
    Ok(std::f64::consts::SQRT_2 * statrs::function::erf::erf_inv(level))
}

/// Refuses data in another unit than the model's.
pub(crate) fn check_units(model_unit: TimeUnit, data_unit: TimeUnit) -> Result<(), InputError> {
    if model_unit == data_unit {
        return Ok(());
    }
    Err(InputError::UnitMismatch { model_unit, data_unit })
}

impl<M: LikelihoodModel> fmt::Display for Fitted<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} fitted on {} customers of a summary in {}s: log-likelihood {:.3}, AIC {:.3}, BIC {:.3}.",
            M::NAME,
            grouped(self.n_obs as u64),
            self.unit,
            self.log_likelihood,
            self.aic(),
            self.bic()
        )?;
        writeln!(f, "{}", self.convergence)?;
        if !self.identified() {
            writeln!(
                f,
                "The data do not identify the parameters (one standard error is a factor of e^{FLAT_STANDARD_ERROR} or more): do not read them one by one."
            )?;
        }
        write!(f, "{}", self.coef_table())
    }
}
