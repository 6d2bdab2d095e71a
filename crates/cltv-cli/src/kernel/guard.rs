//! Whether what was built can be trusted: nobody but its owner may write it.

use std::path::{Path, PathBuf};

use cltv_protocol::private::{self, Writers};

use super::Kernel;
use super::error::KernelError;
use super::place::Places;

/// Refuses a cache folder in which others could put a kernel of theirs, before anything is built there.
pub(super) fn check_places(places: &Places) -> Result<(), KernelError> {
    for folder in [places.root(), &places.kernels(), &places.helpers(), &places.installed()] {
        if folder.exists() {
            closed(folder, folder)?;
        }
    }
    Ok(())
}

/// Refuses a kernel or helper that others than its owner may write. It may belong to another user, who
/// installed it for all.
pub(super) fn check(kernel: &Kernel) -> Result<(), KernelError> {
    let program = kernel.program.parent().unwrap_or(&kernel.program);
    for folder in [program, &kernel.helper] {
        while let Some(found) = open_below(folder)? {
            closed(&found, folder)?;
        }
    }
    Ok(())
}

/// Refuses an installation that others than its owner may write.
pub(super) fn check_installation(home: &Path) -> Result<(), KernelError> {
    while let Some(found) = open_below(home)? {
        closed(&found, home)?;
    }
    Ok(())
}

fn open_below(folder: &Path) -> Result<Option<PathBuf>, KernelError> {
    private::writable_by_others(folder).map_err(KernelError::file("Reading", folder))
}

/// Takes the right to write from a group, which often is the user's own; what everybody could write may
/// have been changed already.
fn closed(found: &Path, folder: &Path) -> Result<(), KernelError> {
    let writers = private::writers(found).map_err(KernelError::file("Reading", found))?;
    let is_closed = match writers {
        Writers::Owner => true,
        Writers::Group => private::close(found).is_ok(),
        Writers::Everybody => false,
    };
    if is_closed {
        return Ok(());
    }
    Err(KernelError::WritableByOthers { found: found.to_path_buf(), folder: folder.to_path_buf() })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_helper_that_others_may_write_is_refused_and_a_groups_is_closed() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let (program, helper) = (place.path().join("kernel"), place.path().join("helper"));
        for folder in [&program, &helper] {
            fs::create_dir_all(folder.join("deps")).expect("made");
            fs::write(folder.join("deps/lib.so"), "").expect("written");
            private::only_owner_writes(folder).expect("closed");
        }
        let kernel = Kernel { program: program.join("cltv-kernel"), helper: helper.clone() };
        let library = helper.join("deps/lib.so");
        let with = |mode: u32| {
            fs::set_permissions(&library, Permissions::from_mode(mode)).expect("set");
            check(&kernel)
        };
        assert!(with(0o644).is_ok());
        assert!(with(0o664).is_ok());
        assert_eq!(private::writers(&library).expect("there"), Writers::Owner);
        let message = with(0o666).unwrap_err().to_string();
        assert!(message.contains("lib.so may be written by other users"), "{message}");
    }
}
