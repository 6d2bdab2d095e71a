//! The lines by which code in a cell speaks to cltv's kernel.
//!
//! Data that a cell prints may contain anything, also the markers of evcxr's protocol. What a cell
//! shows, and how it ends, counts only between or on lines with the secret of the process that runs
//! cells, which it has in an environment variable. Under another kernel there is no such variable, and
//! nothing is written but the blocks themselves.
//!
//! This file uses only the standard library and nothing of its crate: where there is no helper library,
//! the kernel compiles it into the cell.

use std::cell::Cell;
use std::panic::{Location, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What such a line begins with; the secret, a space and a word follow.
pub const PREFIX: &str = "\u{1}CLTV ";
/// The word before blocks that are to be shown.
pub const BEGIN_DISPLAY: &str = "begin";
/// The word behind such blocks.
pub const END_DISPLAY: &str = "end";
/// The word for a cell that has ended.
pub const COMPLETE: &str = "complete";
/// The word for a cell that has panicked.
pub const PANIC: &str = "panic";
/// The word for a cell that a `?` has left; the error is on standard error, and a space and the place of
/// the `?` follow.
pub const FAILED: &str = "failed";
/// The word for variables that a cell which has failed has used up; a space and their names follow.
pub const LOST: &str = "lost";
/// The word for the value of a variable as text; its name, a short text and a long one follow, the texts
/// as Rust writes them in quotation marks.
pub const DESCRIBED: &str = "described";
/// The word for a cell that goes on although it was interrupted, and is no longer waited for; a space and
/// the variables that it keeps follow.
pub const ABANDONED: &str = "abandoned";
/// The word for a variable whose type is not the one it was stored with; a space and its name follow.
pub const CHANGED: &str = "changed";

/// The line with a word, complete with its newline.
#[must_use]
pub fn line(secret: &str, word: &str) -> String {
    format!("{PREFIX}{secret} {word}\n")
}

/// Blocks that the program asks to be shown: between two lines in cltv's kernel, unchanged in any other.
#[must_use]
pub fn asked_for(blocks: String) -> String {
    match secret() {
        Some(secret) => line(&secret, BEGIN_DISPLAY) + &blocks + &line(&secret, END_DISPLAY),
        None => blocks,
    }
}

/// Says a word to the kernel.
pub fn tell(word: &str) {
    if let Some(secret) = secret().filter(|_| is_waited_for()) {
        print(&line(&secret, word));
    }
}

/// Says that the cell has panicked.
pub fn tell_panic() {
    HAS_FAILED.set(true);
    tell(PANIC);
}

/// Says that a `?` has left the cell, and where.
pub fn tell_failed(place: &Location<'_>) {
    HAS_FAILED.set(true);
    tell(&format!("{FAILED} {}:{}", place.file(), place.line()));
}

/// The running cell is to end.
const INTERRUPTED: u32 = 1;
/// A cell that is no longer waited for may still run.
const ONE_IS_ABANDONED: u32 = 2;

/// What [`check`] looks at: 0, or a sum of the two numbers above.
static STATE: AtomicU32 = AtomicU32::new(0);
/// The number of the thread that runs cells; another takes its place when it does not end its cell.
static WORKER: AtomicU32 = AtomicU32::new(1);
/// The number of the thread that is in a cell's own code, where it does not use the store of variables;
/// 0 for none.
static IN_CELL: AtomicU32 = AtomicU32::new(0);
/// Stands in [`IN_CELL`] while a thread is given up.
const NOBODY: u32 = u32::MAX;

std::thread_local! {
    /// The number of this thread; 0 for one that a cell has started.
    static OWN: Cell<u32> = const { Cell::new(0) };
    /// Whether the cell that this thread runs has failed.
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// Whether the kernel waits for the cell of this thread.
fn is_waited_for() -> bool {
    OWN.get() == 0 || OWN.get() == WORKER.load(Ordering::SeqCst)
}

/// This thread is about to run a cell.
pub fn begin_cell() {
    STATE.fetch_and(!INTERRUPTED, Ordering::SeqCst);
    OWN.set(WORKER.load(Ordering::SeqCst));
    HAS_FAILED.set(false);
}

/// From here to the next use of the store the cell's own code runs.
pub fn enter_cell() {
    IN_CELL.store(OWN.get(), Ordering::SeqCst);
    check();
}

/// Whether this thread may use the store of variables: not if it runs a cell that is no longer waited for.
#[must_use]
pub fn may_use_store() -> bool {
    let own = OWN.get();
    let left = || IN_CELL.compare_exchange(own, 0, Ordering::SeqCst, Ordering::SeqCst);
    own == 0 || left().map_or_else(|found| found != NOBODY && own == WORKER.load(Ordering::SeqCst), |_| true)
}

/// Whether the cell of this thread has failed.
#[must_use]
pub fn has_failed() -> bool {
    HAS_FAILED.get()
}

/// The cell of this thread has ended: what it printed without a newline is sent.
pub fn end_cell() {
    use std::io::Write;
    // Without a reader there is nobody to tell.
    let _ = std::io::stdout().lock().flush();
}

/// Asks the running cell to end at its next check.
pub fn interrupt() {
    STATE.fetch_or(INTERRUPTED, Ordering::SeqCst);
}

/// Gives up the thread that runs cells, unless it is about to end its cell: another may then run cells,
/// and this one ends at its next check.
#[must_use]
pub fn abandon() -> bool {
    let worker = WORKER.load(Ordering::SeqCst);
    if IN_CELL.compare_exchange(worker, NOBODY, Ordering::SeqCst, Ordering::SeqCst).is_err() {
        return false;
    }
    WORKER.store(worker + 1, Ordering::SeqCst);
    IN_CELL.store(0, Ordering::SeqCst);
    STATE.store(ONE_IS_ABANDONED, Ordering::SeqCst);
    true
}

/// Ends the cell by unwinding if it was interrupted. The kernel writes a call into loops and functions of
/// cells; long steps of the library call it, too.
#[inline]
pub fn check() {
    if STATE.load(Ordering::Relaxed) != 0 {
        end_if_interrupted();
    }
}

/// What an interrupted cell unwinds with.
#[derive(Debug)]
pub struct Interrupted;

#[cold]
fn end_if_interrupted() {
    let is_interrupted = STATE.load(Ordering::SeqCst) & INTERRUPTED != 0 || !is_waited_for();
    if is_interrupted && !std::thread::panicking() {
        // It ends by itself from here on, however long that takes on a busy machine.
        let _ = IN_CELL.compare_exchange(OWN.get(), 0, Ordering::SeqCst, Ordering::SeqCst);
        resume_unwind(Box::new(Interrupted));
    }
}

/// How long [`sleep`] sleeps between two checks.
const NAP: Duration = Duration::from_millis(20);

/// [`std::thread::sleep`] that an interrupt ends.
pub fn sleep(duration: Duration) {
    let begun = Instant::now();
    while let Some(left) = duration.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) {
        check();
        std::thread::sleep(left.min(NAP));
    }
    check();
}

/// [`sleep`] under the names that a cell may call it by.
pub mod by_path {
    pub use super::sleep;
    /// As `thread::sleep`.
    pub mod thread {
        pub use super::sleep;
    }
    /// As `std::thread::sleep`.
    pub mod std {
        /// The module of `sleep`.
        pub mod thread {
            pub use super::super::sleep;
        }
    }
}

/// Shows a text as the output of a cell.
pub fn show_text(text: &str) {
    let text = text.replace("EVCXR_", "EVCXR\u{2060}_");
    print(&asked_for(format!("EVCXR_BEGIN_CONTENT text/plain\n{text}\nEVCXR_END_CONTENT\n")));
}

/// Tells the kernel while a value shows itself: between the two calls, blocks on standard output count.
pub trait Shown {
    /// The value, which is about to show itself.
    fn cltv_begins_display(&self) -> &Self {
        tell(BEGIN_DISPLAY);
        self
    }

    /// What showing a value has returned.
    #[must_use]
    fn cltv_ended_display(self) -> Self
    where
        Self: Sized,
    {
        tell(END_DISPLAY);
        self
    }
}

impl<T: ?Sized> Shown for T {}

fn secret() -> Option<String> {
    std::env::var("CLTV_MARK").ok()
}

fn print(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    // The reader of this pipe is the kernel; when it is gone there is no reader for an error.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    // The state is the process's, so one test goes through all of it.
    #[test]
    fn an_interrupted_cell_ends_at_its_next_check_and_one_that_does_not_is_given_up() {
        let ends = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).is_err();
        begin_cell();
        enter_cell();
        assert!(!ends(&check));
        interrupt();
        assert!(ends(&check) && ends(&|| sleep(Duration::from_secs(1000))));
        assert!(may_use_store() && !abandon(), "it ends by itself");
        begin_cell();
        enter_cell();
        assert!(!ends(&check) && may_use_store());
        enter_cell();
        assert!(abandon() && !may_use_store() && !is_waited_for() && ends(&check));
        let next = std::thread::spawn(|| {
            begin_cell();
            enter_cell();
            check();
            may_use_store() && !has_failed()
        });
        assert!(next.join().unwrap());
        assert!(ends(&check), "the first is still to end");
    }

    #[test]
    fn sleeping_takes_as_long_as_asked_for() {
        let begun = Instant::now();
        by_path::std::thread::sleep(Duration::from_millis(45));
        assert!(begun.elapsed() >= Duration::from_millis(45));
    }
}
