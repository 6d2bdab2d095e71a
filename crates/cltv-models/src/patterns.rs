//! Customers who look the same: their distinct histories, and which one each customer has.
//!
//! A likelihood or a prediction is the same for all of them, so it is computed once. In a year of
//! purchases merged by day a million customers have about a hundred thousand histories.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::parallel::in_pieces;
use crate::rfm::{History, RfmSummary};

/// Customers that one thread takes at a time.
const PIECE: usize = 1 << 17;
/// Distinct histories that one thread takes at a time.
const FEW: usize = 512;

/// The distinct histories of a summary.
#[derive(Debug, Default, Clone)]
pub(crate) struct Patterns {
    /// Sorted by x, then t_x, then T.
    pub(crate) histories: Vec<History>,
    /// How many customers have each.
    pub(crate) counts: Vec<u32>,
    /// The history of each customer, as a place in `histories`.
    of: Vec<u32>,
}

/// The patterns of a summary, found when they are first asked for; they do not count when
/// summaries are compared.
#[derive(Debug, Default, Clone)]
pub(crate) struct Kept(OnceLock<Patterns>);

impl PartialEq for Kept {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Kept {
    pub(crate) fn of(&self, rfm: &RfmSummary) -> &Patterns {
        self.0.get_or_init(|| Patterns::of(rfm))
    }
}

/// The distinct histories of some of the customers, in the order of their first appearance.
struct Part {
    histories: Vec<History>,
    of: Vec<u32>,
}

impl Part {
    fn of(histories: impl Iterator<Item = History>) -> Self {
        let customers = histories.size_hint().0;
        let mut places: FxHashMap<(u64, u64, u64), u32> = FxHashMap::default();
        // Growing a table costs as much as filling it.
        places.reserve(customers / 4);
        let mut part = Self { histories: Vec::new(), of: Vec::with_capacity(customers) };
        for history in histories {
            let next = part.histories.len() as u32;
            let key = (history.x, history.t_x.to_bits(), history.T.to_bits());
            let place = *places.entry(key).or_insert(next);
            if place == next {
                part.histories.push(history);
            }
            part.of.push(place);
        }
        part
    }
}

impl Patterns {
    fn of(rfm: &RfmSummary) -> Self {
        let parts = in_pieces(rfm.len(), PIECE, |range| Part::of(range.map(|i| rfm.history(i))));
        // The parts' own histories are found again among all.
        let all = Part::of(parts.iter().flat_map(|part| part.histories.iter().copied()));
        let mut order: Vec<u32> = (0..all.histories.len() as u32).collect();
        order.sort_unstable_by(|&left, &right| {
            let (l, r) = (&all.histories[left as usize], &all.histories[right as usize]);
            l.x.cmp(&r.x).then(l.t_x.total_cmp(&r.t_x)).then(l.T.total_cmp(&r.T))
        });
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old as usize] = new as u32;
        }
        let mut patterns = Self {
            histories: order.iter().map(|&old| all.histories[old as usize]).collect(),
            counts: vec![0; order.len()],
            of: Vec::with_capacity(rfm.len()),
        };
        let mut known = all.of.iter().map(|&old| place[old as usize]);
        for part in &parts {
            let places: Vec<u32> = known.by_ref().take(part.histories.len()).collect();
            patterns.of.extend(part.of.iter().map(|&own| places[own as usize]));
        }
        for &place in &patterns.of {
            patterns.counts[place as usize] += 1;
        }
        patterns
    }

    /// What `figure` is for each customer, computed once for each distinct history on all cores.
    pub(crate) fn map<T: Copy + Send>(&self, figure: impl Fn(History) -> T + Sync) -> Vec<T> {
        let figures = self.figures(figure);
        self.for_customers(&figures).copied().collect()
    }

    /// What `figure` is for each distinct history.
    pub(crate) fn figures<T: Copy + Send>(&self, figure: impl Fn(History) -> T + Sync) -> Vec<T> {
        let figures = in_pieces(self.histories.len(), FEW, |range| {
            self.histories[range].iter().map(|&history| figure(history)).collect::<Vec<T>>()
        });
        figures.concat()
    }

    /// The customers of each distinct history, ordered by what else tells them apart.
    pub(crate) fn customers_by<K: Ord>(&self, other: impl Fn(usize) -> K) -> Vec<Vec<u32>> {
        let mut customers: Vec<Vec<u32>> =
            self.counts.iter().map(|&count| Vec::with_capacity(count as usize)).collect();
        for (i, &place) in self.of.iter().enumerate() {
            customers[place as usize].push(i as u32);
        }
        customers.iter_mut().for_each(|own| own.sort_by_key(|&i| other(i as usize)));
        customers
    }

    /// Figures of distinct histories, in the order of the customers.
    pub(crate) fn for_customers<'f, T>(&'f self, figures: &'f [T]) -> impl Iterator<Item = &'f T> {
        self.of.iter().map(|&place| &figures[place as usize])
    }
}

#[cfg(test)]
mod tests {
    use crate::{BgNbdParams, TimeUnit, simulate_histories, summary_of};

    #[test]
    fn every_customer_gets_the_figure_of_their_own_history() {
        let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).unwrap();
        // More than a piece, in whole days, so that many look the same.
        let histories: Vec<_> = simulate_histories(&truth, &vec![20.0; super::PIECE + 999], 7)
            .into_iter()
            .map(|history| crate::History { t_x: (history.t_x * 7.0).ceil() / 7.0, ..history })
            .collect();
        let rfm = summary_of(TimeUnit::Week, &histories, None).unwrap();
        let patterns = rfm.patterns();
        assert_eq!(patterns.map(|history| history), histories);
        assert!(patterns.histories.len() < 5_000);
        assert_eq!(patterns.counts.iter().sum::<u32>() as usize, histories.len());
        assert!(patterns.histories.is_sorted_by(|l, r| (l.x, l.t_x, l.T) < (r.x, r.t_x, r.T)));
    }
}
