//! Shapes of arrays and of subarrays.

use crate::dtype::{DType, Subarray};
use crate::error::{Error, ErrorKind};
use crate::limits::{MAX_DIMS, MAX_ITEMSIZE};
use crate::python::{Integer, Parsed, ParserError, Syntax, comma, integer, skip_space, token};
use nom::Parser;
use nom::combinator::{map, opt};

/// An array's shape: a tuple, in any number of brackets.
pub(super) fn tuple(text: &str, syntax: Syntax) -> Parsed<'_, Vec<usize>> {
    let start = skip_space(text);
    let (inside, ()) = token('(', "a tuple of integers")(start)?;
    let (mut inside, mut brackets) = (inside, 0);
    while let Ok((further, ())) = token('(', "'('")(inside) {
        (inside, brackets) = (further, brackets + 1);
    }
    let (rest, (axes, comma)) = (|text| axes(text, syntax), opt(comma)).parse(inside)?;
    let (mut rest, ()) = token(')', "',' or ')'")(rest)?;
    for _ in 0..brackets {
        (rest, ()) = token(')', "')'")(rest)?;
    }
    match (axes.len(), comma) {
        (1, None) => ParserError::fail(
            start,
            ErrorKind::Expected("a tuple: one item needs a comma"),
        ),
        (0, Some(())) => ParserError::fail(inside, ErrorKind::Expected("an integer")),
        _ => Ok((rest, axes)),
    }
}

/// The shape of a subarray: an integer, a tuple or a list.
pub(super) enum SubShape {
    /// `2`, which is the size of a string type that has none.
    Size(usize),
    /// `(2, 3)`
    Axes(Vec<usize>),
}

pub(super) fn subshape(text: &str, syntax: Syntax) -> Parsed<'_, SubShape> {
    let start = skip_space(text);
    let close = match start.chars().next() {
        Some('(') => token(')', "',' or ')'"),
        Some('[') => return map(list(syntax), SubShape::Axes).parse(start),
        _ => return map(|text| axis(text, syntax), SubShape::Size).parse(start),
    };
    let items = (|text| axes(text, syntax), opt(comma), close);
    let (rest, (axes, comma, ())) = (token('(', "'('"), items)
        .map(|(_, items)| items)
        .parse(start)?;
    match (axes.as_slice(), comma) {
        (&[size], None) => Ok((rest, SubShape::Size(size))),
        _ => Ok((rest, SubShape::Axes(axes))),
    }
}

fn list<'a>(syntax: Syntax) -> impl Parser<&'a str, Output = Vec<usize>, Error = ParserError<'a>> {
    let items = (move |text| axes(text, syntax), opt(comma));
    (token('[', "'['"), items, token(']', "',' or ']'")).map(|(_, (axes, _), _)| axes)
}

/// Axes separated by commas, without one after the last.
fn axes(text: &str, syntax: Syntax) -> Parsed<'_, Vec<usize>> {
    let mut axes = Vec::new();
    let mut rest = text;
    loop {
        match axis(rest, syntax) {
            Ok((after, length)) => {
                axes.push(length);
                rest = after;
            }
            // No axis, or a comma after the last: the caller knows whether that is allowed.
            Err(nom::Err::Error(_)) if axes.is_empty() => return Ok((rest, axes)),
            Err(error) => return Err(error),
        }
        if axes.len() > MAX_DIMS {
            return ParserError::fail(text, ErrorKind::TooManyAxes);
        }
        match comma(rest) {
            Ok((after, ())) if !skip_space(after).starts_with([')', ']']) => rest = after,
            _ => return Ok((rest, axes)),
        }
    }
}

fn axis(text: &str, syntax: Syntax) -> Parsed<'_, usize> {
    match integer(syntax)(text)? {
        (rest, Integer::Natural(length)) => Ok((rest, length)),
        (_, Integer::Negative) => ParserError::fail(skip_space(text), ErrorKind::NegativeAxis),
    }
}

/// `shape` items of `base`; but a string type without a size takes a bare integer as its size.
pub(super) fn subarray(base: DType, shape: SubShape) -> Result<DType, Error> {
    let axes = match (&base, shape) {
        (DType::Bytes(0) | DType::Str(0, _) | DType::Void(0), SubShape::Size(size)) => {
            return sized(&base, size);
        }
        (_, SubShape::Size(size)) => vec![size],
        (_, SubShape::Axes(axes)) => axes,
    };
    Subarray::dtype(base, axes)
}

/// A string type without a size is given one: `('S', 5)` is `S5`.
fn sized(base: &DType, size: usize) -> Result<DType, Error> {
    let size = u32::try_from(size).map_err(|_| ErrorKind::ItemTooLarge)?;
    let dtype = match base {
        DType::Bytes(_) => DType::Bytes(size),
        DType::Str(_, order) => DType::Str(size, *order),
        _ => DType::Void(size),
    };
    if dtype.itemsize() > MAX_ITEMSIZE {
        return Err(ErrorKind::ItemTooLarge.into());
    }
    Ok(dtype)
}
