//! Python's `repr` of strings and bytes.

use std::fmt::{self, Write};

/// `text` as Python's `repr` prints it, quotes included, for headers and messages.
///
/// ```
/// assert_eq!(dtype::python::quoted("it's\n").to_string(), r#""it's\n""#);
/// ```
pub fn quoted(text: &str) -> impl fmt::Display + '_ {
    Quoted {
        points: text.chars().map(u32::from),
        is_printable,
    }
}

/// `text` as [`quoted`] prints it, but for more than 100 characters only their beginning and `...`, as messages show
/// names and other text that somebody else wrote.
///
/// ```
/// use dtype::python::excerpt;
/// assert_eq!(excerpt("naïve").to_string(), "'naïve'");
/// assert_eq!(excerpt(&"x".repeat(1_000_000)).to_string(), format!("'{}'...", "x".repeat(100)));
/// ```
pub fn excerpt(text: &str) -> impl fmt::Display + '_ {
    Excerpt(text)
}

struct Excerpt<'a>(&'a str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CHARACTERS: usize = 100;
        match self.0.char_indices().nth(CHARACTERS) {
            Some((end, _)) => write!(f, "{}...", quoted(&self.0[..end])),
            None => quoted(self.0).fmt(f),
        }
    }
}

/// A string of these code points, which may include surrogates, as Python's `repr` prints it.
///
/// ```
/// let text = dtype::python::quoted_points([0x6e, 0xe9, 0xd800].into_iter());
/// assert_eq!(text.to_string(), r"'né\ud800'");
/// ```
pub fn quoted_points(points: impl Iterator<Item = u32> + Clone) -> impl fmt::Display {
    Quoted {
        points,
        is_printable,
    }
}

/// `bytes` as Python's `repr` prints them, without truncation.
///
/// ```
/// assert_eq!(dtype::python::quoted_bytes(b"a\n\xff").to_string(), r"b'a\n\xff'");
/// ```
pub fn quoted_bytes(bytes: &[u8]) -> impl fmt::Display + '_ {
    QuotedBytes(bytes)
}

/// The same text, safe for a terminal: characters that are not printable are written as Rust's escapes.
///
/// ```
/// assert_eq!(dtype::python::printable("a\u{1b}[31mb"), r"a\u{1b}[31mb");
/// ```
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if is_printable(c) {
            printable.push(c);
        } else {
            printable.extend(c.escape_default());
        }
    }
    printable
}

/// The escape of a code point in a Python literal: `\xff`, `\u200b`, `\U0010ffff`.
pub fn escaped(point: u32) -> impl fmt::Display {
    Escaped(point)
}

struct Escaped(u32);

impl fmt::Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            point @ ..0x100 => write!(f, "\\x{point:02x}"),
            point @ ..0x10000 => write!(f, "\\u{point:04x}"),
            point => write!(f, "\\U{point:08x}"),
        }
    }
}

/// Code points between quotes; those that are not printable are escaped.
struct Quoted<I> {
    points: I,
    is_printable: fn(char) -> bool,
}

impl<I: Iterator<Item = u32> + Clone> fmt::Display for Quoted<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |quote: char| self.points.clone().any(|point| point == u32::from(quote));
        let quote = if has('\'') && !has('"') { '"' } else { '\'' };
        f.write_char(quote)?;
        for point in self.points.clone() {
            match char::from_u32(point) {
                Some(c @ ('\\' | '\n' | '\r' | '\t')) => write!(f, "{}", c.escape_default())?,
                Some(c) if c == quote => write!(f, "\\{c}")?,
                Some(c) if (self.is_printable)(c) => f.write_char(c)?,
                _ => write!(f, "{}", escaped(point))?,
            }
        }
        f.write_char(quote)
    }
}

struct QuotedBytes<'a>(&'a [u8]);

impl fmt::Display for QuotedBytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('b')?;
        Quoted {
            points: self.0.iter().map(|byte| u32::from(*byte)),
            is_printable: |c| matches!(c, ' '..='~'),
        }
        .fmt(f)
    }
}

/// Python's `str.isprintable` for one character: not control, format, surrogate, private use or unassigned, and not
/// a separator except the space.
///
/// The answer comes from the standard library, whose `{:?}` of a string escapes the same categories, as of its
/// version of Unicode.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // After another character: `{:?}` escapes a combining mark only at the beginning.
    let text = String::from_iter(['a', c]);
    text.escape_debug().nth(1) == Some(c)
}
