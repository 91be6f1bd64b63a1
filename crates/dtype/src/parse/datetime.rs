//! The unit in square brackets: `[ns]`, `[25s]`, `[D/2]`.

use crate::error::ErrorKind;
use crate::python::{Parsed, ParserError};
use crate::time::{TimeStep, TimeUnit};
use nom::Parser;
use nom::bytes::complete::take_while1;
use nom::character::complete::{char, digit1, space0};
use nom::combinator::opt;
use nom::sequence::{delimited, preceded};

/// The unit after `M8` or `datetime64`; an empty text is the generic unit.
pub(super) fn step(text: &str) -> Parsed<'_, TimeStep> {
    if text.is_empty() {
        return Ok((text, TimeStep::of(TimeUnit::Generic)));
    }
    let Ok((rest, (count, symbol, divisor))) = bracket(text) else {
        return ParserError::fail(text, ErrorKind::Expected("a unit of time: '[ns]', '[25s]'"));
    };
    let Some(unit) = TimeUnit::from_symbol(symbol) else {
        return ParserError::fail(
            text,
            ErrorKind::UnknownUnit(symbol.chars().take(20).collect()),
        );
    };
    let (Some(count), Some(divisor)) = (number(count), number(divisor)) else {
        return ParserError::fail(text, ErrorKind::IntegerTooLarge);
    };
    match (TimeStep { count, unit }).divided(divisor) {
        // Without a unit there is nothing to count, and none of NumPy's spellings has a place for it.
        Some(step) if step.unit == TimeUnit::Generic => Ok((rest, TimeStep::of(step.unit))),
        // NumPy continues with what is left of it in a C int, which may be negative.
        Some(step) if i32::try_from(step.count).is_err() => {
            ParserError::fail(text, ErrorKind::IntegerTooLarge)
        }
        Some(step) => Ok((rest, step)),
        None => ParserError::fail(text, ErrorKind::UnitDivisor(divisor)),
    }
}

/// The three parts of a unit: count, symbol, divisor.
fn bracket(text: &str) -> Parsed<'_, (Option<&str>, &str, Option<&str>)> {
    let count = opt(preceded((space0, opt(char('+'))), digit1));
    let symbol = take_while1(char::is_alphabetic);
    let divisor = opt(preceded(char('/'), digit1));
    delimited(char('['), (count, symbol, divisor), char(']')).parse(text)
}

/// A C int, or 1 if there are no digits.
fn number(digits: Option<&str>) -> Option<u32> {
    let digits = digits.unwrap_or("1");
    digits.parse().ok().filter(|n| i32::try_from(*n).is_ok())
}
