//! What this process has begun to do to files and not finished, so that it can be undone even if its owner is never
//! dropped.
//!
//! A signal handler undoes it while other threads are at work. They change files in *steps*, which are short: a temporary
//! file is created and entered here in one step, and gets its final name in another. The handler waits until no step is
//! under way, and then no other can begin. So there is no moment at which a file exists that nobody would remove.

use flatfile::Cancelled;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What undoes something unfinished.
type UndoFn = Box<dyn FnOnce() + Send>;

struct State {
    /// Whether everything was undone: nothing else may begin.
    is_closed: bool,
    /// The number of threads that are in a step.
    steps: usize,
    unfinished: BTreeMap<u64, UndoFn>,
    next_id: u64,
}

static STATE: Mutex<State> = Mutex::new(State {
    is_closed: false,
    steps: 0,
    unfinished: BTreeMap::new(),
    next_id: 0,
});

/// Notified when a step ends.
static STEP_ENDED: Condvar = Condvar::new();

/// The longest time that `remove_unfinished` waits for steps: a system call may hang on a disk that is gone, and after a
/// `fork` nobody ends the steps of the parent's other threads.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    /// The number of steps within each other that this thread is in.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Undoes everything that this process is saving: temporary files are removed, rows that no header counts are cut off,
/// and an archive that is being updated in place is restored.
///
/// This is for a signal handler that ends the process while other threads are still at work, so that what they own is
/// never dropped. End the process after it: from then on nothing can be saved, and what the others have not finished
/// fails. On Windows a file may keep its name until it is closed, as it is when the process ends.
///
/// ```standalone_crate
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let file = npio::SaveOptions::new().create(&path)?;
/// npio::remove_unfinished();
/// # if cfg!(unix) {
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0);
/// # }
/// assert!(file.finish().is_err());
/// assert!(npio::save(&path, [1, 2, 3]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn remove_unfinished() {
    /// Held until everything is undone: two signals may arrive, and after the first return the process ends.
    static UNDOING: Mutex<()> = Mutex::new(());
    let _undoing = UNDOING.lock().unwrap_or_else(PoisonError::into_inner);
    let own = usize::from(DEPTH.get() > 0);
    let mut state = state();
    state.is_closed = true;
    let is_busy = |state: &mut State| state.steps > own;
    let waited = STEP_ENDED.wait_timeout_while(state, PATIENCE, is_busy);
    let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
    let unfinished = std::mem::take(&mut state.unfinished);
    drop(state);
    for undo in unfinished.into_values() {
        undo();
    }
}

/// A change to files that is made as a whole, or not begun, if this process is being ended.
#[derive(Debug)]
pub(crate) struct Step(());

impl Step {
    /// Begins one; it ends when it is dropped, by this thread. It may be a part of another.
    ///
    /// # Errors
    /// [`Cancelled`], if everything was undone.
    pub(crate) fn begin() -> io::Result<Step> {
        if DEPTH.get() == 0 {
            let mut state = state();
            if state.is_closed {
                return Err(io::Error::other(Cancelled));
            }
            state.steps += 1;
        }
        DEPTH.set(DEPTH.get() + 1);
        Ok(Step(()))
    }

    /// Enters what is to be undone if this process is ended, until the result is dropped.
    pub(crate) fn enter(&self, undo: impl FnOnce() + Send + 'static) -> Unfinished {
        let mut state = state();
        let id = state.next_id;
        state.next_id += 1;
        state.unfinished.insert(id, Box::new(undo));
        Unfinished(id)
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            state().steps -= 1;
            STEP_ENDED.notify_all();
        }
    }
}

/// Keeps something in the list of what is to be undone, until this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(u64);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What it owns is dropped without the lock.
        let undo = state().unfinished.remove(&self.0);
        drop(undo);
    }
}
