//! Customer value from accounts and averages: regression, forecasts, and the formula.

pub mod formula;
pub mod numpy_random;
pub mod regression;
mod table;
