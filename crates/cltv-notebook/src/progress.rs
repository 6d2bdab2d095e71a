//! Progress of a step as a line that changes, which our kernel shows.

use crate::bundle::emit;

/// The MIME type that the kernel takes for progress: a name, a newline, the text.
const MIME: &str = "application/x-cltv-progress";

/// Shows the progress of the workflow's steps, where our kernel runs; other kernels do not know this MIME type.
pub(crate) fn show() {
    if std::env::var_os("CLTV_KERNEL").is_some() {
        cltv_workflow::progress::report_to(line);
    }
}

fn line(step: &str, text: &str) {
    emit(&[(MIME, format!("{step}\n{text}"))]);
}
