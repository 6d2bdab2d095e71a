//! The checks of a change.

use crate::run::{cargo, run};
use crate::testing::{in_cache, test};
use crate::{index, notebooks, structure, supply};
use anyhow::Result;

/// Everything CI checks, the fastest first.
pub(crate) fn verify() -> Result<()> {
    structure::check()?;
    supply::check()?;
    run(cargo().args(["fmt", "--all", "--check"]))?;
    notebooks::check()?;
    test(&[])?;
    packages()?;
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--locked"]);
    clippy.args(["--features", "cltv-cli/workflow-tests", "--", "-D", "warnings"]);
    run(in_cache(&mut clippy, "check")?)?;
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
    run(in_cache(&mut doc, "check")?)?;
    index::make(true)
}

/// Makes the packages that programs of others may use, and compiles each as it would be after an upload.
fn packages() -> Result<()> {
    let mut package = cargo();
    package.args(["package", "--locked", "--allow-dirty", "--quiet"]);
    package.args(["--package", "cltv-protocol", "--package", "cltv-models"]);
    run(in_cache(&mut package, "test")?)
}
