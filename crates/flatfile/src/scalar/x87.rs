//! The 80-bit floats of the x87: their bits, conversion to `f64`, and from decimal numbers, always rounded once.

use super::big::Natural;
use super::bits::bits;
use super::digits::parse_exponent;
use dtype::ByteOrder;
use num_bigint::BigUint;
use std::cmp::Ordering;

/// A float of the x87.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct X87 {
    /// The sign, and the biased exponent.
    sign_exponent: u16,
    /// The integer bit, and the fraction.
    mantissa: u64,
}

/// The biased exponent of values that are not finite.
const MAX_EXPONENT: u16 = 0x7fff;

/// The power of two of the least mantissa.
const LEAST_POWER: i32 = -16_445;

impl X87 {
    pub(crate) const ZERO: X87 = X87 {
        sign_exponent: 0,
        mantissa: 0,
    };

    /// The number in an item's bits, whatever its padding.
    pub(crate) fn from_bits(bits: u128) -> X87 {
        X87 {
            sign_exponent: (bits >> 64) as u16,
            mantissa: bits as u64,
        }
    }

    /// Its 80 bits, with zeros as padding.
    pub(crate) fn to_bits(self) -> u128 {
        u128::from(self.sign_exponent) << 64 | u128::from(self.mantissa)
    }

    /// The number in a native item.
    #[inline]
    pub(crate) fn from_ne_bytes<const N: usize>(bytes: [u8; N]) -> X87 {
        X87::from_bits(bits(&bytes, ByteOrder::NATIVE))
    }

    /// A native item with zero padding.
    #[inline]
    pub(crate) fn to_ne_bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        let number = self.to_bits().to_le_bytes();
        bytes
            .iter_mut()
            .zip(number)
            .for_each(|(place, byte)| *place = byte);
        if cfg!(target_endian = "big") {
            bytes.reverse();
        }
        bytes
    }

    /// NaN or infinity.
    pub(crate) fn not_finite(is_nan: bool) -> X87 {
        let mantissa = if is_nan { 3 << 62 } else { 1 << 63 };
        X87 {
            sign_exponent: MAX_EXPONENT,
            mantissa,
        }
    }

    /// An integer of at most 64 bits and a sign, exactly.
    pub(crate) fn from_integer(value: i128) -> X87 {
        let magnitude = value.unsigned_abs() as u64;
        if magnitude == 0 {
            return X87::ZERO;
        }
        let shift = magnitude.leading_zeros();
        let bias = MAX_EXPONENT / 2;
        let number = X87 {
            sign_exponent: bias + 63 - shift as u16,
            mantissa: magnitude << shift,
        };
        number.with_sign(value < 0)
    }

    pub(crate) fn is_nan(self) -> bool {
        self.sign_exponent & MAX_EXPONENT == MAX_EXPONENT && self.mantissa << 1 != 0
    }

    /// Whether it is the same number: NaN is none, and the zeros are one.
    pub(crate) fn equals(self, other: X87) -> bool {
        let is_zero =
            |number: X87| number.sign_exponent & MAX_EXPONENT == 0 && number.mantissa == 0;
        !self.is_nan() && self == other || is_zero(self) && is_zero(other)
    }

    pub(crate) fn is_infinite(self) -> bool {
        self == X87::not_finite(false)
    }

    pub(crate) fn with_sign(mut self, negative: bool) -> X87 {
        self.sign_exponent |= u16::from(negative) << 15;
        self
    }

    /// The nearest `f64`, ties to even.
    pub(crate) fn to_f64(self) -> f64 {
        let X87 {
            sign_exponent,
            mantissa,
        } = self;
        let sign = u64::from(sign_exponent >> 15) << 63;
        let exponent = i32::from(sign_exponent & 0x7fff);
        let infinity = f64::INFINITY.to_bits();
        let is_number = exponent == 0 || mantissa >> 63 == 1;
        if exponent == 0x7fff || !is_number {
            let is_infinite = is_number && mantissa << 1 == 0;
            let quiet = if is_infinite { 0 } else { 1 << 51 };
            return f64::from_bits(sign | infinity | quiet | (mantissa << 1) >> 12);
        }
        if mantissa == 0 {
            return f64::from_bits(sign);
        }
        let zeros = mantissa.leading_zeros();
        let mantissa = u128::from(mantissa << zeros);
        // The exponent field of the result, if it were as long as needed.
        let field = exponent.max(1) - 16383 - zeros as i32 + 1023;
        if field > 2046 {
            return f64::from_bits(sign | infinity);
        }
        let dropped = (11 + (1 - field).max(0)).min(66);
        let kept = (mantissa >> dropped) as u64;
        let rest = mantissa & ((1 << dropped) - 1);
        let half = 1 << (dropped - 1);
        let up = rest > half || (rest == half && kept % 2 == 1);
        // The leading 1 of the bits that are kept, if there is one, adds one to the exponent.
        let magnitude = (((field - 1).max(0) as u64) << 52) + kept + u64::from(up);
        f64::from_bits(sign | magnitude)
    }

    /// The number with the value of an `f64`.
    pub(crate) fn from_f64(value: f64) -> X87 {
        let bits = value.to_bits();
        let (field, fraction) = (bits >> 52 & 0x7ff, bits << 12 >> 1);
        let (exponent, mantissa) = match field {
            0x7ff if fraction == 0 => (0x7fff, 1 << 63),
            0x7ff => (0x7fff, fraction | 3 << 62),
            0 if fraction == 0 => (0, 0),
            0 => {
                let zeros = fraction.leading_zeros();
                (16383 - 1022 - u64::from(zeros), fraction << zeros)
            }
            _ => (field + 16383 - 1023, fraction | 1 << 63),
        };
        let sign_exponent = (exponent | bits >> 63 << 15) as u16;
        X87 {
            sign_exponent,
            mantissa,
        }
    }
}

impl From<u8> for X87 {
    fn from(small: u8) -> X87 {
        X87::from_f64(small.into())
    }
}

/// More digits than this decide nothing except whether something follows: none of these floats, and no middle of
/// two, has more.
const MAX_DIGITS: usize = 11_600;

/// The number at the beginning of `text`, which has no sign, and its length in bytes; one that is too large is
/// infinite. `None` if there is no digit.
pub(crate) fn parse_long_double(text: &[u8]) -> Option<(X87, usize)> {
    let mut digits = Vec::new();
    let (mut count, mut power, mut point) = (0usize, 0i64, false);
    let (mut length, mut is_cut) = (0, false);
    for byte in text {
        match byte {
            b'.' if !point => point = true,
            b'0'..=b'9' => {
                count += 1;
                power -= i64::from(point);
                match digits.len() {
                    0 if *byte == b'0' => {}
                    ..MAX_DIGITS => digits.push(*byte),
                    _ => {
                        power += 1;
                        is_cut |= *byte != b'0';
                    }
                }
            }
            _ => break,
        }
        length += 1;
    }
    if count == 0 {
        return None;
    }
    let (exponent, more) = parse_exponent(text.get(length..).unwrap_or_default());
    length += more;
    if digits.is_empty() {
        return Some((X87::ZERO, length));
    }
    if is_cut {
        digits.push(b'1');
        power -= 1;
    }
    let power = power.saturating_add(exponent);
    // One more than the power of the first digit.
    let value = match power.saturating_add(digits.len() as i64) {
        4_940.. => X87::not_finite(false),
        ..-4_960 => X87::ZERO,
        _ => nearest_x87(BigUint::from_digits(&digits), power as i32),
    };
    Some((value, length))
}

/// The float nearest to `value × 10^power`, ties to even.
fn nearest_x87(mut value: BigUint, power: i32) -> X87 {
    let mut unit = BigUint::from(1u8);
    let side = if power < 0 { &mut unit } else { &mut value };
    side.times_ten(power.unsigned_abs());
    // value / unit is a mantissa of 64 or 65 bits, times two to this power.
    let mut two = (value.bits() as i32 - unit.bits() as i32 - 64).max(LEAST_POWER);
    let side = if two < 0 { &mut value } else { &mut unit };
    *side <<= two.unsigned_abs();
    let quotient = &value / &unit;
    let rest = value - &quotient * &unit;
    let mut mantissa = u128::try_from(quotient).unwrap_or_default();
    let is_exact = rest == BigUint::ZERO;
    // How the remainder compares with a half.
    let mut rest = (rest << 1u8).cmp(&unit);
    if mantissa >> 64 == 1 {
        rest = match (mantissa & 1, is_exact) {
            (0, _) => Ordering::Less,
            (_, true) => Ordering::Equal,
            _ => Ordering::Greater,
        };
        mantissa >>= 1;
        two += 1;
    }
    if rest.is_gt() || rest.is_eq() && mantissa & 1 == 1 {
        mantissa += 1;
    }
    if mantissa >> 64 == 1 {
        mantissa >>= 1;
        two += 1;
    }
    let mantissa = mantissa as u64;
    let exponent = match mantissa >> 63 {
        0 => 0,
        _ => two - LEAST_POWER + 1,
    };
    match u16::try_from(exponent) {
        Ok(sign_exponent @ ..MAX_EXPONENT) => X87 {
            sign_exponent,
            mantissa,
        },
        _ => X87::not_finite(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (u16, u64) {
        let (value, length) = parse_long_double(text.as_bytes()).unwrap();
        assert_eq!(length, text.len());
        (value.sign_exponent, value.mantissa)
    }

    #[test]
    fn the_extremes() {
        let one = 1 << 63;
        for (text, sign_exponent, mantissa) in [
            ("0", 0, 0),
            ("1", 0x3fff, one),
            ("2.", 0x4000, one),
            ("0.1", 0x3ffb, 0xcccc_cccc_cccc_cccd),
            ("1e4000", 0x73e6, 0xd1ba_8323_fe55_8c61),
            ("1.18973149535723176502e4932", 0x7ffe, u64::MAX),
            ("1.18973149535723176509e4932", 0x7fff, one),
            ("1e999999999999999999", 0x7fff, one),
            ("3.3621031431120935063e-4932", 1, one),
            ("3.6e-4951", 0, 1),
            ("1.8e-4951", 0, 0),
            ("1.9e-4951", 0, 1),
            ("1e-99999999999999999999", 0, 0),
            // Half way to the next one, and slightly more, with digits that decide nothing in between.
            ("9223372036854775808.5", 0x403e, one),
            ("9223372036854775809.5", 0x403e, one + 2),
            ("18446744073709551615.5", 0x403f, one),
        ] {
            assert_eq!(read(text), (sign_exponent, mantissa), "{text}");
        }
        let more = format!("9223372036854775808.5{}1", "0".repeat(20_000));
        assert_eq!(read(&more), (0x403e, one + 1));
    }

    proptest! {
        #[test]
        fn x87_there_and_back(bits: u64) {
            for bits in [bits, bits >> 12, bits & 0x800f_ffff_ffff_ffff] {
                let value = f64::from_bits(bits);
                let back = X87::from_ne_bytes(X87::from_f64(value).to_ne_bytes::<16>()).to_f64();
                prop_assert!(back.to_bits() == bits || (value.is_nan() && back.is_nan()));
            }
        }
    }

    #[test]
    fn x87_is_rounded_to_the_nearest() {
        let number = |sign_exponent: u16, mantissa: u64| {
            let bits = u128::from(sign_exponent) << 64 | u128::from(mantissa);
            X87::from_bits(bits).to_f64()
        };
        let one = 1 << 63;
        assert_eq!(number(0x3fff, one), 1.0);
        // Half way to the next float64, and slightly more; the next even one.
        assert_eq!(number(0x3fff, one | 1 << 10), 1.0);
        assert_eq!(number(0x3fff, one | ((1 << 10) + 1)), 1.0 + f64::EPSILON);
        assert_eq!(number(0x3fff, one | 3 << 10), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(number(0x43fe, u64::MAX), f64::INFINITY);
        // Far beyond, with the same low bits in the exponent as a number has.
        for exponent in 0x43ff..0x7fff {
            assert_eq!(number(exponent, one), f64::INFINITY);
            assert_eq!(number(0x8000 | exponent, u64::MAX), f64::NEG_INFINITY);
        }
        // Half of the least float64, slightly more, and far less.
        let least = f64::from_bits(1);
        assert_eq!(number(0x3fff - 1075, one), 0.0);
        assert_eq!(number(0x3fff - 1075, one + 1), least);
        assert_eq!(number(0x3fff - 1074, one), least);
        assert_eq!(
            number(0xbfff - 1076, u64::MAX).to_bits(),
            (-0.0f64).to_bits()
        );
        assert_eq!(number(0, 1), 0.0);
        assert!(number(0x7fff, one | 1).is_nan());
        assert_eq!(number(0xffff, one), f64::NEG_INFINITY);
        assert!(number(0x3fff, 1).is_nan());
    }
}
