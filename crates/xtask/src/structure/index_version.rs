//! The index of names for completion: whether it was made from the version of polars in the lock file, which
//! can be checked without a build.

use anyhow::{Context, Result};
use std::path::Path;

/// The index of polars, from the checkout's root.
pub(crate) const POLARS_FILE: &str = "crates/cltv/src/index/polars.txt";

/// What is to be done where the index is that of another version.
pub(super) fn finding(root: &Path) -> Result<Option<String>> {
    let text = std::fs::read_to_string(root.join(POLARS_FILE))?;
    let made_from = text.lines().next().unwrap_or_default().trim_start_matches("# polars ");
    let locked = locked_version(root, "polars")?;
    Ok((made_from != locked).then(|| {
        format!(
            "{POLARS_FILE} was made from polars {made_from}, but Cargo.lock has {locked}; `cargo xtask index` writes it"
        )
    }))
}

/// The version of a package in the lock file.
pub(crate) fn locked_version(root: &Path, package: &str) -> Result<String> {
    let lock: toml::Table = std::fs::read_to_string(root.join("Cargo.lock"))?.parse()?;
    let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
    let is_meant = |entry: &&toml::Value| {
        entry.get("name").and_then(toml::Value::as_str).is_some_and(|name| name == package)
    };
    let version = packages.into_iter().find(is_meant).and_then(|entry| entry.get("version"));
    let version = version.and_then(toml::Value::as_str);
    Ok(version.with_context(|| format!("Cargo.lock has no {package}"))?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_of_another_version_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let index = folder.path().join(POLARS_FILE);
        std::fs::create_dir_all(index.parent().unwrap()).unwrap();
        std::fs::write(index, "# polars 1.2.3\nrest\n").unwrap();
        let locked = |version: &str| {
            let text = format!("[[package]]\nname = \"polars\"\nversion = \"{version}\"\n");
            std::fs::write(folder.path().join("Cargo.lock"), text).unwrap();
            finding(folder.path()).unwrap()
        };
        assert_eq!(locked("1.2.3"), None);
        assert!(locked("1.2.4").unwrap().contains("polars 1.2.3, but Cargo.lock has 1.2.4"));
    }
}
