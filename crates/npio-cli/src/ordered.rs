//! Work on many files at once whose results are printed in their order.

use crate::source::Input;
use npio::flatfile::threads::available;
use npio::npz::threads_for;
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The number of results for each thread that may wait for one before them. More would be memory that only a slow file
/// decides about.
const WAITING: usize = 16;

/// What a remote file counts as: its answers are worth waiting for in a thread of its own.
const REMOTE_SIZE: u64 = 16 << 20;

/// The number of threads worth starting to read these files whole.
pub(crate) fn threads_for_files(inputs: &[Input]) -> usize {
    // They would read the same stream at once.
    if inputs.iter().filter(|input| input.name.is_stdio()).count() > 1 {
        return 1;
    }
    let bytes = inputs
        .iter()
        .map(|input| match input.name.path().metadata() {
            _ if input.name.is_remote() => REMOTE_SIZE,
            found => found.map_or(0, |found| found.len()),
        });
    threads_for(inputs.len(), bytes.fold(0, u64::saturating_add))
}

/// The number of threads for the work on each part, if this many parts are worked on at once.
pub(crate) fn threads_within(threads: usize) -> usize {
    available().div_ceil(threads.max(1))
}

/// Calls `work` with each item in this many threads, and `print` with what it returns, in the order of the items and
/// in this thread, as soon as it is there.
///
/// # Errors
/// The first of `print`, after which no more work is begun.
pub(crate) fn for_each_in_order<'a, T: Sync, R: Send, E>(
    items: &'a [T],
    threads: usize,
    work: impl Fn(&'a T) -> R + Sync,
    mut print: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.min(items.len());
    if threads <= 1 {
        return items.iter().try_for_each(|item| print(work(item)));
    }
    let queue = Queue::new();
    let window = threads * WAITING;
    let worker = || {
        let _worker = Worker(&queue);
        while let Some((index, item)) = queue.next(items, window) {
            let result = work(item);
            queue.lock().done.insert(index, result);
            queue.changed.notify_all();
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            queue.lock().workers += 1;
            let started = thread::Builder::new().spawn_scoped(scope, worker);
            if started.is_err() {
                queue.lock().workers -= 1;
                break;
            }
        }
        // However this ends, no thread waits for results to be taken.
        let _stop = Stop(&queue);
        for item in items {
            // Without any thread, this one does the work; if one has panicked, so does the scope.
            let result = match queue.take() {
                Some(result) => result,
                None if queue.lock().begun == 0 => work(item),
                None => break,
            };
            print(result)?;
        }
        Ok(())
    })
}

/// What the threads share.
struct Queue<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    /// The number of items that are done or being worked on.
    begun: usize,
    /// The number of results that were taken.
    taken: usize,
    /// Results that were not taken yet, by the index of the item.
    done: BTreeMap<usize, R>,
    /// The number of threads that may still add some.
    workers: usize,
    has_stopped: bool,
}

impl<R> Queue<R> {
    fn new() -> Queue<R> {
        Queue {
            state: Mutex::new(State {
                begun: 0,
                taken: 0,
                done: BTreeMap::new(),
                workers: 0,
                has_stopped: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item to work on, once no more than `window` results wait.
    fn next<'a, T>(&self, items: &'a [T], window: usize) -> Option<(usize, &'a T)> {
        let is_full = |state: &mut State<R>| {
            !state.has_stopped && state.begun >= state.taken.saturating_add(window)
        };
        let waited = self.changed.wait_while(self.lock(), is_full);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let index = state.begun;
        let item = items.get(index).filter(|_| !state.has_stopped)?;
        state.begun += 1;
        Some((index, item))
    }

    /// The next result in order, or none if no thread will add it.
    fn take(&self) -> Option<R> {
        let is_missing = |state: &mut State<R>| {
            !state.has_stopped && state.workers > 0 && !state.done.contains_key(&state.taken)
        };
        let waited = self.changed.wait_while(self.lock(), is_missing);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        let taken = state.taken;
        let result = state.done.remove(&taken)?;
        state.taken += 1;
        self.changed.notify_all();
        Some(result)
    }

    /// Lets no thread begin another item.
    fn stop(&self) {
        self.lock().has_stopped = true;
        self.changed.notify_all();
    }
}

/// A thread that works, until it ends or panics. What it did not finish then, nobody will.
struct Worker<'q, R>(&'q Queue<R>);

impl<R> Drop for Worker<'_, R> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.workers -= 1;
        state.has_stopped |= thread::panicking();
        self.0.changed.notify_all();
    }
}

/// Stops the queue when it is dropped.
struct Stop<'q, R>(&'q Queue<R>);

impl<R> Drop for Stop<'_, R> {
    fn drop(&mut self) {
        self.0.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[test]
    fn results_come_in_order() {
        for threads in [0, 1, 2, 7] {
            let items: Vec<usize> = (0..1000).collect();
            let mut printed = Vec::new();
            let Ok(()) = for_each_in_order(
                &items,
                threads,
                |item| item * 2,
                |result| {
                    printed.push(result);
                    Ok::<(), Infallible>(())
                },
            );
            assert!(printed.into_iter().eq(items.iter().map(|item| item * 2)));
        }
    }

    /// Results wait for a slow one, but not all of them.
    #[test]
    fn few_results_wait() {
        let items: Vec<usize> = (0..1000).collect();
        let done = AtomicUsize::new(0);
        let mut is_first = true;
        let Ok(()) = for_each_in_order(
            &items,
            2,
            |item| {
                if *item == 0 {
                    thread::sleep(Duration::from_millis(50));
                }
                done.fetch_add(1, Ordering::Relaxed);
            },
            |()| {
                if is_first {
                    assert!(done.load(Ordering::Relaxed) <= 2 * WAITING + 2);
                }
                is_first = false;
                Ok::<(), Infallible>(())
            },
        );
        assert_eq!(done.into_inner(), items.len());
    }

    #[test]
    fn an_error_ends_the_work() {
        let items: Vec<usize> = (0..100_000).collect();
        let done = AtomicUsize::new(0);
        let work = |item: &usize| {
            done.fetch_add(1, Ordering::Relaxed);
            *item
        };
        let print = |item| if item == 10 { Err(item) } else { Ok(()) };
        assert_eq!(for_each_in_order(&items, 2, work, print), Err(10));
        assert!(done.into_inner() < items.len());
    }

    /// Also if more items are left than may wait for the one that nobody finished.
    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let items: Vec<usize> = (0..1000).collect();
        let work = |item: &usize| assert!(*item != 3, "the fourth");
        let _ = for_each_in_order(&items, 2, work, |()| Ok::<(), Infallible>(()));
    }

    #[test]
    #[should_panic(expected = "the fourth")]
    fn a_panic_in_print_ends_the_work() {
        let items: Vec<usize> = (0..1000).collect();
        let print = |item: usize| {
            assert!(item != 3, "the fourth");
            Ok::<(), Infallible>(())
        };
        let _ = for_each_in_order(&items, 2, |item| *item, print);
    }
}
