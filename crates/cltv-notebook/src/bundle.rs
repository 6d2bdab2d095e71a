//! A value in the forms that a front end may pick, and how it reaches the kernel.

use std::io::Write;

/// Content by MIME type, the richest first.
pub(crate) type Bundle = Vec<(&'static str, String)>;

/// Prints a bundle in evcxr's protocol, in one write so that nothing comes between.
pub(crate) fn emit(bundle: &[(&'static str, String)]) {
    let mut text = String::new();
    for (mime, content) in bundle {
        text.push_str("EVCXR_BEGIN_CONTENT ");
        text.push_str(mime);
        text.push('\n');
        text.push_str(&harmless(content.trim_end_matches('\n')));
        text.push_str("\nEVCXR_END_CONTENT\n");
    }
    let mut out = std::io::stdout().lock();
    // The reader of this pipe is the kernel; when it is gone there is no reader for an error.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Content that cannot be taken for evcxr's markers, whatever a customer is called.
fn harmless(content: &str) -> String {
    content.replace("EVCXR_", "EVCXR\u{2060}_")
}
