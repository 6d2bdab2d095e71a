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

mod blocks;
mod clean;
mod cohort;
mod columns;
mod datasets;
mod definitions;
mod error;
mod filter;
mod frame;
mod ids;
mod origin;
mod periods;
mod plan;
mod purchases;
mod raw;
mod rfm;
mod roles;
mod scores;
mod segments;
mod series;
mod source;
mod split;
mod summary;
mod threads;
mod timelines;
mod tracking;
mod transactions;
mod warehouse;

pub use clean::{Cleaned, Cleaning, CleaningReport, Returns, Step};
pub use cltv_tables::{OnProgress, Outputs, date, resolve_path, workspace};
pub use cohort::{Cohort, CohortTable};
pub use datasets::data_sets;
pub use definitions::Definition;
pub use error::{DataError, FileError, SourceValue, TableError};
pub use ids::{IdMatch, Ids};
pub use periods::Periods;
pub use plan::{Aggregate, Dialect, Expr, Op, Plan, sql_of};
pub use purchases::Purchases;
pub use raw::RawTransactions;
pub use rfm::{RfmTable, SegmentFigures};
pub use scores::quintile_scores;
pub use segments::{SegmentRule, SegmentTable};
pub use series::{PurchaseSeries, SeriesPoint};
pub use source::Source;
pub use split::{Split, summary_frame};
pub use timelines::Timeline;
pub use tracking::{Birth, Tracking, TrackingWeek};
pub use transactions::{Rows, Transactions};
