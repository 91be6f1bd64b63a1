//! Between binary and decimal numbers, without rounding: NumPy's `dragon4.c`.

use super::big::{from_digits, next_digit, times_ten};
use super::decimal::Decimal;
use super::float::Float;
use num_bigint::BigUint;
use std::cmp::Ordering;

/// How the float compares with the decimal.
pub(super) fn compare(float: Float, decimal: &Decimal) -> Ordering {
    let (integer, power) = float.binary();
    let mut left = BigUint::from(integer);
    let mut right = from_digits(decimal.as_bytes());
    let tens = decimal.exponent - decimal.len() as i32 + 1;
    let side = if power >= 0 { &mut left } else { &mut right };
    *side <<= power.unsigned_abs();
    let side = if tens < 0 { &mut left } else { &mut right };
    times_ten(side, tens.unsigned_abs());
    left.cmp(&right)
}

/// Steele and White's Dragon4, as NumPy runs it: one digit after the other, until the digits tell the
/// float from its neighbours, or there are `count`.
pub(super) fn dragon(float: Float, count: Option<usize>) -> Decimal {
    let (integer, power) = float.binary();
    let is_even = integer % 2 == 0;
    // value : low : high : one = the float, half the ways to its neighbours, and the unit
    let uneven = u32::from(float.is_lowest_of_binade());
    let mut value = BigUint::from(integer);
    let (mut low, mut one) = (BigUint::from(1u8), BigUint::from(1u8));
    value <<= 1 + uneven;
    one <<= 1 + uneven;
    if power >= 0 {
        value <<= power.unsigned_abs();
        low <<= power.unsigned_abs();
    } else {
        one <<= power.unsigned_abs();
    }
    let magnitude = f64::from(power + integer.ilog2() as i32) * std::f64::consts::LOG10_2;
    let exponent = magnitude.floor() as i32;
    if exponent >= 0 {
        times_ten(&mut one, exponent.unsigned_abs());
    } else {
        times_ten(&mut value, exponent.unsigned_abs());
        times_ten(&mut low, exponent.unsigned_abs());
    }
    let mut decimal = Decimal::EMPTY;
    decimal.exponent = exponent;
    let mut ten = one.clone();
    ten *= 10u8;
    if value >= ten {
        one = ten;
        decimal.exponent += 1;
    }
    let mut high = low.clone();
    high <<= uneven;
    loop {
        let digit = next_digit(&mut value, &one);
        let upper = &value + &high;
        let below = value.cmp(&low).is_lt() || is_even && value == low;
        let above = upper.cmp(&one).is_gt() || is_even && upper == one;
        let last = match count {
            Some(count) => decimal.len() + 1 >= count,
            None => below || above || decimal.len() + 1 == Decimal::CAPACITY,
        };
        decimal.push(digit);
        if last {
            value <<= 1;
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
        value *= 10u8;
        low *= 10u8;
        high *= 10u8;
    }
}
