//! The executive summary of the accounts.

use crate::Error;
use crate::revops::{Best, Crm, Economics, Outlook, Ranking};
use cltv_data::Outputs;
use cltv_report::{AccountsSummary, Caveat, ChannelLine, PriorityLine};
use cltv_revops::regression::Diagnostics;
use cltv_revops::{Accounts, GroupEconomics, GroupVerdict, concentration, income_relation};

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
    let share = concentration(&values)?;
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
        scenarios: economics.moves()?.into_iter().map(|scenario| scenario.sentence).collect(),
        caveats: caveats(crm, best),
    })
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
    if best.values.iter().any(|value| *value < 0.0) {
        texts.push(
            "The model predicts less than nothing for some accounts, as a straight line may.".to_owned(),
        );
    }
    if left_out > 0 {
        texts.push(format!(
            "{left_out} of {} rows were left out in the preparation; notebook 10_crm_eda says which and why.",
            crm.prepared.rows_read
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
