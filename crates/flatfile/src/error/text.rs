//! Errors in a text, and their positions: [`TextError`] and [`Position`].

use dtype::DType;
use dtype::python::excerpt;
use std::fmt;

/// A position in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The byte offset.
    pub byte: u64,
    /// The line, from 1 on.
    pub line: u64,
    /// The byte in that line, from 1 on.
    pub column: u64,
    /// The index of the item in a sequence, or of the row in a table.
    pub item: u64,
    /// The index of the field in that row; `None` in a sequence.
    pub field: Option<usize>,
}

/// `line 2, column 5 (byte 17), item 4`
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            byte,
            line,
            column,
            item,
            field,
        } = self;
        write!(f, "line {line}, column {column} (byte {byte}), ")?;
        match field {
            Some(field) => write!(f, "row {item}, field {field}"),
            None => write!(f, "item {item}"),
        }
    }
}

/// An error in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// An item is missing.
    Empty {
        /// What was expected.
        expected: &'static str,
    },
    /// A number of a table is missing, and no option says that it may.
    Missing {
        /// What was expected.
        expected: &'static str,
    },
    /// A field is missing, and its type has no value for that.
    NoFillingValue {
        /// The type.
        dtype: DType,
    },
    /// A field is missing, and the value given for that is not of its type.
    FillingValue {
        /// The type.
        dtype: DType,
        /// The value given.
        found: String,
    },
    /// One text is much longer than the others, whose type has no length, so that they would all become as long.
    UnevenTexts {
        /// Bytes that the array would take.
        bytes: u128,
    },
    /// A row is longer than it may be.
    LongRow {
        /// The most bytes.
        limit: usize,
    },
    /// There is something else in place of an item.
    Item {
        /// What was expected.
        expected: &'static str,
        /// The beginning of the text found.
        found: String,
    },
    /// The item is out of its type's range.
    Range {
        /// The type.
        dtype: DType,
        /// The item.
        found: String,
    },
    /// A text is longer than its type has room for.
    TooLong {
        /// The type.
        dtype: DType,
        /// The item.
        found: String,
    },
    /// There is something else in place of the separator.
    Separator {
        /// The separator.
        expected: String,
        /// The beginning of the text found.
        found: String,
    },
    /// The text ends within a separator.
    CutSeparator {
        /// The separator.
        expected: String,
    },
    /// The text has fewer items, or rows, than were requested.
    Count {
        /// The number requested.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// A row has another number of fields than the others.
    Fields {
        /// The number of fields of the others.
        expected: usize,
        /// The number of fields of this row.
        found: usize,
    },
    /// A row has no field of this index.
    NoField {
        /// The index; negative ones count from the end.
        index: isize,
        /// The number of fields of the row.
        found: usize,
    },
    /// A quoted field is not closed.
    OpenQuote,
    /// The header has no such name.
    NoName {
        /// The name.
        name: String,
    },
    /// The header has no names that are valid for a record.
    Names {
        /// The reason.
        why: String,
    },
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextError::Empty { expected } => write!(f, "expected {expected}, found nothing"),
            TextError::Missing { expected } => write!(
                f,
                "expected {expected}, found nothing: missing numbers are read with missing_values or filling_values \
                 (--missing, --fill)"
            ),
            TextError::NoFillingValue { dtype } => write!(
                f,
                "the field is missing, and {} has no value for that: state one with filling_values (--fill)",
                dtype.descr()
            ),
            TextError::LongRow { limit } => write!(
                f,
                "expected a row of at most {limit} bytes, found a longer one"
            ),
            TextError::UnevenTexts { bytes } => write!(
                f,
                "the longest text makes all others of its column as long: the array would take {bytes} bytes; state a \
                 dtype with the length of texts"
            ),
            TextError::FillingValue { dtype, found } => write!(
                f,
                "the field is missing, and the value given for that, {}, is not of {}",
                excerpt(found),
                dtype.descr()
            ),
            TextError::Item { expected, found } => {
                write!(f, "expected {expected}, found {}", excerpt(found))
            }
            TextError::Range { dtype, found } => {
                write!(
                    f,
                    "{} is out of the range of {}",
                    excerpt(found),
                    dtype.descr()
                )
            }
            TextError::TooLong { dtype, found } => {
                write!(f, "{} is too long for {}", excerpt(found), dtype.descr())
            }
            TextError::Separator { expected, found } => write!(
                f,
                "expected the separator {}, found {}",
                excerpt(expected),
                excerpt(found)
            ),
            TextError::CutSeparator { expected } => {
                write!(
                    f,
                    "the text ends within the separator {}",
                    excerpt(expected)
                )
            }
            TextError::Count { expected, found } => {
                write!(
                    f,
                    "the text ends too early: expected {expected}, found {found}"
                )
            }
            TextError::Fields { expected, found } => write!(
                f,
                "the row has another number of fields: expected {expected}, found {found}"
            ),
            TextError::NoField { index, found } => {
                write!(f, "no field {index}: the row has {found}")
            }
            TextError::OpenQuote => f.write_str("the quoted field is not closed"),
            TextError::NoName { name } => write!(f, "the header has no name {}", excerpt(name)),
            TextError::Names { why } => write!(f, "the header names no record: {why}"),
        }
    }
}

/// Why a field of a table for exchange cannot be written: see [`WriteOptions::csv`](crate::text::table::WriteOptions::csv).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldError {
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// The index of the first such byte in the item.
        at: usize,
    },
    /// A code point that is not a character, such as a lone surrogate.
    NotCharacter {
        /// Its index in the item.
        at: usize,
        /// The code point.
        point: u32,
    },
    /// The count of a date without a unit, which is not a date.
    NoUnit {
        /// The count.
        count: i64,
    },
    /// Fields are not quoted, and this one needs a quote.
    NoQuote,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldError::NotUtf8 { at } => write!(
                f,
                "byte {at} is not UTF-8, as text in .csv and .tsv is: use .json"
            ),
            FieldError::NotCharacter { at, point } => write!(
                f,
                "character {at} is U+{point:04X}, which UTF-8 does not have: use .json"
            ),
            FieldError::NoUnit { count } => write!(
                f,
                "{count} is a date without a unit, which no text in .csv and .tsv says: use .json"
            ),
            FieldError::NoQuote => f.write_str(
                "it needs a quote: it is empty, or contains a delimiter, a line end, # or outer white space; \
                 use --out-quote C (WriteOptions::quotechar)",
            ),
        }
    }
}
