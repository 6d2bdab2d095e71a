//! Audits of fits, alone or against each other.

use crate::audit::{Audit, AuditLevel};
use crate::base::words::grouped;
use crate::fit::fitted::Fitted;
use crate::fit::model::{LikelihoodModel, Parameter};
use crate::registry::PurchaseFit;
use crate::spend::gamma_gamma::GammaGamma;

/// Standard error of ln a or ln b: at 1, the 95% interval spans a factor of 50.
pub const DROPOUT_NOTE: f64 = 1.0;
/// At 2, the interval spans a factor of 2,500: dropout is not identified.
pub const DROPOUT_WARNING: f64 = 2.0;
/// q at or below which the population's mean spend is infinite.
pub const SPEND_MEAN_BELOW: f64 = 1.0;
/// Standard error of ln p, ln q or ln v from which it is a note.
pub const SPEND_NOTE: f64 = 1.0;
/// Standard error of ln p, ln q or ln v at which the spend parameters are at a boundary.
pub const SPEND_WARNING: f64 = 2.0;
/// Relative change of a figure between two grains from which it is a note.
pub const GRAIN_NOTE: f64 = 0.05;
/// Relative change between two grains that decides the answer.
pub const GRAIN_WARNING: f64 = 0.20;
/// Relative change of a parameter between two time units; there should be none.
pub const TIME_UNIT_NOTE: f64 = 1e-4;
/// Relative change of a parameter between two time units that is no rounding.
pub const TIME_UNIT_WARNING: f64 = 1e-2;
/// Distance of penalised and unpenalised parameters, in standard errors of the unpenalised ones.
pub const PENALTY_NOTE: f64 = 0.25;
/// The distance from which the penalty, not the data, decides.
pub const PENALTY_WARNING: f64 = 1.0;

/// Whether the data identify the dropout process of a model: its parameters must not grow without
/// bound together. `None` for a model without dropout.
///
/// The figure is the largest standard error of their logarithms; where the Hessian is flat or
/// indefinite, the standard error of the least certain direction (at most 1000).
#[must_use]
pub fn dropout_identified(fit: &PurchaseFit) -> Option<Audit> {
    let dropout = fit.dropout_parameters();
    let names = fit.parameter_names();
    let places: Vec<usize> = (0..names.len()).filter(|&k| dropout.contains(&names[k])).collect();
    if places.is_empty() {
        return None;
    }
    let figure = match fit.log_std_errors() {
        Ok(errors) => places.iter().map(|&k| errors[k]).fold(0.0, f64::max),
        Err(_) => fit.convergence().least_certain,
    };
    let mut level = AuditLevel::from_high(figure, DROPOUT_NOTE, DROPOUT_WARNING);
    if !fit.identified() {
        level = AuditLevel::Warning;
    }
    let advice = match level {
        AuditLevel::Ok => "so the data identify the dropout process",
        AuditLevel::Note => "so dropout is estimated imprecisely: use a longer period if there is one",
        AuditLevel::Warning => {
            "so the data do not identify the dropout process: P(alive) is unreliable, and only expected purchases near the observed period can be used"
        }
    };
    let message = format!(
        "{} with a standard error of {figure:.2} on the log scale (a warning from {DROPOUT_WARNING:.0} on) and a Hessian that is {}, {advice}.",
        dropout_estimates(fit, &places),
        fit.convergence().hessian
    );
    Some(Audit { name: "dropout_identified", level, figure, message })
}

/// `a = 0.7929 and b = 2.4259 (mean dropout 24.6% a purchase)`.
fn dropout_estimates(fit: &PurchaseFit, places: &[usize]) -> String {
    let (names, estimates) = (fit.parameter_names(), fit.estimates());
    let each = places.iter().map(|&k| format!("{} = {:.4}", names[k], estimates[k]));
    let all = each.collect::<Vec<_>>().join(" and ");
    match places {
        [first, second] if names[*first] == "a" && names[*second] == "b" => {
            let mean = estimates[*first] / (estimates[*first] + estimates[*second]);
            format!("{all} (mean dropout {:.1}% a purchase)", 100.0 * mean)
        }
        _ => all,
    }
}

/// Whether the spend parameters are at a boundary: q ≤ 1, or p, q and v growing without bound together.
///
/// The figure is the largest standard error of ln p, ln q and ln v; where the Hessian is flat or
/// indefinite, the standard error of the least certain direction (at most 1000).
#[must_use]
pub fn spend_boundary(fit: &Fitted<GammaGamma>) -> Audit {
    let figure = match fit.log_std_errors() {
        Ok(errors) => errors.into_iter().fold(0.0, f64::max),
        Err(_) => fit.convergence().least_certain,
    };
    let q = fit.params().q();
    let mut level = AuditLevel::from_high(figure, SPEND_NOTE, SPEND_WARNING);
    if !fit.identified() || q <= SPEND_MEAN_BELOW {
        level = AuditLevel::Warning;
    }
    let advice = if q <= SPEND_MEAN_BELOW {
        "so the population has no finite mean spend and no value can be computed: look for extreme amounts"
    } else if level == AuditLevel::Warning {
        "so the spend parameters are at a boundary: customers' amounts are too similar, or too few, to identify them, and single customers' expected spend is close to their own mean or to the population's"
    } else if level == AuditLevel::Note {
        "so the spend parameters are estimated imprecisely"
    } else {
        "so the spend parameters are well inside their range"
    };
    Audit {
        name: "spend_boundary",
        level,
        figure,
        message: format!(
            "{} with a largest standard error of {figure:.2} on the log scale (a warning from {SPEND_WARNING:.0} on, and for q at most {SPEND_MEAN_BELOW:.0}), {advice}.",
            fit.params()
        ),
    }
}

/// Whether the grain decides the answer: the same figure, which `what` names ("purchases expected
/// in the holdout"), by two grains, as the relative change from the first to the second.
#[must_use]
pub fn grain_sensitivity(
    what: &str,
    grain: &str,
    figure: f64,
    other_grain: &str,
    other_figure: f64,
) -> Audit {
    let change = if figure == 0.0 && other_figure == 0.0 {
        0.0
    } else {
        ((other_figure - figure).abs() / figure.abs().max(f64::MIN_POSITIVE)).min(1e6)
    };
    let level = AuditLevel::from_high(change, GRAIN_NOTE, GRAIN_WARNING);
    let advice = match level {
        AuditLevel::Ok => "so the grain hardly matters",
        AuditLevel::Note => "so report which grain was used",
        AuditLevel::Warning => {
            "so the grain decides the answer: purchases come in bursts, and a coarser grain is closer to the model"
        }
    };
    Audit {
        name: "grain",
        level,
        figure: change,
        message: format!(
            "With purchases merged by {grain}, {what} are {}, by {other_grain} {}: a change of {:.1}% (a note from {:.0}%, a warning from {:.0}% on), {advice}.",
            grouped(figure.round() as u64),
            grouped(other_figure.round() as u64),
            100.0 * change,
            100.0 * GRAIN_NOTE,
            100.0 * GRAIN_WARNING
        ),
    }
}

/// Whether the time unit changes the answer, which it must not: two fits of one model to the same
/// purchases.
#[must_use]
pub fn time_unit_sensitivity(fit: &PurchaseFit, other: &PurchaseFit) -> Audit {
    let in_days = |fit: &PurchaseFit| -> Vec<f64> {
        let parameters = fit.parameters().into_iter().zip(fit.estimates());
        parameters.map(|(parameter, value)| value * fit.unit().days().powi(parameter.scale_power)).collect()
    };
    let (left, right) = (in_days(fit), in_days(other));
    let pairs = left.iter().zip(&right);
    let figure = pairs.map(|(left, right)| (right / left - 1.0).abs()).fold(0.0, f64::max);
    let level = AuditLevel::from_high(figure, TIME_UNIT_NOTE, TIME_UNIT_WARNING);
    let advice = match level {
        AuditLevel::Ok => "as it must be",
        _ => "which the unit alone cannot do: times were rounded, or the purchases differ",
    };
    Audit {
        name: "time_unit",
        level,
        figure,
        message: format!(
            "Fitted in {}s and in {}s, the parameters differ by at most {:.4}% (a note from {:.2}% on), {advice}.",
            fit.unit(),
            other.unit(),
            100.0 * figure,
            100.0 * TIME_UNIT_NOTE
        ),
    }
}

/// Whether the penalty, not the data, decides a fit: its distance from the unpenalised one.
///
/// The figure is the largest distance of a log parameter, in standard errors of the unpenalised
/// fit; when that one is not identified, only the penalty determines the parameters, which is a warning.
#[must_use]
pub fn penalty_decides<M: LikelihoodModel>(penalised: &Fitted<M>, unpenalised: &Fitted<M>) -> Audit {
    let both = penalised.theta.iter().zip(&unpenalised.theta);
    let distance = |(parameter, (penalised, free)): (&Parameter, (&f64, &f64))| {
        (parameter.to_free(*penalised) - parameter.to_free(*free)).abs()
    };
    let distances: Vec<f64> = unpenalised.parameters.iter().zip(both).map(distance).collect();
    let errors = unpenalised.log_std_errors();
    let penalty = penalised.model.penalties().into_iter().fold(0.0, f64::max);
    let figure = match &errors {
        Ok(errors) => distances.iter().zip(errors).map(|(d, error)| d / error).fold(0.0, f64::max),
        Err(_) => distances.iter().copied().fold(0.0, f64::max),
    };
    let mut level = AuditLevel::from_high(figure, PENALTY_NOTE, PENALTY_WARNING);
    if errors.is_err() && penalty > 0.0 {
        level = AuditLevel::Warning;
    }
    let advice = match level {
        AuditLevel::Ok => "so the data decide",
        AuditLevel::Note => "so the penalty matters: report the unpenalised fit beside it",
        AuditLevel::Warning => {
            "so the penalty, not the data, decides the parameters: lower it, or get more data"
        }
    };
    Audit {
        name: "penalty",
        level,
        figure,
        message: format!(
            "A penalty of {penalty} moves {}'s parameters by {figure:.2} standard errors (a warning from {PENALTY_WARNING:.0} on) and costs {:.3} of log-likelihood, {advice}.",
            penalised.name(),
            unpenalised.log_likelihood() - penalised.log_likelihood()
        ),
    }
}
