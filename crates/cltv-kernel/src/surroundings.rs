//! What a kernel needs around it: a temporary folder with space and a current folder. Where one is
//! missing, compilers and evcxr fail in ways that name something else.

use crate::evcxr_folders::evcxr_folder;
use std::ffi::CString;
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The bytes below which a compile fails for want of space.
const LEAST_FREE: u64 = 16 << 20;

/// What is wrong with the temporary folder in which a kernel is to make its own; none if nothing is.
pub(crate) fn fault_of_temporary_folder(folder: &Path) -> Option<String> {
    let remedy = "set TMPDIR to a folder that you can write, as in `TMPDIR=/var/tmp`";
    let name = folder.display();
    match std::fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Some(format!("The temporary folder \"{name}\" does not exist; make it, or {remedy}."));
        }
        Err(error) => {
            return Some(format!("The temporary folder \"{name}\" cannot be read: {error}; {remedy}."));
        }
        Ok(data) if !data.is_dir() => {
            return Some(format!("The temporary folder \"{name}\" is a file; {remedy}."));
        }
        Ok(_) => {}
    }
    if let Some(free) = free_bytes(folder).filter(|free| *free < LEAST_FREE) {
        return Some(format!(
            "The disk of the temporary folder \"{name}\" is full: {free} bytes are free, and a cell needs {LEAST_FREE}; free some, or {remedy}."
        ));
    }
    probe(folder)
        .err()
        .map(|error| format!("The temporary folder \"{name}\" cannot be written: {error}; {remedy}."))
}

/// What around this kernel keeps cells from running; none if nothing does.
pub(crate) fn fault() -> Option<String> {
    if let Some(own) = evcxr_folder().ok().as_deref().and_then(Path::parent) {
        if !own.is_dir() {
            return Some(format!(
                "The kernel's working folder \"{}\" is gone, so cells cannot be compiled; restart the kernel, and leave the folders cltv-kernel-* in the temporary folder while one runs.",
                own.display()
            ));
        }
        if let Some(fault) = fault_of_temporary_folder(own) {
            return Some(fault);
        }
    }
    std::env::current_dir().err().map(|error| {
        format!(
            "The folder that the kernel was started in is gone ({error}), so cells cannot run; make it again, or restart the kernel in another folder."
        )
    })
}

/// The bytes that are free for this user on the disk of a folder.
fn free_bytes(folder: &Path) -> Option<u64> {
    let path = CString::new(folder.as_os_str().as_bytes()).ok()?;
    // SAFETY: all zeroes is what an unused record holds.
    let mut record: libc::statvfs = unsafe { std::mem::zeroed() };
    // SAFETY: the path ends with a zero, and the record outlives the call.
    let found = unsafe { libc::statvfs(path.as_ptr(), &mut record) } == 0;
    // Some file systems do not say.
    (found && record.f_blocks > 0).then(|| record.f_bavail.saturating_mul(record.f_frsize))
}

/// Writes a file that has no name.
fn probe(folder: &Path) -> std::io::Result<()> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&[0; 4096])?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_none_is_named_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(fault_of_temporary_folder(folder.path()), None);
        let (file, gone) = (folder.path().join("file"), folder.path().join("gone"));
        std::fs::write(&file, "").unwrap();
        assert!(fault_of_temporary_folder(&file).unwrap().contains("/file\" is a file; set TMPDIR to"));
        let missing = fault_of_temporary_folder(&gone).unwrap();
        assert!(missing.contains("/gone\" does not exist; make it, or set TMPDIR"), "{missing}");
        assert!(fault_of_temporary_folder(Path::new("/proc")).is_some());
    }
}
