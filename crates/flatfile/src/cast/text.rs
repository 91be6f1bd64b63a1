//! Between texts and their values: numbers as Python writes and reads them, dates in ISO 8601.

use super::cast_error::CastError;
use crate::scalar;
use dtype::{ByteOrder, DType, Number, TimeStep, trim_nuls};

/// Whether a text is `S`, or `U` with some byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextEncoding {
    Bytes,
    Str(ByteOrder),
}

impl TextEncoding {
    /// The encoding of a dtype of texts.
    pub(super) fn of(dtype: &DType) -> Option<TextEncoding> {
        match dtype {
            DType::Bytes(_) => Some(TextEncoding::Bytes),
            DType::Str(_, order) => Some(TextEncoding::Str(*order)),
            _ => None,
        }
    }

    /// Writes ASCII, truncated to the length of `out`.
    fn write(self, text: &str, out: &mut [u8]) {
        match self {
            TextEncoding::Bytes => {
                out.fill(0);
                out.iter_mut()
                    .zip(text.bytes())
                    .for_each(|(target, byte)| *target = byte);
            }
            TextEncoding::Str(order) => {
                let mut characters = text.chars();
                for target in out.as_chunks_mut::<4>().0 {
                    *target = utf32_bytes(characters.next().map_or(0, u32::from), order);
                }
            }
        }
    }

    /// The number of characters that fit in `out`.
    fn char_capacity(self, out: &[u8]) -> usize {
        match self {
            TextEncoding::Bytes => out.len(),
            TextEncoding::Str(_) => out.len() / 4,
        }
    }

    /// Reads an item's text into `text`. A code point that is not a character becomes one that no value is spelled
    /// with.
    fn read(self, item: &[u8], text: &mut String) {
        text.clear();
        match self {
            TextEncoding::Bytes => {
                text.push_str(&String::from_utf8_lossy(trim_nuls(item)));
            }
            TextEncoding::Str(order) => {
                let character =
                    |point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend(scalar::code_points(item, order).map(character));
            }
        }
    }
}

fn utf32_bytes(point: u32, order: ByteOrder) -> [u8; 4] {
    match order {
        ByteOrder::Little => point.to_le_bytes(),
        ByteOrder::Big => point.to_be_bytes(),
    }
}

/// Writes items as texts.
#[derive(Clone, Debug)]
pub(super) struct FormatText {
    pub(super) from: DType,
    pub(super) to: TextEncoding,
}

impl FormatText {
    pub(super) fn apply(
        &self,
        item: &[u8],
        out: &mut [u8],
        text: &mut String,
    ) -> Result<(), CastError> {
        text.clear();
        scalar::push_scalar(&self.from, item, text);
        if let DType::Datetime(step, _) = &self.from {
            // A truncated date would be another date.
            if step.unit == dtype::TimeUnit::Generic && text != "NaT" {
                return Err(CastError::of(text, "NaT, or a unit"));
            }
            if text.len() > self.to.char_capacity(out) {
                return Err(CastError::of(text, "a text that has room"));
            }
        }
        self.to.write(text, out);
        Ok(())
    }
}

/// Parses texts as values in native byte order.
#[derive(Clone, Copy, Debug)]
pub(super) struct ParseText {
    pub(super) from: TextEncoding,
    pub(super) to: ParsedKind,
}

/// The kind of value that a text is parsed as.
#[derive(Clone, Copy, Debug)]
pub(super) enum ParsedKind {
    Bool,
    /// An integer of this kind.
    Int(Number),
    /// An `f64`.
    Float,
    /// Two `f64`.
    Complex,
    Date(TimeStep),
    Delta,
}

impl ParseText {
    pub(super) fn apply(
        &self,
        item: &[u8],
        out: &mut [u8],
        text: &mut String,
    ) -> Result<(), CastError> {
        self.from.read(item, text);
        // Python decodes bytes only for complex numbers.
        let is_foreign = self.from == TextEncoding::Bytes && !text.is_ascii();
        let expected = match self.to {
            _ if is_foreign && !matches!(self.to, ParsedKind::Bool | ParsedKind::Complex) => {
                "ASCII"
            }
            ParsedKind::Bool => return copy_bytes(out, &[u8::from(!text.is_empty())]),
            ParsedKind::Int(number) => {
                let put = |value| scalar::put_int(value, number, ByteOrder::NATIVE, out);
                match scalar::parse_int(text).and_then(put) {
                    Some(()) => return Ok(()),
                    None => "an integer that this type holds",
                }
            }
            ParsedKind::Float => match scalar::parse_float(text) {
                Some(value) => return copy_bytes(out, &value.to_ne_bytes()),
                None => "a number",
            },
            ParsedKind::Complex => match scalar::parse_complex(text) {
                Some((real, imaginary)) => {
                    let (first, second) = out.split_at_mut_checked(8).unwrap_or_default();
                    copy_bytes(first, &real.to_ne_bytes())?;
                    return copy_bytes(second, &imaginary.to_ne_bytes());
                }
                None => "a complex number",
            },
            ParsedKind::Date(step) => match scalar::parse_date(text, step) {
                Ok(count) => return copy_bytes(out, &count.to_ne_bytes()),
                Err(expected) => expected,
            },
            ParsedKind::Delta => match scalar::parse_count(text) {
                Some(count) => return copy_bytes(out, &count.to_ne_bytes()),
                None => "an integer or NaT",
            },
        };
        Err(CastError::of(text, expected))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the arms of a match")]
fn copy_bytes(out: &mut [u8], bytes: &[u8]) -> Result<(), CastError> {
    out.iter_mut()
        .zip(bytes)
        .for_each(|(target, byte)| *target = *byte);
    Ok(())
}

/// From `S` to `U`.
pub(super) fn decode(item: &[u8], order: ByteOrder, out: &mut [u8]) -> Result<(), CastError> {
    if !item.is_ascii() {
        let mut text = String::new();
        TextEncoding::Bytes.read(item, &mut text);
        return Err(CastError::of(&text, "ASCII"));
    }
    let mut bytes = item.iter();
    for target in out.as_chunks_mut::<4>().0 {
        *target = utf32_bytes(bytes.next().map_or(0, |byte| u32::from(*byte)), order);
    }
    Ok(())
}

/// From `U` to `S`.
pub(super) fn encode(item: &[u8], order: ByteOrder, out: &mut [u8]) -> Result<(), CastError> {
    let mut points = scalar::code_points(item, order);
    if !points.clone().all(|point| point < 0x80) {
        let mut text = String::new();
        TextEncoding::Str(order).read(item, &mut text);
        return Err(CastError::of(&text, "ASCII"));
    }
    out.fill_with(|| points.next().map_or(0, |point| point as u8));
    Ok(())
}
