//! Numbers by themselves, in full precision: NumPy's scalars, and Python's own floats.

use super::big::Big;
use super::binary::{Float, Kind};
use super::decimal::Decimal;
use super::item::{FloatItem, Int};
use super::text::Pushed;
use super::time::{push_datetime, push_timedelta};
use dtype::DType;
use std::fmt::{self, Write};

/// `value` as Python's `repr` prints a float: `0.1`, `1.0`, `1e+16`, `nan`, `-inf`.
///
/// ```
/// use flatfile::show::python_float;
/// let text = [0.1, 1e15, 1e16, 1e-5].map(|x| python_float(x).to_string());
/// assert_eq!(text, ["0.1", "1000000000000000.0", "1e+16", "1e-05"]);
/// ```
pub fn python_float(value: f64) -> impl fmt::Display {
    Pushed(move |out: &mut String| push_float(value.into(), out))
}

/// A complex number as Python's `repr` prints it: `(1+2j)`, or `2j` alone.
///
/// ```
/// assert_eq!(flatfile::show::python_complex(1.0, -2.5).to_string(), "(1-2.5j)");
/// ```
pub fn python_complex(real: f64, imaginary: f64) -> impl fmt::Display {
    Pushed(move |out: &mut String| push_complex(real.into(), imaginary.into(), out))
}

/// Appends `str` of the NumPy scalar that an item is: a bool, a number or a time; of others nothing.
pub(crate) fn push_scalar(dtype: &DType, item: &[u8], out: &mut String) {
    match dtype {
        DType::Bool if item == [0] => out.push_str("False"),
        DType::Bool => out.push_str("True"),
        DType::Number(number, order) => match FloatItem::first(*number, *order) {
            Some(float) if number.kind() == 'c' => {
                push_complex(float.read(item), float.second().read(item), out);
            }
            Some(float) => push_float(float.read(item), out),
            // Writing to a string cannot fail.
            None => drop(write!(out, "{}", Int::read(item, *number, *order))),
        },
        DType::Datetime(step, order) => push_datetime(item, *step, *order, out),
        DType::Timedelta(step, order) => push_timedelta(item, *step, *order, out),
        _ => {}
    }
}

/// The sign and the decimal digits of a long double without what is behind its point; `None` where it is
/// not finite, or no long double.
pub(crate) fn long_integer(dtype: &DType, item: &[u8]) -> Option<(bool, Vec<u8>)> {
    let DType::Number(number, order) = dtype else {
        return None;
    };
    let float = FloatItem::first(*number, *order)?.read(item);
    if !float.is_finite() {
        return None;
    }
    let (integer, power) = float.binary();
    let mut digits = match power {
        0.. => {
            let mut big = Big::from(integer);
            big.shift(power.unsigned_abs());
            big.into_decimal()
        }
        -63..0 => (integer >> power.unsigned_abs()).to_string().into_bytes(),
        _ => b"0".to_vec(),
    };
    if digits.is_empty() {
        digits.push(b'0');
    }
    Some((float.negative && digits != b"0", digits))
}

/// Appends a float as `str` of the NumPy scalar: for `f64`, and nearly always for the others, the
/// shortest text that gives the same value again.
pub(super) fn push_float(float: Float, out: &mut String) {
    push_number(float, ".0", out);
}

/// Appends a complex number as `str` of the NumPy scalar: `(3+4j)`, or `4j` alone.
///
/// Source: `numpy/_core/src/multiarray/scalartypes.c.src`, `c@name@type_str`.
fn push_complex(real: Float, imaginary: Float, out: &mut String) {
    let alone = real.is_zero() && !real.negative;
    if !alone {
        out.push('(');
        push_number(real, "", out);
        if imaginary.is_nan() || !imaginary.negative {
            out.push('+');
        }
    }
    push_number(imaginary, "", out);
    out.push_str(if alone { "j" } else { "j)" });
}

/// Appends a number with `.0`, or nothing, where no digits stand behind the point.
fn push_number(float: Float, whole: &str, out: &mut String) {
    if float.negative && !float.is_nan() {
        out.push('-');
    }
    if !float.is_finite() {
        return out.push_str(float.name());
    }
    let decimal = Decimal::shortest(float);
    if is_positional(float, &decimal) {
        decimal.push_positional(out);
        if decimal.behind() == 0 {
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
    let limit = match float.kind {
        Kind::F64 | Kind::X87 => 16,
        coarse => coarse.precision(),
    };
    // The float32 that prints as 1e-04 is a little less.
    let is_small = float.kind == Kind::F32 && float.magnitude == Kind::F32.magnitude(0.0001);
    (-4..limit).contains(&decimal.exponent) && !is_small
}
