//! The licences of everything that is compiled into what is installed.

use super::{Context, Path, Result, cargo, ensure, fs, root};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The packages whose programs and libraries are installed.
const INSTALLED: [&str; 3] = ["cltv", "cltv-cli", "cltv-kernel"];

/// How names of files with licences begin.
const BEGINNINGS: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// Writes cltv's own licences, and one page with those of all packages.
pub(super) fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        fs::copy(root().join(name), folder.join(name))?;
    }
    let host =
        ["metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
    let output = cargo().args(host).current_dir(root()).output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = packages(&metadata)?;
    let page = page(&packages)?;
    eprintln!("licences of {} packages", packages.len());
    Ok(fs::write(folder.join("THIRD-PARTY.txt"), page)?)
}

/// The packages of others that the installed ones depend on, also while they are compiled: what macros and
/// build scripts generate is compiled in.
fn packages(metadata: &Value) -> Result<Vec<&Value>> {
    let list = |value: &'static str, of: &'_ Value| of[value].as_array().cloned().unwrap_or_default();
    let all = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let by_id: BTreeMap<&str, &Value> = all.iter().filter_map(|p| Some((p["id"].as_str()?, p))).collect();
    let nodes = list("nodes", &metadata["resolve"]);
    let nodes: BTreeMap<&str, &Value> = nodes.iter().filter_map(|n| Some((n["id"].as_str()?, n))).collect();
    let is_root = |package: &&&Value| package["name"].as_str().is_some_and(|name| INSTALLED.contains(&name));
    let mut queue: Vec<String> =
        by_id.values().filter(is_root).filter_map(|p| p["id"].as_str().map(str::to_owned)).collect();
    ensure!(queue.len() == INSTALLED.len(), "cargo metadata lists {} of {INSTALLED:?}", queue.len());
    let mut seen: BTreeSet<String> = queue.iter().cloned().collect();
    while let Some(id) = queue.pop() {
        for dependency in nodes.get(id.as_str()).map(|node| list("deps", node)).unwrap_or_default() {
            let is_compiled_in = list("dep_kinds", &dependency).iter().any(|kind| kind["kind"] != "dev");
            let id = dependency["pkg"].as_str().unwrap_or_default();
            if is_compiled_in && seen.insert(id.to_owned()) {
                queue.push(id.to_owned());
            }
        }
    }
    Ok(by_id
        .into_iter()
        .filter(|(id, p)| seen.contains(*id) && !p["source"].is_null())
        .map(|(_, p)| p)
        .collect())
}

/// The list of packages, and each text once with the packages that have it.
fn page(packages: &[&Value]) -> Result<String> {
    let mut page = String::from("Packages that are compiled into cltv, with their licences\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        let licence = if text("license").is_empty() { "see its text" } else { text("license") };
        writeln!(page, "{name}: {licence}; {}", text("repository"))?;
        let folder = Path::new(text("manifest_path")).parent().context("a package without a folder")?;
        for file in fs::read_dir(folder)?.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
            let lower = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            if BEGINNINGS.iter().any(|begin| lower.starts_with(begin)) {
                let text = String::from_utf8_lossy(&fs::read(&file)?).trim().replace('\r', "");
                texts.entry(text).or_default().push(name.clone());
            }
        }
    }
    for (text, names) in texts {
        let line = "-".repeat(100);
        write!(page, "\n{line}\n{}\n{line}\n{text}\n", names.join(", "))?;
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compiled_in_is_listed_and_tests_are_not() {
        let package = |id: &str, source: Value| serde_json::json!({"id": id, "name": id, "source": source});
        let dependency =
            |id: &str, kind: Value| serde_json::json!({"pkg": id, "dep_kinds": [{"kind": kind}]});
        let metadata = serde_json::json!({
            "packages": [package("cltv", Value::Null), package("cltv-cli", Value::Null),
                package("cltv-kernel", Value::Null), package("used", "r".into()), package("below", "r".into()),
                package("tested", "r".into())],
            "resolve": {"nodes": [
                {"id": "cltv", "deps": [dependency("used", Value::Null), dependency("tested", "dev".into())]},
                {"id": "used", "deps": [dependency("below", "build".into())]},
            ]},
        });
        let names: Vec<&str> =
            packages(&metadata).unwrap().iter().filter_map(|package| package["name"].as_str()).collect();
        assert_eq!(names, ["below", "used"]);
    }
}
