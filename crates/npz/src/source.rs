//! Where an archive's bytes are: [`Source`].

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

/// Bytes that can be read at any place, by several threads: a [`File`], [`Bytes`] or [`Seekable`].
pub trait Source: Sealed + Sync {
    /// How many bytes there are.
    ///
    /// # Errors
    /// The system's.
    fn length(&self) -> io::Result<u64>;

    /// Reads some bytes from byte `offset` on, and says how many; 0 at the end.
    ///
    /// # Errors
    /// The system's.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// The file, where it is one.
    fn as_file(&self) -> Option<&File> {
        None
    }

    /// The bytes, where they are in memory.
    fn as_bytes(&self) -> Option<&[u8]> {
        None
    }
}

pub(crate) use sealed::Sealed;

mod sealed {
    pub trait Sealed {}
}

impl Sealed for File {}

impl Source for File {
    fn length(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    #[cfg(unix)]
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, bytes, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, bytes, offset)
    }

    fn as_file(&self) -> Option<&File> {
        Some(self)
    }
}

/// Bytes in memory: a slice, a vector, a mapping ([`Mmap`](flatfile::map::Mmap)).
#[derive(Clone, Debug)]
pub struct Bytes<B>(pub(crate) B);

impl<B> Sealed for Bytes<B> {}

impl<B: AsRef<[u8]> + Sync> Source for Bytes<B> {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.as_ref().len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut rest = self.0.as_ref().get(start..).unwrap_or_default();
        rest.read(bytes)
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        Some(self.0.as_ref())
    }
}

/// Anything that reads and seeks. Threads take turns.
#[derive(Debug)]
pub struct Seekable<R>(pub(crate) Mutex<R>);

impl<R> Sealed for Seekable<R> {}

impl<R: Read + Seek + Send> Source for Seekable<R> {
    fn length(&self) -> io::Result<u64> {
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::End(0))
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reader.seek(SeekFrom::Start(offset))?;
        reader.read(bytes)
    }
}

/// Fills `bytes` from byte `offset` on.
pub(crate) fn read_exact_at<S: Source>(
    source: &S,
    mut bytes: &mut [u8],
    mut offset: u64,
) -> io::Result<()> {
    while !bytes.is_empty() {
        match source.read_at(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                bytes = bytes.get_mut(n..).unwrap_or_default();
                offset += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
