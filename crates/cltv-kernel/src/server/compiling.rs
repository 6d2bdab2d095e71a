//! Shows how far the compile of other crates is while a cell waits for it.

use super::outputs::Outputs;
use crate::evcxr_folders;
use crate::wire::Event;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_millis(500);
/// The name of the line that is shown.
const NAME: &str = "compile";

/// Watches the log of a build from the start of a cell to its end.
pub(super) struct CompileProgress {
    stop: Sender<()>,
    watcher: Option<JoinHandle<()>>,
}

impl CompileProgress {
    pub(super) fn watch(outputs: Arc<Outputs>) -> CompileProgress {
        let (stop, stopped) = channel();
        let watcher = evcxr_folders::build_log().ok().and_then(|log| {
            let _ = std::fs::remove_file(&log);
            let watch = move || {
                let mut build = Build { log, begun: Instant::now(), shown: String::new() };
                while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                    build.show(&outputs, false);
                }
                build.show(&outputs, true);
            };
            std::thread::Builder::new().name("compile progress".into()).spawn(watch).ok()
        });
        CompileProgress { stop, watcher }
    }

    /// The cell has ended; the line says what the compile took.
    pub(super) fn end(self) {
        drop(self.stop);
        if let Some(watcher) = self.watcher {
            // A watcher that panicked has nothing more to show.
            let _ = watcher.join();
        }
    }
}

struct Build {
    log: PathBuf,
    begun: Instant,
    shown: String,
}

impl Build {
    fn show(&mut self, outputs: &Outputs, ended: bool) {
        let Ok(log) = std::fs::read_to_string(&self.log) else { return };
        let Some(text) = in_words(&log, self.begun.elapsed().as_secs(), ended) else { return };
        if text != self.shown {
            self.shown.clone_from(&text);
            outputs.take(Event::Progress { name: NAME.to_owned(), text });
        }
    }
}

/// How far a build is by what cargo has said; none while it compiles nothing but the cell.
fn in_words(log: &str, seconds: u64, ended: bool) -> Option<String> {
    let mut compiled = log
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("Compiling "))
        // What stands for the helper is empty, and takes no time.
        .filter(|line| !line.starts_with("ctx v") && !line.contains("/stubs/"));
    let count = compiled.clone().count();
    let last = compiled.next_back()?.split(' ').next()?;
    let crates = if count == 1 { "1 crate".to_owned() } else { format!("{count} crates") };
    Some(match ended {
        true => format!("Other crates than cltv are compiled for this kernel: {crates} in {seconds} s."),
        false => {
            format!(
                "Compiling crates of this cell's `:dep` lines: {crates} so far, now {last} ({seconds} s)."
            )
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_are_counted_and_the_cell_itself_is_not() {
        let log = "   Compiling itoa v1.0.15\n   Compiling serde v1.0.0\n   Compiling cltv v0.1.0 (/h/stubs/cltv)\n   Compiling ctx v1.0.0 (/x)\n";
        assert_eq!(
            in_words(log, 7, false).unwrap(),
            "Compiling crates of this cell's `:dep` lines: 2 crates so far, now serde (7 s)."
        );
        assert!(in_words(log, 7, true).unwrap().contains("2 crates in 7 s"));
        assert_eq!(in_words("   Compiling ctx v1.0.0 (/x)\n", 1, true), None);
    }
}
