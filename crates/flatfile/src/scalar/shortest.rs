//! The decimal digits of binary numbers: the shortest ones, cut at the end of a column.

use super::decimal::Decimal;
use super::dragon::{compare, dragon4};
use super::float::Float;
use dtype::FloatFormat;
use std::cmp::Ordering;

impl Decimal {
    /// The fewest digits that no other number of its kind is nearer to, and of those the nearest.
    pub(crate) fn shortest(float: Float) -> Decimal {
        if float.is_zero() {
            return Decimal::zero();
        }
        let value = float.to_f64().unwrap_or_default().abs();
        let mut buffer = zmij::Buffer::new();
        match float.format {
            FloatFormat::F64 => Decimal::from_text(buffer.format_finite(value)),
            FloatFormat::F32 => Decimal::from_text(buffer.format_finite(value as f32)),
            _ => dragon4(float, None),
        }
    }

    /// The number in a text like `0.0125` or `1.25e-7`, which is positive.
    pub(super) fn from_text(text: &str) -> Decimal {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut decimal = Decimal::EMPTY;
        let (mut point, mut zeros) = (None, 0);
        for (place, byte) in mantissa.bytes().enumerate() {
            match byte {
                b'.' => point = Some(place),
                b'0' if decimal.len() == 0 => zeros += 1,
                digit => decimal.push(digit - b'0'),
            }
        }
        decimal.trim_zeros();
        // Places before the point, less the zeros that the digits do not have.
        let before = point.unwrap_or(mantissa.len()) as i32;
        let exponent: i32 = exponent.parse().unwrap_or_default();
        decimal.exponent = exponent + before - 1 - zeros;
        decimal
    }

    /// At most `keep` digits, at least 1; `self` are the shortest of `float`. The exact value is rounded, half to
    /// even.
    ///
    /// Rounding the shortest digits is the same as rounding the value: if there were a tie between them, they would
    /// be shorter. Only if they are themselves a tie does the value decide.
    pub(crate) fn rounded(mut self, float: Float, keep: usize) -> Decimal {
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
        self.truncate(keep);
        if up {
            self.increment();
        }
        self.trim_zeros();
        self
    }

    /// At most `fraction` digits after the point; `self` are the shortest of `float`. A number that is too small for one
    /// becomes 0, or the last digit.
    pub(crate) fn rounded_after_point(self, float: Float, fraction: usize) -> Decimal {
        let fraction = i32::try_from(fraction).unwrap_or(i32::MAX);
        let keep = self.exponent.saturating_add(1).saturating_add(fraction);
        if keep > 0 {
            return self.rounded(float, keep as usize);
        }
        let is_more_than_half = keep == 0
            && match self.as_bytes() {
                [b'5'] => compare(float, &self) == Ordering::Greater,
                [first, ..] => *first >= b'5',
                [] => false,
            };
        let mut last = Decimal::zero();
        if is_more_than_half {
            last.truncate(0);
            last.push(1);
            last.exponent = -fraction;
        }
        last
    }

    /// The first `count` digits of the exact value; `self` are its shortest, and decide about a last digit that
    /// they reach. Zeros at the end may be missing.
    pub(crate) fn exact_digits(self, float: Float, count: usize) -> Decimal {
        if self.len() >= count {
            return self.rounded(float, count);
        }
        // Zeros follow as long as the float's own digits suffice: subnormal numbers have few.
        let (integer, _) = float.binary();
        let is_coarse = integer >> 40 == 0;
        if is_coarse && !float.is_zero() && compare(float, &self) != Ordering::Equal {
            return dragon4(float, Some(count));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::item::FloatItem;
    use dtype::{ByteOrder, Number};
    use proptest::prelude::*;

    fn text(decimal: Decimal) -> String {
        let mut decimal = decimal;
        decimal.trim_zeros();
        format!("{}e{}", decimal.as_str(), decimal.exponent)
    }

    /// The output of the standard library, in the form of [`text`].
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
            // Slightly more, and slightly less, than the digits state.
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
                let digits = dragon4(value.into(), None);
                prop_assert_eq!(text(Decimal::shortest(value.into())), text(digits));
                let narrow = f32_float(value as f32);
                if narrow.is_finite() && !narrow.is_zero() {
                    let digits = dragon4(narrow, None);
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
                    prop_assert_eq!(text(dragon4(value.into(), Some(keep + 3))), standard(&exact));
                }
            }
        }
    }

    /// In 128 bits, and in as many as needed.
    #[test]
    fn every_float16_and_bfloat16_has_its_shortest_digits() {
        for number in [Number::F16, Number::BF16] {
            let format = number.info().float.unwrap();
            for bits in 1..1u32 << 15 {
                let float = Float::from_bits(format, bits.into());
                if !float.is_finite() {
                    continue;
                }
                let digits = Decimal::shortest(float);
                // It is nearer to the float than to its neighbours, and has no unnecessary digit.
                let mut printed = String::new();
                digits.push_exponential(0, 2, &mut printed);
                let value: f64 = printed.parse().unwrap();
                let neighbour = |bits: u32| Float::from_bits(format, bits.into()).to_f64().unwrap();
                let exact = neighbour(bits);
                let below = (exact - neighbour(bits - 1)) / 2.0;
                assert!(
                    (exact - below..=exact + below * 2.0).contains(&value),
                    "{number} {bits:04x}"
                );
                for count in [1, 5, 20] {
                    let printed = format!("{exact:.*e}", count - 1);
                    let found = dragon4(float, Some(count));
                    if count > digits.len() {
                        assert_eq!(text(found), standard(&printed), "{number} {bits:04x}");
                    }
                }
            }
        }
    }
}
