//! The descriptor as a Python literal, as in a header.

use super::shape::{subarray, subshape};
use super::typestr;
use crate::dtype::{DType, Field, Record};
use crate::error::ErrorKind;
use crate::limits::MAX_DEPTH;
use crate::python::{Parsed, ParserError, Syntax, comma, into_parsed, skip_space, string, token};
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::tag;
use nom::combinator::{map, opt, value};
use nom::sequence::{preceded, terminated};
use std::borrow::Cow;

/// `'<f8'`, `[('x', '<i4'), …]` or `('<f4', (2,))`.
pub(super) fn descr(text: &str, syntax: Syntax, depth: usize) -> Parsed<'_, DType> {
    let start = skip_space(text);
    if depth > MAX_DEPTH {
        return ParserError::fail(start, ErrorKind::TooDeep);
    }
    match start.chars().next() {
        Some('[') => record(start, syntax, depth),
        Some('(') => tuple(start, syntax, depth),
        Some('{') => ParserError::fail(start, ErrorKind::Unsupported("a dict as descriptor")),
        Some('\'' | '"' | 'a'..='z' | 'A'..='Z') => text_descr(start, depth),
        _ => ParserError::expected(start, "a descriptor: a string, or a list of fields"),
    }
}

/// A string that `np.dtype` takes.
fn text_descr(start: &str, depth: usize) -> Parsed<'_, DType> {
    let (rest, name) = string(start)?;
    match typestr::typestr(&name) {
        // Types that have parts are written in brackets of their own.
        Ok(DType::Record(_) | DType::Subarray(_)) if depth == MAX_DEPTH => {
            ParserError::fail(start, ErrorKind::TooDeep)
        }
        Ok(dtype) => Ok((rest, dtype)),
        Err(error) => {
            // If the string occurs verbatim in the source, the error's position in it is known too.
            let place = match name {
                Cow::Borrowed(name) => name.get(error.offset().unwrap_or(0)..),
                Cow::Owned(_) => None,
            };
            ParserError::fail(place.unwrap_or(start), error.kind().clone())
        }
    }
}

/// `('<f4', (2,))`, or a descriptor in brackets.
fn tuple(start: &str, syntax: Syntax, depth: usize) -> Parsed<'_, DType> {
    let close = token(')', "',' or ')'");
    let base = preceded(token('(', "'('"), |text| descr(text, syntax, depth + 1));
    let (rest, (base, comma)) = (base, opt(comma)).parse(start)?;
    if comma.is_none() {
        return map(close, |()| base.clone()).parse(rest);
    }
    // h5py's dtypes have metadata, and older versions of NumPy wrote that of a record's fields.
    if skip_space(rest).starts_with('{') {
        return ParserError::fail(skip_space(rest), ErrorKind::Metadata);
    }
    let shape = terminated(|text| subshape(text, syntax), opt(self::comma));
    let (rest, shape) = terminated(shape, close).parse(rest)?;
    into_parsed(subarray(base, shape), start, rest)
}

/// `[('x', '<i4'), (('title', 'y'), '<f4', (2,)), ('', '|V4')]`
fn record(start: &str, syntax: Syntax, depth: usize) -> Parsed<'_, DType> {
    let (mut rest, ()) = token('[', "'['")(start)?;
    let mut fields = Vec::new();
    let mut end = 0usize;
    while !skip_space(rest).starts_with(']') {
        let (after, mut field) = field(rest, syntax, depth + 1)?;
        field.offset = end;
        end = end.saturating_add(field.dtype.itemsize());
        if !is_padding(&field) {
            fields.push(field);
        }
        (rest, _) = match comma(after) {
            Ok(next) => next,
            Err(_) if skip_space(after).starts_with(']') => (after, ()),
            Err(_) => return ParserError::expected(skip_space(after), "',' or ']'"),
        };
    }
    let (rest, ()) = token(']', "']'")(rest)?;
    into_parsed(Record::new(fields, end).map(DType::from), start, rest)
}

/// NumPy writes padding as void bytes without a name.
fn is_padding(field: &Field) -> bool {
    let mut dtype = &field.dtype;
    while let DType::Subarray(sub) = dtype {
        dtype = sub.base();
    }
    field.name.is_empty() && field.title.is_none() && matches!(dtype, DType::Void(_))
}

/// One field, as a tuple or as a list; the caller sets its offset.
fn field(text: &str, syntax: Syntax, depth: usize) -> Parsed<'_, Field> {
    let start = skip_space(text);
    let close = match start.chars().next() {
        Some('(') => ')',
        Some('[') => ']',
        _ => return ParserError::expected(start, "a field: (name, type) or (name, type, shape)"),
    };
    let (rest, (title, name)) = terminated(name, comma).parse(&start[1..])?;
    let (rest, base) = descr(rest, syntax, depth)?;
    let (rest, shape) = opt(preceded(comma, |text| subshape(text, syntax))).parse(rest)?;
    let (rest, _) =
        terminated(opt(comma), token(close, "the field's closing bracket")).parse(rest)?;
    let dtype = match shape {
        Some(shape) => subarray(base, shape),
        None => Ok(base),
    };
    let offset = 0;
    let field = dtype.map(|dtype| Field {
        name,
        title,
        dtype,
        offset,
    });
    into_parsed(field, start, rest)
}

/// `'x'`, or `('title', 'x')`.
fn name(text: &str) -> Parsed<'_, (Option<String>, String)> {
    let Ok((inside, ())) = token('(', "'('")(text) else {
        return map(string, |name| (None, name.into_owned())).parse(text);
    };
    let none = value(None, tag("None"));
    let title = alt((none, map(string, |title| Some(title.into_owned()))));
    let name = map(preceded(comma, string), Cow::into_owned);
    let close = preceded(opt(comma), token(')', "')' after title and name"));
    terminated((title, name), close).parse(skip_space(inside))
}
