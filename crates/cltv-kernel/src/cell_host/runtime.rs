//! The process that runs compiled cells: loads each library that evcxr names and calls its function.
//!
//! evcxr has such a loop of its own. This one says on a line with the session's secret that a cell has
//! ended, so that printed text cannot; its requests come by a descriptor that cells do not read; the path
//! of a library may contain blanks; and it can be asked to end a cell. Cells run on the program's first
//! thread, with the stack that the user's limits give it.

use super::{input, user_environment};
use crate::failure::NOT_DONE;
use anyhow::{Context, Result, bail, ensure};
use cltv_protocol::marks;
use std::ffi::{CStr, CString, c_void};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The request to run a cell: a library and the name of a function in it.
pub(super) const RUN: &str = "LOAD_AND_RUN ";

/// The signal by which the kernel asks for the end of a cell.
pub(crate) const INTERRUPT: libc::c_int = libc::SIGUSR1;

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
    wait_for_interrupts()?;
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

/// The function of a cell by which the runtime speaks to the module of marks of the cell's library.
type Control = extern "C" fn(u32);

/// What [`Control`] is called with, as the kernel writes it into cells (`compile/marked.rs`).
const BEGIN: u32 = 0;
const ASK_TO_END: u32 = 1;
const END: u32 = 2;
const ASK_FOR_INPUT: u32 = 3;

/// The running cell.
static RUNNING: Mutex<Option<Control>> = Mutex::new(None);
/// Whether the running cell is to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

fn set_running(control: Option<Control>) {
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = control;
}

/// Says something to the running cell; false if none runs.
fn say(what: u32) -> bool {
    let control = *RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    control.inspect(|control| control(what)).is_some()
}

/// Whether a cell runs and was not interrupted.
pub(super) fn goes_on() -> bool {
    let is_running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner).is_some();
    is_running && !INTERRUPTED.load(Ordering::SeqCst)
}

/// Tells the kernel that the running cell waits for input, behind all that it has printed; false if no
/// cell runs.
pub(super) fn ask_for_input() -> bool {
    say(ASK_FOR_INPUT)
}

/// Passes on each signal that asks for the end of a cell.
fn wait_for_interrupts() -> Result<()> {
    // SAFETY: all zeroes is an unused set of signals, which the calls fill in; programs that cells start
    // begin without a blocked signal.
    let set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, INTERRUPT);
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
        set
    };
    let wait = move || {
        let mut signal = 0;
        // SAFETY: waits for the signals of a set that was filled in.
        while unsafe { libc::sigwait(&set, &mut signal) } == 0 {
            INTERRUPTED.store(true, Ordering::SeqCst);
            // The kernel repeats the signal: it may have come before the cell has begun.
            say(ASK_TO_END);
        }
    };
    std::thread::Builder::new().name("interrupts".to_owned()).spawn(wait)?;
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
    INTERRUPTED.store(false, Ordering::SeqCst);
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
    control.inspect(|control| control(BEGIN));
    set_running(control);
    let store = cell(store);
    set_running(None);
    control.inspect(|control| control(END));
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
