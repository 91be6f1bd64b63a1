//! Stopping work that another thread does: [`CancelToken`].

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most bytes that are read or written before the token is checked again: a fraction of a tenth of a second,
/// even on slow disks.
const PIECE: usize = 4 << 20;

/// A request to stop, which one thread makes and others check for. Clones are the same token.
///
/// Reads and writes through a [`Cancellable`] stop at the next piece of at most 4 MiB, with an error whose inner
/// error is [`Cancelled`].
///
/// ```
/// use flatfile::{CancelToken, Cancellable, Cancelled, npy};
/// let token = CancelToken::new();
/// let file = npy::to_bytes(&flatfile::Array::from_slice(&[1u8, 2, 3], [3])?)?;
/// let reader = npy::open(Cancellable::new(&file, token.clone()))?;
/// assert_eq!(reader.read()?.as_bytes(), [1, 2, 3]);
/// token.cancel();
/// let again = npy::open(Cancellable::new(&file, token)).unwrap_err();
/// let flatfile::ErrorKind::Io(error) = again.into_kind() else { panic!("another error") };
/// assert!(Cancelled::is_cause_of(&error));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Asks all work that checks this token to stop. This cannot be undone.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether work should stop.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error if work should stop.
    ///
    /// # Errors
    /// [`Cancelled`], of the kind `Other`, because `Interrupted` would be retried.
    pub fn check(&self) -> io::Result<()> {
        if self.is_cancelled() {
            return Err(io::Error::other(Cancelled));
        }
        Ok(())
    }
}

/// Why work stopped: its [`CancelToken`] was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl Cancelled {
    /// Whether this is the cause of an I/O error.
    pub fn is_cause_of(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Cancelled>())
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cancelled")
    }
}

impl Error for Cancelled {}

/// A source or target that checks a [`CancelToken`], if it has one, before each piece that it reads or writes.
#[derive(Clone, Debug)]
pub struct Cancellable<T> {
    inner: T,
    token: Option<CancelToken>,
}

impl<T> Cancellable<T> {
    /// Checks this token, or none.
    pub fn new(inner: T, token: impl Into<Option<CancelToken>>) -> Cancellable<T> {
        let token = token.into();
        Cancellable { inner, token }
    }

    /// The source or target.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// The source or target, by value.
    pub fn into_inner(self) -> T {
        self.inner
    }

    /// The same source or target, borrowed.
    pub fn borrowed(&self) -> Cancellable<&T> {
        Cancellable::new(&self.inner, self.token.clone())
    }

    /// An error if work should stop.
    ///
    /// # Errors
    /// As [`CancelToken::check`].
    pub fn check(&self) -> io::Result<()> {
        self.token.as_ref().map_or(Ok(()), CancelToken::check)
    }

    /// The token, if there is one.
    pub fn token(&self) -> Option<&CancelToken> {
        self.token.as_ref()
    }

    /// The part of a buffer to read next.
    pub(crate) fn piece_of<'b>(&self, bytes: &'b mut [u8]) -> io::Result<&'b mut [u8]> {
        let piece = self.piece(bytes.len())?;
        Ok(bytes.split_at_mut(piece).0)
    }

    /// How many of `length` bytes to read or write next.
    fn piece(&self, length: usize) -> io::Result<usize> {
        match &self.token {
            None => Ok(length),
            Some(token) => token.check().map(|()| length.min(PIECE)),
        }
    }
}

/// Without a token.
impl<T> From<T> for Cancellable<T> {
    fn from(inner: T) -> Cancellable<T> {
        Cancellable::new(inner, None)
    }
}

impl Cancellable<File> {
    /// A second handle of the same file, with the same token.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn try_clone(&self) -> io::Result<Cancellable<File>> {
        Ok(Cancellable::new(
            self.inner.try_clone()?,
            self.token.clone(),
        ))
    }
}

impl<T: Read> Read for Cancellable<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let piece = self.piece_of(bytes)?;
        self.inner.read(piece)
    }
}

impl<T: Write> Write for Cancellable<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = self.piece(bytes.len())?;
        self.inner.write(bytes.split_at(piece).0)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        self.inner.flush()
    }
}

impl<T: Seek> Seek for Cancellable<T> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
