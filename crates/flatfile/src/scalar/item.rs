//! The values of items: numbers of any width and kind, in either byte order.

use super::bits::bits;
use super::float::Float;
use super::foreign::{ForeignFloat, with_foreign};
use super::small::small_value;
use dtype::{ByteOrder, FloatFormat, Number, NumberClass, trim_nuls};
use std::fmt;

/// An integer of any width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Int {
    Signed(i64),
    Unsigned(u64),
}

impl Int {
    /// The integer in these one to eight bytes.
    pub(crate) fn read(bytes: &[u8], number: Number, order: ByteOrder) -> Int {
        let value = bits(bytes, order) as u64;
        let unused = 64 - number.info().bits.clamp(1, 64);
        if number.class() == NumberClass::Unsigned {
            return Int::Unsigned(value << unused >> unused);
        }
        Int::Signed((value << unused) as i64 >> unused)
    }

    /// The length of its text in characters.
    pub(crate) fn width(self) -> usize {
        let (minus, magnitude) = match self {
            Int::Signed(value) => (value < 0, value.unsigned_abs()),
            Int::Unsigned(value) => (false, value),
        };
        usize::from(minus) + magnitude.checked_ilog10().map_or(1, |log| log as usize + 1)
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Int::Signed(value) => value.fmt(f),
            Int::Unsigned(value) => value.fmt(f),
        }
    }
}

/// The count of a `datetime64` or `timedelta64`; `None` for NaT.
pub(crate) fn time_count(bytes: &[u8], order: ByteOrder) -> Option<i64> {
    let count = bits(bytes, order) as i64;
    (count != dtype::NAT).then_some(count)
}

/// The code points of a `U` item, without the NULs at its end. A file may hold any number here.
pub(crate) fn code_points(item: &[u8], order: ByteOrder) -> impl Iterator<Item = u32> + Clone {
    let points = trim_nuls(item.as_chunks::<4>().0).iter();
    points.map(move |point| match order {
        ByteOrder::Little => u32::from_le_bytes(*point),
        ByteOrder::Big => u32::from_be_bytes(*point),
    })
}

/// The position of a float in an item.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FloatItem {
    format: FloatFormat,
    order: ByteOrder,
    start: usize,
    end: usize,
}

impl FloatItem {
    /// The real numbers at the beginning of items of this type, or the real parts of the complex ones.
    pub(crate) fn first(number: Number, order: ByteOrder) -> Option<FloatItem> {
        Some(FloatItem {
            format: number.info().float?,
            order,
            start: 0,
            end: number.part_size(),
        })
    }

    /// The float that follows in the item: the imaginary part.
    pub(crate) fn second(self) -> FloatItem {
        FloatItem {
            start: self.end,
            end: 2 * self.end,
            ..self
        }
    }

    pub(crate) fn read(self, item: &[u8]) -> Float {
        let part = item.get(self.start..self.end).unwrap_or_default();
        if let [byte] = *part {
            // So few digits that they are written as those of a float32, as ml_dtypes does.
            let value = small_value(self.format, byte) as f32;
            return Float::from_bits(FloatFormat::F32, value.to_bits().into());
        }
        Float::from_bits(self.format, bits(part, self.order))
    }
}

/// A real number, or the part of a complex one at the beginning of `item`, as `f64`; NaN for integers.
#[inline]
pub(crate) fn read_f64(number: Number, order: ByteOrder, item: &[u8]) -> f64 {
    fn native<const N: usize>(item: &[u8], order: ByteOrder) -> [u8; N] {
        let mut bytes = item.first_chunk().copied().unwrap_or([0; N]);
        if order != ByteOrder::NATIVE {
            bytes.reverse();
        }
        bytes
    }
    match number.info().part {
        Number::F64 => f64::from_ne_bytes(native(item, order)),
        Number::F32 => f32::from_ne_bytes(native(item, order)).into(),
        part => with_foreign!(part, T, N => <T as ForeignFloat<N>>::to_f64(native(item, order)))
            .unwrap_or(f64::NAN),
    }
}
