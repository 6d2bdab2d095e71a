//! What a run tells its readers: the executive summary for people, the model
//! summary for programs. Every number comes from the run; the text around the
//! numbers is a template.
//!
//! This crate never reads a file or a frame: it turns plain figures into text.

mod accounts;
mod executive;
mod formula;
mod model_summary;
mod models;
pub mod numbers;
mod page;

pub use accounts::{AccountsSummary, ChannelLine, PriorityLine, ScenarioLine};
pub use executive::{Caveat, ExecutiveSummary, HoldoutLine, SegmentLine};
pub use formula::{ComparedLine, FormulaSummary};
pub use model_summary::{
    AuditEntry, DataEntry, FitEntry, HoldoutEntry, ModelSummary, PeriodEntry, ValueEntry,
};
pub use models::{
    CampaignLine, CohortLine, ComparedModel, ContractsSummary, HistoryLine, ModelsSummary,
    OpportunitiesSummary,
};

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
