//! Audits of any model of purchases: its parameters, and its holdout.

use crate::audit::{Audit, AuditLevel};
use crate::base::words::grouped;
use crate::fit::fitted::{Convergence, Fitted};
use crate::fit::model::LikelihoodModel;
use crate::registry::PurchaseFit;

/// Standard error of any log parameter: at 1, its 95% interval spans a factor of 50.
pub const IDENTIFIED_NOTE: f64 = 1.0;
/// At 2, the interval spans a factor of 2,500: the parameter is not identified.
pub const IDENTIFIED_WARNING: f64 = 2.0;
/// Distance of the holdout's total from its expectation in standard deviations: 5% of good models
/// are further off.
pub const HOLDOUT_NOTE: f64 = 1.96;
/// The distance at which chance no longer explains the miss: one good model in 370.
pub const HOLDOUT_WARNING: f64 = 3.0;

/// Whether the data identify all parameters of a model of purchases: see
/// [`Fitted::parameters_identified`].
#[must_use]
pub fn parameters_identified(fit: &PurchaseFit) -> Audit {
    let of = Identified {
        model: fit.name(),
        names: fit.parameter_names(),
        errors: fit.log_std_errors().ok(),
        convergence: fit.convergence(),
        identified: fit.identified(),
    };
    of.audit()
}

impl<M: LikelihoodModel> Fitted<M> {
    /// Whether the data identify all parameters.
    ///
    /// The figure is the largest standard error of a log parameter; where the Hessian is flat or
    /// indefinite, that of the least certain direction (at most 1000).
    #[must_use]
    pub fn parameters_identified(&self) -> Audit {
        let of = Identified {
            model: self.name(),
            names: self.parameter_names(),
            errors: self.log_std_errors().ok(),
            convergence: self.convergence(),
            identified: self.identified(),
        };
        of.audit()
    }
}

/// The figures of a fit that the audit of identification uses.
struct Identified<'a> {
    model: &'static str,
    names: Vec<&'static str>,
    /// Standard errors of log parameters, where the Hessian gives them.
    errors: Option<Vec<f64>>,
    convergence: &'a Convergence,
    identified: bool,
}

impl Identified<'_> {
    fn audit(&self) -> Audit {
        let largest = self.errors.iter().flatten().copied().zip(self.names.iter().copied());
        let largest = largest.max_by(|(left, _), (right, _)| left.total_cmp(right));
        let (figure, of) = largest.unwrap_or((self.convergence.least_certain, "the least certain direction"));
        let mut level = AuditLevel::from_high(figure, IDENTIFIED_NOTE, IDENTIFIED_WARNING);
        if !self.identified {
            level = AuditLevel::Warning;
        }
        let advice = match level {
            AuditLevel::Ok => "so the data identify its parameters",
            AuditLevel::Note => {
                "so one parameter is estimated imprecisely: use a longer period if there is one"
            }
            AuditLevel::Warning => {
                "so the data do not identify its parameters: do not interpret them, or figures that depend on them alone such as P(alive), and prefer a simpler model"
            }
        };
        Audit {
            name: "parameters_identified",
            level,
            figure,
            message: format!(
                "{}'s largest standard error on the log scale is {figure:.2} (of {of}; a warning from {IDENTIFIED_WARNING:.0} on) and its Hessian is {}, {advice}.",
                self.model, self.convergence.hessian
            ),
        }
    }
}

/// Whether the purchases of a holdout are such as the model makes: their distance from what it
/// expected, in standard deviations that include the uncertainty of the parameters and the
/// random variation of purchases.
#[must_use]
pub fn holdout_total(model: &str, expected: f64, standard_deviation: f64, actual: u64) -> Audit {
    let apart = actual as f64 - expected;
    let far = if standard_deviation > 0.0 { apart.abs() / standard_deviation } else { apart.abs() };
    let figure = far.min(1e6);
    let level = AuditLevel::from_high(figure, HOLDOUT_NOTE, HOLDOUT_WARNING);
    let advice = match level {
        AuditLevel::Ok => "which chance explains",
        AuditLevel::Note => "which is more than chance usually makes",
        AuditLevel::Warning => {
            "which chance does not explain: its assumptions, or the market, changed from the calibration to the holdout"
        }
    };
    Audit {
        name: "holdout_total",
        level,
        figure,
        message: format!(
            "{model} expected {expected:.1} purchases in the holdout and {} were made, {figure:.2} standard deviations away (a warning from {HOLDOUT_WARNING:.0} on), {advice}.",
            grouped(actual)
        ),
    }
}
