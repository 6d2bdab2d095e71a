//! The executive summary of the accounts.

use crate::Error;
use crate::revops::{Best, Crm, Economics, Outlook, Ranking};
use cltv_purchases::Outputs;
use cltv_report::numbers::whole;
use cltv_report::{AccountsSummary, Caveat, ChannelLine, PriorityLine, ScenarioLine};
use cltv_accounts::regression::Diagnostics;
use cltv_accounts::{Accounts, BudgetScenario, GroupEconomics, GroupVerdict, concentration, income_relation};

/// The executive summary of a run over accounts.
///
/// # Errors
/// [`Error::Decide`] when the values of the accounts add up to nothing.
#[allow(clippy::too_many_arguments, reason = "a summary is of everything that was found")]
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
        model: best.summary.model.clone(),
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
        caveats: caveats(crm, best),
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

fn caveats(crm: &Crm, best: &Best) -> Vec<Caveat> {
    let left_out = crm.prepared.left_out.len();
    let mut texts = vec![
        "Predicted values are of what accounts have realised, by accounts like them; they are no forecast of the years ahead.".to_owned(),
        "Most ranked accounts are among those that the model learnt from, so the ranking looks better than it would for new accounts.".to_owned(),
        "A channel's ratio says what it brought so far, not what the next account would bring: the same money may meet fewer who want to buy.".to_owned(),
        "Features go with value; nothing here shows that changing one would change the value.".to_owned(),
    ];
    texts.extend(
        best.less_than_nothing
            .iter()
            .map(|text| format!("{text} The ranking is by the {} model.", best.summary.model)),
    );
    if best.below_zero() > 0 {
        texts.push(format!(
            "The {} model predicts less than nothing for {} accounts: read their place in the list, not the amount.",
            best.summary.model,
            whole(best.below_zero() as f64)
        ));
    }
    if left_out > 0 {
        texts.push(format!(
            "{} of {} rows were left out in the preparation; notebook 10_crm_eda says which and why.",
            whole(left_out as f64),
            whole(crm.prepared.rows_read as f64)
        ));
    }
    texts.into_iter().map(|text| Caveat { text }).collect()
}

/// Writes a page to `<workflow>/executive_summary.md` in the outputs, beside those of other workflows.
///
/// # Errors
/// [`Error::Data`] when the folder cannot be written.
pub(crate) fn write_page(out: &Outputs, workflow: &str, text: &str) -> Result<(), Error> {
    out.write_text(&format!("{workflow}/executive_summary.md"), text)?;
    Ok(())
}

/// Writes the summary to `revops/executive_summary.md` in the outputs.
///
/// # Errors
/// [`Error::Report`] when it cannot be put into words, [`Error::Data`] when it cannot be written.
pub fn write_summary(out: &Outputs, summary: &AccountsSummary) -> Result<(), Error> {
    write_page(out, "revops", &summary.to_markdown()?)
}
