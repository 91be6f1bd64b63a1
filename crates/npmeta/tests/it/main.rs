//! The crate from outside.

mod archive;
mod name;
mod serde;
