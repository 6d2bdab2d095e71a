//! Files that are either old or new, never half of each.

mod target;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use cltv_protocol::workspace;
use thiserror::Error;

pub use target::target;

/// A file could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// Reading failed.
    #[error("{} could not be read: {source}.", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The path is an address of another machine or store.
    #[error(
        "{} is not a local path: cltv reads and writes files of this machine only, and `{scheme}:` names another place. Give a local path; a file whose name begins like that is written with ./ in front.",
        path.display()
    )]
    NotLocal {
        /// The path as given.
        path: PathBuf,
        /// What stands before its colon.
        scheme: String,
    },
    /// What is at an output's path is no regular file.
    #[error(
        "{} is {what}, and an output replaces only a regular file: give the path of a file, or a new name; `-` is standard output.",
        path.display()
    )]
    NotAFile {
        /// The path as given.
        path: PathBuf,
        /// What is there.
        what: String,
    },
    /// Two outputs have one path.
    #[error("{} is named for two outputs, and one would replace the other: give each a path of its own.", path.display())]
    Twice {
        /// The path.
        path: PathBuf,
    },
    /// Writing failed.
    #[error("{} could not be written: {source}. Check that its folder exists, that you may write there, and that the disk has room.", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl FileError {
    /// The exit code: a path that cannot be an output is a usage error.
    pub fn code(&self) -> u8 {
        match self {
            FileError::NotLocal { .. } | FileError::NotAFile { .. } | FileError::Twice { .. } => 2,
            FileError::Read { .. } | FileError::Write { .. } => 1,
        }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
        let path = path.to_path_buf();
        move |source| FileError::Write { path, source }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> FileError {
        let path = path.to_path_buf();
        move |source| FileError::Read { path, source }
    }
}

/// Refuses an address such as `s3://bucket/out.ipynb`, for which a folder `s3:` would be made.
///
/// # Errors
/// [`FileError::NotLocal`] names the path and its scheme.
pub fn check_local(path: &Path) -> Result<(), FileError> {
    let scheme = path.to_str().and_then(workspace::scheme).map(str::to_owned);
    scheme.map_or(Ok(()), |scheme| Err(FileError::NotLocal { path: path.to_path_buf(), scheme }))
}

/// Writes a file beside its place and renames it there, so that a reader, or a process that is
/// killed, never sees half of it. Its folder is made when it is missing. Where a link leads to a file,
/// that file is replaced.
///
/// # Errors
/// [`FileError::NotAFile`] for a device, a FIFO or a folder; [`FileError::Write`] when the folder cannot
/// be written or the disk is full.
pub fn write_atomically(path: &Path, contents: &[u8]) -> Result<(), FileError> {
    write_by(path, |file| file.write_all(contents))
}

/// The same for contents that are made while they are written.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_by(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), FileError> {
    let target = target(path)?;
    let mut file = beside(&target)?;
    let mut buffer = BufWriter::with_capacity(1 << 16, &mut file);
    write(&mut buffer).and_then(|()| buffer.flush()).map_err(FileError::write(path))?;
    drop(buffer);
    file.persist(&target).map(|_| ()).map_err(|error| FileError::write(path)(error.error))
}

/// A new, empty file in the place of what is there, to be written as outputs come.
///
/// # Errors
/// As [`write_atomically`].
pub fn replaced(path: &Path) -> Result<File, FileError> {
    let target = target(path)?;
    beside(&target)?.persist(&target).map_err(|error| FileError::write(path)(error.error))
}

/// The folder that a path's file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn beside(path: &Path) -> Result<tempfile::NamedTempFile, FileError> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder).map_err(FileError::write(folder))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".cltv-").suffix(".part");
    // Private by default; an output is for whom the umask says.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder).map_err(FileError::write(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deep/summary.md");
        write_atomically(&path, b"old").expect("written");
        write_atomically(&path, b"new").expect("written again");
        assert_eq!(std::fs::read(&path).expect("readable"), b"new");
        let names = std::fs::read_dir(folder.path().join("deep")).expect("listed");
        assert_eq!(names.count(), 1);
    }
}
