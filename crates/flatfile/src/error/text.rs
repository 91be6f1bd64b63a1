//! What is wrong with a text, and where: [`TextError`] and [`Position`].

use dtype::DType;
use dtype::python::quoted;
use std::fmt;

/// Where in a text something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Bytes before it.
    pub byte: u64,
    /// Its line, from 1 on.
    pub line: u64,
    /// Its byte in that line, from 1 on.
    pub column: u64,
    /// The index of its item in a sequence, or of its row in a table.
    pub item: u64,
    /// The index of its field in that row; none in a sequence.
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

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing stands where an item should.
    Empty {
        /// What should.
        expected: &'static str,
    },
    /// Something else stands where an item should.
    Item {
        /// What should.
        expected: &'static str,
        /// How it begins.
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
    /// Something else stands where the separator should.
    Separator {
        /// The separator.
        expected: String,
        /// How it begins.
        found: String,
    },
    /// The text ends within a separator.
    CutSeparator {
        /// The separator.
        expected: String,
    },
    /// The text has fewer items, or rows, than were asked for.
    Count {
        /// How many were.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A row has another number of fields than the others.
    Fields {
        /// How many they have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// A row has no field of this index.
    NoField {
        /// The index; from the end on where it is negative.
        index: isize,
        /// How many fields the row has.
        found: usize,
    },
    /// A quoted field is not closed on its line.
    OpenQuote,
    /// The header has no such name.
    NoName {
        /// The name.
        name: String,
    },
    /// The header has no names that a record could have.
    Names {
        /// Why not.
        why: String,
    },
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextError::Empty { expected } => write!(f, "expected {expected}, found nothing"),
            TextError::Item { expected, found } => {
                write!(f, "expected {expected}, found {}", quoted(found))
            }
            TextError::Range { dtype, found } => {
                write!(
                    f,
                    "{} is out of the range of {}",
                    quoted(found),
                    dtype.descr()
                )
            }
            TextError::TooLong { dtype, found } => {
                write!(f, "{} is too long for {}", quoted(found), dtype.descr())
            }
            TextError::Separator { expected, found } => write!(
                f,
                "expected the separator {}, found {}",
                quoted(expected),
                quoted(found)
            ),
            TextError::CutSeparator { expected } => {
                write!(f, "the text ends within the separator {}", quoted(expected))
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
            TextError::OpenQuote => f.write_str("the quoted field is not closed on its line"),
            TextError::NoName { name } => write!(f, "the header has no name {}", quoted(name)),
            TextError::Names { why } => write!(f, "the header names no record: {why}"),
        }
    }
}
