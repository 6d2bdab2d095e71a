//! The process that runs compiled cells: loads each library that evcxr names and calls its function.
//!
//! evcxr has such a loop of its own. This one says on a line with the session's secret that a cell has
//! ended, so that printed text cannot; its requests come by a descriptor that cells do not read; the path
//! of a library may contain blanks; and it can be asked to end a cell. Cells run on the program's first
//! thread, with the stack that the user's limits give it.

use super::running::{self, Control};
use super::{input, user_environment};
use crate::processes::NOT_DONE;
use anyhow::{Context, Result, bail, ensure};
use cltv_protocol::marks;
use std::ffi::{CStr, CString, c_void};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::{AsRawFd, FromRawFd};
use std::time::{Duration, Instant};

/// The request to run a cell: a library and the name of a function in it.
pub(super) const RUN: &str = "LOAD_AND_RUN ";

/// A cell that takes so long may have freed much memory.
const LONG: Duration = Duration::from_secs(1);

/// Runs cells until there are no more requests.
pub(super) fn run() -> ! {
    let code = match serve() {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("The compiled cell cannot be run: {error:#}");
            NOT_DONE
        }
    };
    std::process::exit(code);
}

fn serve() -> Result<()> {
    user_environment::restore();
    // Before there is another thread: all of them leave the signal to the one that waits for it.
    running::wait_for_interrupts()?;
    let requests = take_requests().context("cannot read the kernel's requests")?;
    input::open();
    let mut store = std::ptr::null_mut();
    for line in requests.lines() {
        let line = line?;
        let asked = line.strip_prefix(RUN).and_then(|rest| rest.rsplit_once(' '));
        let Some((library, function)) = asked else { bail!("the request {line:?} is not known") };
        let started = Instant::now();
        store = run_cell(library, function, store)?;
        marks::tell(marks::COMPLETE);
        if started.elapsed() > LONG {
            give_memory_back();
        }
    }
    Ok(())
}

/// Returns what cells have freed to the system, which the allocator keeps between blocks that are in use: about a tenth of
/// the memory of a report on 100 million purchases.
fn give_memory_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: looks through the allocator's own lists, and locks them.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// The requests, by another descriptor than standard input, which is empty from now on.
fn take_requests() -> std::io::Result<BufReader<File>> {
    let nothing = File::open("/dev/null")?;
    // SAFETY: duplicates a descriptor that is open; programs that cells start do not inherit the copy.
    let copy = unsafe { libc::fcntl(libc::STDIN_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    // SAFETY: replaces standard input, which nothing has read from yet.
    if copy < 0 || unsafe { libc::dup2(nothing.as_raw_fd(), libc::STDIN_FILENO) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made and belongs to nothing else.
    Ok(BufReader::new(unsafe { File::from_raw_fd(copy) }))
}

/// Loads a library and calls its function with the store of variables; gives the store.
fn run_cell(library: &str, function: &str, store: *mut c_void) -> Result<*mut c_void> {
    let (path, name) = (CString::new(library)?, CString::new(function)?);
    running::forget_interrupt();
    input::discard();
    // SAFETY: loads a library that the kernel has compiled. It is never unloaded: its statics and the
    // code of its values are used by later cells.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
    ensure!(!handle.is_null(), "{}", last_error());
    // SAFETY: the handle is of a library that is loaded.
    let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
    ensure!(!address.is_null(), "{}", last_error());
    // SAFETY: the function that evcxr writes into each cell takes and returns the store's address.
    let cell: extern "C" fn(*mut c_void) -> *mut c_void = unsafe { std::mem::transmute(address) };
    // SAFETY: as above.
    let control = unsafe { libc::dlsym(handle, c"cltv_control".as_ptr()) };
    // SAFETY: the function that the kernel writes into each cell.
    let control =
        (!control.is_null()).then(|| unsafe { std::mem::transmute::<*mut c_void, Control>(control) });
    running::begin(control);
    let store = cell(store);
    running::end(control);
    Ok(store)
}

/// What the system's loader said last.
fn last_error() -> String {
    // SAFETY: returns null or a text that is valid until the next call, and is copied at once.
    let text = unsafe { libc::dlerror() };
    match text.is_null() {
        true => "the loader gave no reason".to_owned(),
        // SAFETY: checked above.
        false => unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned(),
    }
}
