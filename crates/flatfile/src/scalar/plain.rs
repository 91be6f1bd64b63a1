//! Integers in their most common spelling: an optional minus, at most 19 digits, and the separator.

use super::read::{TENS, eight, not_digits};

/// The bytes that are examined in one go.
pub(crate) type Window = [u8; 32];

/// The integer at the beginning of a text, and its length in bytes; `None` if it is written in another way, there
/// is none, or the type cannot hold it.
///
/// The end of a long number is found without waiting for its sign, since the next number begins there.
#[inline(always)]
pub(crate) fn plain<T: TryFrom<i64>>(window: &Window, separator: u8) -> Option<(T, usize)> {
    let negative = window.first() == Some(&b'-');
    let sign = usize::from(negative);
    let head = word(window, sign)?;
    let others = not_digits(head);
    let (magnitude, length) = if others != 0 {
        let count = digits(others);
        (eight(last(head, count.checked_sub(1)? + 1)), sign + count)
    } else {
        let end = match not_digits(word(window, 8)?) {
            0 => 16 + digits(not_digits(word(window, 16)?)),
            others => 8 + digits(others),
        };
        let next = word(window, sign + 8)?;
        let magnitude = match end - sign {
            count @ 8..16 => eight(head) * TENS.get(count - 8)? + eight(last(next, count - 8)),
            count @ 16..=19 => {
                let first = eight(head) * 100_000_000 + eight(next);
                let tail = last(word(window, sign + 16)?, count - 16);
                first * TENS.get(count - 16)? + eight(tail)
            }
            _ => return None,
        };
        (magnitude, end)
    };
    if window.get(length) != Some(&separator) {
        return None;
    }
    let (magnitude, minus) = (i64::try_from(magnitude).ok()?, -i64::from(negative));
    let value = (magnitude ^ minus) - minus;
    Some((T::try_from(value).ok()?, length))
}

/// Eight bytes, in which a digit's byte is its value.
#[inline(always)]
fn word(window: &Window, at: usize) -> Option<u64> {
    let bytes = window.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*bytes) ^ 0x3030_3030_3030_3030)
}

/// The number of digits before the first of these other bytes.
#[inline(always)]
fn digits(others: u64) -> usize {
    (others.trailing_zeros() / 8) as usize
}

/// The first `count` of at most seven digits as the last of eight, after zeros.
#[inline(always)]
fn last(word: u64, count: usize) -> u64 {
    word << 8 << (56 - 8 * count.min(7))
}
