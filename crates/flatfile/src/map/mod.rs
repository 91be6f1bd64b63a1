//! Files as memory: [`Mmap`], [`MmapMut`], and the arrays over them.
//!
//! Mapping a file is `unsafe`, and the caller has to promise: **as long as the mapping lives, no one changes the
//! file, in this process or another, except through this mapping**, and no one truncates it. Rust's references
//! promise that bytes do not change on their own. If a mapped file becomes shorter, touching the lost pages ends
//! the program with SIGBUS, as it does in NumPy. The file's length is compared with the layout before anything is
//! mapped.

#![expect(
    unsafe_code,
    reason = "a mapped file is only as constant as its promise"
)]

mod npy;
mod raw;

pub use npy::{OpenMemmapOptions, open_memmap};
pub use raw::{MemmapOptions, memmap};

use crate::array::Array;
use crate::error::{Error, ErrorKind, refuse_objects};
use crate::read_at::{RandomAccessFile, read_as_bytes};
use dtype::Layout;
use memmap2::MmapOptions;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::path::Path;

/// Bytes of a file, for reading.
#[derive(Debug)]
pub struct Mmap(Option<memmap2::Mmap>);

/// Bytes of a file, for reading and writing: shared with the file, or with changes in a private copy.
#[derive(Debug)]
pub struct MmapMut {
    map: Option<memmap2::MmapMut>,
    /// Whether changes are in a private copy, which has nothing to write back.
    is_private: bool,
}

impl Mmap {
    /// Maps all of the file at `path`.
    ///
    /// # Errors
    /// `Io`, with the path.
    ///
    /// # Safety
    /// As [`new`](Mmap::new).
    pub unsafe fn open(path: impl AsRef<Path>) -> Result<Mmap, Error> {
        let path = path.as_ref();
        let open = || {
            let file = File::open(path)?;
            let bytes = file.metadata()?.len();
            let bytes =
                usize::try_from(bytes).map_err(|_| ErrorKind::Memory { bytes: usize::MAX })?;
            // SAFETY: the caller's promise.
            unsafe { Mmap::new(&file, 0, bytes) }
        };
        open().map_err(|error| error.in_file(path))
    }

    /// Maps `len` bytes of `file` from byte `offset` on, whether that is aligned or not.
    ///
    /// # Errors
    /// `Short` if the file ends early; `Io`.
    ///
    /// # Safety
    /// The file must not be changed or truncated while the mapping lives; see the [module](self).
    pub unsafe fn new(file: &File, offset: u64, len: usize) -> Result<Mmap, Error> {
        let options = options(file, offset, len)?;
        // SAFETY: the caller's promise is the one that memmap2 asks for.
        let map = options.map(|options| unsafe { options.map(file) });
        Ok(Mmap(map.transpose()?))
    }
}

impl MmapMut {
    /// Maps `len` bytes of `file`, which is open for reading and writing; changes are written to the file.
    ///
    /// # Errors
    /// `Short` if the file ends early; `Io`.
    ///
    /// # Safety
    /// No one else may change or truncate the file while the mapping lives; see the [module](self).
    pub unsafe fn new(file: &File, offset: u64, len: usize) -> Result<MmapMut, Error> {
        let options = options(file, offset, len)?;
        // SAFETY: the caller's promise is the one that memmap2 asks for.
        let map = options.map(|options| unsafe { options.map_mut(file) });
        let (map, is_private) = (map.transpose()?, false);
        Ok(MmapMut { map, is_private })
    }

    /// Maps `len` bytes of `file` copy on write: changes stay in this mapping.
    ///
    /// # Errors
    /// `Short` if the file ends early; `Io`.
    ///
    /// # Safety
    /// The file must not be changed or truncated while the mapping lives; see the [module](self).
    pub unsafe fn copy_on_write(file: &File, offset: u64, len: usize) -> Result<MmapMut, Error> {
        let options = options(file, offset, len)?;
        // SAFETY: the caller's promise is the one that memmap2 asks for.
        let map = options.map(|options| unsafe { options.map_copy(file) });
        let (map, is_private) = (map.transpose()?, true);
        Ok(MmapMut { map, is_private })
    }

    /// Writes changes to the file's storage, and waits for it. A private copy has nothing to write, so this
    /// succeeds.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn flush(&self) -> io::Result<()> {
        match &self.map {
            // Windows refuses to flush a file that is open only for reading.
            Some(map) if !self.is_private => map.flush(),
            _ => Ok(()),
        }
    }

    /// The same for a part of the bytes.
    ///
    /// # Errors
    /// Errors of the system; a range outside the bytes.
    pub fn flush_range(&self, bytes: Range<usize>) -> io::Result<()> {
        if bytes.start > bytes.end || bytes.end > self.as_ref().len() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        match &self.map {
            Some(map) if !self.is_private => map.flush_range(bytes.start, bytes.len()),
            _ => Ok(()),
        }
    }
}

/// Opens the file, finds its layout and where the items begin, and calls `map` with that offset and their length.
fn open<B: AsRef<[u8]>>(
    path: &Path,
    options: &OpenOptions,
    find: impl FnOnce(&RandomAccessFile) -> Result<(Layout, u64), Error>,
    map: impl FnOnce(&File, u64, usize) -> Result<B, Error>,
) -> Result<Array<B>, Error> {
    let open = || {
        let file = RandomAccessFile::from(options.open(path)?);
        let (layout, begin) = find(&file)?;
        refuse_objects(layout.dtype())?;
        let file = file
            .file()
            .ok_or(io::ErrorKind::Unsupported)
            .map_err(io::Error::from)?;
        let bytes = map(file, begin, layout.nbytes())?;
        Array::new(layout, bytes)
    };
    open().map_err(|error: Error| error.in_file(path))
}

/// Opens the file for reading and writing, and creates it if it does not exist.
fn open_or_create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path)
}

/// Replaces the file's contents by this many zeros. If it cannot become that long, it stays as it is.
fn renew(file: &File, length: u64) -> io::Result<()> {
    let old = file.metadata()?.len();
    if let Err(error) = file.set_len(old.max(length)) {
        file.set_len(old)?;
        return Err(error);
    }
    file.set_len(0)?;
    file.set_len(length)
}

/// The options of the mapping; `None` for no bytes at all, which no system maps.
fn options(file: &File, offset: u64, len: usize) -> Result<Option<MmapOptions>, Error> {
    let found = file.metadata()?.len().saturating_sub(offset);
    if found < len as u64 {
        return Err(Error::short(len, found as usize));
    }
    let mut options = MmapOptions::new();
    options.offset(offset).len(len);
    Ok((len > 0).then_some(options))
}

impl AsRef<[u8]> for Mmap {
    fn as_ref(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

impl AsRef<[u8]> for MmapMut {
    fn as_ref(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }
}

impl AsMut<[u8]> for MmapMut {
    fn as_mut(&mut self) -> &mut [u8] {
        self.map.as_deref_mut().unwrap_or_default()
    }
}

impl Array<Mmap> {
    /// Ends the mapping. Dropping it does the same.
    pub fn close(self) {}
}

impl Array<MmapMut> {
    /// Writes changes to the file's storage, and waits for it. A private copy has nothing to write, so this
    /// succeeds.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn flush(&self) -> Result<(), Error> {
        Ok(self.storage().flush()?)
    }

    /// The same for these rows of an array in C order, counted by the first index.
    ///
    /// # Errors
    /// `NotRowMajor` for other arrays; errors of the system.
    pub fn flush_rows(&self, rows: Range<usize>) -> Result<(), Error> {
        let layout = self.layout();
        let count = layout.shape().first().filter(|_| layout.is_c_contiguous());
        let Some(count) = count else {
            return Err(ErrorKind::NotRowMajor(layout.clone()).into());
        };
        let row = layout.nbytes().checked_div(*count).unwrap_or(0);
        let rows = rows.start.min(*count) * row..rows.end.min(*count) * row;
        Ok(self.storage().flush_range(rows)?)
    }

    /// Writes changes and ends the mapping. Dropping it also ends it, but leaves the writing to the system and does
    /// not report a failure.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn close(self) -> Result<(), Error> {
        self.flush()
    }
}

read_as_bytes! { Mmap MmapMut }
