//! The kernel of an installation: nothing is built, and nothing in it may have been changed.

use super::contents::{self, Depth};
use super::error::KernelError;
use super::{Kernel, guard};
use crate::installed::Installed;
use cltv_protocol::installation::Variant;
use std::process::Command;

/// The kernel, when its files are as they were made and there is a compiler for cells.
pub(super) fn checked(installed: &Installed, depth: Depth) -> Result<Kernel, KernelError> {
    if let Some(file) = contents::damaged(&installed.home, depth) {
        return Err(KernelError::DamagedInstallation { file });
    }
    guard::check_installation(&installed.home)?;
    // The kernel would end with the same message, in a log.
    if installed.what.as_ref().is_some_and(|what| what.variant == Variant::Slim) {
        compiler(installed)?;
    }
    Ok(Kernel { program: installed.kernel(), helper: installed.helper() })
}

/// The compiler of cells, as the kernel finds it: its version and its path.
pub(super) fn compiler(installed: &Installed) -> Result<String, KernelError> {
    let program = installed.kernel();
    let output =
        Command::new(&program).arg("--compiler").output().map_err(KernelError::file("Starting", &program))?;
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => {
            let what = said(&output.stderr);
            let what = what.strip_prefix("cltv-kernel: ").unwrap_or(&what);
            Err(KernelError::NoCompiler { what: what.to_owned() })
        }
    }
}
