//! The parts of every model of purchases: rows, process, predictions, simulation.

pub mod counted;
mod fitted;
pub mod model;
pub(crate) mod of_parameters;
pub mod plan;
pub mod predictions;
pub mod process;
pub mod rows;
pub mod simulate;
