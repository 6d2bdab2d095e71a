//! The form of compiled cells that the kernel keeps in the helper's folder.
//!
//! A kept file ends with a line that has the length and a checksum of what stands before it. A file
//! that was cut, or changed on the disk, is known by it, dropped by the kernel and compiled again.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};

/// The folder of kept cells in the helper's folder.
pub const FOLDER: &str = "cells";
/// The extension of what the compiler said of a cell.
pub const SAID: &str = "said";
/// The extension of a cell's library.
pub const LIBRARY: &str = "so";

/// What the line at the end begins with, after a newline.
const SEAL: &str = "\ncltv kept ";
/// The bytes of that line: its beginning, two numbers of 16 digits, a blank and a newline.
const SEAL_LENGTH: usize = SEAL.len() + 2 * 16 + 2;

/// FNV-1a of 64 bits, for bytes that were changed by accident: who can write the folder can write a
/// checksum too.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn seal(bytes: &[u8]) -> String {
    format!("{SEAL}{:016x} {:016x}\n", bytes.len(), checksum(bytes))
}

/// Writes a file so that it has its name only when all of it is on the disk.
///
/// # Errors
/// When the folder cannot be written or the disk is full; nothing has the name then.
pub fn write(path: &Path, bytes: &[u8], temporary: &Path) -> Result<()> {
    let mut file = File::create_new(temporary)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| file.write_all(seal(bytes).as_bytes()))
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::rename(temporary, path));
    if written.is_err() {
        // The error that is reported is the first.
        let _ = std::fs::remove_file(temporary);
    }
    written
}

/// What a file was written with.
///
/// # Errors
/// [`ErrorKind::InvalidData`] when it is not what was written; else what reading it gives.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let damaged = || Error::from(ErrorKind::InvalidData);
    let end = bytes.len().checked_sub(SEAL_LENGTH).ok_or_else(damaged)?;
    if bytes[end..] != *seal(&bytes[..end]).as_bytes() {
        return Err(damaged());
    }
    bytes.truncate(end);
    Ok(bytes)
}

/// What a folder of kept cells contains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many files are as they were written.
    pub whole: usize,
    /// The files that are not, and those that cannot be read.
    pub damaged: Vec<PathBuf>,
}

/// Reads every kept cell of a helper's folder; there may be none.
///
/// # Errors
/// When the folder is there and cannot be listed.
pub fn check(helper: &Path) -> Result<Contents> {
    let mut contents = Contents::default();
    let entries = match std::fs::read_dir(helper.join(FOLDER)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(contents),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let is_kept = path.extension().is_some_and(|extension| extension == SAID || extension == LIBRARY);
        match is_kept.then(|| read(&path)) {
            Some(Ok(_)) => contents.whole += 1,
            // Another kernel has dropped it meanwhile.
            Some(Err(error)) if error.kind() == ErrorKind::NotFound => {}
            Some(Err(_)) => contents.damaged.push(path),
            None => {}
        }
    }
    contents.damaged.sort();
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_what_was_changed_is_not() {
        let helper = tempfile::tempdir().unwrap();
        std::fs::create_dir(helper.path().join(FOLDER)).unwrap();
        let path = |name: &str| helper.path().join(FOLDER).join(name);
        let file = path("a.so");
        for bytes in [&b"a library"[..], b"", &[0; 100_000]] {
            write(&file, bytes, &path("new")).unwrap();
            assert_eq!(read(&file).unwrap(), bytes);
            assert!(!path("new").exists());
            let whole = std::fs::read(&file).unwrap();
            let flipped: Vec<u8> =
                whole.iter().enumerate().map(|(i, b)| if i == 3 { b ^ 1 } else { *b }).collect();
            for damaged in
                [&whole[..whole.len() - 1], &whole[1..], &flipped, b"", &[&whole[..], b"x"].concat()]
            {
                std::fs::write(&file, damaged).unwrap();
                assert_eq!(read(&file).unwrap_err().kind(), ErrorKind::InvalidData);
            }
        }
        write(&path("b.said"), b"0\n", &path("new")).unwrap();
        std::fs::write(path("else"), "").unwrap();
        assert_eq!(check(helper.path()).unwrap(), Contents { whole: 1, damaged: vec![file] });
        assert_eq!(check(&helper.path().join("nowhere")).unwrap(), Contents::default());
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("taken")).unwrap();
        assert!(write(&path("taken"), b"x", &path("new")).is_err());
        assert!(!path("new").exists());
    }

    #[test]
    fn the_checksum_is_fnv_1a() {
        // Of the reference by Fowler, Noll and Vo, test vectors for 64 bits.
        assert_eq!(checksum(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(checksum(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(checksum(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
