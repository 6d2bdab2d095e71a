//! Purchases of customers who may drop out after each with a beta-distributed probability.

mod customer;

pub(crate) use customer::DropoutCustomer;

use crate::histories::{HistoryRow, HistoryRows, mean_rate};
use crate::model::{Sample, Weighted};
use crate::purchases::PurchaseProcess;
use crate::rfm::History;
use crate::simulate::Draws;
use crate::special::{digamma_difference, ln_gamma_ratio, ln_one_plus, trigamma_difference};

/// Where fits of r, α, a and b start.
pub(crate) fn dropout_starts(sample: &Sample<HistoryRow>) -> Vec<Vec<f64>> {
    let rate = mean_rate(sample);
    [(0.25, 0.8, 2.5), (1.0, 1.0, 1.0), (0.5, 0.1, 4.0), (3.0, 2.0, 10.0)]
        .map(|(r, a, b)| vec![r, r / rate, a, b])
        .to_vec()
}

/// The BG/NBD or the MBG/NBD at one parameter vector.
///
/// They differ only in the chances to drop out that x repeat purchases leave behind: x in the
/// BG/NBD, x + 1 in the MBG/NBD, whose first purchase is one as well.
#[derive(Debug, Clone, Copy)]
pub struct BetaDropout {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    chances_at_start: f64,
}

/// What all rows with the same x share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared {
    pub(crate) value: f64,
    a: f64,
    /// b + chances − 1.
    survived: f64,
    /// ln[a / (b + chances − 1)], the odds of dropping out at the last chance; −∞ without one.
    pub(crate) ln_dropout: f64,
    pub(crate) by_r: f64,
    by_a: f64,
    by_b: f64,
    by_rr: f64,
    by_aa: f64,
    /// Without the part that is `by_aa` too.
    by_bb: f64,
}

/// The two ways in which a history can have come about: the customer is still alive at T, or
/// dropped out right after the purchase at t_x.
struct Ways {
    /// The logarithm of the sum of both.
    ln: f64,
    gone: f64,
    /// ln(1 + T/α) and ln(1 + t_x/α).
    to_end: f64,
    to_last: f64,
    /// The derivatives of −x ln α − (r+x) ln(1 + T/α) by α, and with t_x.
    by_end: f64,
    by_last: f64,
}

/// ln(e^a + e^b), and b's share of the sum.
fn share_of_second(a: f64, b: f64) -> (f64, f64) {
    let odds = (-(a - b).abs()).exp();
    let less = odds / (1.0 + odds);
    (a.max(b) + ln_one_plus(odds), if b > a { 1.0 - less } else { less })
}

impl Shared {
    /// Adds the derivatives by a and b of a row that is gone with this probability.
    pub(crate) fn add_dropout(&self, gone: f64, weight: f64, gradient: &mut [f64]) {
        gradient[2] += weight * (self.by_a + gone / self.a);
        let by_b = if gone > 0.0 { gone / self.survived } else { 0.0 };
        gradient[3] += weight * (self.by_b - by_b);
    }
}

impl BetaDropout {
    pub(crate) fn new(theta: &[f64], chances_at_start: f64) -> Self {
        let (r, alpha, a, b) = (theta[0], theta[1], theta[2], theta[3]);
        Self { r, alpha, a, b, chances_at_start }
    }

    /// What rows with x repeat purchases, which took `events` events of the Poisson process, share.
    pub(crate) fn shared(&self, x: f64, events: f64) -> Shared {
        let Self { r, a, b, .. } = *self;
        let chances = x + self.chances_at_start;
        let by_sum = digamma_difference(a + b, chances);
        Shared {
            value: ln_gamma_ratio(r, events) + ln_gamma_ratio(b, chances) - ln_gamma_ratio(a + b, chances),
            a,
            survived: b + chances - 1.0,
            ln_dropout: self.ln_dropout(x),
            by_r: digamma_difference(r, events),
            by_a: -by_sum,
            by_b: digamma_difference(b, chances) - by_sum,
            by_rr: trigamma_difference(r, events),
            by_aa: -trigamma_difference(a + b, chances),
            by_bb: trigamma_difference(b, chances),
        }
    }

    pub(crate) fn ln_dropout(&self, x: f64) -> f64 {
        let chances = x + self.chances_at_start;
        if chances > 0.0 { self.a.ln() - (self.b + chances - 1.0).ln() } else { f64::NEG_INFINITY }
    }

    /// Both ways in which a history with x repeat purchases can have come about.
    fn ways(&self, row: &HistoryRow, shared: &Shared) -> Ways {
        let Self { r, alpha, .. } = *self;
        let HistoryRow { x, t_x, age } = *row;
        let to_end = ln_one_plus(age / alpha);
        let by_end = (r * age / alpha - x) / (alpha + age);
        let ln_alive = -(r + x) * to_end;
        if shared.ln_dropout == f64::NEG_INFINITY {
            return Ways { ln: ln_alive, gone: 0.0, to_end, to_last: 0.0, by_end, by_last: 0.0 };
        }
        let to_last = ln_one_plus(t_x / alpha);
        let ln_gone = shared.ln_dropout - (r + x) * to_last;
        let (ln, gone) = share_of_second(ln_alive, ln_gone);
        Ways { ln, gone, to_end, to_last, by_end, by_last: (r * t_x / alpha - x) / (alpha + t_x) }
    }

    /// The derivatives of one row by r, α, a and b, times `weight`, are added to `gradient`.
    fn add_gradient(&self, ways: &Ways, shared: &Shared, weight: f64, gradient: &mut [f64]) {
        let Ways { gone, to_end, to_last, by_end, by_last, .. } = *ways;
        let alive = 1.0 - gone;
        gradient[0] += weight * (shared.by_r - alive * to_end - gone * to_last);
        gradient[1] += weight * (alive * by_end + gone * by_last);
        shared.add_dropout(gone, weight, gradient);
    }

    /// The second derivatives of one row, times `weight`, are added to `hessian`.
    ///
    /// Of ln(e^A + e^G) they are the mean of those of A and G, plus P(alive) P(gone) times the
    /// square of the difference of their gradients.
    fn add_hessian(&self, row: &HistoryRow, ways: &Ways, shared: &Shared, weight: f64, hessian: &mut [f64]) {
        let Self { alpha, .. } = *self;
        let Ways { gone, to_end, to_last, by_end, by_last, .. } = *ways;
        let alive = 1.0 - gone;
        // Of (r T/α − x) / (α + T), by r and by α; the same with t_x.
        let of = |t: f64, by: f64| {
            let by_r = t / (alpha * (alpha + t));
            (by_r, -self.r * by_r / alpha - by / (alpha + t))
        };
        let (end, last) = (of(row.age, by_end), of(row.t_x, by_last));
        let (by_a, by_b) = if gone > 0.0 { (1.0 / self.a, 1.0 / shared.survived) } else { (0.0, 0.0) };
        let apart = [to_last - to_end, by_end - by_last, -by_a, by_b];
        let both = weight * alive * gone;
        for i in 0..4 {
            for j in i..4 {
                hessian[4 * i + j] += both * apart[i] * apart[j];
            }
        }
        hessian[0] += weight * shared.by_rr;
        hessian[1] += weight * (alive * end.0 + gone * last.0);
        hessian[5] += weight * (alive * end.1 + gone * last.1);
        hessian[10] += weight * (shared.by_aa - gone * by_a * by_a);
        hessian[11] += weight * shared.by_aa;
        hessian[15] += weight * (shared.by_aa + shared.by_bb + gone * by_b * by_b);
    }

    /// Goes through the rows with what their x shares.
    fn for_each<'r>(
        &self,
        rows: &'r HistoryRows,
        mut each: impl FnMut(&'r HistoryRow, f64, &Shared, &Ways),
    ) -> f64 {
        let at = |x: f64| (x, self.shared(x, x), x * self.alpha.ln());
        let (mut sum, mut shared) = (0.0, at(0.0));
        for Weighted { row, weight } in rows {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            if row.x != shared.0 {
                shared = at(row.x);
            }
            let ways = self.ways(row, &shared.1);
            sum += weight * (shared.1.value - shared.2 + ways.ln);
            each(row, *weight, &shared.1, &ways);
        }
        sum
    }

    fn after(&self, x: f64, age: f64) -> DropoutCustomer {
        let (a, b) = self.after_purchases(x);
        DropoutCustomer { shape: self.r + x, scale: self.alpha + age, a, b }
    }

    /// The dropout probability, Beta(a, b), of a customer alive after x repeat purchases.
    pub(crate) fn after_purchases(&self, x: f64) -> (f64, f64) {
        (self.a, self.b + x + self.chances_at_start)
    }

    /// The repeat purchases of a random customer; each takes `phases` Poisson events.
    pub(crate) fn draw_every(&self, phases: u32, draws: &mut Draws, age: f64) -> Vec<f64> {
        let rate = draws.gamma(self.r) / self.alpha;
        let dropout = draws.beta(self.a, self.b);
        let (mut times, mut last) = (Vec::new(), 0.0);
        if self.chances_at_start > 0.0 && draws.uniform() < dropout {
            return times;
        }
        loop {
            let next = last + (0..phases).map(|_| draws.exponential()).sum::<f64>() / rate;
            // A waiting time too small to move the clock would be a purchase at the same time.
            if !(next > last && next <= age) {
                return times;
            }
            times.push(next);
            last = next;
            if draws.uniform() < dropout {
                return times;
            }
        }
    }
}

impl PurchaseProcess for BetaDropout {
    type Customer = DropoutCustomer;

    /// Fader, Hardie & Lee (2005), equation 6, in logarithms.
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        self.for_each(rows, |_, weight, shared, ways| self.add_gradient(ways, shared, weight, gradient))
    }

    fn second_order(&self, rows: &HistoryRows, gradient: &mut [f64], hessian: &mut [f64]) -> Option<f64> {
        Some(self.for_each(rows, |row, weight, shared, ways| {
            self.add_gradient(ways, shared, weight, gradient);
            self.add_hessian(row, ways, shared, weight, hessian);
        }))
    }

    fn ln_odds_gone(&self, history: History) -> f64 {
        let x = history.x as f64;
        let since_last = (history.T - history.t_x) / (self.alpha + history.t_x);
        self.ln_dropout(x) + (self.r + x) * since_last.ln_1p()
    }

    fn alive(&self, history: History) -> DropoutCustomer {
        self.after(history.x as f64, history.T)
    }

    fn newcomer(&self) -> (f64, DropoutCustomer) {
        let alive = if self.chances_at_start > 0.0 { self.b / (self.a + self.b) } else { 1.0 };
        (alive, self.after(0.0, 0.0))
    }

    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
        self.draw_every(1, draws, age)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::{ln_add_exp, logistic};
    use approx::assert_relative_eq;

    #[test]
    fn one_exponential_gives_sum_and_share() {
        for a in [-900.0, -3.5, -0.1, 0.0] {
            for b in [-901.0, -40.0, -3.5, -0.2, 2.0] {
                let (ln_sum, share) = share_of_second(a, b);
                assert_relative_eq!(share, logistic(b - a), max_relative = 1e-15);
                assert_relative_eq!(ln_sum, ln_add_exp(a, b), max_relative = 1e-15, epsilon = 1e-15);
            }
        }
    }
}
