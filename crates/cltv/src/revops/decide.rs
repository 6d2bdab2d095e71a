//! Which accounts first, and which channels pay.

use crate::revops::Outlook;
use crate::revops::outlook::risk_word;
use crate::{Error, frames};
use cltv_purchases::Outputs;
use cltv_report::numbers::{percent, whole};
use cltv_accounts::{
    Accounts, BudgetRules, BudgetScenario, GroupEconomics, GroupVerdict, Priority, RankRules, RankedAccount,
    budget_scenarios, channel_economics, crm_export, ranked_accounts, segment_economics,
};
use polars::prelude::DataFrame;
use std::fmt;

/// What is done about accounts, from the most urgent on.
const PRIORITIES: [Priority; 5] =
    [Priority::Protect, Priority::Grow, Priority::WinBack, Priority::Maintain, Priority::Deprioritise];

/// Accounts in the order of their predicted value, each with what to do and why.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// The accounts, the most valuable first.
    pub accounts: Vec<RankedAccount>,
}

/// Ranks accounts by predicted value: the top fifth is protected, grown or won back, and low-income,
/// low-spending accounts that leave are deprioritised.
///
/// # Errors
/// [`Error::Decide`] when predictions or forecasts are not of these accounts.
pub fn rank_accounts(accounts: &Accounts, predicted: &[f64], outlook: &Outlook) -> Result<Ranking, Error> {
    let rules = RankRules::default();
    Ok(Ranking { accounts: ranked_accounts(accounts, predicted, &outlook.forecast, &rules)? })
}

impl Ranking {
    /// The ranked accounts as a frame.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows = || self.accounts.iter();
        frames::frame(vec![
            frames::counts("rank", rows().map(|row| row.rank as u64)),
            frames::texts("account_id", rows().map(|row| row.id.as_str())),
            frames::texts("name", rows().map(|row| row.name.as_str())),
            frames::numbers("predicted_value", rows().map(|row| Some(row.predicted_value))),
            frames::numbers("forecast_spend", rows().map(|row| Some(row.forecast_expense))),
            frames::texts("risk", rows().map(|row| risk_word(row.risk))),
            frames::texts("priority", rows().map(|row| row.priority.words())),
            frames::texts("reason", rows().map(|row| row.reason.as_str())),
        ])
    }

    /// How many accounts get which priority, with their predicted value.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn priorities(&self) -> Result<DataFrame, Error> {
        let groups = self.groups();
        frames::frame(vec![
            frames::texts("priority", groups.iter().map(|group| group.0)),
            frames::counts("accounts", groups.iter().map(|group| group.1)),
            frames::numbers("predicted_value", groups.iter().map(|group| Some(group.2))),
            frames::numbers("forecast_spend", groups.iter().map(|group| Some(group.3))),
        ])
    }

    /// Priority, accounts, predicted value and forecast spending.
    pub(crate) fn groups(&self) -> Vec<(&'static str, u64, f64, f64)> {
        let group = |priority: Priority| {
            let own = self.accounts.iter().filter(|row| row.priority == priority);
            own.fold((priority.words(), 0, 0.0, 0.0), |(name, n, value, spend), row| {
                (name, n + 1, value + row.predicted_value, spend + row.forecast_expense)
            })
        };
        PRIORITIES.into_iter().map(group).collect()
    }

    /// The low-income, low-spending accounts that leave or have left, with the reason.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn deprioritised(&self) -> Result<DataFrame, Error> {
        let own = |row: &&RankedAccount| row.priority == Priority::Deprioritise;
        Ranking { accounts: self.accounts.iter().filter(own).cloned().collect() }.frame()
    }

    /// Writes `crm_accounts_ranked.csv`, with one set of columns for HubSpot and one for Salesforce.
    ///
    /// # Errors
    /// [`Error::Data`] when the folder cannot be written.
    pub fn export(&self, out: &Outputs) -> Result<(), Error> {
        out.write_text("crm_accounts_ranked.csv", &crm_export(&self.accounts)?)?;
        Ok(())
    }
}

impl fmt::Display for Ranking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: f64 = self.accounts.iter().map(|row| row.predicted_value).sum();
        write!(f, "{} accounts by predicted value:", whole(self.accounts.len() as f64))?;
        for (name, accounts, value, _) in self.groups() {
            let share = if all > 0.0 { percent(value / all) } else { "–".to_owned() };
            write!(f, "\n{name}: {} with {share} of the predicted value.", whole(accounts as f64))?;
        }
        Ok(())
    }
}

/// What channels or segments bring against what their accounts cost.
#[derive(Debug, Clone)]
pub struct Economics {
    /// "channel" or "segment".
    pub kind: &'static str,
    /// One row a channel or segment, the lowest ratio first.
    pub groups: Vec<GroupEconomics>,
}

/// LTV:CAC and payback by "channel" or "segment". `values` are lifetime values before acquisition cost,
/// one an account; `contribution_margin` is the share of spending that is kept, which the payback needs.
///
/// # Errors
/// [`Error::UnknownWord`] for another word; [`Error::Decide`] for values that are not of these accounts,
/// or a margin outside (0, 1].
pub fn economics(
    accounts: &Accounts,
    values: &[f64],
    contribution_margin: f64,
    by: &str,
) -> Result<Economics, Error> {
    let (kind, groups) = match by {
        "channel" => ("channel", channel_economics(accounts, values, contribution_margin)?),
        "segment" => ("segment", segment_economics(accounts, values, contribution_margin)?),
        other => {
            let value = other.to_owned();
            return Err(Error::UnknownWord { name: "by", value, bound: "\"channel\" or \"segment\"" });
        }
    };
    Ok(Economics { kind, groups })
}

impl Economics {
    /// The channels or segments as a frame.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the table.
    pub fn frame(&self) -> Result<DataFrame, Error> {
        let rows = || self.groups.iter();
        frames::frame(vec![
            frames::texts(self.kind, rows().map(|row| row.group.as_str())),
            frames::counts("accounts", rows().map(|row| row.accounts as u64)),
            frames::numbers("value", rows().map(|row| Some(row.value))),
            frames::numbers("acquisition_cost", rows().map(|row| Some(row.cost))),
            frames::numbers("value_by_cost", rows().map(|row| row.ratio)),
            frames::numbers("payback_months", rows().map(|row| row.payback_months)),
            frames::texts("verdict", rows().map(|row| verdict(row.verdict))),
        ])
    }

    /// What moving acquisition budget would do, under constant returns and under diminishing ones.
    ///
    /// # Errors
    /// [`Error::Decide`] when the rules are out of bounds.
    pub fn scenarios(&self) -> Result<DataFrame, Error> {
        let moves = self.moves()?;
        let rows = || moves.iter();
        frames::frame(vec![
            frames::texts("from", rows().map(|row| row.from.as_str())),
            frames::texts("to", rows().map(|row| row.to.as_str())),
            frames::numbers("share_moved", rows().map(|row| Some(row.share))),
            frames::numbers("amount_moved", rows().map(|row| Some(row.moved))),
            frames::numbers("elasticity", rows().map(|row| Some(row.elasticity))),
            frames::numbers("value_lost", rows().map(|row| Some(row.lost))),
            frames::numbers("value_gained", rows().map(|row| Some(row.gained))),
            frames::numbers("net", rows().map(|row| Some(row.net))),
            frames::numbers("value_by_cost_after", rows().map(|row| Some(row.ratio_after))),
        ])
    }

    pub(crate) fn moves(&self) -> Result<Vec<BudgetScenario>, Error> {
        Ok(budget_scenarios(&self.groups, &BudgetRules::default())?)
    }
}

fn verdict(verdict: GroupVerdict) -> &'static str {
    match verdict {
        GroupVerdict::Healthy => "3:1 or better",
        GroupVerdict::UnderThree => "under 3:1",
        GroupVerdict::LossMaking => "loss",
        GroupVerdict::NoCost => "no cost",
        _ => "unknown",
    }
}

impl fmt::Display for Economics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentences: Vec<&str> = self.groups.iter().map(|group| group.sentence.as_str()).collect();
        f.write_str(&sentences.join("\n"))
    }
}
