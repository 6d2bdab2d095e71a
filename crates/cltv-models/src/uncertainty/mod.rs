//! Intervals: parameter draws, profile likelihood, bootstrap.

pub mod bootstrap;
pub mod draws;
mod profile;
pub mod values;
