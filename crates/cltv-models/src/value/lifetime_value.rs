//! What customers are worth: purchases to come, times spend, discounted.

use serde::Serialize;

use crate::base::error::InputError;
use crate::fit::fitted::{Fitted, check_units};
use crate::purchases::plan::ValuePlan;
use crate::purchases::predictions::{PurchasePredictions, if_alive};
use crate::spend::gamma_gamma::{GammaGamma, GammaGammaParams};
use crate::summary::history::History;
use crate::summary::patterns::FEW;
use crate::summary::rfm::RfmSummary;

/// What one customer is worth over a plan's horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CustomerValue {
    /// P(alive) at the end of the observation.
    pub p_alive: f64,
    /// Expected purchases over the horizon, not discounted.
    pub expected_purchases: f64,
    /// Expected mean spend a purchase, in money.
    pub expected_spend: f64,
    /// Margin × expected spend × discounted expected purchases.
    pub clv: f64,
    /// CLV · (1 − P(alive)) / P(alive): what would be there were the customer alive, minus what is
    /// expected. Computed without the division, so it is finite for P(alive) = 0 as well.
    pub value_at_risk: f64,
}

/// What one customer is expected to do, for data without amounts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CustomerActivity {
    /// P(alive) at the end of the observation.
    pub p_alive: f64,
    /// Expected purchases over the horizon, not discounted.
    pub expected_purchases: f64,
    /// Expected purchases over the horizon, each discounted from the end of its month.
    pub discounted_purchases: f64,
}

/// The value of every customer in `rfm`, in row order, by any model of purchases: a fit, or
/// parameters.
///
/// # Errors
/// [`InputError`]: a plan outside its bounds, a summary in another time unit than the purchase
/// model's, a summary without amounts, or a spend model without a finite mean.
///
/// # Examples
/// ```
/// use cltv_models::{BgNbdParams, GammaGammaParams, Grain, RfmSummary, TimeUnit, ValuePlan};
/// use cltv_models::lifetime_value_from;
/// let purchases = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let spend = GammaGammaParams::new(6.25, 3.74, 15.44)?;
/// let rfm = RfmSummary::try_new(
///     TimeUnit::Week, Grain::Day, vec!["ann".into()], vec![2], vec![30.43], vec![38.86],
///     Some(vec![22.35]),
/// )?;
/// let value = lifetime_value_from(&purchases, &spend, &rfm, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// assert!((value[0].expected_spend - 24.66).abs() < 0.01);
/// let at_risk = value[0].clv * (1.0 - value[0].p_alive) / value[0].p_alive;
/// assert!((value[0].value_at_risk - at_risk).abs() < 1e-9);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub fn lifetime_value<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    spend: &Fitted<GammaGamma>,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Vec<CustomerValue>, InputError> {
    lifetime_value_from(purchases, &spend.params(), rfm, plan)
}

/// [`lifetime_value`] from parameters, for example published ones.
///
/// # Errors
/// As [`lifetime_value`].
pub fn lifetime_value_from<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    spend: &GammaGammaParams,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Vec<CustomerValue>, InputError> {
    check_units(purchases.unit(), rfm.unit())?;
    let expected_spend = expected_spends(spend, rfm, plan)?;
    let prospects = Prospect::all(purchases, rfm, plan);
    let customers = rfm.patterns().for_customers(&prospects).zip(expected_spend);
    Ok(customers.map(|(prospect, spend)| prospect.worth(spend, plan)).collect())
}

/// The expected mean spend of every customer, in row order.
///
/// # Errors
/// [`InputError`]: a plan outside its bounds, no amounts, or a spend model without a finite mean.
pub(crate) fn expected_spends<'a>(
    spend: &'a GammaGammaParams,
    rfm: &'a RfmSummary,
    plan: &ValuePlan,
) -> Result<impl Iterator<Item = f64> + 'a, InputError> {
    plan.check()?;
    let monetary = rfm.monetary().ok_or(InputError::NoAmounts)?;
    if !spend.has_finite_mean() {
        return Err(InputError::NoFiniteMeanSpend { q: spend.q() });
    }
    let customers = rfm.frequency().iter().zip(monetary);
    Ok(customers.map(|(&x, &mean_spend)| spend.expected_spend(x, mean_spend)))
}

/// What is to come of a customer who is alive, before spend.
#[derive(Clone, Copy)]
struct Future {
    expected: f64,
    discounted: f64,
}

impl Future {
    fn of<P: PurchasePredictions + ?Sized>(purchases: &P, history: History, plan: &ValuePlan) -> Self {
        let horizon = purchases.unit().from_months(f64::from(plan.horizon_months));
        Self {
            expected: purchases.expected_purchases_if_alive(history, horizon),
            discounted: purchases.discounted_if_alive(history, plan),
        }
    }
}

/// What is to come of a customer, before spend.
#[derive(Clone, Copy)]
pub(crate) struct Prospect {
    p_alive: f64,
    p_gone: f64,
    future: Future,
}

impl Prospect {
    pub(crate) fn of<P: PurchasePredictions + ?Sized>(
        purchases: &P,
        history: History,
        plan: &ValuePlan,
    ) -> Self {
        Self::with(purchases, history, Future::of(purchases, history, plan))
    }

    fn with<P: PurchasePredictions + ?Sized>(purchases: &P, history: History, future: Future) -> Self {
        Self { p_alive: purchases.p_alive(history), p_gone: purchases.p_gone(history), future }
    }

    /// Of each distinct history of a summary.
    fn all<P: PurchasePredictions + ?Sized>(purchases: &P, rfm: &RfmSummary, plan: &ValuePlan) -> Vec<Self> {
        let patterns = rfm.patterns();
        let futures = patterns.figures_if_alive(purchases.recency_counts_if_alive(), FEW, |histories| {
            histories.iter().map(|&history| Future::of(purchases, history, plan)).collect()
        });
        patterns.cheap_figures(|k| Self::with(purchases, patterns.histories[k], futures[k]))
    }

    fn expected_purchases(&self) -> f64 {
        if_alive(self.p_alive, self.future.expected)
    }

    pub(crate) fn worth(&self, expected_spend: f64, plan: &ValuePlan) -> CustomerValue {
        let worth = plan.margin * expected_spend * self.future.discounted;
        CustomerValue {
            p_alive: self.p_alive,
            expected_purchases: self.expected_purchases(),
            expected_spend,
            clv: worth * self.p_alive,
            value_at_risk: worth * self.p_gone,
        }
    }

    fn activity(&self) -> CustomerActivity {
        CustomerActivity {
            p_alive: self.p_alive,
            expected_purchases: self.expected_purchases(),
            discounted_purchases: self.p_alive * self.future.discounted,
        }
    }
}

/// P(alive) and expected purchases of every customer in `rfm`, for data without amounts.
///
/// The plan's margin is not used.
///
/// # Errors
/// [`InputError`]: a plan outside its bounds, or a summary in another time unit than the model's.
pub fn customer_activity<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Vec<CustomerActivity>, InputError> {
    customer_activity_from(purchases, rfm, plan)
}

/// [`customer_activity`] from parameters, for example published ones.
///
/// # Errors
/// As [`customer_activity`].
pub fn customer_activity_from<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Vec<CustomerActivity>, InputError> {
    plan.check()?;
    check_units(purchases.unit(), rfm.unit())?;
    let prospects = Prospect::all(purchases, rfm, plan);
    Ok(rfm.patterns().for_customers(&prospects).map(Prospect::activity).collect())
}
