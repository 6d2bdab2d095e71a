//! Continuous-time dropout: likelihood and P(alive) of Poisson purchases until a random dropout time.

use super::customer::ContinuousDropoutCustomer;
use super::dropout_time::DropoutTime;
use super::integrand::{By, ContinuousDropout, Contribution, MOST, Square};
use super::shared_integrals::TailIntegrals;
use crate::fit::model::Weighted;
use crate::models::nbd::counts::poisson_times;
use crate::numeric::random::Draws;
use crate::numeric::special::{digamma_difference, ln_gamma_ratio, share_of_second, trigamma_difference};
use crate::purchases::process::PurchaseProcess;
use crate::purchases::rows::{HistoryRow, HistoryRows};
use crate::summary::history::History;

/// Sums over rows of the log-likelihood and its derivatives.
#[derive(Default)]
struct Sums {
    total: f64,
    first: By,
    second: Square,
}

impl Sums {
    /// Adds a row that is the sum of two contributions.
    fn add(&mut self, alive: &Contribution, dropped_out: &Contribution, weight: f64, second: bool) {
        let (ln, gone) = share_of_second(alive.ln, dropped_out.ln);
        self.total += weight * ln;
        let by: By = std::array::from_fn(|k| (1.0 - gone) * alive.by[k] + gone * dropped_out.by[k]);
        for (sum, by) in self.first.iter_mut().zip(by) {
            *sum += weight * by;
        }
        if second {
            for i in 0..MOST {
                for j in i..MOST {
                    let mean = (1.0 - gone) * alive.second[i][j] + gone * dropped_out.second[i][j];
                    self.second[i][j] += weight * (mean - by[i] * by[j]);
                }
            }
        }
    }
}

impl<D: DropoutTime> ContinuousDropout<D> {
    /// The log-likelihood of rows with its derivatives; those of second order where
    /// `second`.
    fn sum(&self, rows: &HistoryRows, second: bool) -> Sums {
        let (mut sums, mut tails) = (Sums::default(), TailIntegrals::default());
        for same in rows.chunk_by(|left, right| left.row.x == right.row.x) {
            let x = same[0].row.x;
            tails.prepare(self, same, second);
            let mut all = 0.0;
            for same in same.chunk_by(|left, right| left.row.t_x == right.row.t_x) {
                let from = tails.place(same[0].row.t_x);
                for Weighted { row, weight } in same {
                    let to = tails.place(row.age);
                    let alive = tails.alive(self, x, to, second);
                    sums.add(&alive, &tails.dropped_out(from, to), *weight, second);
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

    /// ln of the part of a likelihood in which the customer dropped out between t_x and T.
    fn ln_gone(&self, row: &HistoryRow) -> f64 {
        let ln_start = self.ln_integrand(row.x, row.t_x);
        ln_start + self.scaled_integral(row.x, (row.t_x, row.age), ln_start).0.ln()
    }

    /// The integral over the dropout time between two times, divided by e^`ln_start`; true when all
    /// later times are negligible.
    fn scaled_integral(&self, x: f64, (from, to): (f64, f64), ln_start: f64) -> (f64, bool) {
        let mut sum = 0.0;
        let negligible = self.integrate_in_panels(x, from, to, |t, weight| {
            sum += weight * (self.ln_integrand(x, t) - ln_start).exp();
        });
        (sum, negligible)
    }

    /// Minus the logarithm of the part of a likelihood in which the customer is alive at T.
    fn ln_odds_scale(&self, row: &HistoryRow) -> f64 {
        (self.r + row.x) * (row.age / self.alpha).ln_1p() - self.dropout_time.ln_survival(row.age)
    }
}

impl<D: DropoutTime> PurchaseProcess for ContinuousDropout<D> {
    type Customer = ContinuousDropoutCustomer<D>;

    /// L = Γ(r+x)/Γ(r) α^r [S(T) (α+T)^−(r+x) + ∫_{t_x}^T f(τ) (α+τ)^−(r+x) dτ]. All terms are
    /// positive, so nothing cancels; the integral is taken in panels to about 1e-15, which is
    /// regular where the closed forms branch (α = β, T = t_x).
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        let sums = self.sum(rows, false);
        gradient.iter_mut().zip(sums.first).for_each(|(sum, part)| *sum += part);
        sums.total
    }

    fn second_order(&self, rows: &HistoryRows, gradient: &mut [f64], hessian: &mut [f64]) -> Option<f64> {
        self.dropout_time.second(0.0)?;
        let (sums, n) = (self.sum(rows, true), gradient.len());
        for (i, sum) in gradient.iter_mut().enumerate() {
            *sum += sums.first[i];
            hessian[i * n..(i + 1) * n].iter_mut().zip(sums.second[i]).for_each(|(sum, part)| *sum += part);
        }
        Some(sums.total)
    }

    fn ln_odds_gone(&self, history: History) -> f64 {
        let row = HistoryRow::from(history);
        self.ln_gone(&row) + self.ln_odds_scale(&row)
    }

    /// The integral from t_x to T is that from t_x to the next t_x and that from there to T.
    fn ln_odds_gone_of(&self, histories: &[History], out: &mut [f64]) {
        let mut later: Option<(f64, f64, f64)> = None;
        for (&history, out) in histories.iter().zip(out).rev() {
            let row = HistoryRow::from(history);
            let ln_start = self.ln_integrand(row.x, row.t_x);
            let to = later.map_or(row.age, |(to, ..)| to);
            let (mut sum, negligible) = self.scaled_integral(row.x, (row.t_x, to), ln_start);
            if let Some((_, ln_next, next)) = later.filter(|_| !negligible) {
                sum += (ln_next - ln_start).exp() * next;
            }
            *out = ln_start + sum.ln() + self.ln_odds_scale(&row);
            later = Some((row.t_x, ln_start, sum));
        }
    }

    fn alive(&self, history: History) -> ContinuousDropoutCustomer<D> {
        ContinuousDropoutCustomer {
            shape: self.r + history.x as f64,
            scale: self.alpha + history.T,
            dropout_time: self.dropout_time.later(history.T),
        }
    }

    /// A case for each node of the integral over the unseen dropout time τ: λ ~ Gamma(r + x, α + τ).
    fn reactivated(&self, history: History, each: &mut dyn FnMut(f64, ContinuousDropoutCustomer<D>)) {
        let row = HistoryRow::from(history);
        let ln_all = self.ln_gone(&row);
        if ln_all == f64::NEG_INFINITY {
            return;
        }
        self.integrate_in_panels(row.x, row.t_x, row.age, |time, weight| {
            let customer = ContinuousDropoutCustomer {
                shape: self.r + row.x,
                scale: self.alpha + time,
                dropout_time: self.dropout_time.of_dropped_out(time),
            };
            each(weight * (self.ln_integrand(row.x, time) - ln_all).exp(), customer);
        });
    }

    fn newcomer(&self) -> (f64, ContinuousDropoutCustomer<D>) {
        (1.0, ContinuousDropoutCustomer { shape: self.r, scale: self.alpha, dropout_time: self.dropout_time })
    }

    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
        let rate = draws.gamma(self.r) / self.alpha;
        let end = self.dropout_time.draw(draws).min(age);
        poisson_times(draws, rate, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::continuous_dropout::pareto_nbd::ParetoDropoutTime;
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
            let model =
                ContinuousDropout { r: 0.5, alpha: beta, dropout_time: ParetoDropoutTime::new(s, beta) };
            let history = History { x, t_x, T: age };
            let power = 0.5 + x as f64 + s;
            let at = |t: f64| -power * (t / beta).ln_1p();
            let exact = (s / power).ln() + at(t_x) + (-(at(age) - at(t_x)).exp()).ln_1p();
            let found = model.ln_gone(&HistoryRow::from(history));
            assert_relative_eq!(found, exact, max_relative = 1e-13, epsilon = 1e-13);
        }
    }

    #[test]
    fn histories_that_share_integrals_have_the_odds_of_each() {
        let models = [(0.5, 10.0), (3.0, 0.2), (0.01, 400.0)];
        let dropout_times = [(0.6, 11.7), (30.0, 2.0), (0.01, 1e-3)];
        for ((r, alpha), (s, beta)) in models.into_iter().zip(dropout_times) {
            let model = ContinuousDropout { r, alpha, dropout_time: ParetoDropoutTime::new(s, beta) };
            for x in [1_u64, 7, 400] {
                let t_x = [0.1, 0.5, 3.0, 3.5, 40.0, 103.9, 104.0];
                let histories = t_x.map(|t_x| History { x, t_x, T: 104.0 });
                let mut odds = [0.0; 7];
                model.ln_odds_gone_of(&histories, &mut odds);
                for (odds, history) in odds.into_iter().zip(histories) {
                    assert_relative_eq!(
                        odds,
                        model.ln_odds_gone(history),
                        max_relative = 1e-11,
                        epsilon = 1e-12
                    );
                }
            }
        }
    }
}
