//! Maximum likelihood: from a model and a summary to a fitted model.

use crate::base::error::FitError;
use crate::base::units::TimeUnit;
use crate::fit::fitted::{Convergence, Fitted, HessianStatus};
use crate::fit::model::{FitData, LikelihoodModel, Parameter, Sample, describe};
use crate::fit::objective::Objective;
use crate::fit::optimise::{Optimum, minimise};
use crate::fit::tolerances::{FLAT_STANDARD_ERROR, GRADIENT_TOLERANCE};
use crate::numeric::linalg::{Eigen, max_abs};

/// An information eigenvalue is negative, not just noise around 0, below minus this part of the
/// largest one.
const INDEFINITE_BELOW: f64 = 1e-6;
/// Share of a flat direction from which a parameter is named as part of it.
const NAMED_SHARE: f64 = 0.3;

/// Fits any model; the models' own `fit` call this.
///
/// Log parameters are optimised from several starts: with many customers by a multistart on a
/// subsample, else by L-BFGS with a More-Thuente line search; the result is finished by Newton steps
/// on the full data. It is accepted if its gradient is at most [`GRADIENT_TOLERANCE`]; its Hessian
/// shows whether the data identify the parameters.
///
/// # Errors
/// [`FitError`]: options or data the model cannot use, or no convergence from any start.
pub fn fit<M: LikelihoodModel>(model: &M, data: &M::Data) -> Result<Fitted<M>, FitError> {
    model.options().check()?;
    of_sample(model, &model.sample(data)?, data.unit())
}

/// Fits a model to rows that were made of its data.
pub(crate) fn of_sample<M: LikelihoodModel>(
    model: &M,
    sample: &Sample<M::Row>,
    unit: TimeUnit,
) -> Result<Fitted<M>, FitError> {
    let parameters = model.parameters();
    let starts = start_points(model, sample);
    let objective = Objective::new(model, sample);
    let optimum = minimise(&objective, &starts);
    let scaled = objective.theta(&optimum.point.eta);
    let theta = own_unit(&parameters, &scaled, sample.scale);
    check_convergence::<M>(&parameters, &optimum, &theta)?;
    let params = model.params(&theta, unit)?;
    let information = objective.information(&optimum.point);
    let eigen = Eigen::of(&information);
    let hessian = hessian_status(&parameters, &eigen, &optimum);
    Ok(Fitted {
        model: model.clone(),
        params,
        log_covariance: covariance(&hessian, &eigen),
        parameters,
        theta,
        unit,
        n_obs: sample.customers,
        distinct_rows: sample.rows.len(),
        log_likelihood: sample.log_likelihood(objective.log_likelihood(&scaled)),
        convergence: Convergence {
            iterations: optimum.iterations,
            starts: starts.len(),
            gradient_norm: optimum.gradient_norm(),
            least_certain: least_certain(&eigen),
            hessian,
        },
    })
}

/// Where a fit starts, as the optimiser moves parameters.
pub(crate) fn start_points<M: LikelihoodModel>(model: &M, sample: &Sample<M::Row>) -> Vec<Vec<f64>> {
    let parameters = model.parameters();
    let free = |start: &Vec<f64>| {
        parameters.iter().zip(start).map(|(parameter, value)| parameter.to_free(*value)).collect()
    };
    model.starts(sample).iter().map(free).collect()
}

pub(crate) fn own_unit(parameters: &[Parameter], scaled: &[f64], scale: f64) -> Vec<f64> {
    parameters
        .iter()
        .zip(scaled)
        .map(|(parameter, value)| value * scale.powi(parameter.scale_power))
        .collect()
}

fn check_convergence<M: LikelihoodModel>(
    parameters: &[Parameter],
    optimum: &Optimum,
    theta: &[f64],
) -> Result<(), FitError> {
    if optimum.gradient_norm() <= GRADIENT_TOLERANCE && max_abs(theta).is_finite() {
        return Ok(());
    }
    Err(FitError::NotConverged {
        model: M::NAME,
        starts: optimum.starts,
        iterations: optimum.iterations,
        gradient_norm: optimum.gradient_norm(),
        tolerance: GRADIENT_TOLERANCE,
        at: describe(parameters, theta),
    })
}

fn hessian_status(parameters: &[Parameter], eigen: &Eigen, optimum: &Optimum) -> HessianStatus {
    let smallest = eigen.smallest();
    if smallest < -INDEFINITE_BELOW * eigen.largest().abs() {
        return HessianStatus::Indefinite;
    }
    let (certain, at_bound) = (least_certain(eigen) < FLAT_STANDARD_ERROR, optimum.at_bound());
    if certain && at_bound.is_empty() {
        return HessianStatus::PositiveDefinite;
    }
    let direction = &eigen.vectors[0];
    let runs_away = |&k: &usize| direction[k].abs() >= NAMED_SHARE || at_bound.contains(&k);
    let along = (0..direction.len()).filter(runs_away).map(|k| parameters[k].name).collect();
    HessianStatus::Flat { along }
}

/// Standard error of the least certain direction, at most [`Convergence::LEAST_CERTAIN_CAP`].
fn least_certain(eigen: &Eigen) -> f64 {
    let cap = Convergence::LEAST_CERTAIN_CAP;
    eigen.smallest().max(cap.powi(-2)).sqrt().recip().min(cap)
}

fn covariance(hessian: &HessianStatus, eigen: &Eigen) -> Option<Vec<Vec<f64>>> {
    (*hessian == HessianStatus::PositiveDefinite).then(|| eigen.map(f64::recip))
}
