//! The facts of the pages of the workflows on models, contracts and opportunities.

use crate::data::Data;
use crate::models::Regularity;
use crate::settings::{
    ContractFit, ContractFits, ContractValue, ContractValues, Contracts, Opportunities, OpportunityScore,
    OpportunityScores,
};
use crate::values::{Campaign, Scores};
use crate::words::span;
use cltv_models::{Comparison, ModelFigures, ValueIntervals};
use cltv_report::{
    CohortLine, ComparedModel, ContractsSummary, HistoryLine, ModelsSummary, OpportunitiesSummary,
};

/// Histories on the page of opportunities.
const MOST_HISTORIES: usize = 8;

/// The facts of the page of the workflow `models`: which model, and how certain the value is.
///
/// # Examples
/// ```
/// use cltv_models::ValuePlan;
/// use cltv_workflow::*;
/// let data = load(&Input::new("cdnow"))?;
/// let comparison = compare_models(&data.split("week", "day")?, &purchase_models("bg_nbd, nbd")?)?;
/// let history = data.summary("week", "day")?;
/// let scores = score(&history, &fit_models(&history, "bg_nbd")?, &ValuePlan::new(6, 0.10, 1.0)?)?;
/// let (regularity, campaign) = (data.regularity("day")?, scores.campaign(10.0));
/// let summary = models_summary(&data, &comparison, &regularity, &scores, None, campaign.as_ref(), "$");
/// assert!(summary.to_markdown()?.contains("BG/NBD"));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn models_summary(
    data: &Data,
    comparison: &Comparison,
    regularity: &Regularity,
    scores: &Scores,
    posterior: Option<&ValueIntervals>,
    campaign: Option<&Campaign>,
    currency: &str,
) -> ModelsSummary {
    let fitted = || comparison.rows.iter().filter_map(|row| Some((row.model, row.result.as_ref().ok()?)));
    let model = |(name, figures): (&str, &ModelFigures)| ComparedModel {
        name: name.to_owned(),
        bic: figures.fit.bic(),
        rmse: figures.accuracy.rmse,
        expected: figures.total.expected,
        low: figures.total.low,
        high: figures.total.high,
        trusted: figures.trusted(),
    };
    let total = scores.total_interval();
    ModelsSummary {
        source: data.purchases.name(),
        currency: currency.to_owned(),
        customers: comparison.customers,
        holdout: span(comparison.duration, comparison.unit),
        actual: fitted().next().map_or(0, |(_, figures)| figures.total.actual),
        level: comparison.level,
        models: fitted().map(model).collect(),
        advice: comparison.sentences(),
        regularity: regularity.line(),
        value_model: scores.model.to_owned(),
        horizon_months: scores.plan.horizon_months,
        value: scores.total_value(),
        value_low: total.map(|total| total.value.low),
        value_high: total.map(|total| total.value.high),
        posterior_low: posterior.map(|values| values.total.low),
        posterior_high: posterior.map(|values| values.total.high),
        contact_cost: campaign.map_or(0.0, |campaign| campaign.cost),
        campaign: campaign.map(|campaign| campaign.groups.clone()).unwrap_or_default(),
    }
}

/// The facts of the page of the workflow `contracts`: what customers under contract are worth.
///
/// # Examples
/// ```
/// use cltv_workflow::{ContractInput, contracts_summary, load_contracts};
/// let contracts = load_contracts(&ContractInput::new("sbg_cohorts"))?;
/// let fits = contracts.fit(5)?;
/// let summary = contracts_summary(&contracts, &fits, &fits.values(100.0, 0.10)?, "$");
/// assert_eq!(summary.cohorts.len(), 2);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn contracts_summary(
    contracts: &Contracts,
    fits: &ContractFits,
    values: &ContractValues,
    currency: &str,
) -> ContractsSummary {
    let line = |(fit, value): (&ContractFit, &ContractValue)| CohortLine {
        name: fit.cohort.clone(),
        customers: fit.alive[0],
        left: value.customers,
        renewals: value.renewals,
        first: fit.sbg.retention(1),
        next: fit.sbg.retention(value.renewals + 1),
        new_value: value.new,
        value: value.sbg,
        constant: value.constant,
    };
    let together = |pick: fn(&ContractValue) -> f64| -> f64 {
        values.rows.iter().map(|value| pick(value) * value.customers as f64).sum()
    };
    ContractsSummary {
        source: contracts.source.clone(),
        currency: currency.to_owned(),
        period: fits.period.name().to_owned(),
        payment: values.payment,
        discount_annual: values.discount_annual,
        fitted_until: fits.fits.first().map_or(0, |fit| fit.fitted_until),
        cohorts: fits.fits.iter().zip(&values.rows).map(line).collect(),
        total: together(|value| value.sbg),
        constant_total: together(|value| value.constant),
        tests: fits.tests(),
    }
}

/// The facts of the page of the workflow `discrete`: what is expected at the next opportunities. `thing` is
/// what is bought.
///
/// # Examples
/// ```
/// use cltv_models::BgBb;
/// use cltv_workflow::{OpportunityInput, load_opportunities, opportunities_summary};
/// let donors = load_opportunities(&OpportunityInput::new("donations"))?;
/// let scores = donors.score(&BgBb::default().fit(&donors.summary)?, 5, 0.10)?;
/// assert_eq!(opportunities_summary(&donors, &scores, "donation").customers, 11_104);
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
pub fn opportunities_summary(
    data: &Opportunities,
    scores: &OpportunityScores,
    thing: &str,
) -> OpportunitiesSummary {
    let mut rows: Vec<&OpportunityScore> = scores.rows.iter().collect();
    let together = |row: &OpportunityScore| row.customers as f64 * row.expected.estimate;
    rows.sort_by(|a, b| together(b).total_cmp(&together(a)));
    let line = |row: &&OpportunityScore| HistoryLine {
        x: row.history.x,
        t_x: row.history.t_x,
        n: row.history.n,
        customers: row.customers,
        p_return: row.p_return,
        expected: row.expected.estimate,
        together: together(row),
    };
    OpportunitiesSummary {
        source: data.source.clone(),
        thing: thing.to_owned(),
        customers: data.summary.customers(),
        returning: scores.returning(),
        ahead: scores.ahead,
        expected: scores.total.estimate,
        low: scores.total.low,
        high: scores.total.high,
        level: scores.level,
        histories: rows.iter().take(MOST_HISTORIES).map(line).collect(),
    }
}
