//! Errors between bytes and arrays.

mod display;
#[cfg(feature = "text")]
mod text;

#[cfg(feature = "text")]
pub use text::{FieldError, Position, TextError};

use crate::cancel::Cancelled;
use crate::scalar::LongDoubleProblem;
use dtype::{Casting, DType, ErrorClass, Layout};
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why an array could not be read, viewed or written.
pub struct Error(Box<ErrorKind>);

/// The text, so that `fn main() -> Result<(), flatfile::Error>` prints something readable.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The kinds of [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source or the target failed.
    Io(io::Error),
    /// The header of a .npy.
    Header(npy_header::Error),
    /// A dtype or a layout that is not possible.
    Layout(dtype::Error),
    /// The data is shorter than its layout.
    Short {
        /// Bytes that the layout needs.
        expected: u64,
        /// Bytes available.
        found: u64,
    },
    /// The data is longer than its layout, where it should not be.
    TooLong {
        /// Bytes that the layout needs.
        expected: u64,
        /// Bytes available.
        found: u64,
    },
    /// The data ends within an item or a row.
    TruncatedItem {
        /// Bytes available.
        found: u64,
        /// Bytes of an item or a row.
        unit: usize,
        /// Whether `unit` is a row.
        rows: bool,
    },
    /// The bytes are of this other format, not raw items.
    OtherFormat(&'static str),
    /// A shape that is not possible.
    Shape(String),
    /// There are bytes after the array where there should be none.
    Trailing {
        /// The number of bytes.
        bytes: u64,
    },
    /// Not an array of contiguous rows: it is 0-d, or in Fortran order.
    NotRowMajor(Layout),
    /// Not an array of rows like these.
    RowShape {
        /// The shape of one row.
        row: Vec<usize>,
        /// The shape of the array.
        found: Vec<usize>,
    },
    /// The header in the file has no room for the new number of rows, or none that storage writes atomically.
    HeaderFull,
    /// The number of rows written differs from that in the header.
    RowCount {
        /// Rows that the header declares.
        expected: usize,
        /// Rows that were written.
        found: usize,
    },
    /// The items are of another type than the one asked for.
    Mismatch {
        /// The type asked for.
        expected: DType,
        /// The array's.
        found: DType,
    },
    /// There is no such field.
    MissingField {
        /// The field; for fields of nested records, all names, separated by dots.
        field: String,
        /// The names of the fields that exist; empty if the items are not records.
        found: Vec<String>,
    },
    /// A field of a record is of another type than the struct's.
    FieldMismatch {
        /// The field; for fields of nested records, all names, separated by dots.
        field: String,
        /// The struct's type.
        expected: DType,
        /// The array's.
        found: DType,
    },
    /// The number of items differs from the room for them.
    Count {
        /// The number of items that there is room for.
        expected: usize,
        /// The array's.
        found: usize,
    },
    /// The size of the Rust type is not that of its own dtype.
    ElementSize {
        /// Bytes of the Rust type.
        size: usize,
        /// Its dtype.
        dtype: DType,
    },
    /// The array has another number of axes than the type asked for.
    Axes {
        /// Axes of the type.
        expected: usize,
        /// The array's.
        found: usize,
    },
    /// The items cannot be viewed in place, for this reason; they can be copied.
    NotInPlace(&'static str),
    /// The bytes are not aligned for viewing items of this type in place.
    Unaligned {
        /// The required alignment.
        alignment: usize,
    },
    /// The bytes of an item are not a value of the Rust type: a `bool` of 2.
    InvalidValue {
        /// The item's index in memory order.
        item: usize,
        /// The array's type.
        dtype: DType,
    },
    /// The casting level does not allow the cast, or no level does.
    Cast {
        /// The items' type.
        from: DType,
        /// The type asked for.
        to: DType,
        /// The casting level.
        casting: Casting,
    },
    /// A record is cast to one with a field that it does not have.
    NoField {
        /// The field's name.
        name: String,
        /// The record before the cast.
        record: DType,
    },
    /// An item cannot be cast: a text that is not a number, a date that the unit cannot count.
    InvalidItem {
        /// The item's index in memory order.
        item: usize,
        /// The field of a record; for fields of nested records, all names, separated by dots.
        field: Option<String>,
        /// The item as text.
        text: String,
        /// The expected kind of value.
        expected: &'static str,
        /// The type asked for.
        dtype: DType,
    },
    /// Long doubles cannot be read as numbers of the x87: see [`LongDouble`](crate::LongDouble).
    LongDouble {
        /// The item's index: in C order, or if items are read from a file, in the file's order.
        item: usize,
        /// The field of a record; for fields of nested records, all names, separated by dots.
        field: Option<String>,
        /// The reason.
        problem: LongDoubleProblem,
    },
    /// There is an error in a text.
    #[cfg(feature = "text")]
    Text {
        /// The position in the text.
        place: Position,
        /// The error.
        problem: TextError,
    },
    /// Items of this type cannot be read from text.
    TextType(DType),
    /// There are no statistics of items of this type.
    NoStats(DType),
    /// There is no such axis.
    NoAxis {
        /// The axis; negative ones count from the last.
        axis: isize,
        /// Axes of the array.
        found: usize,
    },
    /// The separator is empty.
    Separator,
    /// An invalid format for Python's `%`.
    Format {
        /// The format.
        format: String,
        /// The index of the invalid character, counted from 0.
        at: usize,
        /// The reason.
        why: String,
    },
    /// Items of this type cannot be written with this conversion.
    Unformattable {
        /// The conversion: `%d`.
        conversion: char,
        /// The type.
        dtype: DType,
    },
    /// An item cannot be written with this conversion, although others of its type can.
    UnformattableItem {
        /// The item's index in C order.
        item: usize,
        /// The conversion: `%d`.
        conversion: char,
        /// The item as text.
        text: String,
    },
    /// Items of this type have no text in a table for exchange.
    TableType(DType),
    /// A field of a table for exchange cannot be written.
    #[cfg(feature = "text")]
    TableField {
        /// The index of the row; `None` in the header.
        row: Option<usize>,
        /// The index of the field in the row.
        field: usize,
        /// The name of the column, if it has one.
        name: Option<String>,
        /// The error.
        problem: FieldError,
    },
    /// Options for a table that contradict each other.
    TableOptions(String),
    /// The data is a pickle of Python objects.
    Object,
    /// A stream cannot go back to items that it has passed.
    Forward {
        /// The position at which the items begin.
        at: u64,
    },
    /// An array of this shape is in Fortran order, where C order is needed.
    FortranOrder(Vec<usize>),
    /// Strides that lead outside the bytes.
    Strides,
    /// A slice that is invalid, or does not fit this array.
    Slice(String),
    /// Fields that cannot be selected together.
    Fields(String),
    /// Another error, in this file.
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error.
        source: Error,
    },
    /// The memory cannot be allocated.
    Memory {
        /// Bytes requested.
        bytes: usize,
    },
}

impl Error {
    /// The kind of error.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// What a caller can do about it.
    pub fn class(&self) -> ErrorClass {
        match self.kind() {
            ErrorKind::Io(error) => io_error_class(error),
            ErrorKind::Header(error) => error.class(),
            ErrorKind::Layout(error) => error.class(),
            ErrorKind::File { source, .. } => source.class(),
            ErrorKind::Object => ErrorClass::Unsupported,
            ErrorKind::Memory { .. } | ErrorKind::HeaderFull => ErrorClass::Limit,
            ErrorKind::Short { .. }
            | ErrorKind::TooLong { .. }
            | ErrorKind::TruncatedItem { .. }
            | ErrorKind::OtherFormat(_)
            | ErrorKind::Trailing { .. }
            | ErrorKind::InvalidItem { .. } => ErrorClass::Format,
            #[cfg(feature = "text")]
            ErrorKind::Text { .. } => ErrorClass::Format,
            #[cfg(feature = "text")]
            ErrorKind::TableField { .. } => ErrorClass::Mismatch,
            ErrorKind::Shape(_)
            | ErrorKind::NotRowMajor(_)
            | ErrorKind::RowShape { .. }
            | ErrorKind::RowCount { .. }
            | ErrorKind::Mismatch { .. }
            | ErrorKind::MissingField { .. }
            | ErrorKind::FieldMismatch { .. }
            | ErrorKind::Count { .. }
            | ErrorKind::ElementSize { .. }
            | ErrorKind::Axes { .. }
            | ErrorKind::NotInPlace(_)
            | ErrorKind::Unaligned { .. }
            | ErrorKind::InvalidValue { .. }
            | ErrorKind::Cast { .. }
            | ErrorKind::NoField { .. }
            | ErrorKind::LongDouble { .. }
            | ErrorKind::TextType(_)
            | ErrorKind::NoStats(_)
            | ErrorKind::NoAxis { .. }
            | ErrorKind::TableType(_)
            | ErrorKind::TableOptions(_)
            | ErrorKind::Separator
            | ErrorKind::Format { .. }
            | ErrorKind::Unformattable { .. }
            | ErrorKind::UnformattableItem { .. }
            | ErrorKind::Forward { .. }
            | ErrorKind::FortranOrder(_)
            | ErrorKind::Strides
            | ErrorKind::Fields(_)
            | ErrorKind::Slice(_) => ErrorClass::Mismatch,
        }
    }

    /// The kind of error, by value.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    pub(crate) fn in_file(self, path: &Path) -> Error {
        let path = path.to_owned();
        ErrorKind::File { path, source: self }.into()
    }

    /// The same error, if this many items precede those that it refers to.
    pub(crate) fn items_later(self, count: usize) -> Error {
        self.of_item(|item| item + count)
    }

    /// The same error for an item that has another index in the whole.
    pub(crate) fn of_item(mut self, index: impl FnOnce(usize) -> usize) -> Error {
        if let ErrorKind::InvalidItem { item, .. }
        | ErrorKind::UnformattableItem { item, .. }
        | ErrorKind::LongDouble { item, .. } = &mut *self.0
        {
            *item = index(*item);
        }
        self
    }

    pub(crate) fn short(expected: usize, found: usize) -> Error {
        let (expected, found) = (expected as u64, found as u64);
        ErrorKind::Short { expected, found }.into()
    }

    /// For a part that is too short: the same error for the whole.
    pub(crate) fn of_whole(self, expected: usize, found: usize) -> Error {
        match self.kind() {
            ErrorKind::Short { .. } => Error::short(expected, found),
            _ => self,
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        ErrorKind::Io(error).into()
    }
}

impl From<npy_header::Error> for Error {
    fn from(error: npy_header::Error) -> Error {
        ErrorKind::Header(error).into()
    }
}

impl From<dtype::Error> for Error {
    fn from(error: dtype::Error) -> Error {
        ErrorKind::Layout(error).into()
    }
}

/// The text includes everything that the layers below report; the source is their source, if any.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Io(error) => error.source(),
            ErrorKind::File { source, .. } => source.source(),
            _ => None,
        }
    }
}

/// What a caller can do about an error of the system, or of a reader or writer.
pub fn io_error_class(error: &io::Error) -> ErrorClass {
    if Cancelled::is_cause_of(error) {
        return ErrorClass::Cancelled;
    }
    match error.kind() {
        io::ErrorKind::NotFound => ErrorClass::NotFound,
        io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy => ErrorClass::Busy,
        _ => ErrorClass::Io,
    }
}

/// Object arrays have no items, only a pickle.
pub(crate) fn refuse_objects(dtype: &DType) -> Result<(), Error> {
    if dtype.has_object() {
        return Err(ErrorKind::Object.into());
    }
    Ok(())
}
