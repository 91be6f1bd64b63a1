//! Raw files as memory: NumPy's `memmap`.

use super::{Mmap, MmapMut};
use crate::array::Array;
use crate::error::{Error, refuse_objects};
use crate::raw::RawLayout;
use crate::read_at::RandomAccessFile;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Maps a raw file for reading, as [`MemmapOptions::map`] does. A dtype alone means as many items as there are.
///
/// ```
/// # fn main() -> Result<(), flatfile::Error> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.dat");
/// use flatfile::{map, raw::RawLayout, dtype::DType};
/// std::fs::write(&path, [1i16, 2, 3, 4].map(i16::to_ne_bytes).concat())?;
/// let layout = RawLayout::new(DType::I16).shape([2, 2]);
/// // SAFETY: no one changes this file meanwhile.
/// let array = unsafe { map::memmap(&path, &layout) }?;
/// assert_eq!(array.as_slice::<i16>()?, [1, 2, 3, 4]);
/// array.close();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `Short` and the like if the file's length does not fit, `Object`, `Io`; each with the path.
///
/// # Safety
/// The file must not be changed or truncated while the mapping lives; see the [module](super).
pub unsafe fn memmap(
    path: impl AsRef<Path>,
    layout: impl Into<RawLayout>,
) -> Result<Array<Mmap>, Error> {
    // SAFETY: the caller's promise.
    unsafe { MemmapOptions::new(layout).map(path) }
}

/// How to map a raw file, with a method for each of the modes of NumPy's `memmap`.
///
/// ```
/// # fn main() -> Result<(), flatfile::Error> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.dat");
/// use flatfile::{dtype::DType, map::MemmapOptions, raw::RawLayout};
/// let options = MemmapOptions::new(RawLayout::new(DType::I16).shape([2, 2]));
/// // SAFETY: no one else changes this file meanwhile.
/// let mut array = unsafe { options.create(&path) }?;
/// array.as_mut_slice()?.copy_from_slice(&[1i16, 2, 3, 4]);
/// array.close()?;
/// assert_eq!(std::fs::metadata(&path)?.len(), 8);
/// // SAFETY: as above.
/// let array = unsafe { MemmapOptions::new(DType::I16).map_copy(&path) }?;
/// assert_eq!(array.to_string(), "[1 2 3 4]");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct MemmapOptions {
    layout: RawLayout,
    extend: bool,
}

impl MemmapOptions {
    /// For files with this layout; a dtype alone means as many items as there are.
    pub fn new(layout: impl Into<RawLayout>) -> MemmapOptions {
        let (layout, extend) = (layout.into(), false);
        MemmapOptions { layout, extend }
    }

    /// Lets [`map_mut`](MemmapOptions::map_mut) extend a file that is too short with zeros, and create one that does
    /// not exist. NumPy's mode `r+` extends files unasked.
    #[must_use]
    pub fn extend(mut self) -> MemmapOptions {
        self.extend = true;
        self
    }

    /// Maps a file for reading: mode `r`.
    ///
    /// # Errors
    /// `Short` and the like if the file's length does not fit, `Object`, `Io`; each with the path.
    ///
    /// # Safety
    /// The file must not be changed or truncated while the mapping lives; see the [module](super).
    pub unsafe fn map(&self, path: impl AsRef<Path>) -> Result<Array<Mmap>, Error> {
        // SAFETY: the caller's promise.
        let map = |file: &File, offset, len| unsafe { Mmap::new(file, offset, len) };
        self.open(path.as_ref(), OpenOptions::new().read(true), map)
    }

    /// Maps a file for reading and writing; changes are written to the file: mode `r+`.
    ///
    /// # Errors
    /// As [`map`](MemmapOptions::map). With [`extend`](MemmapOptions::extend), `Shape` if a length is -1.
    ///
    /// # Safety
    /// No one else may change or truncate the file while the mapping lives; see the [module](super).
    pub unsafe fn map_mut(&self, path: impl AsRef<Path>) -> Result<Array<MmapMut>, Error> {
        let path = path.as_ref();
        if self.extend {
            let lengthen = |file: &File, end| {
                if file.metadata()?.len() < end {
                    file.set_len(end)
                } else {
                    Ok(())
                }
            };
            // SAFETY: the caller's promise.
            return unsafe { self.with_length(path, lengthen) };
        }
        // SAFETY: the caller's promise.
        let map = |file: &File, offset, len| unsafe { MmapMut::new(file, offset, len) };
        self.open(path, OpenOptions::new().read(true).write(true), map)
    }

    /// Maps a file copy on write; changes stay in memory: mode `c`.
    ///
    /// # Errors
    /// As [`map`](MemmapOptions::map).
    ///
    /// # Safety
    /// The file must not be changed or truncated while the mapping lives; see the [module](super).
    pub unsafe fn map_copy(&self, path: impl AsRef<Path>) -> Result<Array<MmapMut>, Error> {
        // SAFETY: the caller's promise.
        let map = |file: &File, offset, len| unsafe { MmapMut::copy_on_write(file, offset, len) };
        self.open(path.as_ref(), OpenOptions::new().read(true), map)
    }

    /// Creates a file of zeros, or replaces an existing one, and maps it for reading and writing: mode `w+`.
    ///
    /// # Errors
    /// `Shape` if a length is -1; `Object`; an `Io` error for a file that cannot become that long, after which the old
    /// file is still there; other `Io` errors. Each with the path.
    ///
    /// # Safety
    /// No one else may change or truncate the file while the mapping lives, or have it mapped already; see
    /// the [module](super).
    pub unsafe fn create(&self, path: impl AsRef<Path>) -> Result<Array<MmapMut>, Error> {
        // SAFETY: the caller's promise.
        unsafe { self.with_length(path.as_ref(), super::renew) }
    }

    /// Opens or creates the file, calls `lengthen` to ensure its length, and maps the layout.
    ///
    /// # Safety
    /// As [`create`](MemmapOptions::create).
    unsafe fn with_length(
        &self,
        path: &Path,
        lengthen: impl FnOnce(&File, u64) -> io::Result<()>,
    ) -> Result<Array<MmapMut>, Error> {
        let map = || {
            let layout = self.layout.complete()?;
            refuse_objects(layout.dtype())?;
            let begin = self.layout.begin();
            let file = super::open_or_create(path)?;
            lengthen(&file, begin.saturating_add(layout.nbytes() as u64))?;
            // SAFETY: the caller's promise.
            let bytes = unsafe { MmapMut::new(&file, begin, layout.nbytes()) }?;
            Array::new(layout, bytes)
        };
        map().map_err(|error: Error| error.in_file(path))
    }

    /// Opens the file, and calls `map` with the offset and length of the data.
    fn open<B: AsRef<[u8]>>(
        &self,
        path: &Path,
        options: &OpenOptions,
        map: impl FnOnce(&File, u64, usize) -> Result<B, Error>,
    ) -> Result<Array<B>, Error> {
        let find =
            |file: &RandomAccessFile| Ok((self.layout.in_source(file)?, self.layout.begin()));
        super::open(path, options, find, map)
    }
}
