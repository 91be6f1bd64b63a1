//! Decimal numbers to the 80-bit floats of the x87, rounded once.

use super::decimal::exponent;
use crate::show::Big;
use std::cmp::Ordering;

/// A float of the x87.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct X87 {
    /// The sign, and the exponent with its bias.
    head: u16,
    mantissa: u64,
}

/// The exponent of what is not finite.
const LARGEST: u16 = 0x7fff;

/// The power of two that the least mantissa counts.
const LEAST_POWER: i32 = -16_445;

impl X87 {
    const ZERO: X87 = X87 {
        head: 0,
        mantissa: 0,
    };

    pub(super) fn not_finite(is_nan: bool) -> X87 {
        let mantissa = if is_nan { 3 << 62 } else { 1 << 63 };
        X87 {
            head: LARGEST,
            mantissa,
        }
    }

    pub(super) fn is_infinite(self) -> bool {
        self == X87::not_finite(false)
    }

    pub(super) fn with_sign(mut self, negative: bool) -> X87 {
        self.head |= u16::from(negative) << 15;
        self
    }

    /// Its bytes on this machine, filled up with zeros.
    pub(super) fn to_ne_bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        let number = self.mantissa.to_le_bytes().into_iter();
        let number = number.chain(self.head.to_le_bytes());
        bytes
            .iter_mut()
            .zip(number)
            .for_each(|(place, byte)| *place = byte);
        if cfg!(target_endian = "big") {
            bytes.reverse();
        }
        bytes
    }
}

impl From<u8> for X87 {
    fn from(small: u8) -> X87 {
        nearest(Big::from(u64::from(small)), 0)
    }
}

/// More digits than this decide nothing but whether something follows: none of these floats, and no
/// middle of two, has more.
const DIGITS: usize = 11_600;

/// The number that `text`, which has no sign, begins with, and how many bytes it has; what is too large is
/// infinite. `None` where there is no digit.
pub(super) fn long_double(text: &[u8]) -> Option<(X87, usize)> {
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
                    ..DIGITS => digits.push(byte - b'0'),
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
    let (exponent, more) = exponent(text.get(length..).unwrap_or_default());
    length += more;
    if digits.is_empty() {
        return Some((X87::ZERO, length));
    }
    if is_cut {
        digits.push(1);
        power -= 1;
    }
    let power = power.saturating_add(exponent);
    // One more than the power of the first digit.
    let value = match power.saturating_add(digits.len() as i64) {
        4_940.. => X87::not_finite(false),
        ..-4_960 => X87::ZERO,
        _ => nearest(Big::from_decimal(digits), power as i32),
    };
    Some((value, length))
}

/// The float nearest to `value × 10^power`.
fn nearest(mut value: Big, power: i32) -> X87 {
    if value.bits() == 0 {
        return X87::ZERO;
    }
    let mut unit = Big::from(1);
    let side = if power < 0 { &mut unit } else { &mut value };
    side.scale(power.unsigned_abs());
    // value / unit is a mantissa of 64 or 65 bits, times two to this power.
    let mut two = (value.bits() as i32 - unit.bits() as i32 - 64).max(LEAST_POWER);
    let side = if two < 0 { &mut value } else { &mut unit };
    side.shift(two.unsigned_abs());
    unit.shift(64);
    let mut mantissa = 0u128;
    for _ in 0..65 {
        mantissa = mantissa << 1 | u128::from(value.divide(&unit));
        value.multiply(2);
    }
    let mut rest = value.cmp(&unit);
    if mantissa >> 64 == 1 {
        rest = match (mantissa & 1, value.bits()) {
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Equal,
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
    let head = match mantissa >> 63 {
        0 => 0,
        _ => two - LEAST_POWER + 1,
    };
    match u16::try_from(head) {
        Ok(head @ ..LARGEST) => X87 { head, mantissa },
        _ => X87::not_finite(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (u16, u64) {
        let (value, length) = long_double(text.as_bytes()).unwrap();
        assert_eq!(length, text.len());
        (value.head, value.mantissa)
    }

    #[test]
    fn the_extremes() {
        let one = 1 << 63;
        for (text, head, mantissa) in [
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
            // Half way to the next one, and a little more, with digits that decide nothing in between.
            ("9223372036854775808.5", 0x403e, one),
            ("9223372036854775809.5", 0x403e, one + 2),
            ("18446744073709551615.5", 0x403f, one),
        ] {
            assert_eq!(read(text), (head, mantissa), "{text}");
        }
        let more = format!("9223372036854775808.5{}1", "0".repeat(20_000));
        assert_eq!(read(&more), (0x403e, one + 1));
    }
}
