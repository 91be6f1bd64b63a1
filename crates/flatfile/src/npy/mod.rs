//! `.npy`: a flat file that begins with its own layout.
//!
//! ```
//! use flatfile::{Array, npy};
//!
//! let array = Array::from_slice(&[0.5f32, 1.5, 2.5, 3.5], [2, 2])?;
//! let mut file = Vec::new();
//! npy::write(&mut file, &array)?;
//! npy::write(&mut file, &array)?;
//!
//! // Consecutive arrays are read one after another.
//! let mut rest = file.as_slice();
//! let first = npy::read(&mut rest)?;
//! assert_eq!(first.shape(), [2, 2]);
//! assert_eq!(first.into_vec::<f32>()?, [0.5, 1.5, 2.5, 3.5]);
//! let second = npy::read(&mut rest)?;
//! assert!(rest.is_empty());
//! # assert_eq!(second.as_bytes(), array.as_bytes());
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! The plain calls are free functions; [`ReadOptions`] and [`WriteOptions`] have methods of the same names for
//! configured calls.

mod append;
mod arrays;
mod read;
mod rows;
mod verify;
mod write;

pub use append::{Appender, RecoverFrom};
pub use arrays::{Arrays, arrays};
pub use read::ReadOptions;
pub(crate) use rows::RowLayout;
pub use rows::RowWriter;
pub use verify::{Issue, IssueKind, verify};
pub use write::WriteOptions;

use crate::array::{Array, ArrayView};
use crate::error::Error;
use crate::read_at::ReadAt;
use crate::reader::{Forward, Reader};
use crate::strided::Strided;
use std::io::{Read, Write};

/// Reads one array; the source is left right after it.
///
/// # Errors
/// `Header`, `Short`, `Object`, `Memory`, `Io`.
pub fn read(source: impl Read) -> Result<Array, Error> {
    ReadOptions::new().open_stream(source)?.read()
}

/// Opens the array at the beginning of a source.
///
/// # Errors
/// `Header`, `Io`.
pub fn open<S: ReadAt>(source: S) -> Result<Reader<S>, Error> {
    ReadOptions::new().open(source)
}

/// Opens the next array in a stream.
///
/// # Errors
/// `Header`, `Io`.
pub fn open_stream<R: Read>(source: R) -> Result<Reader<Forward<R>>, Error> {
    ReadOptions::new().open_stream(source)
}

/// The array at the beginning of `bytes`, borrowing these bytes, and the number of bytes that it takes.
///
/// # Errors
/// `Header`, `Short`, `Object`.
pub fn parse(bytes: &[u8]) -> Result<(ArrayView<'_>, usize), Error> {
    ReadOptions::new().parse(bytes)
}

/// Writes one array as NumPy's `save` does.
///
/// # Errors
/// `Object`, before anything is written; `Io`.
pub fn write<'a>(target: impl Write, array: impl Into<Strided<'a>>) -> Result<(), Error> {
    WriteOptions::new().write(target, array)
}

/// One array as the bytes of a `.npy`.
///
/// # Errors
/// `Object`.
pub fn to_bytes<'a>(array: impl Into<Strided<'a>>) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write(&mut bytes, array)?;
    Ok(bytes)
}
