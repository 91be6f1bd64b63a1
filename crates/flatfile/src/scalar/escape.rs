//! Texts and bytes between quotes, and what has to be escaped there.

use super::item::code_points;
use dtype::python::{escaped, is_printable};
use dtype::{ByteOrder, trim_nuls};
use std::fmt::Write;

/// Appends an `S` item without the NULs at its end: `b'a\n'`.
pub(crate) fn push_bytes(item: &[u8], out: &mut String) {
    push_bytes_literal(trim_nuls(item), out);
}

/// Appends bytes as a Python literal, without truncation.
pub(crate) fn push_bytes_literal(bytes: &[u8], out: &mut String) {
    append(out, format_args!("{}", dtype::python::quoted_bytes(bytes)));
}

/// Appends a `V` item: `b'\x00\xFF'`.
pub(crate) fn push_void(item: &[u8], out: &mut String) {
    out.push_str("b'");
    for byte in item {
        append(out, format_args!("\\x{byte:02X}"));
    }
    out.push('\'');
}

/// Appends a `U` item in quotes: `'né'`.
pub(crate) fn push_quoted(item: &[u8], order: ByteOrder, out: &mut String) {
    let points = code_points(item, order);
    append(
        out,
        format_args!("{}", dtype::python::quoted_points(points)),
    );
}

/// Appends a `U` item as it is; only code points that are not characters become escapes.
pub(crate) fn push_unquoted(item: &[u8], order: ByteOrder, out: &mut String) {
    for point in code_points(item, order) {
        match char::from_u32(point) {
            Some(c) => out.push(c),
            None => append(out, format_args!("{}", escaped(point))),
        }
    }
}

/// The result of Python's `ascii` for this `repr`.
pub(crate) fn as_ascii(repr: &str) -> String {
    let mut ascii = String::with_capacity(repr.len());
    for c in repr.chars() {
        if c.is_ascii() && is_printable(c) {
            ascii.push(c);
        } else {
            append(&mut ascii, format_args!("{}", escaped(c.into())));
        }
    }
    ascii
}

/// Appends a text of these code points as a JSON string, in which characters that `is_plain` rejects are escaped,
/// including lone surrogates.
///
/// ```
/// let mut json = String::new();
/// flatfile::show::push_json_string("né\n".chars().map(u32::from), |c| c.is_ascii(), &mut json);
/// assert_eq!(json, r#""n\u00e9\n""#);
/// ```
pub fn push_json_string(
    points: impl Iterator<Item = u32>,
    is_plain: impl Fn(char) -> bool,
    out: &mut String,
) {
    out.push('"');
    for point in points {
        match char::from_u32(point) {
            Some('"') => out.push_str("\\\""),
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\x08') => out.push_str("\\b"),
            Some('\x0c') => out.push_str("\\f"),
            Some(c) if is_plain(c) => out.push(c),
            Some(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    append(out, format_args!("\\u{unit:04x}"));
                }
            }
            None if point < 0x10000 => append(out, format_args!("\\u{point:04x}")),
            // JSON has no escape for code points beyond Unicode.
            None => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    out.push('"');
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
