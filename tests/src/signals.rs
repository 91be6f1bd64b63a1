//! Programs that are stopped by signals.

use rustix::process::{Pid, Signal, kill_process};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program that runs, and is killed when this is dropped: also if a test fails meanwhile.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// If the system cannot.
    pub fn start(command: &mut Command) -> Running {
        Running(command.spawn().expect("the program starts"))
    }

    /// Sends it a signal, unless it has ended.
    ///
    /// # Panics
    /// If its number is none that processes have.
    pub fn send(&self, signal: Signal) {
        let pid = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        // The process is not reaped yet, so no other can have this number.
        let _ = kill_process(pid.expect("the number of a process"), signal);
    }
}

impl Deref for Running {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Running {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // They fail if it has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that starts `program` in this folder with the actions that signals have by default: a parent that ignores
/// Ctrl-C, as a script's `&` makes it, passes that on. Its streams are pipes.
pub fn with_default_signals(program: &str, folder: &Path) -> Command {
    let mut command = if cfg!(target_os = "linux") {
        let mut env = Command::new("env");
        env.arg("--default-signal=INT,TERM");
        env
    } else {
        let mut perl = Command::new("perl");
        perl.args(["-e", "$SIG{INT} = $SIG{TERM} = 'DEFAULT'; exec @ARGV"]);
        perl
    };
    command.arg(program).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}
