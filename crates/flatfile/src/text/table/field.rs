//! One field of a row, as an item of its column's type: [`Field`].

use super::super::number::{Bad, Bool, Complex, Item, Long, Narrow, for_number};
use super::super::separator::beginning;
use crate::error::{Error, ErrorKind, TextError};
use crate::scalar::parse_time;
use dtype::{ByteOrder, DType, Number};

/// The reader of a column's fields.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) dtype: DType,
    /// The offset of the item in a row's bytes.
    pub(super) offset: usize,
    parse: Option<Parse>,
    /// Whether floats that are too large are infinite, and texts that are too long are truncated.
    is_lenient: bool,
}

/// Appends the number at the beginning of a text, and returns its length in bytes.
type Parse = fn(&[u8], bool, &mut Vec<u8>) -> Result<usize, Bad>;

impl Field {
    /// # Errors
    /// `TextType` if such items cannot be read from text.
    pub(super) fn new(dtype: &DType, offset: usize, is_lenient: bool) -> Result<Field, Error> {
        let parse = match dtype {
            DType::Bool => Some(number::<Bool> as Parse),
            DType::Number(kind, _) => {
                let parse: Option<Parse> = for_number!(kind, number);
                Some(parse.ok_or_else(|| ErrorKind::TextType(dtype.clone()))?)
            }
            DType::Bytes(1..) | DType::Str(1.., _) => None,
            DType::Datetime(..) | DType::Timedelta(..) => None,
            _ => return Err(ErrorKind::TextType(dtype.clone()).into()),
        };
        // NumPy refuses integers that do not fit.
        let is_whole = matches!(dtype, DType::Number(number, _) if number.is_integer());
        Ok(Field {
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

    /// Parses the number at the beginning of `text` into its place, and returns its length in bytes.
    #[inline]
    pub(super) fn number(
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
                self.put(scratch, row);
                Ok(length)
            }
            Err(Bad::Range) => Err(TextError::Range {
                dtype: self.dtype.clone(),
                found: beginning(text),
            }),
            Err(Bad::NotA(expected)) => Err(self.bad(expected, text)),
        }
    }

    fn put(&self, item: &[u8], row: &mut [u8]) {
        let place = row.get_mut(self.offset..).unwrap_or_default();
        place
            .iter_mut()
            .zip(item)
            .for_each(|(to, from)| *to = *from);
    }

    fn bad(&self, expected: &'static str, text: &[u8]) -> TextError {
        match text {
            [] => TextError::Empty { expected },
            text => TextError::Item {
                expected,
                found: beginning(text),
            },
        }
    }

    /// Writes a whole field to its place.
    pub(super) fn text(
        &self,
        text: &[u8],
        row: &mut [u8],
        scratch: &mut Vec<u8>,
    ) -> Result<(), TextError> {
        if self.is_number() {
            let number = text.trim_ascii();
            let length = self.number(number, row, scratch)?;
            return match number.get(length..) {
                Some([]) => Ok(()),
                _ => Err(self.bad("a number", text)),
            };
        }
        let is_room = |length: usize, room: u32| length <= room as usize || self.is_lenient;
        let too_long = || TextError::TooLong {
            dtype: self.dtype.clone(),
            found: beginning(text),
        };
        scratch.clear();
        if let DType::Bytes(room) = &self.dtype {
            if !is_room(text.len(), *room) {
                return Err(too_long());
            }
            scratch.extend_from_slice(text);
            scratch.resize(*room as usize, 0);
            self.put(scratch, row);
            return Ok(());
        }
        let text = str::from_utf8(text).map_err(|_| self.bad("UTF-8", text))?;
        let count = match &self.dtype {
            DType::Str(room, order) => {
                if !is_room(text.chars().count(), *room) {
                    return Err(too_long());
                }
                for c in text.chars().take(*room as usize) {
                    scratch.extend_from_slice(&ordered(u32::from(c).to_le_bytes(), *order));
                }
                scratch.resize(4 * *room as usize, 0);
                self.put(scratch, row);
                return Ok(());
            }
            dtype => parse_time(text, dtype),
        };
        let count = count.map_err(|expected| self.bad(expected, text.as_bytes()))?;
        let (DType::Datetime(_, order) | DType::Timedelta(_, order)) = &self.dtype else {
            return Ok(());
        };
        self.put(&ordered(count.to_le_bytes(), *order), row);
        Ok(())
    }
}

/// Bytes of a number, least significant first, in this order.
fn ordered<const N: usize>(mut bytes: [u8; N], order: ByteOrder) -> [u8; N] {
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    bytes
}

fn number<T: Item>(text: &[u8], is_lenient: bool, out: &mut Vec<u8>) -> Result<usize, Bad> {
    let (value, length) = T::parse(text, is_lenient)?;
    value.put(out);
    Ok(length)
}
