//! Floats and complex numbers with aligned points: NumPy's `FloatingFormat` and `ComplexFloatingFormat`.

use super::item_formatter::FormatOptions;
use super::printed_items::PrintedItems;
use crate::scalar::{Decimal, Float, FloatItem, Magnitude};

/// The power of ten from which numbers have an exponent, if they have so many digits.
const EXPONENT_DIGITS: usize = 8;

/// The formatter of floats with one width: all with an exponent, or all without.
#[derive(Clone, Debug)]
pub(super) struct FloatFormatter {
    item: FloatItem,
    /// The maximum number of digits after the point.
    precision: usize,
    /// Whether positive numbers get a sign.
    plus: bool,
    /// Characters before the point.
    pad_left: usize,
    /// Characters after the point, including the exponent's.
    pad_right: usize,
    exponent: Option<ExponentWidths>,
}

/// Widths of numbers with exponents.
#[derive(Clone, Copy, Debug)]
struct ExponentWidths {
    /// Digits between the point and the `e`.
    fraction: usize,
    /// Digits after the exponent's sign.
    digits: usize,
}

impl FloatFormatter {
    /// Scans the items to find a form for all of them.
    pub(super) fn of(
        items: &PrintedItems<'_>,
        item: FloatItem,
        options: FormatOptions,
        plus: bool,
    ) -> FloatFormatter {
        let (mut finite, mut other, mut minus_infinity) = (false, false, false);
        let mut extremes: Option<(Float, Float)> = None;
        items.for_each(|bytes| {
            let float = item.read(bytes);
            if !float.is_finite() {
                other = true;
                minus_infinity |= float.negative && !float.is_nan();
                return;
            }
            finite = true;
            if !float.is_zero() {
                let (low, high) = extremes.get_or_insert((float, float));
                if float.magnitude < low.magnitude {
                    *low = float;
                }
                if float.magnitude > high.magnitude {
                    *high = float;
                }
            }
        });
        let mut formatter = FloatFormatter {
            item,
            precision: options.precision,
            plus,
            pad_left: 0,
            pad_right: 0,
            exponent: None,
        };
        let exponent =
            extremes.is_some_and(|(low, high)| needs_exponent(low, high, options.suppress));
        match (finite, exponent) {
            (true, true) => formatter.measure_exponential(items),
            (true, false) => formatter.measure_positional(items),
            (false, _) => {}
        }
        if other {
            // "nan", and "inf" with its sign, have no point.
            let longest = 3 + usize::from(plus || minus_infinity);
            formatter.pad_left = formatter
                .pad_left
                .max(longest.saturating_sub(formatter.pad_right + 1));
        }
        formatter
    }

    fn measure_positional(&mut self, items: &PrintedItems<'_>) {
        let FloatFormatter { item, plus, .. } = *self;
        items.for_each(|bytes| {
            let float = item.read(bytes);
            if float.is_finite() {
                let decimal = Decimal::shortest(float).rounded_after_point(float, self.precision);
                self.pad_left = self
                    .pad_left
                    .max(sign(float, plus).len() + decimal.digits_before_point());
                self.pad_right = self.pad_right.max(decimal.digits_after_point());
            }
        });
    }

    fn measure_exponential(&mut self, items: &PrintedItems<'_>) {
        let FloatFormatter {
            item,
            precision,
            plus,
            ..
        } = *self;
        let (mut fraction, mut digits) = (0, 2);
        items.for_each(|bytes| {
            let float = item.read(bytes);
            if float.is_finite() {
                let decimal = Decimal::shortest(float).rounded(float, precision.saturating_add(1));
                let exponent = decimal.exponent.unsigned_abs();
                fraction = fraction.max(decimal.len() - 1);
                digits = digits.max(exponent.checked_ilog10().unwrap_or(0) as usize + 1);
                self.pad_left = self.pad_left.max(sign(float, plus).len() + 1);
            }
        });
        self.exponent = Some(ExponentWidths { fraction, digits });
        self.pad_right = fraction + "e+".len() + digits;
    }

    /// Appends the item's text.
    pub(super) fn push(&self, item: &[u8], out: &mut String) {
        let float = self.item.read(item);
        let sign = sign(float, self.plus);
        if !float.is_finite() {
            let word = float.non_finite_name();
            let width = self.pad_left + ".".len() + self.pad_right;
            pad(out, width.saturating_sub(sign.len() + word.len()));
            out.push_str(sign);
            out.push_str(word);
            return;
        }
        let decimal = match self.exponent {
            Some(widths) => Decimal::shortest(float).exact_digits(float, 1 + widths.fraction),
            None => Decimal::shortest(float).rounded_after_point(float, self.precision),
        };
        let before = self
            .exponent
            .map_or_else(|| decimal.digits_before_point(), |_| 1);
        pad(out, self.pad_left.saturating_sub(sign.len() + before));
        out.push_str(sign);
        match self.exponent {
            Some(widths) => decimal.push_exponential(widths.fraction, widths.digits, out),
            None => {
                decimal.push_positional(out);
                pad(
                    out,
                    self.pad_right.saturating_sub(decimal.digits_after_point()),
                );
            }
        }
    }
}

/// Whether numbers from `low` to `high`, both positive, are written with an exponent. As in NumPy, this is computed
/// in the numbers' own precision.
fn needs_exponent(low: Float, high: Float, suppress: bool) -> bool {
    let digits = low.format.decimal_digits() as usize;
    let largest = 10f64.powi(digits.min(EXPONENT_DIGITS) as i32);
    high.magnitude >= Magnitude::of(largest, low.format)
        || !suppress
            && (low.magnitude < Magnitude::of(0.0001, low.format) || ratio_exceeds_1000(low, high))
}

fn ratio_exceeds_1000(low: Float, high: Float) -> bool {
    let Some((divisor, dividend)) = low.to_f64().zip(high.to_f64()) else {
        return ratio_exceeds_1000_x87(low, high);
    };
    // Half way from 1000 to the next number of the format: values up to it are rounded to 1000.
    let half = 2f64.powi(9 - low.format.fraction_bits as i32 - 1);
    (dividend / divisor).abs() > 1000.0 + half
}

/// The quotient is rounded to 64 bits: it exceeds 1000 if it is more than 1000 + 2^-55 before rounding.
fn ratio_exceeds_1000_x87(low: Float, high: Float) -> bool {
    let (mut divisor, mut power) = low.binary();
    power -= divisor.leading_zeros() as i32;
    divisor <<= divisor.leading_zeros();
    let (dividend, high_power) = high.binary();
    let Ok(shift @ ..=63) = u32::try_from(high_power - power) else {
        // Both have the same power, or the dividend's is larger.
        return high_power > power;
    };
    let excess = (u128::from(dividend) << shift).checked_sub(1000 * u128::from(divisor));
    excess.is_some_and(|excess| excess > u128::from(divisor >> 55))
}

fn sign(float: Float, plus: bool) -> &'static str {
    if float.negative && !float.is_nan() {
        "-"
    } else if plus {
        "+"
    } else {
        ""
    }
}

fn pad(out: &mut String, width: usize) {
    out.extend(std::iter::repeat_n(' ', width));
}

/// The formatter of complex numbers: of their real parts, and of their imaginary parts.
#[derive(Clone, Debug)]
pub(super) struct ComplexFormatter {
    real: FloatFormatter,
    imaginary: FloatFormatter,
}

impl ComplexFormatter {
    /// Scans the items, whose real parts are `real`.
    pub(super) fn of(
        items: &PrintedItems<'_>,
        real: FloatItem,
        options: FormatOptions,
    ) -> ComplexFormatter {
        ComplexFormatter {
            real: FloatFormatter::of(items, real, options, false),
            imaginary: FloatFormatter::of(items, real.second(), options, true),
        }
    }

    /// Appends the item's text, with the `j` before the spaces at its end.
    pub(super) fn push(&self, item: &[u8], out: &mut String) {
        self.real.push(item, out);
        self.imaginary.push(item, out);
        let end = out.trim_end_matches(' ').len();
        out.insert(end, 'j');
    }
}
