//! What a run reports to its readers: the executive summaries for people, the model summary for programs.
//! A summary's type holds facts; this crate holds every sentence around them, in templates and in the
//! caveats of each page.
//!
//! This crate never reads a file or a frame: it turns plain figures into text.
//!
//! Each page has a snapshot under `tests/snapshots`; `CLTV_UPDATE_SNAPSHOTS=1 cargo test -p cltv-report`
//! writes them anew after a change of a sentence.

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
pub use executive::{ExecutiveSummary, HoldoutLine, SegmentLine};
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
        /// What the template engine said.
        reason: String,
    },
    /// The model summary holds a number that JSON has no form for.
    #[error("The model summary could not be written: {reason}.")]
    Json {
        /// The figure, or what the serialiser said.
        reason: String,
    },
}
