//! Forecasts of every model at past origins, scored by the library and, on the same files, by `scripts/score.py`.

use crate::python::Environment;
use crate::reports::Report;
use crate::run::{cargo, printed, root, run, target};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

const REPORT: Report = Report {
    file: "crates/cltv-models/FORECASTS.md",
    introduction: "# Forecasts of cltv-models at past origins\n\nWritten by `cargo xtask bench-forecasts FOLDER`. Each model is fitted on what was known at the origin, and its forecast of the following weeks is scored by what happened; figures are defined in `crates/xtask/scripts/score.py`, which scores the same forecasts to the same 9 digits. \"recalibrated\" is the forecast after a map of its distribution that earlier origins gave, whose holdouts end at or before the origin; where there is no such line, recalibration was refused.\n",
};
/// What the command compares: relative, and absolute for figures below 1.
const SAME: f64 = 1e-9;
/// Packages of score.py.
const PACKAGES: [&str; 1] = ["numpy==1.26.4"];
/// What `--help` shows below the options.
pub(crate) const EXAMPLES: &str = "Examples:
  cargo xtask bench-forecasts                 # CDNOW
  cargo xtask bench-forecasts ../forecasts    # and every csv file of a folder; the report is kept";

/// Scores CDNOW and the csv files of a folder, and compares the scores with those of the script.
pub(crate) fn bench(folder: Option<&Path>) -> Result<()> {
    let build = ["build", "--profile", "helper", "--locked", "--quiet", "--package", "cltv-models"];
    run(cargo().args(build).args(["--example", "bench_forecasts"]))?;
    let mut files: Vec<PathBuf> =
        ["CDNOW_sample.txt", "CDNOW_master.txt"].map(|name| root().join("data").join(name)).into();
    if let Some(folder) = folder {
        let entries = folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))?;
        let mut own: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        own.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
        own.sort();
        ensure!(!own.is_empty(), "{} has no csv file of purchases", folder.display());
        files.extend(own);
    }
    let forecasts = tempfile::tempdir()?;
    let mut program = Command::new(target().join("helper/examples/bench_forecasts"));
    let (text, passed) = printed(program.args(&files).arg("--forecasts").arg(forecasts.path()))?;
    ensure!(passed, "bench_forecasts failed; its message is above");
    if folder.is_some() {
        REPORT.keep("Figures", &text)?;
    }
    let compared = compare(forecasts.path(), &files)?;
    println!("{compared} forecasts have the figures of score.py to {SAME:e}.");
    Ok(())
}

/// Scores each forecast with the script; how many were compared.
fn compare(forecasts: &Path, files: &[PathBuf]) -> Result<usize> {
    let environment = Environment::with("bench-forecasts-env", &PACKAGES)?;
    let mut compared = 0;
    for entry in forecasts.read_dir()? {
        let path = entry?.path();
        if path.extension() != Some(OsStr::new("json")) {
            continue;
        }
        let own: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let text =
            |name: &str| own[name].as_str().with_context(|| format!("no {name} in {}", path.display()));
        let written = forecasts.join(format!("{}.transactions.csv", text("set")?));
        let of_set = |file: &&PathBuf| {
            file.file_stem().is_some_and(|stem| Some(stem) == text("set").ok().map(OsStr::new))
        };
        let purchases = match written.is_file() {
            true => written,
            false => files.iter().find(of_set).context("a forecast of no file")?.clone(),
        };
        let mut script = environment.script("score.py");
        script.arg(purchases).arg(path.with_extension("csv"));
        script.args(["--after", text("after")?, "--until", text("until")?, "--json"]);
        let output = script.output().context("python was not found")?;
        ensure!(output.status.success(), "score.py: {}", String::from_utf8_lossy(&output.stderr));
        let theirs: Value = serde_json::from_slice(&output.stdout)?;
        for (name, own) in own["figures"].as_object().context("no figures")? {
            let (own, theirs) = (own.as_f64().unwrap_or(f64::NAN), theirs[name].as_f64().unwrap_or(f64::NAN));
            let same =
                (own - theirs).abs() <= SAME * theirs.abs().max(1.0) || (own.is_nan() && theirs.is_nan());
            ensure!(same, "{}: {name} is {own}, by score.py {theirs}", path.display());
        }
        compared += 1;
    }
    Ok(compared)
}
