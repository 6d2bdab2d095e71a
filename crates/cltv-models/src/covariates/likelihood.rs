//! The likelihood of customers with characteristics, by the model's own likelihood.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::effects::CovariateModel;
use crate::fit::model::Weighted;
use crate::purchases::process::PurchaseProcess;
use crate::purchases::rows::HistoryRow;
use crate::summary::rfm::RfmSummary;

/// Parameters of every model that takes covariates.
pub(super) const BASE: usize = 4;

/// A distinct history of customers with the same characteristics.
#[derive(Debug, Clone, PartialEq)]
pub struct CovariateRow {
    history: HistoryRow,
    /// The encoded characteristics, shared by all rows that have them.
    pattern: Arc<Vec<f64>>,
}

impl CovariateRow {
    pub(super) fn history(&self) -> HistoryRow {
        self.history
    }
}

/// Customers with the same characteristics and history together, those with the same
/// characteristics next to each other and sorted by x, times divided by `scale`.
pub(super) fn compressed(
    rfm: &RfmSummary,
    scale: f64,
    encoded: Vec<Vec<f64>>,
) -> Vec<Weighted<CovariateRow>> {
    let mut places: FxHashMap<Vec<u64>, u32> = FxHashMap::default();
    let mut patterns: Vec<Arc<Vec<f64>>> = Vec::new();
    let mut keys: Vec<(u32, u64, f64, f64)> = Vec::with_capacity(rfm.len());
    for (i, values) in encoded.into_iter().enumerate() {
        // Adding 0 makes −0 the 0 that it equals.
        let bits = values.iter().map(|value| (value + 0.0).to_bits()).collect();
        let place = *places.entry(bits).or_insert_with(|| {
            patterns.push(Arc::new(values));
            patterns.len() as u32 - 1
        });
        let history = rfm.history(i);
        keys.push((place, history.x, history.t_x, history.T));
    }
    keys.sort_unstable_by(|l, r| {
        l.0.cmp(&r.0).then(l.1.cmp(&r.1)).then(l.2.total_cmp(&r.2)).then(l.3.total_cmp(&r.3))
    });
    let row = |same: &[(u32, u64, f64, f64)]| {
        let (place, x, t_x, age) = same[0];
        let history = HistoryRow { x: x as f64, t_x: t_x / scale, age: age / scale };
        let pattern = Arc::clone(&patterns[place as usize]);
        Weighted { row: CovariateRow { history, pattern }, weight: same.len() as f64 }
    };
    keys.chunk_by(|left, right| left == right).map(row).collect()
}

/// Where the coefficients of an effect begin among all, the characteristics they belong to, and
/// what it multiplies.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// The place of the first coefficient among the parameters.
    pub(super) first: usize,
    /// The places of its characteristics in a pattern.
    pub(super) columns: std::ops::Range<usize>,
    /// The place of the model's parameter.
    pub(super) on: usize,
    /// 1 or −1.
    pub(super) sign: f64,
}

impl Block {
    /// ln of the factor that this effect gives to its parameter.
    fn ln_factor(&self, theta: &[f64], pattern: &[f64]) -> f64 {
        let values = &pattern[self.columns.clone()];
        self.sign * theta[self.first..].iter().zip(values).map(|(gamma, z)| gamma * z).sum::<f64>()
    }
}

/// The model's own parameters for customers with these characteristics.
pub(super) fn own_parameters(theta: &[f64], blocks: &[Block], pattern: &[f64]) -> [f64; BASE] {
    let mut own: [f64; BASE] = std::array::from_fn(|k| theta[k]);
    for block in blocks {
        own[block.on] *= block.ln_factor(theta, pattern).exp();
    }
    own
}

/// The log-likelihood with its derivatives; those of second order where there is room for them and
/// the model has formulas.
pub(super) fn sum<M: CovariateModel>(
    model: &M,
    theta: &[f64],
    blocks: &[Block],
    rows: &[Weighted<CovariateRow>],
    gradient: &mut [f64],
    mut hessian: Option<&mut [f64]>,
) -> Option<f64> {
    let (mut total, mut histories) = (0.0, Vec::new());
    for same in rows.chunk_by(|left, right| Arc::ptr_eq(&left.row.pattern, &right.row.pattern)) {
        histories.clear();
        histories.extend(same.iter().map(|row| Weighted { row: row.row.history, weight: row.weight }));
        let pattern = &same[0].row.pattern;
        let own = own_parameters(theta, blocks, pattern);
        let process = model.process(&own);
        let (mut slopes, mut second) = ([0.0; BASE], [0.0; BASE * BASE]);
        total += match hessian {
            Some(_) => process.second_order(&histories, &mut slopes, &mut second)?,
            None => process.log_likelihood(&histories, &mut slopes),
        };
        let chain = Chain { theta, own, blocks, pattern };
        chain.add_gradient(&slopes, gradient);
        if let Some(hessian) = &mut hessian {
            chain.add_hessian(&slopes, &second, hessian);
        }
    }
    Some(total)
}

/// The way from the parameters of a pattern to those of the model with covariates.
struct Chain<'a> {
    theta: &'a [f64],
    own: [f64; BASE],
    blocks: &'a [Block],
    pattern: &'a [f64],
}

impl Chain<'_> {
    /// d ln own\[k\] / d θ for the θ that move it: the parameter itself and its coefficients.
    fn for_each(&self, k: usize, mut each: impl FnMut(usize, f64)) {
        each(k, 1.0 / self.theta[k]);
        for block in self.blocks.iter().filter(|block| block.on == k) {
            for (j, column) in block.columns.clone().enumerate() {
                each(block.first + j, block.sign * self.pattern[column]);
            }
        }
    }

    fn add_gradient(&self, slopes: &[f64; BASE], gradient: &mut [f64]) {
        for (k, (slope, own)) in slopes.iter().zip(&self.own).enumerate() {
            let by_log = slope * own;
            self.for_each(k, |place, factor| gradient[place] += by_log * factor);
        }
    }

    /// Jᵀ H J, with H and J by the logarithms of the pattern's parameters; besides, ln θ second by θ.
    fn add_hessian(&self, slopes: &[f64; BASE], second: &[f64; BASE * BASE], hessian: &mut [f64]) {
        let n = self.theta.len();
        for k in 0..BASE {
            let by_log = slopes[k] * self.own[k];
            hessian[k * n + k] -= by_log / (self.theta[k] * self.theta[k]);
            for l in 0..BASE {
                let entry = second[BASE * k.min(l) + k.max(l)] * self.own[k] * self.own[l];
                let entry = if k == l { entry + by_log } else { entry };
                self.for_each(k, |i, left| {
                    self.for_each(l, |j, right| {
                        if i <= j {
                            hessian[i * n + j] += left * entry * right;
                        }
                    });
                });
            }
        }
    }
}
