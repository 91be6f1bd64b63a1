//! Bytes and characters: Python's `repr` of them.

use super::item::code_points;
use dtype::ByteOrder;
use dtype::python::is_printable;
use std::fmt::{self, Write};

/// `bytes` as Python's `repr` prints them: `b'a\n'`.
///
/// ```
/// assert_eq!(flatfile::show::python_bytes(b"a\n\xff").to_string(), r"b'a\n\xff'");
/// ```
pub fn python_bytes(bytes: &[u8]) -> impl fmt::Display + '_ {
    Pushed(move |out: &mut String| push_literal(bytes, out))
}

/// A text of these code points, surrogates among them, as Python's `repr` prints it: `'né'`.
///
/// ```
/// let text = flatfile::show::python_str([0x6e, 0xe9, 0xd800].into_iter());
/// assert_eq!(text.to_string(), r"'né\ud800'");
/// ```
pub fn python_str(points: impl Iterator<Item = u32> + Clone) -> impl fmt::Display {
    Pushed(move |out: &mut String| push_points(points.clone(), out))
}

/// Prints what a function appends to a text.
pub(super) struct Pushed<F>(pub(super) F);

impl<F: Fn(&mut String)> fmt::Display for Pushed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        (self.0)(&mut text);
        f.write_str(&text)
    }
}

/// Appends an `S` item without the NULs at its end: `b'a\n'`.
pub(super) fn push_bytes(item: &[u8], out: &mut String) {
    push_literal(value(item), out);
}

/// Appends bytes as Python's literal, every one of them.
pub(crate) fn push_literal(bytes: &[u8], out: &mut String) {
    let quote = quote(bytes.contains(&b'\''), bytes.contains(&b'"'));
    out.push('b');
    out.push(quote);
    for byte in bytes {
        match char::from(*byte) {
            c @ ('\\' | '\n' | '\r' | '\t') => out.extend(c.escape_default()),
            c if c == quote => out.extend(['\\', c]),
            c @ ' '..='~' => out.push(c),
            _ => append(out, format_args!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

/// An `S` item's value: the bytes without the NULs at the end.
pub(crate) fn value(item: &[u8]) -> &[u8] {
    let end = item.iter().rposition(|byte| *byte != 0);
    item.get(..end.map_or(0, |end| end + 1)).unwrap_or_default()
}

/// Appends a `V` item: `b'\x00\xFF'`.
pub(super) fn push_void(item: &[u8], out: &mut String) {
    out.push_str("b'");
    for byte in item {
        append(out, format_args!("\\x{byte:02X}"));
    }
    out.push('\'');
}

/// Appends a `U` item in quotes: `'né'`.
pub(crate) fn push_str(item: &[u8], order: ByteOrder, out: &mut String) {
    push_points(code_points(item, order), out);
}

fn push_points(points: impl Iterator<Item = u32> + Clone, out: &mut String) {
    let has = |c: char| points.clone().any(|point| point == u32::from(c));
    let quote = quote(has('\''), has('"'));
    out.push(quote);
    for point in points {
        match char::from_u32(point) {
            Some(c @ ('\\' | '\n' | '\r' | '\t')) => out.extend(c.escape_default()),
            Some(c) if c == quote => out.extend(['\\', c]),
            Some(c) if is_printable(c) => out.push(c),
            Some(c) if c < '\u{100}' => append(out, format_args!("\\x{point:02x}")),
            _ => push_escaped(point, out),
        }
    }
    out.push(quote);
}

/// Appends a `U` item as it is; only what is no character becomes an escape.
pub(super) fn push_raw(item: &[u8], order: ByteOrder, out: &mut String) {
    for point in code_points(item, order) {
        match char::from_u32(point) {
            Some(c) => out.push(c),
            None => push_escaped(point, out),
        }
    }
}

/// Appends `\u200b`, or `\U0010ffff`.
fn push_escaped(point: u32, out: &mut String) {
    match point {
        ..0x10000 => append(out, format_args!("\\u{point:04x}")),
        _ => append(out, format_args!("\\U{point:08x}")),
    }
}

fn quote(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

fn append(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
