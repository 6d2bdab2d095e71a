//! The predictions of every model of purchases.

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::fitted::check_units;
use crate::numeric::gauss::integral;
use crate::purchases::plan::ValuePlan;
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

    /// Expected purchases in (T, T + horizon] of a customer known to have dropped out by T who starts again at T,
    /// at several rising horizons, in `out`; NaN where the model leaves this history no chance to have dropped out
    /// (BG/NBD without a repeat purchase; NBD).
    ///
    /// From T on the customer buys at the rate λ that the history shows, and may drop out again:
    /// - BG/NBD: λ ~ Gamma(r + x, α + t_x), p ~ Beta(a + 1, b + x − 1), as the customer dropped out at purchase x,
    ///   and the next chance to drop out comes with the next purchase; MBG/NBD: p ~ Beta(a + 1, b + x);
    /// - (M)BG/CNBD-k: the same with shape r + k x, and all k phases ahead;
    /// - dropout in continuous time: the mean over the unseen dropout time τ in (t_x, T), with a density in
    ///   proportion to f(τ) (α + τ)^−(r+x), of λ ~ Gamma(r + x, α + τ) and of μ ~ Gamma(s + 1, β + τ) (Pareto/NBD)
    ///   or η ~ Gamma(s + 1, β + e^(bτ) − 1) (GGompertz/NBD, whose hazard starts anew).
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
    /// let mut purchases = [0.0];
    /// // Ten purchases in 20 weeks, then 60 weeks of silence: nearly certain to have dropped out.
    /// params.expected_purchases_if_reactivated_at(History::try_new(10, 20.0, 80.0)?, &[26.0], &mut purchases);
    /// assert!(purchases[0] > 3.0);
    /// params.expected_purchases_if_reactivated_at(History::try_new(0, 0.0, 80.0)?, &[26.0], &mut purchases);
    /// assert!(purchases[0].is_nan());
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    fn expected_purchases_if_reactivated_at(&self, history: History, horizons: &[f64], out: &mut [f64]);

    /// P(n purchases in (T, T + t]) of a customer known to be alive at T.
    fn pmf_if_alive(&self, history: History, n: u64, t: f64) -> f64;

    /// [`PurchasePredictions::pmf_if_alive`] of n = 0, 1, … in `out`: cheaper than one by one.
    fn pmf_if_alive_up_to(&self, history: History, t: f64, out: &mut [f64]) {
        for (n, chance) in (0..).zip(out) {
            *chance = self.pmf_if_alive(history, n, t);
        }
    }

    /// P(no purchase after T) of a customer known to be alive at T; 0 where nobody drops out before a
    /// purchase.
    fn never_if_alive(&self, history: History) -> f64;

    /// P(at least one purchase in (T, T + t]) of a customer known to be alive at T; for an infinite t, of any
    /// further purchase.
    fn p_return_if_alive(&self, history: History, t: f64) -> f64;

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

    /// The return probability: P(at least one purchase in (T, T + t] | x, t_x, T), which the future shows,
    /// as P(alive) is not. For an infinite t, the probability of any further purchase.
    ///
    /// P(alive) times the probability of a living customer, each computed as it stands and not as
    /// 1 − P(X = 0), so that small probabilities keep their digits. With z = t/(scale + t) of a customer
    /// alive, whose rate is Gamma(shape, scale):
    /// - NBD, BG/NBD, MBG/NBD: 1 − (1 + t/scale)^−shape, as there is no dropout before the next purchase;
    /// - (M)BG/CNBD-k: the mean over the phases j behind since t_x of the incomplete beta function
    ///   I_z(k − j, shape + j);
    /// - dropout in continuous time: ∫ S(u) shape/scale (1 + u/scale)^−(shape+1) du over 0 < u < t, by a
    ///   quadrature of positive terms, with the survival S of the remaining dropout time.
    ///
    /// # Examples
    /// ```
    /// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
    /// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
    /// let history = History::try_new(2, 30.43, 38.86)?;
    /// let returns = params.p_return(history, 39.0);
    /// assert!((returns - (1.0 - params.pmf_future(history, 0, 39.0))).abs() < 1e-14);
    /// // One-time buyers have P(alive) = 1 in this model, but few of them return.
    /// let once = History::try_new(0, 0.0, 38.86)?;
    /// assert_eq!(params.p_alive(once), 1.0);
    /// assert!(params.p_return(once, 39.0) < 0.16);
    /// # Ok::<(), cltv_models::InputError>(())
    /// ```
    fn p_return(&self, history: History, t: f64) -> f64 {
        self.p_alive(history) * self.p_return_if_alive(history, t)
    }

    /// P(no purchase after T | x, t_x, T): of a customer who has dropped out, or who will before the next
    /// purchase. Without cancellation; [`PurchasePredictions::p_return`] of an infinite time is the rest.
    fn p_never(&self, history: History) -> f64 {
        self.p_gone(history) + self.p_alive(history) * self.never_if_alive(history)
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

    /// [`PurchasePredictions::p_return`] of every customer of a summary, in row order.
    ///
    /// # Errors
    /// As [`PurchasePredictions::p_alive_all`].
    fn p_return_all(&self, rfm: &RfmSummary, t: f64) -> Result<Vec<f64>, InputError> {
        check_units(self.unit(), rfm.unit())?;
        let patterns = rfm.patterns();
        let returns = patterns.figures_if_alive(self.recency_counts_if_alive(), SOME, |histories| {
            histories.iter().map(|&history| self.p_return_if_alive(history, t)).collect()
        });
        let returns = patterns.cheap_figures(|k| self.p_alive(patterns.histories[k]) * returns[k]);
        Ok(patterns.each(&returns))
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

    /// [`PurchasePredictions::discounted_expected_purchases`] of a customer known to have dropped out who starts
    /// again at T; NaN as [`PurchasePredictions::expected_purchases_if_reactivated_at`].
    fn discounted_if_reactivated(&self, history: History, plan: &ValuePlan) -> f64 {
        let (month, months) = (self.unit().from_months(1.0), plan.horizon_months);
        discounted(month, months, plan.monthly_rate(), |horizons, until| {
            self.expected_purchases_if_reactivated_at(history, horizons, until);
        })
    }

    /// Expected purchases of a customer alive at T in `periods` periods of length `period`, each
    /// discounted from its end at `rate` a period.
    fn discounted_by_period(&self, history: History, period: f64, periods: u32, rate: f64) -> f64 {
        discounted(period, periods, rate, |horizons, until| {
            self.expected_purchases_if_alive_at(history, horizons, until);
        })
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

/// Expected purchases of `periods` periods of length `period`, each discounted from its end at `rate` a period;
/// `expected_until` gives expected purchases up to several rising times.
fn discounted(period: f64, periods: u32, rate: f64, expected_until: impl Fn(&[f64], &mut [f64])) -> f64 {
    let (ln_growth, mut sum, mut before) = (rate.ln_1p(), 0.0, 0.0);
    for first in (1..=periods).step_by(MONTHS_AT_ONCE) {
        let many = MONTHS_AT_ONCE.min((periods - first) as usize + 1);
        let ends: [f64; MONTHS_AT_ONCE] = std::array::from_fn(|k| f64::from(first) + k as f64);
        let mut until = [0.0; MONTHS_AT_ONCE];
        let horizons = ends.map(|end| period * end);
        expected_until(&horizons[..many], &mut until[..many]);
        for (until, end) in until.iter().zip(ends).take(many) {
            sum += (until - before) * (-end * ln_growth).exp();
            before = *until;
        }
    }
    sum
}
