//! When is what was built stale? When anything that went into it has changed.

use super::build::{HELPER_PROFILE, HELPER_RUSTFLAGS};
use super::error::KernelError;
use super::toolchain::Toolchain;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The crates that notebooks load; the same that the facade depends on.
pub(super) const HELPER_CRATES: [&str; 8] = [
    "cltv-models",
    "cltv-purchases",
    "cltv-plots",
    "cltv-accounts",
    "cltv-report",
    "cltv-workflow",
    "cltv-notebook",
    "cltv",
];

/// Changes when the form of what is published changes.
const FORM: &str = "3";

pub(super) fn of_helper(sources: &Path, toolchain: &Toolchain) -> Result<String, KernelError> {
    let mut roots: Vec<PathBuf> = HELPER_CRATES.iter().map(|c| sources.join("crates").join(c)).collect();
    roots.push(sources.join("data"));
    let settings = format!("{FORM} {HELPER_PROFILE} {HELPER_RUSTFLAGS}");
    of(sources, &roots, toolchain, &settings)
}

pub(super) fn of_kernel(sources: &Path, toolchain: &Toolchain) -> Result<String, KernelError> {
    of(sources, &[sources.join("crates/cltv-kernel")], toolchain, FORM)
}

fn of(
    sources: &Path,
    roots: &[PathBuf],
    toolchain: &Toolchain,
    settings: &str,
) -> Result<String, KernelError> {
    let mut files = vec![sources.join("Cargo.toml"), sources.join("Cargo.lock")];
    for root in roots {
        collect(root, &mut files)?;
    }
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
        if path.is_dir() {
            if !PASSED_OVER.contains(&name) {
                collect(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain(version: &str) -> Toolchain {
        Toolchain { cargo: "c".into(), rustc: "r".into(), version: version.into(), host: "h".into() }
    }

    #[test]
    fn sources_lock_file_and_compiler_count_and_tests_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |name: &str, text: &str| {
            let file = root.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        };
        write("Cargo.toml", "");
        write("Cargo.lock", "1");
        write("crates/cltv-kernel/src/main.rs", "fn main() {}");
        let print = |version: &str| of_kernel(root, &toolchain(version)).unwrap();
        let first = print("1");
        assert_eq!(first, print("1"));
        assert_ne!(first, print("2"));
        write("crates/cltv-kernel/tests/a.rs", "x");
        assert_eq!(first, print("1"));
        write("Cargo.lock", "2");
        assert_ne!(first, print("1"));
        write("Cargo.lock", "1");
        write("crates/cltv-kernel/src/main.rs", "fn main() { }");
        assert_ne!(first, print("1"));
    }
}
