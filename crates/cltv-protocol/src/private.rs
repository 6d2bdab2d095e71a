//! Files and folders that only their owner can read, whatever the umask.
//!
//! A file made by [`std::fs::write`] has the permissions that the umask leaves. Keys, logs, stages and
//! compiled code must not depend on it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes a new folder that only its owner can enter. Its parent must be there.
///
/// # Errors
/// As [`fs::create_dir`]; a folder that is there already is an error.
pub fn new_folder(path: &Path) -> io::Result<()> {
    #[allow(unused_mut, reason = "the mode exists on Unix only")]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    set_mode(path, 0o700)
}

/// Makes a folder with its parents unless it is there, and lets only its owner enter it.
///
/// # Errors
/// When it cannot be made, is no folder but a link or a file, or belongs to another user.
pub fn folder(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    match new_folder(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    if !fs::symlink_metadata(path)?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    set_mode(path, 0o700)
}

/// Makes a new file that only its owner can read and write.
///
/// # Errors
/// As [`File::create_new`]; a file or link that is there already is an error.
pub fn new_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).append(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    set_mode(path, 0o600)?;
    Ok(file)
}

/// Writes a new file that only its owner can read.
///
/// # Errors
/// As [`new_file`], and when writing fails.
pub fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    new_file(path)?.write_all(contents)
}

/// Who may write a file or folder, by its permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writers {
    /// Its owner alone.
    Owner,
    /// Its owner and a group, which often is the owner's own.
    Group,
    /// Everybody.
    Everybody,
}

/// Who may write a file or folder; a link is not followed.
///
/// # Errors
/// As [`fs::symlink_metadata`].
pub fn writers(path: &Path) -> io::Result<Writers> {
    let mode = mode(&fs::symlink_metadata(path)?);
    Ok(match (mode & 0o002, mode & 0o020) {
        (0, 0) => Writers::Owner,
        (0, _) => Writers::Group,
        _ => Writers::Everybody,
    })
}

/// Lets only its owner write a file or folder, and nothing below it.
///
/// # Errors
/// When it belongs to another user.
pub fn close(path: &Path) -> io::Result<()> {
    let mode = mode(&fs::symlink_metadata(path)?);
    if mode & 0o022 == 0 { Ok(()) } else { set_mode(path, mode & 0o7755) }
}

/// The first of a path and everything below it that others than its owner may write; links are not
/// followed.
///
/// # Errors
/// When a folder cannot be read.
pub fn writable_by_others(path: &Path) -> io::Result<Option<PathBuf>> {
    let kind = fs::symlink_metadata(path)?;
    if kind.is_symlink() {
        return Ok(None);
    }
    if mode(&kind) & 0o022 != 0 {
        return Ok(Some(path.to_path_buf()));
    }
    if kind.is_dir() {
        let entries = match fs::read_dir(path) {
            // Who may not read a folder may not write in it either; it is another user's own.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(None),
            entries => entries?,
        };
        for entry in entries {
            if let Some(found) = writable_by_others(&entry?.path())? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// Lets only its owner write a path and everything below it; others keep the right to read. Links are
/// not followed.
///
/// # Errors
/// When a folder cannot be read, or something in it belongs to another user.
pub fn only_owner_writes(path: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(path)?;
    if kind.is_symlink() {
        return Ok(());
    }
    close(path)?;
    if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            only_owner_writes(&entry?.path())?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn mode(data: &fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&data.permissions())
}

#[cfg(not(unix))]
fn mode(_data: &fs::Metadata) -> u32 {
    0
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn mode_of(path: &Path) -> u32 {
        mode(&fs::symlink_metadata(path).unwrap()) & 0o777
    }

    #[test]
    fn what_is_private_is_its_owners() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("a/b");
        folder(&deep).unwrap();
        assert_eq!(mode_of(&deep), 0o700);
        let key = deep.join("key");
        write_new(&key, b"secret").unwrap();
        assert_eq!((mode_of(&key), fs::read(&key).unwrap()), (0o600, b"secret".to_vec()));
        assert!(write_new(&key, b"again").is_err(), "a file that is there is not written into");
        set_mode(&deep, 0o777).unwrap();
        folder(&deep).unwrap();
        assert_eq!(mode_of(&deep), 0o700);
        assert!(new_folder(&deep).is_err());
    }

    #[test]
    fn a_link_is_no_private_folder_or_file() {
        let place = tempfile::tempdir().unwrap();
        let (elsewhere, link) = (place.path().join("elsewhere"), place.path().join("link"));
        fs::create_dir(&elsewhere).unwrap();
        set_mode(&elsewhere, 0o755).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &link).unwrap();
        assert!(folder(&link).is_err());
        assert_eq!(mode_of(&elsewhere), 0o755);
        let dangling = place.path().join("dangling");
        std::os::unix::fs::symlink(place.path().join("new"), &dangling).unwrap();
        assert!(new_file(&dangling).is_err() && !place.path().join("new").exists());
    }

    #[test]
    fn what_others_may_write_is_found_and_closed() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("deps");
        fs::create_dir(&deep).unwrap();
        set_mode(&deep, 0o755).unwrap();
        let library = deep.join("lib.so");
        fs::write(&library, "").unwrap();
        set_mode(&library, 0o666).unwrap();
        assert_eq!(writable_by_others(place.path()).unwrap(), Some(library.clone()));
        let of = |mode: u32| {
            set_mode(&library, mode).unwrap();
            writers(&library).unwrap()
        };
        assert_eq!([of(0o644), of(0o664), of(0o666)], [Writers::Owner, Writers::Group, Writers::Everybody]);
        only_owner_writes(place.path()).unwrap();
        assert_eq!(writable_by_others(place.path()).unwrap(), None);
        assert_eq!((mode_of(&library), mode_of(&deep)), (0o644, 0o755));
    }
}
