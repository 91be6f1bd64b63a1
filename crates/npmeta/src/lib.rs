//! What people write beside NumPy's arrays.
//!
//! [`name`]: the layout of a raw file in its name, `fish_int32_4_5.dat`.
//!
//! ```
//! use npmeta::name::FileName;
//! let named = FileName::parse("fish_int32_4_5.dat")?;
//! assert_eq!(format!("{}.dat", named.stem()?), "fish_int32_4_5.dat");
//! # Ok::<(), npmeta::name::Error>(())
//! ```

#![forbid(unsafe_code)]

pub mod name;

pub use dtype;
