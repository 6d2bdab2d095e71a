//! Poisson purchases of customers whose lives end at a random time, whatever they buy.

mod customer;
mod deaths;

pub(crate) use customer::MortalCustomer;

use crate::dropout::share_of_second;
use crate::gauss::nodes_for;
use crate::histories::{HistoryRow, HistoryRows};
use crate::lifetime::{ByTwo, Lifetime};
use crate::model::Weighted;
use crate::purchases::PurchaseProcess;
use crate::rfm::History;
use crate::simulate::Draws;
use crate::special::{digamma_difference, ln_gamma_ratio, ln_one_plus, trigamma_difference};
use deaths::Sweep;

/// Panels reach at most this many times the distance to the nearest singularity: the 12-point
/// rule then has an error of about 1e-15.
const REACH: f64 = 1.5;
/// Largest change of the logarithm of an integrand inside one panel.
const LARGEST_FALL: f64 = 8.0;
/// An integrand this far below its start, in logarithms, no longer counts.
pub(crate) const NEGLIGIBLE: f64 = 60.0;
/// Panels after which an integral is taken as it is; a hundred are far more than any needs.
const PANEL_CAP: u32 = 2_000;

/// Steps from `from` to `to` in panels on which e^`ln_f` is smooth, until it is negligible.
///
/// `slope` bounds |d ln f / dt|, `smooth_for` is the distance to its nearest singularity; f is
/// negligible below e^`floor`. True when that was reached.
pub(crate) fn march(
    from: f64,
    to: f64,
    floor: f64,
    (slope, smooth_for): (impl Fn(f64) -> f64, impl Fn(f64) -> f64),
    ln_f: impl Fn(f64) -> f64,
    mut each: impl FnMut(f64, f64),
) -> bool {
    let mut at = from;
    for _ in 0..PANEL_CAP {
        if at >= to {
            return false;
        }
        let (smooth, steep) = (smooth_for(at), slope(at));
        let mut step = (REACH * smooth).min(LARGEST_FALL / steep).min(to - at);
        while step * slope(at + step) > LARGEST_FALL && at + 0.5 * step > at {
            step *= 0.5;
        }
        let end = at + step;
        if end <= at {
            return false;
        }
        let bend = step * (4.0 / smooth).max(steep).max(slope(end));
        nodes_for(bend, at, end.min(to), &mut each);
        at = end;
        if ln_f(at) < floor {
            return true;
        }
    }
    true
}

/// A model of purchases at a Gamma(r, α) rate until the end of a random life.
#[derive(Debug, Clone, Copy)]
pub struct Mortal<L> {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) lifetime: L,
}

/// One way in which a history can have come about: the logarithm of its part of the likelihood, and
/// mean derivatives of that logarithm.
#[derive(Clone, Copy, Default)]
pub(crate) struct Way {
    pub(crate) ln: f64,
    pub(crate) by: By,
    /// Means of second derivatives plus products of first ones, from the diagonal on; 0 unless
    /// asked for.
    pub(crate) second: Square,
}

/// Derivatives by r, α and the lifetime's parameters.
pub(crate) type By = [f64; MOST];
/// The same by two of them; only the part from the diagonal on is used.
pub(crate) type Square = [By; MOST];
/// r, α and up to three parameters of a lifetime.
pub(crate) const MOST: usize = 5;

/// Sums over rows of the log-likelihood and its derivatives.
#[derive(Default)]
struct Sums {
    total: f64,
    first: By,
    second: Square,
}

impl Sums {
    /// Adds a row that came about in one of two ways.
    fn add(&mut self, alive: &Way, died: &Way, weight: f64, second: bool) {
        let (ln, gone) = share_of_second(alive.ln, died.ln);
        self.total += weight * ln;
        let by: By = std::array::from_fn(|k| (1.0 - gone) * alive.by[k] + gone * died.by[k]);
        for (sum, by) in self.first.iter_mut().zip(by) {
            *sum += weight * by;
        }
        if second {
            for i in 0..MOST {
                for j in i..MOST {
                    let mean = (1.0 - gone) * alive.second[i][j] + gone * died.second[i][j];
                    self.second[i][j] += weight * (mean - by[i] * by[j]);
                }
            }
        }
    }
}

impl<L: Lifetime> Mortal<L> {
    /// The log-likelihood of rows with its derivatives; those of second order where they are asked
    /// for.
    fn sum(&self, rows: &HistoryRows, second: bool) -> Sums {
        let (mut sums, mut sweep) = (Sums::default(), Sweep::default());
        for same in rows.chunk_by(|left, right| left.row.x == right.row.x) {
            let x = same[0].row.x;
            sweep.prepare(self, same, second);
            let mut all = 0.0;
            for same in same.chunk_by(|left, right| left.row.t_x == right.row.t_x) {
                let from = sweep.place(same[0].row.t_x);
                for Weighted { row, weight } in same {
                    let to = sweep.place(row.age);
                    let alive = sweep.alive(self, x, to, second);
                    sums.add(&alive, &sweep.died(from, to), *weight, second);
                    all += weight;
                }
            }
            sums.total += all * (ln_gamma_ratio(self.r, x) - x * self.alpha.ln());
            sums.first[0] += all * digamma_difference(self.r, x);
            if second {
                sums.second[0][0] += all * trigamma_difference(self.r, x);
            }
        }
        sums
    }

    /// The part of a likelihood in which the customer is alive at T.
    pub(crate) fn survived(&self, x: f64, age: f64, second: bool) -> Way {
        let to_end = ln_one_plus(age / self.alpha);
        let (ln_survival, by) = self.lifetime.survival_by(age);
        let by = [-to_end, self.by_alpha(x, age), by[0], by[1], by[2]];
        let mut part = Way { ln: ln_survival - (self.r + x) * to_end, by, second: Square::default() };
        if let Some((survival, _)) = self.lifetime.second(age).filter(|_| second) {
            self.add_square(age, &by, &survival, 1.0, &mut part.second);
        }
        part
    }

    /// Adds second derivatives of the logarithm of one way, plus products of first ones.
    pub(crate) fn add_square(&self, t: f64, by: &By, lifetime: &ByTwo, weight: f64, square: &mut Square) {
        let n = 2 + L::PARAMETERS;
        for i in 0..n {
            for j in i..n {
                square[i][j] += weight * by[i] * by[j];
            }
        }
        let by_r = t / (self.alpha * (self.alpha + t));
        square[0][1] += weight * by_r;
        square[1][1] -= weight * (self.r * by_r / self.alpha + by[1] / (self.alpha + t));
        let [ss, sb, sc, bb, bc, cc] = *lifetime;
        for (i, row) in [[ss, sb, sc], [0.0, bb, bc], [0.0, 0.0, cc]].iter().enumerate() {
            for j in i..L::PARAMETERS {
                square[2 + i][2 + j] += weight * row[j];
            }
        }
    }

    /// The derivative of −x ln α − (r+x) ln(1 + t/α) by α, without cancellation.
    pub(crate) fn by_alpha(&self, x: f64, t: f64) -> f64 {
        (self.r * t / self.alpha - x) / (self.alpha + t)
    }

    /// ln of the integrand of the part in which the customer died, at t.
    pub(crate) fn ln_dying(&self, x: f64, t: f64) -> f64 {
        self.lifetime.ln_density(t) - (self.r + x) * ln_one_plus(t / self.alpha)
    }

    /// Steps through the integral over deaths from one time to another until it is negligible; true
    /// when it is.
    pub(crate) fn march(&self, x: f64, from: f64, to: f64, each: impl FnMut(f64, f64)) -> bool {
        let (shape, alpha, life) = (self.r + x, self.alpha, &self.lifetime);
        let ln_f = |t: f64| self.ln_dying(x, t);
        let slope = |t: f64| life.slope(t) + shape / (alpha + t);
        let smooth_for = |t: f64| life.smooth_for(t).min(alpha + t);
        march(from, to, ln_f(from) - NEGLIGIBLE - life.rise(), (slope, smooth_for), ln_f, each)
    }

    /// ln of the part of a likelihood in which the customer died between t_x and T.
    fn ln_gone(&self, row: &HistoryRow) -> f64 {
        let ln_start = self.ln_dying(row.x, row.t_x);
        let mut sum = 0.0;
        self.march(row.x, row.t_x, row.age, |t, weight| {
            sum += weight * (self.ln_dying(row.x, t) - ln_start).exp();
        });
        ln_start + sum.ln()
    }
}

impl<L: Lifetime> PurchaseProcess for Mortal<L> {
    type Customer = MortalCustomer<L>;

    /// L = Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫_{t_x}^T f(τ) (α+τ)^−(r+x) dτ]. All terms are
    /// positive, so nothing cancels; the integral is taken in panels to about 1e-15, which is
    /// regular where the closed forms branch (α = β, T = t_x).
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        let sums = self.sum(rows, false);
        gradient.iter_mut().zip(sums.first).for_each(|(sum, part)| *sum += part);
        sums.total
    }

    fn second_order(&self, rows: &HistoryRows, gradient: &mut [f64], hessian: &mut [f64]) -> Option<f64> {
        self.lifetime.second(0.0)?;
        let (sums, n) = (self.sum(rows, true), gradient.len());
        for (i, sum) in gradient.iter_mut().enumerate() {
            *sum += sums.first[i];
            hessian[i * n..(i + 1) * n].iter_mut().zip(sums.second[i]).for_each(|(sum, part)| *sum += part);
        }
        Some(sums.total)
    }

    fn ln_odds_gone(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        let to_end = (row.age / self.alpha).ln_1p();
        self.ln_gone(&row) - self.lifetime.ln_survival(row.age) + (self.r + row.x) * to_end
    }

    fn alive(&self, history: History) -> MortalCustomer<L> {
        MortalCustomer {
            shape: self.r + history.x as f64,
            scale: self.alpha + history.T,
            lifetime: self.lifetime.later(history.T),
        }
    }

    fn newcomer(&self) -> (f64, MortalCustomer<L>) {
        (1.0, MortalCustomer { shape: self.r, scale: self.alpha, lifetime: self.lifetime })
    }

    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
        let rate = draws.gamma(self.r) / self.alpha;
        let end = self.lifetime.draw(draws).min(age);
        poisson_times(draws, rate, end)
    }
}

/// The times of a Poisson process up to `end`.
pub(crate) fn poisson_times(draws: &mut Draws, rate: f64, end: f64) -> Vec<f64> {
    let (mut times, mut last) = (Vec::new(), 0.0);
    loop {
        let next = last + draws.exponential() / rate;
        // A waiting time too small to move the clock would be a purchase at the same time.
        if !(next > last && next <= end) {
            return times;
        }
        times.push(next);
        last = next;
    }
}

/// ln P(N = n) of a negative binomial count: Poisson over t at a Gamma(shape, scale) rate.
pub(crate) fn ln_negative_binomial(n: f64, shape: f64, scale: f64, t: f64) -> f64 {
    let events = if n > 0.0 { -n * (scale / t).ln_1p() } else { 0.0 };
    ln_gamma_ratio(shape, n) - ln_gamma_ratio(1.0, n) - shape * (t / scale).ln_1p() + events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifetime::ParetoLife;
    use approx::assert_relative_eq;

    /// With α = β the integral is a power: s (α+t)^−(r+x+s) / (r+x+s).
    #[test]
    fn the_integral_is_exact_where_it_is_a_power() {
        for (x, t_x, age, s, beta) in [
            (0, 0.0, 39.0, 0.6, 11.0),
            (26, 30.0, 31.0, 2.0, 4.0),
            (3000, 1.0, 400.0, 0.01, 1e-3),
            (2, 1.0, 1e6, 5.0, 1e-6),
        ] {
            let model = Mortal { r: 0.5, alpha: beta, lifetime: ParetoLife::new(s, beta) };
            let history = History { x, t_x, T: age };
            let power = 0.5 + x as f64 + s;
            let at = |t: f64| -power * (t / beta).ln_1p();
            let exact = (s / power).ln() + at(t_x) + (-(at(age) - at(t_x)).exp()).ln_1p();
            let found = model.ln_gone(&HistoryRow::from(history));
            assert_relative_eq!(found, exact, max_relative = 1e-13, epsilon = 1e-13);
        }
    }
}
