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
mod blocks;
mod cast;
#[cfg(feature = "text")]
mod long_doubles;
#[cfg(feature = "text")]
mod longdouble;
#[cfg(feature = "text")]
mod longdouble_stated;
mod map;
mod npy;
mod raw;
mod read_at;
mod show;
mod slice;
mod strided;
#[cfg(feature = "text")]
mod table_errors;
#[cfg(feature = "text")]
mod text_errors;
#[cfg(feature = "text")]
mod text_integers;
mod verify;
