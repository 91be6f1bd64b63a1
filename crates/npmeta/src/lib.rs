//! The metadata that people keep beside NumPy's arrays.
//!
//! [`name`]: the layout of a raw file in its name, `fish_int32_4_5.dat`. With the feature `value`, [`Value`] is a
//! Python value, [`pickle`] and [`json`] read and write it, and [`npy`] stores it in a `.npy`; with `npz`,
//! [`archive`] reads and writes metadata beside arrays; with `serde`, any `Serialize` or `Deserialize` type is
//! metadata.
//!
//! ```
//! use npmeta::name::FileName;
//! let named = FileName::parse("fish_int32_4_5.dat")?;
//! assert_eq!(format!("{}.dat", named.stem()?), "fish_int32_4_5.dat");
//! # Ok::<(), npmeta::name::Error>(())
//! ```

#![forbid(unsafe_code)]

#[cfg(feature = "npz")]
pub mod archive;
#[cfg(feature = "value")]
mod error;
#[cfg(feature = "value")]
pub mod json;
pub mod name;
#[cfg(feature = "value")]
pub mod npy;
#[cfg(feature = "value")]
pub mod pickle;
#[cfg(feature = "serde")]
mod serde;
#[cfg(feature = "value")]
mod value;

#[cfg(feature = "serde")]
pub use crate::serde::{from_value, to_value};
pub use dtype;
#[cfg(feature = "value")]
pub use error::{Error, ErrorKind};
#[cfg(feature = "value")]
pub use flatfile;
#[cfg(feature = "npz")]
pub use npz;
#[cfg(feature = "value")]
pub use value::{
    Date, DateTime, Delta, Dict, Int, MAX_INT_BYTES, NotInt, Objects, Opaque, StringType, Text,
    Time, Value,
};
