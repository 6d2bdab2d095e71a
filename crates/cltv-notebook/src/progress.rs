//! Progress of a step as a line that changes, which our kernel shows.

use crate::bundle::emit;
use cltv_protocol::{display, environment};

/// Shows the progress of the workflow's steps, where our kernel runs; other kernels do not know this MIME type.
pub(crate) fn show() {
    if std::env::var_os(environment::KERNEL).is_some() {
        cltv_workflow::progress::report_to(line);
    }
}

fn line(step: &str, text: &str) {
    emit(&[(display::PROGRESS, format!("{step}\n{text}"))]);
}
