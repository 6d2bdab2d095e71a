//! Scenarios of moving acquisition budget between channels, under stated returns.

use serde::Serialize;

use super::economics::GroupEconomics;
use super::error::DecideError;
use crate::text::{money, percent};

/// How budget is moved.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetRules {
    /// Shares of the source channel's budget that are moved, each above 0 and at most 1.
    pub shares: Vec<f64>,
    /// Elasticities of value to budget: 1 for constant returns, below 1 for diminishing ones.
    pub elasticities: Vec<f64>,
    /// Channels whose accounts cannot be bought, such as organic traffic; no budget moves from or to them.
    pub fixed: Vec<String>,
}

impl Default for BudgetRules {
    /// 10, 25 and 50% under constant returns and an elasticity of 0.6; organic and referral fixed.
    fn default() -> Self {
        Self {
            shares: vec![0.1, 0.25, 0.5],
            elasticities: vec![1.0, 0.6],
            fixed: vec!["Organic".to_owned(), "Referral".to_owned()],
        }
    }
}

/// One move of budget and its effect.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BudgetScenario {
    /// The source channel.
    pub from: String,
    /// The target channel.
    pub to: String,
    /// Share of the source channel's budget.
    pub share: f64,
    /// The amount.
    pub moved: f64,
    /// Elasticity of value to budget that is assumed.
    pub elasticity: f64,
    /// Value that the source channel loses.
    pub lost: f64,
    /// Value that the target channel gains.
    pub gained: f64,
    /// Gain less loss.
    pub net: f64,
    /// Value by cost of all channels after the move.
    pub ratio_after: f64,
    /// The scenario in a sentence, with its assumption.
    pub sentence: String,
}

/// Moves budget from the channels under 3:1 to the movable one with the highest ratio.
///
/// A channel's value is taken to follow its budget as `V(S) = V (S / S0)^e`, where S0 is what its
/// accounts cost and e the elasticity: with e = 1 each further unit brings what the units so far
/// brought on average, with e < 1 less and less. The data do not identify e; the rows of the
/// table show how the result depends on it. With costs the same, the accounts are assumed to be of the same
/// kind as those won so far.
///
/// # Errors
/// [`DecideError::BadRule`] for a share or elasticity out of bounds.
pub fn budget_scenarios(
    channels: &[GroupEconomics],
    rules: &BudgetRules,
) -> Result<Vec<BudgetScenario>, DecideError> {
    let checks = [("share", &rules.shares), ("elasticity", &rules.elasticities)];
    for (rule, values) in checks {
        if let Some(&value) = values.iter().find(|value| !(**value > 0.0 && **value <= 1.0)) {
            let bound = "above 0 and at most 1".to_owned();
            return Err(DecideError::BadRule { rule: rule.to_owned(), value, bound });
        }
    }
    let movable: Vec<&GroupEconomics> =
        channels.iter().filter(|c| c.ratio.is_some() && !rules.fixed.contains(&c.group)).collect();
    let ratio = |channel: &GroupEconomics| channel.ratio.unwrap_or(0.0);
    let Some(to) = movable.iter().max_by(|a, b| ratio(a).total_cmp(&ratio(b))) else {
        return Ok(Vec::new());
    };
    let sources = movable.iter().filter(|c| ratio(c) < 3.0 && c.group != to.group);
    let mut scenarios = Vec::new();
    for from in sources {
        for &elasticity in &rules.elasticities {
            scenarios
                .extend(rules.shares.iter().map(|&share| scenario(channels, from, to, share, elasticity)));
        }
    }
    Ok(scenarios)
}

fn scenario(
    channels: &[GroupEconomics],
    from: &GroupEconomics,
    to: &GroupEconomics,
    share: f64,
    elasticity: f64,
) -> BudgetScenario {
    let moved = share * from.cost;
    let lost = from.value * (1.0 - (1.0 - share).powf(elasticity));
    let gained = to.value * ((1.0 + moved / to.cost).powf(elasticity) - 1.0);
    let net = gained - lost;
    let (value, cost) = channels.iter().fold((0.0, 0.0), |sums, c| (sums.0 + c.value, sums.1 + c.cost));
    let returns = if elasticity == 1.0 {
        "constant returns".to_owned()
    } else {
        format!("returns that diminish with elasticity {elasticity}")
    };
    let (change, size) = if net < 0.0 { ("loses", -net) } else { ("gains", net) };
    let sentence = format!(
        "Moving {} ({}) from {} to {} {change} {} in value under {returns}.",
        percent(share),
        money(moved),
        from.group,
        to.group,
        money(size)
    );
    BudgetScenario {
        from: from.group.clone(),
        to: to.group.clone(),
        share,
        moved,
        elasticity,
        lost,
        gained,
        net,
        ratio_after: (value + net) / cost,
        sentence,
    }
}
