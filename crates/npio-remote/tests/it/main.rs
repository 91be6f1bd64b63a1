//! Objects behind a server that misbehaves, and in the stores of object_store.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod blocking;
mod counts;
mod faults;
mod load;
#[path = "../server/mod.rs"]
mod server;
