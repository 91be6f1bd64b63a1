//! `.npy` files as memory: NumPy's `open_memmap`.

use super::{Mmap, MmapMut};
use crate::array::Array;
use crate::error::{Error, refuse_objects};
use crate::npy::ReadOptions;
use crate::read_at::RandomAccessFile;
use dtype::Layout;
use npy_header::Header;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Maps a `.npy` for reading, as [`OpenMemmapOptions::map`] does.
///
/// ```
/// # fn main() -> Result<(), flatfile::Error> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.npy");
/// # std::fs::write(&path, flatfile::npy::to_bytes(&flatfile::Array::from_slice(&[1.0, 2.0], [2])?)?)?;
/// // SAFETY: no one changes this file meanwhile.
/// let array = unsafe { flatfile::map::open_memmap(&path) }?;
/// assert_eq!(array.as_slice::<f64>()?, [1.0, 2.0]);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// `Header`, `Short`, `Object`, `Io`; each with the path.
///
/// # Safety
/// The file must not be changed or truncated while the mapping lives; see the [module](super).
pub unsafe fn open_memmap(path: impl AsRef<Path>) -> Result<Array<Mmap>, Error> {
    // SAFETY: the caller's promise.
    unsafe { OpenMemmapOptions::new().map(path) }
}

/// How to map a `.npy`, with a method for each of the modes of NumPy's `open_memmap`.
///
/// ```
/// # fn main() -> Result<(), flatfile::Error> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.npy");
/// use flatfile::dtype::{DType, Layout, Order};
/// use flatfile::map::OpenMemmapOptions;
/// let layout = Layout::new(DType::F64, [2], Order::C)?;
/// // SAFETY: no one else changes this file meanwhile.
/// let mut array = unsafe { OpenMemmapOptions::new().create(&path, layout) }?;
/// array.as_mut_slice()?.copy_from_slice(&[1.5, 2.5]);
/// array.close()?;
///
/// // SAFETY: as above.
/// let mut array = unsafe { OpenMemmapOptions::new().map_mut(&path) }?;
/// array.as_mut_slice::<f64>()?[0] = 0.5;
/// array.close()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenMemmapOptions {
    read: ReadOptions,
}

impl OpenMemmapOptions {
    /// The defaults.
    pub fn new() -> OpenMemmapOptions {
        OpenMemmapOptions::default()
    }

    /// The longest header to parse, in bytes; 256 KiB by default.
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> OpenMemmapOptions {
        self.read = self.read.max_header_size(bytes);
        self
    }

    /// Maps a file for reading: mode `r`.
    ///
    /// # Errors
    /// `Header`, `Short`, `Object`, `Io`; each with the path.
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
    /// As [`map`](OpenMemmapOptions::map).
    ///
    /// # Safety
    /// No one else may change or truncate the file while the mapping lives; see the [module](super).
    pub unsafe fn map_mut(&self, path: impl AsRef<Path>) -> Result<Array<MmapMut>, Error> {
        // SAFETY: the caller's promise.
        let map = |file: &File, offset, len| unsafe { MmapMut::new(file, offset, len) };
        let mut options = OpenOptions::new();
        self.open(path.as_ref(), options.read(true).write(true), map)
    }

    /// Maps a file copy on write; changes stay in memory: mode `c`.
    ///
    /// # Errors
    /// As [`map`](OpenMemmapOptions::map).
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
    /// `Object`, or an `Io` error for a file that cannot become that long, after which the old file is still there;
    /// other `Io` errors. Each with the path.
    ///
    /// # Safety
    /// No one else may change or truncate the file while the mapping lives, or have it mapped already; see
    /// the [module](super).
    pub unsafe fn create(
        &self,
        path: impl AsRef<Path>,
        layout: Layout,
    ) -> Result<Array<MmapMut>, Error> {
        let path = path.as_ref();
        let create = || {
            refuse_objects(layout.dtype())?;
            let header = Header::new(layout.clone()).encode()?;
            let mut file = super::open_or_create(path)?;
            super::renew(&file, header.len() as u64 + layout.nbytes() as u64)?;
            file.write_all(&header)?;
            // SAFETY: the caller's promise.
            let bytes = unsafe { MmapMut::new(&file, header.len() as u64, layout.nbytes()) }?;
            Array::new(layout.clone(), bytes)
        };
        create().map_err(|error: Error| error.in_file(path))
    }

    /// Opens the file, reads the header, and calls `map` with the offset and length of the data.
    fn open<B: AsRef<[u8]>>(
        &self,
        path: &Path,
        options: &OpenOptions,
        map: impl FnOnce(&File, u64, usize) -> Result<B, Error>,
    ) -> Result<Array<B>, Error> {
        let find = |file: &RandomAccessFile| {
            let reader = self.read.open(file)?;
            Ok((reader.layout().clone(), reader.data_offset().unwrap_or(0)))
        };
        super::open(path, options, find, map)
    }
}
