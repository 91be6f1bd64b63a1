//! What can go wrong with metadata.

use dtype::ErrorClass;
use dtype::python::excerpt;
use std::{fmt, io};

/// Why metadata could not be read or written.
pub struct Error(Box<Inner>);

/// The same text as `Display`, so that `fn main() -> Result<(), npmeta::Error>` prints a readable message.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

struct Inner {
    key: Option<String>,
    offset: Option<u64>,
    kind: ErrorKind,
}

/// The kinds of [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The data is a pickle, and pickles are read only if the options allow it.
    NotAllowed,
    /// An opcode that does not build a plain value, or is not an opcode at all.
    Opcode(u8),
    /// A pickle names a function or a class that is not on the list of those for plain values, and opaque objects are
    /// refused.
    Global {
        /// The Python module.
        module: String,
        /// The name in the module.
        name: String,
    },
    /// A function or a class on the list is used in a way that does not occur.
    Call {
        /// The function or class.
        global: &'static str,
        /// The arguments that it takes.
        expected: &'static str,
    },
    /// The pickle pops something that is not on its stack.
    Stack {
        /// What the pickle pops.
        expected: &'static str,
    },
    /// The pickle reads a memo entry that it never stored.
    Memo {
        /// The number of the entry.
        number: u64,
    },
    /// A syntax error in the text.
    Syntax {
        /// What was expected.
        expected: &'static str,
    },
    /// The data ends too early.
    Truncated {
        /// The number of bytes expected.
        expected: u64,
        /// The number of bytes found.
        found: u64,
    },
    /// A limit is exceeded: levels, digits, or memory in proportion to the bytes.
    Limit(&'static str),
    /// A value that contains itself.
    Cycle,
    /// A key of a dict, or an item of a set, that Python cannot hash.
    Unhashable(&'static str),
    /// A value that this format cannot hold.
    Unsupported(String),
    /// An item of an array in JSON is not of the expected form.
    Item {
        /// Its index.
        index: Vec<usize>,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The number of items of an array of objects does not match its shape.
    Items {
        /// The number of items in the shape.
        expected: u64,
        /// The number of items found.
        found: u64,
    },
    /// An error of an array.
    Array(flatfile::Error),
    /// An error of an archive, or of an array in it.
    #[cfg(feature = "npz")]
    Archive(npz::Error),
    /// An error that a type reports to serde.
    #[cfg(feature = "serde")]
    Serde(String),
}

impl Error {
    /// The message.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.kind() {
            ErrorKind::Array(error) => error.class(),
            #[cfg(feature = "npz")]
            ErrorKind::Archive(error) => error.class(),
            ErrorKind::Limit(_) => ErrorClass::Limit,
            ErrorKind::NotAllowed
            | ErrorKind::Opcode(_)
            | ErrorKind::Global { .. }
            | ErrorKind::Call { .. }
            | ErrorKind::Unsupported(_) => ErrorClass::Unsupported,
            #[cfg(feature = "serde")]
            ErrorKind::Serde(_) => ErrorClass::Mismatch,
            ErrorKind::Stack { .. }
            | ErrorKind::Memo { .. }
            | ErrorKind::Syntax { .. }
            | ErrorKind::Truncated { .. }
            | ErrorKind::Cycle
            | ErrorKind::Unhashable(_)
            | ErrorKind::Item { .. }
            | ErrorKind::Items { .. } => ErrorClass::Format,
        }
    }

    /// The key that the error is about, if any.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The position in the pickle or the text, in bytes from its beginning, if it is known.
    pub fn offset(&self) -> Option<u64> {
        self.0.offset
    }

    pub(crate) fn with_offset(mut self, offset: u64) -> Error {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// The same error with its position moved by this many preceding bytes.
    pub(crate) fn shift_offset(mut self, bytes: u64) -> Error {
        self.0.offset = self.0.offset.map(|offset| offset.saturating_add(bytes));
        self
    }

    /// The same error about the value under this key.
    #[must_use]
    pub fn with_key(mut self, key: &str) -> Error {
        self.0.key.get_or_insert_with(|| key.to_owned());
        self
    }

    /// Whether it is an error of the source or the target.
    pub(crate) fn is_io(&self) -> bool {
        matches!(self.kind(), ErrorKind::Array(error) if matches!(error.kind(), flatfile::ErrorKind::Io(_)))
    }

    /// The error of the source or the target, if it is one.
    ///
    /// # Errors
    /// Any other error, unchanged.
    pub fn into_io_error(self) -> Result<io::Error, Error> {
        let Inner { key, offset, kind } = *self.0;
        match kind {
            ErrorKind::Array(error) => match error.into_kind() {
                flatfile::ErrorKind::Io(error) => Ok(error),
                other => {
                    let kind = ErrorKind::Array(other.into());
                    Err(Error(Box::new(Inner { key, offset, kind })))
                }
            },
            kind => Err(Error(Box::new(Inner { key, offset, kind }))),
        }
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Error {
        ErrorKind::Unsupported(what.into()).into()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        let (key, offset) = (None, None);
        Error(Box::new(Inner { key, offset, kind }))
    }
}

impl From<flatfile::Error> for Error {
    fn from(error: flatfile::Error) -> Error {
        ErrorKind::Array(error).into()
    }
}

impl From<dtype::Error> for Error {
    fn from(error: dtype::Error) -> Error {
        flatfile::Error::from(error).into()
    }
}

#[cfg(feature = "npz")]
impl From<npz::Error> for Error {
    fn from(error: npz::Error) -> Error {
        ErrorKind::Archive(error).into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(key) = self.key() {
            write!(f, "key {}: ", excerpt(key))?;
        }
        match self.kind() {
            ErrorKind::NotAllowed => f.write_str(
                "the data is a pickle of Python objects, which is read only if pickles are allowed (allow_pickle)",
            )?,
            ErrorKind::Opcode(code) => {
                write!(f, "the pickle has the opcode 0x{code:02x}, which builds no plain value")?;
            }
            ErrorKind::Global { module, name } => {
                let name = format!("{module}.{name}");
                let name = excerpt(&name);
                write!(f, "the pickle wants {name}, which is not among the few that build plain values")?;
            }
            ErrorKind::Call { global, expected } => {
                write!(f, "the pickle uses {global} wrongly: expected {expected}")?;
            }
            ErrorKind::Stack { expected } => {
                write!(f, "the pickle expects {expected} on its stack")?;
            }
            ErrorKind::Memo { number } => {
                write!(f, "the pickle refers to entry {number} of its memo, which does not exist")?;
            }
            ErrorKind::Syntax { expected } => write!(f, "expected {expected}")?,
            ErrorKind::Truncated { expected, found } => {
                write!(f, "the data is too short: expected {expected} more bytes, found {found}")?;
            }
            ErrorKind::Limit(what) => write!(f, "too large: {what}")?,
            ErrorKind::Cycle => f.write_str("a value that contains itself")?,
            ErrorKind::Unhashable(what) => {
                write!(f, "a {what} cannot be a key of a dict or an item of a set")?;
            }
            ErrorKind::Unsupported(what) => write!(f, "not supported: {what}")?,
            ErrorKind::Item {
                index,
                expected,
                found,
            } => {
                if !index.is_empty() {
                    write!(f, "item {index:?}: ")?;
                }
                write!(f, "expected {expected}, found {found}")?;
            }
            ErrorKind::Items { expected, found } => {
                write!(f, "an array of {expected} objects has {found} items")?;
            }
            ErrorKind::Array(error) => error.fmt(f)?,
            #[cfg(feature = "npz")]
            ErrorKind::Archive(error) => error.fmt(f)?,
            #[cfg(feature = "serde")]
            ErrorKind::Serde(what) => f.write_str(what)?,
        }
        match self.offset() {
            Some(offset) => write!(f, ", at byte {offset}"),
            None => Ok(()),
        }
    }
}

/// `Display` already includes the text of the layers below, so `source` skips them.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Array(error) => std::error::Error::source(error),
            #[cfg(feature = "npz")]
            ErrorKind::Archive(error) => std::error::Error::source(error),
            _ => None,
        }
    }
}
