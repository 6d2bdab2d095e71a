//! The executive summaries of the workflows on models, contracts and opportunities.

use crate::Error;
use crate::certainty::Campaign;
use crate::compare::{Regularity, span};
use crate::contracts::{ContractFits, ContractValue, Contracts};
use crate::load::Data;
use crate::opportunities::{Opportunities, OpportunityScores};
use crate::revops::write_page;
use crate::score::Scores;
use cltv_purchases::Outputs;
use cltv_models::{Comparison, ModelFigures, ValueIntervals};
use cltv_report::{
    CampaignLine, Caveat, CohortLine, ComparedModel, ContractsSummary, HistoryLine, ModelsSummary,
    OpportunitiesSummary,
};

/// Histories that the page of opportunities names.
const MOST_HISTORIES: usize = 8;

/// The page of the workflow `models`: which model, and how sure the value is.
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
        regularity: regularity.to_string(),
        horizon_months: scores.plan.horizon_months,
        value: scores.total_value(),
        value_low: total.map(|total| total.low),
        value_high: total.map(|total| total.high),
        posterior_low: posterior.map(|values| values.total.low),
        posterior_high: posterior.map(|values| values.total.high),
        contact_cost: campaign.map_or(0.0, |campaign| campaign.cost),
        campaign: campaign.map(campaign_lines).unwrap_or_default(),
        caveats: caveats(&[
            "Intervals of the holdout hold the parameters' uncertainty and chance; those of the value hold the parameters' alone, because a budget is about expectations.",
            "No interval holds what is wrong with a model. A season, a price or a campaign that the past did not know moves all models at once.",
            "One holdout is one draw of the market; the backtest in notebook 06 repeats it at several days.",
        ]),
    }
}

fn campaign_lines(campaign: &Campaign) -> Vec<CampaignLine> {
    let line = |group: &crate::certainty::CampaignGroup| CampaignLine {
        verdict: group.verdict.to_owned(),
        customers: group.customers,
        value: group.value,
        cost: group.cost,
    };
    campaign.groups.iter().map(line).collect()
}

fn caveats(texts: &[&str]) -> Vec<Caveat> {
    texts.iter().map(|text| Caveat { text: (*text).to_owned() }).collect()
}

/// The page of the workflow `contracts`: what customers under contract are worth.
pub fn contracts_summary(
    contracts: &Contracts,
    fits: &ContractFits,
    values: &[ContractValue],
    payment: f64,
    discount_annual: f64,
    currency: &str,
) -> ContractsSummary {
    let line = |(fit, value): (&crate::ContractFit, &ContractValue)| CohortLine {
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
        values.iter().map(|value| pick(value) * value.customers as f64).sum()
    };
    ContractsSummary {
        source: contracts.source.clone(),
        currency: currency.to_owned(),
        period: fits.period.name().to_owned(),
        payment,
        discount_annual,
        fitted_until: fits.fits.first().map_or(0, |fit| fit.fitted_until),
        cohorts: fits.fits.iter().zip(values).map(line).collect(),
        total: together(|value| value.sbg),
        constant_total: together(|value| value.constant),
        tests: fits.to_string().lines().map(str::to_owned).collect(),
        caveats: caveats(&[
            "Values are of the customers known now, from their next renewal on; no customer yet to come, no change of the price.",
            "sBG, whose values these are, takes each customer's chance to leave for constant. Contracts that bind, or a competitor who comes, change it.",
            "Far renewals are extrapolated: nobody has been watched so long.",
        ]),
    }
}

/// The page of the workflow `discrete`: what comes at the next opportunities. `thing` is what is bought.
pub fn opportunities_summary(
    data: &Opportunities,
    scores: &OpportunityScores,
    thing: &str,
) -> OpportunitiesSummary {
    let mut rows: Vec<&crate::OpportunityScore> = scores.rows.iter().collect();
    let together = |row: &crate::OpportunityScore| row.customers as f64 * row.expected.estimate;
    rows.sort_by(|a, b| together(b).total_cmp(&together(a)));
    let line = |row: &&crate::OpportunityScore| HistoryLine {
        history: match row.history.x {
            0 => format!("none of {}", row.history.n),
            x => format!("{x} of {}, the last at {}", row.history.n, row.history.t_x),
        },
        customers: row.customers,
        p_alive: row.p_alive,
        expected: row.expected.estimate,
        together: together(row),
    };
    OpportunitiesSummary {
        source: data.source.clone(),
        thing: thing.to_owned(),
        customers: data.summary.customers(),
        alive: scores.rows.iter().map(|row| row.p_alive * row.customers as f64).sum(),
        ahead: scores.ahead,
        expected: scores.total.estimate,
        low: scores.total.low,
        high: scores.total.high,
        level: scores.level,
        histories: rows.iter().take(MOST_HISTORIES).map(line).collect(),
        caveats: caveats(&[
            "The interval holds what the data leave open about the parameters, not the chance of single customers, and not what is wrong with the model.",
            "Table and figures count purchases, not money: an amount a purchase has to be put beside them.",
            "No part of these data was held back, so nothing here tests the forecast.",
        ]),
    }
}

/// Writes the page to `models/executive_summary.md` in the outputs.
///
/// # Errors
/// [`Error::Report`] when it cannot be put into words, [`Error::Data`] when it cannot be written.
pub fn write_models_summary(out: &Outputs, summary: &ModelsSummary) -> Result<(), Error> {
    write_page(out, "models", &summary.to_markdown()?)
}

/// Writes the page to `contracts/executive_summary.md` in the outputs.
///
/// # Errors
/// As [`write_models_summary`].
pub fn write_contracts_summary(out: &Outputs, summary: &ContractsSummary) -> Result<(), Error> {
    write_page(out, "contracts", &summary.to_markdown()?)
}

/// Writes the page to `discrete/executive_summary.md` in the outputs.
///
/// # Errors
/// As [`write_models_summary`].
pub fn write_opportunities_summary(out: &Outputs, summary: &OpportunitiesSummary) -> Result<(), Error> {
    write_page(out, "discrete", &summary.to_markdown()?)
}
