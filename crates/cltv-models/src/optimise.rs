//! The objective of a fit and how its minimum is found.

use std::cell::RefCell;

use argmin::core::{CostFunction, Error, Executor, Gradient, IterState, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;

use crate::linalg::{Eigen, max_abs, multiply};
use crate::model::{LikelihoodModel, Parameter, Sample};

/// Log parameters (of scaled data) beyond ± this meet a cubic wall: e^12 is 160,000 longest ages,
/// mean spends or prior customers, which no data can tell from infinity.
const WALL_AT: f64 = 12.0;
/// Step of the finite differences of the gradient; errors are of its fourth power.
const DIFFERENCE: f64 = 1e-3;
/// Step times the square root of the curvature above which a finer step is taken.
const LARGEST_BEND: f64 = 0.05;
/// Gradient at which Newton steps have nothing left to win.
const GRADIENT_GOAL: f64 = 1e-14;
const NEWTON_STEPS: u64 = 100;
const QUASI_NEWTON_STEPS: u64 = 200;
/// Longest Newton step in any log parameter.
const LONGEST_STEP: f64 = 2.0;
const HALVINGS: u32 = 30;

/// Mean negative log-likelihood a customer by log parameters (signed ones as they are), with penalty
/// and wall.
pub(crate) struct Objective<'a, M: LikelihoodModel> {
    model: &'a M,
    parameters: Vec<Parameter>,
    sample: &'a Sample<M::Row>,
    penalty: f64,
    /// argmin asks for value and gradient one after the other, at the same point.
    last: RefCell<Option<Point>>,
}

/// The objective at one point.
#[derive(Debug, Clone)]
struct Point {
    eta: Vec<f64>,
    value: f64,
    gradient: Vec<f64>,
}

/// The best point found.
#[derive(Debug, Clone)]
pub(crate) struct Optimum {
    pub(crate) eta: Vec<f64>,
    pub(crate) gradient_norm: f64,
    pub(crate) iterations: u64,
    pub(crate) starts: usize,
    /// Parameters that ended behind the wall.
    pub(crate) at_bound: Vec<usize>,
}

impl<'a, M: LikelihoodModel> Objective<'a, M> {
    pub(crate) fn new(model: &'a M, sample: &'a Sample<M::Row>, penalty: f64) -> Self {
        Self { model, parameters: model.parameters(), sample, penalty, last: RefCell::new(None) }
    }

    /// The parameters of what the optimiser moves.
    pub(crate) fn theta(&self, eta: &[f64]) -> Vec<f64> {
        self.parameters.iter().zip(eta).map(|(parameter, eta)| parameter.of_free(*eta)).collect()
    }

    fn at(&self, eta: &[f64]) -> Point {
        if let Some(point) = self.last.borrow().as_ref().filter(|point| point.eta == eta) {
            return point.clone();
        }
        let point = self.evaluate(eta);
        *self.last.borrow_mut() = Some(point.clone());
        point
    }

    fn evaluate(&self, eta: &[f64]) -> Point {
        let mut point = self.without_wall(eta);
        for (slope, eta) in point.gradient.iter_mut().zip(eta) {
            let beyond = beyond_wall(*eta);
            point.value += beyond.abs().powi(3) / 3.0;
            *slope += beyond * beyond.abs();
        }
        point
    }

    fn without_wall(&self, eta: &[f64]) -> Point {
        let theta = self.theta(eta);
        let mut gradient = vec![0.0; eta.len()];
        let log_likelihood = self.model.log_likelihood(&theta, &self.sample.rows, &mut gradient);
        let n = self.sample.customers as f64;
        let mut value = -log_likelihood / n;
        for (k, slope) in gradient.iter_mut().enumerate() {
            value += self.penalty * eta[k] * eta[k];
            *slope = -*slope * self.parameters[k].slope(theta[k]) / n + 2.0 * self.penalty * eta[k];
        }
        let eta = eta.to_vec();
        if value.is_finite() && max_abs(&gradient).is_finite() {
            return Point { eta, value, gradient };
        }
        // Line searches step back from a large finite value; from NaN they do not return.
        Point { gradient: eta.clone(), value: f64::MAX.sqrt(), eta }
    }

    /// Second derivatives of the mean objective without the wall, by central differences of the
    /// gradient.
    fn hessian(&self, eta: &[f64]) -> Vec<Vec<f64>> {
        let n = eta.len();
        let columns: Vec<Vec<f64>> = (0..n).map(|j| self.hessian_column(eta, j)).collect();
        (0..n).map(|i| (0..n).map(|j| 0.5 * (columns[i][j] + columns[j][i])).collect()).collect()
    }

    fn hessian_column(&self, eta: &[f64], j: usize) -> Vec<f64> {
        let column = self.difference(eta, j, DIFFERENCE);
        // A likelihood that bends within the step, as for spend without spread, needs a finer one.
        let finer = LARGEST_BEND / column[j].abs().sqrt();
        if finer < DIFFERENCE {
            return self.difference(eta, j, finer);
        }
        column
    }

    fn difference(&self, eta: &[f64], j: usize, step: f64) -> Vec<f64> {
        let slope = |steps: f64| {
            let mut moved = eta.to_vec();
            moved[j] += steps * step;
            self.without_wall(&moved).gradient
        };
        let (near, far) = ((slope(1.0), slope(-1.0)), (slope(2.0), slope(-2.0)));
        (0..eta.len())
            .map(|i| (8.0 * (near.0[i] - near.1[i]) - (far.0[i] - far.1[i])) / (12.0 * step))
            .collect()
    }

    /// The observed information of log parameters: the Hessian summed over customers.
    pub(crate) fn information(&self, eta: &[f64]) -> Vec<Vec<f64>> {
        let n = self.sample.customers as f64;
        let mut hessian = self.hessian(eta);
        hessian.iter_mut().flatten().for_each(|entry| *entry *= n);
        hessian
    }
}

/// How far a log parameter is behind the wall, with its sign.
fn beyond_wall(eta: f64) -> f64 {
    eta - eta.clamp(-WALL_AT, WALL_AT)
}

/// The lowest of the points reached from all starts, finished by Newton steps.
pub(crate) fn minimise<M: LikelihoodModel>(objective: &Objective<'_, M>, starts: &[Vec<f64>]) -> Optimum {
    let mut iterations = 0;
    let mut reached: Vec<Point> = Vec::with_capacity(starts.len());
    for start in starts {
        let (point, steps) = quasi_newton(objective, start);
        reached.push(point);
        iterations += steps;
    }
    reached.sort_by(|a, b| a.value.total_cmp(&b.value));
    let mut best: Option<Point> = None;
    for point in reached {
        let (point, steps) = newton(objective, point);
        iterations += steps;
        let done = max_abs(&point.gradient) <= crate::fit::GRADIENT_TOLERANCE;
        if done || best.as_ref().is_none_or(|best| point.value < best.value) {
            best = Some(point);
        }
        if done {
            break;
        }
    }
    let best = best.unwrap_or_else(|| objective.at(&vec![0.0; objective.parameters.len()]));
    Optimum {
        gradient_norm: max_abs(&best.gradient),
        at_bound: (0..best.eta.len()).filter(|&k| best.eta[k].abs() > WALL_AT).collect(),
        eta: best.eta,
        iterations,
        starts: starts.len(),
    }
}

/// L-BFGS from one start; the start itself when the line search fails at once.
fn quasi_newton<M: LikelihoodModel>(objective: &Objective<'_, M>, start: &[f64]) -> (Point, u64) {
    let search = MoreThuenteLineSearch::new().with_bounds(1e-12, 20.0);
    let solver = search
        .and_then(|search| LBFGS::new(search, 7).with_tolerance_grad(1e-7))
        .and_then(|solver| solver.with_tolerance_cost(1e-14));
    let run = solver.and_then(|solver| {
        Executor::new(Problem(objective), solver)
            .configure(|state: IterState<Vec<f64>, Vec<f64>, (), (), (), f64>| {
                state.param(start.to_vec()).max_iters(QUASI_NEWTON_STEPS)
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

/// Newton steps with the Hessian made positive, halved until they lead down.
fn newton<M: LikelihoodModel>(objective: &Objective<'_, M>, start: Point) -> (Point, u64) {
    let mut point = start;
    for iteration in 0..NEWTON_STEPS {
        if max_abs(&point.gradient) <= GRADIENT_GOAL {
            return (point, iteration);
        }
        let step = newton_step(objective, &point);
        match step_down(objective, &point, &step) {
            Some(next) => point = next,
            None => return (point, iteration),
        }
    }
    (point, NEWTON_STEPS)
}

fn newton_step<M: LikelihoodModel>(objective: &Objective<'_, M>, point: &Point) -> Vec<f64> {
    let mut hessian = objective.hessian(&point.eta);
    for (k, eta) in point.eta.iter().enumerate() {
        hessian[k][k] += 2.0 * beyond_wall(*eta).abs();
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
    // Near a wall the value is a difference of large terms and has fewer digits.
    let rough = 1e-10 * (1.0 + point.value.abs());
    let gradient = max_abs(&point.gradient);
    let mut factor = 1.0;
    for _ in 0..HALVINGS {
        let moved: Vec<f64> = point.eta.iter().zip(step).map(|(eta, part)| eta + factor * part).collect();
        let next = objective.evaluate(&moved);
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
