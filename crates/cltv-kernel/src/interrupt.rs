//! Ends what a cell is doing, from another thread.

use crate::cell_host::{CELLS, INTERRUPT};
use crate::evcxr_folders::{self, evcxr_folder};
use crate::processes;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How long what was ended is given before it is looked for again.
const STEP: Duration = Duration::from_millis(20);

/// How long the process that runs cells is asked to end one before it is ended itself.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Writes what a cell reads from standard input.
fn give_input(text: &str) {
    // Without a reader there is nothing to wait for.
    let mut options = std::fs::File::options();
    options.write(true).custom_flags(libc::O_NONBLOCK);
    let given = evcxr_folders::input()
        .and_then(|path| Ok(options.open(path)?))
        .and_then(|mut input| Ok(input.write_all(text.as_bytes())?));
    if let Err(error) = given {
        eprintln!("cltv-kernel: a cell's input cannot be given to it: {error:#}");
    }
}

/// The state shared by the thread that runs cells and the one that receives interrupts.
#[derive(Clone, Default)]
pub(crate) struct Interrupter {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// The process that runs cells, once there is one.
    child: Option<Arc<Mutex<Child>>>,
    running: Option<Running>,
    /// How many requests have come, and up to which of them cells are refused.
    received: u64,
    refused: u64,
    /// The process that an interrupt of the last cell ended; it ran cells.
    killed: Option<u32>,
    /// Whether the running cell waits for input.
    waits: bool,
    closing: bool,
}

/// The cell that runs.
struct Running {
    request: u64,
    requested: bool,
    /// How many compiled cells had been handed over when it began.
    handed_over: usize,
}

impl Interrupter {
    /// From now on this process runs the cells. The handle stays when another takes its place.
    pub(crate) fn watch(&self, child: Arc<Mutex<Child>>) {
        self.state().child = Some(child);
    }

    /// Numbers a request in the order in which they come.
    pub(crate) fn number_request(&self) -> u64 {
        let mut state = self.state();
        state.received += 1;
        state.received
    }

    /// A cell begins; false if an interrupt came while it waited, or the kernel is ending.
    pub(crate) fn begin(&self, request: u64) -> bool {
        let mut state = self.state();
        if state.closing || request <= state.refused {
            return false;
        }
        (state.waits, state.killed) = (false, None);
        state.running = Some(Running { request, requested: false, handed_over: handed_over() });
        true
    }

    /// The cell has ended; whether it was interrupted.
    pub(crate) fn end(&self) -> bool {
        self.state().running.take().is_some_and(|running| running.requested)
    }

    /// Whether the running cell is to go no further.
    pub(crate) fn is_requested(&self) -> bool {
        let state = self.state();
        state.closing || state.running.as_ref().is_some_and(|running| running.requested)
    }

    /// Whether the process that runs cells has ended and no other has taken its place.
    pub(crate) fn child_is_gone(&self) -> bool {
        let state = self.state();
        let Some(mut child) = state.child.as_ref().map(|child| lock(child)) else { return false };
        state.killed == Some(child.id()) || matches!(child.try_wait(), Ok(Some(_)))
    }

    /// Whether an interrupt of the last cell has ended the process that ran it.
    pub(crate) fn has_ended_child(&self) -> bool {
        self.state().killed.is_some()
    }

    /// Ends the programs that cells have started, and with them the process that runs cells.
    pub(crate) fn end_programs(&self) {
        let child = self.state().child.clone();
        if let Some(child) = child {
            processes::kill(&processes::below(lock(&child).id()));
        }
    }

    /// Ends the running cell, in a thread of its own; if none runs, refuses those that wait.
    pub(crate) fn interrupt(&self) {
        let Some(request) = self.ask() else { return };
        let own = self.clone();
        std::thread::spawn(move || {
            let begun = Instant::now();
            while own.stop(request, begun.elapsed() > PATIENCE) {
                std::thread::sleep(STEP);
            }
        });
    }

    /// The request that is to be stopped, if one runs and was not interrupted before.
    fn ask(&self) -> Option<u64> {
        let mut state = self.state();
        let state = &mut *state;
        match &mut state.running {
            Some(running) => (!std::mem::replace(&mut running.requested, true)).then_some(running.request),
            None => {
                state.refused = state.received;
                None
            }
        }
    }

    /// Ends the compiler and whatever else works for the cell. A cell that was handed over is asked to end;
    /// `by_force` ends the process that runs it, and with it all variables. Before a compile and
    /// between two there is nothing to end yet, so this is repeated until the cell has ended;
    /// false once there is no need to.
    fn stop(&self, request: u64, by_force: bool) -> bool {
        let mut state = self.state();
        let Some(running) = state.running.as_ref().filter(|running| running.request == request) else {
            return false;
        };
        let is_handed_over = running.handed_over != handed_over();
        // evcxr holds the lock while it starts a process or waits for the end of one.
        let Some(child) = state.child.clone() else { return true };
        let Ok(mut child) = child.try_lock() else { return true };
        let below = processes::below(child.id());
        let mut others = processes::below(std::process::id());
        others.retain(|id| *id != child.id() && !below.contains(id));
        processes::kill(&others);
        if is_handed_over && by_force {
            state.killed = Some(child.id());
            let _ = child.kill();
            processes::kill(&below);
            return false;
        }
        if is_handed_over {
            // A cell may wait for the end of a program.
            let (cells, programs): (Vec<u32>, Vec<u32>) =
                below.into_iter().partition(|id| processes::is_called(*id, CELLS));
            cells.into_iter().for_each(|id| processes::signal(id, INTERRUPT));
            processes::kill(&programs);
        }
        true
    }

    /// The running cell waits for input.
    pub(crate) fn note_input(&self) {
        self.state().waits = true;
    }

    /// A client has answered with this line.
    pub(crate) fn answer_input(&self, line: &str) {
        if std::mem::take(&mut self.state().waits) {
            give_input(&format!("{line}\n"));
        }
    }

    /// The kernel is ending: no cell begins any more, and the running one goes no further.
    pub(crate) fn close(&self) {
        self.state().closing = true;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// How many compiled cells evcxr has handed to the process that runs them: it gives each library
/// such a name just before.
pub(crate) fn handed_over() -> usize {
    let Ok(folder) = evcxr_folder() else { return 0 };
    let Ok(targets) = std::fs::read_dir(folder.join("target")) else { return 0 };
    targets
        .flatten()
        .flat_map(|target| ["debug", "debug/deps"].map(|folder| target.path().join(folder)))
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flat_map(|files| files.flatten())
        .filter(|file| file.file_name().to_string_lossy().starts_with("libcode_"))
        .count()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock holds data as good as any: nothing here is left half-changed.
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interrupt_between_cells_refuses_those_that_wait_and_no_later_one() {
        let interrupter = Interrupter::default();
        let waiting = interrupter.number_request();
        interrupter.interrupt();
        let later = interrupter.number_request();
        assert!(!interrupter.begin(waiting));
        assert!(interrupter.begin(later) && !interrupter.is_requested() && !interrupter.end());
    }

    #[test]
    fn an_interrupt_is_the_running_cells_alone() {
        let interrupter = Interrupter::default();
        let (first, second) = (interrupter.number_request(), interrupter.number_request());
        assert!(interrupter.begin(first));
        assert_eq!(interrupter.ask(), Some(first));
        assert_eq!(interrupter.ask(), None);
        assert!(interrupter.is_requested() && interrupter.end());
        assert!(interrupter.begin(second) && !interrupter.is_requested());
    }

    #[test]
    fn nothing_begins_in_a_kernel_that_is_ending() {
        let interrupter = Interrupter::default();
        let request = interrupter.number_request();
        interrupter.close();
        assert!(!interrupter.begin(request) && interrupter.is_requested());
    }
}
