//! What a regression run leaves for programs.

use crate::Error;
use cltv_purchases::Outputs;
use cltv_accounts::regression::RegressionSummary;

/// Writes `regression_summary.json`: rows, features, and each metric on both sides of the split.
///
/// # Errors
/// [`Error::Data`] when the folder cannot be written.
pub fn write_regression_summary(out: &Outputs, summary: &RegressionSummary) -> Result<(), Error> {
    // A summary holds names and numbers only; what is no number is null, as its type says.
    let value = serde_json::to_value(summary).unwrap_or_default();
    out.write_json("regression_summary.json", &value)?;
    Ok(())
}
