//! What the items of a dtype are to statistics: [`Values`], and their order.

use crate::array::Array;
use crate::error::{Error, ErrorKind};
use crate::scalar::{Float, FloatItem, Int, read_f64};
use dtype::{ByteOrder, Casting, DType, FloatFormat, Layout, NAT, Number, NumberClass, Order};

/// The kinds of items, by how their values are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Integer(Number),
    F32,
    F64,
    /// Floats whose values are also those of `f64`.
    Small(Number),
    X87(Number),
    /// Complex numbers with parts of this kind.
    Complex(Number),
    /// Counts of a unit, and NaT.
    Time,
}

impl Kind {
    /// The kind of the items of a dtype.
    ///
    /// # Errors
    /// `NoStats` if they are not numbers or times.
    pub(super) fn of(dtype: &DType) -> Result<Kind, Error> {
        match dtype {
            DType::Bool => Ok(Kind::Bool),
            DType::Datetime(..) | DType::Timedelta(..) => Ok(Kind::Time),
            DType::Number(number, _) => Ok(match (number.class(), number) {
                (NumberClass::Complex, _) => Kind::Complex(number.info().part),
                (NumberClass::Float, Number::F32) => Kind::F32,
                (NumberClass::Float, Number::F64) => Kind::F64,
                (NumberClass::Float, _) if is_x87(*number) => Kind::X87(*number),
                (NumberClass::Float, _) => Kind::Small(*number),
                (NumberClass::Signed | NumberClass::Unsigned, _) => Kind::Integer(*number),
            }),
            _ => Err(ErrorKind::NoStats(dtype.clone()).into()),
        }
    }

    /// The number of bits that hold every key, once [`least_key`](Kind::least_key) is subtracted.
    pub(super) fn key_bits(self) -> u32 {
        match self {
            Kind::Bool => 8,
            Kind::Integer(number) => 8 * number.size() as u32,
            Kind::F32 => 32,
            Kind::F64 | Kind::Small(_) | Kind::Time | Kind::Complex(_) => 64,
            Kind::X87(_) => 80,
        }
    }

    /// The least that a key can be.
    pub(super) fn least_key(self) -> i128 {
        match self {
            Kind::Bool => 0,
            Kind::Integer(number) if number.class() == NumberClass::Unsigned => 0,
            _ => -1 << (self.key_bits() - 1),
        }
    }

    /// Calls `visit` with the key of each item that is not NaN or NaT; keys are ordered as the values are, and -0
    /// precedes 0. Complex numbers have none.
    pub(super) fn for_each_key(self, items: &[u8], mut visit: impl FnMut(i128)) {
        match self {
            Kind::Bool => items.iter().for_each(|byte| visit((*byte != 0).into())),
            Kind::Integer(number) => {
                let items = items.chunks_exact(number.size().max(1));
                items.for_each(|item| visit(integer(number, item)));
            }
            Kind::F32 => words(items, u32::from_ne_bytes)
                .filter(|bits| bits << 1 <= f32::INFINITY.to_bits() << 1)
                .for_each(|bits| visit(key_f32(bits).into())),
            Kind::F64 => words(items, u64::from_ne_bytes)
                .filter(|bits| bits << 1 <= f64::INFINITY.to_bits() << 1)
                .for_each(|bits| visit(key_f64(bits).into())),
            Kind::Small(number) => small_floats(number, items)
                .filter(|value| !value.is_nan())
                .for_each(|value| visit(key_f64(value.to_bits()).into())),
            Kind::X87(number) => {
                for (item, float) in items.chunks_exact(number.size()).zip(floats(number, items)) {
                    if !float.is_nan() {
                        visit(key_x87(item));
                    }
                }
            }
            Kind::Time => words(items, i64::from_ne_bytes)
                .filter(|count| *count != NAT)
                .for_each(|count| visit(count.into())),
            Kind::Complex(_) => {}
        }
    }

    /// The item with this key, as a 0-d array; a truth value is 0 or 1.
    pub(super) fn item(self, dtype: &DType, key: i128) -> Option<Array> {
        match self {
            Kind::Bool => scalar(DType::U8, key as u128),
            Kind::Integer(_) | Kind::Time => scalar(native(dtype), key as u128),
            Kind::F32 => scalar(DType::F32, bits_of_key(key, 32)),
            Kind::F64 => scalar(DType::F64, bits_of_key(key, 64)),
            Kind::Small(_) => {
                let value = scalar(DType::F64, bits_of_key(key, 64))?;
                value.astype(native(dtype), Casting::Unsafe).ok()
            }
            Kind::X87(_) => scalar(native(dtype), bits_of_key(key, 80)),
            Kind::Complex(_) => None,
        }
    }

    /// The value with this key, rounded to the nearest `f64`.
    pub(super) fn value(self, key: i128) -> f64 {
        match self {
            Kind::Bool | Kind::Integer(_) | Kind::Time => key as f64,
            Kind::F32 => f32::from_bits(bits_of_key(key, 32) as u32).into(),
            Kind::F64 | Kind::Small(_) => f64::from_bits(bits_of_key(key, 64) as u64),
            Kind::X87(number) => {
                let bytes = native_bytes(bits_of_key(key, 80), number.size());
                read_f64(number, ByteOrder::NATIVE, &bytes)
            }
            Kind::Complex(_) => f64::NAN,
        }
    }

    /// The format of a mean.
    pub(super) fn mean_format(self) -> FloatFormat {
        match self {
            Kind::X87(_) => FloatFormat::X87,
            Kind::Complex(part) if is_x87(part) => FloatFormat::X87,
            _ => FloatFormat::F64,
        }
    }
}

fn is_x87(number: Number) -> bool {
    number.info().float == Some(FloatFormat::X87)
}

/// The same dtype with items as this machine has them.
pub(super) fn native(dtype: &DType) -> DType {
    dtype.with_byte_order(ByteOrder::NATIVE)
}

/// Contiguous words of memory; those of unaligned addresses, too.
pub(super) fn words<T, const N: usize>(
    items: &[u8],
    from_bytes: fn([u8; N]) -> T,
) -> impl ExactSizeIterator<Item = T> + Clone {
    let (words, _) = items.as_chunks::<N>();
    words.iter().map(move |word| from_bytes(*word))
}

/// Native integers of any size.
fn integer(number: Number, item: &[u8]) -> i128 {
    match Int::read(item, number, ByteOrder::NATIVE) {
        Int::Signed(value) => value.into(),
        Int::Unsigned(value) => value.into(),
    }
}

/// Native integers of any size.
pub(super) fn integers(
    number: Number,
    items: &[u8],
) -> impl ExactSizeIterator<Item = i128> + Clone {
    let items = items.chunks_exact(number.size().max(1));
    items.map(move |item| integer(number, item))
}

/// Native floats whose values `f64` has.
pub(super) fn small_floats(
    number: Number,
    items: &[u8],
) -> impl ExactSizeIterator<Item = f64> + Clone {
    let items = items.chunks_exact(number.size().max(1));
    items.map(move |item| read_f64(number, ByteOrder::NATIVE, item))
}

/// Native floats of any format.
pub(super) fn floats(number: Number, items: &[u8]) -> impl Iterator<Item = Float> {
    let place = FloatItem::first(number, ByteOrder::NATIVE);
    let items = items.chunks_exact(number.size().max(1));
    items.filter_map(move |item| Some(place?.read(item)))
}

/// A number that compares as the float with these bits does.
#[inline]
pub(super) fn key_f32(bits: u32) -> i32 {
    (bits ^ ((bits as i32 >> 31) as u32) >> 1) as i32
}

/// A number that compares as the float with these bits does.
#[inline]
pub(super) fn key_f64(bits: u64) -> i64 {
    (bits ^ ((bits as i64 >> 63) as u64) >> 1) as i64
}

/// A number that compares as a long double does.
pub(super) fn key_x87(item: &[u8]) -> i128 {
    let bits = crate::scalar::bits(item, ByteOrder::NATIVE);
    let magnitude = (bits & ((1 << 79) - 1)) as i128;
    if bits >> 79 & 1 == 1 {
        -magnitude - 1
    } else {
        magnitude
    }
}

/// The float with this key, stored in so many bits.
fn bits_of_key(key: i128, width: u32) -> u128 {
    match u128::try_from(key) {
        Ok(magnitude) => magnitude,
        Err(_) => 1 << (width - 1) | !key as u128,
    }
}

/// The bytes of an item as this machine has it.
pub(super) fn native_bytes(bits: u128, size: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = bits.to_le_bytes().into_iter().take(size).collect();
    if cfg!(target_endian = "big") {
        bytes.reverse();
    }
    bytes
}

/// A 0-d array of a native item with these bits.
pub(super) fn scalar(dtype: DType, bits: u128) -> Option<Array> {
    let bytes = native_bytes(bits, dtype.itemsize());
    array(dtype, [], &bytes)
}

/// An array of native items.
pub(super) fn array(dtype: DType, shape: impl Into<Vec<usize>>, bytes: &[u8]) -> Option<Array> {
    let layout = Layout::new(dtype, shape, Order::C).ok()?;
    Array::new(layout, bytes).ok()?.to_order(Order::C).ok()
}
