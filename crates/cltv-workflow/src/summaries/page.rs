//! Where the page of a workflow is written.

use crate::error::Error;
use cltv_purchases::Outputs;

/// Writes a page to `<workflow>/executive_summary.md` in the outputs, beside those of other workflows.
///
/// # Errors
/// [`Error::Data`] when the folder cannot be written.
pub(crate) fn write_page(out: &Outputs, workflow: &str, text: &str) -> Result<(), Error> {
    out.write_text(&format!("{workflow}/executive_summary.md"), text)?;
    Ok(())
}
