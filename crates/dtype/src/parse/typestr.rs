//! The strings that `np.dtype` takes: `<f8`, `float64`, `M8[ns]`, `i4,(2,3)f4`.

use super::shape::{subarray, subshape};
use super::{datetime, names};
use crate::dtype::{DType, Record};
use crate::error::{Error, ErrorKind};
use crate::limits::MAX_ITEMSIZE;
use crate::number::ByteOrder;
use crate::python::{Parsed, ParserError, Syntax, finish, into_parsed};
use nom::Parser;
use nom::bytes::complete::{take_while, take_while1};
use nom::character::complete::{char, multispace0, one_of, space0};
use nom::combinator::{eof, map, opt, recognize};
use nom::multi::separated_list1;
use nom::sequence::delimited;

/// A whole text as `np.dtype` reads it (`_convert_from_str` in descriptor.c, `_commastring`).
pub(super) fn typestr(text: &str) -> Result<DType, Error> {
    let parsed = if is_comma_string(text) {
        comma_string(text)
    } else {
        let order = opt(byte_order).parse(text);
        order.and_then(|(name, order)| single(name, order))
    };
    finish(text, parsed).map(|(dtype, _)| dtype)
}

/// A repeat count, a shape, or a comma outside of a unit's brackets.
fn is_comma_string(text: &str) -> bool {
    let unsigned = text.strip_prefix(['<', '>', '=', '|']).unwrap_or(text);
    let mut is_unit = false;
    unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        || text.chars().any(|c| {
            is_unit = (is_unit || c == '[') && c != ']';
            c == ',' && !is_unit
        })
}

/// `<`, `>`, `=` or `|`; the last two mean native.
fn byte_order(text: &str) -> Parsed<'_, ByteOrder> {
    map(one_of("<>=|"), |sign| match sign {
        '<' => ByteOrder::Little,
        '>' => ByteOrder::Big,
        _ => ByteOrder::NATIVE,
    })
    .parse(text)
}

/// `i4`, `f8`, `float64`, `M8[ns]`: one type that spans all of the text, after the byte order was taken.
fn single(name: &str, order: Option<ByteOrder>) -> Parsed<'_, DType> {
    let native = order.unwrap_or(ByteOrder::NATIVE);
    for (words, is_datetime) in [(["M8", "datetime64"], true), (["m8", "timedelta64"], false)] {
        let Some(unit) = words.iter().find_map(|word| name.strip_prefix(word)) else {
            continue;
        };
        let (rest, (step, _)) = (datetime::step, eof).parse(unit)?;
        let dtype = if is_datetime {
            DType::Datetime(step, native)
        } else {
            DType::Timedelta(step, native)
        };
        return Ok((rest, dtype));
    }
    let mut letters = name.chars();
    let dtype = match (letters.next(), letters.as_str()) {
        (Some(letter), "") => names::by_letter(letter, native),
        (Some(kind), digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            return sized_kind(name, kind, digits, native);
        }
        _ if order.is_none() => names::by_name(name),
        _ => None,
    };
    match dtype {
        Some(dtype) => Ok(("", dtype)),
        None => ParserError::fail(name, unknown(name)),
    }
}

/// `f8`: a kind and a size.
fn sized_kind<'a>(name: &'a str, kind: char, digits: &str, order: ByteOrder) -> Parsed<'a, DType> {
    let Ok(size) = digits.parse::<u32>() else {
        return ParserError::fail(name, ErrorKind::ItemTooLarge);
    };
    match names::by_kind(kind, size, order) {
        Some(dtype) if dtype.itemsize() > MAX_ITEMSIZE => {
            ParserError::fail(name, ErrorKind::ItemTooLarge)
        }
        Some(dtype) => Ok(("", dtype)),
        None if "biufcO".contains(kind) => {
            ParserError::fail(name, ErrorKind::UnknownSize(kind, size))
        }
        None => ParserError::fail(name, ErrorKind::UnknownKind(kind)),
    }
}

fn unknown(name: &str) -> ErrorKind {
    match name {
        "T" => ErrorKind::Unsupported("NumPy's StringDType, which is saved as a pickle,"),
        "" => ErrorKind::Expected("the name of a dtype"),
        name => ErrorKind::UnknownType(name.chars().take(40).collect()),
    }
}

/// `i4, (2,3)f4, <U3`: a record of fields `f0`, `f1`, …; without a comma, just the type.
fn comma_string(text: &str) -> Parsed<'_, DType> {
    let comma = || delimited(multispace0, char(','), multispace0);
    let mut items = (separated_list1(comma(), item), opt(comma()), eof);
    let (rest, (mut items, trailing, _)) = items.parse(text)?;
    if items.len() == 1 && trailing.is_none() {
        return Ok((rest, items.remove(0)));
    }
    let fields = items.into_iter().enumerate();
    let record = Record::packed(fields.map(|(i, dtype)| (format!("f{i}"), dtype)));
    into_parsed(record.map(DType::from), text, rest)
}

/// `<(2,)f4`: a byte order, a count or shape, a byte order, a type; only the last is required.
fn item(text: &str) -> Parsed<'_, DType> {
    let shape = delimited(space0, |text| subshape(text, Syntax::Python3), space0);
    let type_name = recognize((
        take_while1(|c: char| c.is_ascii_alphanumeric() || c == '?' || c == '.'),
        opt(delimited(char('['), take_while(|c| c != ']'), char(']'))),
    ));
    let mut parts = (opt(byte_order), opt(shape), opt(byte_order), type_name);
    let (rest, (outer, shape, inner, name)) = parts.parse(text)?;
    if outer.is_some() && inner.is_some() && outer != inner {
        return ParserError::fail(text, ErrorKind::ByteOrders);
    }
    let (_, base) = single(name, inner.or(outer))?;
    match shape {
        Some(shape) => into_parsed(subarray(base, shape), text, rest),
        None => Ok((rest, base)),
    }
}
