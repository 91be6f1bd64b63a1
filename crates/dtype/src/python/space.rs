//! Text that is allowed between two tokens inside brackets: white space, newlines, comments.

use super::{Parsed, ParserError};

/// As many as are compared at once.
const SPACES: &str = "        ";

/// Skips white space, line ends, `\` before a line end, and comments.
pub(crate) fn skip_space(text: &str) -> &str {
    let mut rest = text;
    loop {
        // A header is padded with dozens of spaces, and many headers are read in a row.
        while let Some(after) = rest.strip_prefix(SPACES) {
            rest = after;
        }
        // All of these are ASCII.
        let is_white = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\x0c' | b'\r' | b'\n');
        let end = rest.bytes().position(|byte| !is_white(&byte));
        rest = &rest[end.unwrap_or(rest.len())..];
        match rest.as_bytes() {
            [b'#', ..] => rest = rest.find('\n').map_or("", |end| &rest[end..]),
            [b'\\', b'\n', ..] => rest = &rest[2..],
            [b'\\', b'\r', b'\n', ..] => rest = &rest[3..],
            _ => return rest,
        }
    }
}

/// Skips space, then takes `sign`, which is called `name` in the error.
pub(crate) fn token<'a>(sign: char, name: &'static str) -> impl Fn(&'a str) -> Parsed<'a, ()> {
    move |text| {
        let rest = skip_space(text);
        match rest.strip_prefix(sign) {
            Some(rest) => Ok((rest, ())),
            None => ParserError::expected(rest, name),
        }
    }
}

/// A comma between two items.
pub(crate) fn comma(text: &str) -> Parsed<'_, ()> {
    token(',', "','")(text)
}
