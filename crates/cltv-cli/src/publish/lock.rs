//! One run at a time: the lock file of an output folder.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::PublishError;
use crate::files::FileError;

/// The lock file's name.
pub(super) const LOCK: &str = ".lock";

/// No process has a longer number.
const LONGEST_NUMBER: u64 = 20;

/// Locks a folder for this process, until the file is dropped.
///
/// A lock file holds the number of a process and nothing else. A link, a file with another name beside
/// this one, or a file with other contents is somebody's, and is left as it is.
pub(super) fn lock(folder: &Path) -> Result<File, PublishError> {
    let path = folder.join(LOCK);
    let mut file = open(&path).map_err(|error| match is_link(&path) {
        true => PublishError::Taken { path: path.clone(), what: "a link" },
        false => FileError::write(&path)(error).into(),
    })?;
    let contents = ours(&mut file).map_err(FileError::write(&path))?;
    let Some(contents) = contents else {
        return Err(PublishError::Taken { path, what: "not cltv's" });
    };
    match file.try_lock() {
        Ok(()) => {
            // Only a message reads the number; the lock itself is what counts.
            let _ = file.set_len(0);
            let _ = file.rewind();
            let _ = write!(file, "{}", std::process::id());
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let pid = contents.parse::<u32>().ok().map(|pid| pid.to_string());
            Err(PublishError::Busy { folder: folder.to_path_buf(), pid })
        }
        Err(TryLockError::Error(error)) => Err(FileError::write(&path)(error).into()),
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A FIFO would wait for a writer, a link would lead elsewhere.
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    }
    options.open(path)
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_symlink())
}

/// What a lock file says; nothing when it is no lock file of cltv.
fn ours(file: &mut File) -> std::io::Result<Option<String>> {
    let found = file.metadata()?;
    if !found.is_file() || found.len() > LONGEST_NUMBER || other_names(&found) {
        return Ok(None);
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text.trim_end().bytes().all(|byte| byte.is_ascii_digit()).then_some(text))
}

#[cfg(unix)]
fn other_names(found: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(found) > 1
}

#[cfg(not(unix))]
fn other_names(_found: &std::fs::Metadata) -> bool {
    false
}
