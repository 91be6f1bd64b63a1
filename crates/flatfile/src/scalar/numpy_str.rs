//! Items as `str` prints NumPy's scalars.

use super::calendar::CivilTime;
use super::item::{FloatItem, Int, time_count};
use super::python::{push_complex, push_scalar_float};
use dtype::{ByteOrder, DType, NumberClass, TimeStep, TimeUnit};
use num_bigint::BigUint;
use std::fmt::Write;

/// Appends `str` of the NumPy scalar in an item: a bool, a number or a time; for others nothing.
pub(crate) fn push_scalar(dtype: &DType, item: &[u8], out: &mut String) {
    match dtype {
        DType::Bool if item == [0] => out.push_str("False"),
        DType::Bool => out.push_str("True"),
        DType::Number(number, order) => match FloatItem::first(*number, *order) {
            Some(float) if number.class() == NumberClass::Complex => {
                push_complex(float.read(item), float.second().read(item), out);
            }
            Some(float) => push_scalar_float(float.read(item), out),
            // Writing to a string cannot fail.
            None => drop(write!(out, "{}", Int::read(item, *number, *order))),
        },
        DType::Datetime(step, order) => push_datetime(item, *step, *order, out),
        DType::Timedelta(step, order) => push_timedelta(item, *step, *order, out),
        _ => {}
    }
}

/// The sign and the decimal digits of a long double without its fraction; `None` if it is not finite, or not a long
/// double.
pub(crate) fn long_integer(dtype: &DType, item: &[u8]) -> Option<(bool, Vec<u8>)> {
    let DType::Number(number, order) = dtype else {
        return None;
    };
    let float = FloatItem::first(*number, *order)?.read(item);
    if !float.is_finite() {
        return None;
    }
    let (integer, power) = float.binary();
    let digits = match power {
        0.. => {
            let whole = BigUint::from(integer) << power.unsigned_abs();
            whole.to_string().into_bytes()
        }
        -63..0 => (integer >> power.unsigned_abs()).to_string().into_bytes(),
        _ => b"0".to_vec(),
    };
    Some((float.negative && digits != b"0", digits))
}

/// Appends `str` of a `datetime64`.
pub(crate) fn push_datetime(item: &[u8], step: TimeStep, order: ByteOrder, out: &mut String) {
    let text = match time_count(item, order) {
        None => "NaT".into(),
        Some(count) => match CivilTime::of(count, step) {
            Some(civil) => civil.to_string(),
            None => count.to_string(),
        },
    };
    out.push_str(&text);
}

/// Appends `str` of a `timedelta64`: `5 seconds`.
pub(crate) fn push_timedelta(item: &[u8], step: TimeStep, order: ByteOrder, out: &mut String) {
    let Some(count) = time_count(item, order) else {
        return out.push_str("NaT");
    };
    let units = i128::from(count) * i128::from(step.count);
    // Writing to a string cannot fail.
    let _ = write!(out, "{units} {}", unit_name(step.unit));
}

const fn unit_name(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Year => "years",
        TimeUnit::Month => "months",
        TimeUnit::Week => "weeks",
        TimeUnit::Day => "days",
        TimeUnit::Hour => "hours",
        TimeUnit::Minute => "minutes",
        TimeUnit::Second => "seconds",
        TimeUnit::Millisecond => "milliseconds",
        TimeUnit::Microsecond => "microseconds",
        TimeUnit::Nanosecond => "nanoseconds",
        TimeUnit::Picosecond => "picoseconds",
        TimeUnit::Femtosecond => "femtoseconds",
        TimeUnit::Attosecond => "attoseconds",
        TimeUnit::Generic => "generic time units",
    }
}
