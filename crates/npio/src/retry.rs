//! Retries for files that another program holds open for a moment, as virus scanners and indexers do on
//! Windows.

use std::io;
use std::thread;
use std::time::Duration;

/// Pauses between attempts: 1, 2, 4 … 512 ms, which is about a second in all. A scanner usually takes a few
/// milliseconds.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    (0..10).map(|i| Duration::from_millis(1 << i))
}

/// Repeats `operation` while its error is transient.
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

/// Whether opening a file failed because another program has it open and does not share it. Only Windows
/// has such errors.
pub(crate) fn is_sharing_violation(error: &io::Error) -> bool {
    const ERROR_SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && error.raw_os_error() == Some(ERROR_SHARING_VIOLATION)
}

/// Whether renaming may have failed because another program has one of the files open. `MoveFileExW`
/// reports most of these as "access denied". Only Windows has such errors.
pub(crate) fn may_be_held(error: &io::Error) -> bool {
    const ERROR_ACCESS_DENIED: i32 = 5;
    is_sharing_violation(error)
        || (cfg!(windows) && error.raw_os_error() == Some(ERROR_ACCESS_DENIED))
}

/// Whether a file could not be truncated because it is mapped. Only Windows has such errors.
fn is_mapped(error: &io::Error) -> bool {
    const ERROR_USER_MAPPED_FILE: i32 = 1224;
    cfg!(windows) && error.raw_os_error() == Some(ERROR_USER_MAPPED_FILE)
}

/// The error of opening a file for writing, with a hint at what may hold it.
pub(crate) fn explain_open(error: io::Error) -> io::Error {
    if is_sharing_violation(&error) || is_mapped(&error) {
        say_held(&error)
    } else {
        error
    }
}

/// The error of renaming a file, with a hint at what may hold it.
pub(crate) fn explain_rename(error: io::Error) -> io::Error {
    if may_be_held(&error) || is_mapped(&error) {
        say_held(&error)
    } else {
        error
    }
}

fn say_held(error: &io::Error) -> io::Error {
    let text = format!("{error}: perhaps another program, or a map of this process, holds it open");
    // The hint is only a possible reason, so the error keeps its kind.
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

    /// On other systems these numbers are other errors.
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
