//! Checks of the workspace's structure: the table of crates, and imports without cycles.

mod cycles;
mod imports;
mod manifests;
mod modules;

use crate::run::root;
use anyhow::{Result, ensure};
pub(crate) use manifests::House;

/// Checks the table in `crates/README.md` against the manifests, and every crate for import cycles.
///
/// All findings are printed in one error, so that one run shows what is to be done.
pub(crate) fn check() -> Result<()> {
    let house = House::read(&root().join("crates"))?;
    let mut findings = house.compare_with_table()?;
    for name in house.names() {
        findings.extend(cycles::in_crate(&root(), name)?);
    }
    ensure!(findings.is_empty(), "the structure of the workspace:\n{}", findings.join("\n"));
    eprintln!("The table of crates agrees with the manifests, and no modules import each other in a cycle.");
    Ok(())
}
