//! Whether the temporary folder can be used, asked before a kernel or a compiler needs it.

use std::io::Write;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// What a kernel's connection file and the first lines of its log take.
const ROOM: usize = 1 << 16;

/// The temporary folder cannot be used.
#[derive(Debug, Error)]
#[error(
    "The temporary folder {} cannot be used: {source}. Set TMPDIR to a folder that is there, has room and can be written, as in `TMPDIR=/var/tmp cltv report`.",
    folder.display()
)]
pub struct TemporaryError {
    folder: PathBuf,
    source: std::io::Error,
}

/// Fails unless a small file can be written to the temporary folder.
///
/// # Errors
/// [`TemporaryError`] names the folder and the reason.
pub(super) fn check() -> Result<(), TemporaryError> {
    let folder = std::env::temp_dir();
    write_in(&folder).map_err(|source| TemporaryError { folder, source })
}

fn write_in(folder: &Path) -> std::io::Result<()> {
    // A relative path would mean another folder to a kernel.
    if folder.is_relative() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is a relative path"));
    }
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&[0; ROOM])?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_must_be_there_be_absolute_and_take_files() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert!(write_in(folder.path()).is_ok());
        let blank = folder.path().join("with a blank");
        std::fs::create_dir(&blank).expect("made");
        assert!(write_in(&blank).is_ok());
        std::fs::write(folder.path().join("file"), "").expect("written");
        assert!(
            write_in(&folder.path().join("gone")).is_err() && write_in(&folder.path().join("file")).is_err()
        );
        assert!(write_in(Path::new("relative")).is_err());
    }
}
