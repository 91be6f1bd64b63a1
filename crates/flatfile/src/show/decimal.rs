//! The decimal digits of binary numbers: the shortest ones, cut where a column ends.

use super::binary::{Float, Kind};
use super::dragon::{compare, dragon};
use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::iter;

/// A decimal number `d.ddd × 10^exponent`, with one digit at least; only 0 begins with 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal {
    digits: [u8; Decimal::CAPACITY],
    len: usize,
    pub(super) exponent: i32,
}

impl Decimal {
    /// Digits enough for every kind: 21 tell all 80-bit numbers apart.
    pub(super) const CAPACITY: usize = 24;

    /// No digits yet.
    pub(super) const EMPTY: Decimal = Decimal {
        digits: [0; Decimal::CAPACITY],
        len: 0,
        exponent: 0,
    };

    fn zero() -> Decimal {
        let mut zero = Decimal::EMPTY;
        zero.push(0);
        zero
    }

    /// The digits as text.
    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn as_bytes(&self) -> &[u8] {
        self.digits.get(..self.len).unwrap_or_default()
    }

    /// How many digits there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// How many digits stand before the point, without exponent.
    pub(super) fn before(&self) -> usize {
        self.exponent.max(0) as usize + 1
    }

    /// How many digits stand behind the point, without exponent.
    pub(super) fn behind(&self) -> usize {
        let behind = self.len as i64 - 1 - i64::from(self.exponent);
        behind.max(0) as usize
    }

    /// Appends `1250.` or `0.0125`: without exponent, and always with a point.
    pub(super) fn push_positional(&self, out: &mut String) {
        let digits = self.as_str();
        let zeros = |n: usize| iter::repeat_n('0', n);
        match usize::try_from(self.exponent) {
            Ok(exponent) => {
                let (whole, fraction) = digits
                    .split_at_checked(exponent + 1)
                    .unwrap_or((digits, ""));
                out.push_str(whole);
                out.extend(zeros(exponent + 1 - whole.len()));
                out.push('.');
                out.push_str(fraction);
            }
            Err(_) => {
                out.push_str("0.");
                out.extend(zeros(self.exponent.unsigned_abs() as usize - 1));
                out.push_str(digits);
            }
        }
    }

    /// Appends `1.25e+03`, with so many digits at least between the point and the `e`, and behind it.
    pub(super) fn push_exponential(&self, fraction: usize, digits: usize, out: &mut String) {
        let (first, rest) = self.as_str().split_at_checked(1).unwrap_or_default();
        out.push_str(first);
        out.push('.');
        out.push_str(rest);
        let missing = fraction.saturating_sub(rest.len());
        out.extend(iter::repeat_n('0', missing));
        self.push_exponent(digits, out);
    }

    /// Appends `e+03`.
    pub(super) fn push_exponent(&self, digits: usize, out: &mut String) {
        let sign = if self.exponent < 0 { '-' } else { '+' };
        // Writing to a string cannot fail.
        let _ = write!(out, "e{sign}{:0digits$}", self.exponent.unsigned_abs());
    }

    /// Appends a digit, 0 to 9.
    pub(super) fn push(&mut self, digit: u8) {
        if let Some(place) = self.digits.get_mut(self.len) {
            *place = b'0' + digit;
            self.len += 1;
        }
    }

    /// Adds one to the last digit.
    pub(super) fn increment(&mut self) {
        while let Some((last, _)) = self.as_bytes().split_last() {
            if *last < b'9' {
                let digit = *last - b'0' + 1;
                self.len -= 1;
                return self.push(digit);
            }
            self.len -= 1;
        }
        self.push(1);
        self.exponent += 1;
    }

    fn trim_zeros(&mut self) {
        while self.len > 1 && self.as_bytes().ends_with(b"0") {
            self.len -= 1;
        }
    }

    /// The fewest digits that no other number of its kind is nearer to, and of those the nearest.
    pub(super) fn shortest(float: Float) -> Decimal {
        if float.is_zero() {
            return Decimal::zero();
        }
        let value = float.to_f64().unwrap_or_default().abs();
        let mut text = Scientific::default();
        // Writing to it cannot fail.
        let _ = match float.kind {
            Kind::F64 => write!(text, "{value:e}"),
            Kind::F32 => write!(text, "{:e}", value as f32),
            Kind::F16 | Kind::BF16 | Kind::X87 => return dragon(float, None),
        };
        let decimal = text.decimal();
        match decimal.may_be_tie(float) {
            true => dragon(float, None),
            false => decimal,
        }
    }

    /// Whether the value may lie right between two shortest numbers, where the standard library rounds
    /// up, but NumPy and Python take the even one.
    fn may_be_tie(&self, float: Float) -> bool {
        // The value's own last digit is then a 5, one place behind these: it is an odd multiple of a
        // power of 1/2.
        let places = self.len as i32 - self.exponent;
        let (integer, power) = float.binary();
        places > 0 && power + integer.trailing_zeros() as i32 == -places
    }

    /// At most `keep` digits, at least 1; `self` are the shortest of `float`. Rounded is the exact
    /// value, half to even.
    ///
    /// Rounding the shortest digits is rounding the value: were a tie between them, it would be
    /// shorter. Only where they are themselves a tie does the value decide.
    pub(super) fn rounded(mut self, float: Float, keep: usize) -> Decimal {
        let keep = keep.max(1);
        let Some((head, [next, rest @ ..])) = self.as_bytes().split_at_checked(keep) else {
            return self;
        };
        let is_odd = head.last().is_some_and(|last| last % 2 == 1);
        let up = match next.cmp(&b'5') {
            Ordering::Equal if rest.is_empty() => match compare(float, &self) {
                Ordering::Equal => is_odd,
                order => order == Ordering::Greater,
            },
            order => order != Ordering::Less,
        };
        self.len = keep;
        if up {
            self.increment();
        }
        self.trim_zeros();
        self
    }

    /// The first `count` digits of the exact value; `self` are its shortest, and decide about a last
    /// digit that they reach. Zeros at the end may be missing.
    pub(super) fn exactly(self, float: Float, count: usize) -> Decimal {
        if self.len >= count {
            return self.rounded(float, count);
        }
        // Zeros follow while the float's own digits suffice: those of subnormal numbers are few.
        let (integer, _) = float.binary();
        let is_coarse = integer >> 40 == 0;
        if is_coarse && !float.is_zero() && compare(float, &self) != Ordering::Equal {
            return dragon(float, Some(count));
        }
        self
    }
}

/// What `{:e}` prints: `1.25e-7`.
#[derive(Default)]
struct Scientific {
    bytes: [u8; 32],
    len: usize,
}

impl Write for Scientific {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl Scientific {
    fn decimal(&self) -> Decimal {
        let text = self.bytes.get(..self.len).unwrap_or_default();
        let text = str::from_utf8(text).unwrap_or_default();
        let (digits, exponent) = text.split_once('e').unwrap_or((text, ""));
        let mut decimal = Decimal::EMPTY;
        for digit in digits.bytes().filter(u8::is_ascii_digit) {
            decimal.push(digit - b'0');
        }
        decimal.exponent = exponent.parse().unwrap_or_default();
        decimal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::item::FloatItem;
    use dtype::{ByteOrder, Number};
    use proptest::prelude::*;

    fn text(decimal: Decimal) -> String {
        let mut decimal = decimal;
        decimal.trim_zeros();
        format!("{}e{}", decimal.as_str(), decimal.exponent)
    }

    /// What the standard library prints, in the form of [`text`].
    fn standard(printed: &str) -> String {
        let (digits, exponent) = printed.split_once('e').unwrap();
        let digits = digits.replace('.', "");
        let digits = digits.trim_end_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        format!("{digits}e{exponent}")
    }

    fn x87(exponent: u16, mantissa: u64) -> Float {
        let mut bytes = mantissa.to_le_bytes().to_vec();
        bytes.extend(exponent.to_le_bytes());
        bytes.extend([0; 6]);
        let item = FloatItem::first(Number::F128, ByteOrder::Little).unwrap();
        item.read(&bytes)
    }

    fn f32_float(value: f32) -> Float {
        let item = FloatItem::first(Number::F32, ByteOrder::Little).unwrap();
        item.read(&value.to_le_bytes())
    }

    #[test]
    fn ties_go_to_the_even_digit() {
        for (value, digits) in [
            (2f64.powi(50) + 0.25, "11258999068426242e15"),
            (2f64.powi(50) + 0.75, "11258999068426248e15"),
            // A power of two: the even neighbour would be read as another number.
            (2f64.powi(-24), "5960464477539063e-8"),
            (2f64.powi(-25), "29802322387695312e-8"),
        ] {
            assert_eq!(text(Decimal::shortest(value.into())), digits);
        }
        let shortest = Decimal::shortest(f32_float(2f32.powi(21) + 0.25));
        assert_eq!(text(shortest), "20971522e6");
    }

    #[test]
    fn what_is_cut_is_rounded_from_the_exact_value() {
        for (value, keep, digits) in [
            (2.5, 1, "2e0"),
            (3.5, 1, "4e0"),
            (0.001953125, 6, "195312e-3"),
            // A little more, and a little less, than the digits say.
            (1.000000015, 9, "100000001e0"),
            (1.000000005, 9, "1e0"),
            (9.9999, 4, "1e1"),
            (0.0, 3, "0e0"),
        ] {
            let shortest = Decimal::shortest(value.into());
            assert_eq!(
                text(shortest.rounded(value.into(), keep)),
                digits,
                "{value}"
            );
            let exact = format!("{value:.*e}", keep - 1);
            assert_eq!(standard(&exact), digits, "{value}");
        }
    }

    #[test]
    fn the_extremes_of_the_x87() {
        for (exponent, mantissa, digits) in [
            (0x7ffe, u64::MAX, "1189731495357231765e4932"),
            (0, 1, "4e-4951"),
            (1, 1 << 63, "33621031431120935063e-4932"),
            (0x3fff, 1 << 63, "1e0"),
            (0x3ffb, 0xcccc_cccc_cccc_cccd, "1e-1"),
        ] {
            assert_eq!(text(Decimal::shortest(x87(exponent, mantissa))), digits);
        }
    }

    proptest! {
        #[test]
        fn both_ways_to_the_shortest_digits_agree(bits: u64, whole in 0..1u64 << 56, places in 0..60) {
            let tie = whole as f64 / 2f64.powi(places);
            for value in [f64::from_bits(bits), tie, 2f64.powi(places - 30)] {
                prop_assume!(value.is_finite() && value != 0.0);
                let digits = dragon(value.into(), None);
                prop_assert_eq!(text(Decimal::shortest(value.into())), text(digits));
                let narrow = f32_float(value as f32);
                if narrow.is_finite() && !narrow.is_zero() {
                    let digits = dragon(narrow, None);
                    prop_assert_eq!(text(Decimal::shortest(narrow)), text(digits));
                }
            }
        }

        #[test]
        fn any_cut_is_the_standard_librarys(bits: u64, whole: u32, keep in 1..18usize) {
            for value in [f64::from_bits(bits), f64::from(whole) / 512.0] {
                prop_assume!(value.is_finite());
                let value = value.abs();
                let shortest = Decimal::shortest(value.into());
                let rounded = shortest.rounded(value.into(), keep);
                if rounded.len() < shortest.len() {
                    let exact = format!("{value:.*e}", keep - 1);
                    prop_assert_eq!(text(rounded), standard(&exact));
                }
                if value > 0.0 {
                    let exact = format!("{value:.*e}", keep + 2);
                    prop_assert_eq!(text(dragon(value.into(), Some(keep + 3))), standard(&exact));
                }
            }
        }
    }
}
