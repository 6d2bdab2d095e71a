//! Checks of the workspace's structure: the table of crates, and imports without cycles.

mod cycles;
mod imports;
mod index_version;
mod manifests;
mod modules;
mod promises;
mod unsafe_code;

use crate::run::root;
use anyhow::{Result, ensure};
pub(crate) use index_version::{POLARS_FILE, locked_version};
pub(crate) use manifests::House;

/// Checks the table in `crates/README.md` against the manifests, the list of `unsafe` code against the
/// sources, the promises against the tests, and every crate for import cycles.
///
/// All findings are printed in one error, so that one run shows what is to be done.
pub(crate) fn check() -> Result<()> {
    let house = House::read(&root().join("crates"))?;
    let mut findings = house.compare_with_table()?;
    findings.extend(unsafe_code::compare(&root())?);
    findings.extend(index_version::finding(&root())?);
    findings.extend(promises::check(&root())?);
    for name in house.names() {
        findings.extend(cycles::in_crate(&root(), name)?);
    }
    ensure!(findings.is_empty(), "the structure of the workspace:\n{}", findings.join("\n"));
    eprintln!(
        "The table of crates agrees with the manifests, the list of unsafe code with the sources, each promise has its test, the index of polars is that of its version, and no modules import each other in a cycle."
    );
    Ok(())
}
