//! The folders in which evcxr works, and the files beside them.

use anyhow::{Context, Result};
use cltv_protocol::environment;
use std::path::PathBuf;

/// The folder in which evcxr writes the crate of each cell.
pub(crate) fn evcxr_folder() -> Result<PathBuf> {
    folder_in(environment::EVCXR_FOLDER)
}

/// The empty folder where evcxr looks for settings.
pub(crate) fn config_folder() -> Result<PathBuf> {
    folder_in(environment::EVCXR_CONFIG)
}

fn folder_in(variable: &str) -> Result<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).context("started outside a cltv kernel")
}

/// Where a build by the real cargo says how far it is; the kernel shows it.
pub(crate) fn build_log() -> Result<PathBuf> {
    Ok(evcxr_folder()?.with_file_name("build.log"))
}

/// The pipe with a name from which cells read what a client has typed.
pub(crate) fn input() -> Result<PathBuf> {
    Ok(evcxr_folder()?.with_file_name("input"))
}
