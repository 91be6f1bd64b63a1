//! The grammar of the text: a Python dict with three keys.

use crate::ErrorKind;
use dtype::python::Syntax;
use dtype::{DType, Layout, Order, prefix};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{opt, value};
use nom::error::{ErrorKind as NomKind, ParseError};

/// The error, and the text from its position on.
struct ParserError<'a> {
    rest: &'a str,
    kind: ErrorKind,
}

impl<'a> ParseError<&'a str> for ParserError<'a> {
    fn from_error_kind(rest: &'a str, _: NomKind) -> Self {
        let kind = ErrorKind::Expected("True or False");
        ParserError { rest, kind }
    }

    fn append(_: &'a str, _: NomKind, other: Self) -> Self {
        other
    }
}

type Parsed<'a, T> = nom::IResult<&'a str, T, ParserError<'a>>;

fn fail<T>(rest: &str, kind: ErrorKind) -> Parsed<'_, T> {
    Err(nom::Err::Failure(ParserError { rest, kind }))
}

/// The layout that a header's text describes, or the error and its byte offset.
pub(crate) fn layout(text: &str, syntax: Syntax) -> Result<Layout, (usize, ErrorKind)> {
    match bracketed(text, |text| dict(text, syntax)).and_then(end) {
        Ok((_, layout)) => Ok(layout),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
            Err((text.len() - error.rest.len(), error.kind))
        }
        Err(nom::Err::Incomplete(_)) => Err((text.len(), ErrorKind::Expected("more text"))),
    }
}

fn end<T>((rest, value): (&str, T)) -> Parsed<'_, T> {
    match prefix::skip_space(rest) {
        "" => Ok(("", value)),
        rest => fail(rest, ErrorKind::Expected("the end of the header")),
    }
}

fn token<'a>(sign: char, name: &'static str) -> impl Fn(&'a str) -> Parsed<'a, ()> {
    move |text| {
        let rest = prefix::skip_space(text);
        match rest.strip_prefix(sign) {
            Some(rest) => Ok((rest, ())),
            None => Err(nom::Err::Error(ParserError {
                rest,
                kind: ErrorKind::Expected(name),
            })),
        }
    }
}

/// Whatever `inner` parses, in any number of round brackets.
fn bracketed<'a, T>(text: &'a str, inner: impl Fn(&'a str) -> Parsed<'a, T>) -> Parsed<'a, T> {
    let (mut rest, mut brackets) = (text, 0);
    while let Ok((inside, ())) = token('(', "'('")(rest) {
        (rest, brackets) = (inside, brackets + 1);
    }
    let (mut rest, value) = inner(rest)?;
    for _ in 0..brackets {
        (rest, ()) = token(')', "')'")(rest)?;
    }
    Ok((rest, value))
}

/// The values as they are read; if a key occurs twice, the last one counts.
#[derive(Default)]
struct Entries {
    descr: Option<DType>,
    fortran_order: Option<bool>,
    shape: Option<Vec<usize>>,
}

fn dict(text: &str, syntax: Syntax) -> Parsed<'_, Layout> {
    let start = prefix::skip_space(text);
    let (mut rest, ()) = token('{', "'{': the header is not a dict")(start)?;
    let mut entries = Entries::default();
    loop {
        let (after, close) = opt(token('}', "'}'")).parse(rest)?;
        if close.is_some() {
            return entries
                .layout(start, prefix::skip_space(rest))
                .map(|layout| (after, layout));
        }
        let (after, ()) = entries.entry(rest, syntax)?;
        let (after, comma) = opt(token(',', "','")).parse(after)?;
        if comma.is_none() && !prefix::skip_space(after).starts_with('}') {
            return fail(prefix::skip_space(after), ErrorKind::Expected("',' or '}'"));
        }
        rest = after;
    }
}

impl Entries {
    /// `'key': value`
    fn entry<'a>(&mut self, text: &'a str, syntax: Syntax) -> Parsed<'a, ()> {
        let start = prefix::skip_space(text);
        let Ok((key, rest)) = prefix::string_literal(start) else {
            return fail(start, ErrorKind::Expected("a key: a string"));
        };
        let (rest, ()) = token(':', "':'")(rest)?;
        let begin = prefix::skip_space(rest);
        let value_error = |key, source: dtype::Error| {
            nom::Err::Failure(ParserError {
                rest: begin,
                kind: ErrorKind::Value { key, source },
            })
        };
        let rest = match &*key {
            "descr" => {
                let parsed = prefix::descr(begin, syntax);
                let (dtype, rest) = parsed.map_err(|error| value_error("descr", error))?;
                self.descr = Some(dtype);
                rest
            }
            "shape" => {
                let parsed = prefix::shape(begin, syntax);
                let (shape, rest) = parsed.map_err(|error| value_error("shape", error))?;
                self.shape = Some(shape);
                rest
            }
            "fortran_order" => {
                let (rest, flag) = bracketed(begin, boolean)?;
                self.fortran_order = Some(flag);
                rest
            }
            key => {
                let key = key.chars().take(40).collect();
                return fail(start, ErrorKind::UnknownKey(key));
            }
        };
        Ok((rest, ()))
    }

    /// The layout that the entries describe together; `start` is where the dict begins, `end` where it ends.
    fn layout<'a>(self, start: &'a str, end: &'a str) -> Result<Layout, nom::Err<ParserError<'a>>> {
        let missing = |key| {
            nom::Err::Failure(ParserError {
                rest: end,
                kind: ErrorKind::MissingKey(key),
            })
        };
        let dtype = self.descr.ok_or_else(|| missing("descr"))?;
        let shape = self.shape.ok_or_else(|| missing("shape"))?;
        let order = if self.fortran_order.ok_or_else(|| missing("fortran_order"))? {
            Order::Fortran
        } else {
            Order::C
        };
        let layout_error = |source| {
            nom::Err::Failure(ParserError {
                rest: start,
                kind: ErrorKind::Layout(source),
            })
        };
        // NumPy cannot load an array of subarrays either: it reads too few items.
        if let DType::Subarray(_) = dtype {
            return Err(layout_error(
                dtype::ErrorKind::Unsupported("a subarray dtype for a whole array").into(),
            ));
        }
        Layout::new(dtype, shape, order).map_err(layout_error)
    }
}

fn boolean(text: &str) -> Parsed<'_, bool> {
    let rest = prefix::skip_space(text);
    alt((value(true, tag("True")), value(false, tag("False")))).parse(rest)
}
