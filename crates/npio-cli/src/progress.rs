//! Progress bars on standard error, if it is a terminal, for work that takes more than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The delay before a bar is shown.
const DELAY: Duration = Duration::from_secs(1);

const STYLE: &str = "{bar:30} {bytes} of {total_bytes}, {eta} left";

/// Where the total is unknown.
const OPEN_STYLE: &str = "{spinner} {bytes}, {elapsed}";

static IS_DISABLED: AtomicBool = AtomicBool::new(false);

/// Turns off all bars in this program.
pub(crate) fn disable() {
    IS_DISABLED.store(true, Ordering::Relaxed);
}

/// The progress of some work; the bar disappears when this is dropped. Several threads may add to it.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    may_show: bool,
}

impl Progress {
    /// A bar for this many bytes, if that is known, none of them done.
    pub(crate) fn new(bytes: impl Into<Option<u64>>) -> Progress {
        let bytes = bytes.into();
        let style = ProgressStyle::with_template(bytes.map_or(OPEN_STYLE, |_| STYLE));
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(bytes, ProgressDrawTarget::hidden());
        Progress {
            bar: bar.with_style(style),
            started: Instant::now(),
            may_show: !IS_DISABLED.load(Ordering::Relaxed) && io::stderr().is_terminal(),
        }
    }

    /// A bar for work whose extent is found out meanwhile: see [`expect`](Progress::expect).
    pub(crate) fn growing() -> Progress {
        Progress::new(0)
    }

    /// This many more bytes are to be done.
    pub(crate) fn expect(&self, bytes: u64) {
        self.bar.inc_length(bytes);
    }

    /// Calls `print` while no bar is shown, because both may go to the same terminal.
    pub(crate) fn paused<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// This many more bytes are done.
    pub(crate) fn add(&self, bytes: u64) {
        self.bar.inc(bytes);
        if self.may_show && self.bar.is_hidden() && self.started.elapsed() > DELAY {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
