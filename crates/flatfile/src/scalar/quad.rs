//! From IEEE quads (binary128) to the 80-bit numbers of the x87.
//!
//! Both have 15 bits of exponent with the same bias, so only the fraction is rounded: 112 bits become 63 after an
//! integer bit that is stored.

use super::x87::X87;

/// Bits of a quad's fraction that an x87 number does not have.
const LOST_BITS: u32 = 112 - 63;

/// The bits of the x87 number nearest to a quad, ties to even.
pub(crate) fn to_x87(quad: u128) -> u128 {
    let (number, rest) = truncate(quad);
    let half = 1 << (LOST_BITS - 1);
    if rest > half || (rest == half && number & 1 == 1) {
        return next_magnitude(number);
    }
    number
}

/// The same with an odd last bit if it is not exact: rounded again to fewer bits, the result is as if the quad had
/// been rounded once.
pub(crate) fn to_x87_odd(quad: u128) -> u128 {
    let (number, rest) = truncate(quad);
    number | u128::from(rest != 0)
}

/// The nearest `f64`.
pub(crate) fn to_f64(quad: u128) -> f64 {
    X87::from_bits(to_x87_odd(quad)).to_f64()
}

/// The number rounded towards 0, and the bits that are cut off.
fn truncate(quad: u128) -> (u128, u64) {
    let sign_exponent = quad >> 112;
    let fraction = (quad >> LOST_BITS) as u64 & (u64::MAX >> 1);
    let rest = quad as u64 & ((1 << LOST_BITS) - 1);
    let with_sign_exponent = |mantissa: u64| sign_exponent << 64 | u128::from(mantissa);
    match sign_exponent as u16 & 0x7fff {
        // NaN stays quiet and keeps the upper bits of its payload; there is nothing to round.
        0x7fff if fraction != 0 || rest != 0 => (with_sign_exponent(fraction | 3 << 62), 0),
        // A subnormal quad has no integer bit, and neither has a subnormal x87 number.
        0 => (with_sign_exponent(fraction), rest),
        _ => (with_sign_exponent(fraction | 1 << 63), rest),
    }
}

/// The next number in magnitude: after the greatest mantissa the least one of the next exponent, which is finally
/// infinity.
fn next_magnitude(number: u128) -> u128 {
    let (sign_exponent, mantissa) = (number >> 64, number as u64);
    let (mantissa, carry) = mantissa.overflowing_add(1);
    // The least normal number follows the greatest subnormal one.
    let is_carried = carry || (mantissa == 1 << 63 && sign_exponent & 0x7fff == 0);
    (sign_exponent + u128::from(is_carried)) << 64
        | u128::from(mantissa | u64::from(is_carried) << 63)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The exact value of a finite quad, as an integer times 2^-16494.
    fn exponent_and_integer(quad: u128) -> (u32, u128) {
        let exponent = (quad >> 112) as u32 & 0x7fff;
        let fraction = quad & ((1 << 112) - 1);
        match exponent {
            0 => (0, fraction),
            exponent => (exponent - 1, fraction | 1 << 112),
        }
    }

    /// The same for an x87 number, whose last bit counts 2^49 of the quad's.
    fn of_x87(bits: u128) -> (u32, u128) {
        let exponent = (bits >> 64) as u32 & 0x7fff;
        (exponent.max(1) - 1, u128::from(bits as u64) << LOST_BITS)
    }

    #[test]
    fn well_known_quads() {
        let one = 1u128 << 63;
        for (quad, x87) in [
            (0, 0),
            (1 << 127, 0x8000 << 64),
            (0x3fff << 112, 0x3fff << 64 | one),
            (0xc000_8000 << 96, 0xc000 << 64 | 3 << 62),
            (0x7fff << 112, 0x7fff << 64 | one),
            (0xffff << 112, 0xffff << 64 | one),
            (0x7fff_8000 << 96, 0x7fff << 64 | 3 << 62),
            // A NaN with a payload that is too small for the x87, and a signaling one.
            (0x7fff << 112 | 1, 0x7fff << 64 | 3 << 62),
            (0x7fff_4000 << 96, 0x7fff << 64 | 7 << 61),
            // 0.1 in 113 bits and in 64, and pi.
            (
                0x3ffb_9999_9999_9999_9999_9999_9999_999a,
                0x3ffb_cccc_cccc_cccc_cccd,
            ),
            (
                0x4000_921f_b544_42d1_8469_898c_c517_01b8,
                0x4000_c90f_daa2_2168_c235,
            ),
            // The greatest one is infinite to the x87.
            (0x7ffe << 112 | ((1 << 112) - 1), 0x7fff << 64 | one),
            // The least, the greatest subnormal, the least normal one.
            (1, 0),
            (1 << 48, 0),
            ((1 << 48) + 1, 1),
            (3 << 48, 2),
            ((1 << 112) - 1, 1 << 64 | one),
            (1 << 112, 1 << 64 | one),
            // Half way: to the even one, down and up.
            (0x3fff << 112 | 1 << 48, 0x3fff << 64 | one),
            (0x3fff << 112 | 3 << 48, 0x3fff << 64 | one | 2),
        ] {
            assert_eq!(to_x87(quad), x87, "{quad:032x}: {:020x}", to_x87(quad));
        }
        assert_eq!(to_f64(0x3ffb_9999_9999_9999_9999_9999_9999_999a), 0.1);
        // Just above the middle of two f64, by less than an x87 number can represent.
        assert_eq!(to_f64(0x3fff << 112 | 1 << 59 | 1), 1.0 + f64::EPSILON);
        assert_eq!(to_f64(0x3fff << 112 | 1 << 59), 1.0);
    }

    proptest! {
        #[test]
        fn the_nearest_and_of_two_the_even_one(bits: u128, ones in 0..113u32, tie: bool, small: bool) {
            let ones = (1u128 << ones) - 1;
            let quad = if small { bits & (0x8001 << 112 | ((1 << 112) - 1)) } else { bits | ones };
            let quad = if tie { quad >> LOST_BITS << LOST_BITS | 1 << (LOST_BITS - 1) } else { quad };
            let x87 = to_x87(quad);
            prop_assert_eq!(x87 >> 79 & 1, quad >> 127, "the sign");
            let infinity = 0x7fff << 64 | 1 << 63;
            if quad >> 112 & 0x7fff == 0x7fff {
                let is_nan = quad & ((1 << 112) - 1) != 0;
                prop_assert_eq!(x87 >> 64 & 0x7fff, 0x7fff);
                prop_assert_eq!(is_nan, x87 & (u128::MAX >> 49) != infinity & (u128::MAX >> 49));
                return Ok(());
            }
            let ((shift, exact), (x87_shift, rounded)) = (exponent_and_integer(quad), of_x87(x87));
            // Either of the same binade, or of the next one after a carry.
            prop_assert!(x87_shift == shift || x87_shift == shift + 1);
            let rounded = rounded << (x87_shift - shift);
            let (distance, half) = (rounded.abs_diff(exact), 1 << (LOST_BITS - 1));
            prop_assert!(distance <= half);
            prop_assert!(distance < half || x87 & 1 == 0 );
            // And it is an x87 number.
            prop_assert_eq!(x87 >> 64 & 0x7fff != 0, x87 >> 63 & 1 == 1);
            // Towards 0, and odd if that is not exact.
            let odd = to_x87_odd(quad);
            prop_assert_eq!(odd & !1, x87_floor(exact, shift, quad) & !1);
            prop_assert_eq!(odd & 1, u128::from(exact >> LOST_BITS & 1 == 1 || exact & ((1 << LOST_BITS) - 1) != 0));
        }

        #[test]
        fn numbers_of_the_x87_as_quads_and_back(mantissa: u64, exponent in 0..0x7fffu16, sign: bool) {
            let mantissa = if exponent == 0 { mantissa >> 1 } else { mantissa | 1 << 63 };
            let sign_exponent = u128::from(exponent) | u128::from(sign) << 15;
            let quad = sign_exponent << 112 | u128::from(mantissa << 1) << (LOST_BITS - 1);
            prop_assert_eq!(to_x87(quad), sign_exponent << 64 | u128::from(mantissa));
            prop_assert_eq!(to_x87_odd(quad), to_x87(quad));
            let x87 = X87::from_bits(to_x87(quad)).to_f64();
            prop_assert_eq!(to_f64(quad).to_bits(), x87.to_bits());
        }

        /// An f64 has fewer bits, so a round trip is exact.
        #[test]
        fn floats_as_quads(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_normal());
            let sign = u128::from(bits >> 63) << 127;
            let exponent = u128::from((bits >> 52 & 0x7ff) + 16383 - 1023) << 112;
            let quad = sign | exponent | u128::from(bits << 12) << 48;
            prop_assert_eq!(to_f64(quad).to_bits(), bits);
        }
    }

    fn x87_floor(exact: u128, shift: u32, quad: u128) -> u128 {
        let exponent = if exact >> 112 == 0 { 0 } else { shift + 1 };
        (u128::from(exponent) | quad >> 127 << 15) << 64 | exact >> LOST_BITS
    }
}
