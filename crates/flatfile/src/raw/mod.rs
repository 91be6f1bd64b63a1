//! Items without a header: NumPy's `tofile` and `fromfile` without `sep`.
//!
//! Nothing in the bytes describes them, so the reader has to know the [`Layout`](dtype::Layout): they are opened by
//! [`Reader::raw`](crate::Reader::raw). A `.npy` is the same after a header.

mod layout;
mod write;

pub use layout::RawLayout;
pub(crate) use write::Items;
pub use write::{WriteOptions, reserve};

use crate::error::{Error, ErrorKind};
use crate::read_at::{ReadAt, read_full_at};
use crate::strided::Strided;
use npy_header::known_format;
use std::io::Write;

/// The number of bytes that identify the format of a file.
const FIRST_BYTES: usize = 8;

/// Whether a source can be raw, as [`check_first_bytes`].
///
/// # Errors
/// `OtherFormat`, `Io`.
pub fn check_source<S: ReadAt + ?Sized>(source: &S) -> Result<(), Error> {
    let mut first = [0; FIRST_BYTES];
    let there = read_full_at(source, &mut first, 0)?;
    check_first_bytes(first.get(..there).unwrap_or_default())
}

/// Whether a file that begins with these bytes can be raw: if it begins like a file of another format, it is taken
/// for one.
///
/// # Errors
/// `OtherFormat`.
pub fn check_first_bytes(first: &[u8]) -> Result<(), Error> {
    match known_format(first) {
        Some(name) => Err(ErrorKind::OtherFormat(name).into()),
        None => Ok(()),
    }
}

/// Writes the items in C order, as NumPy's `tofile` does.
///
/// ```
/// use flatfile::{Array, raw, dtype::Order};
/// let array = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3])?;
/// let mut bytes = Vec::new();
/// raw::write(&mut bytes, &array.to_order(Order::Fortran)?)?;
/// assert_eq!(bytes, [1, 2, 3, 4, 5, 6]);
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// # Errors
/// `Object`, before anything is written; `Io`.
pub fn write<'a>(target: impl Write, array: impl Into<Strided<'a>>) -> Result<(), Error> {
    WriteOptions::new().write(target, array)
}
