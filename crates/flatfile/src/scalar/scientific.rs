//! Decimals in the notation that `savetxt` has unless it is told another, `%.18e`: one digit before the point, 18 after
//! it, and an exponent of two digits.

use super::digits::{digit_values, eight_digits, non_digit_mask};
use super::powers::{binary_exponent, leading_bits};

/// The number at the beginning of `text`, which has no sign, and its length in bytes; `None` if it is spelled in another
/// way, or difficult.
///
/// Its places are known, so nothing is searched, and signs of exponents, which are hard to predict, are not branched on.
#[inline(always)]
pub(super) fn parse_scientific(text: &[u8]) -> Option<(f64, usize)> {
    let (number, rest) = text.split_first_chunk::<24>()?;
    let [whole, b'.', fraction @ .., b'e', sign, tens, ones] = number else {
        return None;
    };
    let ([first, second], [last_but_one, last]) = fraction.as_chunks() else {
        return None;
    };
    let [first, second] = [first, second].map(|digits| digit_values(*digits));
    let others = digit_values([*whole, *last_but_one, *last, *tens, *ones, b'0', b'0', b'0']);
    let minus = -i32::from(*sign == b'-');
    let is_plus = i32::from(*sign == b'+');
    let are_digits = non_digit_mask(first) | non_digit_mask(second) | non_digit_mask(others) == 0;
    let is_over = !rest.first().is_some_and(u8::is_ascii_digit);
    if !(are_digits && is_over && is_plus - minus == 1) {
        return None;
    }
    let digit = |byte: &u8| u64::from(byte & 15);
    let significand = digit(whole) * 10_000_000_000_000_000
        + eight_digits(first) * 100_000_000
        + eight_digits(second);
    let significand = significand * 100 + digit(last_but_one) * 10 + digit(last);
    let exponent = (digit(tens) * 10 + digit(ones)) as i32;
    let exponent = (exponent ^ minus) - minus;
    Some((nearest(significand, exponent - 18)?, number.len()))
}

/// The float nearest to `significand × 10^power`, ties to even, if it is normal; `None` for other numbers.
///
/// Source: D. Lemire, "Number Parsing at a Gigabyte per Second", 2021, and N. Mushtak and D. Lemire, "Fast Number Parsing
/// Without Fallback", 2023: 128 bits of the power decide.
#[inline(always)]
fn nearest(significand: u64, power: i32) -> Option<f64> {
    /// Bits of the product after the significand of a float and one for rounding.
    const MORE_BITS: u32 = 9;
    if significand == 0 {
        return Some(0.0);
    }
    let bits = leading_bits(power)?;
    let zeros = significand.leading_zeros();
    let normalized = u128::from(significand << zeros);
    let mut product = normalized * (bits >> 64);
    // The upper half of the power decides, unless what it lacks may carry as far as the bits that are kept.
    const ONES: u64 = (1 << MORE_BITS) - 1;
    if (product >> 64) as u64 & ONES == ONES {
        product += (normalized * u128::from(bits as u64)) >> 64;
    }
    let (high, low) = ((product >> 64) as u64, product as u64);
    let carry = (high >> 63) as u32;
    let shift = MORE_BITS + carry;
    // 54 bits, the last one to be rounded.
    let mut kept = high >> shift;
    let exponent = binary_exponent(power) + 63 - zeros as i32 + carry as i32 + 1023;
    if !(1..2046).contains(&exponent) {
        return None;
    }
    // Only with these powers can a number be the middle of two floats; it goes to the even one.
    if low <= 1 && (-4..=23).contains(&power) && kept & 3 == 1 && kept << shift == high {
        kept -= 1;
    }
    let rounded = (kept + (kept & 1)) >> 1;
    // The leading 1 adds one to the exponent, and so does a carry.
    Some(f64::from_bits(((exponent as u64 - 1) << 52) + rounded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_read(text: &str) {
        let expected: f64 = text.parse().unwrap();
        for end in ["", ",", " ", "\n", "e", ".", "j"] {
            let whole = format!("{text}{end}");
            let (value, length) = parse_scientific(whole.as_bytes()).unwrap();
            assert_eq!(value.to_bits(), expected.to_bits(), "{whole}");
            assert_eq!(length, text.len(), "{whole}");
        }
    }

    /// As `%.18e`.
    fn printed(value: f64) -> String {
        let text = format!("{value:.18e}");
        let (digits, exponent) = text.split_once('e').unwrap();
        format!("{digits}e{:+03}", exponent.parse::<i32>().unwrap())
    }

    #[test]
    fn the_difficult_ones() {
        for value in crate::scalar::difficult() {
            let text = printed(value);
            match text.len() {
                24 => is_read(&text),
                _ => assert!(parse_scientific(text.as_bytes()).is_none(), "{text}"),
            }
        }
        // The middle of two floats, and its neighbours.
        for text in [
            "9.007199254740993000e+15",
            "9.007199254740992999e+15",
            "9.007199254740993001e+15",
            "9.007199254740995000e+15",
            "1.000000000000000111e+00",
            "9.999999999999999999e+99",
            "9.999999999999999999e-99",
            "0.000000000000000001e-99",
            "0.000000000000000000e-00",
        ] {
            is_read(text);
        }
    }

    #[test]
    fn another_spelling() {
        let text = "1.234567890123456789e+01";
        is_read(text);
        for at in 0..text.len() {
            assert!(parse_scientific(&text.as_bytes()[..at]).is_none());
            for byte in [b'x', b'/', b':', 0x80, 0xb1] {
                let mut other = text.as_bytes().to_vec();
                other[at] = byte;
                assert!(parse_scientific(&other).is_none(), "{at} {byte}");
            }
        }
        for text in [
            "1.234567890123456789e+012",
            "1.234567890123456789E+01",
            "-1.23456789012345678e+01",
            "12.34567890123456789e+01",
        ] {
            assert!(parse_scientific(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_digits(whole in 0..10u64, fraction in 0..1_000_000_000_000_000_000u64, power in -99..100) {
            is_read(&format!("{whole}.{fraction:018}e{power:+03}"));
        }

        #[test]
        fn every_float_comes_back(fraction in 0..1u64 << 52, exponent in -320..330i64) {
            let value = f64::from_bits(((exponent + 1023) as u64) << 52 | fraction);
            let text = printed(value);
            prop_assume!(text.len() == 24);
            is_read(&text);
            prop_assert_eq!(parse_scientific(text.as_bytes()), Some((value, 24)));
        }

        #[test]
        fn a_middle_of_two_floats(odd in 1u64 << 53..1 << 54, places in 0..12u32) {
            // Exact in 19 digits, with a few after the point.
            let scaled = u128::from(odd | 1) * 5u128.pow(places);
            let digits = scaled.to_string();
            prop_assume!(digits.len() <= 19);
            let power = digits.len() as i32 - 1 - places as i32;
            let (whole, fraction) = digits.split_at(1);
            is_read(&format!("{whole}.{fraction:0<18}e{power:+03}"));
        }
    }
}
