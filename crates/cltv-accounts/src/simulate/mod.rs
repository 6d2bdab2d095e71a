//! The project's own simulator of a CRM workbook: accounts, their months of
//! spending, and the errors that such data have.
//!
//! Everything here is invented. The embedded workbook `data/crm_accounts.xlsx` is what
//! [`simulate_crm`] gives for [`CrmSimulation::default`], written by `examples/crm_workbook.rs`.

mod account;
mod crm;
mod data_errors;
mod draws;
mod sheet;

pub use crm::{CrmSimulation, simulate_crm};
pub use sheet::{CRM_WORKBOOK, SimulatedCell, SimulatedCrm};
