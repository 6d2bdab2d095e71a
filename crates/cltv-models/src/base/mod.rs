//! What everything else uses: errors, time units, numbers as text.

pub mod error;
pub mod units;
pub mod words;
