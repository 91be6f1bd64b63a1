//! The command on a terminal.

use crate::command_path;
use crate::signals::Running;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::thread;

/// Runs `npio` in this folder on a terminal with lines of `width` characters, and returns its status and all that it
/// wrote there. `feed` writes its standard input.
///
/// # Panics
/// If the system has no terminals.
pub fn on_terminal(
    folder: &Path,
    args: &[&str],
    width: u16,
    feed: impl FnOnce(ChildStdin) + Send + 'static,
) -> (i32, String) {
    on_terminal_with(folder, args, width, &[], feed)
}

/// As [`on_terminal`], with these variables in the environment.
///
/// # Panics
/// As [`on_terminal`].
pub fn on_terminal_with(
    folder: &Path,
    args: &[&str],
    width: u16,
    variables: &[(&str, &str)],
    feed: impl FnOnce(ChildStdin) + Send + 'static,
) -> (i32, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("a terminal");
    unlockpt(&terminal).expect("a terminal");
    let name = ptsname(&terminal, Vec::new()).expect("its name");
    let path = name.to_str().expect("its name is ASCII");
    let inside = OpenOptions::new().read(true).write(true).open(path);
    let inside = inside.expect("a terminal");
    let size = Winsize {
        ws_row: 24,
        ws_col: width,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&inside, size).expect("a terminal has a size");
    let mut command = Command::new(command_path());
    command.current_dir(folder).args(args);
    command.env_remove("NO_COLOR").env("TERM", "xterm-256color");
    command.envs(variables.iter().copied());
    command.stdin(Stdio::piped());
    command.stdout(inside.try_clone().expect("another handle"));
    command.stderr(inside);
    let mut child = Running::start(&mut command);
    // It holds handles of the terminal, whose end is seen when all are closed.
    drop(command);
    let stdin = child.stdin.take().expect("standard input is piped");
    let feeder = thread::spawn(|| feed(stdin));
    let mut written = Vec::new();
    // At the end Linux has an error instead.
    let _ = File::from(terminal).read_to_end(&mut written);
    feeder.join().expect("the feeder ends");
    let status = child.wait().expect("npio ends").code();
    let text = String::from_utf8_lossy(&written).replace("\r\n", "\n");
    (status.unwrap_or(-1), text)
}

/// The text without the sequences that give it colors.
pub fn without_colors(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic());
        rest = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
    }
    plain + rest
}
