//! What evcxr asks of cargo, answered without one: an installation may have none, and asks no network.
//!
//! It asks for the packages of a cell whose only dependency is prebuilt: the cell's own and the stubs.

use crate::helper::Helper;
use anyhow::{Context, Result, bail};
use cltv_protocol::environment;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

/// What cargo would print; none for what only the real one can do, where there is one.
pub(super) fn answer(arguments: &[String], helper: &Helper) -> Result<Option<String>> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let manifest =
        || words.iter().position(|word| *word == "--manifest-path").and_then(|at| words.get(at + 1));
    let says = |word: &str| words.contains(&word);
    Ok(match words.first() {
        Some(&"--version") => Some(helper.manifest.compiler_name().replacen("rustc", "cargo", 1) + "\n"),
        Some(&"metadata") => {
            let path = manifest().map_or_else(|| PathBuf::from("Cargo.toml"), PathBuf::from);
            metadata(&std::path::absolute(path)?, says("--no-deps"), helper)?
        }
        _ => None,
    })
}

/// The description of a package with all that it depends on.
fn metadata(manifest: &Path, alone: bool, helper: &Helper) -> Result<Option<String>> {
    let root = Package::read(manifest)?;
    if let Some(name) =
        root.dependencies.iter().find(|(_, path)| **path != Some(helper.stub())).map(|(name, _)| name)
    {
        return if std::env::var_os(environment::REAL_CARGO).is_some() {
            Ok(None)
        } else {
            bail!(not_prebuilt(name, helper))
        };
    }
    let mut packages = BTreeMap::new();
    let mut queue: Vec<PathBuf> = root.dependencies.values().flatten().cloned().collect();
    while let Some(folder) = queue.pop().filter(|_| !alone) {
        if let Entry::Vacant(place) = packages.entry(folder) {
            let package = Package::read(&place.key().join("Cargo.toml"))?;
            queue.extend(package.dependencies.values().flatten().cloned());
            place.insert(package);
        }
    }
    let (id, folder) = (root.id(), root.folder.clone());
    let nodes: Vec<Value> = packages.values().chain([&root]).map(|package| package.node(&packages)).collect();
    let described: Vec<Value> = packages.values().chain([&root]).map(Package::described).collect();
    let resolve = if alone { Value::Null } else { json!({ "nodes": nodes, "root": id }) };
    let target = folder.join("target");
    let whole = json!({
        "packages": described, "resolve": resolve, "version": 1, "metadata": null,
        "workspace_members": [id], "workspace_default_members": [id],
        "workspace_root": folder, "target_directory": target, "build_directory": target,
    });
    Ok(Some(whole.to_string()))
}

fn not_prebuilt(name: &str, helper: &Helper) -> String {
    let release = helper.manifest.release().unwrap_or("of the installation's version");
    format!(
        "the crate `{name}` is not part of this installation, which has no cargo to compile it; the slim variant of cltv compiles other crates, with Rust {release} and its cargo (`rustup toolchain install {release}`), a C compiler and access to the registry"
    )
}

/// A package as its manifest describes it.
struct Package {
    folder: PathBuf,
    name: String,
    version: String,
    edition: String,
    library: PathBuf,
    kind: Vec<String>,
    /// The folders of the packages that it depends on, by their names; none for one of a registry.
    dependencies: BTreeMap<String, Option<PathBuf>>,
}

impl Package {
    fn read(manifest: &Path) -> Result<Package> {
        let text = std::fs::read_to_string(manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        let table: toml::Table =
            text.parse().with_context(|| format!("{} is no manifest", manifest.display()))?;
        let folder = manifest.parent().unwrap_or(Path::new("/")).to_path_buf();
        let of = |section: &str, key: &str| table.get(section).and_then(|section| section.get(key));
        let text = |section: &str, key: &str| of(section, key).and_then(toml::Value::as_str);
        let kinds = of("lib", "crate-type").and_then(toml::Value::as_array).into_iter().flatten();
        let mut kind: Vec<String> = kinds.filter_map(toml::Value::as_str).map(str::to_owned).collect();
        if kind.is_empty() {
            kind.push("lib".to_owned());
        }
        let path_of = |dependency: &toml::Value| {
            let path = dependency.get("path").and_then(toml::Value::as_str)?;
            Some(cltv_protocol::workspace::normalised(&folder.join(path)))
        };
        let dependencies = table.get("dependencies").and_then(toml::Value::as_table).into_iter().flatten();
        Ok(Package {
            name: text("package", "name").context("a package without a name")?.to_owned(),
            version: text("package", "version").unwrap_or("0.0.0").to_owned(),
            edition: text("package", "edition").unwrap_or("2024").to_owned(),
            library: cltv_protocol::workspace::normalised(
                &folder.join(text("lib", "path").unwrap_or("src/lib.rs")),
            ),
            kind,
            dependencies: dependencies.map(|(name, value)| (name.clone(), path_of(value))).collect(),
            folder,
        })
    }

    /// The name of its library in Rust.
    fn crate_name(&self) -> String {
        self.name.replace('-', "_")
    }

    fn id(&self) -> String {
        format!("path+file://{}#{}@{}", self.folder.display(), self.name, self.version)
    }

    /// Its place in the graph.
    fn node(&self, packages: &BTreeMap<PathBuf, Package>) -> Value {
        let dependencies = self.dependencies.values().flatten().filter_map(|folder| packages.get(folder));
        let dependencies: Vec<&Package> = dependencies.collect();
        let ids: Vec<String> = dependencies.iter().map(|package| package.id()).collect();
        let deps: Vec<Value> = dependencies
            .iter()
            .map(|package| {
                json!({
                    "name": package.crate_name(), "pkg": package.id(),
                    "dep_kinds": [{ "kind": null, "target": null }],
                })
            })
            .collect();
        json!({ "id": self.id(), "dependencies": ids, "deps": deps, "features": [] })
    }

    fn described(&self) -> Value {
        let dependencies: Vec<Value> = self
            .dependencies
            .iter()
            .map(|(name, path)| {
                json!({
                    "name": name, "source": null, "req": "*", "kind": null, "rename": null, "optional": false,
                    "uses_default_features": true, "features": [], "target": null, "registry": null, "path": path,
                })
            })
            .collect();
        let target = json!({
            "kind": self.kind, "crate_types": self.kind, "name": self.crate_name(), "src_path": self.library,
            "edition": self.edition, "doc": true, "doctest": true, "test": true,
        });
        json!({
            "name": self.name, "version": self.version, "id": self.id(), "source": null, "license": null,
            "license_file": null, "description": null, "dependencies": dependencies, "targets": [target],
            "features": {}, "manifest_path": self.folder.join("Cargo.toml"), "metadata": null, "publish": null,
            "authors": [], "categories": [], "keywords": [], "readme": null, "repository": null,
            "homepage": null, "documentation": null, "edition": self.edition, "links": null,
            "default_run": null, "rust_version": null,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cltv_protocol::helper::{CRATE, Compiler, Manifest};

    /// A helper in a folder with a blank and a letter beyond ASCII, and a cell's package with dependencies.
    fn place(dependencies: &str) -> (tempfile::TempDir, Helper, PathBuf) {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("é x");
        for (name, text) in [
            (
                "stubs/cltv",
                "[package]\nname = \"cltv\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\nname = \"cltv\"\npath = \"../../src/cltv/lib.rs\"\n[dependencies]\n\"cltv-models\" = { path = \"../cltv-models\" }\n",
            ),
            (
                "stubs/cltv-models",
                "[package]\nname = \"cltv-models\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
            ),
        ] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
            std::fs::write(folder.join(name).join("Cargo.toml"), text).unwrap();
        }
        let manifest = Manifest {
            crate_name: CRATE.to_owned(),
            library: "deps/libcltv.so".into(),
            dependency_folders: vec![],
            stub: "stubs/cltv".into(),
            store: None,
            compiler: Compiler::Wanted,
            version: "rustc 1.95.0 (x)\nhost: h\nrelease: 1.95.0\n".into(),
        };
        let cell = place.path().join("ctx/Cargo.toml");
        std::fs::create_dir(cell.parent().unwrap()).unwrap();
        let stub = toml::Value::from(folder.join("stubs/cltv").to_str().unwrap());
        let text = "[package]\nname = \"ctx\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[dependencies]\n";
        std::fs::write(&cell, format!("{text}cltv = {{ path = {stub} }}\n{dependencies}")).unwrap();
        let helper = Helper { folder, manifest };
        (place, helper, cell)
    }

    fn asked(words: &[&str], helper: &Helper) -> Result<Option<String>> {
        answer(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), helper)
    }

    #[test]
    fn the_packages_of_a_cell_are_described_with_their_graph() {
        let (_place, helper, cell) = place("");
        let path = cell.to_str().unwrap();
        let text = asked(&["metadata", "--format-version", "1", "--manifest-path", path], &helper);
        let found: Value = serde_json::from_str(&text.unwrap().unwrap()).unwrap();
        let names: Vec<&str> =
            found["packages"].as_array().unwrap().iter().filter_map(|p| p["name"].as_str()).collect();
        assert_eq!(names, ["cltv", "cltv-models", "ctx"]);
        let source = helper.folder.join("src/cltv/lib.rs");
        assert_eq!(found["packages"][0]["targets"][0]["src_path"].as_str(), source.to_str());
        assert_eq!(found["packages"][2]["targets"][0]["kind"][0], "cdylib");
        assert_eq!(found["resolve"]["nodes"][0]["deps"][0]["name"], "cltv_models");
        assert_eq!(found["resolve"]["root"], found["packages"][2]["id"]);
        let alone = asked(&["metadata", "--no-deps", "--manifest-path", path], &helper).unwrap().unwrap();
        let alone: Value = serde_json::from_str(&alone).unwrap();
        assert_eq!((alone["packages"].as_array().unwrap().len(), &alone["resolve"]), (1, &Value::Null));
    }

    #[test]
    fn a_crate_that_is_not_prebuilt_says_what_it_needs() {
        let (_place, helper, cell) = place("serde = \"1\"\n");
        let asked = asked(&["metadata", "--manifest-path", cell.to_str().unwrap()], &helper);
        let message = asked.unwrap_err().to_string();
        assert!(message.contains("`serde` is not part of this installation"), "{message}");
        assert!(message.contains("`rustup toolchain install 1.95.0`"), "{message}");
    }

    #[test]
    fn what_is_asked_of_cargo_itself_is_answered() {
        let (_place, helper, _) = place("");
        assert_eq!(asked(&["--version"], &helper).unwrap().unwrap(), "cargo 1.95.0 (x)\n");
        assert_eq!(asked(&["update"], &helper).unwrap(), None);
    }
}
