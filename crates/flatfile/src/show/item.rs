//! What items hold: numbers of any width and kind, in either byte order.

use super::binary::{Float, Kind};
use dtype::{ByteOrder, Number};
use std::fmt;

/// The bytes of one part of an item as a number; bytes beyond the first 16 are not looked at.
fn bits(bytes: &[u8], order: ByteOrder) -> u128 {
    let digit = |value: u128, byte: &u8| value << 8 | u128::from(*byte);
    match (bytes.first_chunk::<8>(), bytes.len(), order) {
        (Some(bytes), 8, ByteOrder::Little) => u64::from_le_bytes(*bytes).into(),
        (Some(bytes), 8, ByteOrder::Big) => u64::from_be_bytes(*bytes).into(),
        (_, _, ByteOrder::Little) => bytes.iter().rev().fold(0, digit),
        (_, _, ByteOrder::Big) => bytes.iter().fold(0, digit),
    }
}

/// An integer of any width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Int {
    Signed(i64),
    Unsigned(u64),
}

impl Int {
    /// The integer that these one to eight bytes are.
    pub(crate) fn read(bytes: &[u8], number: Number, order: ByteOrder) -> Int {
        let value = bits(bytes, order) as u64;
        if number.kind() == 'u' {
            return Int::Unsigned(value);
        }
        let unused = 64 - 8 * bytes.len().clamp(1, 8);
        Int::Signed((value << unused) as i64 >> unused)
    }

    /// How many characters its text has.
    pub(super) fn width(self) -> usize {
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
pub(crate) fn count(bytes: &[u8], order: ByteOrder) -> Option<i64> {
    let count = bits(bytes, order) as i64;
    (count != dtype::NAT).then_some(count)
}

/// The code points of a `U` item, without the NULs at its end. A file may hold any number here.
pub(crate) fn code_points(item: &[u8], order: ByteOrder) -> impl Iterator<Item = u32> + Clone {
    let (points, _) = item.as_chunks::<4>();
    let end = points.iter().rposition(|point| *point != [0; 4]);
    let points = points.get(..end.map_or(0, |end| end + 1));
    points
        .unwrap_or_default()
        .iter()
        .map(move |point| match order {
            ByteOrder::Little => u32::from_le_bytes(*point),
            ByteOrder::Big => u32::from_be_bytes(*point),
        })
}

/// Where a float lies in an item.
#[derive(Clone, Copy, Debug)]
pub(super) struct FloatItem {
    kind: Kind,
    order: ByteOrder,
    start: usize,
    end: usize,
}

impl FloatItem {
    /// The real numbers, or the real parts of the complex ones, that items of this type begin with.
    pub(super) fn first(number: Number, order: ByteOrder) -> Option<FloatItem> {
        Some(FloatItem {
            kind: Kind::of(number)?,
            order,
            start: 0,
            end: number.part_size(),
        })
    }

    /// The float that follows in the item: the imaginary part.
    pub(super) fn second(self) -> FloatItem {
        FloatItem {
            start: self.end,
            end: 2 * self.end,
            ..self
        }
    }

    pub(super) fn read(self, item: &[u8]) -> Float {
        let part = item.get(self.start..self.end).unwrap_or_default();
        Float::from_bits(self.kind, bits(part, self.order))
    }
}
