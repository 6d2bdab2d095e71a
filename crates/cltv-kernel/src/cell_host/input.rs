//! Standard input of cells. It is empty, as for the programs that cells start, but code of a cell that
//! reads it waits for what the client sends.
//!
//! A reader does not say that it reads. Rust's standard library reads by the C library's function `read`,
//! in whose place the system's loader finds the one of this program: it asks the kernel for a line when
//! standard input is read, and does what the C library's does in all other cases.

use super::running;
use crate::evcxr_folders;
use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::OnceLock;

/// The pipe with what clients send, in the process that runs cells.
static INPUT: OnceLock<File> = OnceLock::new();

/// How long a reader waits before it looks again whether its cell was interrupted.
const STEP_MS: libc::c_int = 20;

/// Opens the pipe; where there is none, standard input stays empty.
pub(super) fn open() {
    // Also for writing: the end of one answer is not the end of all.
    let mut options = File::options();
    options.read(true).write(true).custom_flags(libc::O_NONBLOCK);
    let opened = evcxr_folders::input().ok().and_then(|path| options.open(path).ok());
    if let Some(input) = opened {
        INPUT.get_or_init(|| input);
    }
}

/// Drops what an earlier cell was sent and has not read.
pub(super) fn discard() {
    if let Some(mut input) = INPUT.get() {
        // It ends with an error: there is no more to read for now.
        let _ = input.read_to_end(&mut Vec::new());
    }
}

/// What a client sends for the running cell; the end of the input if the cell was interrupted. None
/// outside of the process that runs cells.
fn asked_for(into: *mut libc::c_void, most: usize) -> Option<isize> {
    let input = INPUT.get()?;
    let mut has_asked = false;
    loop {
        // SAFETY: the caller's memory, as long as it says.
        let length = unsafe { libc::syscall(libc::SYS_read, input.as_raw_fd(), into, most) };
        if length >= 0 {
            return isize::try_from(length).ok();
        }
        has_asked = has_asked || running::ask_for_input();
        if !has_asked || !running::goes_on() {
            return Some(0);
        }
        let mut polled = libc::pollfd { fd: input.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: the record outlives the call.
        unsafe { libc::poll(&mut polled, 1, STEP_MS) };
    }
}

/// The C library's function, but for standard input in the process that runs cells.
#[cfg(target_os = "linux")]
#[unsafe(no_mangle)]
extern "C" fn read(file: libc::c_int, into: *mut libc::c_void, most: usize) -> isize {
    let is_asked_for = file == libc::STDIN_FILENO && most > 0;
    if let Some(length) = is_asked_for.then(|| asked_for(into, most)).flatten() {
        return length;
    }
    // SAFETY: the call that the caller has made.
    unsafe { libc::syscall(libc::SYS_read, file, into, most) as isize }
}
