//! Work without the interpreter's lock, which Ctrl-C stops.

use crate::load::helper;
use npio::CancelToken;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Work on fewer bytes is over before somebody could want to stop it, and not worth a thread.
const LARGE: u64 = 4 << 20;

/// What work counts as that waits for a server.
pub(crate) const WAITS: u64 = u64::MAX;

/// How often signals are looked for.
const TICK: Duration = Duration::from_millis(30);

/// The result of `work` on about this many bytes, without the interpreter's lock.
///
/// Python runs the handlers of signals in its main thread only, and only with its lock. So large work is done in another
/// thread, while this one looks for signals; if a handler raises an exception (Ctrl-C: `KeyboardInterrupt`), the work is
/// cancelled by the token, which it has to check.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    token: &CancelToken,
    bytes: u64,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    run_waking(py, token, bytes, None, work)
}

/// The same with what is at this path. If it is a named pipe, the work may wait for the program at its other end.
pub(crate) fn run_at<T: Send>(
    py: Python<'_>,
    token: &CancelToken,
    path: &Path,
    bytes: u64,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    if is_pipe(path) {
        run_waking(py, token, WAITS, Some(path), work)
    } else {
        run(py, token, bytes, work)
    }
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let found = path.metadata();
    found.is_ok_and(|found| found.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

/// The same; work that waits for a pipe is woken once it is cancelled, since no token does that.
fn run_waking<T: Send>(
    py: Python<'_>,
    token: &CancelToken,
    bytes: u64,
    pipe: Option<&Path>,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    if bytes < LARGE {
        return Ok(py.detach(work));
    }
    let work = Mutex::new(Some(work));
    let take = || {
        let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
        work.take().map(|work| work())
    };
    thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        let is_done = Mutex::new(is_done);
        let wait = || {
            let is_done = is_done.lock().unwrap_or_else(PoisonError::into_inner);
            // The other end is dropped when the work is over, even if it panics.
            is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout)
        };
        let worker = thread::Builder::new().spawn_scoped(scope, move || {
            let _done = done;
            take()
        });
        let mut raised = None;
        let result = match worker {
            // No more threads: then it is done here, and cannot be stopped.
            Err(_) => py.detach(take),
            Ok(worker) => {
                while py.detach(wait) {
                    if raised.is_none()
                        && let Err(exception) = py.check_signals()
                    {
                        token.cancel();
                        raised = Some(exception);
                    }
                    if raised.is_some()
                        && let Some(pipe) = pipe
                    {
                        // A second Ctrl-C in there changes nothing.
                        drop(
                            helper(py, "pynpio._load", "wake").and_then(|wake| wake.call1((pipe,))),
                        );
                    }
                }
                py.detach(|| worker.join())
                    .unwrap_or_else(|panic| resume_unwind(panic))
            }
        };
        match (raised, result) {
            (Some(exception), _) => Err(exception),
            (None, Some(result)) => Ok(result),
            (None, None) => Err(PyRuntimeError::new_err("the work was not done")),
        }
    })
}
