//! Between binary and decimal numbers, without rounding: NumPy's `dragon4.c`.

use super::big::Natural;
use super::decimal::Decimal;
use super::float::Float;
use num_bigint::BigUint;
use std::cmp::Ordering;

/// The maximum number of bits of numbers that are calculated with in 128 bits, with some to spare for the factors
/// of the algorithm.
const MAX_U128_BITS: u32 = 112;

/// How the float compares with the decimal.
pub(super) fn compare(float: Float, decimal: &Decimal) -> Ordering {
    let (integer, power) = float.binary();
    let tens = decimal.exponent - decimal.len() as i32 + 1;
    // A factor of ten adds less than four bits, and so does a digit.
    let digits = 4 * (decimal.len() as u32 + tens.unsigned_abs());
    if u64::BITS - integer.leading_zeros() + power.unsigned_abs() + digits <= MAX_U128_BITS {
        return compare_as::<u128>(float, decimal);
    }
    compare_as::<BigUint>(float, decimal)
}

fn compare_as<N: Natural>(float: Float, decimal: &Decimal) -> Ordering {
    let (integer, power) = float.binary();
    let mut left = N::from(integer);
    let mut right = N::from_digits(decimal.as_bytes());
    let tens = decimal.exponent - decimal.len() as i32 + 1;
    let side = if power >= 0 { &mut left } else { &mut right };
    side.shift(power.unsigned_abs());
    let side = if tens < 0 { &mut left } else { &mut right };
    side.times_ten(tens.unsigned_abs());
    left.cmp(&right)
}

/// Steele and White's Dragon4, as NumPy runs it: one digit after the other, until the digits distinguish the float
/// from its neighbours, or there are `count`.
pub(super) fn dragon4(float: Float, count: Option<usize>) -> Decimal {
    let (integer, power) = float.binary();
    // All numbers are about as large as the float, or as its unit, whichever is larger, or ten times that. But the
    // distances to the neighbours are longer than the unit if more digits are requested than distinguish them.
    let digits = 4 * count.unwrap_or(0) as u32;
    if u64::BITS - integer.leading_zeros() + power.unsigned_abs() + digits <= MAX_U128_BITS {
        return dragon4_as::<u128>(float, count);
    }
    dragon4_as::<BigUint>(float, count)
}

fn dragon4_as<N: Natural>(float: Float, count: Option<usize>) -> Decimal {
    let (integer, power) = float.binary();
    let is_even = integer % 2 == 0;
    // value : low : high : one = the float, half the distances to its neighbours, and the unit
    let uneven = u32::from(float.is_lowest_of_binade());
    let mut value = N::from(integer);
    let (mut low, mut one) = (N::from(1), N::from(1));
    value.shift(1 + uneven);
    one.shift(1 + uneven);
    if power >= 0 {
        value.shift(power.unsigned_abs());
        low.shift(power.unsigned_abs());
    } else {
        one.shift(power.unsigned_abs());
    }
    let magnitude = f64::from(power + integer.ilog2() as i32) * std::f64::consts::LOG10_2;
    let exponent = magnitude.floor() as i32;
    if exponent >= 0 {
        one.times_ten(exponent.unsigned_abs());
    } else {
        value.times_ten(exponent.unsigned_abs());
        low.times_ten(exponent.unsigned_abs());
    }
    let mut decimal = Decimal::EMPTY;
    decimal.exponent = exponent;
    let mut ten = one.clone();
    ten.times_ten(1);
    if value >= ten {
        one = ten;
        decimal.exponent += 1;
    }
    let mut high = low.clone();
    high.shift(uneven);
    loop {
        let digit = value.next_digit(&one);
        let upper = value.plus(&high);
        let below = value.cmp(&low).is_lt() || is_even && value == low;
        let above = upper.cmp(&one).is_gt() || is_even && upper == one;
        let last = match count {
            Some(count) => decimal.len() + 1 >= count,
            None => below || above || decimal.len() + 1 == Decimal::CAPACITY,
        };
        decimal.push(digit);
        if last {
            value.shift(1);
            let up = match value.cmp(&one) {
                _ if below != above => above,
                Ordering::Equal => digit % 2 == 1,
                half => half == Ordering::Greater,
            };
            if up {
                decimal.increment();
            }
            return decimal;
        }
        value.times_ten(1);
        low.times_ten(1);
        high.times_ten(1);
    }
}
