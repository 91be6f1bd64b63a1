//! Natural numbers of any size, as going between base two and base ten without rounding needs them.

use num_bigint::BigUint;

/// The greatest power of five that a `u64` holds.
const FIVES: u32 = 27;

/// `value × 10^power`
pub(super) fn times_ten(value: &mut BigUint, power: u32) {
    match 5u64.checked_pow(power.min(FIVES)) {
        Some(fives) if power <= FIVES => *value *= fives,
        _ => *value *= BigUint::from(5u8).pow(power),
    }
    *value <<= power;
}

/// The number that these digits of base ten say, as text.
pub(super) fn from_digits(digits: &[u8]) -> BigUint {
    BigUint::parse_bytes(digits, 10).unwrap_or_default()
}

/// Divides by `divisor`, leaves the remainder, and returns the quotient, which is to be a digit. A handful of
/// subtractions in place is faster than a division that makes two new numbers.
pub(super) fn next_digit(value: &mut BigUint, divisor: &BigUint) -> u8 {
    let mut quotient = 0;
    while quotient < 9 && *value >= *divisor {
        *value -= divisor;
        quotient += 1;
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten() {
        for value in [0u128, 1, 9, 0xffff_ffff, 1 << 32, u64::MAX.into()] {
            for (power, factor) in [(0, 1), (1, 10), (7, 10_000_000)] {
                let mut scaled = BigUint::from(value);
                times_ten(&mut scaled, power);
                assert_eq!(scaled, BigUint::from(value * factor));
                assert_eq!(from_digits((value * factor).to_string().as_bytes()), scaled);
            }
        }
        let mut once = BigUint::from(3u8) << 100u8;
        let mut twice = once.clone();
        times_ten(&mut once, 50);
        times_ten(&mut twice, 20);
        times_ten(&mut twice, 30);
        assert_eq!(once, twice);
    }

    #[test]
    fn digits_of_quotients() {
        for a in [0u128, 1, 9, 0xffff_ffff, 1 << 32, 10u128.pow(30)] {
            for divisor in [a / 9 + 1, a / 3 + 1, a + 1] {
                let mut rest = BigUint::from(a);
                let quotient = next_digit(&mut rest, &BigUint::from(divisor));
                assert_eq!(u128::from(quotient), a / divisor);
                assert_eq!(rest, BigUint::from(a % divisor));
            }
        }
    }
}
