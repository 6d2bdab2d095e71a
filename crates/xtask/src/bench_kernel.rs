//! How long an analyst waits: our kernel, and a stock evcxr_jupyter on the same cells in the same run.

use crate::python::{Environment, cltv_released};
use crate::reports::Report;
use crate::run::{cache, cargo, printed, root, run};
use anyhow::{Result, ensure};
use std::path::PathBuf;

const PACKAGES: [&str; 1] = ["jupyter_client==8.10.0"];
const EVCXR: &str = "0.22.0";
const REPORT: Report = Report {
    file: "crates/cltv-kernel/BENCHMARKS.md",
    introduction: "# Benchmarks of cltv-kernel\n\nWritten by `cargo xtask bench-kernel --stock`: the notebooks 01 to 05 cell by cell, in our kernel and in a stock evcxr_jupyter whose working folder is warm.\n",
};

/// Prints the times of both kernels and fails when ours misses a bound that the project has set itself.
pub(crate) fn bench(stock: bool) -> Result<()> {
    let environment = Environment::with("bench-env", &PACKAGES)?;
    environment.install_kernel()?;
    let mut script = environment.script("bench_kernel.py");
    script.arg(cltv_released()?).arg(root()).arg(environment.folder().join("share/jupyter/kernels/cltv"));
    if stock {
        script.arg(stock_kernel()?);
    }
    let (text, passed) = printed(&mut script)?;
    if stock {
        REPORT.keep("Cells", &text)?;
    }
    ensure!(passed, "a bound was missed; the last lines above say which");
    Ok(())
}

/// evcxr_jupyter as anybody installs it, kept in the cache.
fn stock_kernel() -> Result<PathBuf> {
    let folder = cache()?.join("evcxr-stock");
    let program = folder.join("bin/evcxr_jupyter");
    if !program.is_file() {
        let mut install = cargo();
        install.args(["install", "evcxr_jupyter", "--version", EVCXR, "--locked", "--root"]).arg(&folder);
        // Its lock file is the one ours began from: what our kernel has compiled is not compiled again.
        run(install.env("CARGO_TARGET_DIR", cache()?.join("build")))?;
    }
    Ok(program)
}
