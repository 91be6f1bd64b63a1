//! One conversion of a format, applied to items, as Python's `%` does.

use super::format::{ConversionSpec, ConversionType};
use super::value::{PythonNumber, TextStyle, push_value, python_number};
use crate::scalar::{
    as_ascii, code_points, long_integer, push_exact_digits, push_exponent, push_fixed,
};
use dtype::{DType, NumberClass, TimeUnit};
use std::iter::repeat_n;

impl ConversionSpec {
    /// Whether items of this type can be converted, or at least some of them.
    pub(super) fn supports(&self, dtype: &DType) -> bool {
        use TimeUnit::{Microsecond, Month};
        let (is_float, is_int) = match dtype {
            DType::Bool => (false, true),
            DType::Number(number, _) => {
                let is_float = number.class() == NumberClass::Float;
                (is_float, number.is_integer())
            }
            // Python has only numbers for these, and for all that are far out of range.
            DType::Datetime(step, _) => (false, step.unit > Microsecond),
            DType::Timedelta(step, _) => (false, step.unit > Microsecond || step.unit <= Month),
            _ => (false, false),
        };
        match self.conversion {
            ConversionType::Str | ConversionType::Repr | ConversionType::Ascii => true,
            ConversionType::Hex { .. } | ConversionType::Octal => is_int,
            ConversionType::Character => is_int || matches!(dtype, DType::Str(..)),
            ConversionType::Decimal
            | ConversionType::Exponent { .. }
            | ConversionType::Fixed { .. }
            | ConversionType::General { .. } => is_int || is_float,
        }
    }

    /// Appends an item; `None` if it cannot be converted.
    pub(super) fn push_item(
        &self,
        dtype: &DType,
        item: &[u8],
        style: TextStyle,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        match self.conversion {
            ConversionType::Str => self.push_text(dtype, item, style, out),
            ConversionType::Repr | ConversionType::Ascii => {
                self.push_text(dtype, item, TextStyle::Repr, out);
            }
            ConversionType::Character => self.push_padded(&item_char(dtype, item)?, out),
            ConversionType::Decimal => match python_number(dtype, item) {
                PythonNumber::Int(value) => self.push_int(value, out),
                PythonNumber::Float(value) if value.is_finite() => self.push_truncated(value, out),
                PythonNumber::Long(value) if !value.is_nan() => {
                    let (negative, digits) = long_integer(dtype, item)?;
                    self.push_digits(negative, "", &digits, out);
                }
                _ => return None,
            },
            ConversionType::Hex { .. } | ConversionType::Octal => {
                match python_number(dtype, item) {
                    PythonNumber::Int(value) => self.push_int(value, out),
                    _ => return None,
                }
            }
            ConversionType::Exponent { .. }
            | ConversionType::Fixed { .. }
            | ConversionType::General { .. } => match python_number(dtype, item) {
                PythonNumber::Int(value) => self.push_float(value as f64, out),
                PythonNumber::Float(value) | PythonNumber::Long(value) => {
                    self.push_float(value, out)
                }
                PythonNumber::Other => return None,
            },
        }
        Some(())
    }

    fn push_text(&self, dtype: &DType, item: &[u8], style: TextStyle, out: &mut Vec<u8>) {
        let mut text = String::new();
        push_value(dtype, item, style, &mut text);
        if self.conversion == ConversionType::Ascii {
            text = as_ascii(&text);
        }
        let end = self
            .precision
            .and_then(|limit| text.char_indices().nth(limit));
        self.push_padded(
            text.get(..end.map_or(text.len(), |(end, _)| end))
                .unwrap_or_default(),
            out,
        );
    }

    /// Appends a text padded with spaces to the width.
    fn push_padded(&self, text: &str, out: &mut Vec<u8>) {
        let missing = match self.width {
            0 => 0,
            width => width.saturating_sub(text.chars().count()),
        };
        if !self.left {
            out.extend(repeat_n(b' ', missing));
        }
        out.extend_from_slice(text.as_bytes());
        if self.left {
            out.extend(repeat_n(b' ', missing));
        }
    }

    fn push_int(&self, value: i128, out: &mut Vec<u8>) {
        let magnitude = value.unsigned_abs();
        let text;
        let mut buffer = itoa::Buffer::new();
        let (prefix, digits) = match self.conversion {
            ConversionType::Hex { upper: true } => {
                text = format!("{magnitude:X}");
                ("0X", text.as_str())
            }
            ConversionType::Hex { upper: false } => {
                text = format!("{magnitude:x}");
                ("0x", text.as_str())
            }
            ConversionType::Octal => {
                text = format!("{magnitude:o}");
                ("0o", text.as_str())
            }
            _ => match u64::try_from(magnitude) {
                Ok(magnitude) => ("", buffer.format(magnitude)),
                Err(_) => ("", buffer.format(magnitude)),
            },
        };
        let prefix = if self.alternate { prefix } else { "" };
        self.push_digits(value < 0, prefix, digits.as_bytes(), out);
    }

    /// Appends a float without its fraction.
    fn push_truncated(&self, value: f64, out: &mut Vec<u8>) {
        let whole = value.trunc();
        if whole.abs() < 1e18 {
            return self.push_int(whole as i128, out);
        }
        let mut digits = Vec::new();
        push_fixed(whole.abs(), 0, &mut digits);
        self.push_digits(whole < 0.0, "", &digits, out);
    }

    /// Appends an integer with these digits, preceded by zeros up to the precision.
    fn push_digits(&self, negative: bool, prefix: &str, digits: &[u8], out: &mut Vec<u8>) {
        let zeros = self.precision.unwrap_or(0).saturating_sub(digits.len());
        let sign_text = self.sign_text(negative);
        let missing = self
            .width
            .saturating_sub(sign_text.len() + prefix.len() + zeros + digits.len());
        self.push_prefix(sign_text, prefix, missing, out);
        out.extend(repeat_n(b'0', zeros));
        out.extend_from_slice(digits);
        self.push_padding_after(missing, out);
    }

    fn sign_text(&self, negative: bool) -> &'static str {
        if negative {
            "-"
        } else if self.plus {
            "+"
        } else if self.space {
            " "
        } else {
            ""
        }
    }

    /// Appends the part before the digits: spaces or zeros, around the sign and the prefix.
    #[inline]
    fn push_prefix(&self, sign_text: &str, prefix: &str, missing: usize, out: &mut Vec<u8>) {
        let zero = self.zero && !self.left;
        if !zero && !self.left {
            out.extend(repeat_n(b' ', missing));
        }
        out.extend_from_slice(sign_text.as_bytes());
        out.extend_from_slice(prefix.as_bytes());
        if zero {
            out.extend(repeat_n(b'0', missing));
        }
    }

    /// Appends the spaces after a text that is aligned to the left.
    #[inline]
    fn push_padding_after(&self, missing: usize, out: &mut Vec<u8>) {
        if self.left {
            out.extend(repeat_n(b' ', missing));
        }
    }

    /// Appends a float.
    pub(super) fn push_float(&self, value: f64, out: &mut Vec<u8>) {
        let sign_text = self.sign_text(value.is_sign_negative() && !value.is_nan());
        if self.width == 0 {
            push_short(sign_text.as_bytes(), out);
            return self.push_magnitude(value.abs(), out);
        }
        let mut text = Vec::new();
        self.push_magnitude(value.abs(), &mut text);
        let missing = self.width.saturating_sub(sign_text.len() + text.len());
        self.push_prefix(sign_text, "", missing, out);
        out.extend_from_slice(&text);
        self.push_padding_after(missing, out);
    }

    fn push_magnitude(&self, value: f64, out: &mut Vec<u8>) {
        let precision = self.precision.unwrap_or(6);
        let (ConversionType::Exponent { upper }
        | ConversionType::Fixed { upper }
        | ConversionType::General { upper }) = self.conversion
        else {
            return;
        };
        if !value.is_finite() {
            let name: &[u8] = match (value.is_nan(), upper) {
                (true, false) => b"nan",
                (true, true) => b"NAN",
                (false, false) => b"inf",
                (false, true) => b"INF",
            };
            return out.extend_from_slice(name);
        }
        match self.conversion {
            ConversionType::Fixed { .. } => {
                push_fixed(value, precision, out);
                if self.alternate && precision == 0 {
                    out.push(b'.');
                }
            }
            ConversionType::General { .. } => {
                self.push_general(value, precision.max(1), upper, out)
            }
            _ => {
                let point = precision > 0 || self.alternate;
                let power = push_exact_digits(value, precision + 1, point, out);
                self.push_exponent(power, upper, out);
            }
        }
    }

    /// Puts a point after the first digits, if others follow or it is asked for.
    #[inline]
    fn insert_point(&self, at: usize, out: &mut Vec<u8>) {
        if out.len() > at || self.alternate {
            out.insert(at, b'.');
        }
    }

    fn push_exponent(&self, power: i32, upper: bool, out: &mut Vec<u8>) {
        let letter = if upper { "E" } else { "e" };
        push_exponent(power, letter, 2, |text| {
            out.extend_from_slice(text.as_bytes())
        });
    }

    fn push_general(&self, value: f64, precision: usize, upper: bool, out: &mut Vec<u8>) {
        let begin = out.len();
        let power = push_exact_digits(value, precision, false, out);
        // Zeros at the end are removed, except before the point.
        let is_plain = power >= -4 && i64::from(power) < precision as i64;
        let whole = if is_plain {
            1 + power.max(0) as usize
        } else {
            1
        };
        if !self.alternate {
            while out.len() > begin + whole && out.last() == Some(&b'0') {
                out.pop();
            }
        }
        match is_plain {
            true if power < 0 => {
                let zeros = repeat_n(b'0', power.unsigned_abs() as usize);
                out.splice(begin..begin, zeros);
                self.insert_point(begin + 1, out);
            }
            true => self.insert_point(begin + whole, out),
            false => {
                self.insert_point(begin + 1, out);
                self.push_exponent(power, upper, out);
            }
        }
    }
}

/// Appends a text that usually has one byte or none.
#[inline]
pub(super) fn push_short(text: &[u8], out: &mut Vec<u8>) {
    match text {
        [] => {}
        [byte] => out.push(*byte),
        text => out.extend_from_slice(text),
    }
}

/// The character of an item.
fn item_char(dtype: &DType, item: &[u8]) -> Option<String> {
    let point = match dtype {
        DType::Str(_, order) => {
            let mut points = code_points(item, *order);
            let first = points.next()?;
            match points.next() {
                None => first,
                Some(_) => return None,
            }
        }
        _ => match python_number(dtype, item) {
            PythonNumber::Int(value) => u32::try_from(value).ok()?,
            _ => return None,
        },
    };
    char::from_u32(point).map(String::from)
}

/// Whether Python has no text for items of a type: for Python, subarrays are arrays of their own.
pub(super) fn has_no_text(dtype: &DType) -> bool {
    match dtype {
        DType::Subarray(_) => true,
        DType::Record(record) => record
            .fields()
            .iter()
            .any(|field| has_no_text(&field.dtype)),
        _ => false,
    }
}
