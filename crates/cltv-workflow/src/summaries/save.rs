//! Where the summaries are written.

use crate::error::Error;
use cltv_accounts::regression::RegressionSummary;
use cltv_purchases::Outputs;
use cltv_report::{
    AccountsSummary, ContractsSummary, ExecutiveSummary, FormulaSummary, ModelSummary, ModelsSummary,
    OpportunitiesSummary,
};

/// A result that is written into the outputs.
pub trait Save {
    /// Writes it into the outputs, under the name that its documentation gives.
    ///
    /// # Errors
    /// [`Error::Report`] when it cannot be rendered, [`Error::Data`] when it cannot be written.
    fn save(&self, out: &Outputs) -> Result<(), Error>;
}

impl Save for ExecutiveSummary {
    /// `executive_summary.md`, also at the top of the workspace when the outputs are the default ones.
    fn save(&self, out: &Outputs) -> Result<(), Error> {
        let text = self.to_markdown()?;
        out.write_text("executive_summary.md", &text)?;
        // A runner publishes the one at the top itself, when the whole run has succeeded.
        if out.is_default() && std::env::var_os(cltv_protocol::environment::STAGE).is_none() {
            Outputs::open(".")?.write_text("executive_summary.md", &text)?;
        }
        Ok(())
    }
}

impl Save for ModelSummary {
    /// `model_summary.json`.
    fn save(&self, out: &Outputs) -> Result<(), Error> {
        out.write_text("model_summary.json", &self.to_json()?)?;
        Ok(())
    }
}

impl Save for RegressionSummary {
    /// `regression_summary.json`: rows, features, and each metric on both sides of the split.
    fn save(&self, out: &Outputs) -> Result<(), Error> {
        // A summary has names and finite numbers or null only, which always serialise.
        out.write_json("regression_summary.json", &serde_json::to_value(self).unwrap_or_default())?;
        Ok(())
    }
}

/// `<workflow>/executive_summary.md`, beside those of other workflows.
macro_rules! page {
    ($($summary:ty => $workflow:literal),+ $(,)?) => {$(
        impl Save for $summary {
            #[doc = concat!("`", $workflow, "/executive_summary.md`.")]
            fn save(&self, out: &Outputs) -> Result<(), Error> {
                out.write_text(concat!($workflow, "/executive_summary.md"), &self.to_markdown()?)?;
                Ok(())
            }
        }
    )+};
}

page! {
    ModelsSummary => "models",
    ContractsSummary => "contracts",
    OpportunitiesSummary => "discrete",
    AccountsSummary => "revops",
    FormulaSummary => "formula",
}
