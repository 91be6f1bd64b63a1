//! Between binary and decimal numbers, without rounding: NumPy's `dragon4.c`.

use super::big::Big;
use super::binary::Float;
use super::decimal::Decimal;
use std::cmp::Ordering;

/// How the float compares with the decimal.
pub(super) fn compare(float: Float, decimal: &Decimal) -> Ordering {
    let (integer, power) = float.binary();
    let mut left = Big::from(integer);
    let mut right = Big::from_decimal(decimal.as_str().bytes().map(|digit| digit - b'0'));
    let tens = decimal.exponent - decimal.len() as i32 + 1;
    let side = if power >= 0 { &mut left } else { &mut right };
    side.shift(power.unsigned_abs());
    let side = if tens < 0 { &mut left } else { &mut right };
    side.scale(tens.unsigned_abs());
    left.cmp(&right)
}

/// Steele and White's Dragon4, as NumPy runs it: one digit after the other, until the digits tell the
/// float from its neighbours, or there are `count`.
pub(super) fn dragon(float: Float, count: Option<usize>) -> Decimal {
    let (integer, power) = float.binary();
    let is_even = integer % 2 == 0;
    // value : low : high : one = the float, half the ways to its neighbours, and the unit
    let uneven = u32::from(float.is_lowest_of_binade());
    let mut value = Big::from(integer);
    let (mut low, mut one) = (Big::from(1), Big::from(1));
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
        one.scale(exponent.unsigned_abs());
    } else {
        value.scale(exponent.unsigned_abs());
        low.scale(exponent.unsigned_abs());
    }
    let mut decimal = Decimal::EMPTY;
    decimal.exponent = exponent;
    let mut ten = one.clone();
    ten.multiply(10);
    if value >= ten {
        one = ten;
        decimal.exponent += 1;
    }
    let mut high = low.clone();
    high.shift(uneven);
    loop {
        let digit = value.divide(&one);
        let mut upper = value.clone();
        upper.add(&high);
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
        value.multiply(10);
        low.multiply(10);
        high.multiply(10);
    }
}
