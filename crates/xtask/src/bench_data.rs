//! How fast purchases are read, cleaned and summarised, beside other libraries on the same files.

use crate::python::{Environment, cltv_released};
use crate::reports::Report;
use crate::run::{cache, cargo, printed, run};
use crate::testing::{host, in_cache, over_polars, packages, standard_library};
use anyhow::{Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// lifetimes 0.11.3 works with these versions of numpy, pandas and scipy; pyarrow 17 is the last for that numpy.
const PACKAGES: [&str; 7] = [
    "lifetimes==0.11.3",
    "numpy==1.26.4",
    "pandas==2.1.4",
    "scipy==1.11.4",
    "polars==2.1.0",
    "duckdb==2.0.1",
    "pyarrow==17.0.0",
];
const REPORT: Report = Report {
    file: "crates/cltv-purchases/BENCHMARKS.md",
    introduction: "# Benchmarks of cltv-purchases\n\nWritten by `cargo xtask bench-data --all`: simulated purchases, the same files for all programs. Only ratios between programs of one run can be compared with other machines.\n",
};

/// What is timed.
#[derive(Debug, clap::Args)]
pub(crate) struct Timed {
    /// Only so many million purchases, such as 1,5; what is printed is then not kept.
    #[arg(long)]
    sizes: Option<String>,
    /// Time `cltv report` instead: 5 million purchases from csv, 100 million from parquet.
    #[arg(long)]
    report: bool,
    /// Time the summaries and `cltv report`.
    #[arg(long, conflicts_with = "report")]
    all: bool,
}

/// Times, ratios and peak memory; fails when results differ or a bound that the project has set itself is missed.
///
/// A section is kept in the report of the benchmarks when all its sizes ran.
pub(crate) fn bench(timed: &Timed) -> Result<()> {
    let environment = Environment::with("bench-data-env", &PACKAGES)?;
    let script = || -> Result<Command> {
        let mut script = environment.script("bench_data.py");
        script.arg(cache()?.join("bench-data"));
        script.args(timed.sizes.iter().flat_map(|sizes| ["--sizes", sizes]));
        Ok(script)
    };
    let mut passed = true;
    if !timed.report {
        let program = example()?;
        let mut summaries = script()?;
        summaries.arg("--program").arg(program).env("LD_LIBRARY_PATH", standard_library()?);
        passed &= section("From a file to the summary", &mut summaries, timed)?;
    }
    if timed.report || timed.all {
        let mut reports = script()?;
        reports.arg("--report").arg(cltv_released()?);
        passed &= section("The whole report", &mut reports, timed)?;
    }
    ensure!(passed, "results differ or a bound was missed; the lines under \"Missed\" above say which");
    Ok(())
}

fn section(heading: &str, script: &mut Command, timed: &Timed) -> Result<bool> {
    let (text, passed) = printed(script)?;
    if timed.sizes.is_none() {
        REPORT.keep(heading, &text)?;
    }
    Ok(passed)
}

/// The example that is timed, in the profile of the helper, whose polars it shares.
fn example() -> Result<PathBuf> {
    let host = host()?;
    let mut build = cargo();
    build.args(["build", "--locked", "--quiet", "--profile", "helper", "--target", &host]);
    build.args(packages(&over_polars()?)).args(["--example", "bench_summary"]);
    run(in_cache(build.env("RUSTFLAGS", "-Cprefer-dynamic"), "build")?)?;
    Ok(cache()?.join("build").join(host).join("helper/examples/bench_summary"))
}
