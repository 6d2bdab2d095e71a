//! The design of a regression from a prepared table.

mod build;
mod rules;

pub use build::{Design, design};
pub use rules::DesignRules;
