//! A given number of decimal digits of an `f64`.

use super::powers::{is_exact, leading_bits};
use std::io::Write;
use std::iter::repeat_n;

/// No `f64` has this many digits, either after its point or in total; the standard library writes at most 65,535.
const MAX_DIGITS: usize = 1100;

/// `value × 10^power`, for a positive finite value, rounded to an integer, half to even; `None` if it has more than
/// 19 digits, or 128 bits of the power do not decide.
#[inline]
pub(crate) fn scaled_integer(value: f64, power: i32) -> Option<u64> {
    let bits = leading_bits(power)?;
    let (mantissa, exponent) = mantissa_and_exponent(value);
    // value × 10^power = mantissa × bits / 2^shift
    let shift = 127 - exponent - super::powers::binary_exponent(power);
    // The product has 192 bits: 128 and 64.
    let low = u128::from(mantissa) * u128::from(bits as u64);
    let high = u128::from(mantissa) * (bits >> 64) + (low >> 64);
    let low = low as u64;
    // The integer, the 128 bits after its point, and whether there are others.
    let (integer, fraction, more) = match shift {
        ..128 => return None,
        128 => ((high >> 64) as u64, high << 64 | u128::from(low), false),
        129..192 => {
            let up = 192 - shift as u32;
            let integer = (high >> (128 - up)) as u64;
            let fraction = high << up | u128::from(low) >> (64 - up);
            (integer, fraction, low << up != 0)
        }
        192 => (0, high, low != 0),
        // Less than a half.
        _ => return Some(0),
    };
    const HALF: u128 = 1 << 127;
    // An upper bound of the error of the fraction.
    const MAX_ERROR: u128 = 1 << 66;
    let up = if is_exact(power) {
        fraction > HALF || fraction == HALF && (more || integer & 1 == 1)
    } else if fraction.abs_diff(HALF) < MAX_ERROR
        || !(MAX_ERROR..=u128::MAX - MAX_ERROR).contains(&fraction)
    {
        return None;
    } else {
        fraction > HALF
    };
    integer
        .checked_add(u64::from(up))
        .filter(|integer| *integer < 10_000_000_000_000_000_000)
}

/// A positive finite value as 64 bits, the first of them a 1, times two to a power.
#[inline]
fn mantissa_and_exponent(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let (field, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = match field {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, field - 1075),
    };
    let zeros = mantissa.leading_zeros();
    (mantissa << zeros, exponent - zeros as i32)
}

/// Appends the first `count` digits of the exact value, rounded half to even, for a finite value that is not
/// negative, and a point after the first if it is wanted. Returns the power of ten of the first.
pub(crate) fn push_exact_digits(value: f64, count: usize, point: bool, out: &mut Vec<u8>) -> i32 {
    if value == 0.0 {
        out.push(b'0');
        out.extend(point.then_some(b'.'));
        out.extend(repeat_n(b'0', count - count.min(1)));
        return 0;
    }
    if let (1..=19, Ok(places)) = (count, i32::try_from(count)) {
        let (_, two) = mantissa_and_exponent(value);
        // At most one too large.
        let estimate = ((two + 64) * 78_913) >> 18;
        let least = 10u64.pow(places.unsigned_abs() - 1);
        for (power, is_sure) in [(estimate, false), (estimate - 1, true)] {
            let Some(integer) = scaled_integer(value, places - 1 - power) else {
                break;
            };
            // The least one may have been rounded up to, from a value with another first digit.
            if integer < least || integer == least && !is_sure {
                continue;
            }
            // If it was rounded up to one more digit, it is a power of ten.
            let (integer, power) = if integer / 10 >= least {
                (integer / 10, power + 1)
            } else {
                (integer, power)
            };
            let mut buffer = itoa::Buffer::new();
            if let Some((first, rest)) = buffer.format(integer).as_bytes().split_first() {
                out.push(*first);
                out.extend(point.then_some(b'.'));
                out.extend_from_slice(rest);
            }
            return power;
        }
    }
    let begin = out.len();
    // Writing to a vector cannot fail.
    let fraction_digits = count.saturating_sub(1);
    let _ = write!(out, "{value:.*e}", fraction_digits.min(MAX_DIGITS));
    let text = out.split_off(begin);
    let (mut digits, power) = digits_and_power(&text);
    out.extend(digits.next());
    out.extend(point.then_some(b'.'));
    out.extend(digits);
    out.extend(repeat_n(b'0', fraction_digits.saturating_sub(MAX_DIGITS)));
    power
}

/// Appends `value`, finite and not negative, with this many digits after the point; if there are none, without a
/// point.
pub(crate) fn push_fixed(value: f64, precision: usize, out: &mut Vec<u8>) {
    let integer = match i32::try_from(precision) {
        _ if value == 0.0 => Some(0),
        Ok(power @ 0..=18) => scaled_integer(value, power),
        _ => None,
    };
    let Some(integer) = integer.filter(|_| precision <= 18) else {
        // Writing to a vector cannot fail.
        let _ = write!(out, "{value:.*}", precision.min(MAX_DIGITS));
        out.extend(repeat_n(b'0', precision.saturating_sub(MAX_DIGITS)));
        return;
    };
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(integer).as_bytes();
    let zeros = (precision + 1).saturating_sub(digits.len());
    let begin = out.len();
    out.extend(repeat_n(b'0', zeros));
    out.extend_from_slice(digits);
    if precision > 0 {
        let point = out.len() - precision;
        out.push(0);
        if let Some(fraction) = out.get_mut(point.max(begin)..) {
            fraction.rotate_right(1);
            fraction.iter_mut().take(1).for_each(|first| *first = b'.');
        }
    }
}

/// The digits of a number as text, and the power of ten of the first that is not 0.
fn digits_and_power(text: &[u8]) -> (impl Iterator<Item = u8>, i32) {
    let end = text.iter().position(|byte| *byte == b'e');
    let (mantissa, exponent) = text.split_at(end.unwrap_or(text.len()));
    let exponent = str::from_utf8(exponent.get(1..).unwrap_or_default());
    let exponent: i32 = exponent.unwrap_or_default().parse().unwrap_or(0);
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let digits = mantissa.iter().copied().filter(u8::is_ascii_digit);
    let signs = mantissa.iter().take_while(|byte| !byte.is_ascii_digit());
    let before = point.unwrap_or(mantissa.len()) - signs.count();
    let zeros = digits.clone().take_while(|digit| *digit == b'0').count();
    let digits: Vec<u8> = digits.collect();
    (
        digits.into_iter(),
        exponent + before as i32 - 1 - zeros as i32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::difficult;
    use proptest::prelude::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn is_exact_everywhere(value: f64, count: usize) {
        let mut digits = Vec::new();
        let power = push_exact_digits(value, count, false, &mut digits);
        let digits = String::from_utf8(digits).unwrap();
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let found = format!("{first}{point}{rest}e{power}");
        assert_eq!(found, format!("{value:.*e}", count - 1), "{value:e}");
        let found = text(|out| push_fixed(value, count - 1, out));
        assert_eq!(found, format!("{value:.*}", count - 1), "{value:e}");
    }

    #[test]
    fn very_many_digits() {
        let least = f64::from_bits(1);
        for value in [0.0, 1.5, least, f64::MAX, 0.1] {
            for count in [1101, 1102, 2000, 65_536, 70_000] {
                let digits = text(|out| _ = push_exact_digits(value, count, false, out));
                assert_eq!(digits.len(), count, "{value}");
                let few = text(|out| _ = push_exact_digits(value, 1000, false, out));
                assert!(digits.starts_with(&few) && digits.ends_with('0'), "{value}");
                let digits = text(|out| push_fixed(value, count, out));
                let fraction = digits.split_once('.').unwrap().1;
                assert_eq!(fraction.len(), count, "{value}");
                let most = format!("{value:.1100}");
                let shorter = most.len().min(digits.len());
                assert_eq!(digits[..shorter], most[..shorter], "{value}");
            }
        }
    }

    #[test]
    fn the_difficult_ones() {
        for value in difficult() {
            for count in (1..25).chain([40, 400]) {
                is_exact_everywhere(value, count);
            }
        }
    }

    proptest! {
        #[test]
        fn any_float(bits: u64, whole in 0..1u64 << 60, places in 0..80, count in 1usize..25) {
            let tie = whole as f64 / 2f64.powi(places);
            for value in [f64::from_bits(bits).abs(), tie, 2f64.powi(places - 40)] {
                if value.is_finite() {
                    is_exact_everywhere(value, count);
                }
            }
        }
    }
}
