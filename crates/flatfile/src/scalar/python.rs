//! Floats and complex numbers as Python and NumPy print single values, in full precision.

use super::decimal::{Decimal, push_exponent};
use super::float::Float;
use dtype::FloatFormat;
use std::fmt;

/// `value` as Python's `repr` prints a float: `0.1`, `1.0`, `1e+16`, `nan`, `-inf`.
///
/// ```
/// use flatfile::show::python_float;
/// let text = [0.1, 1e15, 1e16, 1e-5].map(|x| python_float(x).to_string());
/// assert_eq!(text, ["0.1", "1000000000000000.0", "1e+16", "1e-05"]);
/// ```
pub fn python_float(value: f64) -> impl fmt::Display {
    PythonFloat(value)
}

/// A complex number as Python's `repr` prints it: `(1+2j)`, or just `2j`.
///
/// ```
/// assert_eq!(flatfile::show::python_complex(1.0, -2.5).to_string(), "(1-2.5j)");
/// ```
pub fn python_complex(real: f64, imaginary: f64) -> impl fmt::Display {
    PythonComplex(real, imaginary)
}

struct PythonFloat(f64);

impl fmt::Display for PythonFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut written = Ok(());
        format_shortest(self.0, ".0", |text| {
            written = written.and_then(|()| f.write_str(text));
        });
        written
    }
}

struct PythonComplex(f64, f64);

impl fmt::Display for PythonComplex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        push_complex(self.0.into(), self.1.into(), &mut text);
        f.write_str(&text)
    }
}

/// Appends a float as `str` of the NumPy scalar: for `f64`, and nearly always for the others, the shortest text
/// that reads back as the same value.
pub(crate) fn push_scalar_float(float: Float, out: &mut String) {
    push_number(float, ".0", out);
}

/// Appends a complex number as `str` of the NumPy scalar: `(3+4j)`, or just `4j`.
///
/// Source: `numpy/_core/src/multiarray/scalartypes.c.src`, `c@name@type_str`.
pub(crate) fn push_complex(real: Float, imaginary: Float, out: &mut String) {
    let is_imaginary = real.is_zero() && !real.negative;
    if !is_imaginary {
        out.push('(');
        push_number(real, "", out);
        if imaginary.is_nan() || !imaginary.negative {
            out.push('+');
        }
    }
    push_number(imaginary, "", out);
    out.push_str(if is_imaginary { "j" } else { "j)" });
}

/// Appends a number; if no digits follow the point, with `.0` or nothing.
fn push_number(float: Float, whole: &str, out: &mut String) {
    if float.format == FloatFormat::F64 {
        let value = float.to_f64().unwrap_or_default();
        return format_shortest(value, whole, |text| out.push_str(text));
    }
    if float.negative && !float.is_nan() {
        out.push('-');
    }
    if !float.is_finite() {
        return out.push_str(float.non_finite_name());
    }
    let decimal = Decimal::shortest(float);
    if is_positional(float, &decimal) {
        decimal.push_positional(out);
        if decimal.digits_after_point() == 0 {
            out.pop();
            out.push_str(whole);
        }
    } else if decimal.len() == 1 {
        out.push_str(decimal.as_str());
        decimal.push_exponent(2, out);
    } else {
        decimal.push_exponential(0, 2, out);
    }
}

fn is_positional(float: Float, decimal: &Decimal) -> bool {
    let limit = match float.format {
        FloatFormat::X87 => 16,
        coarse => coarse.decimal_digits() as i32,
    };
    // The float32 that prints as 1e-04 is slightly less.
    let is_small = float.to_f64().is_some_and(|value| value.abs() < 1e-4);
    float.is_zero() || (-4..limit).contains(&decimal.exponent) && !is_small
}

/// Passes the text of `value` as Python's `repr` prints it to `push`, in parts; with `whole` after a text that has
/// no point and no exponent. Most numbers are one part, which is not copied before.
#[inline]
pub(crate) fn format_shortest(value: f64, whole: &str, mut push: impl FnMut(&str)) {
    if !value.is_finite() {
        if value < 0.0 {
            push("-");
        }
        return push(if value.is_nan() { "nan" } else { "inf" });
    }
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let magnitude = value.abs();
    if (1e-4..1e16).contains(&magnitude) || magnitude == 0.0 {
        let text = match text.strip_suffix(".0") {
            Some(text) if whole.is_empty() => text,
            _ => text,
        };
        return push(text);
    }
    if value.is_sign_negative() {
        push("-");
    }
    let decimal = Decimal::from_text(text.trim_start_matches('-'));
    let (first, rest) = decimal.as_str().split_at_checked(1).unwrap_or_default();
    push(first);
    if !rest.is_empty() {
        push(".");
        push(rest);
    }
    push_exponent(decimal.exponent, "e", 2, push);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::difficult;
    use crate::scalar::dragon::dragon4;
    use proptest::prelude::*;

    /// The digits and the power of ten of a text.
    fn read(text: &str) -> (String, i32) {
        let decimal = Decimal::from_text(text.trim_start_matches('-'));
        (decimal.as_str().to_owned(), decimal.exponent)
    }

    fn is_shortest(value: f64) {
        let decimal = dragon4(value.into(), None);
        let text = python_float(value).to_string();
        assert_eq!(
            read(&text),
            (decimal.as_str().to_owned(), decimal.exponent),
            "{text}"
        );
        assert_eq!(text.parse(), Ok(value));
        let has_exponent = !(1e-4..1e16).contains(&value.abs());
        assert_eq!(text.contains('e'), has_exponent, "{text}");
        assert!(has_exponent || text.contains('.'), "{text}");
    }

    #[test]
    fn the_difficult_ones() {
        // Dragon4 does not accept zero, which is tested below.
        for value in difficult().filter(|value| *value != 0.0) {
            is_shortest(value);
            is_shortest(-value);
        }
        assert_eq!(python_float(-0.0).to_string(), "-0.0");
    }

    proptest! {
        #[test]
        fn any_float(bits: u64, whole in 1..1u64 << 60, places in 0..80) {
            let tie = whole as f64 / 2f64.powi(places);
            for value in [f64::from_bits(bits), tie, 2f64.powi(places - 40)] {
                if value.is_finite() && value != 0.0 {
                    is_shortest(value);
                }
            }
        }
    }
}
