//! Work for several threads, which all end with it: no pool outlives a call, so a process that forks can do the
//! same in its child.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Calls `work` with each part, in at most `threads` threads, including this one.
///
/// A thread takes about as long to start as 100 KiB to read, so ask for several only if each has a millisecond's
/// work. If the system has no more threads, the existing ones do all of it.
///
/// # Errors
/// One of those that `work` returns; the parts after it may be left out.
pub fn parallel_for_each<T: Send, E: Send>(
    parts: impl Iterator<Item = T> + Send,
    threads: usize,
    work: impl Fn(T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let parts = Mutex::new(parts);
    let has_failed = AtomicBool::new(false);
    let next = || {
        let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
        parts.next().filter(|_| !has_failed.load(Ordering::Relaxed))
    };
    let work = || {
        while let Some(part) = next() {
            // The other threads stop after their current part.
            work(part).inspect_err(|_| has_failed.store(true, Ordering::Relaxed))?;
        }
        Ok(())
    };
    if threads <= 1 {
        return work();
    }
    let threads = available().min(threads);
    thread::scope(|scope| {
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let helpers: Vec<_> = (1..threads).filter_map(start).collect();
        let mine = work();
        let theirs = helpers
            .into_iter()
            .map(|helper| helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        theirs.fold(mine, Result::and)
    })
}

/// The results of `work` for each part, in the order of the parts, computed as by [`parallel_for_each`].
///
/// ```
/// use flatfile::threads::parallel_map;
/// let squares = parallel_map(1..=4, 2, |n| Ok::<u32, ()>(n * n));
/// assert_eq!(squares, Ok(vec![1, 4, 9, 16]));
/// ```
///
/// # Errors
/// As [`parallel_for_each`].
pub fn parallel_map<T: Send, R: Send, E: Send>(
    parts: impl IntoIterator<Item = T, IntoIter: Send>,
    threads: usize,
    work: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let made = Mutex::new(Vec::new());
    let parts = parts.into_iter().enumerate();
    parallel_for_each(parts, threads, |(index, part)| {
        let result = work(part)?;
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        made.push((index, result));
        Ok(())
    })?;
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|(index, _)| *index);
    Ok(made.into_iter().map(|(_, result)| result).collect())
}

/// The limit that was set; 0 if there is none.
static LIMIT: AtomicUsize = AtomicUsize::new(0);

/// Limits the number of threads that a call uses, for the whole process; `None` is the number of the machine's cores.
pub fn set_limit(threads: impl Into<Option<NonZero<usize>>>) {
    let threads = threads.into().map_or(0, NonZero::get);
    LIMIT.store(threads, Ordering::Relaxed);
}

/// The number of threads that the machine can run at once, or the limit that was set.
pub fn available() -> usize {
    match LIMIT.load(Ordering::Relaxed) {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        limit => limit,
    }
}

#[cfg(test)]
mod tests {
    use super::{parallel_for_each, parallel_map};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn what_is_made_comes_in_order() {
        for threads in [0, 1, 2, 7] {
            let made = parallel_map(0..1000, threads, |n| Ok::<_, ()>(n * 2));
            assert!(made.unwrap().into_iter().eq((0..1000).map(|n| n * 2)));
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let done = AtomicUsize::new(0);
        let result = parallel_for_each(0..1_000_000, 2, |n| {
            done.fetch_add(1, Ordering::Relaxed);
            if n == 10 { Err(n) } else { Ok(()) }
        });
        assert_eq!(result, Err(10));
        assert!(done.into_inner() < 1_000_000);
    }
}
