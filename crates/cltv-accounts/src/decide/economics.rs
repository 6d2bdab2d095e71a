//! Unit economics: lifetime value against acquisition cost, by channel or segment.

use std::collections::BTreeMap;

use serde::Serialize;

use super::check::check_values;
use super::error::DecideError;
use crate::accounts::{Account, Accounts};
use crate::numeric::mean;
use crate::text::{count, money, named};

/// Value by cost from which a channel is usually called healthy.
const HEALTHY: f64 = 3.0;

/// What accounts are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GroupBy {
    /// The channel that won them.
    Channel,
    /// Their segment, such as the plan.
    Segment,
}

named!(GroupBy, "grouping", Channel => "channel", Segment => "segment");

impl GroupBy {
    fn group_of(self, account: &Account) -> &str {
        match self {
            Self::Channel => &account.channel,
            Self::Segment => &account.segment,
        }
    }
}

/// The verdict on the ratio of value to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum GroupVerdict {
    /// Value is at least three times the cost.
    Healthy,
    /// Value covers the cost, but not three times.
    UnderThree,
    /// Value is less than the cost.
    LossMaking,
    /// Acquisition cost nothing, so there is no ratio.
    NoCost,
}

named!(
    GroupVerdict, "verdict",
    Healthy => "3:1 or better",
    UnderThree => "under 3:1",
    LossMaking => "loss",
    NoCost => "no cost",
);

/// The economics of a channel or segment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GroupEconomics {
    /// The channel or segment.
    pub group: String,
    /// Its accounts.
    pub accounts: usize,
    /// Sum of their lifetime values, before acquisition costs.
    pub value: f64,
    /// Sum of their acquisition costs.
    pub cost: f64,
    /// Value by cost (LTV:CAC); `None` without cost.
    pub ratio: Option<f64>,
    /// Months in which an average account earns back its cost: cost by margin times monthly spend;
    /// `None` when nothing is earned.
    pub payback_months: Option<f64>,
    /// The verdict on the ratio.
    pub verdict: GroupVerdict,
    /// The finding in a sentence.
    pub sentence: String,
}

/// LTV:CAC and payback by channel or segment, the lowest ratio first.
///
/// `values` are lifetime values before acquisition cost, realised or predicted, one for each account;
/// `margin` is the contribution margin of spending, which the payback needs (0.6 is 60%). The
/// monthly spend of an account is its mean over the months since its start.
///
/// # Errors
/// [`DecideError::NoAccounts`], [`DecideError::UnequalLengths`], [`DecideError::NotFinite`] or
/// [`DecideError::BadRule`].
pub fn unit_economics(
    accounts: &Accounts,
    values: &[f64],
    margin: f64,
    by: GroupBy,
) -> Result<Vec<GroupEconomics>, DecideError> {
    check_values(accounts.accounts.len(), "values", values)?;
    if !(margin > 0.0 && margin <= 1.0) {
        let bound = "above 0 and at most 1 (60% is 0.6)".to_owned();
        return Err(DecideError::BadRule { rule: "margin".to_owned(), value: margin, bound });
    }
    let mut groups: BTreeMap<&str, Sums> = BTreeMap::new();
    for (account, value) in accounts.accounts.iter().zip(values) {
        let spent: Vec<f64> = account.expenses.iter().flatten().copied().collect();
        let sums = groups.entry(by.group_of(account)).or_default();
        sums.accounts += 1;
        sums.value += value;
        sums.cost += account.acquisition_cost;
        sums.monthly += margin * mean(&spent);
    }
    let mut found: Vec<GroupEconomics> =
        groups.into_iter().map(|(name, sums)| sums.economics_of(name)).collect();
    let key = |group: &GroupEconomics| group.ratio.unwrap_or(f64::INFINITY);
    found.sort_by(|a, b| key(a).total_cmp(&key(b)));
    Ok(found)
}

/// Sums of a group.
#[derive(Debug, Default)]
struct Sums {
    accounts: usize,
    value: f64,
    cost: f64,
    monthly: f64,
}

impl Sums {
    fn economics_of(&self, group: &str) -> GroupEconomics {
        let ratio = (self.cost > 0.0).then(|| self.value / self.cost);
        let payback_months = (self.monthly > 0.0).then(|| self.cost / self.monthly);
        let verdict = match ratio {
            None => GroupVerdict::NoCost,
            Some(ratio) if ratio < 1.0 => GroupVerdict::LossMaking,
            Some(ratio) if ratio < HEALTHY => GroupVerdict::UnderThree,
            Some(_) => GroupVerdict::Healthy,
        };
        let each = |sum: f64| money(sum / self.accounts.max(1) as f64);
        let payback = payback_months.map_or("is never earned back".to_owned(), |months| {
            format!("is earned back in {months:.1} months")
        });
        let note = match verdict {
            GroupVerdict::LossMaking => ": it makes a loss",
            GroupVerdict::UnderThree => ": under 3:1",
            GroupVerdict::Healthy | GroupVerdict::NoCost => "",
        };
        let shown = ratio.map_or("no cost".to_owned(), |ratio| format!("{ratio:.2}:1"));
        let sentence = format!(
            "{group}: {} accounts worth {} each at a cost of {}, {shown}{note}; the cost {payback}.",
            count(self.accounts),
            each(self.value),
            each(self.cost)
        );
        GroupEconomics {
            group: group.to_owned(),
            accounts: self.accounts,
            value: self.value,
            cost: self.cost,
            ratio,
            payback_months,
            verdict,
            sentence,
        }
    }
}
