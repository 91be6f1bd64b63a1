//! Integer literals.

use super::{Parsed, ParserError, Syntax, skip_space};
use crate::error::ErrorKind;

/// An integer, as far as a shape needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    /// Zero or more.
    Natural(usize),
    /// Less than zero.
    Negative,
}

/// `2`, `+2`, `1_000`, `0x10`, `0o7`, `0b1`, and in Python 2 `2L`.
pub(crate) fn integer(syntax: Syntax) -> impl Fn(&str) -> Parsed<'_, Integer> {
    move |text| {
        let start = skip_space(text);
        let (negative, unsigned) = match start.strip_prefix('-') {
            Some(rest) => (true, skip_space(rest)),
            None => (false, start.strip_prefix('+').map_or(start, skip_space)),
        };
        let (radix, body) = match unsigned.get(..2) {
            Some("0x" | "0X") => (16, &unsigned[2..]),
            Some("0o" | "0O") => (8, &unsigned[2..]),
            Some("0b" | "0B") => (2, &unsigned[2..]),
            _ => (10, unsigned),
        };
        let (rest, value) = digits(body, radix)?;
        if rest.starts_with(['.', 'e', 'E', 'j', 'J']) {
            return ParserError::fail(start, ErrorKind::Expected("an integer"));
        }
        let rest = match syntax {
            Syntax::Python2 => skip_space(rest).strip_prefix('L').unwrap_or(rest),
            Syntax::Python3 => rest,
        };
        let Some(value) = value else {
            return ParserError::fail(start, ErrorKind::IntegerTooLarge);
        };
        match (negative, value) {
            (true, 1..) => Ok((rest, Integer::Negative)),
            _ => Ok((rest, Integer::Natural(value))),
        }
    }
}

/// Digits with single underscores between them; the value is `None` if it is too large.
fn digits(text: &str, radix: u32) -> Parsed<'_, Option<usize>> {
    let mut value = Some(0usize);
    let mut after_digit = radix != 10;
    let mut end = 0;
    for (i, c) in text.char_indices() {
        match c.to_digit(radix) {
            Some(digit) => {
                value = value
                    .and_then(|v| v.checked_mul(radix as usize))
                    .and_then(|v| v.checked_add(digit as usize));
                after_digit = true;
                end = i + 1;
            }
            None if c == '_' && after_digit => after_digit = false,
            None => break,
        }
    }
    let (number, rest) = text.split_at(end);
    if number.is_empty() {
        return ParserError::expected(text, "an integer");
    }
    if radix == 10 && number.starts_with('0') && value != Some(0) {
        return ParserError::fail(
            text,
            ErrorKind::Expected("an integer without leading zeros"),
        );
    }
    Ok((rest, value))
}
