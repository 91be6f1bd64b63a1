//! `.npy` files as memory: NumPy's `open_memmap`.

use super::{Mmap, MmapMut};
use crate::array::Array;
use crate::error::{Error, refuse_objects};
use crate::npy;
use crate::read_at::RandomAccessFile;
use dtype::Layout;
use npy_header::Header;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Maps a `.npy` for reading (NumPy's mode `r`).
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
    let map = |file: &File, offset, len| unsafe { Mmap::new(file, offset, len) };
    open(path.as_ref(), OpenOptions::new().read(true), map)
}

/// Maps a `.npy` for reading and writing; changes are written to the file (NumPy's mode `r+`).
///
/// # Errors
/// `Header`, `Short`, `Object`, `Io`; each with the path.
///
/// # Safety
/// No one else may change or truncate the file while the mapping lives; see the [module](super).
pub unsafe fn open_memmap_mut(path: impl AsRef<Path>) -> Result<Array<MmapMut>, Error> {
    // SAFETY: the caller's promise.
    let map = |file: &File, offset, len| unsafe { MmapMut::new(file, offset, len) };
    open(
        path.as_ref(),
        OpenOptions::new().read(true).write(true),
        map,
    )
}

/// Maps a `.npy` copy on write: changes stay in memory (NumPy's mode `c`).
///
/// # Errors
/// `Header`, `Short`, `Object`, `Io`; each with the path.
///
/// # Safety
/// The file must not be changed or truncated while the mapping lives; see the [module](super).
pub unsafe fn open_memmap_copy(path: impl AsRef<Path>) -> Result<Array<MmapMut>, Error> {
    // SAFETY: the caller's promise.
    let map = |file: &File, offset, len| unsafe { MmapMut::copy_on_write(file, offset, len) };
    open(path.as_ref(), OpenOptions::new().read(true), map)
}

/// Creates a `.npy` of zeros, or replaces an existing file, and maps it (NumPy's mode `w+`).
///
/// # Errors
/// `Object`, or an `Io` error for a file that cannot become that long, after which the old file is still there;
/// other `Io` errors. Each with the path.
///
/// # Safety
/// No one else may change or truncate the file while the mapping lives, or have it mapped already; see
/// the [module](super).
pub unsafe fn create_memmap(
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
    path: &Path,
    options: &OpenOptions,
    map: impl FnOnce(&File, u64, usize) -> Result<B, Error>,
) -> Result<Array<B>, Error> {
    let open = || {
        let file = RandomAccessFile::from(options.open(path)?);
        let reader = npy::open(&file)?;
        let layout = reader.layout();
        refuse_objects(layout.dtype())?;
        let bytes = map(
            file.file(),
            reader.data_offset().unwrap_or(0),
            layout.nbytes(),
        )?;
        Array::new(layout.clone(), bytes)
    };
    open().map_err(|error: Error| error.in_file(path))
}
