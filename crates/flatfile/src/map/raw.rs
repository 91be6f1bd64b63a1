//! Raw files as memory: NumPy's `memmap`.

use super::{Mmap, MmapMut};
use crate::array::Array;
use crate::error::{Error, refuse_objects};
use crate::raw::RawLayout;
use crate::read_at::RandomAccessFile;
use dtype::Layout;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Maps a raw file for reading (NumPy's mode `r`). A dtype alone means as many items as there are, a layout alone
/// means all of the file.
///
/// ```
/// # fn main() -> Result<(), flatfile::Error> {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("x.dat");
/// use flatfile::{map, raw::RawLayout, dtype::DType};
/// std::fs::write(&path, [1i16, 2, 3, 4].map(i16::to_ne_bytes).concat())?;
/// let format = RawLayout::new(DType::I16).shape([2, 2]);
/// // SAFETY: no one changes this file meanwhile.
/// let array = unsafe { map::memmap(&path, &format) }?;
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
    format: impl Into<RawLayout>,
) -> Result<Array<Mmap>, Error> {
    // SAFETY: the caller's promise.
    let map = |file: &File, offset, len| unsafe { Mmap::new(file, offset, len) };
    open(
        path.as_ref(),
        &format.into(),
        OpenOptions::new().read(true),
        map,
    )
}

/// Maps a raw file for reading and writing; changes are written to the file (NumPy's mode `r+`). It has to be long
/// enough already: see [`extend_memmap`].
///
/// # Errors
/// As [`memmap`].
///
/// # Safety
/// No one else may change or truncate the file while the mapping lives; see the [module](super).
pub unsafe fn memmap_mut(
    path: impl AsRef<Path>,
    format: impl Into<RawLayout>,
) -> Result<Array<MmapMut>, Error> {
    // SAFETY: the caller's promise.
    let map = |file: &File, offset, len| unsafe { MmapMut::new(file, offset, len) };
    let mut options = OpenOptions::new();
    open(
        path.as_ref(),
        &format.into(),
        options.read(true).write(true),
        map,
    )
}

/// Maps a raw file copy on write: changes stay in memory (NumPy's mode `c`).
///
/// # Errors
/// As [`memmap`].
///
/// # Safety
/// The file must not be changed or truncated while the mapping lives; see the [module](super).
pub unsafe fn memmap_copy(
    path: impl AsRef<Path>,
    format: impl Into<RawLayout>,
) -> Result<Array<MmapMut>, Error> {
    // SAFETY: the caller's promise.
    let map = |file: &File, offset, len| unsafe { MmapMut::copy_on_write(file, offset, len) };
    open(
        path.as_ref(),
        &format.into(),
        OpenOptions::new().read(true),
        map,
    )
}

/// Maps this layout from byte `offset` of a raw file on, for reading and writing. A file that is shorter, or does
/// not exist, is extended with zeros to the length needed: NumPy's mode `r+` does this unasked.
///
/// # Errors
/// `Object`, `Io`; each with the path.
///
/// # Safety
/// No one else may change or truncate the file while the mapping lives; see the [module](super).
pub unsafe fn extend_memmap(
    path: impl AsRef<Path>,
    layout: Layout,
    offset: u64,
) -> Result<Array<MmapMut>, Error> {
    let lengthen = |file: &File, end| {
        if file.metadata()?.len() < end {
            file.set_len(end)
        } else {
            Ok(())
        }
    };
    // SAFETY: the caller's promise.
    unsafe { map_new(path.as_ref(), layout, offset, lengthen) }
}

/// Creates a raw file of zeros with this layout from byte `offset` on, or replaces an existing file, and maps it
/// (NumPy's mode `w+`).
///
/// # Errors
/// `Object`, `Io`; each with the path.
///
/// # Safety
/// No one else may change or truncate the file while the mapping lives, or have it mapped already; see
/// the [module](super).
pub unsafe fn new_memmap(
    path: impl AsRef<Path>,
    layout: Layout,
    offset: u64,
) -> Result<Array<MmapMut>, Error> {
    // SAFETY: the caller's promise.
    unsafe { map_new(path.as_ref(), layout, offset, super::renew) }
}

/// Opens or creates the file, calls `lengthen` to ensure its length, and maps the layout.
///
/// # Safety
/// As [`new_memmap`].
unsafe fn map_new(
    path: &Path,
    layout: Layout,
    offset: u64,
    lengthen: impl FnOnce(&File, u64) -> io::Result<()>,
) -> Result<Array<MmapMut>, Error> {
    let map = || {
        refuse_objects(layout.dtype())?;
        let file = super::open_or_create(path)?;
        lengthen(&file, offset.saturating_add(layout.nbytes() as u64))?;
        // SAFETY: the caller's promise.
        let bytes = unsafe { MmapMut::new(&file, offset, layout.nbytes()) }?;
        Array::new(layout, bytes)
    };
    map().map_err(|error: Error| error.in_file(path))
}

/// Opens the file, and calls `map` with the offset and length of the data.
fn open<B: AsRef<[u8]>>(
    path: &Path,
    format: &RawLayout,
    options: &OpenOptions,
    map: impl FnOnce(&File, u64, usize) -> Result<B, Error>,
) -> Result<Array<B>, Error> {
    let open = || {
        let file = RandomAccessFile::from(options.open(path)?);
        let layout = format.in_source(&file)?;
        refuse_objects(layout.dtype())?;
        let bytes = map(file.file(), format.begin(), layout.nbytes())?;
        Array::new(layout, bytes)
    };
    open().map_err(|error: Error| error.in_file(path))
}
