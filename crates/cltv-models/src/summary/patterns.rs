//! Customers with the same history: the distinct histories, and the history of each customer.
//!
//! A likelihood or a prediction is the same for all of them, so it is computed once. In a year of
//! purchases merged by day a million customers have about a hundred thousand histories.

use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, OnceLock};

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::numeric::parallel::{cores, in_pieces, on_each};
use crate::summary::history::History;

/// Customers below which a thread of their own does not pay.
const SMALLEST: usize = 1 << 15;
/// Distinct ages up to which customers are counted in a table, and its largest size: 8 MB.
const MOST_AGES: usize = 1 << 10;
const MOST_CELLS: usize = 1 << 21;
/// Distinct histories that one thread takes at a time: for figures that take long, such as values over
/// months, for single expectations, and for those that are a formula.
pub(crate) const FEW: usize = 256;
pub(crate) const SOME: usize = 1024;
const MANY: usize = 4096;

/// The distinct histories of a summary.
#[derive(Debug, Default, Clone)]
pub(crate) struct Patterns {
    /// Sorted by x, then t_x, then T.
    pub(crate) histories: Vec<History>,
    /// How many customers have each.
    pub(crate) counts: Vec<u32>,
    /// The history of each customer, as a place in `histories`.
    of: Vec<u32>,
    /// The result of [`Patterns::find_alike`].
    alike: OnceLock<(Vec<History>, Vec<u32>)>,
}

/// The columns of a summary: x, t_x and T of each customer.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) x: &'a [u32],
    pub(crate) t_x: &'a [f64],
    pub(crate) age: &'a [f64],
}

impl Columns<'_> {
    fn history(&self, i: usize) -> History {
        History { x: u64::from(self.x[i]), t_x: self.t_x[i], T: self.age[i] }
    }
}

/// The patterns of a summary, found at their first use and shared by copies; they do not count when summaries are
/// compared.
#[derive(Debug, Default, Clone)]
pub(crate) struct Kept(Arc<OnceLock<Patterns>>);

impl PartialEq for Kept {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Kept {
    pub(crate) fn of(&self, columns: Columns<'_>) -> &Patterns {
        self.0.get_or_init(|| Patterns::of(columns))
    }
}

/// The customers of each distinct history, one history after another.
pub(crate) struct CustomersOfHistories {
    starts: Vec<u32>,
    customers: Vec<u32>,
}

impl CustomersOfHistories {
    /// The customers of the history at `place`.
    pub(crate) fn of(&self, place: u32) -> &[u32] {
        &self.customers[self.starts[place as usize] as usize..self.starts[place as usize + 1] as usize]
    }
}

/// A history as integers, which rise as it does: times are not negative, and neither are their bits.
type Key = (u64, u64, u64);

/// Adding 0 makes −0 the 0 that it equals.
fn key(history: History) -> Key {
    (history.x, (history.t_x + 0.0).to_bits(), (history.T + 0.0).to_bits())
}

fn hash(key: &Key) -> u64 {
    FxBuildHasher.hash_one(key)
}

/// Keys numbered in the order of their first appearance.
#[derive(Default)]
struct Numbered<K> {
    numbers: FxHashMap<K, u32>,
    keys: Vec<K>,
}

impl<K: Copy + Hash + Ord> Numbered<K> {
    #[inline]
    fn number(&mut self, key: K) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.keys.push(key);
            self.keys.len() as u32 - 1
        })
    }

    /// The keys as they rise, with their numbers.
    fn sorted(self) -> Vec<(K, u32)> {
        let mut sorted: Vec<(K, u32)> = self.keys.into_iter().zip(0..).collect();
        sorted.sort_unstable();
        sorted
    }
}

/// Some of the customers: the place of each one's history among those of the part.
struct Part<'a> {
    first: usize,
    of: &'a mut [u32],
    /// Sorted, each with its place and how many of these customers have it.
    distinct: Vec<(Key, u32, u32)>,
    /// From places in this part to places in all.
    places: Vec<u32>,
}

impl<'a> Part<'a> {
    fn new(first: usize, of: &'a mut [u32]) -> Self {
        Self { first, of, distinct: Vec::new(), places: Vec::new() }
    }

    /// Finds the distinct histories of these customers.
    fn find(&mut self, all: Columns<'_>) {
        if self.of.len() < SMALLEST || !self.count_in_cells(all) {
            self.find_by_hash(all);
        }
    }

    /// Counts customers in a table with a row for each (x, t_x) and a column for each T, which
    /// merged purchases leave small; false where it would be large.
    fn count_in_cells(&mut self, all: Columns<'_>) -> bool {
        let customers = self.first..self.first + self.of.len();
        let mut ages = Numbered::default();
        for &age in &all.age[customers] {
            ages.number((age + 0.0).to_bits());
            if ages.keys.len() > MOST_AGES {
                return false;
            }
        }
        let (width, mut rows, mut cells) = (ages.keys.len(), Numbered::default(), Vec::new());
        for (k, place) in self.of.iter_mut().enumerate() {
            let (x, t_x, age) = key(all.history(self.first + k));
            let row = rows.number((x, t_x)) as usize;
            if row * width >= cells.len() {
                if cells.len() > MOST_CELLS {
                    return false;
                }
                cells.resize(cells.len() + width, 0_u32);
            }
            let cell = row * width + ages.number(age) as usize;
            cells[cell] += 1;
            *place = cell as u32;
        }
        let (columns, rows) = (ages.sorted(), rows.sorted());
        for ((x, t_x), row) in rows {
            for &(age, column) in &columns {
                let cell = row as usize * width + column as usize;
                if cells[cell] > 0 {
                    self.distinct.push(((x, t_x, age), cell as u32, cells[cell]));
                }
            }
        }
        self.places = vec![0; cells.len()];
        true
    }

    fn find_by_hash(&mut self, all: Columns<'_>) {
        let mut table: HashTable<u32> = HashTable::new();
        let distinct = &mut self.distinct;
        for (k, place) in self.of.iter_mut().enumerate() {
            let key = key(all.history(self.first + k));
            let same = |&at: &u32| distinct[at as usize].0 == key;
            let entry = table.entry(hash(&key), same, |&at| hash(&distinct[at as usize].0));
            *place = *entry.or_insert(distinct.len() as u32).get();
            match distinct.get_mut(*place as usize) {
                Some(known) => known.2 += 1,
                None => distinct.push((key, *place, 1)),
            }
        }
        self.distinct.sort_unstable();
        self.places = vec![0; self.distinct.len()];
    }

    /// Maps customers from the places in this part to those in all parts.
    fn map_to_merged(&mut self) {
        self.of.iter_mut().for_each(|place| *place = self.places[*place as usize]);
    }
}

impl Patterns {
    fn of(all: Columns<'_>) -> Self {
        let mut of = vec![0; all.x.len()];
        let length = all.x.len().div_ceil(cores()).max(SMALLEST);
        let chunks = of.chunks_mut(length).enumerate();
        let mut parts: Vec<Part<'_>> = chunks.map(|(k, of)| Part::new(k * length, of)).collect();
        on_each(&mut parts, |part| part.find(all));
        let (histories, counts) = merged(&mut parts);
        on_each(&mut parts, Part::map_to_merged);
        Self { histories, counts, of, alike: OnceLock::new() }
    }

    /// A figure of each customer, computed once for each distinct history on all cores.
    pub(crate) fn map<T: Copy + Default + Send + Sync>(
        &self,
        figure: impl Fn(History) -> T + Sync,
    ) -> Vec<T> {
        self.each(&self.figures(figure))
    }

    /// Each distinct history and how many customers have it.
    pub(crate) fn with_counts(&self) -> impl Iterator<Item = (&History, u32)> {
        self.histories.iter().zip(self.counts.iter().copied())
    }

    /// A figure of each distinct history.
    pub(crate) fn figures<T: Copy + Send>(&self, figure: impl Fn(History) -> T + Sync) -> Vec<T> {
        figures_of(&self.histories, FEW, |some| some.iter().map(|&history| figure(history)).collect())
    }

    /// Figures of customers who are alive, for each distinct history: where t_x does not count for
    /// them, once for each x and T. `figures` is given `piece` histories at a time, sorted by x.
    pub(crate) fn figures_if_alive<T: Copy + Send>(
        &self,
        recency_counts: bool,
        piece: usize,
        figures: impl Fn(&[History]) -> Vec<T> + Sync,
    ) -> Vec<T> {
        if recency_counts {
            return figures_of(&self.histories, piece, figures);
        }
        let (alike, of) = self.alike();
        let figures = figures_of(alike, piece, figures);
        of.iter().map(|&place| figures[place as usize]).collect()
    }

    /// The places of distinct histories, those together whose customers are alike while alive: with the
    /// same x and T where t_x does not count for them.
    pub(crate) fn groups_if_alive(&self, recency_counts: bool) -> Vec<Vec<u32>> {
        let places = 0..self.histories.len() as u32;
        if recency_counts {
            return places.map(|place| vec![place]).collect();
        }
        let (alike, of) = self.alike();
        let mut groups = vec![Vec::new(); alike.len()];
        places.zip(of).for_each(|(place, &group)| groups[group as usize].push(place));
        groups
    }

    /// The place of each customer's history.
    pub(crate) fn places(&self) -> &[u32] {
        &self.of
    }

    fn alike(&self) -> &(Vec<History>, Vec<u32>) {
        self.alike.get_or_init(|| self.find_alike())
    }

    /// Histories that stand for all with the same x and T, and the place of each history's own.
    fn find_alike(&self) -> (Vec<History>, Vec<u32>) {
        let (mut numbers, mut alike) = (Numbered::default(), Vec::new());
        let of = self.histories.iter().map(|history| {
            let number = numbers.number((history.x, history.T.to_bits()));
            if number as usize == alike.len() {
                alike.push(*history);
            }
            number
        });
        let of = of.collect();
        (alike, of)
    }

    /// A figure for the place of each distinct history that costs less than a thread, unless there
    /// are many.
    pub(crate) fn cheap_figures<T: Copy + Send>(&self, figure: impl Fn(usize) -> T + Sync) -> Vec<T> {
        in_pieces(self.histories.len(), MANY, |range| range.map(&figure).collect::<Vec<T>>()).concat()
    }

    /// The customers of each distinct history, in the order of the histories and then of `other`.
    pub(crate) fn customers_by<K: Ord>(&self, other: impl Fn(usize) -> K + Sync) -> CustomersOfHistories {
        let mut starts = Vec::with_capacity(self.counts.len() + 1);
        starts.push(0);
        starts.extend(self.counts.iter().scan(0, |sum, &count| {
            *sum += count;
            Some(*sum)
        }));
        let (mut next, mut customers) = (starts.clone(), vec![0; self.of.len()]);
        for (i, &place) in self.of.iter().enumerate() {
            let next = &mut next[place as usize];
            customers[*next as usize] = i as u32;
            *next += 1;
        }
        let mut own: Vec<&mut [u32]> = Vec::with_capacity(self.counts.len());
        let mut rest = customers.as_mut_slice();
        for &count in &self.counts {
            let (first, others) = rest.split_at_mut(count as usize);
            own.push(first);
            rest = others;
        }
        on_each(&mut own, |own| own.sort_by_key(|&i| other(i as usize)));
        CustomersOfHistories { starts, customers }
    }

    /// The figure of each customer, from those of distinct histories.
    pub(crate) fn each<T: Copy + Default + Send + Sync>(&self, figures: &[T]) -> Vec<T> {
        let mut all = vec![T::default(); self.of.len()];
        let length = self.of.len().div_ceil(cores()).max(SMALLEST);
        let mut parts: Vec<(&mut [T], &[u32])> = all.chunks_mut(length).zip(self.of.chunks(length)).collect();
        on_each(&mut parts, |(part, of)| {
            part.iter_mut().zip(*of).for_each(|(figure, &place)| *figure = figures[place as usize]);
        });
        all
    }

    /// Figures of distinct histories, in the order of the customers.
    pub(crate) fn for_customers<'f, T>(&'f self, figures: &'f [T]) -> impl ExactSizeIterator<Item = &'f T> {
        self.of.iter().map(|&place| &figures[place as usize])
    }
}

fn figures_of<T: Copy + Send>(
    histories: &[History],
    piece: usize,
    figures: impl Fn(&[History]) -> Vec<T> + Sync,
) -> Vec<T> {
    in_pieces(histories.len(), piece, |range| figures(&histories[range])).concat()
}

/// The distinct histories of all parts, sorted, with their counts; each part gets the places of its histories.
fn merged(parts: &mut [Part<'_>]) -> (Vec<History>, Vec<u32>) {
    let most = parts.iter().map(|part| part.distinct.len()).sum();
    let (mut histories, mut counts) = (Vec::with_capacity(most), Vec::with_capacity(most));
    let mut next = vec![0; parts.len()];
    let head = |parts: &[Part<'_>], next: &[usize], k: usize| parts[k].distinct.get(next[k]).map(|one| one.0);
    while let Some(lowest) = (0..parts.len()).filter_map(|k| head(parts, &next, k)).min() {
        let mut count = 0;
        for k in 0..parts.len() {
            if head(parts, &next, k) == Some(lowest) {
                let (_, place, customers) = parts[k].distinct[next[k]];
                parts[k].places[place as usize] = histories.len() as u32;
                count += customers;
                next[k] += 1;
            }
        }
        let (x, t_x, age) = lowest;
        histories.push(History { x, t_x: f64::from_bits(t_x), T: f64::from_bits(age) });
        counts.push(count);
    }
    histories.shrink_to_fit();
    counts.shrink_to_fit();
    (histories, counts)
}

#[cfg(test)]
mod tests {
    use crate::{BgNbdParams, TimeUnit, simulate_histories, summary_of};

    #[test]
    fn tables_and_hashes_find_the_same() {
        let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).unwrap();
        let days = |history: crate::History| crate::History { t_x: history.t_x.ceil(), ..history };
        let ages: Vec<f64> = (0..3000).map(|k| f64::from(20 + k % 7)).collect();
        let histories: Vec<_> = simulate_histories(&truth, &ages, 7).into_iter().map(days).collect();
        let rfm = summary_of(TimeUnit::Week, &histories, None).unwrap();
        let found = |find: fn(&mut super::Part<'_>, super::Columns<'_>)| {
            let mut of = vec![0; 2000];
            let mut parts = [super::Part::new(1000, &mut of)];
            find(&mut parts[0], rfm.columns());
            let (histories, counts) = super::merged(&mut parts);
            parts[0].map_to_merged();
            (histories, counts, of)
        };
        let counted = found(|part, all| assert!(part.count_in_cells(all)));
        assert_eq!(counted, found(|part, all| part.find_by_hash(all)));
        assert_eq!(counted.1.iter().sum::<u32>(), 2000);
    }

    #[test]
    fn every_customer_gets_the_figure_of_their_own_history() {
        let truth = BgNbdParams::new(0.8, 6.0, 0.9, 2.5, TimeUnit::Week).unwrap();
        // More than a piece, in whole days, so that many look the same.
        let histories: Vec<_> = simulate_histories(&truth, &vec![20.0; super::SMALLEST + 999], 7)
            .into_iter()
            .map(|history| crate::History { t_x: (history.t_x * 7.0).ceil() / 7.0, ..history })
            .collect();
        let rfm = summary_of(TimeUnit::Week, &histories, None).unwrap();
        let patterns = rfm.patterns();
        let figures = |history: crate::History| (history.x, history.t_x);
        let own: Vec<(u64, f64)> = histories.iter().copied().map(figures).collect();
        assert_eq!(patterns.map(figures), own);
        assert!(patterns.histories.len() < 5_000);
        assert_eq!(patterns.counts.iter().sum::<u32>() as usize, histories.len());
        assert!(patterns.histories.is_sorted_by(|l, r| (l.x, l.t_x, l.T) < (r.x, r.t_x, r.T)));
    }
}
