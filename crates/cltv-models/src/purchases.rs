//! What every model of purchases predicts, and what follows from it for all of them.

use crate::fitted::Fitted;
use crate::model::LikelihoodModel;
use crate::rfm::{History, TimeUnit};
use crate::value::ValuePlan;

/// Predictions of a model of purchases and dropout, on its parameters.
///
/// A model gives the first six; discounting follows from them. Times are in
/// [`PurchasePredictions::unit`]. Predictions for a history that cannot be (see
/// [`History::is_possible`]) or a negative horizon are NaN.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, History, PurchasePredictions, TimeUnit};
/// let params = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let history = History::try_new(2, 30.43, 38.86)?;
/// let alive = params.expected_purchases_if_alive(history, 39.0);
/// assert_eq!(params.expected_purchases(history, 39.0), params.p_alive(history) * alive);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub trait PurchasePredictions {
    /// The unit of all times.
    fn unit(&self) -> TimeUnit;

    /// P(alive at T | x, t_x, T).
    fn p_alive(&self, history: History) -> f64;

    /// 1 − P(alive at T | x, t_x, T), without cancellation.
    fn p_gone(&self, history: History) -> f64;

    /// Expected purchases in (T, T + horizon] of a customer known to be alive at T.
    fn expected_purchases_if_alive(&self, history: History, horizon: f64) -> f64;

    /// Expected repeat purchases of a new customer in the first `t` after the first purchase.
    fn expected_purchases_new(&self, t: f64) -> f64;

    /// P(X(t) = n): the chance that a new customer makes n repeat purchases within t.
    fn pmf(&self, n: u64, t: f64) -> f64;

    /// Expected purchases in (T, T + horizon] of a customer with this history.
    fn expected_purchases(&self, history: History, horizon: f64) -> f64 {
        self.p_alive(history) * self.expected_purchases_if_alive(history, horizon)
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
        let (mut sum, mut before) = (0.0, 0.0);
        for k in 1..=periods {
            let until = self.expected_purchases_if_alive(history, period * f64::from(k));
            sum += (until - before) * (-f64::from(k) * rate.ln_1p()).exp();
            before = until;
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
}

/// The predictions of [`PurchasePredictions`], without importing it.
impl<M: LikelihoodModel> Fitted<M>
where
    M::Params: PurchasePredictions,
{
    /// P(alive at T | x, t_x, T).
    #[must_use]
    pub fn p_alive(&self, history: History) -> f64 {
        self.params.p_alive(history)
    }

    /// Expected purchases in (T, T + horizon] of a customer with this history.
    #[must_use]
    pub fn expected_purchases(&self, history: History, horizon: f64) -> f64 {
        self.params.expected_purchases(history, horizon)
    }

    /// Expected repeat purchases of a new customer in the first `t` after the first purchase.
    #[must_use]
    pub fn expected_purchases_new(&self, t: f64) -> f64 {
        self.params.expected_purchases_new(t)
    }

    /// P(X(t) = n): the chance that a new customer makes n repeat purchases within t.
    #[must_use]
    pub fn pmf(&self, n: u64, t: f64) -> f64 {
        self.params.pmf(n, t)
    }

    /// See [`PurchasePredictions::discounted_expected_purchases`].
    #[must_use]
    pub fn discounted_expected_purchases(&self, history: History, plan: &ValuePlan) -> f64 {
        self.params.discounted_expected_purchases(history, plan)
    }

    /// See [`PurchasePredictions::discounted_residual_purchases`].
    #[must_use]
    pub fn discounted_residual_purchases(&self, history: History, rate: f64) -> f64 {
        self.params.discounted_residual_purchases(history, rate)
    }
}
