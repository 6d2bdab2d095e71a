//! The base of all folders: errors, time units, numbers as text.

pub mod error;
pub mod units;
pub mod words;
