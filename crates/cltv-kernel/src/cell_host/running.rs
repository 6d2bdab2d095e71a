//! The cell that runs, in the process that runs cells: what it is asked from another thread.

use anyhow::Result;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// The signal by which the kernel asks for the end of a cell.
pub(crate) const INTERRUPT: libc::c_int = libc::SIGUSR1;

/// The function of a cell by which the runtime speaks to the module of marks of the cell's library.
pub(super) type Control = extern "C" fn(u32);

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

/// An interrupt of an earlier cell is none of the next one.
pub(super) fn forget_interrupt() {
    INTERRUPTED.store(false, Ordering::SeqCst);
}

/// A cell with this function begins.
pub(super) fn begin(control: Option<Control>) {
    control.inspect(|control| control(BEGIN));
    set_running(control);
}

/// The cell has ended.
pub(super) fn end(control: Option<Control>) {
    set_running(None);
    control.inspect(|control| control(END));
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
pub(super) fn wait_for_interrupts() -> Result<()> {
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
