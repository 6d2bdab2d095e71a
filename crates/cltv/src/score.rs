//! What each customer is expected to do and to be worth.

use crate::fits::{Models, Spend};
use crate::progress::working;
use crate::{Error, frames};
use cltv_models::{RfmSummary, ValuePlan, customer_activity, lifetime_value};
use cltv_report::numbers::{fixed, whole};
use polars::prelude::DataFrame;
use std::fmt;

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
}

/// Scores every customer of a summary.
///
/// # Errors
/// [`Error::Input`] when models and summary are of different time units, when the plan is out of
/// bounds, or when a spend model meets a summary without amounts.
pub fn score(models: &Models, summary: &RfmSummary, plan: &ValuePlan) -> Result<Scores, Error> {
    let what = format!("Scoring {} customers", whole(summary.len() as f64));
    working(&what, || scores(models, summary, plan))
}

fn scores(models: &Models, summary: &RfmSummary, plan: &ValuePlan) -> Result<Scores, Error> {
    let customers = match &models.spend {
        Spend::Fitted(spend) => lifetime_value(&models.purchases, spend, summary, plan)?
            .iter()
            .enumerate()
            .map(|(i, value)| Score {
                expected_spend: Some(value.expected_spend),
                clv: Some(value.clv),
                value_at_risk: Some(value.value_at_risk),
                ..bare(summary, i, value.p_alive, value.expected_purchases)
            })
            .collect(),
        Spend::Skipped => customer_activity(&models.purchases, summary, plan)?
            .iter()
            .enumerate()
            .map(|(i, activity)| bare(summary, i, activity.p_alive, activity.expected_purchases))
            .collect(),
    };
    Ok(Scores { customers, plan: *plan })
}

fn bare(summary: &RfmSummary, i: usize, p_alive: f64, expected_purchases: f64) -> Score {
    Score {
        customer_id: summary.customer_ids()[i].clone(),
        frequency: summary.frequency()[i],
        t_x: summary.t_x()[i],
        age: summary.age()[i],
        monetary: summary.monetary().map(|m| m[i]),
        p_alive,
        expected_purchases,
        expected_spend: None,
        clv: None,
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
            Some(value) => write!(f, ", worth {}.", fixed(value, 2)),
            None => write!(f, ". The data hold no amounts, so there is no value."),
        }
    }
}
