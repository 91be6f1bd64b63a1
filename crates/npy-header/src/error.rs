//! Errors in a header.

use crate::{MAGIC, Version, other_format};
use dtype::ErrorClass;
use dtype::python::excerpt;
use std::fmt;

/// Why bytes are not a header, or a layout cannot be written as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: usize,
}

impl Error {
    pub(crate) fn at(offset: usize, kind: ErrorKind) -> Error {
        Error { kind, offset }
    }

    /// The source ended after `found` bytes, where [`Parse::Need`](crate::Parse) asked for `needed`.
    pub fn truncated(needed: usize, found: usize) -> Error {
        Error::at(found, ErrorKind::Truncated { needed, found })
    }

    /// The kind of error.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match &self.kind {
            ErrorKind::Truncated { found: 0, .. } => ErrorClass::Empty,
            ErrorKind::TooLong { .. } | ErrorKind::HeaderFull { .. } => ErrorClass::Limit,
            ErrorKind::Version(..) | ErrorKind::VersionTooOld(_) => ErrorClass::Unsupported,
            // A header that declares something impossible is broken, whatever its limits.
            ErrorKind::Value { source, .. } | ErrorKind::Layout(source) => match source.class() {
                ErrorClass::Unsupported => ErrorClass::Unsupported,
                _ => ErrorClass::Format,
            },
            ErrorKind::Magic(_)
            | ErrorKind::Truncated { .. }
            | ErrorKind::Utf8
            | ErrorKind::Expected(_)
            | ErrorKind::UnknownKey(_)
            | ErrorKind::MissingKey(_) => ErrorClass::Format,
        }
    }

    /// The position, in bytes from the beginning of the file (or of the bytes that were parsed as one).
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The first bytes are not `\x93NUMPY` but these (all that were available).
    Magic(Vec<u8>),
    /// No such version exists: major, minor.
    Version(u8, u8),
    /// The text is longer than the limit.
    TooLong {
        /// Length of the text in bytes, as declared in the file.
        length: u64,
        /// [`ParseOptions::max_header_size`](crate::ParseOptions::max_header_size).
        limit: usize,
    },
    /// The source ended inside the header.
    Truncated {
        /// Number of bytes needed to continue.
        needed: usize,
        /// Number of bytes available.
        found: usize,
    },
    /// The text of a version 3.0 header is not UTF-8.
    Utf8,
    /// The text does not continue as a Python dict; this was expected.
    Expected(&'static str),
    /// A key that headers do not have.
    UnknownKey(String),
    /// One of the three keys is missing.
    MissingKey(&'static str),
    /// The value of a key.
    Value {
        /// `descr` or `shape`.
        key: &'static str,
        /// The error in it; its offset counts from the beginning of the value.
        source: dtype::Error,
    },
    /// Dtype, shape and order do not fit together.
    Layout(dtype::Error),
    /// This version cannot hold the text: not Latin-1, or too long.
    VersionTooOld(Version),
    /// The header is longer than the room reserved for it.
    HeaderFull {
        /// Length of the header in bytes.
        needed: usize,
        /// Bytes available before the data.
        room: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = self.offset;
        match &self.kind {
            ErrorKind::Magic(found) => {
                let (magic, found_text) = (MAGIC.escape_ascii(), found.escape_ascii());
                write!(
                    f,
                    "not an .npy file: expected b\"{magic}\", found b\"{found_text}\""
                )?;
                match other_format(found) {
                    Some(format) => write!(f, " ({format})"),
                    None => f.write_str(" (of raw items, the dtype and the shape must be given)"),
                }
            }
            ErrorKind::Version(major, minor) => write!(
                f,
                "npy version {major}.{minor} is unknown: expected 1.0, 2.0 or 3.0 (byte {offset})"
            ),
            ErrorKind::TooLong { length, limit } => write!(
                f,
                "npy header of {length} bytes is over the limit of {limit} (byte {offset})"
            ),
            ErrorKind::Truncated { needed, found } => write!(
                f,
                "npy header is cut off: expected at least {needed} bytes, found {found}"
            ),
            ErrorKind::Utf8 => write!(f, "npy header is not UTF-8 (byte {offset})"),
            ErrorKind::Expected(what) => write!(f, "npy header: expected {what} (byte {offset})"),
            ErrorKind::UnknownKey(key) => {
                let key = excerpt(key);
                write!(f, "npy header has an unknown key {key} (byte {offset})")
            }
            ErrorKind::MissingKey(key) => {
                write!(f, "npy header has no key '{key}' (byte {offset})")
            }
            ErrorKind::Value { key, source } => {
                write!(f, "npy header has a bad '{key}' (byte {offset}): {source}")
            }
            ErrorKind::Layout(source) => {
                write!(
                    f,
                    "npy header describes no valid array (byte {offset}): {source}"
                )
            }
            ErrorKind::VersionTooOld(version) => {
                write!(f, "npy version {version} cannot hold this header")
            }
            ErrorKind::HeaderFull { needed, room } => write!(
                f,
                "npy header of {needed} bytes does not fit in the {room} bytes before the data"
            ),
        }
    }
}

/// The text includes everything, so there is no further source to report.
impl std::error::Error for Error {}
