//! The crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod append;
mod append_faults;
mod array;
mod astype;
#[cfg(feature = "half")]
mod bfloat;
mod blocks;
mod cast;
mod long_doubles;
mod longdouble;
mod longdouble_stated;
mod map;
mod npy;
mod raw;
mod read_at;
mod show;
mod slice;
mod strided;
mod table_errors;
mod text_errors;
mod text_integers;
mod verify;
