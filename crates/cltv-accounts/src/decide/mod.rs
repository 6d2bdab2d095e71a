//! Decisions: which accounts first, which channels pay, what moving budget would do, what the CRM gets.

mod budget;
mod concentration;
mod economics;
mod error;
mod export;
mod income;
mod ranking;

pub use budget::{BudgetRules, BudgetScenario, budget_scenarios};
pub use concentration::{Concentration, concentration};
pub use economics::{GroupEconomics, GroupVerdict, channel_economics, segment_economics};
pub use error::DecideError;
pub use export::{ExportField, crm_export, crm_export_fields};
pub use income::{IncomeRelation, income_relation};
pub use ranking::{Priority, RankRules, RankedAccount, ranked_accounts};

/// Checks that there is one finite value an account.
fn check_values(accounts: usize, what: &str, values: &[f64]) -> Result<(), DecideError> {
    if accounts == 0 {
        return Err(DecideError::NoAccounts);
    }
    if values.len() != accounts {
        let what = what.to_owned();
        return Err(DecideError::UnequalLengths { what, found: values.len(), expected: accounts });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(at) => Err(DecideError::NotFinite { what: what.to_owned(), place: at + 1 }),
        None => Ok(()),
    }
}
