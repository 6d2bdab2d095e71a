//! How well and how fast models are fitted, kept in the report of the benchmarks.

use crate::python::Environment;
use crate::reports::Report;
use crate::run::{cache, cargo, printed, root, run, target};
use anyhow::{Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// What lifetimes 0.11.3 was made for.
const LIFETIMES: [&str; 4] = ["lifetimes==0.11.3", "numpy==1.26.4", "pandas==2.1.4", "scipy==1.11.4"];
const PYMC: [&str; 1] = ["pymc-marketing==1.3.0"];
/// pymc-marketing 1.3 asks for this or a newer one.
const PYMC_PYTHON: &str = "python3.12";
const REPORT: Report = Report {
    file: "crates/cltv-models/BENCHMARKS.md",
    introduction: "# Benchmarks of cltv-models\n\nWritten by `cargo xtask bench-fits` (Fits, Coverage) and `cargo xtask bench-models --pymc` (Speed).\n",
};

/// Fits of real and simulated data sets, and the coverage of holdout intervals in as many data sets a model.
pub(crate) fn fits(sets: u32) -> Result<()> {
    let program = examples()?.join("bench_runs");
    let of = |arguments: &[&str]| printed(Command::new(&program).args(arguments));
    REPORT.keep("Fits", &of(&["fits"])?.0)?;
    REPORT.keep("Coverage", &of(&["coverage", &sets.to_string()])?.0)
}

/// Times, ratios and peak memory beside the peers; fails when a ratio that the project has set itself is missed.
///
/// Only a run of all sizes with both peers is kept in the report.
pub(crate) fn bench(pymc: bool, sizes: Option<&str>) -> Result<()> {
    let environment = Environment::with("bench-models-env", &LIFETIMES)?;
    let mut script = environment.script("bench_models.py");
    script.arg(examples()?).arg(cache()?.join("bench-models"));
    script.arg(root().join("crates/cltv-models/tests/golden/cdnow_customers_summary_with_transactions.csv"));
    if pymc {
        let peer = Environment::of(PYMC_PYTHON, "bench-pymc-env", &PYMC)?;
        script.arg(peer.folder().join("bin/python"));
    }
    script.args(sizes.iter().flat_map(|sizes| ["--sizes", sizes]));
    let (text, passed) = printed(&mut script)?;
    if pymc && sizes.is_none() {
        REPORT.keep("Speed", &text)?;
    }
    ensure!(passed, "a goal was missed; the last lines above say which");
    Ok(())
}

/// The folder of cltv-models' examples, built.
fn examples() -> Result<PathBuf> {
    let examples = ["bench_fits", "bench_runs", "nuts"].map(|name| ["--example", name]);
    let build = ["build", "--profile", "helper", "--locked", "--quiet", "--package", "cltv-models"];
    run(cargo().args(build).args(examples.iter().flatten()))?;
    Ok(target().join("helper/examples"))
}
