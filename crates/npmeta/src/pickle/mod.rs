//! Python's pickles of plain values, read without running anything.
//!
//! ```
//! use npmeta::{Dict, Value, pickle};
//! let mdata = Value::from([("author", "Emma")].into_iter().collect::<Dict>());
//! let bytes = pickle::to_bytes(&mdata)?;
//! assert_eq!(pickle::parse(&bytes)?, (mdata, bytes.len()));
//!
//! let error = pickle::parse(b"cos\nsystem\n(S'true'\ntR.").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the pickle wants 'os.system', which is not among the few that build plain values, at byte 0"
//! );
//! # Ok::<(), npmeta::Error>(())
//! ```
//!
//! A pickle is a program for a machine with a stack, whose instructions can call anything that Python can
//! import. This machine knows those of the protocols 0 to 5 that build values, and a closed list of names,
//! each of which stands for one kind of value: nothing is looked up and nothing is called. All else is an
//! error that says what was wanted, and where.
//!
//! A pickle may refer to a value that it built, any number of times. What comes out is plain values, of
//! which each is counted as often as it is there: 1 MiB and 64 times the length of the pickle is the most
//! memory that they take, 100 levels the deepest that they are nested.
//!
//! Source: `Lib/pickletools.py` and `Modules/_pickle.c` of CPython, `array_reduce` of
//! `numpy/_core/src/multiarray/methods.c`, `arraydescr_reduce` of `descriptor.c`.

mod build;
mod call;
mod dtype;
mod global;
mod input;
mod literal;
mod machine;
mod node;
mod tree;
mod write;
mod write_array;

pub use write::to_bytes;

use crate::{Error, Value};

/// The most levels in which values may stand inside of one another.
pub const MAX_DEPTH: usize = 100;

/// The value of the pickle that `bytes` begin with, and how many it takes.
///
/// # Errors
/// `Opcode`, `Global`, `Call`: what builds no plain value. `Stack`, `Memo`, `Syntax`, `Truncated`: no pickle, or
/// a broken one. `Limit`, `Cycle`, `Unhashable`, `Unsupported`, `Array`: values that cannot be, or are not
/// taken.
pub fn parse(bytes: &[u8]) -> Result<(Value, usize), Error> {
    let (machine, top, length) = machine::run(bytes)?;
    Ok((tree::value(machine, top)?, length))
}
