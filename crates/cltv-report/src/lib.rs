//! The results of a run in words: the executive summaries for people, the model summary for programs.
//! A summary's type has the facts; this crate has every sentence around them, in templates and in the
//! caveats of each page.
//!
//! This crate never reads a file or a frame: it turns plain figures into text.
//!
//! Each page has a snapshot under `tests/snapshots`; `UPDATE_SNAPSHOTS=1 cargo test -p cltv-report`
//! rewrites them after a change of a sentence.

mod accounts;
mod contracts;
mod executive;
mod formula;
mod model_summary;
mod models;
pub mod numbers;
mod opportunities;
mod page;
mod sources;
mod tier;

pub use accounts::{AccountsSummary, ChannelLine, PriorityLine, ScenarioLine};
pub use contracts::{CohortLine, CohortTest, ContractsSummary, SurvivalError};
pub use executive::{EarlierLine, ExecutiveSummary, HoldoutLine, SegmentLine};
pub use formula::{ComparedLine, FormulaSummary, LastRetention};
pub use model_summary::{
    AuditEntry, DataEntry, FitEntry, HoldoutEntry, ModelSummary, PeriodEntry, VERSION, ValueEntry,
};
pub use models::{CampaignLine, ComparedModel, ModelsSummary, RegularityLine, Verdict};
pub use opportunities::{HistoryLine, OpportunitiesSummary};
pub use tier::Tier;

/// An error in putting a report together.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// The template met a value it cannot show.
    #[error("The executive summary could not be written: {reason}.")]
    Template {
        /// The template engine's message.
        reason: String,
    },
    /// The model summary has a number that JSON cannot represent.
    #[error("The model summary could not be written: {reason}.")]
    Json {
        /// The figure, or the serialiser's message.
        reason: String,
    },
}
