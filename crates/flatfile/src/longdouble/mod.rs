//! What the bytes of a long double mean: [`LongDouble`].
//!
//! NumPy spells three formats `f16`: the 80 bits of the x87 in 16 bytes (x86-64), IEEE quads (most other
//! 64-bit systems), and pairs of doubles (POWER). A file does not say which. Here they are the x87's, and where
//! items are interpreted, those that cannot be are an error.

mod check;
mod kind;
mod watch;

pub(crate) use check::Check;
pub use kind::LongDouble;
pub(crate) use kind::{has_long_double, is_long};
pub(crate) use watch::{Proof, Watch};
