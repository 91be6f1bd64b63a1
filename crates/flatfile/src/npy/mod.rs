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
//! // Arrays behind one another are read one after another.
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
//! The plain calls are free functions; the configured ones are the same verbs on [`ReadOptions`] and
//! [`WriteOptions`].

mod append;
mod read;
mod rows;
mod verify;
mod write;

pub use append::{Appender, RecoverFrom};
pub use read::ReadOptions;
pub use rows::RowWriter;
pub use verify::{Issue, IssueKind, verify};
pub use write::WriteOptions;

use crate::array::{Array, ArrayView};
use crate::error::Error;
use crate::read_at::ReadAt;
use crate::reader::{Forward, Reader};
use crate::strided::Strided;
use std::io::{Read, Write};

/// Reads one array; the source stays right behind it.
///
/// # Errors
/// `Header`, `Short`, `Object`, `Memory`, `Io`.
pub fn read(source: impl Read) -> Result<Array, Error> {
    ReadOptions::new().open_stream(source)?.read()
}

/// Opens the array that a source begins with.
///
/// # Errors
/// `Header`, `Io`.
pub fn open<S: ReadAt>(source: S) -> Result<Reader<S>, Error> {
    ReadOptions::new().open(source)
}

/// Opens the array that comes next in a stream.
///
/// # Errors
/// `Header`, `Io`.
pub fn open_stream<R: Read>(source: R) -> Result<Reader<Forward<R>>, Error> {
    ReadOptions::new().open_stream(source)
}

/// The array that `bytes` begin with, over these bytes, and how many it takes.
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
