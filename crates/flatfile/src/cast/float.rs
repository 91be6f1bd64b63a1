//! The floats that Rust does not have: `f16`, `bfloat16`, and the 80 bits of the x87.

/// The value of an IEEE half.
pub(crate) fn from_half(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff) << 13;
    // The exponent's bias is 112 less; a multiplication normalises subnormal numbers, too.
    let finite = f32::from_bits(magnitude) * f32::from_bits((127 + 112) << 23);
    let special = f32::from_bits(magnitude | 0x7f80_0000);
    let magnitude = if bits & 0x7c00 == 0x7c00 {
        special
    } else {
        finite
    };
    f32::from_bits(magnitude.to_bits() | u32::from(bits & 0x8000) << 16)
}

/// The nearest IEEE half, of two the even one.
pub(crate) fn to_half(value: f64) -> u16 {
    let value = to_odd(value);
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let half = match magnitude {
        0x7f80_0001.. => 0x7c00 | (magnitude >> 13 & 0x3ff).max(1),
        0x4780_0000.. => 0x7c00,
        0x3880_0000.. => (magnitude - (112 << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13,
        // Beside 0.5, the last bit of a float32 is the last one of a subnormal half.
        _ => (f32::from_bits(magnitude) + 0.5).to_bits() - 0.5f32.to_bits(),
    };
    half as u16 | (bits >> 16) as u16 & 0x8000
}

/// The nearest `bfloat16`, of two the even one.
pub(super) fn to_bfloat(value: f64) -> u16 {
    let value = to_odd(value);
    let bits = value.to_bits();
    match value.is_nan() {
        true => (bits >> 16) as u16 | 0x40,
        false => ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16,
    }
}

/// `value` as `f32`, with an odd last bit where it is not exact: rounded again to fewer bits, it is as if
/// it had been rounded once.
fn to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let back = f64::from(nearest);
    if back == value || value.is_nan() {
        return nearest;
    }
    let too_large = back.abs() > value.abs();
    f32::from_bits((nearest.to_bits() - u32::from(too_large)) | 1)
}

/// The nearest `f64` to a number of the x87 in native byte order, of two the even one.
pub(crate) fn from_x87(bytes: &[u8]) -> f64 {
    let (mantissa, sign_exponent) = x87_parts(bytes);
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
    // The leading 1 of what is kept, where it is there, adds one to the exponent.
    let magnitude = (((field - 1).max(0) as u64) << 52) + kept + u64::from(up);
    f64::from_bits(sign | magnitude)
}

/// The number of the x87 with the value of an `f64`, in native byte order.
pub(super) fn to_x87<const N: usize>(value: f64) -> [u8; N] {
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
    let high = (exponent | bits >> 63 << 15) as u16;
    let mut bytes = [0; N];
    let places = bytes.iter_mut();
    let number = mantissa.to_le_bytes().into_iter().chain(high.to_le_bytes());
    match cfg!(target_endian = "little") {
        true => places.zip(number).for_each(|(place, byte)| *place = byte),
        false => places
            .rev()
            .zip(number)
            .for_each(|(place, byte)| *place = byte),
    }
    bytes
}

/// The mantissa, and the sign with the exponent.
fn x87_parts(bytes: &[u8]) -> (u64, u16) {
    let digit = |value: u128, byte: &u8| value << 8 | u128::from(*byte);
    let bits = match cfg!(target_endian = "little") {
        true => bytes.iter().rev().fold(0, digit),
        false => bytes.iter().fold(0, digit),
    };
    (bits as u64, (bits >> 64) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_half_there_and_back() {
        for bits in 0..=u16::MAX {
            let value = from_half(bits);
            let expected = half::f16::from_bits(bits);
            assert_eq!(value.is_nan(), expected.is_nan());
            if !value.is_nan() {
                assert_eq!(value.to_bits(), expected.to_f32().to_bits());
            }
            assert_eq!(to_half(f64::from(value)) & !0x200, bits & !0x200);
        }
    }

    proptest! {
        #[test]
        fn floats_are_rounded_once(bits: u16, next in -2..=2i64, sign: bool) {
            let sign_bit = u16::from(sign) << 15;
            let bfloat = |bits: u16| f64::from(f32::from_bits(u32::from(bits) << 16));
            let half = |bits: u16| f64::from(from_half(bits));
            let half_bits = bits % 0x7c00;
            let bfloat_bits = bits % 0x7f80;
            for (bits, low, high, round) in [
                (half_bits, half(half_bits), half(half_bits + 1).min(65536.0), to_half as fn(f64) -> u16),
                (bfloat_bits, bfloat(bfloat_bits), bfloat(bfloat_bits + 1).min(2f64.powi(128)), to_bfloat),
            ] {
                // Right between two of them, and the f64 beside.
                let between = ((low + high) / 2.0).to_bits() as i64 + next;
                let value = f64::from_bits(between as u64) * if sign { -1.0 } else { 1.0 };
                let up = next > 0 || (next == 0 && bits % 2 == 1);
                prop_assert_eq!(round(value), sign_bit | (bits + u16::from(up)));
            }
        }

        #[test]
        fn x87_there_and_back(bits: u64) {
            for bits in [bits, bits >> 12, bits & 0x800f_ffff_ffff_ffff] {
                let value = f64::from_bits(bits);
                let back = from_x87(&to_x87::<16>(value));
                prop_assert!(back.to_bits() == bits || (value.is_nan() && back.is_nan()));
            }
        }
    }

    #[test]
    fn x87_is_rounded_to_the_nearest() {
        let number = |sign_exponent: u16, mantissa: u64| {
            let bits = u128::from(sign_exponent) << 64 | u128::from(mantissa);
            from_x87(&bits.to_ne_bytes())
        };
        let one = 1 << 63;
        assert_eq!(number(0x3fff, one), 1.0);
        // Half way to the next float64, and a little more; the next even one.
        assert_eq!(number(0x3fff, one | 1 << 10), 1.0);
        assert_eq!(number(0x3fff, one | ((1 << 10) + 1)), 1.0 + f64::EPSILON);
        assert_eq!(number(0x3fff, one | 3 << 10), 1.0 + 2.0 * f64::EPSILON);
        assert_eq!(number(0x43fe, u64::MAX), f64::INFINITY);
        // Far beyond, with the same low bits in the exponent as a number has.
        for exponent in 0x43ff..0x7fff {
            assert_eq!(number(exponent, one), f64::INFINITY);
            assert_eq!(number(0x8000 | exponent, u64::MAX), f64::NEG_INFINITY);
        }
        // Half of the least float64, a little more, and far less.
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
