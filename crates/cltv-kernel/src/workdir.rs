//! The kernel's private working folder: made at start, removed at the end,
//! swept by a later kernel when its owner died.

use crate::{private, surroundings};
use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const PREFIX: &str = "cltv-kernel-";
/// The file in the folder that its kernel holds a lock on. A process number says less: in another
/// container with the same temporary folder it is another process or none.
const LOCK: &str = "lock";
/// The age from which a folder without such a file is no longer being made or removed.
const LONGEST_MAKING: Duration = Duration::from_secs(3600);

/// A folder only this user can read, removed when dropped.
#[derive(Debug)]
pub(crate) struct WorkDir {
    folder: tempfile::TempDir,
    /// Held as long as the folder is needed.
    _lock: File,
}

impl WorkDir {
    /// Makes the folder and removes those of kernels that are no longer alive.
    pub(crate) fn create() -> Result<WorkDir> {
        let parent = parent_folder()?;
        if let Some(fault) = surroundings::fault_of_temporary_folder(&parent) {
            bail!(fault);
        }
        sweep(&parent);
        let folder = tempfile::Builder::new()
            .prefix(&format!("{PREFIX}{}-", std::process::id()))
            .permissions(Permissions::from_mode(private::FOLDER))
            .tempdir_in(&parent)
            .with_context(|| format!("cannot make a working folder in {}", parent.display()))?;
        let lock = lock(folder.path())
            .with_context(|| format!("cannot lock the working folder {}", folder.path().display()))?;
        Ok(WorkDir { folder, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes the folder now, for exits that run no destructors; whether it is gone.
    pub(crate) fn remove(&self) -> bool {
        let _ = std::fs::remove_dir_all(self.path());
        !self.path().exists()
    }
}

/// The temporary folder, from the root: cells may change the current folder.
fn parent_folder() -> Result<PathBuf> {
    std::path::absolute(std::env::temp_dir()).context("the folder that the kernel was started in is gone")
}

/// Locks a folder of ours. The file gets its name when it is locked: no sweep sees it before.
fn lock(folder: &Path) -> std::io::Result<File> {
    let unlocked = folder.join("unlocked");
    let file = File::create(&unlocked)?;
    file.lock()?;
    std::fs::rename(unlocked, folder.join(LOCK))?;
    Ok(file)
}

fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_kernels = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        // What another user has put there is not even looked at: it may be anything.
        if is_kernels && private::is_own_folder(&entry.path()) && is_abandoned(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether no kernel needs a folder any more, wherever that kernel runs.
fn is_abandoned(folder: &Path) -> bool {
    // A pipe of that name would keep a reader waiting.
    let lock = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW)
        .open(folder.join(LOCK));
    match lock {
        Ok(file) => file.metadata().is_ok_and(|data| data.is_file()) && file.try_lock().is_ok(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let age = folder.metadata().and_then(|data| data.modified()).ok().and_then(|t| t.elapsed().ok());
            age.is_some_and(|age| age > LONGEST_MAKING)
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_dead_kernels_are_swept_and_others_kept() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        for name in ["cltv-kernel-1-dead", "cltv-kernel-2-alive", "cltv-kernel-3-new", "cltv-kernel-4-old"] {
            std::fs::create_dir(path(name)).unwrap();
        }
        std::fs::create_dir(path("something")).unwrap();
        drop(lock(&path("cltv-kernel-1-dead")).unwrap());
        let _held = lock(&path("cltv-kernel-2-alive")).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * LONGEST_MAKING;
        File::open(path("cltv-kernel-4-old")).unwrap().set_modified(long_ago).unwrap();
        sweep(parent.path());
        let left = |name: &str| path(name).exists();
        assert!(!left("cltv-kernel-1-dead") && !left("cltv-kernel-4-old"));
        assert!(left("cltv-kernel-2-alive") && left("cltv-kernel-3-new") && left("something"));
    }

    /// A pipe that nobody writes to.
    fn make_pipe(path: &Path) {
        let path = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: the path is a text that ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o666) }, 0);
    }

    #[test]
    fn a_lock_that_is_a_pipe_or_a_link_is_no_lock() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        for name in ["cltv-kernel-1-pipe", "cltv-kernel-2-link"] {
            std::fs::create_dir(path(name)).unwrap();
        }
        make_pipe(&path("cltv-kernel-1-pipe/lock"));
        std::os::unix::fs::symlink("/dev/null", path("cltv-kernel-2-link/lock")).unwrap();
        std::os::unix::fs::symlink("/", path("cltv-kernel-3-linked")).unwrap();
        std::fs::write(path("cltv-kernel-4-file"), "").unwrap();
        sweep(parent.path());
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_folder_is_locked_until_it_is_removed() {
        let folder = WorkDir::create().unwrap();
        assert!(!is_abandoned(folder.path()));
        assert!(folder.remove() && !folder.path().exists());
    }
}
