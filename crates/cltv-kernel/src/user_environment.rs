//! What cells and commands for a shell have of the user's, and the kernel itself has not: the umask and the
//! temporary folder.
//!
//! What the kernel and its compilers write is for this user alone, whatever the umask, and lies in the
//! kernel's working folder, so that nothing of it is left in the user's temporary folder.

use cltv_protocol::environment::{USER_TMPDIR, USER_UMASK};
use std::ffi::OsString;
use std::path::Path;

/// The umask under which only this user can read what is written.
const PRIVATE: libc::mode_t = 0o077;

/// The kernel's umask becomes a private one; the user's is kept for cells.
pub(crate) fn make_private() {
    // SAFETY: changes only the calling process.
    let umask = unsafe { libc::umask(PRIVATE) };
    // A kernel that was started from a cell of another has that kernel's variable.
    // SAFETY: called from main before any thread is started.
    unsafe { std::env::set_var(USER_UMASK, format!("{umask:o}")) };
}

/// The temporary folder of this process and of compilers becomes this one; the user's is kept for cells.
///
/// # Safety
/// No other thread may read or write the environment.
pub(crate) unsafe fn move_temporary_folder(to: &Path) {
    // SAFETY: by the caller's promise.
    unsafe {
        match std::env::var_os("TMPDIR") {
            Some(folder) => std::env::set_var(USER_TMPDIR, folder),
            None => std::env::remove_var(USER_TMPDIR),
        }
        std::env::set_var("TMPDIR", to);
    }
}

/// Gives this process the user's umask and temporary folder. Must be called before any thread is started.
pub(crate) fn restore() {
    if let Some(umask) = user_umask() {
        // SAFETY: changes only the calling process.
        unsafe { libc::umask(umask) };
    }
    // SAFETY: by the requirement above.
    unsafe {
        match user_temporary_folder() {
            Some(folder) => std::env::set_var("TMPDIR", folder),
            None => std::env::remove_var("TMPDIR"),
        }
        std::env::remove_var(USER_TMPDIR);
        std::env::remove_var(USER_UMASK);
    }
}

fn user_umask() -> Option<libc::mode_t> {
    libc::mode_t::from_str_radix(std::env::var(USER_UMASK).ok()?.as_str(), 8).ok()
}

fn user_temporary_folder() -> Option<OsString> {
    std::env::var_os(USER_TMPDIR)
}

/// What goes before a command for a shell, so that it has the user's umask and temporary folder.
pub(crate) fn shell_prefix() -> String {
    let umask = user_umask().map(|umask| format!("umask {umask:04o}; ")).unwrap_or_default();
    let folder = match user_temporary_folder() {
        Some(folder) => format!("export TMPDIR={}; ", quoted(&folder.to_string_lossy())),
        None => "unset TMPDIR; ".to_owned(),
    };
    umask + &folder
}

/// A text as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_one_word_whatever_its_name() {
        assert_eq!(quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
