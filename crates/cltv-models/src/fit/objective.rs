//! The objective of a fit, with its derivatives.

use std::cell::RefCell;

use crate::fit::model::{LikelihoodModel, Parameter, Sample, Weighted};
use crate::numeric::linalg::max_abs;
use crate::numeric::parallel::in_pieces;

/// Log parameters (of scaled data) beyond ± this meet a cubic barrier: e^12 is 160,000 longest ages,
/// mean spends or prior customers, which no data can distinguish from infinity.
pub(crate) const BARRIER_AT: f64 = 12.0;
/// Step of the finite differences of the gradient; errors are of its fourth power.
const DIFFERENCE: f64 = 1e-3;
/// Step times the square root of the curvature above which a finer step is taken.
const LARGEST_CURVATURE: f64 = 0.05;
/// Rows that one thread takes at a time.
const PIECE: usize = 8192;

/// Mean negative log-likelihood a customer by log parameters (signed ones as they are), with penalty
/// and barrier.
pub(crate) struct Objective<'a, M: LikelihoodModel> {
    pub(crate) model: &'a M,
    parameters: Vec<Parameter>,
    pub(crate) sample: &'a Sample<M::Row>,
    penalties: Vec<f64>,
    /// A parameter that stays where it is.
    fixed: Option<usize>,
    /// argmin requests value and gradient one after the other at the same point.
    last: RefCell<Option<Point>>,
}

/// The objective at one point.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) eta: Vec<f64>,
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    /// Second derivatives without the barrier, where the model gave them along with the rest.
    hessian: Option<Vec<Vec<f64>>>,
}

impl Point {
    /// Whether the model has given its second derivatives.
    pub(crate) fn has_second_derivatives(&self) -> bool {
        self.hessian.is_some()
    }
}

/// A sum over rows: the log-likelihood and its derivatives by the parameters.
struct Sums {
    log_likelihood: f64,
    gradient: Vec<f64>,
    /// In rows of n, of which the part from the diagonal on is filled.
    hessian: Option<Vec<f64>>,
}

impl<'a, M: LikelihoodModel> Objective<'a, M> {
    pub(crate) fn new(model: &'a M, sample: &'a Sample<M::Row>) -> Self {
        let (parameters, penalties) = (model.parameters(), model.penalties());
        Self { model, parameters, sample, penalties, fixed: None, last: RefCell::new(None) }
    }

    /// The same objective of all parameters but one.
    pub(crate) fn fixing(self, fixed: usize) -> Self {
        Self { fixed: Some(fixed), ..self }
    }

    /// Sets the derivative by the fixed parameter to 0.
    fn zero_fixed(&self, gradient: &mut [f64]) {
        if let Some(fixed) = self.fixed {
            gradient[fixed] = 0.0;
        }
    }

    /// The parameters of what the optimiser moves.
    pub(crate) fn theta(&self, eta: &[f64]) -> Vec<f64> {
        self.parameters.iter().zip(eta).map(|(parameter, eta)| parameter.of_free(*eta)).collect()
    }

    /// Value and gradient.
    pub(crate) fn at(&self, eta: &[f64]) -> Point {
        if let Some(point) = self.last.borrow().as_ref().filter(|point| point.eta == eta) {
            return point.clone();
        }
        let point = self.with_barrier(self.without_barrier(eta, false));
        *self.last.borrow_mut() = Some(point.clone());
        point
    }

    /// Value, gradient and, where the model has them, second derivatives.
    pub(crate) fn second_order_at(&self, eta: &[f64]) -> Point {
        self.with_barrier(self.without_barrier(eta, true))
    }

    fn with_barrier(&self, mut point: Point) -> Point {
        for (slope, eta) in point.gradient.iter_mut().zip(&point.eta) {
            let beyond = beyond_barrier(*eta);
            point.value += beyond.abs().powi(3) / 3.0;
            *slope += beyond * beyond.abs();
        }
        self.zero_fixed(&mut point.gradient);
        point
    }

    fn without_barrier(&self, eta: &[f64], second: bool) -> Point {
        let theta = self.theta(eta);
        let Sums { log_likelihood, mut gradient, hessian } = self.sums(&theta, second);
        let n = self.sample.customers as f64;
        let mut value = -log_likelihood / n;
        let slopes: Vec<f64> = self.parameters.iter().zip(&theta).map(|(p, at)| p.slope(*at)).collect();
        let hessian = hessian.map(|sums| self.free_hessian(&sums, &gradient, &slopes));
        for (k, slope) in gradient.iter_mut().enumerate() {
            value += self.penalties[k] * eta[k] * eta[k];
            *slope = -*slope * slopes[k] / n + 2.0 * self.penalties[k] * eta[k];
        }
        self.zero_fixed(&mut gradient);
        let eta = eta.to_vec();
        if value.is_finite() && max_abs(&gradient).is_finite() {
            return Point { eta, value, gradient, hessian };
        }
        // Line searches step back from a large finite value; from NaN they do not return.
        Point { gradient: eta.clone(), value: f64::MAX.sqrt(), eta, hessian: None }
    }

    /// Sums over all rows. Pieces are the same on every machine, and so are their sums.
    fn sums(&self, theta: &[f64], second: bool) -> Sums {
        let (model, rows) = (self.model, &self.sample.rows);
        let mut pieces = in_pieces(rows.len(), PIECE, |range| piece(model, theta, &rows[range], second));
        let mut sums = pieces.pop().unwrap_or_else(|| piece(model, theta, &[], second));
        for piece in &pieces {
            sums.log_likelihood += piece.log_likelihood;
            add(&mut sums.gradient, &piece.gradient);
            if let (Some(sum), Some(part)) = (&mut sums.hessian, &piece.hessian) {
                add(sum, part);
            }
        }
        sums
    }

    /// Second derivatives of the mean objective by free parameters, from those of the
    /// log-likelihood by the parameters.
    fn free_hessian(&self, sums: &[f64], gradient: &[f64], slopes: &[f64]) -> Vec<Vec<f64>> {
        let (n, customers) = (slopes.len(), self.sample.customers as f64);
        let entry = |i: usize, j: usize| {
            let mut sum = sums[i.min(j) * n + i.max(j)] * slopes[i] * slopes[j];
            if i == j && !self.parameters[i].signed {
                // A log parameter's slope is the parameter, which changes with it.
                sum += gradient[i] * slopes[i];
            }
            -sum / customers + if i == j { 2.0 * self.penalties[i] } else { 0.0 }
        };
        (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
    }

    /// Second derivatives of the mean objective without the barrier; 1 where a parameter is fixed.
    pub(crate) fn hessian(&self, point: &Point) -> Vec<Vec<f64>> {
        let mut hessian = self.second_derivatives(point);
        if let Some(fixed) = self.fixed {
            hessian.iter_mut().for_each(|row| row[fixed] = 0.0);
            hessian[fixed].fill(0.0);
            hessian[fixed][fixed] = 1.0;
        }
        hessian
    }

    /// The model's second derivatives, or central differences of the gradient.
    fn second_derivatives(&self, point: &Point) -> Vec<Vec<f64>> {
        if let Some(hessian) = &point.hessian {
            return hessian.clone();
        }
        if let Some(hessian) = self.without_barrier(&point.eta, true).hessian {
            return hessian;
        }
        let n = point.eta.len();
        let columns: Vec<Vec<f64>> = (0..n).map(|j| self.hessian_column(&point.eta, j)).collect();
        (0..n).map(|i| (0..n).map(|j| 0.5 * (columns[i][j] + columns[j][i])).collect()).collect()
    }

    fn hessian_column(&self, eta: &[f64], j: usize) -> Vec<f64> {
        let column = self.difference(eta, j, DIFFERENCE);
        // A likelihood with high curvature, as for amounts without spread, needs a finer step.
        let finer = LARGEST_CURVATURE / column[j].abs().sqrt();
        if finer < DIFFERENCE {
            return self.difference(eta, j, finer);
        }
        column
    }

    fn difference(&self, eta: &[f64], j: usize, step: f64) -> Vec<f64> {
        let slope = |steps: f64| {
            let mut moved = eta.to_vec();
            moved[j] += steps * step;
            self.without_barrier(&moved, false).gradient
        };
        let (near, far) = ((slope(1.0), slope(-1.0)), (slope(2.0), slope(-2.0)));
        (0..eta.len())
            .map(|i| (8.0 * (near.0[i] - near.1[i]) - (far.0[i] - far.1[i])) / (12.0 * step))
            .collect()
    }

    /// The observed information of log parameters: the Hessian summed over customers.
    pub(crate) fn information(&self, point: &Point) -> Vec<Vec<f64>> {
        let n = self.sample.customers as f64;
        let mut hessian = self.hessian(point);
        hessian.iter_mut().flatten().for_each(|entry| *entry *= n);
        hessian
    }

    /// Unpenalised, summed over the scaled rows.
    pub(crate) fn log_likelihood(&self, theta: &[f64]) -> f64 {
        self.sums(theta, false).log_likelihood
    }
}

fn piece<M: LikelihoodModel>(model: &M, theta: &[f64], rows: &[Weighted<M::Row>], second: bool) -> Sums {
    let n = theta.len();
    let mut gradient = vec![0.0; n];
    if second {
        let mut hessian = vec![0.0; n * n];
        if let Some(log_likelihood) = model.second_order(theta, rows, &mut gradient, &mut hessian) {
            return Sums { log_likelihood, gradient, hessian: Some(hessian) };
        }
    }
    let log_likelihood = model.log_likelihood(theta, rows, &mut gradient);
    Sums { log_likelihood, gradient, hessian: None }
}

fn add(sums: &mut [f64], parts: &[f64]) {
    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
}

/// How far a log parameter is beyond the barrier, with its sign.
pub(crate) fn beyond_barrier(eta: f64) -> f64 {
    eta - eta.clamp(-BARRIER_AT, BARRIER_AT)
}
