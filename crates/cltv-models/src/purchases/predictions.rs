//! The predictions of every model of purchases.

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::fitted::check_units;
use crate::numeric::gauss::integral;
use crate::numeric::special::logistic;
use crate::purchases::plan::ValuePlan;
use crate::purchases::process::{AliveCustomer, PurchaseParameters, PurchaseProcess};
use crate::summary::history::History;
use crate::summary::patterns::SOME;
use crate::summary::rfm::RfmSummary;

/// Months whose purchases are computed at once.
const MONTHS_AT_ONCE: usize = 12;

/// Predictions of a model of purchases and dropout, on its parameters or on its fit.
///
/// All models give the same predictions, so `&dyn PurchasePredictions` is any of them. Times
/// are in [`PurchasePredictions::unit`]. Predictions for a history that cannot be (see
/// [`History::is_possible`]) or a negative horizon are NaN.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
/// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let history = History::try_new(2, 30.43, 38.86)?;
/// let alive = params.expected_purchases_if_alive(history, 39.0);
/// assert_eq!(params.expected_purchases(history, 39.0), params.p_alive(history) * alive);
/// // The chance of no purchase in the next 39 weeks: gone, or alive and not buying.
/// assert!(params.pmf_future(history, 0, 39.0) > 1.0 - params.p_alive(history));
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub trait PurchasePredictions: Sync {
    /// The unit of all times.
    fn unit(&self) -> TimeUnit;

    /// The log-likelihood of a history, with the densities of its purchase times (in
    /// CNBD-k models without the intervals' own terms, which need more than a history).
    fn history_log_likelihood(&self, history: History) -> f64;

    /// P(alive at T | x, t_x, T).
    fn p_alive(&self, history: History) -> f64;

    /// P(alive) of histories with the same x and T by rising t_x, in `out`: cheaper than one by one
    /// where the model's integrals are shared.
    fn p_alive_of(&self, histories: &[History], out: &mut [f64]) {
        for (out, &history) in out.iter_mut().zip(histories) {
            *out = self.p_alive(history);
        }
    }

    /// 1 − P(alive at T | x, t_x, T), without cancellation.
    fn p_gone(&self, history: History) -> f64;

    /// P(alive at T + t) of a customer known to be alive at T.
    fn survival_if_alive(&self, history: History, t: f64) -> f64;

    /// Expected purchases in (T, T + horizon] of a customer known to be alive at T.
    fn expected_purchases_if_alive(&self, history: History, horizon: f64) -> f64;

    /// [`PurchasePredictions::expected_purchases_if_alive`] at several rising horizons, in `out`:
    /// cheaper than one by one where the model's formulas share their terms.
    fn expected_purchases_if_alive_at(&self, history: History, horizons: &[f64], out: &mut [f64]) {
        for (out, &horizon) in out.iter_mut().zip(horizons) {
            *out = self.expected_purchases_if_alive(history, horizon);
        }
    }

    /// [`PurchasePredictions::expected_purchases_if_alive`] of several histories, in `out`: cheaper than
    /// one by one where those with the same x follow each other.
    fn expected_purchases_if_alive_of(&self, histories: &[History], horizon: f64, out: &mut [f64]) {
        for (out, &history) in out.iter_mut().zip(histories) {
            *out = self.expected_purchases_if_alive(history, horizon);
        }
    }

    /// P(n purchases in (T, T + t]) of a customer known to be alive at T.
    fn pmf_if_alive(&self, history: History, n: u64, t: f64) -> f64;

    /// E[Y (Y − 1)] of the Y purchases in (T, T + t] of a customer known to be alive at T; NaN for
    /// an infinite t.
    fn factorial_moment_if_alive(&self, history: History, t: f64) -> f64;

    /// Expected time from T to the next purchase of a customer known to be alive at T, given that
    /// there will be one; infinite where the mean does not exist (for a Poisson process without
    /// end, r + x ≤ 1).
    fn time_to_next_purchase_if_alive(&self, history: History) -> f64;

    /// Expected repeat purchases of a new customer in the first `t` after the first purchase.
    fn expected_purchases_new(&self, t: f64) -> f64;

    /// P(X(t) = n): the chance that a new customer makes n repeat purchases within t.
    fn pmf(&self, n: u64, t: f64) -> f64;

    /// Whether figures of a customer known to be alive depend on t_x, not on x and T alone: only
    /// where purchases are regular.
    fn recency_counts_if_alive(&self) -> bool;

    /// P(alive at T + t | x, t_x, T), without observing (T, T + t].
    fn p_alive_after(&self, history: History, t: f64) -> f64 {
        self.p_alive(history) * self.survival_if_alive(history, t)
    }

    /// Expected purchases in (T, T + horizon] of a customer with this history.
    fn expected_purchases(&self, history: History, horizon: f64) -> f64 {
        if_alive(self.p_alive(history), self.expected_purchases_if_alive(history, horizon))
    }

    /// The variance of the purchases in (T, T + horizon] of a customer with this history:
    /// `E[Y (Y − 1)] + E[Y] − E[Y]²`, whether the customer is alive or not being part of it.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// // More than the variance of a Poisson count, which is its mean.
    /// assert!(params.purchase_variance(history, 39.0) > params.expected_purchases(history, 39.0));
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    fn purchase_variance(&self, history: History, horizon: f64) -> f64 {
        let mean = self.expected_purchases(history, horizon);
        let pairs = self.p_alive(history) * self.factorial_moment_if_alive(history, horizon);
        (pairs + mean - mean * mean).max(0.0)
    }

    /// P(n purchases in (T, T + t] | x, t_x, T).
    fn pmf_future(&self, history: History, n: u64, t: f64) -> f64 {
        let gone = if n == 0 { self.p_gone(history) } else { 0.0 };
        gone + self.p_alive(history) * self.pmf_if_alive(history, n, t)
    }

    /// P(alive) of every customer of a summary, in row order. Customers who look the same are
    /// computed once, on all cores.
    ///
    /// # Errors
    /// [`InputError::UnitMismatch`] for a summary in another unit.
    fn p_alive_all(&self, rfm: &RfmSummary) -> Result<Vec<f64>, InputError> {
        check_units(self.unit(), rfm.unit())?;
        let patterns = rfm.patterns();
        let alive = patterns.cheap_figures(|k| self.p_alive(patterns.histories[k]));
        Ok(patterns.each(&alive))
    }

    /// Expected purchases in (T, T + horizon] of every customer of a summary, in row order.
    ///
    /// # Errors
    /// As [`PurchasePredictions::p_alive_all`].
    fn expected_purchases_all(&self, rfm: &RfmSummary, horizon: f64) -> Result<Vec<f64>, InputError> {
        check_units(self.unit(), rfm.unit())?;
        let patterns = rfm.patterns();
        let expected = patterns.figures_if_alive(self.recency_counts_if_alive(), SOME, |histories| {
            let mut expected = vec![0.0; histories.len()];
            self.expected_purchases_if_alive_of(histories, horizon, &mut expected);
            expected
        });
        let expected = patterns.cheap_figures(|k| if_alive(self.p_alive(patterns.histories[k]), expected[k]));
        Ok(patterns.each(&expected))
    }

    /// Expected purchases of the plan's months, each discounted from its month's end.
    ///
    /// A month is 30.4375 days whatever the unit: Σ_m [E(m) − E(m−1)] / (1 + monthly rate)^m.
    fn discounted_expected_purchases(&self, history: History, plan: &ValuePlan) -> f64 {
        self.p_alive(history) * self.discounted_if_alive(history, plan)
    }

    /// [`PurchasePredictions::discounted_expected_purchases`] of a customer known to be alive.
    fn discounted_if_alive(&self, history: History, plan: &ValuePlan) -> f64 {
        let month = self.unit().from_months(1.0);
        self.discounted_by_period(history, month, plan.horizon_months, plan.monthly_rate())
    }

    /// Expected purchases of a customer alive at T in `periods` periods of length `period`, each
    /// discounted from its end at `rate` a period.
    fn discounted_by_period(&self, history: History, period: f64, periods: u32, rate: f64) -> f64 {
        let (ln_growth, mut sum, mut before) = (rate.ln_1p(), 0.0, 0.0);
        for first in (1..=periods).step_by(MONTHS_AT_ONCE) {
            let many = MONTHS_AT_ONCE.min((periods - first) as usize + 1);
            let ends: [f64; MONTHS_AT_ONCE] = std::array::from_fn(|k| f64::from(first) + k as f64);
            let mut until = [0.0; MONTHS_AT_ONCE];
            let horizons = ends.map(|end| period * end);
            self.expected_purchases_if_alive_at(history, &horizons[..many], &mut until[..many]);
            for (until, end) in until.iter().zip(ends).take(many) {
                sum += (until - before) * (-end * ln_growth).exp();
                before = *until;
            }
        }
        sum
    }

    /// DERT: all purchases still expected, each discounted continuously at `rate` a time unit.
    ///
    /// ∫ e^(−δs) dE(s) = ∫ e^(−w) E(w/δ) dw by parts, so that it needs only expected purchases.
    /// NaN for a rate that is not positive. An annual discount d is the rate
    /// ln(1 + d) · unit days / 365.25.
    fn discounted_residual_purchases(&self, history: History, rate: f64) -> f64 {
        if !(rate > 0.0 && rate.is_finite()) {
            return f64::NAN;
        }
        // The trapezoid rule in y = ln w, whose weights die fast on both sides.
        let step = 0.125;
        let node = |k: i32| {
            let y = step * f64::from(k);
            let purchases = self.expected_purchases_if_alive(history, y.exp() / rate);
            purchases * (y - y.exp()).exp()
        };
        self.p_alive(history) * step * (-200..=32).map(node).sum::<f64>()
    }

    /// DERT of a finite horizon: purchases in (T, T + horizon], each discounted continuously at
    /// `rate` a time unit.
    ///
    /// By parts e^(−δH) E(H) + δ ∫_0^H e^(−δs) E(s) ds, so that it needs only expected purchases.
    /// NaN for a rate or a horizon that is negative or not finite.
    fn discounted_purchases_within(&self, history: History, horizon: f64, rate: f64) -> f64 {
        if !(rate >= 0.0 && rate.is_finite() && horizon >= 0.0 && horizon.is_finite()) {
            return f64::NAN;
        }
        let at_end = (-rate * horizon).exp() * self.expected_purchases_if_alive(history, horizon);
        if rate == 0.0 || horizon == 0.0 {
            return self.p_alive(history) * at_end;
        }
        // In y = ln s, because E may rise within any part of the horizon; from e^−40 of it on.
        let inside = integral(horizon.ln() - 40.0, horizon.ln(), 4.0, |y| {
            let s = y.exp();
            rate * (y - rate * s).exp() * self.expected_purchases_if_alive(history, s)
        });
        self.p_alive(history) * (at_end + inside)
    }
}

/// A figure of a living customer times P(alive): 0 for P(alive) = 0, even where the figure is
/// infinite.
pub(crate) fn if_alive(alive: f64, figure: f64) -> f64 {
    if alive == 0.0 && figure == f64::INFINITY { 0.0 } else { alive * figure }
}

/// Whether `t` is a time from now on; NaN is not.
fn is_ahead(t: f64) -> bool {
    t >= 0.0
}

impl<P: PurchaseParameters> PurchasePredictions for P {
    fn unit(&self) -> TimeUnit {
        self.time_unit()
    }

    fn recency_counts_if_alive(&self) -> bool {
        P::Process::RECENCY_COUNTS_IF_ALIVE
    }

    fn history_log_likelihood(&self, history: History) -> f64 {
        if history.is_possible() { self.process().ln_likelihood(history) } else { f64::NAN }
    }

    fn p_alive(&self, history: History) -> f64 {
        if history.is_possible() { logistic(-self.process().ln_odds_gone(history)) } else { f64::NAN }
    }

    fn p_alive_of(&self, histories: &[History], out: &mut [f64]) {
        let alike =
            |pair: &[History]| (pair[0].x, pair[0].T) == (pair[1].x, pair[1].T) && pair[0].t_x <= pair[1].t_x;
        if histories.iter().all(History::is_possible) && histories.windows(2).all(alike) {
            self.process().ln_odds_gone_of(histories, out);
            out.iter_mut().for_each(|odds| *odds = logistic(-*odds));
        } else {
            for (out, &history) in out.iter_mut().zip(histories) {
                *out = self.p_alive(history);
            }
        }
    }

    fn p_gone(&self, history: History) -> f64 {
        if history.is_possible() { logistic(self.process().ln_odds_gone(history)) } else { f64::NAN }
    }

    fn survival_if_alive(&self, history: History, t: f64) -> f64 {
        if history.is_possible() && is_ahead(t) {
            self.process().alive(history).survival(t)
        } else {
            f64::NAN
        }
    }

    fn expected_purchases_if_alive(&self, history: History, horizon: f64) -> f64 {
        let defined = history.is_possible() && is_ahead(horizon);
        if defined { self.process().alive(history).expected_purchases(horizon) } else { f64::NAN }
    }

    fn expected_purchases_if_alive_of(&self, histories: &[History], horizon: f64, out: &mut [f64]) {
        if histories.iter().all(History::is_possible) && is_ahead(horizon) {
            let process = self.process();
            let customers: Vec<_> = histories.iter().map(|&history| process.alive(history)).collect();
            AliveCustomer::expected_purchases_of(&customers, horizon, out);
        } else {
            for (out, &history) in out.iter_mut().zip(histories) {
                *out = self.expected_purchases_if_alive(history, horizon);
            }
        }
    }

    fn expected_purchases_if_alive_at(&self, history: History, horizons: &[f64], out: &mut [f64]) {
        if history.is_possible() && horizons.iter().all(|&horizon| is_ahead(horizon)) {
            self.process().alive(history).expected_purchases_at(horizons, out);
        } else {
            out.fill(f64::NAN);
        }
    }

    fn pmf_if_alive(&self, history: History, n: u64, t: f64) -> f64 {
        if history.is_possible() { pmf_of(&self.process().alive(history), n, t) } else { f64::NAN }
    }

    fn factorial_moment_if_alive(&self, history: History, t: f64) -> f64 {
        if !(history.is_possible() && is_ahead(t) && t.is_finite()) {
            return f64::NAN;
        }
        if t == 0.0 { 0.0 } else { self.process().alive(history).factorial_moment(t) }
    }

    fn time_to_next_purchase_if_alive(&self, history: History) -> f64 {
        if history.is_possible() { self.process().alive(history).time_to_next_purchase() } else { f64::NAN }
    }

    fn expected_purchases_new(&self, t: f64) -> f64 {
        if !is_ahead(t) {
            return f64::NAN;
        }
        let (alive, customer) = self.process().newcomer();
        if_alive(alive, customer.expected_purchases(t))
    }

    fn pmf(&self, n: u64, t: f64) -> f64 {
        let (alive, customer) = self.process().newcomer();
        let gone = if n == 0 { 1.0 - alive } else { 0.0 };
        gone + alive * pmf_of(&customer, n, t)
    }
}

fn pmf_of(customer: &impl AliveCustomer, n: u64, t: f64) -> f64 {
    if !is_ahead(t) || t == f64::INFINITY {
        return f64::NAN;
    }
    if t == 0.0 {
        return f64::from(u8::from(n == 0));
    }
    customer.pmf(n, t)
}

/// Predictions that are another value's: its parameters', or those of the model inside an enum.
macro_rules! predictions_of {
    (|$self:ident| $inner:expr) => {
        fn unit(&self) -> TimeUnit {
            let $self = self;
            $inner.unit()
        }

        fn expected_purchases_if_alive_at(&self, history: History, horizons: &[f64], out: &mut [f64]) {
            let $self = self;
            $inner.expected_purchases_if_alive_at(history, horizons, out);
        }

        fn expected_purchases_if_alive_of(&self, histories: &[History], horizon: f64, out: &mut [f64]) {
            let $self = self;
            $inner.expected_purchases_if_alive_of(histories, horizon, out);
        }

        fn p_alive_of(&self, histories: &[History], out: &mut [f64]) {
            let $self = self;
            $inner.p_alive_of(histories, out);
        }

        fn recency_counts_if_alive(&self) -> bool {
            let $self = self;
            $inner.recency_counts_if_alive()
        }

        $crate::purchases::predictions::predictions_of!(@ |$self| $inner;
            history_log_likelihood(history: History);
            p_alive(history: History);
            p_gone(history: History);
            survival_if_alive(history: History, t: f64);
            expected_purchases_if_alive(history: History, horizon: f64);
            pmf_if_alive(history: History, n: u64, t: f64);
            factorial_moment_if_alive(history: History, t: f64);
            time_to_next_purchase_if_alive(history: History);
            expected_purchases_new(t: f64);
            pmf(n: u64, t: f64);
        );
    };
    (@ |$self:ident| $inner:expr; ) => {};
    (@ |$self:ident| $inner:expr; $name:ident($($arg:ident: $type:ty),*); $($rest:tt)*) => {
        fn $name(&self, $($arg: $type),*) -> f64 {
            let $self = self;
            $inner.$name($($arg),*)
        }
        $crate::purchases::predictions::predictions_of!(@ |$self| $inner; $($rest)*);
    };
}

pub(crate) use predictions_of;

impl PurchasePredictions for Box<dyn PurchasePredictions> {
    predictions_of!(|any| (**any));
}
