//! Folders that only this user can read.

use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The mode of a private folder.
pub(crate) const FOLDER: u32 = 0o700;

/// What others may write is in these.
const OTHERS_WRITE: u32 = 0o022;

/// Makes a private folder, or makes one of this user's private.
///
/// # Errors
/// When there is a folder or link of that name that is not this user's.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    cltv_protocol::private::folder(path)?;
    // The superuser could make another user's folder private.
    if is_own_folder(path) { Ok(()) } else { Err(Error::from(ErrorKind::PermissionDenied)) }
}

/// Whether a folder, and no link to one, belongs to this user.
pub(crate) fn is_own_folder(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|data| data.is_dir() && data.uid() == own_id())
}

/// Whether nobody but this user can have written what is in a folder.
pub(crate) fn is_own_alone(path: &Path) -> bool {
    is_own_folder(path) && std::fs::metadata(path).is_ok_and(|data| data.mode() & OTHERS_WRITE == 0)
}

/// Whether others than the owner of a file or folder can write it. A group that is the owner's own, as
/// many systems make them, is no other.
pub(crate) fn others_can_write(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|data| {
        let mode = data.mode();
        mode & 0o002 != 0 || (mode & 0o020 != 0 && (data.uid() != own_id() || data.gid() != own_group()))
    })
}

fn own_group() -> u32 {
    // SAFETY: returns a number.
    unsafe { libc::getegid() }
}

/// The number of the user that the kernel runs as.
pub(crate) fn own_id() -> u32 {
    // SAFETY: returns a number.
    unsafe { libc::geteuid() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn others_are_all_but_the_owner_and_the_own_group() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let with = |mode: u32| {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            others_can_write(file.path())
        };
        assert!(with(0o646) && with(0o666) && !with(0o664) && !with(0o644));
        if own_id() == 0 {
            std::os::unix::fs::chown(file.path(), Some(65534), Some(65534)).unwrap();
            assert!(with(0o664) && !with(0o644));
        }
    }

    #[test]
    fn a_folder_is_made_private_and_what_is_none_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let path = |name: &str| parent.path().join(name);
        let mode = |name: &str| path(name).metadata().unwrap().mode() & 0o777;
        make_folder(&path("new")).unwrap();
        std::fs::create_dir(path("open")).unwrap();
        std::fs::set_permissions(path("open"), std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!is_own_alone(&path("open")));
        make_folder(&path("open")).unwrap();
        assert_eq!((mode("new"), mode("open")), (0o700, 0o700));
        assert!(is_own_alone(&path("open")));
        std::os::unix::fs::symlink(path("new"), path("link")).unwrap();
        std::fs::write(path("file"), "").unwrap();
        assert!(make_folder(&path("link")).is_err() && make_folder(&path("file")).is_err());
    }
}
