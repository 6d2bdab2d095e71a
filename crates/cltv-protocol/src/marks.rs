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
use std::sync::atomic::{AtomicBool, Ordering};
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
/// The word for a cell that waits for a line of standard input.
pub const INPUT: &str = "input";
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
    if let Some(secret) = secret() {
        print(&line(&secret, word));
    }
}

/// Says that the cell has panicked.
pub fn tell_panic() {
    leave_cell();
    HAS_FAILED.set(true);
    tell(PANIC);
}

/// Says that a `?` has left the cell, and where.
pub fn tell_failed(place: &Location<'_>) {
    HAS_FAILED.set(true);
    tell(&format!("{FAILED} {}:{}", place.file(), place.line()));
}

/// Whether the running cell is to end at its next check.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// Whether the cell's own code runs. Outside of it, as while the store drops a value, nothing may unwind.
static IN_CELL: AtomicBool = AtomicBool::new(false);

std::thread_local! {
    /// Whether the cell that this thread runs has failed.
    static HAS_FAILED: Cell<bool> = const { Cell::new(false) };
}

/// This thread is about to run a cell.
pub fn begin_cell() {
    INTERRUPTED.store(false, Ordering::SeqCst);
    IN_CELL.store(false, Ordering::SeqCst);
    HAS_FAILED.set(false);
}

/// From here to [`leave_cell`] the cell's own code runs.
pub fn enter_cell() {
    IN_CELL.store(true, Ordering::SeqCst);
    check();
}

/// The cell's own code has ended; an interrupt that comes now is too late.
pub fn leave_cell() {
    IN_CELL.store(false, Ordering::SeqCst);
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
    INTERRUPTED.store(true, Ordering::SeqCst);
}

/// Ends the cell by unwinding if it was interrupted. The kernel writes a call into loops and functions of
/// cells.
#[inline]
pub fn check() {
    if INTERRUPTED.load(Ordering::Relaxed) {
        end_if_in_cell();
    }
}

/// What an interrupted cell unwinds with.
#[derive(Debug)]
pub struct Interrupted;

#[cold]
fn end_if_in_cell() {
    if IN_CELL.load(Ordering::SeqCst) && !std::thread::panicking() {
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
    fn an_interrupted_cell_ends_at_its_next_check_and_nothing_behind_it_does() {
        let ends = |work: &dyn Fn()| catch_unwind(AssertUnwindSafe(work)).is_err();
        begin_cell();
        enter_cell();
        assert!(!ends(&check));
        interrupt();
        assert!(ends(&check) && ends(&|| sleep(Duration::from_secs(1000))));
        leave_cell();
        assert!(!ends(&check), "what is behind the cell goes on");
        begin_cell();
        interrupt();
        assert!(!ends(&check), "what is before the cell goes on");
        assert!(ends(&enter_cell));
        struct Checks;
        impl Drop for Checks {
            fn drop(&mut self) {
                check();
            }
        }
        let unwinds = || {
            let _checks = Checks;
            check();
        };
        assert!(ends(&unwinds), "a destructor that checks while the cell ends does not abort");
        begin_cell();
        enter_cell();
        assert!(!ends(&check), "the next cell runs");
    }

    #[test]
    fn sleeping_takes_as_long_as_asked_for() {
        let begun = Instant::now();
        by_path::std::thread::sleep(Duration::from_millis(45));
        assert!(begun.elapsed() >= Duration::from_millis(45));
    }
}
