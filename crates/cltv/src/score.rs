//! What each customer is expected to do and to be worth.

use crate::fits::{Models, Spend};
use crate::progress::working;
use crate::{Error, frames};
use cltv_models::{
    DrawPlan, FitError, Fitted, GammaGamma, InputError, IntervalEstimate, ParameterDraws,
    PurchasePredictions, RfmSummary, ValueIntervals, ValuePlan, customer_activity, lifetime_value,
    lifetime_value_intervals,
};
use cltv_report::numbers::{fixed, percent, whole};
use polars::prelude::DataFrame;
use std::fmt;

/// Customers above whom fewer draws are made.
const MANY: usize = 100_000;

/// The figures of one customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The customer.
    pub customer_id: String,
    /// Repeat purchases.
    pub frequency: u64,
    /// Age at the last purchase, in time units.
    pub t_x: f64,
    /// Age at the end of the observation, in time units.
    pub age: f64,
    /// Mean spend a repeat purchase, 0 without one; none without amounts.
    pub monetary: Option<f64>,
    /// P(alive) at the end of the observation.
    pub p_alive: f64,
    /// Purchases expected within the horizon.
    pub expected_purchases: f64,
    /// Mean spend expected a purchase; none without amounts.
    pub expected_spend: Option<f64>,
    /// Discounted value within the horizon; none without amounts.
    pub clv: Option<f64>,
    /// Lower end of the interval of [`Score::clv`], from what the data leave open about the parameters
    /// of purchases and of spend together; none without amounts, or where a fit is not identified.
    pub clv_low: Option<f64>,
    /// Upper end of the same interval.
    pub clv_high: Option<f64>,
    /// CLV (1 - P(alive)) / P(alive); none without amounts.
    pub value_at_risk: Option<f64>,
}

/// The scores of all customers, with the plan they were made by.
#[derive(Debug, Clone)]
pub struct Scores {
    /// One a customer, in the order of their ids.
    pub customers: Vec<Score>,
    /// Horizon, discount and margin.
    pub plan: ValuePlan,
    /// The intervals of the values and of their sum; none without amounts, or where a fit does not
    /// know its parameters.
    pub intervals: Option<ValueIntervals>,
}

/// Scores every customer of a summary.
///
/// Intervals are 95% ones of the expected values, from 200 seeded draws of the parameters; from 60
/// above 100,000 customers, because each draw values all of them.
///
/// # Errors
/// [`Error::Input`] when models and summary are of different time units, when the plan is out of
/// bounds, or when a spend model meets a summary without amounts.
pub fn score(models: &Models, summary: &RfmSummary, plan: &ValuePlan) -> Result<Scores, Error> {
    score_with(&models.purchases, &models.spend, summary, plan)
}

/// [`score`] by any fitted model of purchases, such as one that was saved: a `Fitted` model or a
/// `PurchaseFit`.
///
/// # Errors
/// As [`score`].
pub fn score_with<P: PurchasePredictions + ParameterDraws<Params: PurchasePredictions>>(
    purchases: &P,
    spend: &Spend,
    summary: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Scores, Error> {
    let what = format!("Scoring {} customers", whole(summary.len() as f64));
    working(&what, || match spend {
        Spend::Fitted(spend) => valued(purchases, spend, summary, plan),
        Spend::Skipped => active(purchases, summary, plan),
    })
}

fn valued<P: PurchasePredictions + ParameterDraws<Params: PurchasePredictions>>(
    purchases: &P,
    spend: &Fitted<GammaGamma>,
    summary: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Scores, Error> {
    let values = lifetime_value(purchases, spend, summary, plan)?;
    let intervals = intervals(purchases, spend, summary, plan)?;
    let one = |i: usize| Score {
        expected_spend: Some(values.expected_spend[i]),
        clv: Some(values.clv[i]),
        clv_low: intervals.as_ref().map(|all| all.low[i]),
        clv_high: intervals.as_ref().map(|all| all.high[i]),
        value_at_risk: Some(values.value_at_risk[i]),
        ..bare(summary, i, values.p_alive[i], values.expected_purchases[i])
    };
    Ok(Scores { customers: (0..values.len()).map(one).collect(), plan: *plan, intervals })
}

/// None where a fit does not know its parameters, which the audits say.
fn intervals<P: PurchasePredictions + ParameterDraws<Params: PurchasePredictions>>(
    purchases: &P,
    spend: &Fitted<GammaGamma>,
    summary: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Option<ValueIntervals>, Error> {
    let count = if summary.len() > MANY { 60 } else { 200 };
    let draws = DrawPlan { count, ..DrawPlan::default() };
    match lifetime_value_intervals(purchases, spend, summary, plan, &draws) {
        Ok(found) => Ok(Some(found)),
        Err(FitError::NotIdentified { .. } | FitError::Input(InputError::NoFiniteMeanSpend { .. })) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn active<P: PurchasePredictions>(
    purchases: &P,
    summary: &RfmSummary,
    plan: &ValuePlan,
) -> Result<Scores, Error> {
    let activity = customer_activity(purchases, summary, plan)?;
    let one = |i: usize| bare(summary, i, activity.p_alive[i], activity.expected_purchases[i]);
    Ok(Scores { customers: (0..summary.len()).map(one).collect(), plan: *plan, intervals: None })
}

fn bare(summary: &RfmSummary, i: usize, p_alive: f64, expected_purchases: f64) -> Score {
    Score {
        customer_id: summary.customer_ids().get(i).into_owned(),
        frequency: u64::from(summary.frequency()[i]),
        t_x: summary.t_x()[i],
        age: summary.age()[i],
        monetary: summary.monetary().map(|m| m[i]),
        p_alive,
        expected_purchases,
        expected_spend: None,
        clv: None,
        clv_low: None,
        clv_high: None,
        value_at_risk: None,
    }
}

impl Scores {
    /// All scores as a frame, one row a customer.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        frames::scores(&self.customers)
    }

    /// Value of all customers within the horizon; none without amounts.
    pub fn total_value(&self) -> Option<f64> {
        self.customers.iter().map(|c| c.clv).sum()
    }

    /// The same with its interval; none where there is no interval.
    pub fn total_interval(&self) -> Option<IntervalEstimate> {
        self.intervals.as_ref().map(|intervals| intervals.total)
    }

    /// Purchases expected of all customers within the horizon.
    pub fn total_purchases(&self) -> f64 {
        self.customers.iter().map(|c| c.expected_purchases).sum()
    }

    /// Customers expected to be alive: the sum of P(alive).
    pub fn alive(&self) -> f64 {
        self.customers.iter().map(|c| c.p_alive).sum()
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let months = self.plan.horizon_months;
        write!(
            f,
            "{} customers, {} of them expected to be alive; {} purchases expected within {months} months",
            whole(self.customers.len() as f64),
            whole(self.alive()),
            whole(self.total_purchases()),
        )?;
        match self.total_value() {
            Some(value) => write!(f, ", worth {}", fixed(value, 2))?,
            None => return write!(f, ". The data hold no amounts, so there is no value."),
        }
        match &self.intervals {
            Some(ValueIntervals { total, plan, .. }) => write!(
                f,
                " ({} interval {} to {}).",
                percent(plan.level),
                fixed(total.low, 2),
                fixed(total.high, 2)
            ),
            None => write!(f, "."),
        }
    }
}
