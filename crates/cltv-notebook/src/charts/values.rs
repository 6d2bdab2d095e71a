//! Charts of what customers are worth.

use crate::figure::Figure;
use cltv_plots::{self as plots, GroupValue, SegmentTierValue};
use cltv_workflow::Error;
use cltv_workflow::Scores;
use cltv_workflow::{Customers, Tier};

/// Customers by lifetime value within the horizon.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
pub fn clv_distribution(scores: &Scores, currency: &str) -> Result<Figure, Error> {
    let clv: Option<Vec<f64>> = scores.customers.iter().map(|c| c.clv).collect();
    match clv {
        Some(clv) => Figure::drawn(plots::clv_distribution(&clv, scores.plan.horizon_months, currency)),
        None => Ok(Figure::without_amounts()),
    }
}

/// Value and value at risk of each tier.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
pub fn value_by_tier(customers: &Customers, currency: &str) -> Result<Figure, Error> {
    let group = |figures: cltv_workflow::GroupFigures| {
        Some(GroupValue {
            name: figures.name,
            customers: figures.customers as u64,
            value: figures.clv?,
            value_at_risk: figures.value_at_risk,
        })
    };
    let groups: Option<Vec<GroupValue>> = customers.tier_figures().into_iter().map(group).collect();
    match groups {
        Some(groups) => {
            Figure::drawn(plots::value_by_group(&groups, "tier", customers.plan.horizon_months, currency))
        }
        None => Ok(Figure::without_amounts()),
    }
}

/// Value of each RFM segment, by tier.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
pub fn value_by_segment_and_tier(customers: &Customers, currency: &str) -> Result<Figure, Error> {
    if !customers.has_amounts() {
        return Ok(Figure::without_amounts());
    }
    let mut rows = Vec::new();
    for segment in &customers.segments {
        for tier in Tier::ALL {
            let own =
                customers.customers.iter().filter(|c| c.tier == tier && c.rfm_segment == segment.segment);
            let (count, value) = own.fold((0, 0.0), |(n, v), c| (n + 1, v + c.score.clv.unwrap_or(0.0)));
            if count > 0 {
                rows.push(SegmentTierValue {
                    segment: segment.segment.clone(),
                    tier: tier.name().to_owned(),
                    customers: count,
                    value,
                });
            }
        }
    }
    Figure::drawn(plots::value_by_segment_and_tier(&rows, customers.plan.horizon_months, currency))
}

/// Every customer by P(alive) and lifetime value, marked by RFM segment.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
pub fn clv_by_p_alive(customers: &Customers, currency: &str) -> Result<Figure, Error> {
    if !customers.has_amounts() {
        return Ok(Figure::without_amounts());
    }
    let all = || customers.customers.iter();
    let ids: Vec<String> = all().map(|c| c.score.customer_id.clone()).collect();
    let p_alive: Vec<f64> = all().map(|c| c.score.p_alive).collect();
    let clv: Vec<f64> = all().filter_map(|c| c.score.clv).collect();
    let segments: Vec<String> = all().map(|c| c.rfm_segment.clone()).collect();
    Figure::drawn(plots::clv_by_p_alive(
        &ids,
        &p_alive,
        &clv,
        &segments,
        customers.plan.horizon_months,
        currency,
    ))
}
