//! The command, run as a shell would.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod archives;
mod cli;
mod columns;
#[cfg(unix)]
mod completing;
mod compressed;
mod edges;
mod examples;
mod finding;
mod globs;
mod help;
#[cfg(unix)]
mod interrupt;
mod journeys;
#[cfg(unix)]
mod killed;
mod large_archives;
mod longdouble;
mod manners;
mod meta_cli;
mod ml_dtypes;
mod notebook;
mod objects;
mod onto_itself;
mod packing;
#[cfg(unix)]
mod pipes;
mod refs;
mod safetensors;
mod salvage;
mod stats;
mod text_blocks;
mod text_cli;
mod unpacking;
mod updating;
mod whole_archives;
