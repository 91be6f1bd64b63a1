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
mod differing;
mod edges;
mod examples;
mod finding;
mod globs;
mod help;
#[cfg(unix)]
mod help_examples;
#[cfg(unix)]
mod interrupt;
mod joining;
mod journeys;
#[cfg(unix)]
mod killed;
mod large_archives;
mod listing;
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
mod plot;
mod refs;
mod report;
mod safetensors;
mod salvage;
#[cfg(target_os = "linux")]
mod shell;
mod stats;
#[cfg(unix)]
mod terminal;
mod text_blocks;
mod text_cli;
mod unpacking;
mod updating;
mod view;
#[cfg(target_os = "linux")]
mod view_terminal;
mod whole_archives;
