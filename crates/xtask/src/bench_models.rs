//! How well and how fast models are fitted, kept in the report of the benchmarks.

use crate::python::Environment;
use crate::run::{cache, cargo, printed, root, run, target};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// What lifetimes 0.11.3 was made for.
const LIFETIMES: [&str; 4] = ["lifetimes==0.11.3", "numpy==1.26.4", "pandas==2.1.4", "scipy==1.11.4"];
const PYMC: [&str; 1] = ["pymc-marketing==1.3.0"];
/// pymc-marketing 1.3 asks for this or a newer one.
const PYMC_PYTHON: &str = "python3.12";
/// The report, and what it says before its sections.
const REPORT: &str = "crates/cltv-models/BENCHMARKS.md";
const INTRODUCTION: &str = "# Benchmarks of cltv-models\n\nWritten by `cargo xtask bench-fits` (Fits, Coverage) and `cargo xtask bench-models --pymc` (Speed).\n";

/// Fits of real and simulated data sets, and the coverage of holdout intervals in as many data sets a model.
pub(crate) fn fits(sets: u32) -> Result<()> {
    let program = examples()?.join("bench_runs");
    let of = |arguments: &[&str]| printed(Command::new(&program).args(arguments));
    keep("Fits", &of(&["fits"])?.0)?;
    keep("Coverage", &of(&["coverage", &sets.to_string()])?.0)
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
        keep("Speed", &text)?;
    }
    ensure!(passed, "a goal was missed; the last lines above say which");
    Ok(())
}

/// The folder of cltv-models' examples, built.
fn examples() -> Result<PathBuf> {
    let examples = ["bench_fits", "bench_runs", "nuts"].map(|name| ["--example", name]);
    let build = ["build", "--release", "--locked", "--quiet", "--package", "cltv-models"];
    run(cargo().args(build).args(examples.iter().flatten()))?;
    Ok(target().join("release/examples"))
}

/// Puts a section in the place of the one of the same name in the report.
fn keep(heading: &str, text: &str) -> Result<()> {
    let file = root().join(REPORT);
    let before = std::fs::read_to_string(&file).unwrap_or_else(|_| INTRODUCTION.to_owned());
    std::fs::write(&file, with_section(&before, heading, text))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// A Markdown text in which the section of this heading, or a new last one, holds `text`.
fn with_section(before: &str, heading: &str, text: &str) -> String {
    let section = format!("\n## {heading}\n\n{}\n", text.trim());
    let start = format!("\n## {heading}\n");
    let Some((head, rest)) = before.split_once(&start) else {
        return format!("{}\n{section}", before.trim_end());
    };
    let tail = rest.find("\n## ").map_or("", |next| &rest[next..]);
    format!("{head}{section}{tail}")
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn sections_are_added_and_replaced() {
        let one = with_section("# Report\n", "Fits", "old\n");
        assert_eq!(one, "# Report\n\n## Fits\n\nold\n");
        let two = with_section(&one, "Speed", "fast\n### parts");
        let new = with_section(&two, "Fits", "new");
        assert_eq!(new, "# Report\n\n## Fits\n\nnew\n\n## Speed\n\nfast\n### parts\n");
        assert_eq!(with_section(&new, "Speed", "fast\n### parts"), new);
    }
}
