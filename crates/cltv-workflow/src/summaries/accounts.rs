//! The facts of the executive summary of the accounts.

use crate::accounts::{Best, Crm, Economics, Outlook, Ranking};
use crate::error::Error;
use cltv_accounts::regression::Diagnostics;
use cltv_accounts::{Accounts, BudgetScenario, GroupEconomics, GroupVerdict, concentration, income_relation};
use cltv_report::{AccountsSummary, ChannelLine, PriorityLine, ScenarioLine};

/// The facts of the executive summary of a run over accounts.
///
/// # Errors
/// [`Error::Decide`] when the values of the accounts add up to nothing.
///
/// # Examples
/// ```
/// use cltv_workflow::*;
/// let book = load_crm(&CrmInput::new("crm_accounts"))?;
/// let design = book.design("", 12)?;
/// let parts = design.split("sklearn", 0.20, 42)?;
/// let accounts = book.accounts()?;
/// let (fit, comparison) = (design.fit(&parts)?, design.compare(&parts, 42)?);
/// let best = design.best(&parts, &comparison)?;
/// let outlook = forecast_expenses(&accounts, 6, 0.90)?;
/// let ranking = rank_accounts(&accounts, &best.values, &outlook)?;
/// let economics = economics(&accounts, &book.values()?, 0.62, "channel")?;
/// let checks = fit.diagnostics();
/// let summary =
///     accounts_summary(&book, &accounts, &best, &checks, &outlook, &ranking, &economics, "$")?;
/// assert!(summary.to_markdown()?.contains("## Channels"));
/// # Ok::<(), cltv_workflow::Error>(())
/// ```
#[allow(clippy::too_many_arguments, reason = "the summary covers every step of a run")]
pub fn accounts_summary(
    crm: &Crm,
    accounts: &Accounts,
    best: &Best,
    diagnostics: &Diagnostics,
    outlook: &Outlook,
    ranking: &Ranking,
    economics: &Economics,
    currency: &str,
) -> Result<AccountsSummary, Error> {
    let values: Vec<f64> = accounts.accounts.iter().map(|account| account.realised_value).collect();
    let (share, moves) = (concentration(&values)?, economics.moves()?);
    let priority = |(name, accounts, value, spending): (&str, u64, f64, f64)| PriorityLine {
        name: name.to_owned(),
        accounts,
        value,
        spending,
    };
    Ok(AccountsSummary {
        source: crm.table.source.clone(),
        simulated: crm.simulated,
        currency: currency.to_owned(),
        accounts: share.accounts,
        realised: share.total,
        top_fifth: share.top_fifth,
        accounts_for_80: share.accounts_for_80,
        gini: share.gini,
        income: income_relation(accounts, &values)?.sentence,
        model: best.summary.model.to_string(),
        r2: best.summary.r2.test,
        medae: best.summary.medae.test,
        mae: best.summary.mae.test,
        violated: diagnostics.warnings(),
        horizon: outlook.forecast.months.len(),
        spending: outlook.forecast.total.iter().map(|month| month.mean).sum(),
        forecast: [outlook.test.sentences(), outlook.forecast.sentences()].concat(),
        priorities: ranking.groups().into_iter().map(priority).collect(),
        channels: economics.groups.iter().map(channel).collect(),
        scenarios: scenarios(&moves),
        elasticity: moves.iter().map(|one| one.elasticity).find(|elasticity| *elasticity < 1.0),
        negative_linear: best.negative_predictions.clone(),
        below_zero: best.below_zero(),
        rows_read: crm.prepared.rows_read,
        rows_left_out: crm.prepared.left_out.len(),
    })
}

/// One line a move, under constant returns and under diminishing ones.
fn scenarios(moves: &[BudgetScenario]) -> Vec<ScenarioLine> {
    let same = |a: &BudgetScenario, b: &BudgetScenario| (&a.from, a.share) == (&b.from, b.share);
    let line = |constant: &BudgetScenario| ScenarioLine {
        from: constant.from.clone(),
        to: constant.to.clone(),
        share: constant.share,
        moved: constant.moved,
        constant: constant.net,
        diminishing: moves
            .iter()
            .find(|other| other.elasticity < 1.0 && same(constant, other))
            .map(|other| other.net),
    };
    moves.iter().filter(|one| one.elasticity == 1.0).map(line).collect()
}

fn channel(group: &GroupEconomics) -> ChannelLine {
    ChannelLine {
        name: group.group.clone(),
        accounts: group.accounts,
        ratio: group.ratio,
        payback_months: group.payback_months,
        sentence: group.sentence.clone(),
        flagged: matches!(group.verdict, GroupVerdict::UnderThree | GroupVerdict::LossMaking),
    }
}
