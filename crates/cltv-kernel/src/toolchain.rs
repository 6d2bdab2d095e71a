//! The compiler of cells: the one that built the helper library here, one that an installation brings, or
//! one of this machine of exactly the same version.

use crate::helper::Helper;
use anyhow::{Context, Result, bail, ensure};
use cltv_protocol::helper::Compiler;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs that cells are compiled with.
#[derive(Debug, Clone)]
pub(crate) struct Toolchain {
    pub(crate) rustc: PathBuf,
    /// None in an installation without one: only cells without other crates can be compiled then.
    pub(crate) cargo: Option<PathBuf>,
}

impl Toolchain {
    /// The toolchain of a helper, checked; without a helper the one on the path.
    pub(crate) fn find(helper: Option<&Helper>) -> Result<Toolchain> {
        let Some(helper) = helper else {
            return Ok(Toolchain { rustc: real_tool("rustc")?, cargo: Some(real_tool("cargo")?) });
        };
        match &helper.manifest.compiler {
            Compiler::Here { rustc, cargo } => {
                ensure!(
                    version(rustc).as_deref() == Some(helper.manifest.version.as_str()),
                    "the Rust compiler has changed since the helper library was built; `cltv kernel install` builds it again"
                );
                Ok(Toolchain { rustc: rustc.clone(), cargo: Some(cargo.clone()) })
            }
            Compiler::Brought { rustc } => {
                let rustc = helper.folder.join(rustc);
                // It is named without `..`, for the linker and the standard library lie beside it.
                let rustc = rustc.canonicalize().unwrap_or(rustc);
                ensure!(
                    version(&rustc).as_deref() == Some(helper.manifest.version.as_str()),
                    "the compiler of this installation, {}, does not run as {}; install cltv again",
                    rustc.display(),
                    helper.manifest.compiler_name()
                );
                Ok(Toolchain { rustc, cargo: None })
            }
            Compiler::Wanted => wanted(helper),
        }
    }
}

fn wanted(helper: &Helper) -> Result<Toolchain> {
    let wanted = &helper.manifest.version;
    let mut others = Vec::new();
    for rustc in candidates() {
        match version(&rustc) {
            Some(found) if found == *wanted => {
                let cargo = rustc.with_file_name("cargo");
                return Ok(Toolchain { rustc, cargo: cargo.is_file().then_some(cargo) });
            }
            Some(found) => others.push(found.lines().next().unwrap_or_default().to_owned()),
            None => {}
        }
    }
    others.dedup();
    let found = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    bail!(
        "cells need {}, the compiler that made this installation of cltv, and this machine has {found}; install it with `rustup toolchain install {} --profile minimal`, or install the full variant of cltv, which needs no Rust",
        helper.manifest.compiler_name(),
        helper.manifest.release().unwrap_or("of that version")
    )
}

/// Every compiler of this machine: the one on the path and those of rustup. Nothing is asked of rustup,
/// which may download what it does not have.
fn candidates() -> Vec<PathBuf> {
    let on_path = find_on_path("rustc").and_then(|rustc| sysroot(&rustc)).map(|root| root.join("bin/rustc"));
    let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".rustup")));
    let toolchains = home.and_then(|home| std::fs::read_dir(home.join("toolchains")).ok());
    let mut of_rustup: Vec<PathBuf> =
        toolchains.into_iter().flatten().flatten().map(|entry| entry.path().join("bin/rustc")).collect();
    of_rustup.sort();
    on_path.into_iter().chain(of_rustup).filter(|rustc| rustc.is_file()).collect()
}

/// The folder of a compiler's toolchain; the `rustc` on the path may be rustup's proxy.
fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let mut command = Command::new(rustc);
    let output = command.args(["--print", "sysroot"]).env("RUSTUP_AUTO_INSTALL", "0").output().ok()?;
    output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

fn version(rustc: &Path) -> Option<String> {
    let output = Command::new(rustc).arg("-vV").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn real_tool(name: &str) -> Result<PathBuf> {
    let output = Command::new("rustup").args(["which", name]).output();
    let from_rustup = output
        .ok()
        .filter(|o| o.status.success())
        .map(|o| PathBuf::from(String::from_utf8_lossy(&o.stdout).trim()));
    from_rustup
        .or_else(|| find_on_path(name))
        .with_context(|| format!("no `{name}` on the path; a Rust toolchain is needed to run cells"))
}

pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|f| f.join(name)).find(|f| f.is_file())
}
