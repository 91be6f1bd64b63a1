//! Decimal numbers to `f64`, finding the end of the number on the way, and digits eight at a time.

use super::scientific::parse_scientific;

/// The number at the beginning of `text`, which has no sign, and its length in bytes; one that is too large is
/// infinite. `None` if there is no digit.
#[inline]
pub(crate) fn parse_decimal(text: &[u8]) -> Option<(f64, usize)> {
    if let found @ Some(_) = parse_scientific(text) {
        return found;
    }
    // The parser also accepts signs and names.
    match text.first()? {
        b'0'..=b'9' | b'.' => fast_float2::parse_partial(text).ok(),
        _ => None,
    }
}

/// Digits that were read: their value, wrapping around after the 19th, and their count.
#[derive(Clone, Copy)]
pub(crate) struct Digits {
    pub(crate) value: u64,
    pub(crate) count: usize,
}

/// The digits at the beginning of `text`, appended to those of `value`: eight at a time, except for one or two.
#[inline(always)]
pub(crate) fn parse_digits(text: &[u8], mut value: u64) -> Digits {
    let mut count = 0;
    let mut rest = text;
    loop {
        if let [first, second, third, ..] = rest
            && !(second.is_ascii_digit() && third.is_ascii_digit())
        {
            for byte in [first, second] {
                if !byte.is_ascii_digit() {
                    break;
                }
                value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                count += 1;
            }
            return Digits { value, count };
        }
        let (chunk, next) = match rest.split_first_chunk::<8>() {
            Some((chunk, next)) => (*chunk, next),
            None => (padded(rest), &[][..]),
        };
        let word = digit_values(chunk);
        let others = non_digit_mask(word);
        if others == 0 {
            value = value
                .wrapping_mul(100_000_000)
                .wrapping_add(eight_digits(word));
            count += 8;
            rest = next;
            continue;
        }
        let found = others.trailing_zeros() / 8;
        if found > 0 {
            // As if zeros preceded them.
            let word = word << (64 - 8 * found);
            let scale = TENS.get(found as usize).copied().unwrap_or(1);
            value = value.wrapping_mul(scale).wrapping_add(eight_digits(word));
            count += found as usize;
        }
        return Digits { value, count };
    }
}

pub(crate) const TENS: [u64; 8] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The last bytes of a text, followed by bytes that are not digits.
#[cold]
fn padded(rest: &[u8]) -> [u8; 8] {
    let mut chunk = [0; 8];
    chunk
        .iter_mut()
        .zip(rest)
        .for_each(|(place, byte)| *place = *byte);
    chunk
}

/// Bytes of a text in which each digit's becomes its value, and others become more than 9; the first is the lowest.
#[inline(always)]
pub(crate) fn digit_values(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes) ^ 0x3030_3030_3030_3030
}

/// For bytes in which a digit is its value, the highest bits of those that are more than 9.
#[inline(always)]
pub(crate) fn non_digit_mask(word: u64) -> u64 {
    (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
}

/// The number with these eight digits, the first in the lowest byte.
#[inline(always)]
pub(crate) fn eight_digits(word: u64) -> u64 {
    let pairs = (word.wrapping_mul(10).wrapping_add(word >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100).wrapping_add(pairs >> 16)) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff
}

/// The power of ten in `e-12`, and its length in bytes; 0 and no bytes if there is none.
#[inline]
pub(crate) fn parse_exponent(text: &[u8]) -> (i64, usize) {
    let Some((b'e' | b'E', rest)) = text.split_first() else {
        return (0, 0);
    };
    let (negative, rest) = match rest.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, rest),
    };
    let Digits { mut value, count } = parse_digits(rest, 0);
    if count == 0 {
        return (0, 0);
    }
    if count > 9 {
        let zeros = rest.iter().take_while(|digit| **digit == b'0').count();
        if count - zeros.min(count) > 9 {
            value = 1_000_000_000;
        }
    }
    let value = value as i64;
    let length = text.len() - rest.len() + count;
    (if negative { -value } else { value }, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_read(text: &str) {
        let expected: f64 = text.parse().unwrap();
        for end in ["", ",", "e", "e+", ", 12345678", "x1"] {
            let whole = format!("{text}{end}");
            let (value, length) = parse_decimal(whole.as_bytes()).unwrap();
            assert_eq!(value.to_bits(), expected.to_bits(), "{whole}");
            assert_eq!(length, text.len(), "{whole}");
        }
    }

    #[test]
    fn the_difficult_ones() {
        for text in [
            "0",
            "0.0",
            "00012",
            "1",
            "1.",
            ".5",
            "123456789012345678",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0000000000000000000000000001",
            "1e22",
            "1e23",
            "8.5e15",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "1e309",
            "1e-400",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "0e99999999999",
            "1e0000000000000000000005",
            "0.000000000000000000000000000000000001",
            "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
            "6631236846766476612e-20",
            "1.00000000000000011102230246251565404236316680908203125",
            "1.00000000000000011102230246251565404236316680908203124",
            "1.00000000000000011102230246251565404236316680908203126",
        ] {
            is_read(text);
        }
        for text in ["", ".", "e5", "x", "-1", "+1", "nan"] {
            assert!(parse_decimal(text.as_bytes()).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_float_comes_back(bits: u64, digits in 0usize..25) {
            let value = f64::from_bits(bits).abs();
            prop_assume!(value.is_finite());
            is_read(&format!("{value}"));
            is_read(&format!("{value:e}"));
            is_read(&format!("{value:.digits$e}"));
        }

        #[test]
        fn any_decimal(whole in "[0-9]{1,25}", fraction in "[0-9]{0,25}", power in -360..360i32) {
            is_read(&format!("{whole}.{fraction}e{power}"));
            is_read(&format!("{whole}.{fraction}"));
            is_read(&whole);
        }
    }
}
