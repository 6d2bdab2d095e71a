//! The predictive distribution of a customer's number of purchases.

use super::Predictive;
use crate::base::error::InputError;
use crate::numeric::parallel::in_pieces;
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

/// Probability of larger counts that is left to the last one.
const NEGLIGIBLE: f64 = 1e-10;
/// Counts that are tried first, and the most that are kept.
const FIRST: usize = 16;
const MOST: usize = 1 << 14;
/// Groups of customers that one thread takes at a time.
const PIECE: usize = 64;

/// The distribution of a count: P(0), P(1), …, the last entry being that of all counts from there on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CountDistribution<'a> {
    chances: &'a [f64],
}

impl<'a> CountDistribution<'a> {
    /// A distribution from its probabilities; the last one is of all counts from there on.
    ///
    /// # Errors
    /// [`InputError::BadOption`] for probabilities that are negative or not finite, or whose sum differs from 1 by
    /// more than 1e-6.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::CountDistribution;
    /// let counts = CountDistribution::try_new(&[0.7, 0.2, 0.06, 0.04])?;
    /// assert_eq!((counts.quantile(0.5), counts.interval(0.9)), (0, (0, 2)));
    /// assert!((counts.cdf(1) - 0.9).abs() < 1e-15);
    /// assert!(CountDistribution::try_new(&[0.7, 0.2]).is_err());
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub fn try_new(chances: &'a [f64]) -> Result<Self, InputError> {
        let sum: f64 = chances.iter().sum();
        if chances.iter().all(|&chance| chance >= 0.0) && (sum - 1.0).abs() <= 1e-6 {
            return Ok(Self { chances });
        }
        let bound = "1, with no probability below 0; the last one is of all larger counts too";
        Err(InputError::BadOption { name: "sum of the probabilities", value: sum, bound })
    }

    /// A distribution from probabilities that sum to 1.
    pub(crate) fn unchecked(chances: &'a [f64]) -> Self {
        Self { chances }
    }

    /// P(0), P(1), …; the last entry is of all counts from there on.
    #[must_use]
    pub fn chances(&self) -> &'a [f64] {
        self.chances
    }

    /// P(n); the last count has the probability of all larger ones, which have 0.
    #[must_use]
    pub fn pmf(&self, n: u64) -> f64 {
        usize::try_from(n).ok().and_then(|n| self.chances.get(n)).copied().unwrap_or(0.0)
    }

    /// P(count ≤ n).
    #[must_use]
    pub fn cdf(&self, n: u64) -> f64 {
        let until =
            usize::try_from(n).map_or(self.chances.len(), |n| self.chances.len().min(n.saturating_add(1)));
        self.chances[..until].iter().sum::<f64>().min(1.0)
    }

    /// P(count ≥ 1), without cancellation.
    #[must_use]
    pub fn at_least_one(&self) -> f64 {
        self.chances.iter().skip(1).rev().sum()
    }

    /// The mean; without the part of counts beyond the last one.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.chances.iter().enumerate().map(|(n, chance)| n as f64 * chance).sum()
    }

    /// The smallest n with P(count ≤ n) ≥ `share`.
    #[must_use]
    pub fn quantile(&self, share: f64) -> u64 {
        let mut sum = 0.0;
        for (n, chance) in self.chances.iter().enumerate() {
            sum += chance;
            if sum >= share {
                return n as u64;
            }
        }
        self.chances.len().saturating_sub(1) as u64
    }

    /// The central interval: quantiles of (1 − level)/2 and (1 + level)/2. It contains the count with at
    /// least the probability `level`, and with more where counts are few.
    #[must_use]
    pub fn interval(&self, level: f64) -> (u64, u64) {
        (self.quantile(0.5 * (1.0 - level)), self.quantile(0.5 * (1.0 + level)))
    }
}

/// The distribution of the number of purchases of every customer of a summary, in row order; those with the
/// same history share one.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictiveCounts {
    /// One after another, from `starts[place]` to `starts[place + 1]`.
    pub(super) chances: Vec<f64>,
    pub(super) starts: Vec<usize>,
    /// The place of each customer's history.
    pub(super) of: Vec<u32>,
    /// Repeat purchases of each distinct history.
    pub(super) x: Vec<u64>,
    pub(super) horizon: f64,
}

impl PredictiveCounts {
    /// Customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// The time that the purchases are counted in.
    #[must_use]
    pub fn horizon(&self) -> f64 {
        self.horizon
    }

    /// The distribution of the customer in row `i`.
    ///
    /// # Panics
    /// As indexing, for a row that there is not.
    #[must_use]
    pub fn of(&self, i: usize) -> CountDistribution<'_> {
        self.at(self.of[i] as usize)
    }

    /// The distributions of all customers, in row order.
    #[must_use]
    pub fn distributions(&self) -> Vec<CountDistribution<'_>> {
        self.of.iter().map(|&place| self.at(place as usize)).collect()
    }

    /// The central interval of every customer, as a column of lower and one of upper ends; see
    /// [`CountDistribution::interval`].
    #[must_use]
    pub fn intervals(&self, level: f64) -> (Vec<u64>, Vec<u64>) {
        (self.quantiles(0.5 * (1.0 - level)), self.quantiles(0.5 * (1.0 + level)))
    }

    /// [`CountDistribution::quantile`] of every customer.
    #[must_use]
    pub fn quantiles(&self, share: f64) -> Vec<u64> {
        self.map(|counts| counts.quantile(share))
    }

    /// A figure of the distribution of every customer, computed once for each distinct history.
    #[must_use]
    pub fn map<T: Copy + Send>(&self, figure: impl Fn(CountDistribution<'_>) -> T + Sync) -> Vec<T> {
        self.each(&self.figures(|place| figure(self.at(place))))
    }

    /// The same customers with other distributions of the same lengths.
    pub(crate) fn changed(&self, change: impl Fn(&mut [f64])) -> Self {
        let mut out = self.clone();
        for ends in self.starts.windows(2) {
            change(&mut out.chances[ends[0]..ends[1]]);
        }
        out
    }

    pub(super) fn at(&self, place: usize) -> CountDistribution<'_> {
        CountDistribution { chances: &self.chances[self.starts[place]..self.starts[place + 1]] }
    }

    /// A figure for the place of each distinct history.
    pub(super) fn figures<T: Send>(&self, figure: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let pieces = in_pieces(self.x.len(), PIECE, |range| range.map(&figure).collect::<Vec<T>>());
        pieces.into_iter().flatten().collect()
    }

    pub(super) fn each<T: Copy>(&self, figures: &[T]) -> Vec<T> {
        self.of.iter().map(|&place| figures[place as usize]).collect()
    }
}

impl<P: PurchasePredictions> Predictive<P> {
    /// The distribution of the number of purchases in (T, T + horizon] of every customer.
    ///
    /// Of a customer with P(alive) = w it is P(n) = w P(n | alive) + (1 − w) 1{n = 0}, by the closed forms
    /// or the quadrature of [`PurchasePredictions::pmf_future`], and its mean over the draws. Counts beyond
    /// the last entry have less than 1e-10 together.
    ///
    /// # Errors
    /// [`InputError::UnitMismatch`] for a summary in another unit, [`InputError::BadOption`] for a horizon
    /// that is not positive and finite.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{ParetoNbdParams, Predictive, PurchasePredictions, TimeUnit, simulate_split};
    /// let params = ParetoNbdParams::new(0.553, 10.578, 0.606, 11.669, TimeUnit::Week)?;
    /// let rfm = simulate_split(&params, &[39.0; 100], 39.0, 42)?.calibration().clone();
    /// let counts = Predictive::at(params).counts(&rfm, 39.0)?;
    /// for i in 0..100 {
    ///     let expected = params.expected_purchases(rfm.history(i), 39.0);
    ///     assert!((counts.of(i).mean() / expected - 1.0).abs() < 1e-6);
    /// }
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    pub fn counts(&self, rfm: &RfmSummary, horizon: f64) -> Result<PredictiveCounts, InputError> {
        self.check(rfm, horizon)?;
        let patterns = rfm.patterns();
        let groups = patterns.groups_if_alive(self.recency_counts_if_alive());
        let pieces = in_pieces(groups.len(), PIECE, |range| {
            let (mut chances, mut lengths) = (Vec::new(), Vec::new());
            for group in &groups[range] {
                let histories: Vec<History> =
                    group.iter().map(|&place| patterns.histories[place as usize]).collect();
                let length = self.mixed_counts(&histories, horizon, &mut chances);
                lengths.extend(group.iter().map(|&place| (place, length)));
            }
            (chances, lengths)
        });
        let mut starts = vec![0; patterns.histories.len() + 1];
        for &(place, length) in pieces.iter().flat_map(|(_, lengths)| lengths) {
            starts[place as usize + 1] = length;
        }
        for place in 1..starts.len() {
            starts[place] += starts[place - 1];
        }
        let mut all = vec![0.0; starts[starts.len() - 1]];
        for (chances, lengths) in &pieces {
            let mut from = 0;
            for &(place, length) in lengths {
                let start = starts[place as usize];
                all[start..start + length].copy_from_slice(&chances[from..from + length]);
                from += length;
            }
        }
        let x = patterns.histories.iter().map(|history| history.x).collect();
        Ok(PredictiveCounts { chances: all, starts, of: patterns.places().to_vec(), x, horizon })
    }

    /// Appends the distributions of histories whose customers are alike while alive; their length.
    fn mixed_counts(&self, histories: &[History], horizon: f64, out: &mut Vec<f64>) -> usize {
        let (counts, length) = self.counts_if_alive(histories[0], horizon);
        let start = out.len();
        out.resize(start + histories.len() * length, 0.0);
        let (mut alive, share) = (vec![0.0; histories.len()], 1.0 / self.draws.len() as f64);
        for (params, counts) in self.draws.iter().zip(counts.chunks(length)) {
            params.p_alive_of(histories, &mut alive);
            for (out, alive) in out[start..].chunks_mut(length).zip(&alive) {
                out[0] += share * (1.0 - alive);
                out.iter_mut().zip(counts).for_each(|(out, count)| *out += share * alive * count);
            }
        }
        length
    }

    /// The counts of a living customer at each draw, one draw after another, all of the returned length; the
    /// last count has the probability of all larger ones.
    pub(super) fn counts_if_alive(&self, history: History, horizon: f64) -> (Vec<f64>, usize) {
        let (mut counts, n) = (Vec::new(), self.draws.len());
        let expected = self.draws[0].expected_purchases_if_alive(history, horizon);
        let mut length = (2.0 * expected).clamp(FIRST as f64, MOST as f64) as usize;
        loop {
            counts.resize(n * length, 0.0);
            for (params, counts) in self.draws.iter().zip(counts.chunks_mut(length)) {
                params.pmf_if_alive_up_to(history, horizon, counts);
            }
            let left = 1.0 - counts.iter().sum::<f64>() / n as f64;
            if left <= NEGLIGIBLE || length == MOST {
                break;
            }
            length = (2 * length).min(MOST);
        }
        let shorter = shortest(&counts, length);
        for k in 0..n {
            counts.copy_within(k * length..k * length + shorter, k * shorter);
        }
        counts.truncate(n * shorter);
        for counts in counts.chunks_mut(shorter) {
            let below: f64 = counts[..shorter - 1].iter().sum();
            counts[shorter - 1] = (1.0 - below).max(0.0);
        }
        (counts, shorter)
    }
}

/// Counts that have to be kept of rows of a length, so that the others have a negligible mean.
fn shortest(counts: &[f64], length: usize) -> usize {
    let n = (counts.len() / length) as f64;
    let mut left = 1.0 - counts.iter().sum::<f64>() / n;
    for last in (1..length).rev() {
        left += counts.iter().skip(last).step_by(length).sum::<f64>() / n;
        if left > NEGLIGIBLE {
            return last + 1;
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::units::TimeUnit;
    use crate::models::beta_geometric::bg_nbd::BgNbdParams;
    use approx::assert_relative_eq;

    #[test]
    fn lengths_leave_a_negligible_tail_and_mixtures_are_means() {
        let one = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week).unwrap();
        let other = BgNbdParams::new(0.9, 2.0, 0.3, 2.426, TimeUnit::Week).unwrap();
        let mixed = Predictive { draws: vec![one, other] };
        for (x, t_x, age) in [(0, 0.0, 39.0), (4, 30.0, 39.0), (300, 38.0, 39.0)] {
            let history = History::try_new(x, t_x, age).unwrap();
            let mut chances = Vec::new();
            let length = mixed.mixed_counts(&[history], 39.0, &mut chances);
            assert_eq!(length, chances.len());
            assert_relative_eq!(chances.iter().sum::<f64>(), 1.0, max_relative = 1e-12);
            assert!(chances[length - 1] < 1e-9 && length < 2_000, "{length}");
            for (n, chance) in (0..).zip(&chances[..length - 1]) {
                let mean = 0.5 * (one.pmf_future(history, n, 39.0) + other.pmf_future(history, n, 39.0));
                assert_relative_eq!(*chance, mean, max_relative = 1e-9, epsilon = 1e-15);
            }
        }
    }
}
