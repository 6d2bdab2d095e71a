//! The kernel's private working folder: made at start, removed at the end,
//! swept by a later kernel when its owner died.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

const PREFIX: &str = "cltv-kernel-";

/// A folder only this user can read, removed when dropped.
#[derive(Debug)]
pub(crate) struct WorkDir {
    folder: tempfile::TempDir,
}

impl WorkDir {
    /// Makes the folder and removes those of kernels that are no longer alive.
    pub(crate) fn create() -> Result<WorkDir> {
        let parent = parent_folder();
        sweep(&parent);
        let folder = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .tempdir_in(&parent)
            .with_context(|| format!("cannot make a working folder in {}", parent.display()))?;
        Ok(WorkDir { folder })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes the folder now, for exits that run no destructors.
    pub(crate) fn remove(self) {
        let _ = self.folder.close();
    }
}

fn parent_folder() -> PathBuf {
    std::env::temp_dir()
}

fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(owner_of);
        if owner.is_some_and(|pid| !is_alive(pid)) {
            // Another user's folder cannot be removed; that is as it should be.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

fn owner_of(folder_name: &str) -> Option<i32> {
    folder_name.strip_prefix(PREFIX)?.split('-').next()?.parse().ok()
}

fn is_alive(pid: i32) -> bool {
    // SAFETY: signal 0 only asks whether the process exists.
    let answer = unsafe { libc::kill(pid, 0) };
    answer == 0 || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_stands_in_the_folder_name() {
        assert_eq!(owner_of("cltv-kernel-4242-aBc"), Some(4242));
        assert_eq!(owner_of("cltv-kernel-x-aBc"), None);
        assert_eq!(owner_of("another"), None);
    }

    #[test]
    fn folders_of_dead_kernels_are_swept_and_others_kept() {
        let parent = tempfile::tempdir().unwrap();
        // Process numbers end far below this one.
        let dead = parent.path().join("cltv-kernel-2147483646-abc");
        let alive = parent.path().join(format!("cltv-kernel-{}-abc", std::process::id()));
        let other = parent.path().join("something");
        for folder in [&dead, &alive, &other] {
            std::fs::create_dir(folder).unwrap();
        }
        sweep(parent.path());
        assert!(!dead.exists() && alive.exists() && other.exists());
    }
}
