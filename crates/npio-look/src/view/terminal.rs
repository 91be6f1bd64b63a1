//! The viewer on a terminal, which is left as it was whatever ends it.

use super::Options;
use super::catalog::{Opened, Work};
use super::draw::draw;
use super::keys::Key;
use super::session::{Flow, Session};
use ratatui_core::terminal::Terminal;
use ratatui_crossterm::CrosstermBackend;
use ratatui_crossterm::crossterm::cursor::Show;
use ratatui_crossterm::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event,
};
use ratatui_crossterm::crossterm::execute;
use ratatui_crossterm::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, Stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a key is waited for before anything else is looked at.
const POLL: Duration = Duration::from_millis(100);

/// Whether the terminal is the viewer's.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// How the viewer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By a key. The command was asked for, and prints what was shown.
    Quit(Option<String>),
    /// Nothing could be opened.
    Failed(String),
    /// It was stopped from outside.
    Stopped,
}

/// Shows what `open` opens on the terminal of standard output, until a key ends it.
///
/// # Errors
/// Errors of the terminal.
pub fn run(
    options: Options,
    open: impl FnOnce(&Work) -> Result<Opened, String> + Send + 'static,
) -> io::Result<Ended> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore();
            before(info);
        }));
    });
    let signals = Signals::listen();
    let mut session = Session::new(options, open);
    if let Some(failure) = session.failure.take() {
        return Ok(Ended::Failed(failure));
    }
    let mut screen = Screen::take()?;
    loop {
        if session.options.stop.is_cancelled() {
            return Ok(Ended::Stopped);
        }
        screen
            .terminal
            .draw(|frame| draw(&mut session, frame.buffer_mut()))?;
        let flow = next(&mut session, &mut screen, &signals)?;
        if let Some(failure) = session.failure.take() {
            return Ok(Ended::Failed(failure));
        }
        match flow {
            Flow::Continue => {}
            Flow::Quit => return Ok(Ended::Quit(session.command)),
            Flow::Suspend => screen.suspend()?,
        }
    }
}

/// Waits for the next thing that changes what is shown, and does it.
fn next(session: &mut Session, screen: &mut Screen, signals: &Signals) -> io::Result<Flow> {
    loop {
        if session.options.stop.is_cancelled() {
            return Ok(Flow::Continue);
        }
        if signals.should_suspend() {
            return Ok(Flow::Suspend);
        }
        if signals.was_continued() {
            screen.retake()?;
            return Ok(Flow::Continue);
        }
        match event::poll(POLL) {
            Ok(true) => {}
            Ok(false) if session.poll(Duration::ZERO) => return Ok(Flow::Continue),
            Ok(false) => continue,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        match event::read()? {
            Event::Key(event) => match Key::of(&event) {
                Some(Key::Redraw) => {
                    screen.terminal.clear()?;
                    return Ok(Flow::Continue);
                }
                Some(key) => return Ok(session.key(key)),
                None => {}
            },
            Event::Paste(text) => {
                if session.model.prompt.is_some() {
                    for c in text.chars().filter(|c| !c.is_control()) {
                        session.key(Key::Char(c));
                    }
                }
                return Ok(Flow::Continue);
            }
            Event::Resize(..) => return Ok(Flow::Continue),
            _ => {}
        }
    }
}

/// The terminal while it is the viewer's. Dropped, it is as it was.
struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    fn take() -> io::Result<Screen> {
        take()?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Screen { terminal }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Takes the terminal again, of which nothing is known.
    fn retake(&mut self) -> io::Result<()> {
        take()?;
        self.terminal.clear()
    }

    /// Stops the program until the shell continues it.
    fn suspend(&mut self) -> io::Result<()> {
        restore();
        stop_process()?;
        self.retake()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    IS_TAKEN.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Leaves the terminal as it was before [`run`], if it is running. For handlers that end the program.
pub fn restore() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        // There is nobody left to tell if this fails.
        let _ = execute!(
            io::stdout(),
            DisableBracketedPaste,
            LeaveAlternateScreen,
            Show
        );
        let _ = disable_raw_mode();
    }
}

#[cfg(unix)]
use unix::{Signals, stop_process};

/// Requests of the shell to stop and to continue.
#[cfg(unix)]
mod unix {
    use signal_hook::consts::{SIGCONT, SIGTSTP};
    use signal_hook::flag;
    use signal_hook::low_level::emulate_default_handler;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[derive(Default)]
    pub(super) struct Signals {
        suspend: Arc<AtomicBool>,
        continued: Arc<AtomicBool>,
    }

    impl Signals {
        pub(super) fn listen() -> Signals {
            let signals = Signals::default();
            // If this fails, they do what they do by default.
            let _ = flag::register(SIGTSTP, Arc::clone(&signals.suspend));
            let _ = flag::register(SIGCONT, Arc::clone(&signals.continued));
            signals
        }

        pub(super) fn should_suspend(&self) -> bool {
            self.suspend.swap(false, Ordering::SeqCst)
        }

        pub(super) fn was_continued(&self) -> bool {
            self.continued.swap(false, Ordering::SeqCst)
        }
    }

    /// Returns after the process was continued.
    pub(super) fn stop_process() -> io::Result<()> {
        emulate_default_handler(SIGTSTP)
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Signals {
        Signals
    }

    fn should_suspend(&self) -> bool {
        false
    }

    fn was_continued(&self) -> bool {
        false
    }
}

/// Nothing stops a process here.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn stop_process() -> io::Result<()> {
    Ok(())
}
