//! Integrals over the unobserved dropout time, shared by rows with the same x.

use rustc_hash::FxHashMap;

use super::dropout_time::DropoutTime;
use super::integrand::{By, ContinuousDropout, Contribution, MOST, Square};
use crate::numeric::special::ln_one_plus;
use crate::purchases::rows::HistoryRows;

/// Integrals over the dropout time for all rows with one x, from each of their times to the last.
///
/// A row's integral from t_x to T is the difference of two of them. The cancellation when T is close
/// to t_x is harmless: the customer is then alive, and the integral is a small part of the likelihood.
#[derive(Default)]
pub(super) struct TailIntegrals {
    /// Rising.
    times: Vec<f64>,
    places: FxHashMap<u64, u32>,
    tails: Vec<Tail>,
    /// The contribution of a customer alive at each time, where a row has needed it.
    alive: Vec<Option<Contribution>>,
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

impl TailIntegrals {
    /// Integrates from each time of these rows, which have the same x, to the last one.
    pub(super) fn prepare<D: DropoutTime>(
        &mut self,
        model: &ContinuousDropout<D>,
        rows: &HistoryRows,
        second: bool,
    ) {
        self.find_times(rows);
        let x = rows[0].row.x;
        self.tails.clear();
        self.tails.resize(self.times.len(), Tail::default());
        self.alive.clear();
        self.alive.resize(self.times.len(), None);
        let mut later: Option<(f64, Tail)> = None;
        for (&from, place) in self.times.iter().zip(&mut self.tails).rev() {
            let mut tail = Tail { ln: model.ln_integrand(x, from), ..Tail::default() };
            if let Some((to, next)) = later {
                let over = add_interval(model, x, (from, to), second, &mut tail);
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

    /// The contribution of a customer alive at a time, computed once for all rows.
    pub(super) fn alive<D: DropoutTime>(
        &mut self,
        model: &ContinuousDropout<D>,
        x: f64,
        at: usize,
        second: bool,
    ) -> Contribution {
        *self.alive[at].get_or_insert_with(|| model.survived(x, self.times[at], second))
    }

    /// The contribution of a customer who dropped out between two times.
    pub(super) fn dropped_out(&self, from: usize, to: usize) -> Contribution {
        let (start, end) = (&self.tails[from], &self.tails[to]);
        let mut between = *start;
        between.add(-(end.ln - start.ln).exp(), end);
        // Without time between them nobody has dropped out, and the derivatives do not count.
        let mean = if between.sum > 0.0 { 1.0 / between.sum } else { 0.0 };
        Contribution {
            ln: start.ln + between.sum.max(0.0).ln(),
            by: between.by.map(|total| total * mean),
            second: between.second.map(|row| row.map(|total| total * mean)),
        }
    }
}

/// Adds the integral between two times to a tail; true when all later ones are negligible.
fn add_interval<D: DropoutTime>(
    model: &ContinuousDropout<D>,
    x: f64,
    (from, to): (f64, f64),
    second: bool,
    tail: &mut Tail,
) -> bool {
    let (shape, ln_start) = (model.r + x, tail.ln);
    model.integrate_in_panels(x, from, to, |t, weight| {
        let (ln_density, by) = model.dropout_time.density_by(t);
        let ln_time = ln_one_plus(t / model.alpha);
        let mass = weight * (ln_density - shape * ln_time - ln_start).exp();
        tail.sum += mass;
        let by = [-ln_time, model.by_alpha(x, t), by[0], by[1], by[2]];
        for (total, by) in tail.by.iter_mut().zip(by) {
            *total += mass * by;
        }
        if let Some((_, density)) = model.dropout_time.second(t).filter(|_| second) {
            model.add_square(t, &by, &density, mass, &mut tail.second);
        }
    })
}
