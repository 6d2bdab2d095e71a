//! A value in the forms that a front end may pick, and how it reaches the kernel.

/// Content by MIME type, the richest first.
pub(crate) type Bundle = Vec<(&'static str, String)>;

/// Prints a bundle in evcxr's protocol, in one write so that nothing comes between; plotly.js stands before the first
/// chart.
pub(crate) fn emit(bundle: &[(&'static str, String)]) {
    cltv_plots::show_bundle(bundle);
}
