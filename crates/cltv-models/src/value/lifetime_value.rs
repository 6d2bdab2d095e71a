//! Customer lifetime value: expected purchases times expected spend, discounted.

use serde::Serialize;

use crate::base::error::InputError;
use crate::fit::fitted::{Fitted, check_units};
use crate::purchases::plan::ValuePlan;
use crate::purchases::predictions::{PurchasePredictions, if_alive};
use crate::spend::gamma_gamma::{GammaGamma, GammaGammaParams};
use crate::summary::history::History;
use crate::summary::patterns::FEW;
use crate::summary::rfm::RfmSummary;

/// Lifetime values of customers over a plan's horizon: a column for each figure, in the summary's row
/// order.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LifetimeValues {
    /// P(alive) at the end of the observation.
    pub p_alive: Vec<f64>,
    /// The return probability: P(at least one purchase within the horizon).
    pub p_return: Vec<f64>,
    /// Expected purchases over the horizon, not discounted.
    pub expected_purchases: Vec<f64>,
    /// Expected mean spend a purchase, in money.
    pub expected_spend: Vec<f64>,
    /// Margin × expected spend × discounted expected purchases.
    pub clv: Vec<f64>,
    /// Margin × expected spend × discounted purchases of a customer with this history who has dropped out, were
    /// they to start again at the end of the observation (see
    /// [`PurchasePredictions::expected_purchases_if_reactivated_at`]); NaN where the model leaves the history no
    /// chance to have dropped out. Times P(dropped out) it is what winning the customer back is expected to add.
    pub value_if_reactivated: Vec<f64>,
}

impl LifetimeValues {
    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clv.len()
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clv.is_empty()
    }

    /// The value of all customers: the sum of `clv` in row order.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.clv.iter().sum()
    }

    /// From each customer's forecast, discounted purchases if reactivated, and expected spend.
    pub(crate) fn of<'f>(
        forecasts: impl ExactSizeIterator<Item = (&'f Forecast, f64)>,
        expected_spend: impl Iterator<Item = f64>,
        plan: &ValuePlan,
    ) -> Self {
        let column = || Vec::with_capacity(forecasts.len());
        let mut values = Self {
            p_alive: column(),
            p_return: column(),
            expected_purchases: column(),
            expected_spend: column(),
            clv: column(),
            value_if_reactivated: column(),
        };
        for ((forecast, if_reactivated), spend) in forecasts.zip(expected_spend) {
            values.p_alive.push(forecast.p_alive);
            values.p_return.push(forecast.p_return());
            values.expected_purchases.push(forecast.expected_purchases());
            values.expected_spend.push(spend);
            values.clv.push(forecast.value_if_alive(spend, plan) * forecast.p_alive);
            values.value_if_reactivated.push(plan.margin * spend * if_reactivated);
        }
        values
    }
}

/// Expected activity of customers, for data without amounts: a column for each figure, in the
/// summary's row order.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CustomerActivity {
    /// P(alive) at the end of the observation.
    pub p_alive: Vec<f64>,
    /// The return probability: P(at least one purchase within the horizon).
    pub p_return: Vec<f64>,
    /// Expected purchases over the horizon, not discounted.
    pub expected_purchases: Vec<f64>,
    /// Expected purchases over the horizon, each discounted from the end of its month.
    pub discounted_purchases: Vec<f64>,
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
/// use cltv_models::{BgNbdParams, CustomerIds, GammaGammaParams, Grain, RfmSummary, TimeUnit};
/// use cltv_models::{ValuePlan, lifetime_value_from};
/// let purchases = BgNbdParams::new(0.243, 4.414, 0.793, 2.426, TimeUnit::Week)?;
/// let spend = GammaGammaParams::new(6.25, 3.74, 15.44)?;
/// let rfm = RfmSummary::try_new(
///     TimeUnit::Week, Grain::Day, CustomerIds::numbered(1), vec![2], vec![30.43], vec![38.86],
///     Some(vec![22.35]),
/// )?;
/// let values = lifetime_value_from(&purchases, &spend, &rfm, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// assert!((values.expected_spend[0] - 24.66).abs() < 0.01);
/// // Two purchases are expected to follow within six months, were the customer gone and won back.
/// assert!(values.value_if_reactivated[0] > values.clv[0]);
/// # Ok::<(), cltv_models::InputError>(())
/// ```
pub fn lifetime_value<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    spend: &Fitted<GammaGamma>,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<LifetimeValues, InputError> {
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
) -> Result<LifetimeValues, InputError> {
    check_units(purchases.unit(), rfm.unit())?;
    let expected_spend = expected_spends(spend, rfm, plan)?;
    let forecasts = Forecast::all(purchases, rfm, plan);
    let patterns = rfm.patterns();
    let reactivated = patterns.figures(|history| purchases.discounted_if_reactivated(history, plan));
    let figures = |&place: &u32| (&forecasts[place as usize], reactivated[place as usize]);
    let customers = patterns.places().iter().map(figures);
    Ok(LifetimeValues::of(customers, expected_spend, plan))
}

/// The value of all customers together: [`LifetimeValues::total`] without the columns.
///
/// # Errors
/// As [`lifetime_value`].
pub(crate) fn total_value_from<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    spend: &GammaGammaParams,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<f64, InputError> {
    check_units(purchases.unit(), rfm.unit())?;
    let expected_spend = expected_spends(spend, rfm, plan)?;
    let forecasts = Forecast::all(purchases, rfm, plan);
    let customers = rfm.patterns().for_customers(&forecasts).zip(expected_spend);
    Ok(customers.map(|(forecast, spend)| forecast.value_if_alive(spend, plan) * forecast.p_alive).sum())
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
    Ok(customers.map(|(&x, &mean_spend)| spend.expected_spend(u64::from(x), mean_spend)))
}

/// Purchases of a living customer over a plan's horizon.
#[derive(Clone, Copy)]
struct PurchasesIfAlive {
    /// P(at least one).
    p_return: f64,
    expected: f64,
    discounted: f64,
}

impl PurchasesIfAlive {
    fn of<P: PurchasePredictions + ?Sized>(purchases: &P, history: History, plan: &ValuePlan) -> Self {
        let horizon = purchases.unit().from_months(f64::from(plan.horizon_months));
        Self {
            p_return: purchases.p_return_if_alive(history, horizon),
            expected: purchases.expected_purchases_if_alive(history, horizon),
            discounted: purchases.discounted_if_alive(history, plan),
        }
    }
}

/// P(alive) of a history, and its purchases over a plan's horizon.
#[derive(Clone, Copy)]
pub(crate) struct Forecast {
    p_alive: f64,
    if_alive: PurchasesIfAlive,
}

impl Forecast {
    pub(crate) fn of<P: PurchasePredictions + ?Sized>(
        purchases: &P,
        history: History,
        plan: &ValuePlan,
    ) -> Self {
        Self::with(purchases, history, PurchasesIfAlive::of(purchases, history, plan))
    }

    fn with<P: PurchasePredictions + ?Sized>(
        purchases: &P,
        history: History,
        if_alive: PurchasesIfAlive,
    ) -> Self {
        Self { p_alive: purchases.p_alive(history), if_alive }
    }

    /// Of each distinct history of a summary.
    fn all<P: PurchasePredictions + ?Sized>(purchases: &P, rfm: &RfmSummary, plan: &ValuePlan) -> Vec<Self> {
        let patterns = rfm.patterns();
        let if_alive = patterns.figures_if_alive(purchases.recency_counts_if_alive(), FEW, |histories| {
            histories.iter().map(|&history| PurchasesIfAlive::of(purchases, history, plan)).collect()
        });
        patterns.cheap_figures(|k| Self::with(purchases, patterns.histories[k], if_alive[k]))
    }

    fn p_return(&self) -> f64 {
        self.p_alive * self.if_alive.p_return
    }

    fn expected_purchases(&self) -> f64 {
        if_alive(self.p_alive, self.if_alive.expected)
    }

    /// Margin × spend × discounted purchases of a living customer.
    fn value_if_alive(&self, expected_spend: f64, plan: &ValuePlan) -> f64 {
        plan.margin * expected_spend * self.if_alive.discounted
    }
}

/// P(alive) and expected purchases of every customer in `rfm`, for data without amounts, by any model
/// of purchases: a fit, or parameters.
///
/// The plan's margin is not used.
///
/// # Errors
/// [`InputError`]: a plan outside its bounds, or a summary in another time unit than the model's.
pub fn customer_activity<P: PurchasePredictions + ?Sized>(
    purchases: &P,
    rfm: &RfmSummary,
    plan: &ValuePlan,
) -> Result<CustomerActivity, InputError> {
    plan.check()?;
    check_units(purchases.unit(), rfm.unit())?;
    let forecasts = Forecast::all(purchases, rfm, plan);
    let patterns = rfm.patterns();
    let column = |figure: &dyn Fn(&Forecast) -> f64| {
        patterns.each(&forecasts.iter().map(figure).collect::<Vec<f64>>())
    };
    Ok(CustomerActivity {
        p_alive: column(&|forecast| forecast.p_alive),
        p_return: column(&Forecast::p_return),
        expected_purchases: column(&Forecast::expected_purchases),
        discounted_purchases: column(&|forecast| forecast.p_alive * forecast.if_alive.discounted),
    })
}
