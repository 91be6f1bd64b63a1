//! Text that is allowed between two tokens inside brackets: white space, newlines, comments.

use super::{Bad, Parsed};

/// Skips white space, line ends, `\` before a line end, and comments.
pub(crate) fn space(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\x0c', '\r', '\n']);
        if let Some(comment) = rest.strip_prefix('#') {
            rest = comment.find('\n').map_or("", |end| &comment[end..]);
        } else if let Some(line) = rest
            .strip_prefix("\\\n")
            .or_else(|| rest.strip_prefix("\\\r\n"))
        {
            rest = line;
        } else {
            return rest;
        }
    }
}

/// Skips space, then takes `sign`, which is called `name` in the error.
pub(crate) fn token<'a>(sign: char, name: &'static str) -> impl Fn(&'a str) -> Parsed<'a, ()> {
    move |text| {
        let rest = space(text);
        match rest.strip_prefix(sign) {
            Some(rest) => Ok((rest, ())),
            None => Bad::expected(rest, name),
        }
    }
}

/// A comma between two items.
pub(crate) fn comma(text: &str) -> Parsed<'_, ()> {
    token(',', "','")(text)
}
