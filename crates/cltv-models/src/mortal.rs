//! Poisson purchases of customers whose lives end at a random time, whatever they buy.

use crate::gauss::{ln_integral, nodes};
use crate::histories::HistoryRow;
use crate::model::Weighted;
use crate::purchases::AliveCustomer;
use crate::rfm::History;
use crate::simulate::Draws;
use crate::special::{digamma_difference, ln_add_exp, ln_gamma_ratio, logistic};

/// Panels reach at most this many times the distance to the nearest singularity: the 12-point
/// rule then has an error of about 1e-15.
const REACH: f64 = 1.5;
/// Largest change of the logarithm of an integrand inside one panel.
const LARGEST_FALL: f64 = 8.0;
/// An integrand this far below its start, in logarithms, no longer counts.
const NEGLIGIBLE: f64 = 60.0;
/// Panels after which an integral is taken as it is; a hundred are far more than any needs.
const PANEL_CAP: u32 = 2_000;

/// Derivatives of a lifetime's logarithms by up to three parameters of its own.
type ByLifetime = [f64; 3];

/// How long customers live, over all of them.
pub trait Lifetime: Copy + std::fmt::Debug {
    /// ln P(life > t).
    fn ln_survival(&self, t: f64) -> f64;

    /// ln of the density of the life's end at t.
    fn ln_density(&self, t: f64) -> f64;

    /// [`Lifetime::ln_survival`] with its derivatives.
    fn survival_by(&self, t: f64) -> (f64, ByLifetime);

    /// [`Lifetime::ln_density`] with its derivatives.
    fn density_by(&self, t: f64) -> (f64, ByLifetime);

    /// |d ln density / dt|.
    fn slope(&self, t: f64) -> f64;

    /// Distance in the complex plane from t to the nearest singularity of the density.
    fn smooth_for(&self, t: f64) -> f64;

    /// How far the density may rise again, in logarithms.
    fn rise(&self) -> f64;

    /// ∫_0^t P(life > u) du, the mean life up to t.
    fn mean_up_to(&self, t: f64) -> f64;

    /// The time below which hardly anybody dies.
    fn scale(&self) -> f64;

    /// c where P(life > t) falls as t^−c far out; infinite where it falls faster.
    fn tail_power(&self) -> f64;

    /// The life left of somebody alive at `age`.
    #[must_use]
    fn later(&self, age: f64) -> Self;

    /// A random life.
    fn draw(&self, draws: &mut Draws) -> f64;
}

/// Steps from `from` to `to` in panels on which e^`ln_f` is smooth, until it is negligible.
///
/// `slope` bounds |d ln f / dt|, `smooth_for` is the distance to its nearest singularity, `rise`
/// how much of a fall f may make good later.
pub(crate) fn march(
    from: f64,
    to: f64,
    limits: (impl Fn(f64) -> f64, impl Fn(f64) -> f64, f64),
    ln_f: impl Fn(f64) -> f64,
    mut each: impl FnMut(f64, f64),
) {
    let (slope, smooth_for, rise) = limits;
    let (mut at, floor) = (from, ln_f(from) - NEGLIGIBLE - rise);
    for _ in 0..PANEL_CAP {
        if at >= to {
            return;
        }
        let mut step = (REACH * smooth_for(at)).min(LARGEST_FALL / slope(at)).min(to - at);
        while step * slope(at + step) > LARGEST_FALL && at + 0.5 * step > at {
            step *= 0.5;
        }
        let end = at + step;
        if end <= at {
            return;
        }
        nodes(at, end.min(to), &mut each);
        at = end;
        if ln_f(at) < floor {
            return;
        }
    }
}

/// A model of purchases at a Gamma(r, α) rate until the end of a random life.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mortal<L> {
    pub(crate) r: f64,
    pub(crate) alpha: f64,
    pub(crate) lifetime: L,
}

/// What all rows with the same x share.
struct Shared {
    x: f64,
    value: f64,
    by_r: f64,
}

/// The part of a likelihood in which the customer died between t_x and T: its logarithm, and the
/// mean derivatives of the logarithm of its integrand.
struct Gone {
    ln: f64,
    by_r: f64,
    by_alpha: f64,
    by_lifetime: ByLifetime,
}

impl<L: Lifetime> Mortal<L> {
    /// The weighted log-likelihood; its derivatives by r, α and the lifetime's parameters are added
    /// to `gradient`.
    ///
    /// L = Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫_{t_x}^T f(τ) (α+τ)^−(r+x) dτ]. All terms are
    /// positive, so nothing cancels; the integral is taken in panels to about 1e-15, which is
    /// regular where the closed forms branch (α = β, T = t_x).
    pub(crate) fn log_likelihood(&self, rows: &[Weighted<HistoryRow>], gradient: &mut [f64]) -> f64 {
        let (mut sum, mut shared) = (0.0, self.shared(0.0));
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.x {
                shared = self.shared(row.x);
            }
            sum += weight * self.row(row, &shared, *weight, gradient);
        }
        sum
    }

    pub(crate) fn of_history(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        self.row(&row, &self.shared(row.x), 1.0, &mut [0.0; 5])
    }

    fn shared(&self, x: f64) -> Shared {
        Shared { x, value: ln_gamma_ratio(self.r, x), by_r: digamma_difference(self.r, x) }
    }

    fn row(&self, row: &HistoryRow, shared: &Shared, weight: f64, gradient: &mut [f64]) -> f64 {
        let (x, age) = (row.x, row.age);
        let to_end = (age / self.alpha).ln_1p();
        let (ln_survival, survival_by) = self.lifetime.survival_by(age);
        let ln_alive = ln_survival - (self.r + x) * to_end;
        let died = self.gone(row);
        let gone = logistic(died.ln - ln_alive);
        let alive = 1.0 - gone;
        gradient[0] += weight * (shared.by_r - alive * to_end + gone * died.by_r);
        gradient[1] += weight * (alive * self.by_alpha(x, age) + gone * died.by_alpha);
        for (k, slope) in gradient[2..].iter_mut().enumerate() {
            *slope += weight * (alive * survival_by[k] + gone * died.by_lifetime[k]);
        }
        shared.value - x * self.alpha.ln() + ln_add_exp(ln_alive, died.ln)
    }

    /// The derivative of −x ln α − (r+x) ln(1 + t/α) by α, without cancellation.
    fn by_alpha(&self, x: f64, t: f64) -> f64 {
        (self.r * t / self.alpha - x) / (self.alpha + t)
    }

    fn gone(&self, row: &HistoryRow) -> Gone {
        let (shape, alpha, life) = (self.r + row.x, self.alpha, &self.lifetime);
        let ln_f = |t: f64| life.ln_density(t) - shape * (t / alpha).ln_1p();
        let start = ln_f(row.t_x);
        let (mut sum, mut by_r, mut by_alpha, mut by_lifetime) = (0.0, 0.0, 0.0, [0.0; 3]);
        let slope = |t: f64| life.slope(t) + shape / (alpha + t);
        let smooth_for = |t: f64| life.smooth_for(t).min(alpha + t);
        march(row.t_x, row.age, (slope, smooth_for, life.rise()), ln_f, |t, weight| {
            let (ln_density, by) = life.density_by(t);
            let ln_time = (t / alpha).ln_1p();
            let mass = weight * (ln_density - shape * ln_time - start).exp();
            sum += mass;
            by_r -= mass * ln_time;
            by_alpha += mass * self.by_alpha(row.x, t);
            for (total, by) in by_lifetime.iter_mut().zip(by) {
                *total += mass * by;
            }
        });
        // Without time between t_x and T nobody has died in it, and the derivatives do not count.
        let mean = if sum > 0.0 { 1.0 / sum } else { 0.0 };
        Gone {
            ln: start + sum.ln(),
            by_r: by_r * mean,
            by_alpha: by_alpha * mean,
            by_lifetime: by_lifetime.map(|total| total * mean),
        }
    }

    pub(crate) fn ln_odds_gone(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        let to_end = (row.age / self.alpha).ln_1p();
        self.gone(&row).ln - self.lifetime.ln_survival(row.age) + (self.r + row.x) * to_end
    }

    pub(crate) fn alive(&self, history: History) -> MortalCustomer<L> {
        MortalCustomer {
            shape: self.r + history.x as f64,
            scale: self.alpha + history.T,
            lifetime: self.lifetime.later(history.T),
        }
    }

    pub(crate) fn newcomer(&self) -> (f64, MortalCustomer<L>) {
        (1.0, MortalCustomer { shape: self.r, scale: self.alpha, lifetime: self.lifetime })
    }

    pub(crate) fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
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

/// A life that ends at a rate μ ~ Gamma(s, β) over customers: Pareto of the second kind.
#[derive(Debug, Clone, Copy)]
pub struct ParetoLife {
    pub(crate) s: f64,
    pub(crate) beta: f64,
}

impl Lifetime for ParetoLife {
    fn ln_survival(&self, t: f64) -> f64 {
        -self.s * (t / self.beta).ln_1p()
    }

    fn ln_density(&self, t: f64) -> f64 {
        (self.s / self.beta).ln() - (self.s + 1.0) * (t / self.beta).ln_1p()
    }

    fn survival_by(&self, t: f64) -> (f64, ByLifetime) {
        let ln_time = (t / self.beta).ln_1p();
        let by_beta = self.s * t / (self.beta * (self.beta + t));
        (-self.s * ln_time, [-ln_time, by_beta, 0.0])
    }

    fn density_by(&self, t: f64) -> (f64, ByLifetime) {
        let ln_time = (t / self.beta).ln_1p();
        let by_beta = (self.s * t / self.beta - 1.0) / (self.beta + t);
        let ln = (self.s / self.beta).ln() - (self.s + 1.0) * ln_time;
        (ln, [1.0 / self.s - ln_time, by_beta, 0.0])
    }

    fn slope(&self, t: f64) -> f64 {
        (self.s + 1.0) / (self.beta + t)
    }

    fn smooth_for(&self, t: f64) -> f64 {
        self.beta + t
    }

    fn rise(&self) -> f64 {
        0.0
    }

    /// β/(s−1) [1 − (1 + t/β)^−(s−1)], which is β ln(1 + t/β) at s = 1.
    fn mean_up_to(&self, t: f64) -> f64 {
        let (over, ln_time) = (self.s - 1.0, (t / self.beta).ln_1p());
        if over == 0.0 {
            return self.beta * ln_time;
        }
        self.beta * (-(-over * ln_time).exp_m1() / over)
    }

    fn scale(&self) -> f64 {
        self.beta
    }

    fn tail_power(&self) -> f64 {
        self.s
    }

    fn later(&self, age: f64) -> Self {
        Self { s: self.s, beta: self.beta + age }
    }

    fn draw(&self, draws: &mut Draws) -> f64 {
        draws.exponential() * self.beta / draws.gamma(self.s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn the_mean_life_is_regular_at_one() {
        let mean = |s: f64| ParetoLife { s, beta: 11.0 }.mean_up_to(30.0);
        assert_relative_eq!(mean(1.0), 11.0 * (41.0_f64 / 11.0).ln(), max_relative = 1e-15);
        for s in [1.0 - 1e-13, 1.0 + 1e-9, 1.0 - 1e-5] {
            assert_relative_eq!(mean(s), mean(1.0), max_relative = 1e-4);
        }
        assert_eq!(ParetoLife { s: 3.0, beta: 8.0 }.mean_up_to(f64::INFINITY), 4.0);
        assert!(mean(0.9) > mean(1.0));
    }

    /// With α = β the integral is a power: s (α+t)^−(r+x+s) / (r+x+s).
    #[test]
    fn the_integral_is_exact_where_it_is_a_power() {
        for (x, t_x, age, s, beta) in [
            (0, 0.0, 39.0, 0.6, 11.0),
            (26, 30.0, 31.0, 2.0, 4.0),
            (3000, 1.0, 400.0, 0.01, 1e-3),
            (2, 1.0, 1e6, 5.0, 1e-6),
        ] {
            let model = Mortal { r: 0.5, alpha: beta, lifetime: ParetoLife { s, beta } };
            let history = History { x, t_x, T: age };
            let power = 0.5 + x as f64 + s;
            let at = |t: f64| -power * (t / beta).ln_1p();
            let exact = (s / power).ln() + at(t_x) + (-(at(age) - at(t_x)).exp()).ln_1p();
            let found = model.gone(&HistoryRow::from(history)).ln;
            assert_relative_eq!(found, exact, max_relative = 1e-13, epsilon = 1e-13);
        }
    }
}
