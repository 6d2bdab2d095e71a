//! Charts of what customers are worth.

use crate::charts::Ids;
use crate::figure::Figure;
use cltv_plots::{self as plots, GroupValue, SegmentTierValue};
use cltv_report::Tier;
use cltv_workflow::{Customers, Error, Scores};

/// Customers by lifetime value within the horizon.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
/// let figure = charts::clv_distribution(&scores, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn clv_distribution(scores: &Scores, currency: &str) -> Result<Figure, Error> {
    match scores.clv() {
        Some(clv) => Figure::drawn(plots::clv_distribution(clv, scores.plan.horizon_months, currency)),
        None => Ok(Figure::without_amounts()),
    }
}

/// Value and win-back value of each tier.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
/// let rfm = data.rfm("day", &segment_table("")?)?;
/// let customers = segment(&scores, &rfm, &TierRules::default())?;
/// let figure = charts::value_by_tier(&customers, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn value_by_tier(customers: &Customers, currency: &str) -> Result<Figure, Error> {
    let tiers = customers.tier_figures();
    let has_winback = tiers.iter().any(|tier| tier.winback_value.is_some());
    let group = |figures: cltv_workflow::GroupFigures| {
        Some(GroupValue {
            name: figures.name,
            customers: figures.customers as u64,
            value: figures.clv?,
            winback_value: has_winback.then(|| figures.winback_value.unwrap_or(0.0)),
        })
    };
    let groups: Option<Vec<GroupValue>> = tiers.into_iter().map(group).collect();
    match groups {
        Some(groups) => Figure::drawn(plots::value_by_group(
            &groups,
            "tier",
            customers.scores().plan.horizon_months,
            currency,
        )),
        None => Ok(Figure::without_amounts()),
    }
}

/// Value of each RFM segment, by tier.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
/// let rfm = data.rfm("day", &segment_table("")?)?;
/// let customers = segment(&scores, &rfm, &TierRules::default())?;
/// let figure = charts::value_by_segment_and_tier(&customers, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn value_by_segment_and_tier(customers: &Customers, currency: &str) -> Result<Figure, Error> {
    if !customers.has_amounts() {
        return Ok(Figure::without_amounts());
    }
    let mut rows = Vec::new();
    for (segment, cells) in customers.segments.iter().zip(customers.cells()) {
        for (tier, (count, value)) in Tier::ALL.iter().zip(cells) {
            if count > 0 {
                rows.push(SegmentTierValue {
                    segment: segment.segment.clone(),
                    tier: tier.name().to_owned(),
                    customers: count as u64,
                    value,
                });
            }
        }
    }
    Figure::drawn(plots::value_by_segment_and_tier(&rows, customers.scores().plan.horizon_months, currency))
}

/// Every customer by the probability of a purchase within the horizon and lifetime value, marked by RFM segment.
///
/// # Errors
/// [`Error::Chart`] when there is no customer.
///
/// # Examples
/// ```
/// use cltv_notebook::charts;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let history = data.summary("week", "day")?;
/// let models = fit_models(&history, "bg_nbd")?;
/// let scores = score(&history, &models, &cltv_models::ValuePlan::new(6, 0.10, 1.0)?)?;
/// let rfm = data.rfm("day", &segment_table("")?)?;
/// let customers = segment(&scores, &rfm, &TierRules::default())?;
/// let figure = charts::clv_by_p_return(&customers, "$")?;
/// assert!(figure.chart().is_some());
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn clv_by_p_return(customers: &Customers, currency: &str) -> Result<Figure, Error> {
    let scores = customers.scores();
    let Some(clv) = scores.clv() else { return Ok(Figure::without_amounts()) };
    let ids = Ids(scores.history().customer_ids());
    let name = |place: &u32| customers.segments.get(*place as usize).map_or("", |s| s.segment.as_str());
    let segments: Vec<&str> = customers.segment_of_each().iter().map(name).collect();
    Figure::drawn(plots::clv_by_p_return(
        &ids,
        scores.p_return(),
        clv,
        &segments,
        customers.scores().plan.horizon_months,
        currency,
    ))
}
