//! Reading at positions: [`ReadAt`], and the file type that is read only that way.

use crate::cancel::{CancelToken, Cancellable};
use crate::reader::Ranges;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that can be read at any position, by several threads at once.
///
/// There is no cursor: a read takes a position, and changes nothing that another read depends on. A [`File`] has a
/// cursor, which reading at a position moves on Windows, so it is not a `ReadAt`. It becomes one as a
/// [`RandomAccessFile`], which cannot be read in any other way.
///
/// ```
/// use flatfile::{ReadAt, npy};
/// let file = npy::to_bytes(&flatfile::Array::from_slice(&[1u8, 2, 3], [3])?)?;
/// assert_eq!(ReadAt::len(&file)?, 131);
/// let reader = npy::open(&file)?;
/// assert_eq!((reader.read()?.as_bytes(), reader.end()), (&[1, 2, 3][..], 131));
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// Implementing it is safe, and so is implementing it wrongly: code that reads from it checks every length, and
/// trusts an answer only as bytes. A source that changes in the meantime, or reports a wrong length, leads to an
/// error or to other values.
#[expect(
    clippy::len_without_is_empty,
    reason = "the length of a file is asked of the system, and may be an error"
)]
pub trait ReadAt: Sync {
    /// The number of bytes.
    ///
    /// # Errors
    /// Errors of the system.
    fn len(&self) -> io::Result<u64>;

    /// Reads some bytes from byte `offset` on, and returns how many: 0 at the end, and beyond it.
    ///
    /// # Errors
    /// Errors of the system.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// All bytes, if they are in memory.
    fn as_bytes(&self) -> Option<&[u8]> {
        None
    }

    /// Announces the bytes that the next reads are for, in ascending order. A source for which each read is a request
    /// to a server can make few large ones of them; others need not know.
    fn will_read(&self, _ranges: Ranges) {}
}

/// A file that is read at positions only.
///
/// It owns the [`File`], and does not implement `Read` or `Seek`: on Windows reading at a position moves the file's
/// cursor, and code that continued to read from there would silently lose bytes. (A handle that was cloned from the
/// file before shares its cursor, so do not read from it meanwhile.)
///
/// ```compile_fail,E0277
/// let file = flatfile::RandomAccessFile::open("x.npy").unwrap();
/// std::io::Read::read_to_end(&mut &file, &mut Vec::new()).unwrap();
/// ```
///
/// If the system has no reads at positions (WebAssembly), reading is an error of the kind `Unsupported`.
///
/// A file elsewhere, such as an object in a store, is one [from a source](RandomAccessFile::from_source).
#[derive(Debug)]
pub struct RandomAccessFile(Cancellable<Inner>);

/// Where the bytes are.
enum Inner {
    File(File),
    Source(Arc<dyn ReadAt + Send + Sync>),
}

impl RandomAccessFile {
    /// Opens the file at `path` for reading.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn open(path: impl AsRef<Path>) -> io::Result<RandomAccessFile> {
        File::open(path).map(RandomAccessFile::from)
    }

    /// A file that is not one of the system.
    ///
    /// ```
    /// use flatfile::{RandomAccessFile, ReadAt, npy};
    /// let bytes = npy::to_bytes(&flatfile::Array::from_slice(&[1u8, 2, 3], [3])?)?;
    /// let file = RandomAccessFile::from_source(bytes);
    /// assert!(file.is_regular()?);
    /// assert_eq!(npy::open(&file)?.read()?.as_bytes(), [1, 2, 3]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    pub fn from_source(source: impl ReadAt + Send + 'static) -> RandomAccessFile {
        RandomAccessFile(Inner::Source(Arc::new(source)).into())
    }

    /// Checks this token, if there is one, before each piece that is read.
    #[must_use]
    pub fn cancelled_by(self, token: impl Into<Option<CancelToken>>) -> RandomAccessFile {
        RandomAccessFile(Cancellable::new(self.0.into_inner(), token))
    }

    /// A second handle of the same file, with the same token.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn try_clone(&self) -> io::Result<RandomAccessFile> {
        let file = match self.0.get_ref() {
            Inner::File(file) => Inner::File(file.try_clone()?),
            Inner::Source(source) => Inner::Source(Arc::clone(source)),
        };
        let token = self.0.token().cloned();
        Ok(RandomAccessFile(Cancellable::new(file, token)))
    }

    /// Whether it has a length and positions, as a regular file has; pipes and devices have not.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn is_regular(&self) -> io::Result<bool> {
        match self.0.get_ref() {
            Inner::File(file) => Ok(file.metadata()?.is_file()),
            Inner::Source(_) => Ok(true),
        }
    }

    /// The file's bytes from its beginning; if it has no positions (a pipe), from the current one.
    pub fn into_stream(self) -> Cancellable<FileStream> {
        let token = self.0.token().cloned();
        let stream = match self.0.into_inner() {
            Inner::File(mut file) => {
                // A file without positions was not read at any.
                let _ = file.rewind();
                Stream::File(file)
            }
            Inner::Source(source) => Stream::Source { source, offset: 0 },
        };
        Cancellable::new(FileStream(stream), token)
    }

    /// The file of the system, if it is one, for uses that need no cursor.
    pub(crate) fn file(&self) -> Option<&File> {
        match self.0.get_ref() {
            Inner::File(file) => Some(file),
            Inner::Source(_) => None,
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inner::File(file) => file.fmt(f),
            Inner::Source(_) => f.write_str("Source"),
        }
    }
}

impl From<File> for RandomAccessFile {
    fn from(file: File) -> RandomAccessFile {
        RandomAccessFile(Inner::File(file).into())
    }
}

impl ReadAt for RandomAccessFile {
    fn len(&self) -> io::Result<u64> {
        match self.0.get_ref() {
            Inner::File(file) => Ok(file.metadata()?.len()),
            Inner::Source(source) => source.len(),
        }
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let piece = self.0.piece_of(bytes)?;
        match self.0.get_ref() {
            Inner::File(file) => read_file_at(file, piece, offset),
            Inner::Source(source) => source.read_at(piece, offset),
        }
    }

    fn will_read(&self, ranges: Ranges) {
        if let Inner::Source(source) = self.0.get_ref() {
            source.will_read(ranges);
        }
    }
}

/// The bytes of a [`RandomAccessFile`], in sequence.
#[derive(Debug)]
pub struct FileStream(Stream);

enum Stream {
    File(File),
    Source {
        source: Arc<dyn ReadAt + Send + Sync>,
        offset: u64,
    },
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stream::File(file) => file.fmt(f),
            Stream::Source { offset, .. } => {
                f.debug_struct("Source").field("offset", offset).finish()
            }
        }
    }
}

impl Read for FileStream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Stream::File(file) => file.read(bytes),
            Stream::Source { source, offset } => {
                let count = source.read_at(bytes, *offset)?;
                *offset += count as u64;
                Ok(count)
            }
        }
    }
}

#[cfg(unix)]
fn read_file_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_file_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

#[cfg(not(any(unix, windows)))]
fn read_file_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

impl ReadAt for [u8] {
    fn len(&self) -> io::Result<u64> {
        Ok(<[u8]>::len(self) as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        self.get(start..).unwrap_or_default().read(bytes)
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        Some(self)
    }
}

/// Types that hold bytes are read from memory.
macro_rules! read_as_bytes {
    ($($type:ty)*) => {
        $(impl $crate::read_at::ReadAt for $type {
            fn len(&self) -> std::io::Result<u64> {
                $crate::read_at::ReadAt::len(AsRef::<[u8]>::as_ref(self))
            }

            fn read_at(&self, bytes: &mut [u8], offset: u64) -> std::io::Result<usize> {
                $crate::read_at::ReadAt::read_at(AsRef::<[u8]>::as_ref(self), bytes, offset)
            }

            fn as_bytes(&self) -> Option<&[u8]> {
                Some(self.as_ref())
            }
        })*
    };
}

read_as_bytes! { Vec<u8> }

pub(crate) use read_as_bytes;

/// Pointers to a source are sources.
macro_rules! read_through {
    ($($type:ty $(: $bound:ident)?;)*) => {
        $(impl<T: ReadAt $(+ $bound)? + ?Sized> ReadAt for $type {
            fn len(&self) -> io::Result<u64> {
                (**self).len()
            }

            fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
                (**self).read_at(bytes, offset)
            }

            fn as_bytes(&self) -> Option<&[u8]> {
                (**self).as_bytes()
            }

            fn will_read(&self, ranges: Ranges) {
                (**self).will_read(ranges);
            }
        })*
    };
}

read_through! { &T; Box<T>; Arc<T>: Send; }

/// Anything that reads and seeks. Threads take turns.
impl<R: Read + Seek + Send> ReadAt for Mutex<R> {
    fn len(&self) -> io::Result<u64> {
        let mut reader = self.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::End(0))
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut reader = self.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::Start(offset))?;
        reader.read(bytes)
    }
}

impl<T: ReadAt> ReadAt for Cancellable<T> {
    fn len(&self) -> io::Result<u64> {
        self.get_ref().len()
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.get_ref().read_at(self.piece_of(bytes)?, offset)
    }

    /// `None` if there is a token: bytes in memory are not read in pieces.
    fn as_bytes(&self) -> Option<&[u8]> {
        if self.token().is_some() {
            return None;
        }
        self.get_ref().as_bytes()
    }

    fn will_read(&self, ranges: Ranges) {
        self.get_ref().will_read(ranges);
    }
}

/// Fills `bytes` from byte `offset` on.
///
/// # Errors
/// `UnexpectedEof` if the source ends early; errors of the system.
pub fn read_exact_at<S: ReadAt + ?Sized>(
    source: &S,
    bytes: &mut [u8],
    offset: u64,
) -> io::Result<()> {
    if read_full_at(source, bytes, offset)? < bytes.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Fills `bytes` from byte `offset` on as far as the source goes, and returns how many were read.
pub(crate) fn read_full_at<S: ReadAt + ?Sized>(
    source: &S,
    bytes: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    fill_from(bytes, |rest, filled| {
        source.read_at(rest, offset.saturating_add(filled as u64))
    })
}

/// Fills `bytes` from byte `offset` on as far as one call goes, and returns how many were read.
///
/// # Errors
/// Errors of the system; an interrupted call is not one.
pub fn read_once_at<S: ReadAt + ?Sized>(
    source: &S,
    bytes: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    loop {
        match source.read_at(bytes, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(count) => return believed(count, bytes.len()),
            error => return error,
        }
    }
}

/// Fills `space` as far as the source goes, and returns how many bytes were read. `read` gets the number of bytes
/// that are already there.
pub(crate) fn fill_from(
    space: &mut [u8],
    mut read: impl FnMut(&mut [u8], usize) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let length = rest.len();
        match read(rest, filled) {
            Ok(0) => break,
            Ok(count) => filled += believed(count, length)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// A source that claims to have read more than it was asked for is wrong.
fn believed(count: usize, asked: usize) -> io::Result<usize> {
    if count > asked {
        let text =
            format!("a source says that it read {count} bytes, where {asked} were asked for");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    Ok(count)
}
