//! The crate from outside.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod append;
mod cancel;
mod compressed;
#[cfg(feature = "encoding")]
mod encoding;
mod error_classes;
mod load;
mod raw;
mod repair;
#[cfg(feature = "meta")]
mod replace;
#[cfg(feature = "safetensors")]
mod safetensors;
mod save;
#[cfg(feature = "text")]
mod text;
mod update;
