//! Integers in their most common spelling: an optional minus, at most 19 digits, and a separator.

use super::digits::{TENS, digit_values, eight_digits, non_digit_mask};

/// The bytes that are examined at a time.
pub(crate) type Window = [u8; 32];

/// The integer at the beginning of a text, and its length in bytes; `None` if it is spelled in another way, there
/// is no integer, `may_follow` is false for the byte after it, or the type cannot hold it.
///
/// The end of a long number is found without waiting for its sign, since the next number begins there.
#[inline(always)]
pub(crate) fn fast_int<T: TryFrom<i64>>(
    window: &Window,
    may_follow: impl Fn(u8) -> bool,
) -> Option<(T, usize)> {
    let negative = window.first() == Some(&b'-');
    let sign = usize::from(negative);
    let head = read_word(window, sign)?;
    let non_digits = non_digit_mask(head);
    let (magnitude, length) = if non_digits != 0 {
        let count = digits_before(non_digits);
        (
            eight_digits(last_digits(head, count.checked_sub(1)? + 1)),
            sign + count,
        )
    } else {
        let end = match non_digit_mask(read_word(window, 8)?) {
            0 => 16 + digits_before(non_digit_mask(read_word(window, 16)?)),
            non_digits => 8 + digits_before(non_digits),
        };
        let next = read_word(window, sign + 8)?;
        let magnitude = match end - sign {
            count @ 8..16 => {
                eight_digits(head) * TENS.get(count - 8)?
                    + eight_digits(last_digits(next, count - 8))
            }
            count @ 16..=19 => {
                let first = eight_digits(head) * 100_000_000 + eight_digits(next);
                let tail = last_digits(read_word(window, sign + 16)?, count - 16);
                first * TENS.get(count - 16)? + eight_digits(tail)
            }
            _ => return None,
        };
        (magnitude, end)
    };
    if !may_follow(*window.get(length)?) {
        return None;
    }
    let (magnitude, minus) = (i64::try_from(magnitude).ok()?, -i64::from(negative));
    let value = (magnitude ^ minus) - minus;
    Some((T::try_from(value).ok()?, length))
}

/// Eight bytes, in which a digit's byte is its value.
#[inline(always)]
fn read_word(window: &Window, at: usize) -> Option<u64> {
    let bytes = window.get(at..)?.first_chunk::<8>()?;
    Some(digit_values(*bytes))
}

/// The number of digits before the first byte that is not a digit, by [`non_digit_mask`].
#[inline(always)]
fn digits_before(non_digits: u64) -> usize {
    (non_digits.trailing_zeros() / 8) as usize
}

/// The first `count` of at most seven digits as the last of eight, after zeros.
#[inline(always)]
fn last_digits(word: u64, count: usize) -> u64 {
    word << 8 << (56 - 8 * count.min(7))
}
