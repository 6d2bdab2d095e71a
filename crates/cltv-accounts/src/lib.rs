//! Customer value from accounts and averages: regression, forecasts, and the formula.
//!
//! ```text
//! columns --AccountTable::new--> AccountTable --prepare--> Prepared (table + PrepareReport)
//!     table --Accounts::of--> Accounts --features, with_features--design--> RegressionData
//!     Accounts --panel--> ExpensePanel --backtest--> Backtest --forecast--> ExpenseForecast
//!     Accounts + predicted values --> ranked_accounts, crm_export, concentration, income_relation
//!     Accounts + values + margin --> unit_economics --> budget_scenarios
//! ```

mod accounts;
mod decide;
mod design;
mod forecast;
pub mod formula;
mod numeric;
pub mod numpy_random;
mod prepare;
pub mod regression;
mod simulate;
mod table;
mod text;

pub use accounts::{Account, AccountFeatures, Accounts, CrmColumns};
pub use decide::{
    BudgetRules, BudgetScenario, Concentration, DecideError, ExportField, GroupBy, GroupEconomics,
    GroupVerdict, IncomeRelation, Priority, RankRules, RankedAccount, budget_scenarios, concentration,
    crm_export, crm_export_fields, income_relation, ranked_accounts, unit_economics,
};
pub use design::{Design, DesignRules, design};
pub use forecast::{
    AccountForecast, Backtest, ChurnRisk, Coverage, Deviation, ExpenseForecast, ExpensePanel, ForecastError,
    ForecastOptions, Method, RiskCheck, RiskLevel, Score, TotalForecast,
};
pub use prepare::{
    ColumnReport, LeftOutReason, LeftOutRow, MISSING_LEVEL, PrepareReport, PrepareRules, Prepared, prepare,
};
pub use simulate::{CRM_WORKBOOK, CrmSimulation, SimulatedCell, SimulatedCrm, simulate_crm};
pub use table::{AccountTable, Column, ColumnKind, TableError, Values};
pub use text::UnknownWord;
