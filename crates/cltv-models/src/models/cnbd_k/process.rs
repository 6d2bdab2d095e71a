//! Customers who buy at every k-th event of a Poisson process, and may drop out after each
//! purchase.

use crate::fit::model::Weighted;
use crate::models::beta_geometric::BetaGeometric;
use crate::models::cnbd_k::CnbdCustomer;
use crate::numeric::random::Draws;
use crate::numeric::special::{ln_add_exp, logistic};
use crate::purchases::process::PurchaseProcess;
use crate::purchases::rows::{HistoryRow, HistoryRows};
use crate::summary::history::History;

/// The (M)BG/CNBD-k at one parameter vector.
#[derive(Debug, Clone, Copy)]
pub struct CnbdProcess {
    pub(crate) k: u32,
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) dropout: BetaGeometric,
}

/// ln of the sum over the phases that may have passed since the last purchase, Σ_j C(R+j−1, j) q^j
/// for j below k, with its derivative by R and its mean j.
struct Phases {
    ln: f64,
    by_shape: f64,
    mean: f64,
}

impl CnbdProcess {
    pub(crate) fn new(k: u32, theta: &[f64], chances_at_start: f64) -> Self {
        Self { k, r: theta[0], alpha: theta[1], dropout: BetaGeometric::new(theta, chances_at_start) }
    }

    fn shape(&self, x: f64) -> f64 {
        self.r + f64::from(self.k) * x
    }

    fn phases(&self, row: &HistoryRow) -> Phases {
        let (shape, q) = (self.shape(row.x), (row.age - row.t_x) / (self.alpha + row.age));
        let (mut term, mut by) = (1.0, 0.0);
        let (mut sum, mut by_shape, mut mean) = (1.0, 0.0, 0.0);
        for j in 1..self.k {
            let j = f64::from(j);
            term *= (shape + j - 1.0) / j * q;
            by += 1.0 / (shape + j - 1.0);
            sum += term;
            by_shape += term * by;
            mean += term * j;
        }
        Phases { ln: sum.ln(), by_shape: by_shape / sum, mean: mean / sum }
    }

    fn customer(&self, row: &HistoryRow) -> CnbdCustomer {
        let (shape, q) = (self.shape(row.x), (row.age - row.t_x) / (self.alpha + row.age));
        let mut weights = vec![1.0];
        for j in 1..self.k {
            let j = f64::from(j);
            weights.push(weights[weights.len() - 1] * (shape + j - 1.0) / j * q);
        }
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        let (a, b) = self.dropout.after_purchases(row.x);
        CnbdCustomer { shape, scale: self.alpha + row.age, a, b, weights }
    }
}

impl PurchaseProcess for CnbdProcess {
    type Customer = CnbdCustomer;
    /// Phases have passed since t_x.
    const RECENCY_COUNTS_IF_ALIVE: bool = true;

    /// The weighted log-likelihood without the intervals' own terms, (k−1) Σ ln interval −
    /// x ln Γ(k), which no parameter changes.
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        let at = |x: f64| (x, self.dropout.shared(x, f64::from(self.k) * x, false));
        let (mut sum, mut shared) = (0.0, at(0.0));
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.0 {
                shared = at(row.x);
            }
            let phases = self.phases(row);
            let (alpha, events) = (self.alpha, f64::from(self.k) * row.x);
            let (to_end, to_last) = ((row.age / alpha).ln_1p(), (row.t_x / alpha).ln_1p());
            let ln_alive = phases.ln - self.shape(row.x) * to_end;
            let ln_gone = shared.1.ln_dropout - self.shape(row.x) * to_last;
            let gone = logistic(ln_gone - ln_alive);
            let alive = 1.0 - gone;
            gradient[0] += weight * (shared.1.by_r + alive * (phases.by_shape - to_end) - gone * to_last);
            let to_age = (self.r * row.age / alpha - events - phases.mean) / (alpha + row.age);
            let to_t_x = (self.r * row.t_x / alpha - events) / (alpha + row.t_x);
            gradient[1] += weight * (alive * to_age + gone * to_t_x);
            shared.1.add_dropout(gone, *weight, gradient);
            sum += weight * (shared.1.value - events * alpha.ln() + ln_add_exp(ln_alive, ln_gone));
        }
        sum
    }

    fn ln_odds_gone(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        let since_last = (row.age - row.t_x) / (self.alpha + row.t_x);
        self.dropout.ln_dropout(row.x) + self.shape(row.x) * since_last.ln_1p() - self.phases(&row).ln
    }

    fn alive(&self, history: History) -> CnbdCustomer {
        let row = HistoryRow::from(history);
        self.customer(&row)
    }

    /// Nothing was seen of the rate after t_x, and all k phases are ahead.
    fn reactivated(&self, history: History, each: &mut dyn FnMut(f64, CnbdCustomer)) {
        let x = history.x as f64;
        if let Some((a, b)) = self.dropout.dropped_out_at(x) {
            let (shape, scale) = (self.shape(x), self.alpha + history.t_x);
            let weights = (0..self.k).map(|passed| f64::from(u8::from(passed == 0))).collect();
            each(1.0, CnbdCustomer { shape, scale, a, b, weights });
        }
    }

    fn newcomer(&self) -> (f64, CnbdCustomer) {
        let start = HistoryRow { x: 0.0, t_x: 0.0, age: 0.0 };
        (self.dropout.newcomer().0, self.customer(&start))
    }

    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
        self.dropout.draw_every(self.k, draws, age)
    }
}
