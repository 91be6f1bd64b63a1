//! Python's `repr` of a string.

use std::fmt::{self, Write};

/// `text` as Python's `repr` prints it, quotes included: what headers and messages say.
///
/// ```
/// assert_eq!(dtype::python::quoted("it's\n").to_string(), r#""it's\n""#);
/// ```
pub fn quoted(text: &str) -> impl fmt::Display + '_ {
    Quoted(text)
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quote = match self.0.contains('\'') && !self.0.contains('"') {
            true => '"',
            false => '\'',
        };
        f.write_char(quote)?;
        for c in self.0.chars() {
            match c {
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                c if c == quote => write!(f, "\\{c}")?,
                c if is_printable(c) => f.write_char(c)?,
                c => match u32::from(c) {
                    code @ ..0x100 => write!(f, "\\x{code:02x}")?,
                    code @ ..0x10000 => write!(f, "\\u{code:04x}")?,
                    code => write!(f, "\\U{code:08x}")?,
                },
            }
        }
        f.write_char(quote)
    }
}

/// Python's `str.isprintable` for one character: neither control, format, surrogate, private use nor
/// unassigned, and no separator but the space.
///
/// The answer is the standard library's, whose `{:?}` of a string escapes the same categories, from
/// its version of Unicode.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Behind another character: only at the beginning does `{:?}` escape a combining mark.
    let text = String::from_iter(['a', c]);
    text.escape_debug().nth(1) == Some(c)
}
