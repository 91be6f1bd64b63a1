//! One field of a row, as an item of its column's type: [`ColumnParser`].

use super::super::number::{Bool, Complex, PaddedX87, ParseError, ParseNumber, ViaF64, for_number};
use super::super::separator::excerpt;
use crate::error::{Error, ErrorKind, TextError};
use crate::scalar::parse_time;
use dtype::{ByteOrder, DType, Number};

/// A parser of a column's fields.
#[derive(Clone, Debug)]
pub(super) struct ColumnParser {
    pub(super) dtype: DType,
    /// The offset of the item in a row's bytes.
    pub(super) offset: usize,
    parse: Option<ParseNumberFn>,
    /// Whether floats that are too large are infinite, and texts that are too long are truncated.
    is_lenient: bool,
}

/// Appends the number at the beginning of a text, and returns its length in bytes.
type ParseNumberFn = fn(&[u8], bool, &mut Vec<u8>) -> Result<usize, ParseError>;

impl ColumnParser {
    /// # Errors
    /// `TextType` if such items cannot be read from text.
    pub(super) fn new(
        dtype: &DType,
        offset: usize,
        is_lenient: bool,
    ) -> Result<ColumnParser, Error> {
        let parse = match dtype {
            DType::Bool => Some(append_number::<Bool> as ParseNumberFn),
            DType::Number(kind, _) => {
                let parse: Option<ParseNumberFn> = for_number!(kind, append_number);
                Some(parse.ok_or_else(|| ErrorKind::TextType(dtype.clone()))?)
            }
            DType::Bytes(1..) | DType::Str(1.., _) => None,
            DType::Datetime(..) | DType::Timedelta(..) => None,
            _ => return Err(ErrorKind::TextType(dtype.clone()).into()),
        };
        // NumPy refuses integers that do not fit.
        let is_whole = matches!(dtype, DType::Number(number, _) if number.is_integer());
        Ok(ColumnParser {
            dtype: dtype.clone(),
            offset,
            parse,
            is_lenient: is_lenient && !is_whole,
        })
    }

    /// Whether the field is a number, whose end is found by parsing it.
    pub(super) fn is_number(&self) -> bool {
        self.parse.is_some()
    }

    /// Parses the number at the beginning of `text` into the row, and returns its length in bytes.
    #[inline]
    pub(super) fn parse_number(
        &self,
        text: &[u8],
        row: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<usize, TextError> {
        let Some(parse) = self.parse else {
            return Ok(0);
        };
        scratch.clear();
        match parse(text, self.is_lenient, scratch) {
            Ok(length) => {
                if let DType::Number(number, order) = &self.dtype
                    && *order != ByteOrder::NATIVE
                {
                    let parts = scratch.chunks_mut(number.part_size());
                    parts.for_each(<[u8]>::reverse);
                }
                self.store(scratch, row);
                Ok(length)
            }
            Err(ParseError::Range) => Err(TextError::Range {
                dtype: self.dtype.clone(),
                found: excerpt(text),
            }),
            Err(ParseError::Expected(expected)) => Err(self.item_error(expected, text)),
        }
    }

    fn store(&self, item: &[u8], row: &mut [u8]) {
        let bytes = row.get_mut(self.offset..).unwrap_or_default();
        bytes
            .iter_mut()
            .zip(item)
            .for_each(|(to, from)| *to = *from);
    }

    fn item_error(&self, expected: &'static str, text: &[u8]) -> TextError {
        match text {
            [] => TextError::Empty { expected },
            text => TextError::Item {
                expected,
                found: excerpt(text),
            },
        }
    }

    /// Parses a whole field into the row.
    pub(super) fn parse_field(
        &self,
        text: &[u8],
        row: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<(), TextError> {
        if self.is_number() {
            let number = text.trim_ascii();
            let length = self.parse_number(number, row, scratch)?;
            return match number.get(length..) {
                Some([]) => Ok(()),
                _ => Err(self.item_error("a number", text)),
            };
        }
        let fits = |length: usize, capacity: u32| length <= capacity as usize || self.is_lenient;
        let too_long = || TextError::TooLong {
            dtype: self.dtype.clone(),
            found: excerpt(text),
        };
        scratch.clear();
        if let DType::Bytes(capacity) = &self.dtype {
            if !fits(text.len(), *capacity) {
                return Err(too_long());
            }
            scratch.extend_from_slice(text);
            scratch.resize(*capacity as usize, 0);
            self.store(scratch, row);
            return Ok(());
        }
        let text = str::from_utf8(text).map_err(|_| self.item_error("UTF-8", text))?;
        let count = match &self.dtype {
            DType::Str(capacity, order) => {
                if !fits(text.chars().count(), *capacity) {
                    return Err(too_long());
                }
                for c in text.chars().take(*capacity as usize) {
                    scratch.extend_from_slice(&in_byte_order(u32::from(c).to_le_bytes(), *order));
                }
                scratch.resize(4 * *capacity as usize, 0);
                self.store(scratch, row);
                return Ok(());
            }
            dtype => parse_time(text, dtype),
        };
        let count = count.map_err(|expected| self.item_error(expected, text.as_bytes()))?;
        let (DType::Datetime(_, order) | DType::Timedelta(_, order)) = &self.dtype else {
            return Ok(());
        };
        self.store(&in_byte_order(count.to_le_bytes(), *order), row);
        Ok(())
    }
}

/// Bytes of a number, least significant first, in this order.
fn in_byte_order<const N: usize>(mut bytes: [u8; N], order: ByteOrder) -> [u8; N] {
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    bytes
}

fn append_number<T: ParseNumber>(
    text: &[u8],
    is_lenient: bool,
    out: &mut Vec<u8>,
) -> Result<usize, ParseError> {
    let (value, length) = T::parse(text, is_lenient)?;
    value.push_ne_bytes(out);
    Ok(length)
}
