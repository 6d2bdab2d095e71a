//! The executive summary of the RevOps workflow: what accounts are worth, and what to do about it.

use crate::ReportError;
use crate::numbers::whole;
use crate::page::page;
use minijinja::value::Value;
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

/// The facts of the page.
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
    /// Share of it in the most valuable fifth.
    pub top_fifth: f64,
    /// Share of the accounts with 80% of it.
    pub accounts_for_80: f64,
    /// Gini coefficient of it.
    pub gini: f64,
    /// The relation of income and value, in a sentence.
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
    /// That the linear model predicts amounts below 0 for more rows than have one: its own sentence.
    pub negative_linear: Option<String>,
    /// Accounts for which the chosen model predicts an amount below 0.
    pub below_zero: usize,
    /// Rows read from the workbook.
    pub rows_read: usize,
    /// Rows left out in the preparation.
    pub rows_left_out: usize,
}

impl AccountsSummary {
    /// The page as Markdown.
    ///
    /// # Errors
    /// [`ReportError::Template`] when the template meets a value it cannot show.
    pub fn to_markdown(&self) -> Result<String, ReportError> {
        page(TEMPLATE, &self.currency, self, &self.caveats(), Value::UNDEFINED)
    }

    fn caveats(&self) -> Vec<String> {
        let model = &self.model;
        let mut texts = vec![
            "Predicted values are the values that similar accounts have realised so far; they are not a forecast of future years.".to_owned(),
            "Most ranked accounts were used to fit the model, so the ranking looks better than it would for new accounts.".to_owned(),
            "A channel's ratio is its average so far, not the return on the next account.".to_owned(),
            "Features are correlated with value; nothing here shows that changing one would change the value.".to_owned(),
        ];
        texts.extend(
            self.negative_linear.iter().map(|text| format!("{text} The ranking is by the {model} model.")),
        );
        if self.below_zero > 0 {
            texts.push(format!(
                "The {model} model predicts a negative value for {} accounts: use their rank, not the amount.",
                whole(self.below_zero as f64)
            ));
        }
        if self.rows_left_out > 0 {
            texts.push(format!(
                "{} of {} rows were left out in the preparation; notebook 10_crm_eda lists them with the reasons.",
                whole(self.rows_left_out as f64),
                whole(self.rows_read as f64)
            ));
        }
        texts
    }
}
