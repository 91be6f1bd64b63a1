//! Errors of files of safetensors.

use super::MAX_HEADER_SIZE;
use flatfile::dtype::python::excerpt;
use flatfile::dtype::{DType, ErrorClass, did_you_mean};
use std::fmt;

/// Why a file is not one of safetensors, or cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(ErrorKind);

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file ends before its header does.
    Truncated {
        /// The number of bytes that the header needs.
        needed: u64,
        /// The number of bytes in the file.
        found: u64,
    },
    /// The length that is stated for the header, more than [`MAX_HEADER_SIZE`].
    HeaderTooLong(u64),
    /// The header is not the JSON that it should be.
    Json {
        /// The position in the file, in bytes.
        offset: u64,
        /// What is wrong there.
        message: String,
    },
    /// The dtype of an array has no such name.
    UnknownDType {
        /// The array.
        name: String,
        /// The name of the dtype.
        dtype: String,
    },
    /// The items of an array do not begin where those of the one before it end: there is a gap, or they overlap.
    Place {
        /// The array.
        name: String,
        /// Where its items should begin, in bytes after the header.
        expected: u64,
        /// Where they begin.
        found: u64,
    },
    /// The place of an array has another size than its dtype and shape say.
    Size {
        /// The array.
        name: String,
        /// The number of bytes of its items; `None` if it is too large, or no whole number of bytes.
        expected: Option<u64>,
        /// The number of bytes of their place, which is negative if it ends before it begins.
        found: i128,
    },
    /// The file is longer or shorter than the items of all arrays.
    Length {
        /// The number of bytes after the header that the items take.
        expected: u64,
        /// The number of bytes after the header.
        found: u64,
    },
    /// There is no array of this name.
    NotFound {
        /// The name.
        name: String,
        /// The name that may have been meant.
        similar: Option<String>,
    },
    /// An array with several items in a byte, of which nothing says in which order they are.
    Packed {
        /// The array.
        name: String,
        /// The name of its dtype.
        dtype: &'static str,
    },
    /// An array that cannot be written, because safetensors has no such dtype.
    NoDType {
        /// The array.
        name: String,
        /// Its dtype.
        dtype: DType,
    },
    /// A name that is given to two arrays, to two texts, or that is `__metadata__`.
    Name(String),
}

impl Error {
    /// The kind of error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.0 {
            ErrorKind::Truncated { found: 0, .. } => ErrorClass::Empty,
            ErrorKind::HeaderTooLong(_) => ErrorClass::Limit,
            ErrorKind::NotFound { .. } => ErrorClass::NoMember,
            ErrorKind::UnknownDType { .. }
            | ErrorKind::Packed { .. }
            | ErrorKind::NoDType { .. } => ErrorClass::Unsupported,
            ErrorKind::Name(_) => ErrorClass::Mismatch,
            ErrorKind::Truncated { .. }
            | ErrorKind::Json { .. }
            | ErrorKind::Place { .. }
            | ErrorKind::Size { .. }
            | ErrorKind::Length { .. } => ErrorClass::Format,
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ErrorKind::Truncated { needed, found } => write!(
                f,
                "safetensors header is cut off: expected at least {needed} bytes, found {found}"
            ),
            ErrorKind::HeaderTooLong(length) => write!(
                f,
                "safetensors header of {length} bytes is over the limit of {MAX_HEADER_SIZE} (byte 0)"
            ),
            ErrorKind::Json { offset, message } => {
                write!(f, "safetensors header: {message} (byte {offset})")
            }
            ErrorKind::UnknownDType { name, dtype } => write!(
                f,
                "tensor {} has the dtype {}, which safetensors does not define",
                excerpt(name),
                excerpt(dtype)
            ),
            ErrorKind::Place {
                name,
                expected,
                found,
            } => write!(
                f,
                "the items of tensor {} begin {found} bytes after the header, and those before them end after \
                 {expected}",
                excerpt(name)
            ),
            ErrorKind::Size {
                name,
                expected: Some(expected),
                found,
            } => write!(
                f,
                "the items of tensor {} take {expected} bytes, and its data_offsets are {found} apart",
                excerpt(name)
            ),
            ErrorKind::Size { name, .. } => write!(
                f,
                "the items of tensor {} take no whole number of bytes, or more than any file has",
                excerpt(name)
            ),
            ErrorKind::Length { expected, found } => write!(
                f,
                "the items of all tensors take {expected} bytes, and {found} bytes follow the header"
            ),
            ErrorKind::NotFound { name, similar } => {
                let meant = did_you_mean(name, similar.as_deref());
                write!(f, "there is no tensor {}{meant}", excerpt(name))
            }
            ErrorKind::Packed { name, dtype } => write!(
                f,
                "tensor {} has several items of {dtype} in a byte, which are not read",
                excerpt(name)
            ),
            ErrorKind::NoDType { name, dtype } => write!(
                f,
                "array {} cannot be saved: safetensors has no dtype {dtype}",
                excerpt(name)
            ),
            ErrorKind::Name(name) => write!(
                f,
                "the name {} cannot be saved: it is used twice, or is that of the metadata",
                excerpt(name)
            ),
        }
    }
}

impl std::error::Error for Error {}
