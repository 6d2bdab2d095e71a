//! Accounts with their months of spending, and features of them.

mod account;
mod columns;
mod features;
mod repairs;

pub use account::{Account, Accounts};
pub use columns::CrmColumns;
pub use features::AccountFeatures;
