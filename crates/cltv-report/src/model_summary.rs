//! `model_summary.json`: what was fitted on what, and whether it can be trusted.

use crate::ReportError;
use cltv_models::Audit;
use serde::Serialize;

/// The data a run was made on.
#[derive(Debug, Clone, Serialize)]
pub struct DataEntry {
    /// Customers with at least one purchase.
    pub customers: usize,
    /// Rows after cleaning.
    pub rows: usize,
    /// Purchases: rows merged by customer and grain.
    pub purchases: usize,
    /// The unit of time of all parameters.
    pub time_unit: String,
    /// The period within which rows are one purchase.
    pub grain: String,
    /// The last day of the calibration period, ISO.
    pub calibration_end: String,
    /// The last day observed, ISO.
    pub observation_end: String,
}

/// One fitted model: its parameters by name, and what its fit said of itself.
#[derive(Debug, Clone, Serialize)]
pub struct FitEntry {
    /// Parameter names and values, in the model's order.
    #[serde(flatten)]
    pub parameters: serde_json::Map<String, serde_json::Value>,
    /// The unpenalised log-likelihood, summed, in the data's own unit.
    pub log_likelihood: f64,
    /// Standard errors in the parameters' order; none when the fit does not determine them.
    pub std_errors: Option<Vec<f64>>,
    /// Whether the optimiser reached a point with a vanishing gradient.
    pub converged: bool,
    /// Whether the data determine all parameters.
    pub identified: bool,
}

/// The models of one period; none where there was nothing to fit.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodEntry {
    /// The purchase model.
    pub bg_nbd: FitEntry,
    /// The spend model; none without amounts.
    pub gamma_gamma: Option<FitEntry>,
}

/// How the calibration fit did on purchases it had not seen.
#[derive(Debug, Clone, Serialize)]
pub struct HoldoutEntry {
    /// The holdout's length in time units.
    pub periods: f64,
    /// Repeat purchases that were made.
    pub actual_purchases: u64,
    /// Repeat purchases that were expected.
    pub expected_purchases: f64,
    /// Mean absolute error over customers, in purchases.
    pub mae: f64,
    /// Root of the mean squared error over customers, in purchases.
    pub rmse: f64,
}

/// One audit.
#[derive(Debug, Clone, Serialize)]
pub struct AuditEntry {
    /// What was looked at.
    pub name: String,
    /// ok, note or warning.
    pub level: String,
    /// The figure it was judged by.
    pub figure: f64,
    /// The judgement in words.
    pub message: String,
}

impl From<&Audit> for AuditEntry {
    fn from(audit: &Audit) -> Self {
        AuditEntry {
            name: audit.name.to_string(),
            level: audit.level.to_string(),
            figure: audit.figure,
            message: audit.message.clone(),
        }
    }
}

/// Everything `model_summary.json` holds.
#[derive(Debug, Clone, Serialize)]
pub struct ModelSummary {
    /// The data.
    pub data: DataEntry,
    /// Fitted until the calibration end.
    pub calibration: PeriodEntry,
    /// Fitted on everything.
    pub full: PeriodEntry,
    /// The test on the holdout.
    pub holdout: HoldoutEntry,
    /// All audits.
    pub audits: Vec<AuditEntry>,
}

impl ModelSummary {
    /// The summary as indented JSON with a final newline.
    ///
    /// # Errors
    /// When a figure is not finite.
    pub fn to_json(&self) -> Result<String, ReportError> {
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| ReportError::Json { reason: error.to_string() })?;
        Ok(text + "\n")
    }
}
