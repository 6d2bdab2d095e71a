//! Progress of long steps, sent to a sink that shows it.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use cltv_report::numbers::whole;

/// A step faster than this reports nothing.
const PATIENCE: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_secs(1);

/// Receives lines of progress: the step's name, and what is to be shown of it now.
pub type Sink = fn(step: &str, line: &str);

static SINK: OnceLock<Sink> = OnceLock::new();

/// Sends progress to `sink` from now on; the first call of a process wins. Without one, steps report nothing.
pub fn report_to(sink: Sink) {
    // Each caller sets the same sink; a second call has nothing to add.
    let _ = SINK.set(sink);
}

/// Does the work; when it takes long, reports what is being done and for how long.
pub(crate) fn working<T>(step: &str, work: impl FnOnce() -> T) -> T {
    match SINK.get() {
        Some(sink) => reported(step, PATIENCE, EVERY, &|line| sink(step, &line), work),
        None => work(),
    }
}

/// How far a step is, for its line of progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown(Arc<Mutex<Option<(u64, f64)>>>);

impl Shown {
    /// Rows read, and the part of the work that is done, from 0 to 1.
    pub(crate) fn set(&self, rows: u64, part: f64) {
        if let Ok(mut state) = self.0.lock() {
            *state = Some((rows, part));
        }
    }

    /// "12,000,000 rows, 1,500,000 a second, 20 s left", where that is known.
    fn line(&self, seconds: f64) -> Option<String> {
        // What follows the last row, such as cleaning, has no measure.
        let (rows, part) = (*self.0.lock().ok()?).filter(|(_, part)| *part < 1.0)?;
        let rate = whole(rows as f64 / seconds.max(0.1));
        let left = (part > 0.02).then(|| format!(", about {} s left", whole(seconds * (1.0 - part) / part)));
        Some(format!("{} rows, {rate} a second{}", whole(rows as f64), left.unwrap_or_default()))
    }
}

/// [`working`] for a step that knows how far it is.
pub(crate) fn working_with<T>(step: &str, work: impl FnOnce(&Shown) -> T) -> T {
    let shown = Shown::default();
    match SINK.get() {
        Some(sink) => {
            let begun = Instant::now();
            let report = |line: String| {
                let far = shown.line(begun.elapsed().as_secs_f64());
                let more = far.filter(|_| !line.contains(": done")).map(|far| format!(" {far}."));
                sink(step, &format!("{line}{}", more.unwrap_or_default()));
            };
            reported(step, PATIENCE, EVERY, &report, || work(&shown))
        }
        None => work(&shown),
    }
}

fn reported<T>(
    step: &str,
    patience: Duration,
    every: Duration,
    report: &(dyn Fn(String) + Sync),
    work: impl FnOnce() -> T,
) -> T {
    let begun = Instant::now();
    let (done, waits) = channel::<()>();
    std::thread::scope(|scope| {
        let reporter = scope.spawn(move || {
            let mut reported = false;
            let mut pause = patience;
            while waits.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                report(format!("{step}: {} s so far.", begun.elapsed().as_secs()));
                (reported, pause) = (true, every);
            }
            if reported {
                report(format!("{step}: done in {:.1} s.", begun.elapsed().as_secs_f64()));
            }
        });
        // Dropped when the work ends, by a panic too: that is what the reporter waits for.
        let result = {
            let _done = done;
            work()
        };
        // It only reports; if it panicked, there is nothing to be repaired.
        let _ = reporter.join();
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn lines(patience: u64, work: u64) -> Vec<String> {
        let lines = Mutex::new(Vec::new());
        let sleep = || std::thread::sleep(Duration::from_millis(work));
        let report = |line| lines.lock().unwrap().push(line);
        reported("Fitting", Duration::from_millis(patience), Duration::from_millis(20), &report, sleep);
        lines.into_inner().unwrap()
    }

    #[test]
    fn a_fast_step_reports_nothing_and_a_slow_one_ends_with_its_time() {
        assert!(lines(10_000, 1).is_empty());
        let lines = lines(10, 200);
        assert!(lines.len() >= 2 && lines[0].starts_with("Fitting: 0 s"), "{lines:?}");
        assert!(lines[lines.len() - 1].contains("done in 0."), "{lines:?}");
    }

    #[test]
    fn rate_and_time_left_are_shown_until_the_last_row() {
        let shown = Shown::default();
        assert_eq!(shown.line(4.0), None);
        shown.set(3_000_000, 0.25);
        assert_eq!(shown.line(4.0).unwrap(), "3,000,000 rows, 750,000 a second, about 12 s left");
        shown.set(12_000_000, 1.0);
        assert_eq!(shown.line(20.0), None);
    }
}
