//! Progress on standard error, if it is a terminal, of work that takes more than a second: a bar where the extent of the
//! work is known, and else a sign that something is done.

use crate::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The delay before a bar is shown.
const DELAY: Duration = Duration::from_secs(1);

/// How often a bar moves even if nothing is added to it.
const TICK: Duration = Duration::from_millis(200);

const STYLE: &str = "{bar:30} {bytes} of {total_bytes}, {eta} left";

/// Where the total is unknown.
const OPEN_STYLE: &str = "{spinner} {bytes}, {elapsed}";

const FILES_STYLE: &str = "{bar:30} {pos} of {len} files, {eta} left";

/// Where not even a part is known.
const WORK_STYLE: &str = "{spinner} working, {elapsed}";

static IS_DISABLED: AtomicBool = AtomicBool::new(false);

/// What is shown of the whole command, until it shows something of its own.
static COMMAND: Mutex<Option<Progress>> = Mutex::new(None);

/// Turns off all bars in this program.
pub(crate) fn disable() {
    IS_DISABLED.store(true, Ordering::Relaxed);
}

fn command() -> MutexGuard<'static, Option<Progress>> {
    COMMAND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Shows that the command is at work, until it has a bar, or writes to the terminal, or [`end`] is called.
pub(crate) fn begin() {
    let progress = Progress::of(None, WORK_STYLE);
    *command() = Some(progress);
}

/// Shows no more of the command as a whole.
pub(crate) fn end() {
    let progress = command().take();
    drop(progress);
}

/// To be called before anything is written to standard output.
pub(crate) fn before_output() {
    if output::is_terminal() {
        end();
    }
}

/// The progress of some work; the bar disappears when this is dropped. Several threads may add to it.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped when the work is done.
    timer: Option<Sender<()>>,
}

impl Progress {
    /// A bar for this many bytes, if that is known, none of them done.
    pub(crate) fn new(bytes: impl Into<Option<u64>>) -> Progress {
        let bytes = bytes.into();
        end();
        Progress::of(bytes, bytes.map_or(OPEN_STYLE, |_| STYLE))
    }

    /// A bar for work whose extent is found out meanwhile: see [`expect`](Progress::expect).
    pub(crate) fn growing() -> Progress {
        Progress::new(0)
    }

    /// A bar for this many files, each of which is [added](Progress::add) as one.
    pub(crate) fn files(count: usize) -> Progress {
        end();
        Progress::of(Some(count as u64), FILES_STYLE)
    }

    fn of(length: Option<u64>, style: &str) -> Progress {
        let style = ProgressStyle::with_template(style);
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        let bar = bar.with_style(style);
        let may_show = !IS_DISABLED.load(Ordering::Relaxed) && io::stderr().is_terminal();
        let timer = may_show.then(|| show_later(bar.clone()));
        Progress { bar, timer }
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
    }
}

/// Shows the bar after the delay, unless the sender is dropped before. A thread does it: the work may take long without
/// adding anything.
fn show_later(bar: ProgressBar) -> Sender<()> {
    let (sender, done) = channel::<()>();
    // Without a thread there is no bar.
    let _ = thread::Builder::new().spawn(move || {
        if done.recv_timeout(DELAY) == Err(RecvTimeoutError::Timeout) && !bar.is_finished() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    });
    sender
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.timer = None;
        self.bar.finish_and_clear();
    }
}
