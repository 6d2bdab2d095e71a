//! Decisions: ranking of accounts, unit economics of channels and segments, budget scenarios, CRM export.

mod budget;
mod check;
mod concentration;
mod economics;
mod error;
mod export;
mod income;
mod ranking;

pub use budget::{BudgetRules, BudgetScenario, budget_scenarios};
pub use concentration::{Concentration, concentration};
pub use economics::{GroupBy, GroupEconomics, GroupVerdict, unit_economics};
pub use error::DecideError;
pub use export::{ExportField, crm_export, crm_export_fields};
pub use income::{IncomeRelation, income_relation};
pub use ranking::{Priority, RankRules, RankedAccount, ranked_accounts};
