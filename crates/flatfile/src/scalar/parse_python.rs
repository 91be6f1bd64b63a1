//! Numbers as Python's `int()`, `float()` and `complex()` read them from a text.

use std::borrow::Cow;

/// A decimal integer.
pub(crate) fn parse_int(text: &str) -> Option<i128> {
    let text = ascii_spaces(text);
    without_underscores(trim_ascii_spaces(&text))?.parse().ok()
}

/// A number, `nan` or `inf`.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    parse_trimmed_float(trim_ascii_spaces(&ascii_spaces(text)))
}

/// `1`, `2j`, `1+2j`, `(1+2j)`: the real and the imaginary part.
pub(crate) fn parse_complex(text: &str) -> Option<(f64, f64)> {
    let text = ascii_spaces(text);
    let mut text = trim_ascii_spaces(&text);
    if let Some(inner) = text.strip_prefix('(') {
        text = trim_ascii_spaces(inner.strip_suffix(')')?);
    }
    let Some(text) = text.strip_suffix(['j', 'J']) else {
        return Some((parse_trimmed_float(text)?, 0.0));
    };
    // The last sign that is not an exponent's begins the imaginary part.
    let sign = text.char_indices().rev().find(|(at, c)| {
        let before = text.get(..*at).unwrap_or_default();
        matches!(c, '+' | '-') && !before.ends_with(['e', 'E'])
    });
    let (real, imaginary) = text.split_at_checked(sign.map_or(0, |(at, _)| at))?;
    let imaginary = match imaginary {
        "" | "+" => 1.0,
        "-" => -1.0,
        digits => parse_trimmed_float(digits)?,
    };
    match real {
        "" => Some((0.0, imaginary)),
        real => Some((parse_trimmed_float(real)?, imaginary)),
    }
}

/// An integer, NaT, or an empty text, which is also NaT: a `timedelta64`.
pub(crate) fn parse_count(text: &str) -> Option<i64> {
    if text.is_empty() || text.eq_ignore_ascii_case("nat") {
        Some(dtype::NAT)
    } else {
        text.parse().ok()
    }
}

/// The text with spaces in place of white space outside ASCII.
fn ascii_spaces(text: &str) -> Cow<'_, str> {
    let is_space = |c: char| !c.is_ascii() && c.is_whitespace();
    if text.is_ascii() {
        text.into()
    } else {
        text.replace(is_space, " ").into()
    }
}

/// The text without the ASCII white space around it.
fn trim_ascii_spaces(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r', '\x0b', '\x0c'])
}

/// The same texts as Python's, except for underscores, one of which may be between two digits.
fn parse_trimmed_float(text: &str) -> Option<f64> {
    fast_float2::parse(&*without_underscores(text)?).ok()
}

fn without_underscores(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let between_digits = text.match_indices('_').all(|(at, _)| {
        let (before, after) = (text.get(..at), text.get(at + 1..));
        let digit = |c: char| c.is_ascii_digit();
        before.is_some_and(|text| text.ends_with(digit))
            && after.is_some_and(|text| text.starts_with(digit))
    });
    between_digits.then(|| text.replace('_', "").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        for (text, value) in [
            ("1", 1),
            (" -007\n", -7),
            ("+1_000", 1000),
            ("\u{a0}5\u{2003}", 5),
        ] {
            assert_eq!(parse_int(text), Some(value), "{text}");
        }
        for text in [
            "", " ", "1.", "1e3", "0x10", "1__0", "_1", "1_", "--1", "1 2", "\x1f1", "²",
        ] {
            assert_eq!(parse_int(text), None, "{text}");
        }
    }

    #[test]
    fn floats() {
        for (text, value) in [
            (".5", 0.5),
            ("5.", 5.0),
            ("1_0.5_5e1_0", 10.55e10),
            ("-INF", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse_float(text), Some(value), "{text}");
        }
        assert!(parse_float("-nan").is_some_and(f64::is_nan));
        for text in [
            "", ".", "1_.5", "1e", "infinit", "nan(1)", "1d5", "0x1p3", "+-1", "1e_1",
        ] {
            assert_eq!(parse_float(text), None, "{text}");
        }
    }

    #[test]
    fn complexes() {
        for (text, value) in [
            ("1", (1.0, 0.0)),
            ("j", (0.0, 1.0)),
            ("-J", (0.0, -1.0)),
            (" ( 1+2j ) ", (1.0, 2.0)),
            ("+1.5e3-2e-3j", (1500.0, -0.002)),
            ("1e-5j", (0.0, 1e-5)),
            ("-inf-infj", (f64::NEG_INFINITY, f64::NEG_INFINITY)),
            ("1-j", (1.0, -1.0)),
        ] {
            assert_eq!(parse_complex(text), Some(value), "{text}");
        }
        for text in [
            "", "()", "((1))", "1 +2j", "1+ 2j", "1+2", "1i", "1++2j", "(1+2j", "1+2j)", "--1j",
        ] {
            assert_eq!(parse_complex(text), None, "{text}");
        }
    }
}
