//! The numbers of ml_dtypes that have at most one byte: floats of every format, and integers of a few bits.

use super::foreign::{ForeignFloat, to_odd};
use dtype::{ByteOrder, FloatFormat, NonFinite, Number, NumberClass};

/// A float of one byte.
macro_rules! small_floats {
    ($($number:ident: $name:ident,)*) => {$(
        #[doc = concat!("[`Number::", stringify!($number), "`]")]
        pub(crate) struct $name;

        impl ForeignFloat<1> for $name {
            #[inline(always)]
            fn to_f64([bits]: [u8; 1]) -> f64 {
                static VALUES: [f64; 256] = values(Number::$number);
                VALUES.get(usize::from(bits)).copied().unwrap_or(f64::NAN)
            }

            #[inline(always)]
            fn from_f64(value: f64) -> [u8; 1] {
                const FORMAT: FloatFormat = format(Number::$number);
                [encode(FORMAT, value)]
            }
        }
    )*};
}

small_floats! {
    F8E3M4: Float8E3M4,
    F8E4M3: Float8E4M3,
    F8E4M3B11FNUZ: Float8E4M3B11Fnuz,
    F8E4M3FN: Float8E4M3Fn,
    F8E4M3FNUZ: Float8E4M3Fnuz,
    F8E5M2: Float8E5M2,
    F8E5M2FNUZ: Float8E5M2Fnuz,
    F8E8M0FNU: Float8E8M0Fnu,
    F6E2M3FN: Float6E2M3Fn,
    F6E3M2FN: Float6E3M2Fn,
    F4E2M1FN: Float4E2M1Fn,
}

/// The format of a float.
const fn format(number: Number) -> FloatFormat {
    match number.info().float {
        Some(format) => format,
        // Evaluated by the compiler, and only for floats.
        None => FloatFormat::F64,
    }
}

/// The values of all bytes.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn values(number: Number) -> [f64; 256] {
    let mut values = [0.0; 256];
    let mut bits = 0;
    while bits < values.len() {
        values[bits] = decode(format(number), bits as u32);
        bits += 1;
    }
    values
}

/// The value of these bits.
const fn decode(format: FloatFormat, bits: u32) -> f64 {
    let magnitude_bits = format.exponent_bits + format.fraction_bits;
    let all_ones = (1 << magnitude_bits) - 1;
    let magnitude = bits & all_ones;
    // Of the bits that have no meaning, ml_dtypes takes each for the sign.
    let negative = format.is_signed && bits >> magnitude_bits != 0;
    let fraction = magnitude & ((1 << format.fraction_bits) - 1);
    let exponent = magnitude >> format.fraction_bits;
    let value = match format.non_finite {
        NonFinite::Ieee if exponent == (1 << format.exponent_bits) - 1 => {
            if fraction == 0 {
                f64::INFINITY
            } else {
                f64::NAN
            }
        }
        NonFinite::NanForAllOnes if magnitude == all_ones => f64::NAN,
        NonFinite::NanForNegativeZero if negative && magnitude == 0 => f64::NAN,
        _ if exponent == 0 && format.is_signed => {
            fraction as f64 * power_of_two(format.min_exponent())
        }
        _ => {
            let integer = fraction | 1 << format.fraction_bits;
            let power = exponent as i32 - format.bias - format.fraction_bits as i32;
            integer as f64 * power_of_two(power)
        }
    };
    if negative { -value } else { value }
}

/// For exponents of normal numbers.
const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + FloatFormat::F64.bias) as u64) << 52)
}

/// The bits of the nearest number, ties to even; ml_dtypes' bits for what the format does not have.
#[inline(always)]
fn encode(format: FloatFormat, value: f64) -> u8 {
    if !format.is_signed {
        return encode_power_of_two(value);
    }
    let magnitude_bits = format.exponent_bits + format.fraction_bits;
    let all_ones = (1u64 << magnitude_bits) - 1;
    let infinity = all_ones >> format.fraction_bits << format.fraction_bits;
    let sign_bit = 1u8 << magnitude_bits;
    let sign = if value.is_sign_negative() {
        sign_bit
    } else {
        0
    };
    if value.is_nan() {
        return match format.non_finite {
            NonFinite::Ieee => sign | (infinity | 1 << (format.fraction_bits - 1)) as u8,
            NonFinite::NanForAllOnes => sign | all_ones as u8,
            NonFinite::NanForNegativeZero => sign_bit,
            // A zero with the other sign.
            NonFinite::Nothing => sign ^ sign_bit,
        };
    }
    let magnitude = value.abs();
    let exponent = (magnitude.to_bits() >> 52) as i32 - FloatFormat::F64.bias;
    let exponent = exponent.max(1 - format.bias);
    // Half of the numbers that an f64 holds have no fraction, so adding the least of these rounds.
    let steps = magnitude * power_of_two(format.fraction_bits as i32 - exponent);
    let steps = (steps + power_of_two(52)) - power_of_two(52);
    // A carry, or the leading 1 of a normal number, is added to the exponent.
    let before = ((exponent + format.bias - 1) as u64) << format.fraction_bits;
    let bits = before.saturating_add(steps as u64);
    match format.non_finite {
        NonFinite::Ieee => sign | bits.min(infinity) as u8,
        NonFinite::NanForAllOnes | NonFinite::Nothing => sign | bits.min(all_ones) as u8,
        NonFinite::NanForNegativeZero if bits > all_ones => sign_bit,
        NonFinite::NanForNegativeZero if bits == 0 => 0,
        NonFinite::NanForNegativeZero => sign | bits as u8,
    }
}

/// The exponent of the nearest power of two, as `float8_e8m0fnu`: the upper one of two, except for the least.
fn encode_power_of_two(value: f64) -> u8 {
    const NAN: u8 = u8::MAX;
    let narrow = value as f32;
    if narrow.is_nan() || narrow <= 0.0 {
        return NAN;
    }
    match to_odd(value).to_bits() {
        // ml_dtypes cuts the least normal float32 in half.
        bits @ ..0x80_0000 => u8::from(bits > 0x40_0000),
        bits => ((bits + 0x40_0000) >> 23) as u8,
    }
}

/// The value of a float of at most 8 bits, in one byte.
pub(crate) fn small_value(format: FloatFormat, byte: u8) -> f64 {
    decode(format, byte.into())
}

/// An integer of ml_dtypes: the lowest `BITS` of a byte.
#[derive(Clone, Copy)]
pub(crate) struct SmallInt<const BITS: u32, const SIGNED: bool>(pub(crate) u8);

impl<const BITS: u32, const SIGNED: bool> SmallInt<BITS, SIGNED> {
    /// The least and the greatest one.
    pub(crate) const RANGE: (i8, i8) = if SIGNED {
        (-(1 << (BITS - 1)), (1 << (BITS - 1)) - 1)
    } else {
        (0, (1 << BITS) - 1)
    };

    /// Of a larger integer, the lowest bits.
    #[inline]
    pub(crate) fn wrapping(value: i8) -> SmallInt<BITS, SIGNED> {
        SmallInt(value as u8 & ((1 << BITS) - 1))
    }

    /// The nearest one; 0 of NaN.
    #[inline]
    pub(crate) fn nearest(value: f64) -> SmallInt<BITS, SIGNED> {
        let (min, max) = Self::RANGE;
        SmallInt::wrapping(value.clamp(min.into(), max.into()) as i8)
    }

    /// Its value.
    #[inline]
    pub(crate) fn value(self) -> i8 {
        let at_top = self.0 << (8 - BITS);
        if SIGNED {
            at_top as i8 >> (8 - BITS)
        } else {
            (at_top >> (8 - BITS)) as i8
        }
    }
}

/// `with_small_int!(number, T => expression)` is `Some` of the expression, in which `T` is the [`SmallInt`] of a number of
/// ml_dtypes; `None` for other numbers.
macro_rules! with_small_int {
    ($number:expr, $T:ident => $body:expr) => {
        $crate::scalar::with_small_int!($number, $T => $body;
            I1 = 1, true; I2 = 2, true; I4 = 4, true; U1 = 1, false; U2 = 2, false; U4 = 4, false;)
    };
    ($number:expr, $T:ident => $body:expr; $($name:ident = $bits:literal, $signed:literal;)*) => {
        match $number {
            $(dtype::Number::$name => Some({
                type $T = $crate::scalar::SmallInt<$bits, $signed>;
                $body
            }),)*
            _ => None,
        }
    };
}

pub(crate) use with_small_int;

/// Writes an integer into the bytes of an item; `None` if the number does not hold it.
///
/// ```
/// use flatfile::{dtype::{ByteOrder, Number}, parse::put_int};
///
/// let mut item = [0; 2];
/// assert_eq!(put_int(-2, Number::I16, ByteOrder::Big, &mut item), Some(()));
/// assert_eq!(item, [0xff, 0xfe]);
/// assert_eq!(put_int(1 << 15, Number::I16, ByteOrder::Big, &mut item), None);
/// ```
pub fn put_int(value: i128, number: Number, order: ByteOrder, item: &mut [u8]) -> Option<()> {
    let mut bytes = int_le_bytes(value, number)?;
    let bytes = bytes.get_mut(..number.size())?;
    if order == ByteOrder::Big {
        bytes.reverse();
    }
    item.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(())
}

/// The bytes of an integer in little-endian order, from the first on, if the number holds it.
fn int_le_bytes(value: i128, number: Number) -> Option<[u8; 16]> {
    let bits = number.info().bits;
    let range = match number.class() {
        NumberClass::Unsigned => 0..1 << bits,
        _ => -(1i128 << (bits - 1))..1 << (bits - 1),
    };
    let mask = (1i128 << bits) - 1;
    range.contains(&value).then(|| (value & mask).to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::with_foreign;
    use std::cmp::Ordering;

    type ToF64 = fn(u8) -> f64;
    type FromF64 = fn(f64) -> u8;

    /// Each format with its conversions.
    fn each(check: impl Fn(Number, FloatFormat, ToF64, FromF64)) {
        for number in Number::ALL
            .iter()
            .copied()
            .filter(|number| number.size() == 1)
        {
            if let Some(format) = number.info().float {
                let conversions: Option<(ToF64, FromF64)> = with_foreign!(number, T, N => (
                    (|bits| <T as ForeignFloat<N>>::to_f64([bits; N])) as ToF64,
                    (|value| <T as ForeignFloat<N>>::from_f64(value)[0]) as FromF64,
                ));
                let (to, from) = conversions.unwrap();
                check(number, format, to, from);
            }
        }
    }

    #[test]
    fn every_value_there_and_back() {
        each(|number, format, to, from| {
            let used = u8::MAX >> (8 - number.info().bits);
            for bits in 0..=u8::MAX {
                let value = to(bits);
                assert_eq!(value.to_bits(), small_value(format, bits).to_bits());
                if bits > used {
                    assert_eq!(-value.abs(), value);
                    assert_eq!(value.abs(), to(bits & used).abs(), "{number} {bits:02x}");
                    continue;
                }
                if value.is_nan() {
                    assert!(to(from(value)).is_nan(), "{number} {bits:02x}");
                } else {
                    assert_eq!(from(value), bits, "{number} {bits:02x}");
                }
            }
        });
    }

    #[test]
    fn between_two_numbers_the_nearer_one_or_the_even_one() {
        each(|number, format, to, from| {
            if !format.is_signed {
                return;
            }
            let finite = (0..=u8::MAX).filter(|bits| to(*bits).is_finite());
            let mut all: Vec<(f64, u8)> = finite
                .filter(|bits| bits & (u8::MAX >> (8 - number.info().bits)) == *bits)
                .map(|bits| (to(bits), bits))
                .collect();
            all.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(Ordering::Equal));
            for pair in all.windows(2) {
                let [(low, low_bits), (high, high_bits)] = *pair else {
                    continue;
                };
                if low == high {
                    continue;
                }
                let middle = (low + high) / 2.0;
                let even = if low_bits % 2 == 0 { low } else { high };
                assert_eq!(to(from(middle)), even, "{number} {low_bits:02x}");
                assert_eq!(to(from(middle.next_down())), low, "{number} {low_bits:02x}");
                assert_eq!(to(from(middle.next_up())), high, "{number} {high_bits:02x}");
            }
        });
    }

    #[test]
    fn powers_of_two() {
        for (value, bits) in [
            (1.0, 127),
            (1.5, 128),
            (1.5f64.next_down(), 127),
            (3.0, 129),
            (2f64.powi(-127), 0),
            (1.25 * 2f64.powi(-127), 1),
            (2f64.powi(-149), 0),
            (2f64.powi(127), 254),
            (1e60, 255),
            (1e-60, 255),
            (0.0, 255),
            (-1.0, 255),
            (f64::INFINITY, 255),
            (f64::NAN, 255),
        ] {
            assert_eq!(encode_power_of_two(value), bits, "{value}");
        }
    }

    #[test]
    fn integers() {
        type Int4 = SmallInt<4, true>;
        assert_eq!(Int4::RANGE, (-8, 7));
        assert_eq!(SmallInt::<1, true>::RANGE, (-1, 0));
        assert_eq!(SmallInt::<4, false>::RANGE, (0, 15));
        let values: Vec<i8> = [0, 7, 8, 15, 0x1f]
            .map(|bits| Int4::value(SmallInt(bits)))
            .into();
        assert_eq!(values, [0, 7, -8, -1, -1]);
        assert_eq!(Int4::wrapping(-9).0, 7);
        assert_eq!(Int4::nearest(-9.5).value(), -8);
        assert_eq!(Int4::nearest(f64::NAN).value(), 0);
        assert_eq!(SmallInt::<4, false>(0x3f).value(), 15);
        assert_eq!(int_le_bytes(-1, Number::I4).map(|bytes| bytes[0]), Some(15));
        assert_eq!(int_le_bytes(8, Number::I4), None);
        assert_eq!(int_le_bytes(16, Number::U4), None);
    }
}
