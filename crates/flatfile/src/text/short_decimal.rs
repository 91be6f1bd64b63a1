//! Decimals in their most common spelling: at most seven digits before the point, seven after it, and no exponent.

use crate::scalar::{digit_values, eight_digits, non_digit_mask};

/// Powers of ten as the digits are: exact.
const TENS: [u32; 8] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The number at the beginning of `text`, which has no sign, and its length in bytes; `None` if it is spelled in another
/// way, or there is no number.
#[inline(always)]
pub(super) fn short_decimal(text: &[u8]) -> Option<(f64, usize)> {
    // The digits before the point, the point, and those after it with what follows.
    let window: &[u8; 16] = text.first_chunk()?;
    // Those that are longer are sorted out first: most texts have only one kind.
    up_to_seven_digits(window, 8)?;
    let (whole, count) = up_to_seven_digits(window, 0)?;
    let (value, length) = if window.get(count) == Some(&b'.') {
        let (decimals, places) = up_to_seven_digits(window, count + 1)?;
        if count + places == 0 {
            return None;
        }
        let scale = *TENS.get(places)?;
        let digits = whole * u64::from(scale) + decimals;
        (to_f64(digits) / f64::from(scale), count + 1 + places)
    } else if count > 0 {
        (to_f64(whole), count)
    } else {
        return None;
    };
    let has_exponent = matches!(window.get(length)?, b'e' | b'E');
    (!has_exponent).then_some((value, length))
}

/// A number of at most 14 digits, as a signed one: processors have an instruction for those.
#[inline(always)]
fn to_f64(digits: u64) -> f64 {
    digits as i64 as f64
}

/// The digits from a byte on, as a number, and their count; `None` if they are more than seven.
#[inline(always)]
fn up_to_seven_digits(window: &[u8; 16], at: usize) -> Option<(u64, usize)> {
    let bytes = window.get(at..)?.first_chunk::<8>()?;
    let word = digit_values(*bytes);
    let others = non_digit_mask(word);
    if others == 0 {
        return None;
    }
    let count = (others.trailing_zeros() / 8) as usize;
    // As if zeros preceded them.
    let digits = word << 8 << (56 - 8 * count);
    Some((eight_digits(digits), count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::parse_decimal;
    use proptest::prelude::*;

    #[test]
    fn every_place_of_the_point() {
        for count in 1..=15 {
            let digits = &"123456789012345"[..count];
            assert_eq!(is_short(digits), count <= 7);
            for place in 0..=count {
                let text = format!("{}.{}", &digits[..place], &digits[place..]);
                is_read(&text);
                assert_eq!(is_short(&text), place <= 7 && count - place <= 7);
            }
            is_read(digits);
        }
        for text in [
            "",
            ".",
            "0",
            "0.0",
            ".0",
            "-1",
            "+1",
            "nan",
            "1..2",
            "00000000000001",
            "99999999999999",
        ] {
            is_read(text);
        }
    }

    fn is_short(text: &str) -> bool {
        short_decimal(format!("{text},{:16}", "").as_bytes()).is_some()
    }

    /// Whether it is what the parser of all numbers finds, whatever follows.
    fn is_read(text: &str) {
        for end in [
            ",", "\n", "e", "E5", "e+3", ".5", "j", "\u{0}", "\u{ff}", "0", ":", "/",
        ] {
            let text = format!("{text}{end}{:16}", "");
            if let Some((value, length)) = short_decimal(text.as_bytes()) {
                let expected = parse_decimal(text.as_bytes());
                let expected = expected.map(|(value, length)| (value.to_bits(), length));
                assert_eq!(Some((value.to_bits(), length)), expected, "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_text(text in "[0-9.]{0,9}[0-9]{0,4}[0-9.eE,+ -]{0,5}") {
            is_read(&text);
        }
    }
}
