//! A notebook in a real browser: JupyterLab, headless Chromium, screenshots.

use crate::run::{cache, cargo, root, run};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the check needs from Python, pinned so that every machine sees the same JupyterLab.
const PACKAGES: [&str; 2] = ["jupyterlab==4.6.6", "playwright==1.65.2"];

/// Runs the notebook and leaves screenshots in `out`.
pub(crate) fn drive(notebook: &str, out: &str) -> Result<()> {
    let python = environment()?;
    let prefix = python.ancestors().nth(2).context("the environment has no folder")?;
    run(cargo()
        .args(["run", "--release", "--quiet", "--package", "cltv-cli", "--bin", "cltv", "--"])
        .args(["kernel", "install", "--prefix", &prefix.to_string_lossy()]))?;
    let script = root().join("crates/xtask/browser/drive.py");
    run(Command::new(&python).arg(script).arg(root().join(notebook)).arg(root().join(out)))
}

/// A Python environment of our own in the cache, made when it is not there.
fn environment() -> Result<PathBuf> {
    let folder = cache()?.join("browser-env");
    let python = folder.join("bin/python");
    let marker = folder.join("packages");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&marker).is_ok_and(|have| have == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
    std::fs::write(marker, wanted)?;
    Ok(Path::new(&python).to_path_buf())
}
