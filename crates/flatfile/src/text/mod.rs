//! Items as text: NumPy's `tofile` and `fromfile` with `sep`, and [`table`]s.
//!
//! ```
//! use flatfile::{Array, dtype::DType, text};
//! let array = Array::from_slice(&[0.1, 1e16, f64::NAN], [3])?;
//! let mut text = Vec::new();
//! text::write(&mut text, &array, ",")?;
//! assert_eq!(text, b"0.1,1e+16,nan");
//! assert_eq!(text::read(&text[..], DType::F64, ",")?.shape(), [3]);
//!
//! let error = text::read(&b"1,2\n,x,4"[..], DType::I32, ",").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "line 2, column 2 (byte 5), item 2: expected an integer, found 'x'"
//! );
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! Source: `numpy/_core/src/multiarray/ctors.c`, `array_from_text`; `convert.c`, `PyArray_ToFile`.

mod chunk_reader;
mod chunk_state;
mod format;
mod format_item;
mod item_parser;
mod number;
mod read;
mod separator;
mod short_decimal;
pub mod table;
mod value;
mod write;
mod write_blocks;

pub use crate::error::{FieldError, Position, TextError};
pub use format::Format;
pub use read::{Blocks, ReadOptions};
pub use separator::Separator;
pub use write::{WriteOptions, Writer};

use crate::array::Array;
use crate::error::Error;
use crate::strided::Strided;
use dtype::DType;
use std::io::{Read, Write};

/// Reads items with a separator between them, strictly: see [`ReadOptions::read`].
///
/// # Errors
/// `Separator` if the separator is empty; `Text`, `TextType`, `Memory`, `Io`.
pub fn read(source: impl Read, dtype: DType, separator: &str) -> Result<Array, Error> {
    ReadOptions::new().read(source, dtype, &Separator::new(separator)?)
}

/// Writes items with a separator between them, each as Python's `str` prints it: see [`WriteOptions::write`].
///
/// # Errors
/// `Object`, `TextType`, before anything is written; `Io`.
pub fn write<'a>(
    target: impl Write,
    array: impl Into<Strided<'a>>,
    separator: &str,
) -> Result<(), Error> {
    WriteOptions::new().write(target, array, separator)
}
