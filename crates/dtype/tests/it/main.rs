//! The crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod derive;
mod dtypes;
mod with_element;
