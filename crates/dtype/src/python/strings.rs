//! String literals.

use super::{Parsed, ParserError, skip_space};
use crate::error::ErrorKind;
use std::borrow::Cow;

/// A string literal, or several adjacent ones: `'<f8'`, `u"<f8"`, `r'''<f8'''`, `'<' 'f8'`.
///
/// Borrowed if the value occurs verbatim in the source.
pub(crate) fn string(text: &str) -> Parsed<'_, Cow<'_, str>> {
    let (mut rest, mut value) = string_part(skip_space(text))?;
    loop {
        let next = skip_space(rest);
        if !next.starts_with(['\'', '"']) && prefix(next).is_none() {
            return Ok((rest, value));
        }
        let (after, more) = string_part(next)?;
        value.to_mut().push_str(&more);
        rest = after;
    }
}

/// The letters before the quote, if a quote follows.
fn prefix(text: &str) -> Option<&str> {
    let end = text.bytes().take(3).position(|b| b == b'\'' || b == b'"')?;
    let letters = text.get(..end)?;
    letters
        .bytes()
        .all(|b| b.is_ascii_alphabetic())
        .then_some(letters)
}

fn string_part(text: &str) -> Parsed<'_, Cow<'_, str>> {
    let Some(letters) = prefix(text) else {
        return ParserError::expected(text, "a string");
    };
    let raw = match letters {
        "" | "u" | "U" => false,
        "r" | "R" => true,
        _ => return ParserError::fail(text, ErrorKind::Expected("a string without this prefix")),
    };
    let quoted = &text[letters.len()..];
    let quote = ["'''", "\"\"\"", "'", "\""]
        .into_iter()
        .find(|quote| quoted.starts_with(quote))
        .unwrap_or("'");
    string_body(&quoted[quote.len()..], quote, raw, text)
}

/// The text before the closing `quote`, decoded. `start` is where the literal began.
fn string_body<'a>(
    text: &'a str,
    quote: &str,
    raw: bool,
    start: &'a str,
) -> Parsed<'a, Cow<'a, str>> {
    let mut value = Cow::Borrowed("");
    let mut rest = text;
    loop {
        // All of these are ASCII.
        let is_stop = |byte: u8| {
            matches!(byte, b'\0' | b'\\' | b'\r' | b'\n') || quote.as_bytes().first() == Some(&byte)
        };
        let stop = rest.bytes().position(is_stop);
        let (plain, at) = rest.split_at(stop.unwrap_or(rest.len()));
        push(&mut value, plain);
        if let Some(after) = at.strip_prefix(quote) {
            return Ok((after, value));
        }
        rest = match at.chars().next() {
            Some('\\') if raw => {
                let length = 1 + at.chars().nth(1).map_or(0, char::len_utf8);
                push(&mut value, &at[..length]);
                &at[length..]
            }
            Some('\\') => {
                let (after, c) = escape(at)?;
                value.to_mut().extend(c);
                after
            }
            Some('\r' | '\n') if quote.len() == 3 => {
                // Python reads every line end of its source as a newline.
                value.to_mut().push('\n');
                at.strip_prefix("\r\n").unwrap_or(&at[1..])
            }
            // One of three quotes.
            Some('\'' | '"') => {
                push(&mut value, &at[..1]);
                &at[1..]
            }
            // The end of the text or of the line, or a NUL, which Python source may not contain.
            _ => {
                return ParserError::fail(start, ErrorKind::Expected("the string's closing quote"));
            }
        };
    }
}

/// Appends `more`, without a copy if the value was empty.
fn push<'a>(value: &mut Cow<'a, str>, more: &'a str) {
    if value.is_empty() {
        *value = Cow::Borrowed(more);
    } else if !more.is_empty() {
        value.to_mut().push_str(more);
    }
}

/// The escape that `text` begins with; a `\` before a line end is dropped.
fn escape(text: &str) -> Parsed<'_, Option<char>> {
    let after = &text[1..];
    let Some(letter) = after.chars().next() else {
        return ParserError::fail(text, ErrorKind::Expected("the string's closing quote"));
    };
    let rest = &after[letter.len_utf8()..];
    let c = match letter {
        '\n' => return Ok((rest, None)),
        '\r' => return Ok((rest.strip_prefix('\n').unwrap_or(rest), None)),
        '\\' | '\'' | '"' => letter,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => return escape_code(text, rest, 2),
        'u' => return escape_code(text, rest, 4),
        'U' => return escape_code(text, rest, 8),
        'N' => return ParserError::fail(text, ErrorKind::Unsupported("a character by its name")),
        '0'..='7' => {
            let octal = after
                .bytes()
                .take(3)
                .take_while(|b| matches!(b, b'0'..=b'7'));
            let length = octal.count();
            let value = u32::from_str_radix(&after[..length], 8).ok();
            return Ok((&after[length..], value.and_then(char::from_u32)));
        }
        // Python leaves an unknown escape as it is.
        _ => return Ok((after, Some('\\'))),
    };
    Ok((rest, Some(c)))
}

/// `digits` hexadecimal digits as a character.
fn escape_code<'a>(escape: &'a str, text: &'a str, digits: usize) -> Parsed<'a, Option<char>> {
    let value = text
        .get(..digits)
        .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    match value {
        Some(0xd800..=0xdfff) => {
            ParserError::fail(escape, ErrorKind::Unsupported("a lone surrogate in a name"))
        }
        Some(value) => match char::from_u32(value) {
            Some(c) => Ok((&text[digits..], Some(c))),
            None => ParserError::fail(escape, ErrorKind::Expected("a Unicode character")),
        },
        None => ParserError::fail(escape, ErrorKind::Expected("hexadecimal digits after '\\'")),
    }
}
