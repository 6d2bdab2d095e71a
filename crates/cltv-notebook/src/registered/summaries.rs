//! The forms of the summaries: their pages.

use crate::registered::forms::{Entry, as_is, entries, page};
use cltv_report::{
    AccountsSummary, ContractsSummary, ExecutiveSummary, FormulaSummary, ModelSummary, ModelsSummary,
    OpportunitiesSummary,
};

pub(super) fn entries() -> Vec<Entry> {
    entries![
        ExecutiveSummary => |summary| page(summary.to_markdown()),
        AccountsSummary => |summary| page(summary.to_markdown()),
        FormulaSummary => |summary| page(summary.to_markdown()),
        ModelsSummary => |summary| page(summary.to_markdown()),
        ContractsSummary => |summary| page(summary.to_markdown()),
        OpportunitiesSummary => |summary| page(summary.to_markdown()),
        ModelSummary => |summary: &ModelSummary| as_is(&summary.to_json().unwrap_or_else(|error| error.to_string())),
    ]
}
