//! What can go wrong between bytes and arrays.

mod display;
#[cfg(feature = "text")]
mod text;

#[cfg(feature = "text")]
pub use text::{Position, TextError};

use crate::cancel::Cancelled;
use crate::scalar::LongDoubleProblem;
use dtype::{Casting, DType, ErrorClass, Layout};
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why an array could not be read, viewed or written.
pub struct Error(Box<ErrorKind>);

/// The text, so that `fn main() -> Result<(), flatfile::Error>` says what a person can read.
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
    /// A dtype or a layout that cannot be.
    Layout(dtype::Error),
    /// The data is shorter than its layout says.
    Short {
        /// Bytes that the layout takes.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// The data is longer than its layout says, where it should not be.
    TooLong {
        /// Bytes that the layout takes.
        expected: u64,
        /// Bytes that there are.
        found: u64,
    },
    /// The data ends within an item or a row.
    TruncatedItem {
        /// Bytes that there are.
        found: u64,
        /// Bytes of an item or a row.
        unit: usize,
        /// Whether it is rows.
        rows: bool,
    },
    /// The bytes are of another format, not raw items: which.
    OtherFormat(&'static str),
    /// A shape that cannot be.
    Shape(String),
    /// Bytes stand behind the array where none should.
    Trailing {
        /// How many.
        bytes: u64,
    },
    /// No array of rows that lie one after another: 0-d, or in Fortran order.
    NotRowMajor(Layout),
    /// What is no array of rows like these.
    RowShape {
        /// The shape of one row.
        row: Vec<usize>,
        /// The shape of the array.
        found: Vec<usize>,
    },
    /// The header in the file has no room for the new number of rows, or none that storage writes at
    /// once.
    HeaderFull,
    /// So many rows were written where the header says another number.
    RowCount {
        /// Rows that the header says.
        expected: usize,
        /// Rows that there were.
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
        /// The field; of records in it, all names, with dots between.
        field: String,
        /// The names of those that there are; none where the items are no records.
        found: Vec<String>,
    },
    /// A field of a record is of another type than the struct's.
    FieldMismatch {
        /// The field; of records in it, all names, with dots between.
        field: String,
        /// The struct's type.
        expected: DType,
        /// The array's.
        found: DType,
    },
    /// There are not as many items as there is room for.
    Count {
        /// How many there is room for.
        expected: usize,
        /// The array's.
        found: usize,
    },
    /// The Rust type's size is not that of its own dtype.
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
    /// The items cannot be viewed where they lie, for this reason; a copy can be had.
    NotInPlace(&'static str),
    /// The bytes do not begin where items of this type may be viewed in place.
    Unaligned {
        /// What the item's address must be a multiple of.
        alignment: usize,
    },
    /// An item's bytes are no value of the Rust type: a `bool` of 2.
    InvalidValue {
        /// The item's index in memory order.
        item: usize,
        /// The array's type.
        dtype: DType,
    },
    /// The level does not allow the cast, or nothing does.
    Cast {
        /// The items' type.
        from: DType,
        /// The type asked for.
        to: DType,
        /// What was allowed.
        casting: Casting,
    },
    /// A record is to get a field that the one before has not.
    NoField {
        /// The field's name.
        name: String,
        /// The record before.
        record: DType,
    },
    /// An item cannot be cast: a text that is no number, a date that the unit cannot count.
    InvalidItem {
        /// The item's index in memory order.
        item: usize,
        /// The field of a record; of records in it, all names, with dots between.
        field: Option<String>,
        /// The item as text.
        text: String,
        /// What it should have been.
        expected: &'static str,
        /// The type asked for.
        dtype: DType,
    },
    /// Long doubles are not read as numbers of the x87: see [`LongDouble`](crate::LongDouble).
    LongDouble {
        /// The item's index; in C order, or where items are read from a file, in the file's order.
        item: usize,
        /// The field of a record; of records in it, all names, with dots between.
        field: Option<String>,
        /// Why not.
        problem: LongDoubleProblem,
    },
    /// Something is wrong with a text.
    #[cfg(feature = "text")]
    Text {
        /// Where.
        place: Position,
        /// What.
        problem: TextError,
    },
    /// Items of this type are not read from a text.
    TextType(DType),
    /// The separator is empty.
    Separator,
    /// A format of Python's `%` that is none.
    Format {
        /// The format.
        format: String,
        /// At which of its characters, counted from 0.
        at: usize,
        /// Why it is none.
        why: String,
    },
    /// Items of this type cannot be written so.
    Unformattable {
        /// The conversion: `%d`.
        conversion: char,
        /// The type.
        dtype: DType,
    },
    /// An item cannot be written so, although others of its type can.
    UnformattableItem {
        /// The item's index in C order.
        item: usize,
        /// The conversion: `%d`.
        conversion: char,
        /// The item as text.
        text: String,
    },
    /// The data is a pickle of Python objects.
    Object,
    /// A stream cannot go back to items that it is past.
    Forward {
        /// Where in the items they begin.
        at: u64,
    },
    /// An array of this shape is in Fortran order, where C order is needed.
    FortranOrder(Vec<usize>),
    /// Strides that lead outside of the bytes.
    Strides,
    /// A slice that is none, or not one of this array.
    Slice(String),
    /// Another error, in this file.
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: Error,
    },
    /// The size cannot be allocated.
    Memory {
        /// Bytes asked for.
        bytes: usize,
    },
}

impl Error {
    /// What is wrong.
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
            | ErrorKind::Separator
            | ErrorKind::Format { .. }
            | ErrorKind::Unformattable { .. }
            | ErrorKind::UnformattableItem { .. }
            | ErrorKind::Forward { .. }
            | ErrorKind::FortranOrder(_)
            | ErrorKind::Strides
            | ErrorKind::Slice(_) => ErrorClass::Mismatch,
        }
    }

    /// What is wrong, to keep.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    pub(crate) fn in_file(self, path: &Path) -> Error {
        let path = path.to_owned();
        ErrorKind::File { path, source: self }.into()
    }

    /// The same where so many items precede those that it speaks of.
    pub(crate) fn items_later(self, count: usize) -> Error {
        self.of_item(|item| item + count)
    }

    /// The same of an item that has another index in the whole.
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

    /// Of a part that is too short: the same said of the whole.
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

/// The text says all that the layers below know; what is behind that is the source.
impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Io(error) => error.source(),
            ErrorKind::File { source, .. } => source.source(),
            _ => None,
        }
    }
}

/// What a caller can do about an error of the system, or of what reads and writes.
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

/// Object arrays have no items, but a pickle.
pub(crate) fn refuse_objects(dtype: &DType) -> Result<(), Error> {
    if dtype.has_object() {
        return Err(ErrorKind::Object.into());
    }
    Ok(())
}
