//! Preparation: duplicate rows, missing values and outliers, by stated rules and with a report.

mod categories;
mod clean;
mod duplicates;
mod outliers;
mod report;
mod rules;

pub use clean::{Prepared, prepare};
pub use report::{ColumnReport, LeftOutReason, LeftOutRow, PrepareReport};
pub use rules::{MISSING_LEVEL, PrepareRules};
