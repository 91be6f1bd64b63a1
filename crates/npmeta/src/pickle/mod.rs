//! Python's pickles of plain values, read without running anything.
//!
//! ```
//! use npmeta::{Dict, Value, pickle};
//! let mdata = Value::from([("author", "Emma")].into_iter().collect::<Dict>());
//! let bytes = pickle::to_bytes(&mdata)?;
//! assert_eq!(pickle::parse(&bytes)?, (mdata, bytes.len()));
//!
//! // What Python would call is described, and not called.
//! let bytes = b"cos\nsystem\n(S'true'\ntR.";
//! assert_eq!(pickle::parse(bytes)?.0.to_string(), "<os.system('true')>");
//! let error = pickle::Options::new().refuse_opaque().parse(bytes).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the pickle wants 'os.system', which is not among the few that build plain values, at byte 0"
//! );
//! # Ok::<(), npmeta::Error>(())
//! ```
//!
//! A pickle is a program for a stack machine whose opcodes can call anything that Python can import. This
//! machine implements the opcodes of protocols 0 to 5 that build values, and a closed list of names, each
//! for one kind of value: nothing is looked up and nothing is called. What any other name would make is
//! [`Opaque`](crate::Opaque): its name and its parts. Opcodes that refer to something outside the pickle
//! (persistent ids, extension codes, buffers) are an error.
//!
//! A pickle may refer any number of times to a value that it built. Each reference counts: the values take
//! at most 1 MiB plus 64 times the length of the pickle in memory, and are nested at most 100 levels deep.
//! Only the characters of a text are in memory once, and so the text of a value may be much longer than the
//! value: write it to where it goes (`write!(out, "{value}")`, [`json::Style::write`](crate::json::Style::write)),
//! not into a `String`.
//!
//! Source: `Lib/pickletools.py` and `Modules/_pickle.c` of CPython, `array_reduce` of
//! `numpy/_core/src/multiarray/methods.c`, `arraydescr_reduce` of `descriptor.c`.

mod build;
mod byte_reader;
mod call;
mod check;
mod dtype;
mod global;
mod literal;
mod machine;
mod materialize;
mod node;
mod write;
mod write_array;

pub use check::{check, verify};
pub use write::to_bytes;

use crate::{Error, Value};

/// The maximum nesting depth of values.
pub const MAX_DEPTH: usize = 100;

/// The value of the pickle at the beginning of `bytes`, and its length.
///
/// # Errors
/// As [`Options::parse`].
pub fn parse(bytes: &[u8]) -> Result<(Value, usize), Error> {
    Options::new().parse(bytes)
}

/// How pickles are read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    refuse_opaque: bool,
}

impl Options {
    /// Objects of unknown classes are [`Opaque`](crate::Opaque).
    pub const fn new() -> Options {
        Options {
            refuse_opaque: false,
        }
    }

    /// Objects of unknown classes are an error, with the name of the class and its position.
    #[must_use]
    pub const fn refuse_opaque(mut self) -> Options {
        self.refuse_opaque = true;
        self
    }

    /// The value of the pickle at the beginning of `bytes`, and its length.
    ///
    /// # Errors
    /// `Opcode`, `Call`: a pickle that builds anything but values. `Global`: a name that is not on the list, if these
    /// are refused. `Stack`, `Memo`, `Syntax`, `Truncated`: not a pickle, or a broken one. `Limit`, `Cycle`,
    /// `Unhashable`, `Unsupported`, `Array`: values that are impossible or not accepted.
    pub fn parse(&self, bytes: &[u8]) -> Result<(Value, usize), Error> {
        let (machine, top, length) = machine::run(bytes, self.refuse_opaque)?;
        Ok((materialize::materialize(machine, top)?, length))
    }
}
