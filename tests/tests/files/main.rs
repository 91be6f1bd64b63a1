//! Files that NumPy and other programs wrote, good ones and bad ones, read in every way.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod corpus;
mod golden;
mod hostile;
mod npz;
mod npz_faults;
mod npz_flips;
mod npz_hostile;
mod npz_large;
mod npz_salvage;
mod refs;
mod safetensors;
