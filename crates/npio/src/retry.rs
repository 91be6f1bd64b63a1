//! Files that another program holds open for a moment, as virus scanners and indexers do on Windows.

use std::io;
use std::thread;
use std::time::Duration;

/// Pauses between attempts: 1, 2, 4 … 512 ms, which is about a second in all. A scanner is usually done
/// after some milliseconds.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    (0..10).map(|i| Duration::from_millis(1 << i))
}

/// Does `operation` again while its error is one that passes.
pub(crate) fn retry<T>(
    passes: impl Fn(&io::Error) -> bool,
    mut operation: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    for pause in pauses() {
        match operation() {
            Err(error) if passes(&error) => thread::sleep(pause),
            result => return result,
        }
    }
    operation()
}

/// Whether opening a file failed because somebody else has it open and does not share it. Only Windows
/// has such errors.
pub(crate) fn is_sharing_violation(error: &io::Error) -> bool {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
}

/// Whether renaming failed because, perhaps, somebody has one of the files open. `MoveFileExW` says
/// "access denied" of most of them. Only Windows has such errors.
pub(crate) fn may_be_held(error: &io::Error) -> bool {
    const ERROR_ACCESS_DENIED: i32 = 5;
    is_sharing_violation(error)
        || (cfg!(windows) && error.raw_os_error() == Some(ERROR_ACCESS_DENIED))
}

/// Whether a file could not be cut off because it is mapped. Only Windows has such errors.
fn is_mapped(error: &io::Error) -> bool {
    const ERROR_USER_MAPPED_FILE: i32 = 1224;
    cfg!(windows) && error.raw_os_error() == Some(ERROR_USER_MAPPED_FILE)
}

/// The error of opening a file to write it, which says who may be in the way.
pub(crate) fn explain_open(error: io::Error) -> io::Error {
    if is_sharing_violation(&error) || is_mapped(&error) {
        say_held(&error)
    } else {
        error
    }
}

/// The error of renaming a file, which says who may be in the way.
pub(crate) fn explain_rename(error: io::Error) -> io::Error {
    if may_be_held(&error) || is_mapped(&error) {
        say_held(&error)
    } else {
        error
    }
}

fn say_held(error: &io::Error) -> io::Error {
    let text = format!("{error}: perhaps another program, or a map of this process, holds it open");
    // What is only perhaps the reason keeps its kind.
    let kind = if is_sharing_violation(error) || is_mapped(error) {
        io::ErrorKind::ResourceBusy
    } else {
        error.kind()
    };
    io::Error::new(kind, text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn what_passes_is_tried_again() {
        let passes = |error: &io::Error| error.kind() == io::ErrorKind::PermissionDenied;
        let mut attempts = 0;
        let third = retry(passes, || {
            attempts += 1;
            if attempts < 3 {
                Err(io::ErrorKind::PermissionDenied.into())
            } else {
                Ok(attempts)
            }
        });
        assert_eq!(third.unwrap(), 3);

        let mut attempts = 0;
        let other = retry(passes, || -> io::Result<()> {
            attempts += 1;
            Err(io::ErrorKind::NotFound.into())
        });
        assert_eq!(other.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(attempts, 1);

        let mut attempts = 0;
        let never = retry(passes, || -> io::Result<()> {
            attempts += 1;
            Err(io::ErrorKind::PermissionDenied.into())
        });
        assert_eq!(never.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(attempts, 11);
        let total: Duration = pauses().sum();
        assert!(total >= Duration::from_millis(500) && total <= Duration::from_millis(1500));
    }

    /// Other systems have other errors of these numbers.
    #[test]
    fn only_windows_has_files_that_are_held() {
        for (code, opens, renames) in [(32, true, true), (5, false, true), (1224, true, true)] {
            let explained = |explain: fn(io::Error) -> io::Error| {
                let text = explain(io::Error::from_raw_os_error(code)).to_string();
                text.contains("holds it open")
            };
            assert_eq!(explained(explain_open), opens && cfg!(windows), "{code}");
            assert_eq!(
                explained(explain_rename),
                renames && cfg!(windows),
                "{code}"
            );
        }
        let kind = io::Error::from_raw_os_error(5).kind();
        assert_eq!(explain_rename(io::Error::from_raw_os_error(5)).kind(), kind);
    }
}
