//! Purchases in, tables out: reading, cleaning, RFM, summaries for models, splits and cohorts.
//!
//! ```text
//! Source --read--> RawTransactions --clean--> Transactions + CleaningReport
//!     Transactions --periods--> Periods
//!     Transactions --summary, split--> RfmSummary, Split          (what models are fitted on)
//!     Transactions --rfm--> RfmTable with scores and segments
//!     Transactions --cohorts, series, tracking, timelines--> figures for charts
//! ```
//!
//! ```
//! use cltv_purchases::{Cleaning, Source};
//! use cltv_models::{Grain, TimeUnit};
//!
//! let raw = Source::new("cdnow").read()?;
//! let cleaned = raw.clean(&Cleaning::default())?;
//! println!("{}", cleaned.report);
//! let purchases = cleaned.transactions;
//! let periods = purchases.periods("", "")?;
//! let split = purchases.split(&periods, TimeUnit::Week, Grain::Day)?;
//! assert_eq!(split.calibration.repeat_purchases(), 2457);
//! # Ok::<(), cltv_purchases::DataError>(())
//! ```

mod amounts;
mod clean;
mod cohort;
mod datasets;
mod dates;
mod error;
mod file_error;
mod frame;
mod netting;
mod outputs;
mod periods;
mod purchases;
mod raw;
mod read;
mod report;
mod rfm;
mod rules;
mod scores;
mod segments;
mod series;
mod source;
mod split;
mod summary;
mod table;
mod timelines;
mod tracking;
mod transactions;
mod words;
mod workspace;
mod written;

pub use clean::Cleaned;
pub use cohort::{Cohort, CohortTable};
pub use datasets::data_sets;
pub use error::{DataError, FileError, SourceValue};
pub use outputs::Outputs;
pub use periods::Periods;
pub use purchases::{CustomerPurchases, Purchase};
pub use raw::RawTransactions;
pub use report::{CleaningReport, LeftOut, Step};
pub use rfm::{RecencyDays, RfmRow, RfmTable, SegmentFigures};
pub use rules::{Cleaning, Returns};
pub use scores::quintile_scores;
pub use segments::{SegmentRule, SegmentTable};
pub use series::{PurchaseSeries, SeriesPoint};
pub use source::Source;
pub use split::{Split, summary_frame};
pub use timelines::Timeline;
pub use tracking::{Birth, Tracking, TrackingWeek};
pub use transactions::{Transaction, Transactions};
pub use workspace::{resolve_path, workspace};
