//! Loops over numbers of native byte order, one for each pair of types, written so that they become
//! vector instructions.

use crate::longdouble::{LongDouble, is_long};
use crate::scalar::{
    ForeignFloat, SmallInt, X87, to_x87, to_x87_odd, with_foreign, with_small_int,
};
use dtype::Number;

/// Converts the items of one slice to those of another.
pub(super) type Loop = fn(&[u8], &mut [u8]);

fn map_items<const N: usize, const M: usize>(
    items: &[u8],
    out: &mut [u8],
    convert: impl Fn([u8; N]) -> [u8; M],
) {
    let (items, out) = (items.as_chunks::<N>().0, out.as_chunks_mut::<M>().0);
    for (to, from) in out.iter_mut().zip(items) {
        *to = convert(*from);
    }
}

macro_rules! number_to {
    ($from:ty, $to:expr, $($name:ident: $type:ty,)*) => {
        match $to {
            $(Number::$name => Some(|items, out| {
                map_items(items, out, |x| (<$from>::from_ne_bytes(x) as $type).to_ne_bytes());
            }),)*
            _ => None,
        }
    };
}

macro_rules! number_from {
    ($from:expr, $to:expr, $($name:ident: $type:ty,)*) => {
        match $from {
            $(Number::$name => number_to!(
                $type, $to,
                I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
                F32: f32, F64: f64,
            ),)*
            _ => None,
        }
    };
}

/// Between the numbers that Rust has, with its `as`: integers wrap around; floats that are out of range become the
/// nearest integer, and NaN becomes 0.
pub(super) fn between(from: Number, to: Number) -> Option<Loop> {
    number_from!(
        from, to,
        I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
        F32: f32, F64: f64,
    )
}

macro_rules! nonzero {
    ($from:expr, $($name:ident: $type:ty,)*) => {
        match $from {
            $(Number::$name => Some(|items, out| {
                map_items(items, out, |x| [u8::from(<$type>::from_ne_bytes(x) != 0 as $type)]);
            }),)*
            _ => None,
        }
    };
}

/// From a number that Rust has to bool: true if it is not 0.
pub(super) fn to_bool(from: Number) -> Option<Loop> {
    nonzero!(
        from,
        I8: i8, I16: i16, I32: i32, I64: i64, U8: u8, U16: u16, U32: u32, U64: u64,
        F32: f32, F64: f64,
    )
}

/// From bool to bool, or to the integer 0 or 1: any byte other than 0 is true.
pub(super) fn bools(items: &[u8], out: &mut [u8]) {
    map_items(items, out, |[x]| [u8::from(x != 0)]);
}

/// From two bools to one: whether either is true.
pub(super) fn either(items: &[u8], out: &mut [u8]) {
    map_items(items, out, |[a, b]| [a | b]);
}

/// The other byte order, for words of this width.
pub(super) fn swap(width: usize) -> Option<Loop> {
    fn reverse<const N: usize>(items: &[u8], out: &mut [u8]) {
        map_items(items, out, |mut word: [u8; N]| {
            word.reverse();
            word
        });
    }
    Some(match width {
        2 => reverse::<2>,
        4 => reverse::<4>,
        8 => reverse::<8>,
        12 => reverse::<12>,
        16 => reverse::<16>,
        _ => return None,
    })
}

/// The beginning of each item, padded with zeros, for the sizes of real and complex numbers.
pub(super) fn resize(from: usize, to: usize) -> Option<Loop> {
    fn resize_to<const N: usize, const M: usize>(items: &[u8], out: &mut [u8]) {
        map_items::<N, M>(items, out, |item| {
            std::array::from_fn(|i| item.get(i).copied().unwrap_or(0))
        });
    }
    Some(match (from, to) {
        (4, 8) => resize_to::<4, 8>,
        (8, 4) => resize_to::<8, 4>,
        (8, 16) => resize_to::<8, 16>,
        (16, 8) => resize_to::<16, 8>,
        _ => return None,
    })
}

/// From `f64` to the integer of a time: out-of-range values and NaN become NaT.
pub(super) fn to_time(items: &[u8], out: &mut [u8]) {
    map_items(items, out, |x| {
        let x = f64::from_ne_bytes(x);
        let fits = x.abs() < 9_223_372_036_854_775_808.0;
        (if fits { x as i64 } else { dtype::NAT }).to_ne_bytes()
    });
}

/// From a float that Rust does not have to `f64`.
pub(super) fn to_f64(from: Number) -> Option<Loop> {
    fn widen<T: ForeignFloat<N>, const N: usize>(items: &[u8], out: &mut [u8]) {
        map_items(items, out, |item| T::to_f64(item).to_ne_bytes());
    }
    with_foreign!(from, T, N => widen::<T, N>)
}

/// From `f64` to a float that Rust does not have.
pub(super) fn from_f64(to: Number) -> Option<Loop> {
    fn narrow<T: ForeignFloat<N>, const N: usize>(items: &[u8], out: &mut [u8]) {
        map_items(items, out, |item| T::from_f64(f64::from_ne_bytes(item)));
    }
    with_foreign!(to, T, N => narrow::<T, N>)
}

/// From an integer of a few bits to the same one in a byte.
pub(super) fn to_byte(from: Number) -> Option<Loop> {
    with_small_int!(from, T => |items, out| {
        map_items(items, out, |[item]| [T::value(SmallInt(item)) as u8]);
    })
}

/// From a byte to an integer of a few bits, the lowest of the byte.
pub(super) fn from_byte(to: Number) -> Option<Loop> {
    with_small_int!(to, T => |items, out| {
        map_items(items, out, |[item]| [T::wrapping(item as i8).0]);
    })
}

/// From `f64` to an integer of a few bits, the nearest one.
pub(super) fn nearest_small_int(to: Number) -> Option<Loop> {
    with_small_int!(to, T => |items, out| {
        map_items(items, out, |item| [T::nearest(f64::from_ne_bytes(item)).0]);
    })
}

/// From the long doubles of a file to x87 numbers without padding or, if that is not the last step, to numbers that
/// can be rounded again. `None` for other numbers.
pub(super) fn long_double(from: Number, stated: LongDouble, is_last: bool) -> Option<Loop> {
    if !is_long(from) {
        return None;
    }
    Some(match (from.part_size(), stated) {
        (16, LongDouble::Quad) if is_last => |items, out| map_items(items, out, with_bits(to_x87)),
        (16, LongDouble::Quad) => |items, out| map_items(items, out, with_bits(to_x87_odd)),
        (16, _) => padded::<16, 16>,
        _ => padded::<12, 12>,
    })
}

/// Between long doubles of 12 and 16 bytes, which are the same numbers with more or less padding.
pub(super) fn between_long(from: Number, to: Number) -> Option<Loop> {
    Some(match (from, to) {
        (Number::F96, Number::F128) => padded::<12, 16>,
        (Number::F128, Number::F96) => padded::<16, 12>,
        _ => return None,
    })
}

/// x87 numbers with other padding, all of it zeros.
fn padded<const N: usize, const M: usize>(items: &[u8], out: &mut [u8]) {
    map_items::<N, M>(items, out, |item| X87::from_ne_bytes(item).to_ne_bytes());
}

fn with_bits(convert: impl Fn(u128) -> u128) -> impl Fn([u8; 16]) -> [u8; 16] {
    move |item| convert(u128::from_ne_bytes(item)).to_ne_bytes()
}
