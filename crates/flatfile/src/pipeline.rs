//! Parts that are made in sequence, worked on by several threads, and taken in their order: [`run`].

use crate::error::Error;
use crate::threads::available;
use std::collections::{BTreeMap, VecDeque};
use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

/// The number of parts for each thread: one being made, one being worked on and one being taken.
const EACH: usize = 3;

/// The maximum number of threads.
const THREADS: usize = 8;

/// Calls `work` with every part that `make` makes, in as many threads as there are processors. This thread calls
/// `make`, which returns whether it made one, and `take`, which returns whether more are wanted, and works when it
/// has nothing else to do. `parts` are the parts to fill, which are reused.
///
/// An error of `make` is returned after the parts before it were taken.
pub(crate) fn run<T: Send + Default>(
    parts: &mut Vec<T>,
    make: impl FnMut(&mut T) -> Result<bool, Error>,
    work: impl Fn(&mut T) + Sync,
    take: impl FnMut(&mut T) -> Result<bool, Error>,
) -> Result<(), Error> {
    let threads = available().min(THREADS);
    parts.resize_with(threads * EACH, T::default);
    let shared = Shared::default();
    thread::scope(|scope| {
        let mut helpers = Vec::new();
        let start = || {
            if helpers.len() + 1 < threads {
                helpers.push(help(scope, &shared, &work));
            }
        };
        let result = feed(&shared, parts, make, &work, take, start);
        for helper in helpers.into_iter().flatten() {
            if let Err(panic) = helper.join() {
                resume_unwind(panic);
            }
        }
        result
    })
}

/// The work of the first thread; it lets `start` start another one if there is work for it.
fn feed<T>(
    shared: &Shared<T>,
    parts: &mut Vec<T>,
    mut make: impl FnMut(&mut T) -> Result<bool, Error>,
    work: impl Fn(&mut T),
    mut take: impl FnMut(&mut T) -> Result<bool, Error>,
    mut start: impl FnMut(),
) -> Result<(), Error> {
    let _end = End(shared);
    let (mut made, mut taken) = (0, 0);
    // The final result of `make`.
    let mut end = None;
    loop {
        if end.is_none()
            && let Some(mut part) = parts.pop()
        {
            match make(&mut part) {
                Ok(true) => {
                    shared.push(made, part);
                    made += 1;
                    // A single part is done before another thread has started.
                    if made > 1 {
                        start();
                    }
                }
                Ok(false) => end = Some(Ok(())),
                Err(error) => end = Some(Err(error)),
            }
        }
        while let Some(mut part) = shared.done(taken) {
            taken += 1;
            let more = take(&mut part);
            parts.push(part);
            if !more? {
                return Ok(());
            }
        }
        match end {
            Some(end) if taken == made => return end,
            None if !parts.is_empty() => {}
            _ => match shared.next() {
                Some((index, mut part)) => {
                    work(&mut part);
                    shared.put(index, part);
                }
                None if !shared.wait_for(taken) => return Ok(()),
                None => {}
            },
        }
    }
}

/// Starts a thread that works until there are no more parts. If that fails, the others do all of the work.
fn help<'s, T: Send>(
    scope: &'s Scope<'s, '_>,
    shared: &'s Shared<T>,
    work: &'s (impl Fn(&mut T) + Sync),
) -> Option<ScopedJoinHandle<'s, ()>> {
    let work = || {
        let _end = End(shared);
        while let Some((index, mut part)) = shared.wait_for_next() {
            work(&mut part);
            shared.put(index, part);
        }
    };
    thread::Builder::new().spawn_scoped(scope, work).ok()
}

/// The state that the threads share.
struct Shared<T> {
    state: Mutex<State<T>>,
    is_waiting: Condvar,
    is_done: Condvar,
}

struct State<T> {
    /// Parts to work on, and the number of each.
    waiting: VecDeque<(usize, T)>,
    done: BTreeMap<usize, T>,
    /// Whether a thread has left, possibly with a part.
    is_over: bool,
}

impl<T> Default for Shared<T> {
    fn default() -> Shared<T> {
        Shared {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                done: BTreeMap::new(),
                is_over: false,
            }),
            is_waiting: Condvar::new(),
            is_done: Condvar::new(),
        }
    }
}

impl<T> Shared<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, index: usize, part: T) {
        self.state().waiting.push_back((index, part));
        self.is_waiting.notify_one();
    }

    fn next(&self) -> Option<(usize, T)> {
        self.state().waiting.pop_front()
    }

    /// The next part to work on, as soon as there is one; `None` when there will be no more.
    fn wait_for_next(&self) -> Option<(usize, T)> {
        let state = self.is_waiting.wait_while(self.state(), |state| {
            state.waiting.is_empty() && !state.is_over
        });
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        if state.is_over {
            None
        } else {
            state.waiting.pop_front()
        }
    }

    fn put(&self, index: usize, part: T) {
        self.state().done.insert(index, part);
        self.is_done.notify_one();
    }

    fn done(&self, index: usize) -> Option<T> {
        self.state().done.remove(&index)
    }

    /// Waits until this part is done; `false` if it may never be.
    fn wait_for(&self, index: usize) -> bool {
        let state = self.is_done.wait_while(self.state(), |state| {
            !state.done.contains_key(&index) && !state.is_over
        });
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.done.contains_key(&index)
    }
}

/// Releases all threads when one leaves, even by a panic, which is propagated when they are joined.
struct End<'a, T>(&'a Shared<T>);

impl<T> Drop for End<'_, T> {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.is_waiting.notify_all();
        self.0.is_done.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// The squares of the numbers below `made`, up to `wanted` of them; then `make` fails or ends.
    fn squares(made: usize, wanted: usize, fails: bool) -> (Vec<usize>, Result<(), Error>) {
        let (mut next, mut squares) = (0, Vec::new());
        let mut parts = vec![7; 3];
        let result = run(
            &mut parts,
            |part| {
                if next == made {
                    return if fails {
                        Err(ErrorKind::Separator.into())
                    } else {
                        Ok(false)
                    };
                }
                *part = next;
                next += 1;
                Ok(true)
            },
            |part| *part *= *part,
            |part| {
                squares.push(*part);
                Ok(squares.len() < wanted)
            },
        );
        (squares, result)
    }

    #[test]
    fn parts_come_in_their_order() {
        for made in [0, 1, 2, 3, 100, 1000] {
            let expected: Vec<usize> = (0..made).map(|n| n * n).collect();
            let (squares, result) = squares(made, usize::MAX, false);
            assert!(result.is_ok());
            assert_eq!(squares, expected);
        }
    }

    #[test]
    fn what_fails_comes_last_and_nothing_after_what_is_wanted() {
        let (all, result) = squares(50, usize::MAX, true);
        assert!(result.is_err());
        assert_eq!(all.len(), 50);
        let (some, result) = squares(50, 20, true);
        assert!(result.is_ok());
        assert_eq!(some.len(), 20);
    }

    #[test]
    fn a_panic_is_passed_on() {
        let mut next = 0;
        let run = std::panic::AssertUnwindSafe(|| {
            run(
                &mut Vec::new(),
                |part| {
                    *part = next;
                    next += 1;
                    Ok(next < 1000)
                },
                |part| assert!(*part != 500, "as is to be"),
                |_| Ok(true),
            )
        });
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
