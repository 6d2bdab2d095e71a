//! The crates of the workspace by their manifests, and by the table in `crates/README.md`.

use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The title of the table's column with the crates of this workspace that a crate depends on.
const COLUMN: &str = "depends on";

/// Crates, each with those of the workspace that it depends on.
type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// The crates of the workspace.
pub(crate) struct House {
    folder: PathBuf,
    /// All normal dependencies of each crate.
    all: Dependencies,
}

impl House {
    /// Reads the manifests in a folder of crates.
    pub(crate) fn read(folder: &Path) -> Result<House> {
        let mut all = BTreeMap::new();
        for entry in std::fs::read_dir(folder)? {
            let manifest = entry?.path().join("Cargo.toml");
            if manifest.is_file() {
                let text = std::fs::read_to_string(&manifest)?;
                let (name, dependencies) =
                    crate_of(&text).with_context(|| format!("{} is no manifest", manifest.display()))?;
                all.insert(name, dependencies);
            }
        }
        Ok(House { folder: folder.to_path_buf(), all })
    }

    /// The names of the crates.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// The crates that depend on a package, directly or through others of the workspace.
    pub(crate) fn with_dependency(&self, package: &str) -> BTreeSet<&str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        loop {
            let uses = |name: &String| name == package || found.contains(name.as_str());
            let more = self.all.iter().filter(|(_, dependencies)| dependencies.iter().any(uses));
            let more: BTreeSet<&str> = more.map(|(name, _)| name.as_str()).collect();
            if more == found {
                return found;
            }
            found = more;
        }
    }

    /// A crate and those of the workspace that it depends on, directly or through others.
    pub(crate) fn below(&self, name: &str) -> BTreeSet<String> {
        let within = self.within();
        let mut found = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        while let Some(name) = open.pop() {
            if found.insert(name.clone()) {
                open.extend(within.get(&name).into_iter().flatten().cloned());
            }
        }
        found
    }

    /// The dependencies of each crate on others of the workspace.
    fn within(&self) -> Dependencies {
        let inside = |names: &BTreeSet<String>| -> BTreeSet<String> {
            names.iter().filter(|name| self.all.contains_key(*name)).cloned().collect()
        };
        self.all.iter().map(|(name, dependencies)| (name.clone(), inside(dependencies))).collect()
    }

    /// What the table in the folder's README says differently, a sentence each.
    pub(crate) fn compare_with_table(&self) -> Result<Vec<String>> {
        let text = std::fs::read_to_string(self.folder.join("README.md"))?;
        Ok(differences(&self.within(), &table(&text)?))
    }
}

/// A manifest's name and the names of its normal dependencies.
fn crate_of(text: &str) -> Result<(String, BTreeSet<String>)> {
    let table: toml::Table = text.parse()?;
    let name = table.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    let name = name.context("it names no package")?.to_owned();
    let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
    Ok((name, dependencies.into_iter().flat_map(|table| table.keys().cloned()).collect()))
}

/// The crates of a Markdown table whose first column links each and one of whose columns is [`COLUMN`].
fn table(text: &str) -> Result<Dependencies> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = text.lines().skip_while(|line| !cells(line).iter().any(|cell| cell == COLUMN));
    let head = cells(lines.next().with_context(|| {
        format!("crates/README.md has no table with a column `{COLUMN}`, which names the crates that a crate depends on")
    })?);
    let column = head.iter().position(|cell| cell == COLUMN).unwrap_or_default();
    let mut rows = BTreeMap::new();
    for line in lines.skip(1).take_while(|line| line.trim_start().starts_with('|')) {
        let cells = cells(line);
        let name = cells[0].trim_start_matches('[').split(']').next().unwrap_or_default().to_owned();
        let Some(dependencies) = cells.get(column) else {
            bail!("crates/README.md: the row of {name} has fewer cells than the head");
        };
        let names = dependencies.split(',').map(|name| name.trim().trim_matches('`').to_owned());
        rows.insert(name, names.filter(|name| !name.is_empty() && name != "none").collect());
    }
    Ok(rows)
}

fn differences(manifests: &Dependencies, table: &Dependencies) -> Vec<String> {
    let mut found = Vec::new();
    for (name, dependencies) in manifests {
        let Some(stated) = table.get(name) else {
            found.push(format!("crates/README.md has no row for {name}: add one"));
            continue;
        };
        for extra in dependencies.difference(stated) {
            found.push(format!(
                "crates/README.md does not let {name} depend on {extra}, but its Cargo.toml does: remove the dependency, or add it to the row of {name}"
            ));
        }
        for extra in stated.difference(dependencies) {
            found.push(format!(
                "crates/README.md says that {name} depends on {extra}, but its Cargo.toml does not: correct the row of {name}"
            ));
        }
    }
    let gone = table.keys().filter(|name| !manifests.contains_key(*name));
    found.extend(
        gone.map(|name| format!("crates/README.md has a row for {name}, which is no crate: remove it")),
    );
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house(crates: &[(&str, &[&str])]) -> (tempfile::TempDir, House) {
        let folder = tempfile::tempdir().unwrap();
        for (name, dependencies) in crates {
            let lines: String =
                dependencies.iter().map(|name| format!("{name}.workspace = true\n")).collect();
            let text = format!(
                "[package]\nname = \"{name}\"\n[dependencies]\n{lines}[dev-dependencies]\nx.workspace = true\n"
            );
            std::fs::create_dir_all(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("Cargo.toml"), text).unwrap();
        }
        let house = House::read(folder.path()).unwrap();
        (folder, house)
    }

    #[test]
    fn the_table_must_name_every_crate_and_what_it_depends_on() {
        let (folder, house) = house(&[("a", &["serde"]), ("b", &["a", "polars"]), ("c", &["b"]), ("x", &[])]);
        let table = |rows: &str| {
            let text =
                format!("# Crates\n\n| crate | depends on | what |\n|---|---|---|\n{rows}\ntext | a\n");
            std::fs::write(folder.path().join("README.md"), text).unwrap();
            house.compare_with_table().unwrap()
        };
        let right = "| [a](a) | none | A |\n| [b](b) | `a` | B |\n| [c](c) | b | C |\n| x | none | X |\n";
        assert_eq!(table(right), Vec::<String>::new());
        let wrong = "| [a](a) | b | A |\n| [b](b) | none | B |\n| [d](d) | none | D |\n| x | none | X |\n";
        let found = table(wrong);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].contains("says that a depends on b"), "{found:#?}");
        assert!(found[1].contains("does not let b depend on a"), "{found:#?}");
        assert!(found[2].contains("no row for c") && found[3].contains("row for d"), "{found:#?}");
        std::fs::write(folder.path().join("README.md"), "| crate |\n").unwrap();
        assert!(house.compare_with_table().unwrap_err().to_string().contains("`depends on`"));
    }

    #[test]
    fn dependencies_are_followed() {
        let (_folder, house) =
            house(&[("a", &["serde"]), ("b", &["polars"]), ("c", &["b"]), ("d", &["c", "a"])]);
        assert_eq!(house.with_dependency("polars").into_iter().collect::<Vec<_>>(), ["b", "c", "d"]);
        assert!(house.with_dependency("nothing").is_empty());
    }
}
