//! Accounts by predicted value, each with a priority and its reason.

use serde::Serialize;

use super::check::check_values;
use super::error::DecideError;
use crate::accounts::{Account, Accounts};
use crate::forecast::{ExpenseForecast, RiskLevel};
use crate::numeric::{mean, quantile};
use crate::text::{count, money, named};

/// Months of spending that an account's present level is the mean of.
const RECENT: usize = 3;

/// What to do about an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Priority {
    /// Valuable, and may leave.
    Protect,
    /// Valuable and without sign of leaving.
    Grow,
    /// Was valuable and has left.
    WinBack,
    /// The others.
    Maintain,
    /// Low income, low spending, and leaving or gone.
    Deprioritise,
}

named!(
    Priority, "priority",
    Protect => "Protect",
    Grow => "Grow",
    WinBack => "Win back",
    Maintain => "Maintain",
    Deprioritise => "Deprioritise",
);

/// Where valuable and low begin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RankRules {
    /// Share of the accounts, by predicted value, that are valuable.
    pub valuable: f64,
    /// Quantile of income and of spending below which they are low.
    pub low: f64,
}

impl Default for RankRules {
    /// The most valuable fifth; low is the lowest third.
    fn default() -> Self {
        Self { valuable: 0.2, low: 1.0 / 3.0 }
    }
}

/// An account in the order of predicted value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RankedAccount {
    /// 1 for the most valuable.
    pub rank: usize,
    /// The account's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The channel that won it.
    pub channel: String,
    /// Its segment.
    pub segment: String,
    /// Its income.
    pub income: f64,
    /// Predicted lifetime value.
    pub predicted_value: f64,
    /// Lifetime value realised to date.
    pub realised_value: f64,
    /// Mean spend of its last three months.
    pub monthly_expense: f64,
    /// Spending forecast for the months ahead.
    pub forecast_expense: f64,
    /// Its churn risk; an account with `churned` set is [`RiskLevel::Left`].
    pub risk: RiskLevel,
    /// What to do.
    pub priority: Priority,
    /// Why.
    pub reason: String,
}

/// Ranks accounts by predicted value and gives each a priority and the reason for it.
///
/// Low-income, low-spending accounts (both below the quantile `low`) that may leave or have left
/// are deprioritised. Of the others, the most valuable share is to be protected when it may leave,
/// won back when it has left, and else grown; the rest is maintained. Equal values keep the order
/// of the accounts.
///
/// # Errors
/// [`DecideError::NoAccounts`], [`DecideError::UnequalLengths`] when predictions or forecasts are
/// not one for each account, [`DecideError::NotFinite`] or [`DecideError::BadRule`].
pub fn ranked_accounts(
    accounts: &Accounts,
    predicted: &[f64],
    forecast: &ExpenseForecast,
    rules: &RankRules,
) -> Result<Vec<RankedAccount>, DecideError> {
    let all = &accounts.accounts;
    check_values(all.len(), "predicted values", predicted)?;
    let totals: Vec<f64> = forecast.accounts.iter().map(|account| account.total).collect();
    check_values(all.len(), "forecasts", &totals)?;
    for (rule, value) in [("valuable", rules.valuable), ("low", rules.low)] {
        if !(value > 0.0 && value < 1.0) {
            let bound = "between 0 and 1".to_owned();
            return Err(DecideError::BadRule { rule: rule.to_owned(), value, bound });
        }
    }
    let levels: Vec<f64> = all.iter().map(recent_level).collect();
    let incomes: Vec<f64> = all.iter().map(|account| account.income).collect();
    let limits = Limits {
        income: quantile(&incomes, rules.low),
        expense: quantile(&levels, rules.low),
        valuable: (rules.valuable * all.len() as f64).ceil() as usize,
    };
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| predicted[b].total_cmp(&predicted[a]));
    let ranked = (1..).zip(order).map(|(rank, i)| {
        let account = &all[i];
        let flagged = &forecast.risks[i];
        let (risk, sign) = match account.churned {
            true => (RiskLevel::Left, "the CRM marks it as churned"),
            false => (flagged.level, flagged.reason.as_str()),
        };
        let (priority, reason) = limits.priority(rank, account, levels[i], risk, sign);
        RankedAccount {
            rank,
            id: account.id.clone(),
            name: account.name.clone(),
            channel: account.channel.clone(),
            segment: account.segment.clone(),
            income: account.income,
            predicted_value: predicted[i],
            realised_value: account.realised_value,
            monthly_expense: levels[i],
            forecast_expense: totals[i],
            risk,
            priority,
            reason,
        }
    });
    Ok(ranked.collect())
}

fn recent_level(account: &Account) -> f64 {
    let spent: Vec<f64> = account.expenses.iter().rev().take(RECENT).flatten().copied().collect();
    mean(&spent)
}

/// Where low ends and how many accounts are valuable.
struct Limits {
    income: f64,
    expense: f64,
    valuable: usize,
}

impl Limits {
    fn priority(
        &self,
        rank: usize,
        account: &Account,
        level: f64,
        risk: RiskLevel,
        sign: &str,
    ) -> (Priority, String) {
        let at_risk = risk >= RiskLevel::Watch;
        if account.income < self.income && level < self.expense && at_risk {
            let reason = format!(
                "income {} below {}, monthly spend {} below {}, and {sign}",
                money(account.income),
                money(self.income),
                money(level),
                money(self.expense)
            );
            return (Priority::Deprioritise, reason);
        }
        let position = format!("rank {} of the {} most valuable", count(rank), count(self.valuable));
        match (rank <= self.valuable, risk) {
            (true, RiskLevel::Left) => (Priority::WinBack, format!("{position}, and {sign}")),
            (true, RiskLevel::None) => (Priority::Grow, position),
            (true, _) => (Priority::Protect, format!("{position}, and {sign}")),
            (false, _) => {
                (Priority::Maintain, format!("not among the {} most valuable; {sign}", count(self.valuable)))
            }
        }
    }
}
