//! Beta-geometric dropout: likelihood and P(alive) of Poisson purchases, each followed by dropout
//! with a beta-distributed probability.

use crate::fit::model::{Sample, Weighted};
use crate::models::beta_geometric::BetaGeometricCustomer;
use crate::numeric::random::Draws;
use crate::numeric::special::share_of_second;
use crate::numeric::special::{digamma_difference, ln_gamma_ratio, ln_one_plus, trigamma_difference};
use crate::purchases::process::PurchaseProcess;
use crate::purchases::rows::{HistoryRow, HistoryRows, mean_rate};
use crate::summary::history::History;

/// Steps of a recurrence that cost less than computing it directly.
const STEPS: f64 = 32.0;

/// Starting points of fits of r, α, a and b.
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
pub struct BetaGeometric {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    chances_at_start: f64,
}

/// The terms of the log-likelihood that all rows with the same x share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared {
    x: f64,
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

/// ln(1 + t/α) and −x ln α − (r+x) ln(1 + t/α) at a time, with derivatives.
#[derive(Clone, Copy, Default)]
struct AtTime {
    ln: f64,
    /// Of the second by α, and of that by r and by α.
    by: f64,
    by_r: f64,
    second: f64,
}

/// Sums over rows of derivatives by r, α, a and b, and by two of them from the diagonal on.
#[derive(Default)]
struct Derivatives {
    first: [f64; 4],
    second: [[f64; 4]; 4],
}

impl Shared {
    /// Adds the derivatives by a and b of a row that is gone with this probability.
    pub(crate) fn add_dropout(&self, gone: f64, weight: f64, gradient: &mut [f64]) {
        gradient[2] += weight * (self.by_a + gone / self.a);
        let by_b = if gone > 0.0 { gone / self.survived } else { 0.0 };
        gradient[3] += weight * (self.by_b - by_b);
    }
}

impl Derivatives {
    /// Adds what rows of this weight share by their x.
    fn add_shared(&mut self, shared: &Shared, weight: f64) {
        for (sum, by) in self.first.iter_mut().zip([shared.by_r, 0.0, shared.by_a, shared.by_b]) {
            *sum += weight * by;
        }
        self.second[0][0] += weight * shared.by_rr;
        self.second[2][2] += weight * shared.by_aa;
        self.second[2][3] += weight * shared.by_aa;
        self.second[3][3] += weight * (shared.by_aa + shared.by_bb);
    }

    fn add_to(&self, gradient: &mut [f64], hessian: &mut [f64]) {
        gradient.iter_mut().zip(self.first).for_each(|(sum, part)| *sum += part);
        hessian.iter_mut().zip(self.second.iter().flatten()).for_each(|(sum, part)| *sum += part);
    }
}

impl BetaGeometric {
    pub(crate) fn new(theta: &[f64], chances_at_start: f64) -> Self {
        let (r, alpha, a, b) = (theta[0], theta[1], theta[2], theta[3]);
        Self { r, alpha, a, b, chances_at_start }
    }

    /// Terms of rows with x repeat purchases, which took `events` events of the Poisson process;
    /// second derivatives where `second`.
    pub(crate) fn shared(&self, x: f64, events: f64, second: bool) -> Shared {
        let Self { r, a, b, .. } = *self;
        let chances = x + self.chances_at_start;
        let by_sum = digamma_difference(a + b, chances);
        let second = |a: f64, d: f64| if second { trigamma_difference(a, d) } else { 0.0 };
        Shared {
            x,
            value: ln_gamma_ratio(r, events) + ln_gamma_ratio(b, chances) - ln_gamma_ratio(a + b, chances),
            a,
            survived: b + chances - 1.0,
            ln_dropout: self.ln_dropout(x),
            by_r: digamma_difference(r, events),
            by_a: -by_sum,
            by_b: digamma_difference(b, chances) - by_sum,
            by_rr: second(r, events),
            by_aa: -second(a + b, chances),
            by_bb: second(b, chances),
        }
    }

    /// Terms of rows with a larger x, by the recurrences of the gamma function, where each
    /// purchase took one event.
    fn shared_after(&self, before: &Shared, x: f64, second: bool) -> Shared {
        if !(0.0..=STEPS).contains(&(x - before.x)) {
            return self.shared(x, x, second);
        }
        let mut next = *before;
        let mut product = 1.0;
        while next.x < x {
            let chances = next.x + self.chances_at_start;
            let (rate, staying) = (self.r + next.x, self.b + chances);
            let (by_r, by_b, by_sum) = (1.0 / rate, 1.0 / staying, 1.0 / (self.a + staying));
            product *= rate * staying * by_sum;
            next.by_r += by_r;
            next.by_a -= by_sum;
            next.by_b += by_b - by_sum;
            next.by_rr -= by_r * by_r;
            next.by_aa += by_sum * by_sum;
            next.by_bb -= by_b * by_b;
            next.x += 1.0;
        }
        next.value += product.ln();
        next.survived = self.b + x + self.chances_at_start - 1.0;
        next.ln_dropout = self.ln_dropout(x);
        next
    }

    pub(crate) fn ln_dropout(&self, x: f64) -> f64 {
        let chances = x + self.chances_at_start;
        if chances > 0.0 { (self.a / (self.b + chances - 1.0)).ln() } else { f64::NEG_INFINITY }
    }

    #[inline]
    fn at_time(&self, x: f64, t: f64) -> AtTime {
        let (inverse, share) = (1.0 / (self.alpha + t), t / self.alpha);
        let (by_r, by) = (share * inverse, (self.r * share - x) * inverse);
        AtTime { ln: ln_one_plus(share), by, by_r, second: -self.r * by_r / self.alpha - by * inverse }
    }

    /// The log-likelihood of rows with its derivatives; those of second order where `SECOND`.
    fn sum<const SECOND: bool>(&self, rows: &HistoryRows, sums: &mut Derivatives) -> f64 {
        let (mut total, mut shared) = (0.0, self.shared(0.0, 0.0, SECOND));
        for same in rows.chunk_by(|left, right| left.row.x == right.row.x) {
            // Rows are sorted by x, so the gamma functions are computed once an x.
            shared = self.shared_after(&shared, same[0].row.x, SECOND);
            let mut weight = 0.0;
            for same in same.chunk_by(|left, right| left.row.t_x == right.row.t_x) {
                total += self.add_rows::<SECOND>(same, &shared, sums);
                weight += same.iter().map(|row| row.weight).sum::<f64>();
            }
            total += weight * (shared.value - shared.x * self.alpha.ln());
            sums.add_shared(&shared, weight);
        }
        total
    }

    /// Adds rows with the same x and t_x, without what they share by x.
    ///
    /// The likelihood is a sum of two contributions: the customer is still alive at T, or dropped out
    /// right after the purchase at t_x. Second derivatives of ln(e^A + e^G) are the mean of those of
    /// A and G, plus P(alive) P(gone) times the square of the difference of their gradients.
    fn add_rows<const SECOND: bool>(
        &self,
        rows: &HistoryRows,
        shared: &Shared,
        sums: &mut Derivatives,
    ) -> f64 {
        let (x, shape) = (shared.x, self.r + shared.x);
        let can_be_gone = shared.ln_dropout > f64::NEG_INFINITY;
        let last = if can_be_gone { self.at_time(x, rows[0].row.t_x) } else { AtTime::default() };
        let (by_a, by_b) = if can_be_gone { (1.0 / self.a, 1.0 / shared.survived) } else { (0.0, 0.0) };
        let ln_gone = shared.ln_dropout - shape * last.ln;
        let mut total = 0.0;
        for Weighted { row, weight } in rows {
            let end = self.at_time(x, row.age);
            let (ln, gone) = share_of_second(-shape * end.ln, ln_gone);
            let alive = 1.0 - gone;
            total += weight * ln;
            let (is_alive, is_gone) = (weight * alive, weight * gone);
            sums.first[0] -= is_alive * end.ln + is_gone * last.ln;
            sums.first[1] += is_alive * end.by + is_gone * last.by;
            sums.first[2] += is_gone * by_a;
            sums.first[3] -= is_gone * by_b;
            if SECOND {
                let apart = [last.ln - end.ln, end.by - last.by, -by_a, by_b];
                let both = is_alive * gone;
                for i in 0..4 {
                    for j in i..4 {
                        sums.second[i][j] += both * apart[i] * apart[j];
                    }
                }
                sums.second[0][1] += is_alive * end.by_r + is_gone * last.by_r;
                sums.second[1][1] += is_alive * end.second + is_gone * last.second;
                sums.second[2][2] -= is_gone * by_a * by_a;
                sums.second[3][3] += is_gone * by_b * by_b;
            }
        }
        total
    }

    fn after(&self, x: f64, age: f64) -> BetaGeometricCustomer {
        let (a, b) = self.after_purchases(x);
        BetaGeometricCustomer { shape: self.r + x, scale: self.alpha + age, a, b }
    }

    /// The dropout probability, Beta(a, b), of a customer alive after x repeat purchases.
    pub(crate) fn after_purchases(&self, x: f64) -> (f64, f64) {
        (self.a, self.b + x + self.chances_at_start)
    }

    /// The dropout probability, Beta(a, b), of a customer who dropped out at purchase x; none where that purchase
    /// leaves no chance to drop out.
    pub(crate) fn dropped_out_at(&self, x: f64) -> Option<(f64, f64)> {
        let chances = x + self.chances_at_start;
        (chances > 0.0).then_some((self.a + 1.0, self.b + chances - 1.0))
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

impl PurchaseProcess for BetaGeometric {
    type Customer = BetaGeometricCustomer;

    /// ln of Γ(r+x)/Γ(r) α^r B(a, b+c)/B(a, b) [(α+T)^−(r+x) + 1{c>0} a/(b+c−1) (α+t_x)^−(r+x)] with c
    /// chances to drop out: x in the BG/NBD (Fader, Hardie & Lee 2005, equation 6), x + 1 in the MBG/NBD.
    fn log_likelihood(&self, rows: &HistoryRows, gradient: &mut [f64]) -> f64 {
        let mut sums = Derivatives::default();
        let total = self.sum::<false>(rows, &mut sums);
        sums.add_to(gradient, &mut []);
        total
    }

    fn second_order(&self, rows: &HistoryRows, gradient: &mut [f64], hessian: &mut [f64]) -> Option<f64> {
        let mut sums = Derivatives::default();
        let total = self.sum::<true>(rows, &mut sums);
        sums.add_to(gradient, hessian);
        Some(total)
    }

    /// ln of a/(b+c−1) ((α+T)/(α+t_x))^(r+x), the ratio of the two terms of the likelihood.
    fn ln_odds_gone(&self, history: History) -> f64 {
        let x = history.x as f64;
        let since_last = (history.T - history.t_x) / (self.alpha + history.t_x);
        self.ln_dropout(x) + (self.r + x) * ln_one_plus(since_last)
    }

    fn alive(&self, history: History) -> BetaGeometricCustomer {
        self.after(history.x as f64, history.T)
    }

    /// Nothing was seen of the rate after t_x, where the customer dropped out.
    fn reactivated(&self, history: History, each: &mut dyn FnMut(f64, BetaGeometricCustomer)) {
        let x = history.x as f64;
        if let Some((a, b)) = self.dropped_out_at(x) {
            let (shape, scale) = (self.r + x, self.alpha + history.t_x);
            each(1.0, BetaGeometricCustomer { shape, scale, a, b });
        }
    }

    fn newcomer(&self) -> (f64, BetaGeometricCustomer) {
        let alive = if self.chances_at_start > 0.0 { self.b / (self.a + self.b) } else { 1.0 };
        (alive, self.after(0.0, 0.0))
    }

    fn draw(&self, draws: &mut Draws, age: f64) -> Vec<f64> {
        self.draw_every(1, draws, age)
    }
}
