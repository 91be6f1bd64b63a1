//! One field of a row, as an item of its column's type: [`ColumnParser`].

use super::super::number::{Complex, PaddedX87, ParseError, ParseNumber, ViaF64, for_number};
use super::dialect::{space_char_len, trim};
use super::field_rules::FieldRules;
use super::fields::Fields;
use crate::error::{Error, ErrorKind, TextError};
use crate::scalar::parse_time;
use dtype::{DType, Number, NumberClass};
use std::borrow::Cow;

/// A parser of a column's fields. Its items are in native byte order.
#[derive(Clone, Debug)]
pub(super) struct ColumnParser {
    pub(super) dtype: DType,
    /// The size of an item in bytes.
    pub(super) size: usize,
    parse: Option<ParseNumberFn>,
    /// For the fields that are spelled as most are, if this column has such.
    plain: Option<ParsePlainFn>,
    /// Whether floats that are too large are infinite.
    is_lenient: bool,
    is_unsigned: bool,
    rules: FieldRules,
    filling: Filling,
}

/// The item where a field is missing.
#[derive(Clone, Debug)]
enum Filling {
    Item(Vec<u8>),
    /// The type has no value for it.
    None,
    /// The text given for it is not of the type.
    Invalid(String),
}

/// Parses a field into an item: [`ColumnParser::parse_plain`].
type ParsePlainFn = for<'a> fn(&ColumnParser, &'a [u8], &Fields, &mut [u8]) -> Option<&'a [u8]>;

/// Writes the number at the beginning of a text to an item, and returns its length in bytes.
type ParseNumberFn = fn(&ColumnParser, &[u8], &mut [u8]) -> Result<usize, ParseError>;

impl ColumnParser {
    /// # Errors
    /// `TextType` if such items cannot be read from text.
    pub(super) fn new(dtype: &DType, rules: &FieldRules) -> Result<ColumnParser, Error> {
        let (parse, plain): (Option<ParseNumberFn>, Option<ParsePlainFn>) = match dtype {
            DType::Bool => (Some(write_number::<Bool>), Some(plain_number::<Bool>)),
            DType::Number(kind, _) => (
                for_number!(kind, write_number),
                for_number!(kind, plain_number),
            ),
            DType::Bytes(1..) => (None, Some(plain_bytes)),
            DType::Str(1.., _) => (None, Some(plain_str)),
            _ => (None, None),
        };
        let is_time = matches!(dtype, DType::Datetime(..) | DType::Timedelta(..));
        if plain.is_none() && !is_time {
            return Err(ErrorKind::TextType(dtype.clone()).into());
        }
        // NumPy refuses integers that do not fit.
        let is_whole = matches!(dtype, DType::Number(number, _) if number.is_integer());
        let mut parser = ColumnParser {
            dtype: dtype.clone(),
            size: dtype.itemsize(),
            parse,
            plain: None,
            is_lenient: rules.is_lenient && !is_whole,
            is_unsigned: matches!(dtype, DType::Number(number, _) if number.class() == NumberClass::Unsigned),
            rules: rules.clone(),
            filling: Filling::None,
        };
        parser.filling = parser.filling();
        if parser.is_plain() {
            parser.plain = plain;
        }
        Ok(parser)
    }

    fn filling(&self) -> Filling {
        let text = match (&self.rules.filling_value, &self.dtype) {
            (Some(text), _) => text.as_str(),
            (None, DType::Datetime(..) | DType::Timedelta(..)) => "NaT",
            (None, DType::Number(number, _)) => match number.class() {
                NumberClass::Float | NumberClass::Complex => "nan",
                // As `genfromtxt`.
                NumberClass::Signed if self.rules.is_loose => "-1",
                _ => return Filling::None,
            },
            (None, DType::Bool) if self.rules.is_loose => "0",
            (None, _) => return Filling::None,
        };
        let mut item = vec![0; self.size];
        match self.parse_present(text.as_bytes(), &mut item) {
            Ok(()) => Filling::Item(item),
            Err(_) => Filling::Invalid(text.to_owned()),
        }
    }

    /// Whether its column has no rules of its own.
    pub(super) fn is_common(&self) -> bool {
        !self.rules.is_own
    }

    /// Whether fields mean what they seem to.
    fn is_plain(&self) -> bool {
        let rules = &self.rules;
        // A number may mean that it is missing.
        let is_number =
            |text: &Vec<u8>| self.parse_number(text, &mut vec![0; self.size]) == Ok(text.len());
        rules.converter.is_none()
            && match self.parse {
                Some(_) => rules.notation.is_plain() && !rules.missing_values.iter().any(is_number),
                None => !rules.autostrip,
            }
    }

    /// Parses the field at the beginning of `text` into an item, and returns the text after it; `None` if it is not as
    /// simple as most are. A number may end where no field does.
    #[inline(always)]
    pub(super) fn parse_plain<'a>(
        &self,
        text: &'a [u8],
        fields: &Fields,
        item: &mut [u8],
    ) -> Option<&'a [u8]> {
        self.plain?(self, text, fields, item)
    }

    /// Whether all of a text is a number as most are.
    pub(super) fn is_plain_number(&self, text: &[u8], item: &mut [u8]) -> bool {
        self.plain.is_some() && self.parse_number(text, item) == Ok(text.len())
    }

    /// Parses the number at the beginning of a text.
    fn parse_number(&self, text: &[u8], item: &mut [u8]) -> Result<usize, ParseError> {
        match self.parse {
            Some(parse) => parse(self, text, item),
            None => Err(ParseError::Expected("a number")),
        }
    }

    /// Parses a whole field, without its quotes, into the item.
    pub(super) fn parse_field(&self, text: &[u8], item: &mut [u8]) -> Result<(), TextError> {
        let text = self.rules.converted(text);
        if self.has_missing() && self.rules.is_missing(&text) {
            return self.fill(item);
        }
        let parsed = self.parse_present(&text, item);
        if parsed.is_err() && self.rules.is_loose && self.has_missing() {
            return self.fill(item);
        }
        parsed
    }

    /// Whether a field can be missing. An empty text is a text.
    fn has_missing(&self) -> bool {
        self.rules.may_be_missing && !matches!(self.dtype, DType::Bytes(_) | DType::Str(..))
    }

    fn fill(&self, item: &mut [u8]) -> Result<(), TextError> {
        match &self.filling {
            Filling::Item(filling) => {
                store(filling, item);
                Ok(())
            }
            Filling::None => Err(TextError::NoFillingValue {
                dtype: self.dtype.clone(),
            }),
            Filling::Invalid(text) => Err(TextError::FillingValue {
                dtype: self.dtype.clone(),
                found: text.clone(),
            }),
        }
    }

    /// Parses a field that is not missing.
    fn parse_present(&self, text: &[u8], item: &mut [u8]) -> Result<(), TextError> {
        match &self.dtype {
            DType::Bool | DType::Number(..) => self.parse_whole_number(text, item),
            DType::Bytes(capacity) => {
                let bytes = self.encoded(text, *capacity)?;
                self.check_length(bytes.len(), *capacity, text)?;
                item.fill(0);
                store(&bytes, item);
                Ok(())
            }
            DType::Str(capacity, _) => {
                let text = self.decode(text)?;
                self.check_length(text.chars().count(), *capacity, text.as_bytes())?;
                item.fill(0);
                let (units, _) = item.as_chunks_mut();
                for (unit, c) in units.iter_mut().zip(text.chars()) {
                    *unit = u32::from(c).to_ne_bytes();
                }
                Ok(())
            }
            dtype => {
                let text = self.decode(text)?;
                let count = parse_time(text, dtype);
                let count = count.map_err(|expected| item_error(expected, text.as_bytes()))?;
                store(&count.to_ne_bytes(), item);
                Ok(())
            }
        }
    }

    /// Parses a number with everything that tables have and programming languages do not.
    fn parse_whole_number(&self, text: &[u8], item: &mut [u8]) -> Result<(), TextError> {
        let trimmed = trim(text);
        let mut number = self.rules.notation.normalized(trimmed);
        if let DType::Number(kind, _) = &self.dtype
            && kind.class() == NumberClass::Complex
        {
            number = normal_complex(number);
        }
        match self.parse_number(&number, item) {
            Ok(length) if length == number.len() => Ok(()),
            Ok(_) => Err(item_error(self.expected_number(), trimmed)),
            Err(ParseError::Range) => Err(TextError::Range {
                dtype: self.dtype.clone(),
                found: shown(trimmed),
            }),
            Err(ParseError::Expected(_)) if trimmed.is_empty() && !self.rules.may_be_missing => {
                let expected = self.expected_number();
                Err(TextError::Missing { expected })
            }
            Err(ParseError::Expected(expected)) => Err(item_error(expected, trimmed)),
        }
    }

    fn expected_number(&self) -> &'static str {
        match &self.dtype {
            DType::Bool => EXPECTED_BOOL,
            DType::Number(number, _) if number.is_integer() => "an integer",
            DType::Number(number, _) if number.class() == NumberClass::Complex => {
                "a complex number"
            }
            _ => "a number",
        }
    }

    fn check_length(&self, length: usize, capacity: u32, text: &[u8]) -> Result<(), TextError> {
        if length <= capacity as usize || self.rules.is_lenient {
            return Ok(());
        }
        Err(TextError::TooLong {
            dtype: self.dtype.clone(),
            found: shown(text),
        })
    }

    fn decode<'a>(&self, text: &'a [u8]) -> Result<&'a str, TextError> {
        str::from_utf8(text).map_err(|_| item_error("UTF-8", text))
    }

    /// The bytes of a text, as items of bytes have them; if too long texts are truncated, so many.
    fn encoded<'a>(&self, text: &'a [u8], capacity: u32) -> Result<Cow<'a, [u8]>, TextError> {
        if self.rules.is_utf8 || text.is_ascii() {
            return Ok(Cow::Borrowed(text));
        }
        let max_bytes = if self.rules.is_lenient {
            capacity as usize
        } else {
            text.len()
        };
        let bytes = self.decode(text)?.chars().take(max_bytes).map(u8::try_from);
        let bytes: Result<Vec<u8>, _> = bytes.collect();
        let bytes = bytes.map_err(|_| item_error("characters of Latin-1", text))?;
        Ok(Cow::Owned(bytes))
    }
}

const EXPECTED_BOOL: &str = "True, False or an integer";

/// Writes bytes to the beginning of an item, as many as it has.
fn store(bytes: &[u8], item: &mut [u8]) {
    let length = bytes.len().min(item.len());
    let (begin, _) = item.split_at_mut(length);
    begin.copy_from_slice(bytes.split_at(length).0);
}

fn item_error(expected: &'static str, text: &[u8]) -> TextError {
    if text.is_empty() {
        return TextError::Empty { expected };
    }
    let found = shown(text);
    TextError::Item { expected, found }
}

/// A field for an error.
fn shown(field: &[u8]) -> String {
    const MAX_CHARS: usize = 30;
    let text = String::from_utf8_lossy(field);
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    }
}

/// A complex number as Python writes it: `savetxt` wrote `6+-7j` before NumPy 1.15, and white space may be inside of the
/// brackets.
fn normal_complex(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let is_after_number = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| text.get(at));
        before.is_some_and(|byte| !matches!(byte, b'e' | b'E' | b'('))
    };
    let mut signs = text.windows(2).enumerate();
    let plus =
        signs.find(|(at, pair)| matches!(**pair, [b'+', b'-' | b'+']) && is_after_number(*at));
    let plus = plus.map(|(at, _)| at);
    let is_space = |at: usize| text.get(at..).is_some_and(|rest| space_char_len(rest) > 0);
    let has_space = (0..text.len()).any(is_space);
    if plus.is_none() && !has_space {
        return text;
    }
    let mut normal = text.to_vec();
    if let Some(at) = plus {
        normal.remove(at);
    }
    if let Some(inside) = normal
        .strip_prefix(b"(")
        .and_then(|rest| rest.strip_suffix(b")"))
    {
        normal = [b"(", trim(inside), b")"].concat();
    }
    Cow::Owned(normal)
}

#[inline]
fn write_number<T: ParseNumber>(
    parser: &ColumnParser,
    text: &[u8],
    item: &mut [u8],
) -> Result<usize, ParseError> {
    let (value, length) = T::parse(text, parser.is_lenient)?;
    if parser.is_unsigned && text.first() == Some(&b'-') {
        return Err(ParseError::Range);
    }
    value.write_ne_bytes(item);
    Ok(length)
}

fn plain_number<'a, T: ParseNumber>(
    parser: &ColumnParser,
    text: &'a [u8],
    fields: &Fields,
    item: &mut [u8],
) -> Option<&'a [u8]> {
    if !fields.are_outside_numbers {
        return None;
    }
    let number = fields.trim_start(text);
    if let Some(window) = number.first_chunk()
        && let Some((value, length)) = T::fast_int(window, fields.separator)
        && !(parser.is_unsigned && number.first() == Some(&b'-'))
    {
        value.write_ne_bytes(item);
        return number.get(length..);
    }
    match write_number::<T>(parser, number, item) {
        Ok(length) => number.get(length..),
        Err(_) if fields.is_end(number) && parser.rules.may_be_missing => {
            parser.fill(item).ok()?;
            Some(number)
        }
        Err(_) => None,
    }
}

fn plain_bytes<'a>(
    _: &ColumnParser,
    text: &'a [u8],
    fields: &Fields,
    item: &mut [u8],
) -> Option<&'a [u8]> {
    let mut item = item.iter_mut();
    fields.for_each_byte(text, |byte| {
        *item.next()? = byte;
        Some(())
    })
}

fn plain_str<'a>(
    _: &ColumnParser,
    text: &'a [u8],
    fields: &Fields,
    item: &mut [u8],
) -> Option<&'a [u8]> {
    let (units, _) = item.as_chunks_mut();
    let mut units = units.iter_mut();
    fields.for_each_byte(text, |byte| {
        *units.next()? = u32::from(byte).to_ne_bytes();
        Some(())
    })
}

/// A bool: an integer, or `True` and `False` in any case.
struct Bool(bool);

impl ParseNumber for Bool {
    const SIZE: usize = 1;

    fn parse(text: &[u8], _: bool) -> Result<(Bool, usize), ParseError> {
        let begins = |word: &[u8]| {
            let begin = text.get(..word.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(word))
        };
        for (word, value) in [(&b"true"[..], true), (b"false", false)] {
            if begins(word) {
                return Ok((Bool(value), word.len()));
            }
        }
        match i64::parse(text, false) {
            Ok((value, length)) => Ok((Bool(value != 0), length)),
            Err(ParseError::Range) => Err(ParseError::Range),
            Err(ParseError::Expected(_)) => Err(ParseError::Expected(EXPECTED_BOOL)),
        }
    }

    fn write_ne_bytes(self, item: &mut [u8]) {
        store(&[u8::from(self.0)], item);
    }
}
