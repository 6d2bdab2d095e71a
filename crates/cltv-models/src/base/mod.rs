//! The base of all folders: errors, time units, numbers as text.

pub mod error;
mod parse;
pub mod units;
pub(crate) mod words;
