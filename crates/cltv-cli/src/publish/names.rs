//! Names in an output folder: which of them a report may write, and which it may remove.

use std::fs;
use std::path::Path;

use super::PublishError;
use super::ledger::{LEDGER, Ledger, NEXT_LEDGER, stays_inside};
use super::lock::LOCK;

/// Refuses files that a report would replace and that are not its own, and links and other things in
/// their places.
///
/// # Errors
/// [`PublishError::Taken`] or [`PublishError::NotOurs`].
pub(super) fn check<'a>(
    folder: &Path,
    names: impl IntoIterator<Item = &'a str>,
    ledger: &Ledger,
) -> Result<(), PublishError> {
    let own = ledger.own();
    let mut foreign = Vec::new();
    for name in names {
        if is_there(folder, name)? && !own.contains(name) {
            foreign.push(name.to_owned());
        }
    }
    match foreign.is_empty() {
        true => Ok(()),
        false => Err(PublishError::NotOurs { folder: folder.to_path_buf(), files: foreign }),
    }
}

/// Whether a regular file has that name.
///
/// # Errors
/// [`PublishError::Taken`] when something else has it, or a folder of it is a link or a file.
pub(super) fn is_there(folder: &Path, name: &str) -> Result<bool, PublishError> {
    let taken = |path: &Path, what| PublishError::Taken { path: path.to_path_buf(), what };
    let mut path = folder.to_path_buf();
    let parts: Vec<_> = Path::new(name).components().collect();
    for (number, part) in parts.iter().enumerate() {
        path.push(part);
        let Ok(found) = fs::symlink_metadata(&path) else { return Ok(false) };
        let is_last = number + 1 == parts.len();
        match (is_last, found.is_dir(), found.is_file()) {
            (false, true, _) => {}
            (true, _, true) => return Ok(true),
            (true, true, _) => return Err(taken(&path, "a folder")),
            (false, _, true) => return Err(taken(&path, "a file")),
            _ if found.is_symlink() => return Err(taken(&path, "a link")),
            _ => return Err(taken(&path, "no regular file")),
        }
    }
    Ok(false)
}

/// Refuses what stands where a run needs its own: the lock, the ledger, and the folders.
pub(super) fn check_own(folder: &Path, folders: &[&str]) -> Result<(), PublishError> {
    for file in [LOCK, LEDGER, NEXT_LEDGER] {
        is_there(folder, file)?;
    }
    for name in folders {
        let inside = format!("{name}/x");
        is_there(folder, &inside)?;
    }
    Ok(())
}

/// Removes a file that the ledger names. A link, or a file behind one, is not what cltv wrote.
pub(super) fn remove(folder: &Path, name: &str) {
    if stays_inside(name) && is_there(folder, name).is_ok_and(|there| there) {
        // Somebody may have removed it meanwhile.
        let _ = fs::remove_file(folder.join(name));
    }
}
