//! Between texts and their values: numbers as Python writes and reads them, dates in ISO 8601.

use super::bad::Bad;
use crate::scalar;
use dtype::{ByteOrder, DType, Number, NumberClass, TimeStep, trim_nuls};

/// Whether a text is `S`, or `U` with some byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Bytes,
    Str(ByteOrder),
}

impl Encoding {
    /// The encoding of a text dtype.
    pub(super) fn of(dtype: &DType) -> Option<Encoding> {
        match dtype {
            DType::Bytes(_) => Some(Encoding::Bytes),
            DType::Str(_, order) => Some(Encoding::Str(*order)),
            _ => None,
        }
    }

    /// Writes ASCII, truncated to the length of `out`.
    fn write(self, text: &str, out: &mut [u8]) {
        match self {
            Encoding::Bytes => {
                out.fill(0);
                out.iter_mut()
                    .zip(text.bytes())
                    .for_each(|(place, byte)| *place = byte);
            }
            Encoding::Str(order) => {
                let mut characters = text.chars();
                for place in out.as_chunks_mut::<4>().0 {
                    *place = point(characters.next().map_or(0, u32::from), order);
                }
            }
        }
    }

    /// The number of characters that `out` has room for.
    fn room(self, out: &[u8]) -> usize {
        match self {
            Encoding::Bytes => out.len(),
            Encoding::Str(_) => out.len() / 4,
        }
    }

    /// Reads an item's text into `text`. A code point that is not a character becomes one that no value is spelled
    /// with.
    fn read(self, item: &[u8], text: &mut String) {
        text.clear();
        match self {
            Encoding::Bytes => {
                text.push_str(&String::from_utf8_lossy(trim_nuls(item)));
            }
            Encoding::Str(order) => {
                let character =
                    |point| char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend(scalar::code_points(item, order).map(character));
            }
        }
    }
}

fn point(point: u32, order: ByteOrder) -> [u8; 4] {
    match order {
        ByteOrder::Little => point.to_le_bytes(),
        ByteOrder::Big => point.to_be_bytes(),
    }
}

/// From items to their texts.
#[derive(Clone, Debug)]
pub(super) struct Print {
    pub(super) from: DType,
    pub(super) to: Encoding,
}

impl Print {
    pub(super) fn one(&self, item: &[u8], out: &mut [u8], text: &mut String) -> Result<(), Bad> {
        text.clear();
        scalar::push_scalar(&self.from, item, text);
        if let DType::Datetime(step, _) = &self.from {
            // A truncated date would be another date.
            if step.unit == dtype::TimeUnit::Generic && text != "NaT" {
                return Err(Bad::of(text, "NaT, or a unit"));
            }
            if text.len() > self.to.room(out) {
                return Err(Bad::of(text, "a text that has room"));
            }
        }
        self.to.write(text, out);
        Ok(())
    }
}

/// From texts to their values, in native byte order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parse {
    pub(super) from: Encoding,
    pub(super) to: Value,
}

/// The kind of value in a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
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

impl Parse {
    pub(super) fn one(&self, item: &[u8], out: &mut [u8], text: &mut String) -> Result<(), Bad> {
        self.from.read(item, text);
        // Python decodes bytes only for complex numbers.
        let is_foreign = self.from == Encoding::Bytes && !text.is_ascii();
        let expected = match self.to {
            _ if is_foreign && !matches!(self.to, Value::Bool | Value::Complex) => "ASCII",
            Value::Bool => return put(out, &[u8::from(!text.is_empty())]),
            Value::Int(number) => {
                match scalar::parse_int(text).and_then(|value| int(value, number)) {
                    Some(bytes) => return put(out, bytes.get(..number.size()).unwrap_or_default()),
                    None => "an integer that this type holds",
                }
            }
            Value::Float => match scalar::parse_float(text) {
                Some(value) => return put(out, &value.to_ne_bytes()),
                None => "a number",
            },
            Value::Complex => match scalar::parse_complex(text) {
                Some((real, imaginary)) => {
                    let (first, second) = out.split_at_mut_checked(8).unwrap_or_default();
                    put(first, &real.to_ne_bytes())?;
                    return put(second, &imaginary.to_ne_bytes());
                }
                None => "a complex number",
            },
            Value::Date(step) => match scalar::parse_date(text, step) {
                Ok(count) => return put(out, &count.to_ne_bytes()),
                Err(expected) => expected,
            },
            Value::Delta => match scalar::parse_count(text) {
                Some(count) => return put(out, &count.to_ne_bytes()),
                None => "an integer or NaT",
            },
        };
        Err(Bad::of(text, expected))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it ends the arms of a match")]
fn put(out: &mut [u8], bytes: &[u8]) -> Result<(), Bad> {
    out.iter_mut()
        .zip(bytes)
        .for_each(|(place, byte)| *place = *byte);
    Ok(())
}

/// The integer in native byte order, from the first byte on.
fn int(value: i128, number: Number) -> Option<[u8; 8]> {
    let bits = 8 * number.size() as u32;
    let range = match number.class() {
        NumberClass::Unsigned => 0..1i128 << bits,
        _ => -1 << (bits - 1)..1 << (bits - 1),
    };
    if !range.contains(&value) {
        return None;
    }
    Some(if cfg!(target_endian = "little") {
        (value as i64).to_le_bytes()
    } else {
        ((value as i64) << (64 - bits)).to_be_bytes()
    })
}

/// From `S` to `U`.
pub(super) fn decode(item: &[u8], order: ByteOrder, out: &mut [u8]) -> Result<(), Bad> {
    if !item.is_ascii() {
        let mut text = String::new();
        Encoding::Bytes.read(item, &mut text);
        return Err(Bad::of(&text, "ASCII"));
    }
    let mut bytes = item.iter();
    for place in out.as_chunks_mut::<4>().0 {
        *place = point(bytes.next().map_or(0, |byte| u32::from(*byte)), order);
    }
    Ok(())
}

/// From `U` to `S`.
pub(super) fn encode(item: &[u8], order: ByteOrder, out: &mut [u8]) -> Result<(), Bad> {
    let mut points = scalar::code_points(item, order);
    if !points.clone().all(|point| point < 0x80) {
        let mut text = String::new();
        Encoding::Str(order).read(item, &mut text);
        return Err(Bad::of(&text, "ASCII"));
    }
    out.fill_with(|| points.next().map_or(0, |point| point as u8));
    Ok(())
}
