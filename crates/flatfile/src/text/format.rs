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
    pub(super) spec: Spec,
    pub(super) behind: String,
}

/// A conversion with its flags and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) conversion: Conversion,
    pub(super) left: bool,
    pub(super) plus: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) alternate: bool,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
}

/// The type that an item is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
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

/// Widths and precisions from here on are treated as mistakes.
const TOO_WIDE: usize = 1 << 20;

impl Spec {
    pub(super) const fn of(conversion: Conversion, precision: Option<usize>) -> Spec {
        Spec {
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

    /// The letter of the conversion.
    pub(super) fn letter(&self) -> char {
        match self.conversion {
            Conversion::Decimal => 'd',
            Conversion::Hex { upper } => {
                if upper {
                    'X'
                } else {
                    'x'
                }
            }
            Conversion::Octal => 'o',
            Conversion::Exponent { upper } => {
                if upper {
                    'E'
                } else {
                    'e'
                }
            }
            Conversion::Fixed { upper } => {
                if upper {
                    'F'
                } else {
                    'f'
                }
            }
            Conversion::General { upper } => {
                if upper {
                    'G'
                } else {
                    'g'
                }
            }
            Conversion::Character => 'c',
            Conversion::Str => 's',
            Conversion::Repr => 'r',
            Conversion::Ascii => 'a',
        }
    }
}

impl std::str::FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Format, Error> {
        let (mut specs, behind) = conversions(text)?;
        let last = specs.pop();
        match (last, specs.is_empty()) {
            (Some((before, spec)), true) => Ok(Format {
                text: text.to_owned(),
                before,
                spec,
                behind,
            }),
            (None, _) => Err(bad(text, text.chars().count(), "it has no conversion")),
            _ => Err(bad(
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

/// The conversions of a format, each with the text before it, and the text after the last.
pub(super) fn conversions(format: &str) -> Result<(Vec<(String, Spec)>, String), Error> {
    let mut specs = Vec::new();
    let mut text = String::new();
    let mut rest = Characters {
        format,
        rest: format.chars(),
        at: 0,
    };
    while let Some(c) = rest.next() {
        match c {
            '%' if rest.take('%') => text.push('%'),
            '%' => specs.push((std::mem::take(&mut text), rest.spec()?)),
            c => text.push(c),
        }
    }
    Ok((specs, text))
}

/// The rest of a format.
struct Characters<'a> {
    format: &'a str,
    rest: std::str::Chars<'a>,
    /// The number of characters taken.
    at: usize,
}

impl Characters<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        self.at += 1;
        Some(c)
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.next();
        }
        found
    }

    fn bad(&self, why: &str) -> Error {
        bad(self.format, self.at, why)
    }

    /// The part after a percent sign.
    fn spec(&mut self) -> Result<Spec, Error> {
        let mut spec = Spec::of(Conversion::Str, None);
        if self.peek() == Some('(') {
            return Err(self.bad("items have no names"));
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
        spec.width = self.number()?.unwrap_or(0);
        if self.take('.') {
            spec.precision = Some(self.number()?.unwrap_or(0));
        }
        // The size of C's type, which has no meaning here.
        let _ = self.take('h') || self.take('l') || self.take('L');
        spec.conversion = match self.next() {
            Some('d' | 'i' | 'u') => Conversion::Decimal,
            Some(c @ ('x' | 'X')) => Conversion::Hex { upper: c == 'X' },
            Some('o') => Conversion::Octal,
            Some(c @ ('e' | 'E')) => Conversion::Exponent { upper: c == 'E' },
            Some(c @ ('f' | 'F')) => Conversion::Fixed { upper: c == 'F' },
            Some(c @ ('g' | 'G')) => Conversion::General { upper: c == 'G' },
            Some('c') => Conversion::Character,
            Some('s') => Conversion::Str,
            Some('r') => Conversion::Repr,
            Some('a') => Conversion::Ascii,
            Some(other) => {
                self.at -= 1;
                return Err(self.bad(&format!("unknown conversion {other:?}")));
            }
            None => return Err(self.bad("it ends within a conversion")),
        };
        Ok(spec)
    }

    fn number(&mut self) -> Result<Option<usize>, Error> {
        if self.peek() == Some('*') {
            return Err(self.bad("widths are not among the items"));
        }
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            let value = 10 * number.unwrap_or(0) + digit as usize;
            if value >= TOO_WIDE {
                return Err(self.bad("the number is too large"));
            }
            number = Some(value);
            self.next();
        }
        Ok(number)
    }
}

/// The error for a format that is invalid at this character, counted from 0.
pub(super) fn bad(format: &str, at: usize, why: &str) -> Error {
    ErrorKind::Format {
        format: format.to_owned(),
        at,
        why: why.to_owned(),
    }
    .into()
}
