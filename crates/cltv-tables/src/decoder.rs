//! Calls of decoders of other crates, whose panics on damaged files become errors.

use std::cell::Cell;
use std::io::{self, Read};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::file_error::FileError;

/// What is said of a file on which a decoder panics.
const DAMAGED: &str = "it is damaged: its parts contradict each other";

/// Calls that run now, in all threads.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Whether this thread is inside a call.
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Runs a decoder; a panic of it, in this thread or in the pool that it uses, is the error that the file is damaged.
///
/// # Errors
/// [`FileError::Malformed`] after a panic.
pub(crate) fn run<T>(shown: &str, named: &str, decode: impl FnOnce() -> T) -> Result<T, FileError> {
    caught(decode).ok_or_else(|| damaged(shown, named))
}

/// The error of a damaged file.
fn damaged(shown: &str, named: &str) -> FileError {
    FileError::Malformed { shown: shown.to_owned(), named: named.to_owned(), reason: DAMAGED.to_owned() }
}

/// The result of a function; none where it panics, of which nothing is printed.
fn caught<T>(decode: impl FnOnce() -> T) -> Option<T> {
    silence();
    RUNNING.fetch_add(1, Ordering::SeqCst);
    let outer = HERE.replace(true);
    // What a decoder leaves behind is dropped with the table that is not returned.
    let result = panic::catch_unwind(AssertUnwindSafe(decode));
    HERE.set(outer);
    RUNNING.fetch_sub(1, Ordering::SeqCst);
    result.ok()
}

/// Keeps the messages of panics that are caught here from standard error; all others are printed as before.
fn silence() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let in_pool = rayon::current_thread_index().is_some() && RUNNING.load(Ordering::SeqCst) > 0;
            if !in_pool && !HERE.get() {
                usual(info);
            }
        }));
    });
}

/// A reader of packed data whose panics are errors.
pub(crate) struct Caught<R>(pub(crate) R);

impl<R: Read> Read for Caught<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        caught(|| self.0.read(into)).unwrap_or_else(|| Err(io::Error::other(DAMAGED)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rayon::prelude::*;

    #[test]
    fn panics_of_decoders_are_errors_of_the_file() {
        let error = run("a.parquet", "parquet file", || panic!("a decoder's panic")).unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with("\"a.parquet\" is not a readable parquet file (it is damaged"),
            "{message}"
        );
        let in_pool =
            run("a", "b", || (0..100_000_u32).into_par_iter().for_each(|n| assert!(n < 99_000, "too many")));
        assert!(in_pool.is_err());
        assert_eq!(run("a", "b", || 5), Ok(5));
        assert_eq!(RUNNING.load(Ordering::SeqCst), 0);
    }

    #[test]
    fn panics_of_readers_are_errors() {
        struct Bad;
        impl Read for Bad {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                panic!("a decoder's panic")
            }
        }
        let error = Caught(Bad).read(&mut [0; 8]).unwrap_err();
        assert_eq!(error.to_string(), DAMAGED);
    }
}
