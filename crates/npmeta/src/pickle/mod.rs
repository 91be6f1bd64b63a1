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
//! A pickle is a program for a stack machine whose opcodes can call anything that Python can import. This
//! machine implements the opcodes of protocols 0 to 5 that build values, and a closed list of names, each
//! for one kind of value: nothing is looked up and nothing is called. Anything else is an error with the
//! name or opcode and its position.
//!
//! A pickle may refer any number of times to a value that it built. The result consists of plain values,
//! each counted at every place where it occurs: they take at most 1 MiB plus 64 times the length of the
//! pickle in memory, and are nested at most 100 levels deep.
//!
//! Source: `Lib/pickletools.py` and `Modules/_pickle.c` of CPython, `array_reduce` of
//! `numpy/_core/src/multiarray/methods.c`, `arraydescr_reduce` of `descriptor.c`.

mod build;
mod byte_reader;
mod call;
mod dtype;
mod global;
mod literal;
mod machine;
mod materialize;
mod node;
mod write;
mod write_array;

pub use write::to_bytes;

use crate::{Error, Value};

/// The maximum nesting depth of values.
pub const MAX_DEPTH: usize = 100;

/// The value of the pickle at the beginning of `bytes`, and its length.
///
/// # Errors
/// `Opcode`, `Global`, `Call`: a pickle that builds anything but plain values. `Stack`, `Memo`, `Syntax`,
/// `Truncated`: not a pickle, or a broken one. `Limit`, `Cycle`, `Unhashable`, `Unsupported`, `Array`: values that
/// are impossible or not accepted.
pub fn parse(bytes: &[u8]) -> Result<(Value, usize), Error> {
    let (machine, top, length) = machine::run(bytes)?;
    Ok((materialize::materialize(machine, top)?, length))
}
