//! Python's `%` formats: [`Format`].

use crate::error::{Error, ErrorKind};
use std::fmt;

/// A format of Python's `%` operator with one conversion, as `tofile` and `savetxt` take it.
///
/// The conversions are `d i u x X o e E f F g G c s r a`, with the flags `#`, `0`, `-`, space and `+`, a width and
/// a precision. There may be text around them, and `%%` is a percent sign.
///
/// ```
/// use flatfile::text::Format;
/// let format: Format = "<%+08.3f>".parse()?;
/// assert_eq!(format.to_string(), "<%+08.3f>");
/// let error = "%d%q".parse::<Format>().unwrap_err();
/// assert_eq!(error.to_string(), "invalid format '%d%q', at character 3: unknown conversion 'q'");
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// Source: `Objects/unicodeobject.c` of CPython, `PyUnicode_Format`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    text: String,
    pub(super) before: String,
    pub(super) spec: ConversionSpec,
    pub(super) after: String,
}

/// A conversion with its flags and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ConversionSpec {
    pub(super) conversion: ConversionType,
    pub(super) left: bool,
    pub(super) plus: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) alternate: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

/// The conversion type: the last letter of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConversionType {
    Decimal,
    Hex { upper: bool },
    Octal,
    Exponent { upper: bool },
    Fixed { upper: bool },
    General { upper: bool },
    Character,
    Str,
    Repr,
    Ascii,
}

/// Widths and precisions from here on are errors.
const WIDTH_LIMIT: usize = 1 << 20;

impl ConversionSpec {
    pub(super) const fn of(conversion: ConversionType, precision: Option<usize>) -> ConversionSpec {
        ConversionSpec {
            conversion,
            left: false,
            plus: false,
            space: false,
            zero: false,
            alternate: false,
            width: 0,
            precision,
        }
    }

    /// The same without anything before the digits but a minus.
    pub(super) const fn without_padding(self) -> ConversionSpec {
        ConversionSpec {
            plus: false,
            space: false,
            width: 0,
            ..self
        }
    }

    /// The letter of the conversion.
    pub(super) fn letter(&self) -> char {
        match self.conversion {
            ConversionType::Decimal => 'd',
            ConversionType::Hex { upper } => {
                if upper {
                    'X'
                } else {
                    'x'
                }
            }
            ConversionType::Octal => 'o',
            ConversionType::Exponent { upper } => {
                if upper {
                    'E'
                } else {
                    'e'
                }
            }
            ConversionType::Fixed { upper } => {
                if upper {
                    'F'
                } else {
                    'f'
                }
            }
            ConversionType::General { upper } => {
                if upper {
                    'G'
                } else {
                    'g'
                }
            }
            ConversionType::Character => 'c',
            ConversionType::Str => 's',
            ConversionType::Repr => 'r',
            ConversionType::Ascii => 'a',
        }
    }
}

impl std::str::FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Format, Error> {
        let (mut specs, after) = parse_format(text)?;
        let last = specs.pop();
        match (last, specs.is_empty()) {
            (Some((before, spec)), true) => Ok(Format {
                text: text.to_owned(),
                before,
                spec,
                after,
            }),
            (None, _) => Err(format_error(
                text,
                text.chars().count(),
                "it has no conversion",
            )),
            _ => Err(format_error(
                text,
                text.chars().count(),
                "it has more than one conversion",
            )),
        }
    }
}

/// As it was parsed.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The conversions of a format, each with the text before it, and the text after the last one.
pub(super) fn parse_format(format: &str) -> Result<(Vec<(String, ConversionSpec)>, String), Error> {
    let mut specs = Vec::new();
    let mut text = String::new();
    let mut parser = FormatParser {
        format,
        rest: format.chars(),
        at: 0,
    };
    while let Some(c) = parser.next() {
        match c {
            '%' if parser.consume('%') => text.push('%'),
            '%' => specs.push((std::mem::take(&mut text), parser.parse_spec()?)),
            c => text.push(c),
        }
    }
    Ok((specs, text))
}

/// A parser of the rest of a format.
struct FormatParser<'a> {
    format: &'a str,
    rest: std::str::Chars<'a>,
    /// The number of characters taken.
    at: usize,
}

impl FormatParser<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn consume(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.next();
        }
        found
    }

    fn error(&self, why: &str) -> Error {
        format_error(self.format, self.at, why)
    }

    /// The part after a percent sign.
    fn parse_spec(&mut self) -> Result<ConversionSpec, Error> {
        let mut spec = ConversionSpec::of(ConversionType::Str, None);
        if self.peek() == Some('(') {
            return Err(self.error("items have no names"));
        }
        loop {
            match self.peek() {
                Some('-') => spec.left = true,
                Some('+') => spec.plus = true,
                Some(' ') => spec.space = true,
                Some('#') => spec.alternate = true,
                Some('0') => spec.zero = true,
                _ => break,
            }
            self.next();
        }
        spec.width = self.parse_number()?.unwrap_or(0);
        if self.consume('.') {
            spec.precision = Some(self.parse_number()?.unwrap_or(0));
        }
        // The size of C's type, which has no meaning here.
        let _ = self.consume('h') || self.consume('l') || self.consume('L');
        spec.conversion = match self.next() {
            Some('d' | 'i' | 'u') => ConversionType::Decimal,
            Some(c @ ('x' | 'X')) => ConversionType::Hex { upper: c == 'X' },
            Some('o') => ConversionType::Octal,
            Some(c @ ('e' | 'E')) => ConversionType::Exponent { upper: c == 'E' },
            Some(c @ ('f' | 'F')) => ConversionType::Fixed { upper: c == 'F' },
            Some(c @ ('g' | 'G')) => ConversionType::General { upper: c == 'G' },
            Some('c') => ConversionType::Character,
            Some('s') => ConversionType::Str,
            Some('r') => ConversionType::Repr,
            Some('a') => ConversionType::Ascii,
            Some(other) => {
                self.at -= 1;
                return Err(self.error(&format!("unknown conversion {other:?}")));
            }
            None => return Err(self.error("it ends within a conversion")),
        };
        Ok(spec)
    }

    fn parse_number(&mut self) -> Result<Option<usize>, Error> {
        if self.peek() == Some('*') {
            return Err(self.error("widths are not among the items"));
        }
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let value = 10 * number.unwrap_or(0) + digit as usize;
            if value >= WIDTH_LIMIT {
                return Err(self.error("the number is too large"));
            }
            number = Some(value);
            self.next();
        }
        Ok(number)
    }
}

/// The error for a format that is invalid at this character, counted from 0.
pub(super) fn format_error(format: &str, at: usize, why: &str) -> Error {
    ErrorKind::Format {
        format: format.to_owned(),
        at,
        why: why.to_owned(),
    }
    .into()
}
