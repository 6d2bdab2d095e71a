//! The compiler that builds the helper and, later, every cell: it must be the same one.

use super::error::KernelError;
use std::path::PathBuf;
use std::process::Command;

/// A Rust toolchain, by the paths of its programs rather than rustup's proxies.
#[derive(Debug, Clone)]
pub(super) struct Toolchain {
    pub(super) cargo: PathBuf,
    pub(super) rustc: PathBuf,
    /// What `rustc -vV` prints.
    pub(super) version: String,
    /// The host's target triple.
    pub(super) host: String,
}

impl Toolchain {
    pub(super) fn find() -> Result<Toolchain, KernelError> {
        let cargo = program("cargo")?;
        let rustc = program("rustc")?;
        let missing = || KernelError::NoToolchain { tool: "rustc".into() };
        let output = Command::new(&rustc).arg("-vV").output().map_err(|_| missing())?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        let host = version.lines().find_map(|l| l.strip_prefix("host: ")).ok_or_else(missing)?.to_owned();
        Ok(Toolchain { cargo, rustc, version, host })
    }
}

fn program(name: &str) -> Result<PathBuf, KernelError> {
    let from_rustup = Command::new("rustup").args(["which", name]).output().ok();
    from_rustup
        .filter(|output| output.status.success())
        .map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
        .or_else(|| {
            let path = std::env::var_os("PATH")?;
            std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
        })
        .ok_or_else(|| KernelError::NoToolchain { tool: name.to_owned() })
}
