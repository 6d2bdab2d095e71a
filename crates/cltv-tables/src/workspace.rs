//! What relative paths mean in a notebook: the workspace of the current folder.

use std::path::PathBuf;

/// The nearest folder from the current one upwards that is a cltv workspace, else the current one.
///
/// Jupyter starts a notebook in its own folder and the runner in the folder it was called from; both find the same
/// workspace, which holds `notebooks/workflow.toml`.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."));
    cltv_protocol::workspace::root(&here)
}

/// A path as it is, if absolute, else against the [`workspace`].
///
/// ```
/// use cltv_tables::{resolve_path, workspace};
/// assert_eq!(resolve_path("data/shop.csv"), workspace().join("data/shop.csv"));
/// ```
#[must_use]
pub fn resolve_path(path: &str) -> PathBuf {
    cltv_protocol::workspace::resolve(&workspace(), path)
}
