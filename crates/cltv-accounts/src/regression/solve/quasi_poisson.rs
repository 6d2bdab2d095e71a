//! The quasi-Poisson estimate of a mean that is the exponential of a linear predictor.

use super::least_squares::least_squares;
use super::orthogonal::Basis;
use crate::numeric::mean;

/// Iterations of Newton's method; most fits take about ten.
pub(crate) const ITERATIONS: u32 = 60;
/// Newton's method has converged when no linear predictor changes by more than this.
const CONVERGED: f64 = 1e-12;
/// The shortest share of a Newton step that the line search tries.
const SHORTEST_STEP: f64 = 1e-6;

/// The estimate.
pub(crate) struct QuasiPoisson {
    /// One coefficient for each column.
    pub(crate) coefficients: Vec<f64>,
    /// μ = exp(Xb), one for each row.
    pub(crate) means: Vec<f64>,
    /// The factorisation of W^½ X with W = diag(μ), of which standard errors are made.
    pub(crate) weighted: Basis,
}

impl QuasiPoisson {
    /// Maximises Σ (y η − e^η), η = Xb, which is concave in b for any y.
    ///
    /// Each Newton step is a least-squares fit of the working response √μ (η + (y − μ) / μ) on √μ X by
    /// linfa-linear. `None` when no finite coefficients are found.
    pub(crate) fn fit(columns: &[&[f64]], y: &[f64]) -> Option<Self> {
        let mut eta = vec![mean(y).ln(); y.len()];
        let mut objective = quasi_likelihood(y, &eta);
        for _ in 0..ITERATIONS {
            let means: Vec<f64> = eta.iter().map(|eta| eta.exp()).collect();
            let weighted = weighted(columns, &means);
            let working = |((y, mean), eta): ((&f64, &f64), &f64)| mean.sqrt() * (eta + (y - mean) / mean);
            let working = y.iter().zip(&means).zip(&eta).map(working).collect();
            let coefficients = least_squares(&weighted, working).ok()?;
            let newton = linear_predictor(&coefficients, columns);
            let step = newton.iter().zip(&eta).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
            if step.is_nan() {
                return None;
            }
            if step < CONVERGED {
                let weighted = Basis::of(weighted.iter().map(Vec::as_slice));
                let full_rank = weighted.kept.len() == columns.len();
                return full_rank.then_some(Self { coefficients, means, weighted });
            }
            (objective, eta) = line_search(y, &eta, &newton, objective);
        }
        None
    }
}

/// Σ (y η − e^η).
fn quasi_likelihood(y: &[f64], eta: &[f64]) -> f64 {
    y.iter().zip(eta).map(|(y, eta)| y * eta - eta.exp()).sum()
}

/// The point between `from` and Newton's `to` that does not lower the objective: the step is halved until
/// it does not. At the maximum rounding decides between two objectives, so a small loss is accepted.
fn line_search(y: &[f64], from: &[f64], to: &[f64], objective: f64) -> (f64, Vec<f64>) {
    let mut share = 1.0;
    loop {
        let eta: Vec<f64> = from.iter().zip(to).map(|(from, to)| from + share * (to - from)).collect();
        let reached = quasi_likelihood(y, &eta);
        if reached >= objective - 1e-12 * objective.abs() || share < SHORTEST_STEP {
            return (reached, eta);
        }
        share /= 2.0;
    }
}

/// √μ X by columns.
fn weighted(columns: &[&[f64]], means: &[f64]) -> Vec<Vec<f64>> {
    let column =
        |values: &&[f64]| values.iter().zip(means).map(|(value, mean)| value * mean.sqrt()).collect();
    columns.iter().map(column).collect()
}

/// η = Xb.
fn linear_predictor(coefficients: &[f64], columns: &[&[f64]]) -> Vec<f64> {
    let mut eta = vec![0.0; columns.first().map_or(0, |column| column.len())];
    for (coefficient, column) in coefficients.iter().zip(columns) {
        eta.iter_mut().zip(*column).for_each(|(sum, value)| *sum += coefficient * value);
    }
    eta
}
