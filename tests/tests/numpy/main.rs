//! Against a live NumPy, or Python: each reads the other's files, and both get the same values.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod append;
mod can_cast;
mod cast;
mod compressed;
mod equal;
mod genfromtxt;
mod json_arrays;
mod json_exchange;
mod live;
mod live_archives;
mod memmap;
mod meta;
mod ml_dtypes;
mod npz_differential;
mod objects;
mod print_options;
mod promotion;
mod raw;
mod records;
mod safetensors;
mod show;
mod slices;
mod stats;
mod table_exchange;
mod table_read;
mod table_write;
mod text_read;
mod text_write;
mod values;
