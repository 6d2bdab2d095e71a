//! Customer lifetime value models: numbers only, no files, tables, charts or clock.
//!
//! ```text
//! RfmSummary --fit--> Fitted<BgNbd>, Fitted<GammaGamma> --lifetime_value--> CustomerValue
//! ```

pub mod error;
pub mod rfm;
mod units;

pub use error::{FitError, InputError, RowProblem};
pub use rfm::{DAYS_PER_MONTH, DAYS_PER_YEAR, Grain, History, RfmSummary, TimeUnit};
