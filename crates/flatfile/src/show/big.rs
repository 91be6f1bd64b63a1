//! Natural numbers of any size, for [`decimal`](super::decimal).

use std::cmp::Ordering;

/// A natural number: digits of 32 bits, least significant first, without zeros at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Big(Vec<u32>);

/// The largest power of five that is a digit.
const FIVES: (u32, u32) = (13, 1_220_703_125);

impl From<u64> for Big {
    fn from(value: u64) -> Big {
        let mut big = Big(vec![value as u32, (value >> 32) as u32]);
        big.trim();
        big
    }
}

impl Big {
    /// The number that these digits of base ten say.
    pub(crate) fn from_decimal(digits: impl IntoIterator<Item = u8>) -> Big {
        let mut big = Big(Vec::new());
        for digit in digits {
            big.multiply_add(10, digit.into());
        }
        big
    }

    /// How many bits it takes; none for 0.
    pub(crate) fn bits(&self) -> u32 {
        match self.0.split_last() {
            Some((last, rest)) => 32 * rest.len() as u32 + u32::BITS - last.leading_zeros(),
            None => 0,
        }
    }

    /// Its digits of base ten, as text; none for 0.
    pub(crate) fn into_decimal(mut self) -> Vec<u8> {
        const GROUP: u64 = 1_000_000_000;
        let mut text = Vec::new();
        while !self.0.is_empty() {
            let mut rest = 0;
            for digit in self.0.iter_mut().rev() {
                rest = rest << 32 | u64::from(*digit);
                *digit = (rest / GROUP) as u32;
                rest %= GROUP;
            }
            self.trim();
            for _ in 0..9 {
                text.push(b'0' + (rest % 10) as u8);
                rest /= 10;
            }
        }
        while text.last() == Some(&b'0') {
            text.pop();
        }
        text.reverse();
        text
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn multiply_add(&mut self, factor: u32, term: u32) {
        let mut carry = u64::from(term);
        for digit in &mut self.0 {
            carry += u64::from(*digit) * u64::from(factor);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    pub(crate) fn multiply(&mut self, factor: u32) {
        self.multiply_add(factor, 0);
    }

    /// Times 10 to this power.
    pub(crate) fn scale(&mut self, power: u32) {
        for _ in 0..power / FIVES.0 {
            self.multiply(FIVES.1);
        }
        self.multiply(5u32.pow(power % FIVES.0));
        self.shift(power);
    }

    /// Times 2 to this power.
    pub(crate) fn shift(&mut self, bits: u32) {
        if !bits.is_multiple_of(32) {
            self.multiply(1 << (bits % 32));
        }
        if !self.0.is_empty() {
            let zeros = std::iter::repeat_n(0, (bits / 32) as usize);
            self.0.splice(..0, zeros);
        }
    }

    pub(crate) fn add(&mut self, other: &Big) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut carry = 0;
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        for (digit, other) in self.0.iter_mut().zip(others) {
            carry += u64::from(*digit) + u64::from(other);
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Subtracts a number that is not larger.
    fn subtract(&mut self, other: &Big) {
        let mut borrow = false;
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        for (digit, other) in self.0.iter_mut().zip(others) {
            let (rest, first) = digit.overflowing_sub(other);
            let (rest, second) = rest.overflowing_sub(borrow.into());
            (*digit, borrow) = (rest, first || second);
        }
        self.trim();
    }

    /// Divides by `divisor`, leaves the remainder, and returns the quotient, which is to be small.
    pub(crate) fn divide(&mut self, divisor: &Big) -> u8 {
        let mut quotient = 0;
        while quotient < 9 && *self >= *divisor {
            self.subtract(divisor);
            quotient += 1;
        }
        quotient
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Big) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Big) -> Ordering {
        let lengths = self.0.len().cmp(&other.0.len());
        lengths.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn big(value: u128) -> Big {
        Big::from_decimal(value.to_string().bytes().map(|b| b - b'0'))
    }

    #[test]
    fn arithmetic() {
        let values = [
            0u128,
            1,
            9,
            0xffff_ffff,
            1 << 32,
            u64::MAX.into(),
            10u128.pow(30),
        ];
        for a in values {
            let plus = |b| {
                let mut sum = big(a);
                sum.add(&big(b));
                sum
            };
            assert!(values.iter().all(|b| plus(*b) == big(a + b)));
            assert!(values.iter().all(|b| big(a).cmp(&big(*b)) == a.cmp(b)));
            for (power, factor) in [(0, 1), (1, 10), (7, 10_000_000)] {
                let mut scaled = big(a);
                scaled.scale(power);
                assert_eq!(scaled, big(a * factor));
            }
            for bits in [0, 1, 27] {
                assert_eq!(
                    big(a).into_decimal(),
                    if a == 0 { String::new() } else { a.to_string() }.into_bytes()
                );
                let mut shifted = big(a);
                shifted.shift(bits);
                assert_eq!(shifted, big(a << bits));
            }
            for divisor in [a / 9 + 1, a / 3 + 1, a + 1] {
                let mut rest = big(a);
                let quotient = rest.divide(&big(divisor));
                assert_eq!(u128::from(quotient), a / divisor);
                assert_eq!(rest, big(a % divisor));
            }
        }
        assert_eq!(Big::from(u64::MAX), big(u64::MAX.into()));
    }

    #[test]
    fn long_shifts() {
        let mut a = Big::from(3);
        a.shift(100);
        let mut b = big(3 << 100);
        assert_eq!(a, b);
        a.scale(50);
        b.scale(20);
        b.scale(30);
        assert_eq!(a, b);
    }
}
