//! Arrays as flat files: bytes, and the layout that gives them meaning.
//!
//! Every file becomes an [`Array`], and every view of its items starts from one. A `.npy` includes its layout:
//!
//! ```
//! use flatfile::{Array, npy};
//!
//! let array = Array::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
//! let file = npy::to_bytes(&array)?;
//!
//! let loaded = npy::read(&file[..])?;
//! assert_eq!(loaded.shape(), [2, 3]);
//! assert_eq!(loaded.into_vec::<f64>()?, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
//!
//! // Without a copy, from bytes that are already in memory.
//! let (view, _) = npy::parse(&file)?;
//! assert_eq!(*view.dtype(), dtype::DType::F64);
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! This crate does not deal with paths: functions take `Read`, `Write`, `&[u8]` and [`ReadAt`]. Only [`map`] opens
//! files itself, because mapping is `unsafe` and this is the only crate with unsafe code.
//!
//! | from | to [`Array`] |
//! |---|---|
//! | [`ReadAt`]: a file, bytes in memory | [`npy::open`], whose [`Reader`] reads all or parts, by several threads |
//! | `Read` | [`npy::open_stream`], whose [`Reader`] does the same, forward only; [`npy::read`] |
//! | `&[u8]` | [`npy::parse`], without a copy |
//! | a path, mapped | [`map::open_memmap`] |

#![cfg_attr(
    not(feature = "text"),
    allow(
        dead_code,
        unused_imports,
        reason = "what one item means is in rooms that text shares with the others"
    )
)]

mod array;
mod array_builder;
mod blocks;
mod buffer;
mod cancel;
mod cast;
mod conversion;
mod cow_strided;
mod element;
mod equal;
mod error;
mod field_index;
mod gather;
mod longdouble;
pub mod map;
pub mod npy;
pub mod parse;
#[doc(hidden)]
pub mod pipeline;
pub mod raw;
mod read_at;
mod reader;
mod records;
mod scalar;
mod shape;
pub mod show;
mod slice;
pub mod stats;
mod strided;
mod strided_layout;
mod strided_slice;
#[cfg(feature = "text")]
pub mod text;
pub mod threads;

pub use array::{Array, ArrayView};
pub use array_builder::ArrayBuilder;
pub use buffer::Buffer;
pub use bytemuck;
pub use cancel::{CancelToken, Cancellable, Cancelled};
pub use cast::Cast;
pub use conversion::Conversion;
pub use cow_strided::CowStrided;
pub use dtype;
pub use error::{Error, ErrorKind, io_error_class};
pub use field_index::FieldIndex;
pub use longdouble::LongDouble;
pub use npy_header;
pub use read_at::{FileStream, RandomAccessFile, ReadAt, read_exact_at, read_once_at};
#[doc(hidden)]
pub use reader::Request;
pub use reader::{AnySource, Forward, ItemBlocks, Ranges, Reader, RowBlocks, Source};
pub use scalar::LongDoubleProblem;
pub use shape::reshaped;
pub use slice::{AxisSlice, Index, Slice};
pub use strided::Strided;
pub use strided_layout::extent;
pub use strided_slice::StridedSlice;
