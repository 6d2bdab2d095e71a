//! Predictive distributions of sums over groups of customers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{CountDistribution, Predictive, check_level};
use crate::base::error::InputError;
use crate::numeric::mixture::normal_mixture_quantile;
use crate::numeric::parallel::in_pieces;
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use crate::summary::patterns::Patterns;
use crate::summary::rfm::RfmSummary;

/// Customers up to which the distribution of a sum is convolved; that of more is taken as normal.
const CONVOLVED: usize = 50;
/// Probability that a convolution leaves out at its end.
const LEFT_OUT: f64 = 1e-13;
/// Pieces of the groups of customers, and the smallest length of one.
const PIECES: usize = 64;
const SMALLEST: usize = 16;

/// A sum over a group of customers, with the interval of what will be seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SumForecast {
    /// Customers in the group.
    pub customers: usize,
    /// Expected sum.
    pub expected: f64,
    /// Standard deviation, from parameter uncertainty and the customers' own chance.
    pub standard_deviation: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The histories of one group with how many of its customers have each, by place.
pub(super) type Members = BTreeMap<u32, u32>;

/// Mean and variance of a sum at one draw.
pub(super) type Moments = (f64, f64);

impl<P: PurchasePredictions> Predictive<P> {
    /// The purchases of all customers in (T, T + horizon] together; see [`Predictive::sums`].
    ///
    /// # Errors
    /// As [`Predictive::sums`].
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbd, BgNbdParams, DrawPlan, Predictive, TimeUnit, simulate_split};
    /// let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week)?;
    /// let split = simulate_split(&truth, &[52.0; 800], 26.0, 7)?;
    /// let fit = BgNbd::default().fit(split.calibration())?;
    /// let mixed = Predictive::over(&fit, &DrawPlan::default())?.total(split.calibration(), 26.0, 0.95)?;
    /// let at = Predictive::at(fit.params()).total(split.calibration(), 26.0, 0.95)?;
    /// let actual = split.actual().iter().sum::<u64>() as f64;
    /// assert!(mixed.low < actual && actual < mixed.high);
    /// // The customers share the parameters, whose uncertainty widens the interval of their sum.
    /// assert!(mixed.standard_deviation > at.standard_deviation);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn total(&self, rfm: &RfmSummary, horizon: f64, level: f64) -> Result<SumForecast, InputError> {
        let all: Vec<usize> = (0..rfm.len()).collect();
        let sums = self.sums(rfm, &[all], horizon, level)?;
        sums.into_iter().next().ok_or(InputError::NoCustomers)
    }

    /// The purchases in (T, T + horizon] of each group of customers, given as rows, with central intervals.
    ///
    /// Given the parameters, customers are independent, and a sum has the sums of their means and variances;
    /// the parameters are common to all. So the distribution is the mixture over the draws: of normal
    /// distributions, or of convolutions for groups of up to 50 customers, whose ends are whole numbers.
    ///
    /// # Errors
    /// As [`Predictive::counts`]; [`InputError::BadOption`] for a level outside (0, 1), or a row that there
    /// is not.
    pub fn sums(
        &self,
        rfm: &RfmSummary,
        groups: &[Vec<usize>],
        horizon: f64,
        level: f64,
    ) -> Result<Vec<SumForecast>, InputError> {
        self.check(rfm, horizon)?;
        check_level(level)?;
        let patterns = rfm.patterns();
        let members = members(patterns, groups)?;
        let moments = self.moments(patterns, &members, horizon);
        let forecast = |(k, rows): (usize, &Vec<usize>)| {
            let moments: Vec<Moments> = moments.iter().skip(k).step_by(groups.len()).copied().collect();
            let normal = |share: f64| {
                let parts: Vec<(f64, f64)> = moments.iter().map(|&(mean, var)| (mean, var.sqrt())).collect();
                normal_mixture_quantile(&parts, share).max(0.0)
            };
            let ends = [0.5 * (1.0 - level), 0.5 * (1.0 + level)];
            let [low, high] = if rows.len() > CONVOLVED {
                ends.map(normal)
            } else {
                let chances = self.convolved(patterns, &members[k], horizon);
                ends.map(|share| CountDistribution::unchecked(&chances).quantile(share) as f64)
            };
            let (expected, variance) = of_mixture(&moments);
            SumForecast { customers: rows.len(), expected, standard_deviation: variance.sqrt(), low, high }
        };
        Ok(groups.iter().enumerate().map(forecast).collect())
    }

    /// Mean and variance of each group's sum at each draw: groups within draws.
    fn moments(&self, patterns: &Patterns, members: &[Members], horizon: f64) -> Vec<Moments> {
        let (mut alike, of_place) = (self.alike(patterns), by_place(patterns, members));
        alike.retain(|group| group.iter().any(|&place| !of_place[place as usize].is_empty()));
        let n = members.len();
        let pieces = in_pieces(alike.len(), piece(alike.len()), |range| {
            let mut sums = vec![(0.0, 0.0); n * self.draws.len()];
            for group in &alike[range] {
                let histories = histories(patterns, group);
                let (counts, length) = self.counts_if_alive(histories[0], horizon);
                let mut alive = vec![0.0; histories.len()];
                for (k, counts) in counts.chunks(length).enumerate() {
                    let (mean, square) = moments_of(counts);
                    self.draws[k].p_alive_of(&histories, &mut alive);
                    for (&place, alive) in group.iter().zip(&alive) {
                        let (mean, variance) = (alive * mean, alive * square - (alive * mean).powi(2));
                        for &(of, count) in &of_place[place as usize] {
                            let sum = &mut sums[k * n + of as usize];
                            sum.0 += f64::from(count) * mean;
                            sum.1 += f64::from(count) * variance;
                        }
                    }
                }
            }
            sums
        });
        let mut sums = vec![(0.0, 0.0); n * self.draws.len()];
        for piece in &pieces {
            for (sum, part) in sums.iter_mut().zip(piece) {
                *sum = (sum.0 + part.0, sum.1 + part.1);
            }
        }
        sums
    }

    /// The distribution of the sum of a small group: the mean over the draws of convolutions.
    fn convolved(&self, patterns: &Patterns, members: &Members, horizon: f64) -> Vec<f64> {
        let mut sums = vec![vec![1.0]; self.draws.len()];
        for (&place, &count) in members {
            let history = patterns.histories[place as usize];
            let (counts, length) = self.counts_if_alive(history, horizon);
            for ((params, counts), sum) in self.draws.iter().zip(counts.chunks(length)).zip(&mut sums) {
                let alive = params.p_alive(history);
                let mut own: Vec<f64> = counts.iter().map(|count| alive * count).collect();
                own[0] += 1.0 - alive;
                for _ in 0..count {
                    *sum = convolution(sum, &own);
                }
            }
        }
        let longest = sums.iter().map(Vec::len).max().unwrap_or(1);
        let mut mean = vec![0.0; longest];
        for sum in &sums {
            mean.iter_mut().zip(sum).for_each(|(mean, chance)| *mean += chance / self.draws.len() as f64);
        }
        mean
    }

    /// Groups of places whose customers are alike while alive.
    pub(super) fn alike(&self, patterns: &Patterns) -> Vec<Vec<u32>> {
        patterns.groups_if_alive(self.recency_counts_if_alive())
    }
}

pub(super) fn histories(patterns: &Patterns, places: &[u32]) -> Vec<History> {
    places.iter().map(|&place| patterns.histories[place as usize]).collect()
}

pub(super) fn piece(n: usize) -> usize {
    SMALLEST.max(n.div_ceil(PIECES))
}

/// The histories of the customers of each group.
pub(super) fn members(patterns: &Patterns, groups: &[Vec<usize>]) -> Result<Vec<Members>, InputError> {
    let places = patterns.places();
    let of = |group: &Vec<usize>| {
        let mut members = Members::new();
        for &row in group {
            let place = places.get(row).ok_or(InputError::BadOption {
                name: "row of a group",
                value: row as f64,
                bound: "below the number of the summary's customers",
            })?;
            *members.entry(*place).or_default() += 1;
        }
        Ok(members)
    };
    groups.iter().map(of).collect()
}

/// The groups of each history with how many of their customers have it.
fn by_place(patterns: &Patterns, members: &[Members]) -> Vec<Vec<(u32, u32)>> {
    let mut of_place = vec![Vec::new(); patterns.histories.len()];
    for (k, members) in (0..).zip(members) {
        members.iter().for_each(|(&place, &count)| of_place[place as usize].push((k, count)));
    }
    of_place
}

/// Mean and mean square of a count.
fn moments_of(chances: &[f64]) -> Moments {
    let (mut mean, mut square) = (0.0, 0.0);
    for (n, chance) in chances.iter().enumerate() {
        mean += n as f64 * chance;
        square += (n * n) as f64 * chance;
    }
    (mean, square)
}

/// Mean and variance of an even mixture.
pub(super) fn of_mixture(parts: &[Moments]) -> Moments {
    let n = parts.len() as f64;
    let mean = parts.iter().map(|part| part.0).sum::<f64>() / n;
    let variance = parts.iter().map(|part| part.1 + (part.0 - mean).powi(2)).sum::<f64>() / n;
    (mean, variance)
}

/// The distribution of a sum of two independent counts, without its negligible end.
fn convolution(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; left.len() + right.len() - 1];
    for (i, a) in left.iter().enumerate() {
        sum[i..].iter_mut().zip(right).for_each(|(sum, b)| *sum += a * b);
    }
    let mut left_out = 0.0;
    while let Some(last) = sum.last().filter(|last| left_out + **last < LEFT_OUT) {
        left_out += last;
        sum.pop();
    }
    sum
}
