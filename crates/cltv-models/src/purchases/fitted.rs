//! The predictions of a fitted model of purchases: those of its parameters.

use crate::base::error::InputError;
use crate::base::units::TimeUnit;
use crate::fit::fitted::Fitted;
use crate::fit::model::LikelihoodModel;
use crate::purchases::of_parameters::predictions_of;
use crate::purchases::plan::ValuePlan;
use crate::purchases::predictions::PurchasePredictions;
use crate::summary::history::History;
use crate::summary::rfm::RfmSummary;

impl<M: LikelihoodModel> PurchasePredictions for Fitted<M>
where
    M::Params: PurchasePredictions,
{
    predictions_of!(|fit| fit.params);
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

    /// See [`PurchasePredictions::discounted_purchases_within`].
    #[must_use]
    pub fn discounted_purchases_within(&self, history: History, horizon: f64, rate: f64) -> f64 {
        self.params.discounted_purchases_within(history, horizon, rate)
    }

    /// P(alive at T + t | x, t_x, T), without observing (T, T + t].
    #[must_use]
    pub fn p_alive_after(&self, history: History, t: f64) -> f64 {
        self.params.p_alive_after(history, t)
    }

    /// P(n purchases in (T, T + t] | x, t_x, T).
    #[must_use]
    pub fn pmf_future(&self, history: History, n: u64, t: f64) -> f64 {
        self.params.pmf_future(history, n, t)
    }

    /// See [`PurchasePredictions::p_return`].
    #[must_use]
    pub fn p_return(&self, history: History, t: f64) -> f64 {
        self.params.p_return(history, t)
    }

    /// See [`PurchasePredictions::time_to_next_purchase_if_alive`].
    #[must_use]
    pub fn time_to_next_purchase_if_alive(&self, history: History) -> f64 {
        self.params.time_to_next_purchase_if_alive(history)
    }

    /// See [`PurchasePredictions::p_alive_all`].
    ///
    /// # Errors
    /// [`InputError::UnitMismatch`] for a summary in another unit.
    pub fn p_alive_all(&self, rfm: &RfmSummary) -> Result<Vec<f64>, InputError> {
        self.params.p_alive_all(rfm)
    }

    /// See [`PurchasePredictions::p_return_all`].
    ///
    /// # Errors
    /// As [`Fitted::p_alive_all`].
    pub fn p_return_all(&self, rfm: &RfmSummary, t: f64) -> Result<Vec<f64>, InputError> {
        self.params.p_return_all(rfm, t)
    }

    /// See [`PurchasePredictions::expected_purchases_all`].
    ///
    /// # Errors
    /// As [`Fitted::p_alive_all`].
    pub fn expected_purchases_all(&self, rfm: &RfmSummary, horizon: f64) -> Result<Vec<f64>, InputError> {
        self.params.expected_purchases_all(rfm, horizon)
    }
}
