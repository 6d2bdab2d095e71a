//! What a cell that takes long is busy with: one line that changes, shown by our kernel.

use crate::display::emit;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The MIME type that the kernel takes for progress: a name, a newline, the text.
const MIME: &str = "application/x-cltv-progress";
/// What is faster than this says nothing.
const PATIENCE: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_secs(1);

/// Does the work; when it takes long, says what is being done and for how long.
pub(crate) fn working<T>(what: &str, work: impl FnOnce() -> T) -> T {
    // Only our kernel knows what to do with the lines.
    match std::env::var_os("CLTV_KERNEL") {
        Some(_) => told(what, PATIENCE, EVERY, &|text| emit(&[(MIME, text)]), work),
        None => work(),
    }
}

fn told<T>(
    what: &str,
    patience: Duration,
    every: Duration,
    tell: &(dyn Fn(String) + Sync),
    work: impl FnOnce() -> T,
) -> T {
    let begun = Instant::now();
    let (done, waits) = channel::<()>();
    std::thread::scope(|scope| {
        let teller = scope.spawn(move || {
            let mut told = false;
            let mut pause = patience;
            while waits.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                tell(format!("{what}\n{what}: {} s so far.", begun.elapsed().as_secs()));
                (told, pause) = (true, every);
            }
            if told {
                tell(format!("{what}\n{what}: done in {:.1} s.", begun.elapsed().as_secs_f64()));
            }
        });
        // Dropped when the work ends, by a panic too: that is what the teller waits for.
        let result = {
            let _done = done;
            work()
        };
        // It only prints; if it panicked, there is nothing to be repaired.
        let _ = teller.join();
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn lines(patience: u64, work: u64) -> Vec<String> {
        let said = Mutex::new(Vec::new());
        let sleep = || std::thread::sleep(Duration::from_millis(work));
        let tell = |text| said.lock().unwrap().push(text);
        told("Fitting", Duration::from_millis(patience), Duration::from_millis(20), &tell, sleep);
        said.into_inner().unwrap()
    }

    #[test]
    fn what_is_fast_says_nothing_and_what_is_slow_ends_with_its_time() {
        assert!(lines(10_000, 1).is_empty());
        let said = lines(10, 200);
        assert!(said.len() >= 2 && said[0].starts_with("Fitting\nFitting: 0 s"), "{said:?}");
        assert!(said[said.len() - 1].contains("done in 0."), "{said:?}");
    }
}
