//! Sums of floats without rounding: [`ExactSum`], and the one rounding at the end.

use num_bigint::{BigInt, BigUint, Sign};

use dtype::FloatFormat;

/// Bits of one digit. The other half of its word takes the carries of many additions.
const DIGIT_BITS: i32 = 32;

/// The number of additions after which carries are moved on: a digit grows by less than 2³² with each.
const MAX_PENDING: u32 = 1 << 30;

/// A sum of integers times powers of two, exactly, whatever their sizes and order.
///
/// It is one long number in fixed point, with room for the digits that were needed so far only: a small superaccumulator
/// (Neal, "Fast exact summation using small and large superaccumulators", 2015).
#[derive(Clone, Debug, Default)]
pub(super) struct ExactSum {
    /// The exponent of the first digit, in digits.
    lowest: i32,
    /// The digits, least significant first; each may be negative, and larger than a digit.
    digits: Vec<i64>,
    /// Additions since carries were moved on.
    pending: u32,
}

impl ExactSum {
    /// Adds `±magnitude × 2^power`.
    pub(super) fn add(&mut self, negative: bool, magnitude: u128, power: i32) {
        if magnitude == 0 {
            return;
        }
        let shift = power.rem_euclid(DIGIT_BITS) as u32;
        let first = power.div_euclid(DIGIT_BITS);
        // Five digits: 128 bits, moved by less than a digit.
        let low = magnitude << shift;
        let high = (magnitude >> 1) >> (127 - shift);
        let parts = [
            low as u32,
            (low >> 32) as u32,
            (low >> 64) as u32,
            (low >> 96) as u32,
            high as u32,
        ];
        let used = parts
            .iter()
            .rposition(|part| *part != 0)
            .map_or(1, |last| last + 1);
        let at = self.room(first, used);
        let digits = self.digits.iter_mut().skip(at);
        for (digit, part) in digits.zip(parts.into_iter().take(used)) {
            let part = i64::from(part);
            *digit += if negative { -part } else { part };
        }
        self.pending += 1;
        if self.pending == MAX_PENDING {
            self.carry();
        }
    }

    /// Adds a number of two words, `±(magnitude + high × 2^128) × 2^power`.
    pub(super) fn add_wide(&mut self, (magnitude, high): (u128, u64), power: i32) {
        self.add(false, magnitude, power);
        self.add(false, high.into(), power + 128);
    }

    /// Adds an integer times a power of two.
    pub(super) fn add_integer(&mut self, value: i128, power: i32) {
        self.add(value < 0, value.unsigned_abs(), power);
    }

    /// Adds another sum.
    pub(super) fn merge(&mut self, mut other: ExactSum) {
        other.carry();
        let (first, count) = (other.lowest, other.digits.len());
        if count == 0 {
            return;
        }
        self.carry();
        let at = self.room(first, count);
        for (digit, more) in self.digits.iter_mut().skip(at).zip(other.digits) {
            *digit += more;
        }
        self.pending = 2;
    }

    /// Makes room for `count` digits from `first` on, and returns the index of that one.
    fn room(&mut self, first: i32, count: usize) -> usize {
        if self.digits.is_empty() {
            self.lowest = first;
        }
        if first < self.lowest {
            let missing = (self.lowest - first) as usize;
            self.digits.splice(0..0, std::iter::repeat_n(0, missing));
            self.lowest = first;
        }
        let at = (first - self.lowest) as usize;
        if self.digits.len() < at + count {
            self.digits.resize(at + count, 0);
        }
        at
    }

    /// Moves the carries on, so that each digit but the last is between 0 and 2³².
    fn carry(&mut self) {
        self.pending = 1;
        let Some((last, digits)) = self.digits.split_last_mut() else {
            return;
        };
        let mut carry = 0;
        for digit in digits {
            let sum = *digit + carry;
            carry = sum >> DIGIT_BITS;
            *digit = sum & i64::from(u32::MAX);
        }
        *last += carry;
        // The last digit is the only one that can grow.
        while let Some(last) = self.digits.last_mut()
            && *last != i64::from(*last as i32)
        {
            let more = *last >> DIGIT_BITS;
            *last &= i64::from(u32::MAX);
            self.digits.push(more);
        }
    }

    /// The sum, as an integer times a power of two.
    pub(super) fn value(&self) -> Dyadic {
        let mut sum = self.clone();
        sum.carry();
        let (last, digits) = match sum.digits.split_last() {
            Some((last, digits)) => (*last, digits),
            None => return Dyadic::default(),
        };
        let digits: Vec<u32> = digits.iter().map(|digit| *digit as u32).collect();
        let power = (digits.len() as u64) * DIGIT_BITS as u64;
        let low = BigInt::from_slice(Sign::Plus, &digits);
        Dyadic {
            integer: (BigInt::from(last) << power) + low,
            power: sum.lowest * DIGIT_BITS,
        }
    }
}

/// An integer times a power of two.
#[derive(Clone, Debug, Default)]
pub(super) struct Dyadic {
    pub(super) integer: BigInt,
    pub(super) power: i32,
}

impl Dyadic {
    pub(super) fn new(integer: impl Into<BigInt>, power: i32) -> Dyadic {
        let integer = integer.into();
        Dyadic { integer, power }
    }

    /// The integer with this power, which is not larger.
    fn at(&self, power: i32) -> BigInt {
        &self.integer << (self.power - power).max(0)
    }

    pub(super) fn plus(&self, other: &Dyadic) -> Dyadic {
        let power = self.power.min(other.power);
        Dyadic::new(self.at(power) + other.at(power), power)
    }

    pub(super) fn minus(&self, other: &Dyadic) -> Dyadic {
        let power = self.power.min(other.power);
        Dyadic::new(self.at(power) - other.at(power), power)
    }

    pub(super) fn times(&self, other: &Dyadic) -> Dyadic {
        Dyadic::new(&self.integer * &other.integer, self.power + other.power)
    }

    /// The nearest float to it divided by `divisor`, ties to even.
    pub(super) fn divided(&self, divisor: u64, format: FloatFormat) -> Rounded {
        let (sign, magnitude) = (self.integer.sign(), self.integer.magnitude());
        let divisor = BigUint::from(divisor.max(1));
        // As many bits as are kept, and two more.
        let wanted = u64::from(format.fraction_bits) + 3 + divisor.bits();
        let shift = wanted.saturating_sub(magnitude.bits());
        let shifted = magnitude << shift;
        let quotient = &shifted / &divisor;
        let is_exact = shifted == &quotient * &divisor;
        let power = i64::from(self.power) - shift as i64;
        Rounded::new(sign == Sign::Minus, quotient, is_exact, power, format)
    }

    /// The nearest float to its square root divided by `divisor`; 0 for a negative number.
    pub(super) fn root_divided(&self, divisor: u64, format: FloatFormat) -> Rounded {
        let Some(magnitude) = self.integer.to_biguint() else {
            return Rounded::ZERO;
        };
        let divisor = BigUint::from(divisor.max(1));
        let square = &divisor * &divisor;
        let wanted = 2 * (u64::from(format.fraction_bits) + 4) + square.bits();
        let mut shift = wanted.saturating_sub(magnitude.bits());
        // The root of an even power of two is one.
        if (i64::from(self.power) - shift as i64) % 2 != 0 {
            shift += 1;
        }
        let power = (i64::from(self.power) - shift as i64) / 2;
        let shifted = magnitude << shift;
        let quotient = &shifted / &square;
        let root = quotient.sqrt();
        let is_exact = &root * &root * &square == shifted;
        Rounded::new(false, root, is_exact, power, format)
    }

    /// The integer part of it divided by `divisor`; `floor` rounds down, else towards 0.
    pub(super) fn integer_part(&self, divisor: u64, floor: bool) -> BigInt {
        let divisor = BigInt::from(divisor.max(1));
        let whole = if self.power >= 0 {
            &self.integer << self.power
        } else {
            let unit = BigInt::from(1) << self.power.unsigned_abs();
            return divide(&self.integer, &(unit * divisor), floor);
        };
        divide(&whole, &divisor, floor)
    }
}

fn divide(value: &BigInt, divisor: &BigInt, floor: bool) -> BigInt {
    let quotient = value / divisor;
    if floor && value.sign() == Sign::Minus && &quotient * divisor != *value {
        return quotient - 1;
    }
    quotient
}

/// A float of some format, rounded once: its sign, its fraction with the leading 1, and its stored exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rounded {
    negative: bool,
    mantissa: u64,
    exponent: u32,
}

impl Rounded {
    const ZERO: Rounded = Rounded {
        negative: false,
        mantissa: 0,
        exponent: 0,
    };

    /// `integer × 2^power`, and something less than one unit of the integer more if that is not exact.
    fn new(
        negative: bool,
        integer: BigUint,
        is_exact: bool,
        power: i64,
        format: FloatFormat,
    ) -> Rounded {
        let bits = i64::from(format.fraction_bits) + 1;
        let least_power = 1 - i64::from(format.bias) - i64::from(format.fraction_bits);
        let drop = (integer.bits() as i64 - bits).max(least_power - power);
        if drop <= 0 {
            // Only a number with few digits has not enough to drop; it is exact.
            let mantissa = u64::try_from(&integer << drop.unsigned_abs().min(64)).unwrap_or(0);
            return Rounded::from_mantissa(negative, mantissa, power + drop, format);
        }
        let kept = &integer >> drop;
        let rest = &integer - (&kept << drop);
        let half = BigUint::from(1u8) << (drop - 1);
        let is_odd = kept.bit(0);
        let up = rest > half || rest == half && (!is_exact || is_odd);
        let mantissa = u64::try_from(kept).unwrap_or(u64::MAX);
        let power = power + drop;
        match mantissa.checked_add(u64::from(up)) {
            Some(mantissa) if u128::from(mantissa) >> bits == 0 => {
                Rounded::from_mantissa(negative, mantissa, power, format)
            }
            // Only zeros follow the leading 1.
            _ => Rounded::from_mantissa(negative, 1 << (bits - 1), power + 1, format),
        }
    }

    fn from_mantissa(negative: bool, mantissa: u64, power: i64, format: FloatFormat) -> Rounded {
        let least_power = 1 - i64::from(format.bias) - i64::from(format.fraction_bits);
        let is_normal = mantissa >> format.fraction_bits == 1;
        let greatest = (1 << format.exponent_bits) - 1;
        let exponent = power - least_power + 1;
        match u32::try_from(exponent) {
            _ if !is_normal => Rounded {
                negative,
                mantissa,
                exponent: 0,
            },
            Ok(exponent) if exponent < greatest => Rounded {
                negative,
                mantissa,
                exponent,
            },
            // Infinity.
            _ => Rounded {
                negative,
                mantissa: 1 << format.fraction_bits,
                exponent: greatest,
            },
        }
    }

    /// The stored bits.
    pub(super) fn to_bits(self, format: FloatFormat) -> u128 {
        let FloatFormat {
            exponent_bits,
            fraction_bits,
            has_integer_bit,
            ..
        } = format;
        let width = fraction_bits + u32::from(has_integer_bit);
        let mantissa = u128::from(self.mantissa) & ((1 << width) - 1);
        u128::from(self.negative) << (width + exponent_bits)
            | u128::from(self.exponent) << width
            | mantissa
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    impl Rounded {
        fn to_f64(self) -> f64 {
            f64::from_bits(self.to_bits(FloatFormat::F64) as u64)
        }
    }

    /// The integer and the power of a finite float.
    fn parts(value: f64) -> (bool, u128, i32) {
        let bits = value.to_bits();
        let field = (bits >> 52 & 0x7ff) as i32;
        let implied = u64::from(field > 0) << 52;
        let mantissa = bits & ((1 << 52) - 1) | implied;
        (bits >> 63 == 1, mantissa.into(), field.max(1) - 1075)
    }

    fn sum_of(values: &[f64]) -> ExactSum {
        let mut sum = ExactSum::default();
        for value in values {
            let (negative, magnitude, power) = parts(*value);
            sum.add(negative, magnitude, power);
        }
        sum
    }

    fn mean(values: &[f64]) -> f64 {
        let sum = sum_of(values).value();
        sum.divided(values.len() as u64, FloatFormat::F64).to_f64()
    }

    #[test]
    fn sums_that_floats_cannot_hold() {
        assert_eq!(mean(&[1e300, 1.0, -1e300]), 1.0 / 3.0);
        assert_eq!(mean(&[1.5e308; 100]), 1.5e308);
        assert_eq!(mean(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX / 3.0);
        assert_eq!(mean(&[5e-324, 5e-324, 0.0, 0.0]).to_bits(), 0);
        assert_eq!(mean(&[5e-324, 5e-324, 5e-324, 0.0]), 5e-324);
        assert_eq!(mean(&[-5e-324, -5e-324, -5e-324, 0.0]), -5e-324);
        assert_eq!(mean(&[f64::MIN_POSITIVE, 0.0]), f64::MIN_POSITIVE / 2.0);
    }

    #[test]
    fn carries_move_on() {
        let mut sum = ExactSum::default();
        for _ in 0..3 {
            for _ in 0..1000 {
                sum.add(false, u128::MAX, 7);
            }
            sum.pending = MAX_PENDING - 1;
            sum.add(true, u128::MAX, 7);
        }
        let mut twice = sum.clone();
        twice.merge(sum.clone());
        let expected: BigInt = BigInt::from(u128::MAX) * 2997;
        let value = sum.value();
        assert_eq!(value.at(0), expected.clone() << 7);
        assert_eq!(twice.value().at(0), expected << 8);
    }

    proptest! {
        #[test]
        fn one_float_stays_itself(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(mean(&[value]), value);
            prop_assert_eq!(mean(&[value, value, value]), value);
        }

        #[test]
        fn two_floats_are_added_as_the_machine_adds_them(a: u64, b: u64) {
            let (a, b) = (f64::from_bits(a), f64::from_bits(b));
            prop_assume!(a.is_finite() && b.is_finite() && (a + b).is_finite());
            let sum = sum_of(&[a, b]).value();
            prop_assert_eq!(sum.divided(1, FloatFormat::F64).to_f64(), a + b);
        }

        #[test]
        fn quotients_and_roots_as_the_machine_rounds_them(a: u64, n in 1..1u64 << 53) {
            let a = f64::from_bits(a).abs();
            prop_assume!(a.is_finite());
            let value = sum_of(&[a]).value();
            prop_assert_eq!(value.divided(n, FloatFormat::F64).to_f64(), a / n as f64);
            prop_assert_eq!(value.root_divided(1, FloatFormat::F64).to_f64(), a.sqrt());
        }
    }
}
