//! Starting programs, also on Wine: [`started`].

use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

/// Starts `npio`. Wine, on which the tests for Windows may run, now and then cannot create a process, but can when it is
/// told to again.
pub(crate) fn started(command: &mut Command) -> Child {
    const ERROR_INTERNAL_ERROR: i32 = 1359;
    for _ in 0..5 {
        match command.spawn() {
            Err(error) if cfg!(windows) && error.raw_os_error() == Some(ERROR_INTERNAL_ERROR) => {
                thread::sleep(Duration::from_millis(100));
            }
            child => return child.expect("npio starts"),
        }
    }
    command.spawn().expect("npio starts")
}
