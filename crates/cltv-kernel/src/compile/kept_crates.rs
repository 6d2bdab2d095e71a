//! Crates of `:dep` lines are kept compiled from one kernel to the next.
//!
//! Each kernel has a build folder of its own, in which cargo would compile them anew. What cargo made of a
//! set of crates from a registry is copied beside the kept cells, with its lock file and the files' times,
//! by which cargo finds it complete; a kernel that names the same set gets a copy. A crate that is named by a path or
//! a repository may change, and is not kept.

use super::canonical_source::FUNCTION;
use crate::helper::Helper;
use crate::private;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folder beside the cells, and the file in a set that is there when the set is whole.
const FOLDER: &str = "crates";
const COMPLETE: &str = "complete";
/// The lock file, and cargo's build folder, beside the manifest.
const LOCK: &str = "Cargo.lock";
const TARGET: &str = "target";
/// What of a build folder is kept: the crates, what cargo knows of them, and results of build scripts.
const PARTS: [&str; 3] = ["deps", ".fingerprint", "build"];
/// Sets above this number that were not used for longest are removed; the same above these bytes of one.
const MOST_SETS: usize = 8;
const MOST_BYTES: u64 = 512 << 20;

/// A set of crates, and the folder in which it is kept.
pub(super) struct KeptCrates {
    set: PathBuf,
}

impl KeptCrates {
    /// The set of a manifest's dependencies; none if it cannot be kept.
    pub(super) fn of(helper: &Helper, dependencies: &BTreeMap<String, toml::Value>) -> Option<KeptCrates> {
        let cells = helper.cells()?;
        let others = dependencies.iter().filter(|(name, _)| **name != helper.manifest.crate_name);
        let set: BTreeMap<&String, &toml::Value> = others.collect();
        let changes = |value: &&toml::Value| ["path", "git"].iter().any(|key| value.get(key).is_some());
        if set.is_empty() || set.values().any(changes) || private::others_can_write(&cells) {
            return None;
        }
        let mut key = Sha256::new();
        for part in [FUNCTION, &helper.manifest.version, &format!("{set:?}")] {
            key.update(part.as_bytes());
            key.update([0]);
        }
        let name: String = key.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Some(KeptCrates { set: cells.join(FOLDER).join(name) })
    }

    /// What tells the set from others.
    pub(super) fn name(&self) -> String {
        self.set.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Puts the lock file of the set where there is none: without it cargo would ask the registry.
    pub(super) fn lock(&self) {
        if self.is_complete() && !Path::new(LOCK).exists() {
            // Without it all goes on as for a set that was never kept.
            let _ = std::fs::copy(self.set.join(LOCK), LOCK);
        }
    }

    /// Puts the set into the build folder of this kernel; whether it was kept. A kernel that has compiled cells
    /// with other versions keeps those: its variables have their types.
    pub(super) fn restore(&self) -> bool {
        let is_own = private::is_own_alone(&self.set);
        let locked = std::fs::read(LOCK).ok();
        let is_other = locked.is_some() && locked != std::fs::read(self.set.join(LOCK)).ok();
        let restored = self.is_complete()
            && is_own
            && !is_other
            && copy(&self.set.join(TARGET), Path::new(TARGET)).is_ok()
            && std::fs::copy(self.set.join(LOCK), LOCK).is_ok();
        if restored && let Ok(file) = File::options().write(true).open(self.set.join(COMPLETE)) {
            // When it was used last.
            let _ = file.set_modified(SystemTime::now());
        }
        restored
    }

    /// Keeps what cargo has made.
    pub(super) fn keep(&self) -> Result<()> {
        let parent = self.set.parent().context("it has no folder")?;
        private::make_folder(parent)?;
        let new = tempfile::Builder::new().prefix("new-").tempdir_in(parent)?;
        let mut bytes = 0;
        for (folder, build) in builds()? {
            for part in PARTS {
                bytes += copy_some(&build.join(part), &new.path().join(TARGET).join(&folder).join(part))?;
            }
        }
        anyhow::ensure!(bytes <= MOST_BYTES, "it is too large");
        std::fs::copy(LOCK, new.path().join(LOCK))?;
        std::fs::write(new.path().join(COMPLETE), "")?;
        // Another kernel may have kept the same in the meantime.
        if std::fs::rename(new.path(), &self.set).is_ok() {
            let _ = new.keep();
        }
        sweep(parent);
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.set.join(COMPLETE).is_file()
    }
}

/// The build folders, of the target and of programs of the build, with their place below the whole.
fn builds() -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(TARGET)?.flatten() {
        let name = PathBuf::from(entry.file_name());
        for folder in [name.join("debug"), name.clone()] {
            let build = Path::new(TARGET).join(&folder);
            if build.join("deps").is_dir() {
                found.push((folder, build));
            }
        }
    }
    Ok(found)
}

/// Copies a tree with the times of its files.
fn copy(from: &Path, to: &Path) -> Result<u64> {
    copy_wanted(from, to, &|_| true)
}

/// Copies a tree without what belongs to the cell itself.
fn copy_some(from: &Path, to: &Path) -> Result<u64> {
    let is_of_cell =
        |name: &str| name.starts_with("ctx") || name.starts_with("libctx") || name.starts_with("libcode_");
    if from.is_dir() { copy_wanted(from, to, &|name| !is_of_cell(name)) } else { Ok(0) }
}

fn copy_wanted(from: &Path, to: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<u64> {
    std::fs::create_dir_all(to)?;
    let mut bytes = 0;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if !wanted(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let (data, target) = (entry.metadata()?, to.join(entry.file_name()));
        if data.is_dir() {
            bytes += copy_wanted(&entry.path(), &target, wanted)?;
        } else if data.is_file() {
            bytes += std::fs::copy(entry.path(), &target)?;
            File::options().write(true).open(&target)?.set_modified(data.modified()?)?;
        }
    }
    Ok(bytes)
}

/// Removes the sets that were not used for longest.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let time = |path: &Path| path.join(COMPLETE).metadata().and_then(|data| data.modified()).ok();
    let mut sets: Vec<(Option<SystemTime>, PathBuf)> =
        entries.flatten().map(|entry| (time(&entry.path()), entry.path())).collect();
    sets.sort();
    let too_many = sets.len().saturating_sub(MOST_SETS);
    for (_, path) in sets.into_iter().take(too_many) {
        let _ = std::fs::remove_dir_all(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_copied_with_its_times_and_without_the_cells_own_files() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        std::fs::create_dir_all(from.join("ctx-1f")).unwrap();
        std::fs::create_dir_all(from.join("itoa-1f")).unwrap();
        for file in ["libctx-1.so", "libcode_7.so", "libitoa-1f.rlib", "itoa-1f/lib-itoa", "ctx-1f/lib-ctx"] {
            std::fs::write(from.join(file), "abc").unwrap();
        }
        let past = SystemTime::now() - std::time::Duration::from_secs(3600);
        File::options().write(true).open(from.join("libitoa-1f.rlib")).unwrap().set_modified(past).unwrap();
        assert_eq!(copy_some(&from, &to).unwrap(), 6);
        assert_eq!(to.join("libitoa-1f.rlib").metadata().unwrap().modified().unwrap(), past);
        assert!(
            to.join("itoa-1f/lib-itoa").exists()
                && !to.join("ctx-1f").exists()
                && !to.join("libctx-1.so").exists()
        );
        assert_eq!(copy_some(&from.join("nothing"), &to).unwrap(), 0);
    }

    #[test]
    fn the_longest_unused_sets_go_first() {
        let folder = tempfile::tempdir().unwrap();
        for i in 0..MOST_SETS + 2 {
            let set = folder.path().join(format!("set-{i}"));
            std::fs::create_dir(&set).unwrap();
            std::fs::write(set.join(COMPLETE), "").unwrap();
            let used = SystemTime::now() - std::time::Duration::from_secs(100 * i as u64);
            File::options().write(true).open(set.join(COMPLETE)).unwrap().set_modified(used).unwrap();
        }
        sweep(folder.path());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), MOST_SETS);
        assert!(
            folder.path().join("set-0").exists() && !folder.path().join(format!("set-{MOST_SETS}")).exists()
        );
    }
}
