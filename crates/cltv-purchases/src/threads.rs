//! Work on many blocks by as many threads as the machine has.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::error::DataError;

/// The result of each task, in the order of the tasks.
///
/// The threads are not rayon's: a thread of rayon that waits for polars begins another task on its stack meanwhile, and
/// with a few hundred tasks the stack overflows.
pub(crate) fn each<T: Sync, R: Send>(
    tasks: &[T],
    work: impl Fn(&T) -> Result<R, DataError> + Sync,
) -> Result<Vec<R>, DataError> {
    let threads = rayon::current_num_threads().min(tasks.len());
    if threads < 2 {
        return tasks.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<R, DataError>)>> = Mutex::new(Vec::with_capacity(tasks.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(task) = tasks.get(at) else { break };
                    let result = work(task);
                    if result.is_err() {
                        next.store(tasks.len(), Ordering::Relaxed);
                    }
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Plan, col, whole};
    use polars::df;

    #[test]
    fn results_come_in_the_order_of_the_tasks() {
        let tasks: Vec<u64> = (0..1000).collect();
        assert_eq!(each(&tasks, |n| Ok(n * n)).unwrap(), tasks.iter().map(|n| n * n).collect::<Vec<_>>());
        let failed = each(&tasks, |n| match n {
            700 => Err(DataError::Frame { reason: "700".into() }),
            n => Ok(*n),
        });
        assert!(matches!(failed, Err(DataError::Frame { reason }) if reason == "700"));
        assert!(each(&[] as &[u64], |n| Ok(*n)).unwrap().is_empty());
    }

    #[test]
    fn many_plans_do_not_pile_up_on_one_stack() {
        let table = df!("customer" => [1_u32, 1, 2]).unwrap();
        let plan =
            Plan::Table("rows").filter(whole(0).lt(col("customer"))).group_ordered(&["customer"], vec![]);
        let tasks: Vec<usize> = (0..2000).collect();
        // A thread of rayon calls it, as a chart or an audit may.
        let (heights, ()) = rayon::join(
            || each(&tasks, |_| Ok(plan::run(&plan, &|_| table.clone())?.height())).unwrap(),
            || (),
        );
        assert!(heights.iter().all(|&height| height == 2));
    }
}
