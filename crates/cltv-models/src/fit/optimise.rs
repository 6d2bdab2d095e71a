//! How the minimum of an objective is found.

use argmin::core::{CostFunction, Error, Executor, Gradient, IterState, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use crate::fit::model::LikelihoodModel;
use crate::fit::objective::{BARRIER_AT, Objective, Point, beyond_barrier};
use crate::fit::tolerances::{FLAT_STANDARD_ERROR, GRADIENT_TOLERANCE};
use crate::numeric::linalg::{Eigen, max_abs, multiply};

/// Customers in the subsample on which the starting points are compared; the sample has at least
/// three times as many rows.
const SUBSAMPLE: usize = 128;
/// Steps from each start on the subsample: Newton's where the model has second derivatives, else quasi-Newton.
const SUBSAMPLE_STEPS: (u64, u64) = (4, 12);
/// Sizes of the larger subsamples on which the best start is refined, each where there are four
/// times as many rows.
const LEVELS: [usize; 2] = [2_048, 32_768];
/// Newton step at which a subsample is fitted well enough.
const ROUGH_STEP: f64 = 0.02;
/// Bound of log parameters on the subsample, which may not identify them.
const SUBSAMPLE_BOUND: f64 = 4.0;
/// Gradient below which no further Newton step is taken.
const GRADIENT_GOAL: f64 = 1e-14;
/// Newton step after which the next would be lost in rounding: their errors are its square.
const STEP_GOAL: f64 = 1e-11;
const NEWTON_STEPS: u64 = 100;
const QUASI_NEWTON_STEPS: u64 = 200;
/// Longest Newton step in any log parameter.
const LONGEST_STEP: f64 = 2.0;
const HALVINGS: u32 = 30;

/// The best point found.
#[derive(Debug, Clone)]
pub(crate) struct Optimum {
    pub(crate) point: Point,
    pub(crate) iterations: u64,
    pub(crate) starts: usize,
}

impl Optimum {
    /// Largest derivative a customer.
    pub(crate) fn gradient_norm(&self) -> f64 {
        max_abs(&self.point.gradient)
    }

    /// Parameters that ended beyond the barrier.
    pub(crate) fn at_bound(&self) -> Vec<usize> {
        (0..self.point.eta.len()).filter(|&k| self.point.eta[k].abs() > BARRIER_AT).collect()
    }
}

/// The lowest of the points reached from all starts, finished by Newton steps.
///
/// With many rows this is a multistart on a subsample: all starts take a few steps on 128 customers,
/// and the best is refined on larger subsamples and then on the full data. If the result is not a
/// maximum inside the bounds (gradient, bounds, positive definite Hessian), all starts are rerun on the full
/// data.
pub(crate) fn minimise<M: LikelihoodModel>(objective: &Objective<'_, M>, starts: &[Vec<f64>]) -> Optimum {
    let (best_start, mut iterations) = best_of_subsample(objective, starts);
    if let Some(best_start) = best_start {
        let (near, steps) = on_subsamples(objective, best_start);
        iterations += steps;
        let (point, steps) = newton(objective, objective.second_order_at(&near));
        iterations += steps;
        if is_proper(objective, &point) {
            return Optimum { point, iterations, starts: starts.len() };
        }
    }
    let mut reached: Vec<Point> = Vec::with_capacity(starts.len());
    for start in starts {
        let (point, steps) = quasi_newton(objective, start, QUASI_NEWTON_STEPS);
        reached.push(point);
        iterations += steps;
    }
    reached.sort_by(|a, b| a.value.total_cmp(&b.value));
    let mut best: Option<Point> = None;
    for point in reached {
        let (point, steps) = newton(objective, objective.second_order_at(&point.eta));
        iterations += steps;
        let done = max_abs(&point.gradient) <= GRADIENT_TOLERANCE;
        if done || best.as_ref().is_none_or(|best| point.value < best.value) {
            best = Some(point);
        }
        if done {
            break;
        }
    }
    let point = best.unwrap_or_else(|| objective.at(&vec![0.0; objective.model.parameters().len()]));
    Optimum { point, iterations, starts: starts.len() }
}

/// The best point that the starts reach on the subsample, and the steps taken; `None` where there
/// are too few rows.
fn best_of_subsample<M: LikelihoodModel>(
    objective: &Objective<'_, M>,
    starts: &[Vec<f64>],
) -> (Option<Vec<f64>>, u64) {
    if objective.sample.rows.len() < 3 * SUBSAMPLE {
        return (None, 0);
    }
    let few = objective.sample.subsample(SUBSAMPLE);
    let part = Objective::new(objective.model, &few);
    let (mut steps, mut reached) = (0, Vec::with_capacity(starts.len()));
    for start in starts {
        let first = part.second_order_at(start);
        let (point, taken) = match first.has_second_derivatives() {
            true => newton_steps(&part, first, SUBSAMPLE_STEPS.0, ROUGH_STEP),
            false => quasi_newton(&part, start, SUBSAMPLE_STEPS.1),
        };
        let bounded: Vec<f64> =
            point.eta.iter().map(|eta| eta.clamp(-SUBSAMPLE_BOUND, SUBSAMPLE_BOUND)).collect();
        reached.push(if bounded == point.eta { point } else { part.at(&bounded) });
        steps += taken;
    }
    let best = reached.into_iter().min_by(|a, b| a.value.total_cmp(&b.value));
    (best.map(|point| point.eta), steps)
}

/// The best start after Newton steps on larger and larger subsamples, which cost little and leave
/// few steps on the full data.
fn on_subsamples<M: LikelihoodModel>(objective: &Objective<'_, M>, start: Vec<f64>) -> (Vec<f64>, u64) {
    let (mut eta, mut steps) = (start, 0);
    for customers in LEVELS {
        if objective.sample.rows.len() < 4 * customers {
            break;
        }
        let few = objective.sample.subsample(customers);
        let part = Objective::new(objective.model, &few);
        let (point, taken) = newton_steps(&part, part.second_order_at(&eta), NEWTON_STEPS, ROUGH_STEP);
        eta = point.eta;
        steps += taken;
    }
    (eta, steps)
}

/// Whether a point is a maximum that identifies all parameters.
fn is_proper<M: LikelihoodModel>(objective: &Objective<'_, M>, point: &Point) -> bool {
    let inside = point.eta.iter().all(|eta| eta.abs() <= BARRIER_AT);
    inside
        && max_abs(&point.gradient) <= GRADIENT_TOLERANCE
        && Eigen::of(&objective.information(point)).smallest() > FLAT_STANDARD_ERROR.powi(-2)
}

/// L-BFGS from one start; the start itself when the line search fails at once.
fn quasi_newton<M: LikelihoodModel>(
    objective: &Objective<'_, M>,
    start: &[f64],
    most_steps: u64,
) -> (Point, u64) {
    let search = MoreThuenteLineSearch::new().with_bounds(1e-12, 20.0);
    let solver = search
        .and_then(|search| LBFGS::new(search, 7).with_tolerance_grad(1e-7))
        .and_then(|solver| solver.with_tolerance_cost(1e-14));
    let run = solver.and_then(|solver| {
        Executor::new(Problem(objective), solver)
            .configure(|state: IterState<Vec<f64>, Vec<f64>, (), (), (), f64>| {
                state.param(start.to_vec()).max_iters(most_steps)
            })
            .timer(false)
            .run()
    });
    let first = objective.at(start);
    let Ok(result) = run else {
        return (first, 0);
    };
    let state = result.state();
    let steps = state.get_iter();
    match state.get_best_param().map(|eta| objective.at(eta)) {
        Some(point) if point.value <= first.value => (point, steps),
        _ => (first, steps),
    }
}

/// Newton steps with the Hessian made positive definite, halved until they lower the objective.
pub(crate) fn newton<M: LikelihoodModel>(objective: &Objective<'_, M>, start: Point) -> (Point, u64) {
    newton_steps(objective, start, NEWTON_STEPS, STEP_GOAL)
}

/// At most so many Newton steps, down to steps of `goal`.
fn newton_steps<M: LikelihoodModel>(
    objective: &Objective<'_, M>,
    start: Point,
    most: u64,
    goal: f64,
) -> (Point, u64) {
    let mut point = start;
    for iteration in 0..most {
        if max_abs(&point.gradient) <= GRADIENT_GOAL {
            return (point, iteration);
        }
        let step = newton_step(objective, &point);
        let near = goal > STEP_GOAL || max_abs(&point.gradient) <= GRADIENT_TOLERANCE;
        if max_abs(&step) <= goal && near {
            return (point, iteration);
        }
        match step_down(objective, &point, &step) {
            Some(next) => point = next,
            None => return (point, iteration),
        }
    }
    (point, most)
}

fn newton_step<M: LikelihoodModel>(objective: &Objective<'_, M>, point: &Point) -> Vec<f64> {
    let mut hessian = objective.hessian(point);
    for (k, eta) in point.eta.iter().enumerate() {
        hessian[k][k] += 2.0 * beyond_barrier(*eta).abs();
    }
    let eigen = Eigen::of(&hessian);
    let floor = 1e-14 * eigen.largest().abs().max(eigen.smallest().abs()).max(1e-12);
    let inverse = eigen.map(|value| value.abs().max(floor).recip());
    let mut step = multiply(&inverse, &point.gradient);
    let longest = max_abs(&step);
    let shrink = if longest > LONGEST_STEP { LONGEST_STEP / longest } else { 1.0 };
    step.iter_mut().for_each(|part| *part *= -shrink);
    step
}

/// The first of step, step/2, step/4, ... that lowers the value, or, where the value has no digits
/// left, the gradient.
fn step_down<M: LikelihoodModel>(objective: &Objective<'_, M>, point: &Point, step: &[f64]) -> Option<Point> {
    let noise = 1e-14 * point.value.abs().max(1e-3);
    // Near a barrier the value is a difference of large terms and has fewer digits.
    let rough = 1e-10 * (1.0 + point.value.abs());
    let gradient = max_abs(&point.gradient);
    let mut factor = 1.0;
    for _ in 0..HALVINGS {
        let moved: Vec<f64> = point.eta.iter().zip(step).map(|(eta, part)| eta + factor * part).collect();
        // The whole step is taken nearly always, and then its second derivatives are needed next.
        let next = objective.second_order_at(&moved);
        let lower = next.value < point.value - noise;
        let flatter = next.value < point.value + rough && max_abs(&next.gradient) < 0.9 * gradient;
        if lower || flatter {
            return Some(next);
        }
        factor *= 0.5;
    }
    None
}

/// argmin's view of an objective.
struct Problem<'o, 'a, M: LikelihoodModel>(&'o Objective<'a, M>);

impl<M: LikelihoodModel> CostFunction for Problem<'_, '_, M> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, eta: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.0.at(eta).value)
    }
}

impl<M: LikelihoodModel> Gradient for Problem<'_, '_, M> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, eta: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.0.at(eta).gradient)
    }
}
