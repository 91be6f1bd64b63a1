//! The format of long doubles: [`LongDouble`].
//!
//! NumPy spells three formats `f16`: the 80 bits of the x87 in 16 bytes (x86-64), IEEE quads (most other 64-bit
//! systems), and pairs of doubles (POWER). A file does not state which. Here they are x87 numbers, and if items are
//! interpreted, those that cannot be are an error.

mod check;
mod evidence;
mod kind;

pub(crate) use check::LongDoubleCheck;
pub(crate) use evidence::{Evidence, Proof};
pub use kind::LongDouble;
pub(crate) use kind::{has_long_double, is_long};
