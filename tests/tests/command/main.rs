//! The command, run as a shell would.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod archives;
mod cli;
mod compressed;
mod edges;
mod examples;
mod finding;
mod globs;
#[cfg(unix)]
mod interrupt;
mod journeys;
mod large_archives;
mod longdouble;
mod manners;
mod meta_cli;
mod ml_dtypes;
mod notebook;
mod objects;
mod onto_itself;
mod packing;
mod plot;
mod report;
mod safetensors;
mod salvage;
mod stats;
mod text_blocks;
mod text_cli;
mod unpacking;
mod updating;
mod whole_archives;
