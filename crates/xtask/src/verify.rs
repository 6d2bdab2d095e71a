//! The checks of a change.

use crate::notebooks;
use crate::run::{cache, cargo, run};
use anyhow::{Context, Result};
use std::process::Command;

/// Crates that build in seconds to a minute; tested in the dev profile.
const LIGHT: [&str; 6] = ["cltv-models", "cltv-plots", "cltv-accounts", "cltv-report", "cltv-cli", "xtask"];
/// Crates over polars; tested in the helper's profile, so that polars is compiled once.
pub(crate) const OVER_POLARS: [&str; 2] = ["cltv-purchases", "cltv"];

/// Everything CI checks.
pub(crate) fn verify() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    notebooks::check()?;
    test()?;
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--locked"]);
    clippy.args(["--features", "cltv-cli/workflow-tests", "--", "-D", "warnings"]);
    run(in_cache(&mut clippy, "check")?)?;
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
    run(in_cache(&mut doc, "check")?)
}

/// All tests.
pub(crate) fn test() -> Result<()> {
    let mut light = cargo();
    light.arg("test").arg("--locked").args(packages(&LIGHT));
    run(in_cache(&mut light, "test")?)?;

    let mut kernel = cargo();
    kernel.args(["test", "--locked", "--release"]).args(packages(&["cltv-kernel"]));
    run(in_cache(&mut kernel, "build")?)?;

    let mut polars = cargo();
    polars
        .args(["test", "--locked", "--profile", "helper", "--target", &host()?])
        .args(packages(&OVER_POLARS));
    polars.env("RUSTFLAGS", "-Cprefer-dynamic");
    run(in_cache(&mut polars, "build")?)?;

    // What users run: the whole workflow through the kernel, with every kind of bad input.
    let mut workflow = cargo();
    workflow.args(["test", "--locked", "--features", "workflow-tests", "--test", "workflow"]);
    workflow.args(packages(&["cltv-cli"]));
    workflow.args(["--", "--test-threads=2"]);
    run(in_cache(&mut workflow, "test")?)
}

pub(crate) fn packages(names: &[&str]) -> Vec<String> {
    names.iter().flat_map(|name| ["--package".to_owned(), (*name).to_owned()]).collect()
}

/// Keeps build output outside the checkout, where later runs reuse it.
pub(crate) fn in_cache<'a>(command: &'a mut Command, folder: &str) -> Result<&'a mut Command> {
    Ok(command.env("CARGO_TARGET_DIR", cache()?.join(folder)))
}

pub(crate) fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("rustc was not found on the path")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not name its host")?.to_owned())
}
