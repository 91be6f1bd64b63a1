//! Natural numbers of any size, as the exact conversion between base two and base ten needs them; and small ones,
//! for which the same works in 128 bits, without an allocation.

use num_bigint::BigUint;

/// The numbers that Dragon4 calculates with.
pub(super) trait Natural: Clone + Ord + From<u64> {
    /// `self × 2^bits`
    fn shift(&mut self, bits: u32);

    /// `self × 10^power`
    fn times_ten(&mut self, power: u32);

    fn plus(&self, other: &Self) -> Self;

    /// Subtracts a number that is not larger.
    fn subtract(&mut self, other: &Self);

    /// The number with these decimal digits, given as text.
    fn from_digits(digits: &[u8]) -> Self;

    /// Divides by `divisor`, leaves the remainder, and returns the quotient, which must be a digit. A handful of
    /// subtractions in place is faster than a division that makes two new numbers.
    fn next_digit(&mut self, divisor: &Self) -> u8 {
        let mut quotient = 0;
        while quotient < 9 && *self >= *divisor {
            self.subtract(divisor);
            quotient += 1;
        }
        quotient
    }
}

impl Natural for BigUint {
    fn shift(&mut self, bits: u32) {
        *self <<= bits;
    }

    fn times_ten(&mut self, power: u32) {
        match 10u64.checked_pow(power) {
            Some(factor) => *self *= factor,
            None => {
                *self *= BigUint::from(5u8).pow(power);
                *self <<= power;
            }
        }
    }

    fn plus(&self, other: &BigUint) -> BigUint {
        self + other
    }

    fn subtract(&mut self, other: &BigUint) {
        *self -= other;
    }

    fn from_digits(digits: &[u8]) -> BigUint {
        BigUint::parse_bytes(digits, 10).unwrap_or_default()
    }
}

/// For numbers that are known to be small enough.
impl Natural for u128 {
    fn shift(&mut self, bits: u32) {
        *self <<= bits;
    }

    fn times_ten(&mut self, power: u32) {
        *self *= 10u128.pow(power);
    }

    fn plus(&self, other: &u128) -> u128 {
        self + other
    }

    fn subtract(&mut self, other: &u128) {
        *self -= other;
    }

    fn from_digits(digits: &[u8]) -> u128 {
        digits
            .iter()
            .fold(0, |value, digit| 10 * value + u128::from(digit - b'0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten() {
        for value in [0u128, 1, 9, 0xffff_ffff, 1 << 32, u64::MAX.into()] {
            for (power, factor) in [(0, 1), (1, 10), (7, 10_000_000)] {
                let (mut scaled, mut small) = (BigUint::from(value), value);
                scaled.times_ten(power);
                small.times_ten(power);
                assert_eq!(
                    (&scaled, small),
                    (&BigUint::from(value * factor), value * factor)
                );
                let digits = small.to_string();
                assert_eq!(BigUint::from_digits(digits.as_bytes()), scaled);
                assert_eq!(u128::from_digits(digits.as_bytes()), small);
            }
        }
        let mut once = BigUint::from(3u8) << 100u8;
        let mut twice = once.clone();
        once.times_ten(50);
        twice.times_ten(20);
        twice.times_ten(30);
        assert_eq!(once, twice);
    }

    #[test]
    fn digits_of_quotients() {
        for a in [0u128, 1, 9, 0xffff_ffff, 1 << 32, 10u128.pow(30)] {
            for divisor in [a / 9 + 1, a / 3 + 1, a + 1] {
                let mut rest = BigUint::from(a);
                let quotient = rest.next_digit(&BigUint::from(divisor));
                assert_eq!(u128::from(quotient), a / divisor);
                assert_eq!(rest, BigUint::from(a % divisor));
            }
        }
    }
}
