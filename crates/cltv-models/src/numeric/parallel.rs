//! Work on all cores that gives the same numbers on any number of them.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// Number of threads; read once, because the system reads files to find it.
pub(crate) fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(1, |cores| cores.get()))
}

/// The results of all pieces of 0..n, in order.
///
/// Pieces have the same length whatever the machine, so that sums over them do not depend on how
/// many cores there are.
pub(crate) fn in_pieces<T: Send>(n: usize, piece: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let count = n.div_ceil(piece);
    let threads = cores().min(count);
    let range = |k: usize| k * piece..((k + 1) * piece).min(n);
    if threads < 2 {
        return (0..count).map(|k| work(range(k))).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(count));
    on_threads(threads, || {
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= count {
                return;
            }
            let result = work(range(k));
            done.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((k, result));
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(k, _)| *k);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Changes each of some values of very different sizes, on all cores.
pub(crate) fn on_each<T: Send>(values: &mut [T], change: impl Fn(&mut T) + Sync) {
    let threads = cores().min(values.len());
    if threads < 2 {
        return values.iter_mut().for_each(change);
    }
    let next = Mutex::new(values.iter_mut());
    let take = || next.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).next();
    on_threads(threads, || {
        while let Some(value) = take() {
            change(value);
        }
    });
}

/// The same work on as many threads, this one among them: it is over before another has begun where
/// there is little.
fn on_threads(threads: usize, work: impl Fn() + Sync) {
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(&work);
        }
        work();
    });
}

#[cfg(test)]
mod tests {
    use super::in_pieces;

    #[test]
    fn pieces_come_in_order_and_cover_everything_once() {
        for n in [0, 1, 7, 8, 9, 1000] {
            let pieces = in_pieces(n, 8, |range| range.collect::<Vec<_>>());
            assert_eq!(pieces.concat(), (0..n).collect::<Vec<_>>());
        }
    }
}
