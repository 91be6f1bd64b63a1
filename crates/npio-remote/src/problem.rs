//! What can go wrong between here and a store: [`Problem`].

use crate::client::is_of_connection;
use npio::Error;
use object_store::Error as StoreError;
use std::ops::Range;
use std::{fmt, io};

/// The most characters of a server's message that an error repeats.
const MAX_MESSAGE: usize = 200;

/// A problem of the store or the server, which an [`npio::Error`] includes as the inner error of its I/O error.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use npio_remote::{Problem, Remote, object_store::memory::InMemory};
/// let error = Remote::new(InMemory::new(), "x.npy")?.load().await.unwrap_err();
/// assert!(matches!(Problem::of(&error), Some(Problem::NotFound)));
/// assert_eq!(error.to_string(), "x.npy: no such object");
/// # Ok::<(), npio::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// There is no such object.
    NotFound,
    /// The store refuses access.
    Denied,
    /// The object was replaced after its first bytes had been read.
    Changed,
    /// The server does not serve ranges.
    NoRanges {
        /// The length of the object.
        size: u64,
    },
    /// An answer has another length than its range.
    Length {
        /// The range.
        range: Range<u64>,
        /// The bytes that came, or one more than expected if there are more.
        found: u64,
    },
    /// Something that is not an address, or not one that this build can read.
    Address(String),
    /// The server could not be reached, or did not answer as it should, however often it was asked.
    Unavailable(String),
    /// Any other message of the store, its server, or the system.
    Store(String),
}

impl Problem {
    /// The problem that is the cause of this error, if it is one.
    pub fn of(error: &Error) -> Option<&Problem> {
        error.io_error()?.get_ref()?.downcast_ref()
    }

    /// The problem without the address, or another error as it is, for whoever adds the name of the file.
    pub fn into_io_error(error: Error) -> io::Error {
        match Problem::of(&error) {
            Some(problem) => problem.clone().into(),
            None => error.into(),
        }
    }

    /// A store's error, whose text may have secrets of the address in it.
    pub(crate) fn of_store(error: &StoreError, secrets: &[String]) -> Problem {
        match error {
            StoreError::NotFound { .. } => Problem::NotFound,
            StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. } => {
                Problem::Denied
            }
            StoreError::Precondition { .. } | StoreError::NotModified { .. } => Problem::Changed,
            error => {
                // The last one says what happened; the others, which request failed.
                let mut last: &dyn std::error::Error = error;
                let mut is_unavailable = false;
                while let Some(source) = last.source() {
                    last = source;
                    is_unavailable |= is_of_connection(last);
                }
                let message = last.to_string();
                if is_unavailable || is_server_error(&message) {
                    Problem::Unavailable(shortened(&message, secrets))
                } else {
                    Problem::Store(shortened(&message, secrets))
                }
            }
        }
    }
}

/// Whether a message is about a status of 500 or more, except that something is not implemented: the type that has the
/// status is private to the store's crate.
fn is_server_error(message: &str) -> bool {
    let status = message.split_once("status code: ");
    status.is_some_and(|(_, status)| status.starts_with('5') && !status.starts_with("501"))
}

/// One line of bounded length without secrets.
fn shortened(message: &str, secrets: &[String]) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    let mut message = words.join(" ");
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        message = message.replace(secret.as_str(), "…");
    }
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    message
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::NotFound => f.write_str("no such object"),
            Problem::Denied => {
                f.write_str("access denied: check the credentials in the environment")
            }
            Problem::Changed => {
                f.write_str("the object was replaced while it was read: read it again")
            }
            Problem::NoRanges { size } => write!(
                f,
                "the server does not serve ranges, and the object has {size} bytes: allow reading it whole, or download it"
            ),
            Problem::Length { range, found } => write!(
                f,
                "expected {} bytes from byte {} on, found {found}",
                range.end - range.start,
                range.start
            ),
            Problem::Address(message) | Problem::Unavailable(message) | Problem::Store(message) => {
                f.write_str(message)
            }
        }
    }
}

impl std::error::Error for Problem {}

impl From<Problem> for io::Error {
    fn from(problem: Problem) -> io::Error {
        let kind = match &problem {
            Problem::NotFound => io::ErrorKind::NotFound,
            Problem::Denied => io::ErrorKind::PermissionDenied,
            Problem::NoRanges { .. } => io::ErrorKind::Unsupported,
            Problem::Length { .. } => io::ErrorKind::UnexpectedEof,
            Problem::Address(_) => io::ErrorKind::InvalidInput,
            Problem::Changed | Problem::Unavailable(_) | Problem::Store(_) => io::ErrorKind::Other,
        };
        io::Error::new(kind, problem)
    }
}
