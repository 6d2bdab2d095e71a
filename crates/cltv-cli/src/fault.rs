//! Named points at which a test kills the program. Without the feature `faults` they are nothing.

/// Kills this process when the environment names this point.
#[cfg(feature = "faults")]
pub(crate) fn point(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var(cltv_protocol::environment::FAULT) else { return };
    let (wanted, after) = wanted.split_once(':').unwrap_or((&wanted, "0"));
    if wanted == name && PASSED.fetch_add(1, Ordering::Relaxed) == after.parse().unwrap_or(0) {
        // SAFETY: a process may kill itself; nothing is cleaned up, which is what is tested.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    }
}

/// Kills this process when the environment names this point.
#[cfg(not(feature = "faults"))]
pub(crate) fn point(_name: &str) {}
