//! Tables as text, one row per line: NumPy's `loadtxt` and `savetxt`.
//!
//! ```
//! use flatfile::{dtype::DType, text::table};
//! let text = "# x y\n1 2\n\n3 4.5\n";
//! let array = table::ReadOptions::new().read(text.as_bytes(), DType::F64)?;
//! assert_eq!(array.to_string(), "[[1.  2. ]\n [3.  4.5]]");
//!
//! let mut text = Vec::new();
//! table::WriteOptions::new().format("%g").delimiter(",").write(&mut text, &array)?;
//! assert_eq!(text, b"1,2\n3,4.5\n");
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! A record dtype has one column per field, and its names may be in a header:
//!
//! ```
//! use flatfile::{dtype::DType, text::table};
//! let text = "name,x\nfish,1.5\n";
//! let csv = table::ReadOptions::new().delimiter(',').names();
//! let array = csv.read(text.as_bytes(), "[('x', '<f8'), ('name', '<U8')]".parse()?)?;
//! assert_eq!(array.to_string(), "[(1.5, 'fish')]");
//! # Ok::<(), flatfile::Error>(())
//! ```
//!
//! Source: `numpy/lib/_npyio_impl.py`; `numpy/_core/src/multiarray/textreading/`.

mod column_items;
mod column_parser;
mod columns;
mod dialect;
mod exchange;
mod field_rules;
mod fields;
mod infer;
mod name_validator;
mod preamble;
mod read;
mod row_formatter;
mod row_parser;
mod widths;
mod write;

pub use field_rules::Column;
pub use infer::has_open_length;
pub use name_validator::{NameCase, NameValidator};
pub use read::{Blocks, ReadOptions};
pub use write::{WriteOptions, Writer};
