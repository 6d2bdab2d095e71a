//! Poisson purchases of customers whose lives end at a random time, whatever they buy.

use crate::gauss::{integral, ln_integral, nodes_for};
use crate::histories::{HistoryRow, HistoryRows};
use crate::lifetime::{ByTwo, Lifetime};
use crate::model::Weighted;
use crate::purchases::{AliveCustomer, PurchaseProcess};
use crate::rfm::History;
use crate::simulate::Draws;
use crate::special::{
    digamma_difference, ln_add_exp, ln_gamma_ratio, ln_one_plus, logistic, trigamma_difference,
};

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

/// What the purchases of all rows with the same x share.
struct Shared {
    x: f64,
    value: f64,
    by_r: f64,
    by_rr: f64,
}

/// The part of a likelihood in which the customer died between t_x and T: its logarithm, and the
/// mean derivatives of the logarithm of its integrand.
struct Gone {
    ln: f64,
    by: By,
    /// Means of second derivatives plus products of first ones, from the diagonal on; 0 unless
    /// asked for.
    second: Square,
}

/// The integral over deaths between t_x and an age that rises: rows with the same x and t_x, sorted
/// by T, add to one another's.
struct Dying {
    x: f64,
    t_x: f64,
    until: f64,
    /// The logarithm of the integrand at t_x, by which all of it is divided.
    ln_start: f64,
    /// Whether what is left of the integrand is negligible.
    over: bool,
    sum: f64,
    by: By,
    second: Square,
}

impl Dying {
    fn so_far(&self) -> Gone {
        // Without time between t_x and T nobody has died in it, and the derivatives do not count.
        let mean = if self.sum > 0.0 { 1.0 / self.sum } else { 0.0 };
        Gone {
            ln: self.ln_start + self.sum.ln(),
            by: self.by.map(|total| total * mean),
            second: self.second.map(|row| row.map(|total| total * mean)),
        }
    }
}

/// Derivatives by r, α and the lifetime's parameters.
type By = [f64; MOST];
/// The same by two of them; only the part from the diagonal on is used.
type Square = [By; MOST];
/// r, α and up to three parameters of a lifetime.
const MOST: usize = 5;

impl<L: Lifetime> Mortal<L> {
    fn shared(&self, x: f64) -> Shared {
        let r = self.r;
        Shared {
            x,
            value: ln_gamma_ratio(r, x),
            by_r: digamma_difference(r, x),
            by_rr: trigamma_difference(r, x),
        }
    }

    /// The log-likelihood of rows with its derivatives; those of second order where there is room
    /// for them.
    fn sum(&self, rows: &HistoryRows, gradient: &mut [f64], mut hessian: Option<&mut [f64]>) -> f64 {
        let (mut sum, mut shared) = (0.0, self.shared(0.0));
        let mut dying: Option<Dying> = None;
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.x {
                shared = self.shared(row.x);
            }
            let alive = self.survived(row, hessian.is_some());
            let goes_on = |dying: &Dying| (dying.x, dying.t_x) == (row.x, row.t_x) && dying.until <= row.age;
            let mut at = dying.take().filter(goes_on).unwrap_or_else(|| self.dying(row));
            self.advance(&mut at, row.age, hessian.is_some());
            let died = at.so_far();
            dying = Some(at);
            let gone = logistic(died.ln - alive.ln);
            let by: By = std::array::from_fn(|k| (1.0 - gone) * alive.by[k] + gone * died.by[k]);
            for (slope, by) in gradient.iter_mut().zip(by) {
                *slope += weight * by;
            }
            gradient[0] += weight * shared.by_r;
            if let Some(hessian) = &mut hessian {
                let n = gradient.len();
                for i in 0..n {
                    for j in i..n {
                        let mean = (1.0 - gone) * alive.second[i][j] + gone * died.second[i][j];
                        hessian[i * n + j] += weight * (mean - by[i] * by[j]);
                    }
                }
                hessian[0] += weight * shared.by_rr;
            }
            sum += weight * (shared.value - row.x * self.alpha.ln() + ln_add_exp(alive.ln, died.ln));
        }
        sum
    }

    /// The part of a likelihood in which the customer is alive at T.
    fn survived(&self, row: &HistoryRow, second: bool) -> Gone {
        let to_end = ln_one_plus(row.age / self.alpha);
        let (ln_survival, by) = self.lifetime.survival_by(row.age);
        let by = [-to_end, self.by_alpha(row.x, row.age), by[0], by[1], by[2]];
        let mut part = Gone { ln: ln_survival - (self.r + row.x) * to_end, by, second: Square::default() };
        if let Some((survival, _)) = self.lifetime.second(row.age).filter(|_| second) {
            self.add_square(row.age, &by, &survival, 1.0, &mut part.second);
        }
        part
    }

    /// Adds second derivatives of the logarithm of one way, plus products of first ones.
    fn add_square(&self, t: f64, by: &By, lifetime: &ByTwo, weight: f64, square: &mut Square) {
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
    fn by_alpha(&self, x: f64, t: f64) -> f64 {
        (self.r * t / self.alpha - x) / (self.alpha + t)
    }

    /// The integral over deaths from t_x on, before its first step.
    fn dying(&self, row: &HistoryRow) -> Dying {
        let (x, t_x) = (row.x, row.t_x);
        let ln_start = self.lifetime.ln_density(t_x) - (self.r + x) * (t_x / self.alpha).ln_1p();
        Dying {
            x,
            t_x,
            until: t_x,
            ln_start,
            over: false,
            sum: 0.0,
            by: By::default(),
            second: Square::default(),
        }
    }

    /// Takes the integral further, to T.
    fn advance(&self, dying: &mut Dying, age: f64, second: bool) {
        let (from, ln_start) = (dying.until, dying.ln_start);
        dying.until = age;
        if dying.over || age <= from {
            return;
        }
        let (x, shape, alpha, life) = (dying.x, self.r + dying.x, self.alpha, &self.lifetime);
        let ln_f = |t: f64| life.ln_density(t) - shape * ln_one_plus(t / alpha);
        let slope = |t: f64| life.slope(t) + shape / (alpha + t);
        let smooth_for = |t: f64| life.smooth_for(t).min(alpha + t);
        let floor = ln_start - NEGLIGIBLE - life.rise();
        dying.over = march(from, age, floor, (slope, smooth_for), ln_f, |t, weight| {
            let (ln_density, by) = life.density_by(t);
            let ln_time = ln_one_plus(t / alpha);
            let mass = weight * (ln_density - shape * ln_time - ln_start).exp();
            dying.sum += mass;
            let by = [-ln_time, self.by_alpha(x, t), by[0], by[1], by[2]];
            for (total, by) in dying.by.iter_mut().zip(by) {
                *total += mass * by;
            }
            if let Some((_, density)) = life.second(t).filter(|_| second) {
                self.add_square(t, &by, &density, mass, &mut dying.second);
            }
        });
    }

    fn gone(&self, row: &HistoryRow) -> Gone {
        let mut dying = self.dying(row);
        self.advance(&mut dying, row.age, false);
        dying.so_far()
    }
}

impl<L: Lifetime> PurchaseProcess for Mortal<L> {
    type Customer = MortalCustomer<L>;

    /// L = Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫_{t_x}^T f(τ) (α+τ)^−(r+x) dτ]. All terms are
    /// positive, so nothing cancels; the integral is taken in panels to about 1e-15, which is
    /// regular where the closed forms branch (α = β, T = t_x).
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        self.sum(rows, gradient, None)
    }

    fn second_order(&self, rows: &HistoryRows, gradient: &mut [f64], hessian: &mut [f64]) -> Option<f64> {
        self.lifetime.second(0.0)?;
        Some(self.sum(rows, gradient, Some(hessian)))
    }

    fn ln_odds_gone(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        let to_end = (row.age / self.alpha).ln_1p();
        self.gone(&row).ln - self.lifetime.ln_survival(row.age) + (self.r + row.x) * to_end
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

/// What is known of a customer who is alive: rate λ ~ Gamma(shape, scale), and the life left.
#[derive(Debug, Clone, Copy)]
pub struct MortalCustomer<L> {
    shape: f64,
    scale: f64,
    lifetime: L,
}

impl<L: Lifetime> AliveCustomer for MortalCustomer<L> {
    fn expected_purchases(&self, t: f64) -> f64 {
        self.shape / self.scale * self.lifetime.mean_up_to(t)
    }

    /// S(t) P(N(t) = n) + ∫_0^t f(τ) P(N(τ) = n) dτ with a negative binomial N.
    fn pmf(&self, n: u64, t: f64) -> f64 {
        let x = n as f64;
        let count = |t: f64| ln_negative_binomial(x, self.shape, self.scale, t);
        let alive = self.lifetime.ln_survival(t) + count(t);
        // In y = ln τ: below all scales the integrand falls as e^((n+1) y) on the left.
        let lowest = t.min(self.scale).min(self.lifetime.scale());
        let gone = ln_integral(lowest.ln() - NEGLIGIBLE, t.ln(), 1.0, |y| {
            y + self.lifetime.ln_density(y.exp()) + count(y.exp())
        });
        ln_add_exp(alive, gone).exp().min(1.0)
    }

    /// E[λ²] E[min(life, t)²], whose second factor is 2 ∫_0^t s S(s) ds, taken in y = ln s.
    fn factorial_moment(&self, t: f64) -> f64 {
        let mean = integral(t.ln() - NEGLIGIBLE / 2.0, t.ln(), 2.0, |y| {
            (2.0 * (y - t.ln()) + self.lifetime.ln_survival(y.exp())).exp()
        });
        let reach = t / self.scale;
        2.0 * self.shape * (self.shape + 1.0) * reach * reach * mean
    }

    fn survival(&self, t: f64) -> f64 {
        self.lifetime.ln_survival(t).exp()
    }

    /// ∫ u g(u) du / ∫ g(u) du, where g(u) = shape/scale (1 + u/scale)^−(shape+1) S(u) is the
    /// density of a next purchase at u; infinite where shape and the life's tail power add to 1 or
    /// less.
    fn time_to_next_purchase(&self) -> f64 {
        let power = self.shape + self.lifetime.tail_power();
        if power <= 1.0 {
            return f64::INFINITY;
        }
        let lowest = self.scale.min(self.lifetime.scale()).ln() - NEGLIGIBLE;
        let highest = self.scale.max(self.lifetime.scale()).ln() + NEGLIGIBLE;
        let ln_g = |y: f64| {
            self.lifetime.ln_survival(y.exp()) - (self.shape + 1.0) * (y.exp() / self.scale).ln_1p() + y
        };
        let times = ln_integral(lowest, highest, 1.0, |y| y + ln_g(y));
        // Beyond the highest node both factors are pure powers.
        let beyond = highest + ln_g(highest) - (power - 1.0).ln();
        (ln_add_exp(times, beyond) - ln_integral(lowest, highest, 1.0, ln_g)).exp()
    }
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
            let found = model.gone(&HistoryRow::from(history)).ln;
            assert_relative_eq!(found, exact, max_relative = 1e-13, epsilon = 1e-13);
        }
    }
}
