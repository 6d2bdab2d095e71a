//! A value in the forms that a front end may pick, and how it reaches the kernel.

use cltv_protocol::display::block;
use cltv_protocol::marks::asked_for;
use std::io::Write;

/// Content by MIME type, the richest first.
pub(crate) type Bundle = Vec<(&'static str, String)>;

/// Prints a bundle in evcxr's protocol, in one write so that nothing comes between.
pub(crate) fn emit(bundle: &[(&'static str, String)]) {
    let text: String =
        bundle.iter().map(|(mime, content)| block(mime, content.trim_end_matches('\n'))).collect();
    let mut out = std::io::stdout().lock();
    // The reader of this pipe is the kernel; when it is gone there is no reader for an error.
    let _ = out.write_all(asked_for(text).as_bytes()).and_then(|()| out.flush());
}
