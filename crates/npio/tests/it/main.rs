//! The crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod append;
mod load;
mod raw;
mod repair;
mod replace;
mod save;
mod text;
