//! The facts of the summaries; cltv-report puts them into words.

mod accounts;
mod executive;
mod formula;
mod pages;
mod save;

pub use accounts::accounts_summary;
pub use executive::{executive_summary, model_summary};
pub use formula::formula_summary;
pub use pages::{contracts_summary, models_summary, opportunities_summary};
pub use save::Save;
