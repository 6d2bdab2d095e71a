//! Audits of fits, alone or against each other.

use crate::audit::{Audit, AuditLevel};
use crate::base::units::Grain;
use crate::base::words::grouped;
use crate::fit::fitted::Fitted;
use crate::fit::model::{LikelihoodModel, Parameter};
use crate::purchases::predictions::PurchasePredictions;
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
/// Fall of the relative error of the holdout's total with another grain from which it is a note.
pub const GRAIN_NOTE: f64 = 0.05;
/// The same fall from which the other grain should be used.
pub const GRAIN_WARNING: f64 = 0.20;
/// Relative change of expected purchases between two time units; there should be none.
pub const TIME_UNIT_NOTE: f64 = 1e-4;
/// Relative change between two time units that is no rounding.
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

/// A forecast of the holdout by purchases merged at one grain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GrainForecast {
    /// The grain.
    pub grain: Grain,
    /// Purchases expected in the holdout, merged at that grain.
    pub expected: f64,
    /// Purchases made in it, merged at the same grain.
    pub actual: u64,
}

impl GrainForecast {
    /// The relative error of the total; 0 where nothing was expected and nothing made.
    fn error(&self) -> f64 {
        let actual = self.actual as f64;
        if self.expected == actual { 0.0 } else { (self.expected / actual.max(1.0) - 1.0).min(1e6) }
    }
}

/// Whether another grain forecasts better. Purchase-days and purchase-weeks are different counts, so each forecast is
/// compared with the purchases of its own grain. The figure is by how much the relative error of the total falls with the
/// other grain, 0 where it does not.
#[must_use]
pub fn grain_sensitivity(used: GrainForecast, other: GrainForecast) -> Audit {
    let figure = (used.error().abs() - other.error().abs()).max(0.0);
    let level = AuditLevel::from_high(figure, GRAIN_NOTE, GRAIN_WARNING);
    let advice = match level {
        AuditLevel::Ok => format!("so purchases merged by {} are no reason to change", other.grain),
        _ => format!(
            "so purchases come in bursts, and merged by {} they are closer to the model: try grain {}",
            other.grain, other.grain
        ),
    };
    let of = |forecast: GrainForecast| {
        format!(
            "merged by {} the model expects {} purchases in the holdout, of {} made ({:+.1}%)",
            forecast.grain,
            grouped(forecast.expected.round() as u64),
            grouped(forecast.actual),
            100.0 * forecast.error()
        )
    };
    Audit {
        name: "grain",
        level,
        figure,
        message: format!(
            "With purchases {}; {} (a note where the error falls by {:.0} points, a warning from {:.0} on), {advice}.",
            of(used),
            of(other),
            100.0 * GRAIN_NOTE,
            100.0 * GRAIN_WARNING
        ),
    }
}

/// Whether the time unit changes the answer, which it must not: two fits of one model to the same
/// purchases.
///
/// The figure is the largest relative difference of the purchases that they expect of a new customer within a month, a
/// year and five years. Parameters are not compared: on a flat ridge of the likelihood they differ although no forecast
/// does, which the message then says.
#[must_use]
pub fn time_unit_sensitivity(fit: &PurchaseFit, other: &PurchaseFit) -> Audit {
    let expected = |fit: &PurchaseFit| {
        [1.0, 12.0, 60.0].map(|months| fit.expected_purchases_new(fit.unit().from_months(months)))
    };
    let figure = largest_difference(&expected(fit), &expected(other));
    let in_days = |fit: &PurchaseFit| -> Vec<f64> {
        let parameters = fit.parameters().into_iter().zip(fit.estimates());
        parameters.map(|(parameter, value)| value * fit.unit().days().powi(parameter.scale_power)).collect()
    };
    let parameters = largest_difference(&in_days(fit), &in_days(other));
    let level = AuditLevel::from_high(figure, TIME_UNIT_NOTE, TIME_UNIT_WARNING);
    let advice = match level {
        AuditLevel::Ok if parameters > TIME_UNIT_WARNING => format!(
            "as it must be. Their parameters differ by up to {:.1}%: the likelihood has a flat ridge, on which forecasts are equal, so do not interpret single parameters",
            100.0 * parameters
        ),
        AuditLevel::Ok => "as it must be".to_owned(),
        _ => "which the unit alone cannot do: times were rounded, or the purchases differ".to_owned(),
    };
    Audit {
        name: "time_unit",
        level,
        figure,
        message: format!(
            "Fitted in {}s and in {}s, the purchases expected of a new customer differ by at most {:.4}% (a note from {:.2}% on), {advice}.",
            fit.unit(),
            other.unit(),
            100.0 * figure,
            100.0 * TIME_UNIT_NOTE
        ),
    }
}

fn largest_difference(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| (right / left - 1.0).abs()).fold(0.0, f64::max)
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
