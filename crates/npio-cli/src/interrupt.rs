//! Ctrl-C, and other requests to stop: temporary files are removed, and old files stay as they were.

use npio::{CancelToken, Cancellable};
use std::sync::LazyLock;
use std::time::Duration;
use std::{process, thread};

/// The exit status after an interrupt, by the convention of shells: 128 plus the number of SIGINT.
pub(crate) const INTERRUPTED_STATUS: u8 = 130;

/// The time that the work has to notice that it should stop. It may wait for a pipe, and never notice.
const GRACE: Duration = Duration::from_millis(500);

static TOKEN: LazyLock<CancelToken> = LazyLock::new(CancelToken::new);

/// Makes Ctrl-C and SIGTERM stop the work. Ctrl-C stays ignored if it was when this program started (a shell's `&` in a
/// script), and so does SIGHUP (`nohup`).
pub(crate) fn listen() {
    // If this fails, they end the program as by default.
    let _ = ctrlc::try_set_handler(stop);
    #[cfg(unix)]
    if let Ok(mut signals) = signal_hook::iterator::Signals::new([signal_hook::consts::SIGTERM]) {
        thread::spawn(move || signals.forever().for_each(|_| stop()));
    }
}

/// Stops the work, and then the program.
fn stop() {
    TOKEN.cancel();
    thread::sleep(GRACE);
    npio::remove_unfinished();
    #[cfg(feature = "view")]
    npio_look::view::restore();
    process::exit(INTERRUPTED_STATUS.into());
}

/// The token that all work checks.
pub(crate) fn token() -> CancelToken {
    TOKEN.clone()
}

/// Whether the work should stop.
pub(crate) fn is_pending() -> bool {
    TOKEN.is_cancelled()
}

/// A source or a target that fails once the work should stop.
pub(crate) fn cancellable<T>(inner: T) -> Cancellable<T> {
    Cancellable::new(inner, token())
}
