//! What a build was made from, as a hash: when the hash is another, the build is stale.

use super::build::{HELPER_PROFILE, HELPER_RUSTFLAGS};
use super::error::KernelError;
use super::toolchain::Toolchain;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Changes when the form of what is published changes.
const FORM: &str = "6";

pub(super) fn of_helper(sources: &Path, toolchain: &Toolchain) -> Result<String, KernelError> {
    let mut files = files_of(&crate_folders(sources, "cltv")?)?;
    files.extend(included(&sources.join("data"), &files)?);
    let settings = format!("{FORM} {HELPER_PROFILE} {HELPER_RUSTFLAGS}");
    of(sources, files, toolchain, &settings)
}

pub(super) fn of_kernel(sources: &Path, toolchain: &Toolchain) -> Result<String, KernelError> {
    // The second replaces crates of a registry: no manifest but the workspace's own names it.
    let folders =
        [crate_folders(sources, "cltv-kernel")?, crate_folders(sources, "evcxr-analysis")?].concat();
    of(sources, files_of(&folders)?, toolchain, FORM)
}

fn files_of(roots: &[PathBuf]) -> Result<Vec<PathBuf>, KernelError> {
    let mut files = Vec::new();
    for root in roots {
        collect(root, &mut files)?;
    }
    Ok(files)
}

/// The files of a folder that the sources name, as in `include_str!("../../../data/a.csv")`. Others there
/// are the user's.
fn included(folder: &Path, sources: &[PathBuf]) -> Result<Vec<PathBuf>, KernelError> {
    let mut data = Vec::new();
    collect(folder, &mut data)?;
    let mut found = BTreeSet::new();
    for source in sources.iter().filter(|file| file.extension().is_some_and(|e| e == "rs")) {
        let text = std::fs::read(source).map_err(KernelError::file("Reading", source))?;
        let text = String::from_utf8_lossy(&text);
        let is_named = |file: &&PathBuf| {
            let name = file.strip_prefix(folder).unwrap_or(file).to_string_lossy();
            text.contains(&format!("/data/{name}\""))
        };
        found.extend(data.iter().filter(is_named).cloned());
    }
    Ok(found.into_iter().collect())
}

/// The folders of a crate and of those crates of the workspace that it depends on, by their manifests.
fn crate_folders(sources: &Path, name: &str) -> Result<Vec<PathBuf>, KernelError> {
    let crates = sources.join("crates");
    let (mut found, mut queue) = (BTreeSet::new(), vec![name.to_owned()]);
    while let Some(name) = queue.pop() {
        let folder = crates.join(&name);
        if folder.is_dir() && found.insert(folder.clone()) {
            queue.extend(dependencies(&folder.join("Cargo.toml"))?);
        }
    }
    Ok(found.into_iter().collect())
}

/// The names of a manifest's dependencies, not those of its tests.
fn dependencies(manifest: &Path) -> Result<Vec<String>, KernelError> {
    let text = std::fs::read_to_string(manifest).map_err(KernelError::file("Reading", manifest))?;
    let table: toml::Table =
        text.parse().map_err(|error| KernelError::file("Reading", manifest)(std::io::Error::other(error)))?;
    let names =
        table.get("dependencies").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::keys);
    Ok(names.cloned().collect())
}

fn of(
    sources: &Path,
    mut files: Vec<PathBuf>,
    toolchain: &Toolchain,
    settings: &str,
) -> Result<String, KernelError> {
    files.extend(["Cargo.toml", "Cargo.lock"].map(|file| sources.join(file)));
    files.sort();
    let mut hash = Sha256::new();
    hash.update(settings);
    hash.update(&toolchain.version);
    hash.update(toolchain.rustc.to_string_lossy().as_bytes());
    for file in files {
        let content = std::fs::read(&file).map_err(KernelError::file("Reading", &file))?;
        let name = file.strip_prefix(sources).unwrap_or(&file);
        hash.update(name.to_string_lossy().as_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    Ok(hash.finalize().iter().take(10).map(|byte| format!("{byte:02x}")).collect())
}

/// Tests, examples and benches are not part of what notebooks load.
const PASSED_OVER: [&str; 4] = ["tests", "examples", "benches", "target"];

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), KernelError> {
    for entry in std::fs::read_dir(folder).map_err(KernelError::file("Reading", folder))? {
        let path = entry.map_err(KernelError::file("Reading", folder))?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if is_an_editors(name) {
            continue;
        }
        if path.is_dir() {
            if !PASSED_OVER.contains(&name) {
                collect(&path, files)?;
            }
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a name is that of a hidden, swap, lock or backup file, as editors leave them beside the file
/// that is open.
pub(super) fn is_an_editors(name: &str) -> bool {
    let endings = ["~", ".swp", ".swo", ".orig", ".rej", ".bak", ".tmp"];
    name.starts_with(['.', '#']) || endings.iter().any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(version: &str) -> Toolchain {
        Toolchain { cargo: "c".into(), rustc: "r".into(), version: version.into(), host: "h".into() }
    }

    fn write(root: &Path, name: &str, text: &str) {
        let file = root.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    #[test]
    fn sources_lock_file_and_compiler_count_and_tests_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |name: &str, text: &str| write(root, name, text);
        write("Cargo.toml", "");
        write("Cargo.lock", "1");
        write(
            "crates/cltv-kernel/Cargo.toml",
            "[dependencies]\ncltv-protocol.workspace = true\nserde = \"1\"\n",
        );
        write("crates/cltv-kernel/src/main.rs", "fn main() {}");
        write("crates/cltv-protocol/Cargo.toml", "[dependencies]\nserde = \"1\"\n");
        write("crates/cltv-protocol/src/lib.rs", "");
        write("crates/cltv-other/src/lib.rs", "");
        let print = |version: &str| of_kernel(root, &toolchain(version)).unwrap();
        let first = print("1");
        assert_eq!(first, print("1"));
        assert_ne!(first, print("2"));
        write("crates/cltv-kernel/tests/a.rs", "x");
        assert_eq!(first, print("1"));
        write("crates/cltv-other/src/lib.rs", "x");
        assert_eq!(first, print("1"), "the kernel does not depend on it");
        write("crates/cltv-protocol/src/lib.rs", "x");
        assert_ne!(first, print("1"));
        write("crates/cltv-protocol/src/lib.rs", "");
        write("Cargo.lock", "2");
        assert_ne!(first, print("1"));
        write("Cargo.lock", "1");
        for name in [".main.rs.swp", "main.rs~", "#main.rs#", "main.rs.orig", ".hidden/main.rs"] {
            write(&format!("crates/cltv-kernel/src/{name}"), "x");
        }
        #[cfg(unix)]
        for link in [".#main.rs", "dangling"] {
            std::os::unix::fs::symlink("user@host.1", root.join("crates/cltv-kernel/src").join(link))
                .unwrap();
        }
        assert_eq!(first, print("1"), "what an editor leaves is no source");
        write("crates/cltv-kernel/src/main.rs", "fn main() { }");
        assert_ne!(first, print("1"));
    }

    #[test]
    fn of_the_data_only_what_the_sources_include_counts() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |name: &str, text: &str| write(root, name, text);
        write("Cargo.toml", "");
        write("Cargo.lock", "1");
        write("crates/cltv/Cargo.toml", "");
        write("crates/cltv/src/lib.rs", "include_str!(\"../../../data/a.csv\");");
        write("data/a.csv", "1");
        let first = of_helper(root, &toolchain("1")).unwrap();
        write("data/sales.csv", "mine");
        write("data/.a.csv.swp", "x");
        assert_eq!(first, of_helper(root, &toolchain("1")).unwrap());
        write("data/a.csv", "2");
        assert_ne!(first, of_helper(root, &toolchain("1")).unwrap());
    }
}
