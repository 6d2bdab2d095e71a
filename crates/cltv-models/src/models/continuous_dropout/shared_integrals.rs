//! The integrals over unseen deaths, shared by rows.

use rustc_hash::FxHashMap;

use super::dropout_time::Lifetime;
use super::integrand::{By, MOST, Mortal, Square, Way};
use crate::numeric::special::ln_one_plus;
use crate::purchases::rows::HistoryRows;

/// The integrals over deaths of all rows with one x, from each of their times to the last.
///
/// A row's integral from t_x to T is the difference of two of them. What cancels when T is close to
/// t_x does not count: the customer is then alive, and the integral is a small part of the likelihood.
#[derive(Default)]
pub(super) struct Sweep {
    /// Rising.
    times: Vec<f64>,
    places: FxHashMap<u64, u32>,
    tails: Vec<Tail>,
    /// The other way at each time, where a row has asked for it.
    alive: Vec<Option<Way>>,
}

/// The integral from one time to the last, divided by the integrand at that time, and with the
/// derivatives of the integrand's logarithm.
#[derive(Clone, Copy, Default)]
struct Tail {
    /// The logarithm of the integrand at this time.
    ln: f64,
    sum: f64,
    by: By,
    second: Square,
}

impl Tail {
    /// Adds `factor` times another one.
    fn add(&mut self, factor: f64, other: &Tail) {
        self.sum += factor * other.sum;
        for i in 0..MOST {
            self.by[i] += factor * other.by[i];
            for j in i..MOST {
                self.second[i][j] += factor * other.second[i][j];
            }
        }
    }
}

impl Sweep {
    /// Integrates from each time of these rows, which have the same x, to the last one.
    pub(super) fn prepare<L: Lifetime>(&mut self, model: &Mortal<L>, rows: &HistoryRows, second: bool) {
        self.find_times(rows);
        let x = rows[0].row.x;
        self.tails.clear();
        self.tails.resize(self.times.len(), Tail::default());
        self.alive.clear();
        self.alive.resize(self.times.len(), None);
        let mut later: Option<(f64, Tail)> = None;
        for (&from, place) in self.times.iter().zip(&mut self.tails).rev() {
            let mut tail = Tail { ln: model.ln_dying(x, from), ..Tail::default() };
            if let Some((to, next)) = later {
                let over = add_deaths(model, x, (from, to), second, &mut tail);
                if !over {
                    tail.add((next.ln - tail.ln).exp(), &next);
                }
            }
            *place = tail;
            later = Some((from, tail));
        }
    }

    fn find_times(&mut self, rows: &HistoryRows) {
        self.places.clear();
        self.times.clear();
        for row in rows {
            for time in [row.row.t_x, row.row.age] {
                self.places.entry(time.to_bits()).or_insert_with(|| {
                    self.times.push(time);
                    0
                });
            }
        }
        self.times.sort_unstable_by(f64::total_cmp);
        for (k, time) in self.times.iter().enumerate() {
            self.places.insert(time.to_bits(), k as u32);
        }
    }

    /// The place of one of the rows' times.
    pub(super) fn place(&self, time: f64) -> usize {
        self.places[&time.to_bits()] as usize
    }

    /// The way in which a customer is alive at a time, computed once for all rows that ask.
    pub(super) fn alive<L: Lifetime>(&mut self, model: &Mortal<L>, x: f64, at: usize, second: bool) -> Way {
        *self.alive[at].get_or_insert_with(|| model.survived(x, self.times[at], second))
    }

    /// The way in which a customer died between two times.
    pub(super) fn died(&self, from: usize, to: usize) -> Way {
        let (start, end) = (&self.tails[from], &self.tails[to]);
        let mut between = *start;
        between.add(-(end.ln - start.ln).exp(), end);
        // Without time between them nobody has died, and the derivatives do not count.
        let mean = if between.sum > 0.0 { 1.0 / between.sum } else { 0.0 };
        Way {
            ln: start.ln + between.sum.max(0.0).ln(),
            by: between.by.map(|total| total * mean),
            second: between.second.map(|row| row.map(|total| total * mean)),
        }
    }
}

/// Adds the deaths between two times to a tail; true when all later ones are negligible.
fn add_deaths<L: Lifetime>(
    model: &Mortal<L>,
    x: f64,
    (from, to): (f64, f64),
    second: bool,
    tail: &mut Tail,
) -> bool {
    let (shape, ln_start) = (model.r + x, tail.ln);
    model.march(x, from, to, |t, weight| {
        let (ln_density, by) = model.lifetime.density_by(t);
        let ln_time = ln_one_plus(t / model.alpha);
        let mass = weight * (ln_density - shape * ln_time - ln_start).exp();
        tail.sum += mass;
        let by = [-ln_time, model.by_alpha(x, t), by[0], by[1], by[2]];
        for (total, by) in tail.by.iter_mut().zip(by) {
            *total += mass * by;
        }
        if let Some((_, density)) = model.lifetime.second(t).filter(|_| second) {
            model.add_square(t, &by, &density, mass, &mut tail.second);
        }
    })
}
