//! How fast fits and predictions are, beside the peers on the same files in the same run.

use crate::python::Environment;
use crate::run::{cache, cargo, root, run, target};
use anyhow::Result;
use std::path::PathBuf;

/// What lifetimes 0.11.3 was made for.
const LIFETIMES: [&str; 4] = ["lifetimes==0.11.3", "numpy==1.26.4", "pandas==2.1.4", "scipy==1.11.4"];
const PYMC: [&str; 1] = ["pymc-marketing==1.3.0"];
/// pymc-marketing 1.3 asks for this or a newer one.
const PYMC_PYTHON: &str = "python3.12";

/// Prints times, ratios and peak memory, and fails when a ratio that the project has set itself is missed.
pub(crate) fn bench(pymc: bool) -> Result<()> {
    let environment = Environment::with("bench-models-env", &LIFETIMES)?;
    let mut script = environment.script("bench_models.py");
    script.arg(program()?).arg(cache()?.join("bench-models"));
    script.arg(root().join("crates/cltv-models/tests/golden/cdnow_customers_summary_with_transactions.csv"));
    if pymc {
        let peer = Environment::of(PYMC_PYTHON, "bench-pymc-env", &PYMC)?;
        script.arg(peer.folder().join("bin/python"));
    }
    run(&mut script)
}

/// The example of cltv-models that times itself, built.
fn program() -> Result<PathBuf> {
    let example = ["--package", "cltv-models", "--example", "bench_fits"];
    run(cargo().args(["build", "--release", "--locked", "--quiet"]).args(example))?;
    Ok(target().join("release/examples/bench_fits"))
}
