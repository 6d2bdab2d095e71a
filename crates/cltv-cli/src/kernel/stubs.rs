//! Packages that stand for the helper where cargo builds other crates of a cell; the kernel has an empty
//! source compiled in the place of theirs.
//!
//! They name copies of the helper's own sources, with which the index of names for completion comes.

use super::error::KernelError;
use super::fingerprint;
use super::toolchain::Toolchain;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Writes a stub package for each crate under `folder/stubs`, sources of ours copied to `folder/src`.
pub(super) fn write(sources: &Path, toolchain: &Toolchain, folder: &Path) -> Result<(), KernelError> {
    let metadata = metadata(sources, toolchain)?;
    let graph = Graph::read(&metadata)?;
    for package in graph.wanted.values() {
        let name = package.name();
        let copy = folder.join("src").join(name);
        copy_sources(&sources.join("crates").join(name).join("src"), &copy)?;
        write_manifest(folder, name, &graph.manifest(package))?;
    }
    Ok(())
}

fn write_manifest(folder: &Path, name: &str, text: &str) -> Result<(), KernelError> {
    let stub = folder.join("stubs").join(name);
    std::fs::create_dir_all(&stub).map_err(KernelError::file("Making", &stub))?;
    let file = stub.join("Cargo.toml");
    std::fs::write(&file, text).map_err(KernelError::file("Writing", &file))
}

fn metadata(sources: &Path, toolchain: &Toolchain) -> Result<Value, KernelError> {
    let failed = |reason: String| KernelError::Metadata { reason };
    let output = Command::new(&toolchain.cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &toolchain.host])
        .current_dir(sources)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| failed(error.to_string()))
}

struct Package<'a> {
    package: &'a Value,
    node: &'a Value,
}

impl Package<'_> {
    fn name(&self) -> &str {
        self.package["name"].as_str().unwrap_or_default()
    }

    /// cargo names a source of every package but those of the workspace.
    fn is_of_the_workspace(&self) -> bool {
        self.package["source"].is_null()
    }

    fn target(&self) -> &Value {
        let kinds = ["lib", "rlib", "dylib"];
        let is_library = |t: &&Value| {
            t["kind"].as_array().is_some_and(|k| k.iter().any(|k| kinds.contains(&k.as_str().unwrap_or(""))))
        };
        self.package["targets"].as_array().and_then(|t| t.iter().find(is_library)).unwrap_or(&Value::Null)
    }

    fn features(&self) -> Vec<&str> {
        self.node["features"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

struct Graph<'a> {
    wanted: BTreeMap<&'a str, Package<'a>>,
}

impl<'a> Graph<'a> {
    fn read(metadata: &'a Value) -> Result<Graph<'a>, KernelError> {
        let list = |value: &'a Value| value.as_array().into_iter().flatten();
        let packages: BTreeMap<&str, &Value> =
            list(&metadata["packages"]).filter_map(|p| Some((p["id"].as_str()?, p))).collect();
        let nodes: BTreeMap<&str, &Value> =
            list(&metadata["resolve"]["nodes"]).filter_map(|n| Some((n["id"].as_str()?, n))).collect();
        let root = packages.iter().find(|(_, p)| p["name"] == "cltv").map(|(id, _)| *id);
        let root = root.ok_or_else(|| KernelError::Metadata { reason: "it knows no package cltv".into() })?;
        let wanted = reachable(root, &nodes)
            .into_iter()
            .filter_map(|id| Some((id, Package { package: packages.get(id)?, node: nodes.get(id)? })))
            .filter(|(_, p)| p.is_of_the_workspace())
            .collect();
        Ok(Graph { wanted })
    }

    /// A stub's manifest; it names the copied sources from its own place, so that the folder may be moved.
    fn manifest(&self, package: &Package<'_>) -> String {
        let library = format!("../../src/{}/lib.rs", package.name());
        let text = |value: &str| Value::String(value.to_owned()).to_string();
        let mut manifest = format!(
            "[package]\nname = {}\nversion = {}\nedition = {}\nbuild = false\nautobins = false\nautotests = false\nautoexamples = false\nautobenches = false\n\n[lib]\nname = {}\npath = {}\n\n[features]\n",
            text(package.name()),
            text(package.package["version"].as_str().unwrap_or("0.0.0")),
            text(package.package["edition"].as_str().unwrap_or("2021")),
            text(package.target()["name"].as_str().unwrap_or_default()),
            text(&library),
        );
        let features: Vec<&str> = package.features().into_iter().filter(|f| *f != "default").collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            manifest,
            "default = [{}]",
            features.iter().map(|f| text(f)).collect::<Vec<_>>().join(", ")
        );
        for feature in features {
            let _ = writeln!(manifest, "{} = []", text(feature));
        }
        manifest.push_str("\n[dependencies]\n");
        for dependency in package.node["deps"].as_array().into_iter().flatten() {
            let wanted = dependency["pkg"].as_str().and_then(|id| self.wanted.get(id)).map(Package::name);
            let Some(name) = wanted else { continue };
            let _ = writeln!(manifest, "{} = {{ path = {} }}", text(name), text(&format!("../{name}")));
        }
        manifest
    }
}

/// The packages that normal dependencies lead to.
fn reachable<'a>(root: &'a str, nodes: &BTreeMap<&'a str, &'a Value>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::from([root]);
    let mut queue = vec![root];
    while let Some(id) = queue.pop() {
        let dependencies = nodes.get(id).and_then(|n| n["deps"].as_array()).into_iter().flatten();
        for dependency in dependencies {
            let normal =
                dependency["dep_kinds"].as_array().is_some_and(|k| k.iter().any(|k| k["kind"].is_null()));
            if let (true, Some(next)) = (normal, dependency["pkg"].as_str())
                && seen.insert(next)
            {
                queue.push(next);
            }
        }
    }
    seen
}

fn copy_sources(from: &Path, to: &Path) -> Result<(), KernelError> {
    std::fs::create_dir_all(to).map_err(KernelError::file("Making", to))?;
    for entry in std::fs::read_dir(from).map_err(KernelError::file("Reading", from))? {
        let entry = entry.map_err(KernelError::file("Reading", from))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if fingerprint::is_an_editors(&entry.file_name().to_string_lossy()) {
            continue;
        }
        if source.is_dir() {
            copy_sources(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(KernelError::file("Copying", &source))?;
        }
    }
    Ok(())
}
