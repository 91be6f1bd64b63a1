//! The crate from outside.

mod append;
mod load;
mod raw;
mod repair;
mod replace;
mod save;
mod text;
