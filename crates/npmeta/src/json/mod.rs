//! JSON as Python's `json` module writes and reads it, and arrays in it.
//!
//! ```
//! use npmeta::json;
//! let mdata = json::parse(r#"{"author": "Emma", "age": 1.5, "n": 36893488147419103232, "x": NaN}"#)?;
//! assert_eq!(
//!     json::to_string(&mdata)?,
//!     r#"{"author": "Emma", "age": 1.5, "n": 36893488147419103232, "x": NaN}"#
//! );
//! # Ok::<(), npmeta::Error>(())
//! ```
//!
//! It extends JSON by `NaN` and `Infinity`, integers of any size, and escapes of lone surrogates; `serde_json`
//! accepts none of them.
//!
//! Source: `Lib/json/encoder.py` and `Lib/json/decoder.py` of CPython.

mod array;
mod base64;
mod blocks;
mod inferred;
mod items;
mod lexer;
mod lists;
mod memory;
mod parse;
mod run;
mod texts;
mod typed;
mod write;

pub use array::{read_array, to_array};
pub use parse::parse;
pub use write::{Style, to_string};
