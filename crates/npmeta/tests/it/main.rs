//! The crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod archive;
mod json;
mod name;
mod serde;
