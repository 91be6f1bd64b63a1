//! NumPy's data types, without NumPy.
//!
//! The type of one array item is a [`DType`]; the number of items and how they are laid out is a [`Layout`]; a Rust
//! type whose memory is one item is an [`Element`].
//!
//! ```
//! use dtype::{DType, Layout, Order};
//!
//! let item: DType = "[('id', '<u4'), ('position', '<f8', (3,))]".parse()?;
//! assert_eq!(item.itemsize(), 28);
//! assert_eq!(item.to_string().parse::<DType>()?, item);
//!
//! let table = Layout::new(item, [1000], Order::C)?;
//! assert_eq!(table.nbytes(), 28_000);
//!
//! let error = "[('id', '<q4')]".parse::<DType>().unwrap_err();
//! assert_eq!(error.to_string(), "unknown dtype kind 'q', at byte 10");
//! # Ok::<(), dtype::Error>(())
//! ```
//!
//! Untrusted text is parsed in linear time and bounded depth. [`prefix`] has the same grammar for text that
//! continues with something else.
//!
//! Source: NumPy's `numpy/lib/_format_impl.py` (`dtype_to_descr`, `descr_to_dtype`) and
//! `numpy/_core/src/multiarray/descriptor.c`.

#![forbid(unsafe_code)]

mod casting;
mod display;
mod dtype;
mod element;
mod endian;
mod error;
mod error_class;
mod fields;
mod layout;
mod limits;
mod number;
mod parse;
mod promote;
pub mod python;
mod repr;
#[cfg(feature = "serde")]
mod serialize;
mod shape;
mod similar;
mod swap;
mod time;
mod times;
mod with_element;

pub use crate::dtype::{DType, Field, Record, Subarray};
pub use bytemuck;
pub use casting::{Casting, can_cast};
#[cfg(feature = "derive")]
pub use dtype_derive::Element;
pub use element::{Bytes, Element, Str, trim_nuls};
pub use endian::{Be, Le};
pub use error::{Error, ErrorKind};
pub use error_class::ErrorClass;
pub use fields::WriteFields;
pub use layout::{Layout, Order};
pub use limits::{MAX_DEPTH, MAX_DIMS, MAX_ITEMSIZE};
pub use number::{ByteOrder, FloatFormat, NonFinite, Number, NumberClass, NumberInfo};
pub use parse::prefix;
pub use promote::promote_types;
pub use shape::{shape_tuple, unravel_index};
pub use similar::{did_you_mean, similar};
pub use swap::set_byte_order;
pub use time::{NAT, TimeStep, TimeUnit};
pub use times::{
    Datetime64, Days, Microseconds, Milliseconds, Nanoseconds, Seconds, Step, Timedelta64,
};

/// Paths that derived code and [`with_element!`] use in other crates, and the trait without the derive, for a
/// facade with a path of its own.
#[doc(hidden)]
pub mod __private {
    pub use crate::element::Element;
    pub use crate::fields::{field, put, record};
    #[cfg(feature = "derive")]
    pub use dtype_derive::ElementOfNpio;
    #[cfg(feature = "half")]
    pub use half::{bf16, f16};
    #[cfg(feature = "complex")]
    pub use num_complex::Complex;
}
