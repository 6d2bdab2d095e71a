//! The facts of the summaries; cltv-report puts them into words.

mod accounts;
mod executive;
mod formula;
mod page;
mod pages;

pub use accounts::{accounts_summary, write_summary};
pub use executive::{executive_summary, model_summary, write_executive_summary};
pub use formula::{formula_summary, write_formula_summary};
pub use pages::{
    contracts_summary, models_summary, opportunities_summary, write_contracts_summary, write_models_summary,
    write_opportunities_summary,
};
