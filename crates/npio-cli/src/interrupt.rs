//! Ctrl-C, and other requests to stop: temporary files are removed, and what is replaced stays as it was.

use npio::{CancelToken, Cancellable};
use std::sync::LazyLock;
use std::time::Duration;
use std::{process, thread};

/// The exit status of what was interrupted, as shells know it: 128 and the number of SIGINT.
pub(crate) const STATUS: u8 = 130;

/// How long the work has to see that it is to stop. It may wait for a pipe, and never see it.
const GRACE: Duration = Duration::from_millis(500);

static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// Has Ctrl-C, SIGTERM and SIGHUP stop the work. Whoever started this program to ignore them (`nohup`, a shell's `&`) has
/// it so.
pub(crate) fn listen() {
    // Where that fails, they end the program as ever.
    let _ = ctrlc::try_set_handler(|| {
        TOKEN.cancel();
        thread::sleep(GRACE);
        npio::remove_unfinished();
        process::exit(STATUS.into());
    });
}

/// What all work looks at.
pub(crate) fn token() -> CancelToken {
    TOKEN.clone()
}

/// Whether the work is to stop.
pub(crate) fn is_pending() -> bool {
    TOKEN.is_cancelled()
}

/// A source or a target, as long as the work goes on.
pub(crate) fn until<T>(inner: T) -> Cancellable<T> {
    Cancellable::new(inner, token())
}
