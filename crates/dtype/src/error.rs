//! Errors in a dtype, its text, or a layout.

use crate::dtype::DType;
use crate::error_class::ErrorClass;
use crate::limits::{MAX_DEPTH, MAX_DIMS, MAX_ITEMSIZE};
use crate::repr::excerpt;
use crate::similar::did_you_mean;
use std::fmt;

/// Why a text is not a dtype, or why a dtype or layout is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    offset: Option<usize>,
}

impl Error {
    pub(crate) fn at(kind: ErrorKind, offset: usize) -> Error {
        Error {
            kind,
            offset: Some(offset),
        }
    }

    /// The kind of error.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.kind {
            ErrorKind::Unsupported(_) | ErrorKind::Metadata => ErrorClass::Unsupported,
            ErrorKind::TooDeep
            | ErrorKind::TooManyAxes
            | ErrorKind::IntegerTooLarge
            | ErrorKind::ItemTooLarge
            | ErrorKind::ArrayTooLarge => ErrorClass::Limit,
            ErrorKind::Expected(_)
            | ErrorKind::UnknownType(_)
            | ErrorKind::UnknownKind(_)
            | ErrorKind::UnknownSize(..)
            | ErrorKind::UnknownUnit(_)
            | ErrorKind::UnknownCasting(_)
            | ErrorKind::UnitDivisor(_)
            | ErrorKind::ByteOrders
            | ErrorKind::DuplicateField(_)
            | ErrorKind::FieldOrder(_)
            | ErrorKind::NegativeAxis
            | ErrorKind::SubarrayOrder => ErrorClass::Format,
        }
    }

    /// The position in the parsed text, in bytes from its beginning; `None` if no text was parsed.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error { kind, offset: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        if let Some(offset) = self.offset {
            write!(f, ", at byte {offset}")?;
        }
        match &self.kind {
            ErrorKind::UnknownType(name) => f.write_str(&did_you_mean(name, DType::names())),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// The kinds of [`Error`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text does not continue as expected; this was expected.
    Expected(&'static str),
    /// No type has this name.
    UnknownType(String),
    /// The letter before the size is not a kind of type.
    UnknownKind(char),
    /// The kind has no such size: `f3`.
    UnknownSize(char, u32),
    /// Not a unit of time.
    UnknownUnit(String),
    /// None of `no equiv safe same_kind unsafe`.
    UnknownCasting(String),
    /// `M8[D/7]`: the divisor does not divide into a finer unit.
    UnitDivisor(u32),
    /// Two byte orders in one type: `<(2,)>f4`.
    ByteOrders,
    /// Valid in Python or NumPy, but not something that a file can or should contain.
    Unsupported(&'static str),
    /// A dict after a type: metadata of a dtype, as h5py adds it. NumPy does not read it from a file either.
    Metadata,
    /// A name or title is used twice in a record.
    DuplicateField(String),
    /// The field overlaps the one before it or begins before it.
    FieldOrder(String),
    /// More levels of nesting than [`MAX_DEPTH`](crate::MAX_DEPTH).
    TooDeep,
    /// More axes than [`MAX_DIMS`](crate::MAX_DIMS).
    TooManyAxes,
    /// An axis is negative.
    NegativeAxis,
    /// An integer that is too large for an axis or a size.
    IntegerTooLarge,
    /// One item takes more than [`MAX_ITEMSIZE`](crate::MAX_ITEMSIZE) bytes, or a field ends outside it.
    ItemTooLarge,
    /// The array would not fit into any address space.
    ArrayTooLarge,
    /// A subarray dtype cannot be combined with this order.
    SubarrayOrder,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::Expected(what) => write!(f, "expected {what}"),
            ErrorKind::UnknownType(name) => {
                write!(f, "unknown dtype {}", excerpt(name))
            }
            ErrorKind::UnknownKind(kind) => {
                let kind = excerpt(kind.encode_utf8(&mut [0; 4])).to_string();
                write!(f, "unknown dtype kind {kind}")
            }
            ErrorKind::UnknownSize(kind, size) => {
                write!(f, "dtype kind '{kind}' has no size {size}")
            }
            ErrorKind::UnknownUnit(unit) => {
                write!(f, "unknown unit of time {}", excerpt(unit))
            }
            ErrorKind::UnknownCasting(word) => write!(
                f,
                "unknown level of casting {}: expected no, equiv, safe, same_kind or unsafe",
                excerpt(word)
            ),
            ErrorKind::UnitDivisor(n) => {
                write!(f, "{n} parts of this unit are not a whole finer unit")
            }
            ErrorKind::ByteOrders => f.write_str("two byte orders that disagree"),
            ErrorKind::Unsupported(what) => write!(f, "{what} is not supported"),
            ErrorKind::Metadata => f.write_str(
                "metadata of a dtype, as h5py adds it, which np.load refuses too: write the file again with np.save of \
                 a newer NumPy, which drops it, or read the items as raw ones, from the end of the header on",
            ),
            ErrorKind::DuplicateField(name) => {
                write!(f, "field name or title {} is used twice", excerpt(name))
            }
            ErrorKind::FieldOrder(name) => write!(
                f,
                "field {} overlaps the one before it or begins before it",
                excerpt(name)
            ),
            ErrorKind::TooDeep => write!(f, "nested deeper than {} levels", MAX_DEPTH),
            ErrorKind::TooManyAxes => write!(f, "more than {} axes", MAX_DIMS),
            ErrorKind::NegativeAxis => f.write_str("an axis is negative"),
            ErrorKind::IntegerTooLarge => f.write_str("the integer is too large"),
            ErrorKind::ItemTooLarge => write!(
                f,
                "one item takes more than {} bytes, or a field ends outside it",
                MAX_ITEMSIZE
            ),
            ErrorKind::ArrayTooLarge => {
                f.write_str("shape × itemsize is more than any address space holds")
            }
            ErrorKind::SubarrayOrder => {
                f.write_str("an array of subarrays cannot be in Fortran order")
            }
        }
    }
}
