//! Accounts of a CRM: read, prepared, regressed, forecast and ranked, as cells of a notebook want it.
//!
//! The steps are: [`load_crm`] -> [`Crm::design`] -> [`Design::fit`], [`Design::best`]; [`Crm::accounts`]
//! -> [`forecast_expenses`] -> [`rank_accounts`], [`economics`]. All of `cltv_accounts` is here as well.

mod decide;
mod design;
mod load;
mod outlook;
mod shown;
mod summary;
mod write;

pub use cltv_accounts::*;
pub use decide::{Economics, Ranking, economics, rank_accounts};
pub use design::{Best, Design};
pub use load::{Crm, CrmInput, load_crm};
pub use outlook::{Outlook, forecast_expenses};
pub(crate) use shown::forms;
pub(crate) use summary::write_page;
pub use summary::{accounts_summary, write_summary};
pub use write::write_regression_summary;
