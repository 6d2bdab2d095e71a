//! The executive summary of the RevOps workflow: what accounts are worth, and what to do about it.

use crate::page::page;
use crate::{Caveat, ReportError};
use serde::Serialize;

const TEMPLATE: &str = include_str!("../templates/accounts_summary.md.j2");

/// What is done about a group of accounts.
#[derive(Debug, Clone, Serialize)]
pub struct PriorityLine {
    /// The priority: "Protect".
    pub name: String,
    /// Accounts with it.
    pub accounts: u64,
    /// Their predicted value.
    pub value: f64,
    /// What they are expected to spend in the months ahead.
    pub spending: f64,
}

/// A channel.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelLine {
    /// Its name.
    pub name: String,
    /// Its accounts.
    pub accounts: usize,
    /// Lifetime value by acquisition cost; none where nothing was spent.
    pub ratio: Option<f64>,
    /// Months until the cost is earned back; none when it never is.
    pub payback_months: Option<f64>,
    /// The finding in a sentence.
    pub sentence: String,
    /// Whether it is under 3:1.
    pub flagged: bool,
}

/// A move of acquisition budget.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioLine {
    /// The channel that gives.
    pub from: String,
    /// The channel that gets.
    pub to: String,
    /// Share of the giver's budget that is moved.
    pub share: f64,
    /// The amount.
    pub moved: f64,
    /// Value gained, less value lost, if returns are constant.
    pub constant: f64,
    /// The same if they diminish.
    pub diminishing: Option<f64>,
}

/// The figures of the page.
#[derive(Debug, Clone, Serialize)]
pub struct AccountsSummary {
    /// The workbook's name.
    pub source: String,
    /// Whether its accounts are simulated.
    pub simulated: bool,
    /// The currency's sign.
    pub currency: String,
    /// Accounts.
    pub accounts: usize,
    /// Value realised to date, of all of them.
    pub realised: f64,
    /// Share of it that the most valuable fifth holds.
    pub top_fifth: f64,
    /// Share of the accounts that holds 80% of it.
    pub accounts_for_80: f64,
    /// Gini coefficient of it.
    pub gini: f64,
    /// Whether income tells value, in a sentence.
    pub income: String,
    /// The model of value, in words.
    pub model: String,
    /// Its R2 on rows that it had not seen.
    pub r2: f64,
    /// Its median absolute error on them.
    pub medae: f64,
    /// Its mean absolute error on them.
    pub mae: f64,
    /// Assumptions that the linear model violates, a sentence each.
    pub violated: Vec<String>,
    /// Months ahead that are forecast.
    pub horizon: usize,
    /// Spending expected in them.
    pub spending: f64,
    /// What the backtest and the forecast found, a sentence each.
    pub forecast: Vec<String>,
    /// What is done about accounts.
    pub priorities: Vec<PriorityLine>,
    /// The channels, the lowest ratio first.
    pub channels: Vec<ChannelLine>,
    /// What moving budget would do.
    pub scenarios: Vec<ScenarioLine>,
    /// The elasticity of value to budget in its diminishing returns; none without such returns.
    pub elasticity: Option<f64>,
    /// What else to know.
    pub caveats: Vec<Caveat>,
}

impl AccountsSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// When the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(TEMPLATE, &self.currency, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> AccountsSummary {
        let channel = |name: &str, ratio: Option<f64>, flagged| ChannelLine {
            name: name.into(),
            accounts: 40,
            ratio,
            payback_months: ratio.map(|_| 9.3),
            sentence: format!("{name} is under 3:1."),
            flagged,
        };
        AccountsSummary {
            source: "crm|<b>.xlsx".into(),
            simulated: true,
            currency: "$".into(),
            accounts: 5000,
            realised: 7_654_321.0,
            top_fifth: 0.731,
            accounts_for_80: 0.26,
            gini: 0.68,
            income: "Income explains 1.9% of the variance of value.".into(),
            model: "log target".into(),
            r2: 0.75,
            medae: 210.0,
            mae: 640.0,
            violated: vec!["Linearity is violated.".into()],
            horizon: 12,
            spending: 4_000_000.0,
            forecast: vec!["It beats the seasonal naive.".into()],
            priorities: vec![PriorityLine {
                name: "Protect".into(),
                accounts: 12,
                value: 900.0,
                spending: 90.0,
            }],
            channels: vec![channel("Events", Some(0.8), true), channel("Organic", None, false)],
            scenarios: vec![ScenarioLine {
                from: "Events".into(),
                to: "Web".into(),
                share: 0.1,
                moved: 5000.0,
                constant: 2000.0,
                diminishing: Some(-300.0),
            }],
            elasticity: Some(0.7),
            caveats: vec![Caveat { text: "Past prices hold.".into() }],
        }
    }

    #[test]
    fn every_part_is_there_and_names_stay_text() {
        let text = summary().to_markdown().unwrap();
        for part in [
            "$7,654,321",
            "73.1%",
            "No account of this workbook exists",
            "log target",
            "Linearity is violated.",
            "| Protect | 12 | $900.00 | $90.00 |",
            "| Events | 40 | 0.80 | 9.3 |",
            "| Organic | 40 | – | – |",
            "Events is under 3:1.",
            "diminishing returns (elasticity 0.7) |",
            "| Events | Web | 10% | $5,000 | $2,000 | -$300.00 |",
            "Past prices hold.",
            "crm\\|&lt;b&gt;.xlsx",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        assert!(!text.contains("Organic is under"), "only flagged channels are named on top");
    }
}
