//! One work for several threads.

use crate::Error;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Does `work` with one part after another, in at most so many threads, of which this is one.
pub(crate) fn share<T: Send>(
    parts: impl Iterator<Item = T> + Send,
    threads: usize,
    work: impl Fn(T) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let parts = Mutex::new(parts);
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some(part) = next() {
            work(part)?;
        }
        Ok(())
    };
    if threads <= 1 {
        return work();
    }
    let threads = thread::available_parallelism().map_or(1, |n| n.get().min(threads));
    thread::scope(|scope| {
        // Where no thread can be had, this one does it all.
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let helpers: Vec<_> = (1..threads).filter_map(start).collect();
        let mine = work();
        let theirs = helpers.into_iter().map(|helper| match helper.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        theirs.fold(mine, Result::and)
    })
}
