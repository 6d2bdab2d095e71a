//! The run of one input.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::{Outcome, Target};

/// Time that an input may take; longer in tests, which are not optimised and run beside others.
const SLOW: Duration = Duration::from_secs(if cfg!(debug_assertions) { 60 } else { 10 });

/// Time after which an input is given up.
const ENDLESS: Duration = Duration::from_secs(120);

/// Where the last panic was, while [`note_places`] is in force.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

impl Target {
    /// Gives the target an input; a panic and an input that takes too long are findings.
    #[must_use]
    pub fn run(&self, name: &str, bytes: &[u8]) -> Outcome {
        within(self.read, name, bytes, SLOW, ENDLESS)
    }
}

fn within(
    read: fn(&str, &[u8]) -> Outcome,
    name: &str,
    bytes: &[u8],
    slow: Duration,
    endless: Duration,
) -> Outcome {
    let started = Instant::now();
    let (give, taken) = mpsc::channel();
    let (named, input) = (name.to_owned(), bytes.to_vec());
    // A thread of its own, because an input that never ends must not hold the harness.
    let spawned = thread::Builder::new().spawn(move || {
        let _ = give.send(panic::catch_unwind(AssertUnwindSafe(|| read(&named, &input))));
    });
    if let Err(error) = spawned {
        return Outcome::Finding(format!("no thread could be started: {error}"));
    }
    match taken.recv_timeout(endless) {
        Err(RecvTimeoutError::Timeout) => Outcome::Finding(format!("has not ended after {endless:?}")),
        Err(RecvTimeoutError::Disconnected) => Outcome::Finding("its thread has gone".to_owned()),
        Ok(Err(panic)) => Outcome::Finding(words_of(&*panic)),
        Ok(Ok(finding @ Outcome::Finding(_))) => finding,
        Ok(Ok(_)) if started.elapsed() > slow => Outcome::Finding(format!("took more than {slow:?}")),
        Ok(Ok(outcome)) => outcome,
    }
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<String>().cloned();
    let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
    let place = place.map_or_else(String::new, |place| format!(" at {place}"));
    format!("panic{place}: {}", said.unwrap_or_default())
}

/// From now on panics are not printed; their places become part of findings.
pub(crate) fn note_places() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let place = info.location().map(|location| format!("{}:{}", location.file(), location.line()));
        *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Outcome {
        match name {
            "panic" => panic!("at byte {}", bytes.len()),
            "slow" => thread::sleep(Duration::from_millis(60)),
            "endless" => thread::sleep(Duration::from_secs(600)),
            _ => {}
        }
        Outcome::Accepted
    }

    #[test]
    fn panics_and_long_runs_are_findings() {
        let run = |name| within(read, name, b"12", Duration::from_millis(40), Duration::from_millis(400));
        assert_eq!(run("fine"), Outcome::Accepted);
        assert_eq!(run("panic"), Outcome::Finding("panic: at byte 2".into()));
        assert_eq!(run("slow"), Outcome::Finding("took more than 40ms".into()));
        assert_eq!(run("endless"), Outcome::Finding("has not ended after 400ms".into()));
    }
}
