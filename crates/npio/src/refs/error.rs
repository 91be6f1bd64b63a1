//! Errors of references.

use super::dtype::Unsupported;
use flatfile::dtype::python::excerpt;
use flatfile::dtype::{ErrorClass, Layout};
use std::fmt;

/// Why there are no references to an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    array: String,
    kind: ErrorKind,
}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The items have a dtype that Zarr does not have.
    Unsupported(Unsupported),
    /// The name cannot be that of an array in Zarr.
    Name {
        /// The part of it between slashes that cannot be, or all of it.
        part: String,
        /// Why.
        reason: &'static str,
    },
    /// There is an array of this name.
    NameUsed,
    /// A name before the last slash is that of an array, or this name is that of a group.
    ArrayAndGroup(String),
    /// An array of no parts.
    NoParts,
    /// Several parts without axes.
    NoAxis,
    /// A part has another dtype than the first one, or another shape without the first axis.
    Mismatch {
        /// Its address.
        url: String,
        /// The layout of the first part.
        expected: Box<Layout>,
        /// The layout of this one.
        found: Box<Layout>,
    },
    /// Some parts are in C order, and others in Fortran order.
    Orders,
    /// The lengths of the parts have too few divisors in common: there would be very many small chunks.
    Lengths {
        /// Their greatest common divisor.
        common: usize,
        /// The number of chunks.
        count: u64,
        /// The size of each chunk in bytes.
        nbytes: u64,
    },
    /// The array has more bytes than an array can have, or ends after the last byte that a file can have.
    TooLarge,
}

impl Error {
    pub(super) fn new(array: &str, kind: ErrorKind) -> Error {
        let array = array.to_owned();
        Error { array, kind }
    }

    /// The name of the array.
    pub fn array(&self) -> &str {
        &self.array
    }

    /// The kind of error.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.kind {
            ErrorKind::Unsupported(_) => ErrorClass::Unsupported,
            ErrorKind::Lengths { .. } | ErrorKind::TooLarge => ErrorClass::Limit,
            ErrorKind::Name { .. }
            | ErrorKind::NameUsed
            | ErrorKind::ArrayAndGroup(_)
            | ErrorKind::NoParts
            | ErrorKind::NoAxis
            | ErrorKind::Mismatch { .. }
            | ErrorKind::Orders => ErrorClass::Mismatch,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "array {}: {}", excerpt(&self.array), self.kind)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::Unsupported(unsupported) => unsupported.fmt(f),
            ErrorKind::Name { part, reason } => {
                write!(f, "{} cannot be a name in Zarr: {reason}", excerpt(part))
            }
            ErrorKind::NameUsed => f.write_str("another array has this name"),
            ErrorKind::ArrayAndGroup(name) => write!(
                f,
                "{} would be an array and a group of arrays",
                excerpt(name)
            ),
            ErrorKind::NoParts => f.write_str("it has no parts"),
            ErrorKind::NoAxis => {
                f.write_str("its parts have no axes along which they could be concatenated")
            }
            ErrorKind::Mismatch {
                url,
                expected,
                found,
            } => write!(
                f,
                "cannot concatenate {} of {} with {expected}: dtypes, and shapes after the first axis, must be the same",
                found,
                excerpt(url)
            ),
            ErrorKind::Orders => f.write_str(
                "some of its parts are in C order, and others in Fortran order (npio convert --order C)",
            ),
            ErrorKind::Lengths {
                common,
                count,
                nbytes,
            } => write!(
                f,
                "its parts have different lengths, and Zarr's chunks all have one, which is at most the greatest common \
                 divisor, {common}: that makes {count} references of {nbytes} bytes each. Let each part be an array of its \
                 own, and concatenate them when they are read"
            ),
            ErrorKind::TooLarge => f.write_str("it is larger than arrays and files can be"),
        }
    }
}

impl std::error::Error for Error {}
