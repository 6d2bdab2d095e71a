//! Installs what was made where nothing else is, and runs it.

use super::{Files, Path, Result, Variant, ensure, fs, root, run};
use anyhow::Context;
use std::process::Command;

/// Runs the script with the archives that are in a folder.
pub(super) fn check(out: &Path) -> Result<()> {
    let (slim, full) = (found(out, Variant::Slim)?, found(out, Variant::Full)?);
    let mut script = Command::new("bash");
    script.arg(root().join("crates/xtask/scripts/check_dist.sh"));
    script.env("SLIM_TARBALL", &slim.tarball).env("SLIM_WHEEL", &slim.wheel);
    script.env("FULL_TARBALL", &full.tarball).env("FULL_WHEEL", &full.wheel);
    run(script.env("CHECKOUT", root()))
}

fn found(out: &Path, variant: Variant) -> Result<Files> {
    // The tarball's name has no tag.
    let tarball = super::names(out, variant, "").tarball;
    ensure!(tarball.is_file(), "{} is not there; `cargo xtask dist` makes it", tarball.display());
    let folder = out.join(variant.name());
    let wheels = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let wheel =
        wheels.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == "whl"));
    Ok(Files { tarball, wheel: wheel.with_context(|| format!("{} has no wheel", folder.display()))? })
}
