//! Accounts of a CRM: read, prepared, regressed, forecast and ranked.
//!
//! The steps are: [`load_crm`] -> [`Crm::design`] -> [`Design::fit`], [`Design::best`]; [`Crm::accounts`]
//! -> [`forecast_expenses`] -> [`rank_accounts`], [`economics`].

mod decide;
mod design;
mod load;
mod outlook;

pub use cltv_accounts::GroupBy;
pub use decide::{Economics, Ranking, economics, rank_accounts};
pub use design::{Best, Design};
pub use load::{Crm, CrmInput, load_crm};
pub use outlook::{Outlook, forecast_expenses};
