//! Parts that are produced in sequence, mapped by several threads, and consumed in their order: [`pull`].

use crate::error::Error;
use crate::threads::available;
use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Scope, ScopedJoinHandle};

/// The number of parts for each thread: one being produced, one being mapped and one being consumed.
const PARTS_PER_THREAD: usize = 3;

/// The maximum number of threads.
const MAX_THREADS: usize = 8;

/// [`pull`] for a `consume` that is called with each part, and returns whether to continue.
pub(crate) fn run<T: Send + Default>(
    parts: &mut Vec<T>,
    produce: impl FnMut(&mut T) -> Result<bool, Error>,
    map: impl Fn(&mut T) + Sync,
    mut consume: impl FnMut(&mut T) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut part = parts.pop().unwrap_or_default();
    let result = pull(parts, produce, map, |next| {
        while next(&mut part)? && consume(&mut part)? {}
        Ok(())
    });
    parts.push(part);
    result
}

/// Calls `map` with every part that `produce` fills, in as many threads as there are processors. `consume` gets a
/// function that exchanges a part, which is reused, for the next one, and returns whether there was one.
///
/// This thread calls `consume` and, whenever that asks for a part, `produce`, which returns whether it filled the part;
/// it also calls `map` when it has nothing else to do. `parts` are the parts to fill, which are reused. An error of
/// `produce` is returned after the parts before it.
pub fn pull<T: Send + Default, E, R>(
    parts: &mut Vec<T>,
    produce: impl FnMut(&mut T) -> Result<bool, E>,
    map: impl Fn(&mut T) + Sync,
    consume: impl FnOnce(&mut dyn FnMut(&mut T) -> Result<bool, E>) -> R,
) -> R {
    let threads = available().min(MAX_THREADS);
    // The consumer has one too.
    parts.resize_with(threads * PARTS_PER_THREAD - 1, T::default);
    let queue = SharedQueue::default();
    thread::scope(|scope| {
        let mut workers = Vec::new();
        let start_worker = || {
            if workers.len() + 1 < threads {
                workers.push(spawn_worker(scope, &queue, &map));
            }
        };
        let mut puller = Puller {
            queue: &queue,
            idle: parts,
            produce,
            map: &map,
            start_worker,
            produced: 0,
            consumed: 0,
            end: None,
        };
        let result = {
            let _end = StopOnDrop(&queue);
            consume(&mut |part| puller.next(part))
        };
        for worker in workers.into_iter().flatten() {
            if let Err(panic) = worker.join() {
                resume_unwind(panic);
            }
        }
        result
    })
}

/// What the first thread does when it is asked for a part.
struct Puller<'a, T, E, P, M, S> {
    queue: &'a SharedQueue<T>,
    /// The parts that can be filled.
    idle: &'a mut Vec<T>,
    produce: P,
    map: &'a M,
    /// Starts another thread if there is work for it.
    start_worker: S,
    produced: usize,
    consumed: usize,
    /// The final result of `produce`.
    end: Option<Result<(), E>>,
}

impl<T, E, P, M, S> Puller<'_, T, E, P, M, S>
where
    P: FnMut(&mut T) -> Result<bool, E>,
    M: Fn(&mut T),
    S: FnMut(),
{
    fn next(&mut self, part: &mut T) -> Result<bool, E> {
        loop {
            if self.end.is_none()
                && let Some(mut idle) = self.idle.pop()
            {
                match (self.produce)(&mut idle) {
                    Ok(true) => {
                        self.queue.push_waiting(self.produced, idle);
                        self.produced += 1;
                        // A single part is done before another thread has started.
                        if self.produced > 1 {
                            (self.start_worker)();
                        }
                    }
                    Ok(false) => {
                        // The caller may want what it has learnt.
                        self.idle.push(idle);
                        self.end = Some(Ok(()));
                    }
                    Err(error) => self.end = Some(Err(error)),
                }
            }
            if let Some(done) = self.queue.take_done(self.consumed) {
                self.consumed += 1;
                self.idle.push(mem::replace(part, done));
                return Ok(true);
            }
            if self.end.is_some() && self.consumed == self.produced {
                return match self.end.replace(Ok(())) {
                    Some(Err(error)) => Err(error),
                    _ => Ok(false),
                };
            }
            if self.end.is_none() && !self.idle.is_empty() {
                continue;
            }
            match self.queue.pop_waiting() {
                Some((index, mut part)) => {
                    (self.map)(&mut part);
                    self.queue.push_done(index, part);
                }
                None if !self.queue.wait_until_done(self.consumed) => return Ok(false),
                None => {}
            }
        }
    }
}

/// Starts a thread that works until there are no more parts. If that fails, the others do all of the work.
fn spawn_worker<'s, T: Send>(
    scope: &'s Scope<'s, '_>,
    queue: &'s SharedQueue<T>,
    map: &'s (impl Fn(&mut T) + Sync),
) -> Option<ScopedJoinHandle<'s, ()>> {
    let run = || {
        let _end = StopOnDrop(queue);
        while let Some((index, mut part)) = queue.wait_for_work() {
            map(&mut part);
            queue.push_done(index, part);
        }
    };
    thread::Builder::new().spawn_scoped(scope, run).ok()
}

/// The parts that the threads exchange.
struct SharedQueue<T> {
    state: Mutex<QueueState<T>>,
    is_waiting: Condvar,
    is_done: Condvar,
}

struct QueueState<T> {
    /// The parts to map, and the number of each.
    waiting: VecDeque<(usize, T)>,
    done: BTreeMap<usize, T>,
    /// Whether a thread has left, possibly with a part.
    is_over: bool,
}

impl<T> Default for SharedQueue<T> {
    fn default() -> SharedQueue<T> {
        SharedQueue {
            state: Mutex::new(QueueState {
                waiting: VecDeque::new(),
                done: BTreeMap::new(),
                is_over: false,
            }),
            is_waiting: Condvar::new(),
            is_done: Condvar::new(),
        }
    }
}

impl<T> SharedQueue<T> {
    fn state(&self) -> MutexGuard<'_, QueueState<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push_waiting(&self, index: usize, part: T) {
        self.state().waiting.push_back((index, part));
        self.is_waiting.notify_one();
    }

    fn pop_waiting(&self) -> Option<(usize, T)> {
        self.state().waiting.pop_front()
    }

    /// The next part to work on, as soon as there is one; `None` when there will be no more.
    fn wait_for_work(&self) -> Option<(usize, T)> {
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

    fn push_done(&self, index: usize, part: T) {
        self.state().done.insert(index, part);
        self.is_done.notify_one();
    }

    fn take_done(&self, index: usize) -> Option<T> {
        self.state().done.remove(&index)
    }

    /// Waits until this part is done; `false` if it may never be.
    fn wait_until_done(&self, index: usize) -> bool {
        let state = self.is_done.wait_while(self.state(), |state| {
            !state.done.contains_key(&index) && !state.is_over
        });
        let state = state.unwrap_or_else(PoisonError::into_inner);
        state.done.contains_key(&index)
    }
}

/// Stops all threads when one leaves, even by a panic, which is propagated when they are joined.
struct StopOnDrop<'a, T>(&'a SharedQueue<T>);

impl<T> Drop for StopOnDrop<'_, T> {
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

    /// The squares of the numbers below `produced`, up to `wanted` of them; then `produce` fails or ends.
    fn squares(produced: usize, wanted: usize, fails: bool) -> (Vec<usize>, Result<(), Error>) {
        let (mut next, mut squares) = (0, Vec::new());
        let mut parts = vec![7; 3];
        let result = run(
            &mut parts,
            |part| {
                if next == produced {
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
        for produced in [0, 1, 2, 3, 100, 1000] {
            let expected: Vec<usize> = (0..produced).map(|n| n * n).collect();
            let (squares, result) = squares(produced, usize::MAX, false);
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
