//! Python's literals: how headers spell strings, integers, booleans and tuples.

mod ints;
mod space;
mod strings;

pub use crate::repr::{
    escaped, excerpt, is_printable, printable, quoted, quoted_bytes, quoted_points,
};
pub(crate) use ints::{Integer, integer};
pub(crate) use space::{comma, skip_space, token};
pub(crate) use strings::string;

use crate::error::{Error, ErrorKind};
use nom::error::{ErrorKind as NomKind, ParseError};

/// The Python version that wrote the literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// Integers may end in `L`, as in `(2L,)`.
    Python2,
    /// Plain Python 3.
    Python3,
}

/// What a parser returns: the rest of the text and the value.
pub(crate) type Parsed<'a, T> = nom::IResult<&'a str, T, ParserError<'a>>;

/// The error, and the text from its position on, which is a part of the text to be parsed.
#[derive(Debug)]
pub(crate) struct ParserError<'a> {
    rest: &'a str,
    kind: ErrorKind,
}

impl<'a> ParserError<'a> {
    /// A failure that no alternative can recover from.
    pub(crate) fn fail<T>(rest: &'a str, kind: ErrorKind) -> Parsed<'a, T> {
        Err(nom::Err::Failure(ParserError { rest, kind }))
    }

    /// A failure that another alternative may recover from.
    pub(crate) fn expected<T>(rest: &'a str, what: &'static str) -> Parsed<'a, T> {
        let kind = ErrorKind::Expected(what);
        Err(nom::Err::Error(ParserError { rest, kind }))
    }
}

/// The value made from the text between `start` and `rest`, or the error that it cannot be made.
pub(crate) fn into_parsed<'a, T>(
    result: Result<T, Error>,
    start: &'a str,
    rest: &'a str,
) -> Parsed<'a, T> {
    match result {
        Ok(value) => Ok((rest, value)),
        Err(error) => ParserError::fail(start, error.kind().clone()),
    }
}

impl<'a> ParseError<&'a str> for ParserError<'a> {
    fn from_error_kind(rest: &'a str, kind: NomKind) -> Self {
        let what = match kind {
            NomKind::Eof => "the end of the dtype",
            _ => "the name of a dtype",
        };
        let kind = ErrorKind::Expected(what);
        ParserError { rest, kind }
    }

    fn append(_: &'a str, _: NomKind, other: Self) -> Self {
        other
    }
}

/// Turns a parser's result for `text` into a value and the rest, with the error's offset in `text`.
pub(crate) fn finish<'a, T>(text: &'a str, parsed: Parsed<'a, T>) -> Result<(T, &'a str), Error> {
    match parsed {
        Ok((rest, value)) => Ok((value, rest)),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err(Error::at(error.kind, offset(error.rest, text)))
        }
        Err(nom::Err::Incomplete(_)) => {
            Err(Error::at(ErrorKind::Expected("more text"), text.len()))
        }
    }
}

/// Where in `text` its part `rest` begins.
fn offset(rest: &str, text: &str) -> usize {
    let offset = rest.as_ptr().addr().wrapping_sub(text.as_ptr().addr());
    if offset <= text.len() { offset } else { 0 }
}
