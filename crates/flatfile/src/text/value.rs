//! Items as the Python values that NumPy's `item()` makes of them.

use crate::longdouble::is_long;
use crate::scalar::{
    CivilTime, Int, format_shortest, push_bytes, push_bytes_literal, push_complex, push_quoted,
    push_scalar, push_unquoted, read_f64, time_count,
};
use dtype::{ByteOrder, DType, Number, NumberClass, TimeStep, TimeUnit};
use std::fmt::Write;

/// The kinds of number that Python calculates with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PythonNumber {
    Int(i128),
    Float(f64),
    /// A `longdouble`, and the nearest `f64`.
    Long(f64),
    /// Not a real number.
    Other,
}

/// The number in an item.
#[inline]
pub(super) fn python_number(dtype: &DType, item: &[u8]) -> PythonNumber {
    match dtype {
        DType::Bool => PythonNumber::Int(i128::from(item != [0])),
        DType::Number(number, order) => match number.class() {
            NumberClass::Float if is_long(*number) => {
                PythonNumber::Long(read_f64(*number, *order, item))
            }
            NumberClass::Float => PythonNumber::Float(read_f64(*number, *order, item)),
            NumberClass::Complex => PythonNumber::Other,
            NumberClass::Signed | NumberClass::Unsigned => match Int::read(item, *number, *order) {
                Int::Signed(value) => PythonNumber::Int(value.into()),
                Int::Unsigned(value) => PythonNumber::Int(value.into()),
            },
        },
        DType::Datetime(step, order) | DType::Timedelta(step, order) => {
            let is_date = matches!(dtype, DType::Datetime(..));
            match time_count(item, *order) {
                Some(count) if python_time(count, *step, is_date).is_none() => {
                    PythonNumber::Int(count.into())
                }
                _ => PythonNumber::Other,
            }
        }
        _ => PythonNumber::Other,
    }
}

/// Which text of an item to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextStyle {
    /// `str`
    Str,
    /// `repr`
    Repr,
    /// `str` of NumPy's own scalars, which tables have.
    Scalar,
}

/// Appends `str` or `repr` of an item.
pub(super) fn push_value(dtype: &DType, item: &[u8], style: TextStyle, out: &mut String) {
    let is_repr = style == TextStyle::Repr;
    match dtype {
        DType::Bool | DType::Datetime(..) | DType::Timedelta(..) | DType::Number(..)
            if style == TextStyle::Scalar =>
        {
            push_scalar(dtype, item, out);
        }
        DType::Bool => push_scalar(dtype, item, out),
        DType::Number(number, order) => push_number(*number, *order, dtype, item, is_repr, out),
        DType::Bytes(_) => push_bytes(item, out),
        DType::Str(_, order) if is_repr => push_quoted(item, *order, out),
        DType::Str(_, order) => push_unquoted(item, *order, out),
        DType::Datetime(step, order) => push_time(item, *step, *order, true, is_repr, out),
        DType::Timedelta(step, order) => push_time(item, *step, *order, false, is_repr, out),
        DType::Record(record) => {
            out.push('(');
            for (i, field) in record.fields().iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                let end = field.offset + field.dtype.itemsize();
                let value = item.get(field.offset..end).unwrap_or_default();
                push_value(&field.dtype, value, TextStyle::Repr, out);
            }
            out.push_str(if record.fields().len() == 1 {
                ",)"
            } else {
                ")"
            });
        }
        // Bytes without a meaning: their NULs belong to them.
        _ => push_bytes_literal(item, out),
    }
}

fn push_number(
    number: Number,
    order: ByteOrder,
    dtype: &DType,
    item: &[u8],
    is_repr: bool,
    out: &mut String,
) {
    if number.is_integer() || is_long(number) && !is_repr {
        return push_scalar(dtype, item, out);
    }
    let is_complex = number.class() == NumberClass::Complex;
    if is_long(number) {
        let complex = if is_complex { "c" } else { "" };
        let mut text = String::new();
        push_scalar(dtype, item, &mut text);
        let text = text.trim_start_matches('(').trim_end_matches(')');
        // Writing to a string cannot fail.
        let _ = write!(out, "np.{complex}longdouble('{text}')");
    } else if is_complex {
        let (first, second) = item
            .split_at_checked(number.part_size())
            .unwrap_or_default();
        let [first, second] = [first, second].map(|part| read_f64(number, order, part).into());
        push_complex(first, second, out);
    } else {
        format_shortest(read_f64(number, order, item), ".0", |text| {
            out.push_str(text)
        });
    }
}

/// The value of a time in Python's `datetime` module.
enum PythonTime {
    Date(CivilTime),
    Datetime(CivilTime),
    /// Microseconds.
    Delta(i128),
}

/// The time after this many steps; `None` if Python has only the number.
fn python_time(count: i64, step: TimeStep, is_date: bool) -> Option<PythonTime> {
    let units = i128::from(count) * i128::from(step.count);
    if is_date {
        let civil = CivilTime::of(count, step)?;
        return match step.unit {
            _ if !(1..=9999).contains(&civil.year) => None,
            unit if unit <= TimeUnit::Day => Some(PythonTime::Date(civil)),
            unit if unit <= TimeUnit::Microsecond => Some(PythonTime::Datetime(civil)),
            _ => None,
        };
    }
    let size = match step.unit {
        TimeUnit::Week => 604_800_000_000,
        TimeUnit::Day => DAY_MICROSECONDS,
        TimeUnit::Hour => 3_600_000_000,
        TimeUnit::Minute => 60_000_000,
        TimeUnit::Second => 1_000_000,
        TimeUnit::Millisecond => 1000,
        TimeUnit::Microsecond => 1,
        _ => return None,
    };
    let microseconds = units * size;
    let days = microseconds.div_euclid(DAY_MICROSECONDS);
    (-999_999_999..=999_999_999)
        .contains(&days)
        .then_some(PythonTime::Delta(microseconds))
}

/// Microseconds in a day.
const DAY_MICROSECONDS: i128 = 86_400_000_000;

fn push_time(
    item: &[u8],
    step: TimeStep,
    order: ByteOrder,
    is_date: bool,
    is_repr: bool,
    out: &mut String,
) {
    let Some(count) = time_count(item, order) else {
        return out.push_str("None");
    };
    // Writing to a string cannot fail.
    let _ = match python_time(count, step, is_date) {
        None => write!(out, "{count}"),
        Some(PythonTime::Date(civil)) => {
            let CivilTime {
                year, month, day, ..
            } = civil;
            if is_repr {
                write!(out, "datetime.date({year}, {month}, {day})")
            } else {
                write!(out, "{year:04}-{month:02}-{day:02}")
            }
        }
        Some(PythonTime::Datetime(civil)) => push_datetime(&civil, is_repr, out),
        Some(PythonTime::Delta(microseconds)) => push_delta(microseconds, is_repr, out),
    };
}

fn push_datetime(civil: &CivilTime, is_repr: bool, out: &mut String) -> std::fmt::Result {
    let CivilTime {
        year, month, day, ..
    } = civil;
    let ((hour, minute, second), microsecond) = (civil.clock(), civil.microsecond());
    if is_repr {
        write!(
            out,
            "datetime.datetime({year}, {month}, {day}, {hour}, {minute}"
        )?;
        if second != 0 || microsecond != 0 {
            write!(out, ", {second}")?;
        }
        if microsecond != 0 {
            write!(out, ", {microsecond}")?;
        }
        return out.write_char(')');
    }
    write!(
        out,
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    )?;
    match microsecond {
        0 => Ok(()),
        _ => write!(out, ".{microsecond:06}"),
    }
}

fn push_delta(microseconds: i128, is_repr: bool, out: &mut String) -> std::fmt::Result {
    let (days, rest) = (
        microseconds.div_euclid(DAY_MICROSECONDS),
        microseconds.rem_euclid(DAY_MICROSECONDS),
    );
    let (seconds, micro) = (rest / 1_000_000, rest % 1_000_000);
    if is_repr {
        let parts = [
            ("days", days),
            ("seconds", seconds),
            ("microseconds", micro),
        ];
        let parts = parts.iter().filter(|(_, value)| *value != 0);
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let parts = if parts.is_empty() {
            "0".to_owned()
        } else {
            parts.join(", ")
        };
        return write!(out, "datetime.timedelta({parts})");
    }
    if days != 0 {
        let plural = if days.abs() == 1 { "" } else { "s" };
        write!(out, "{days} day{plural}, ")?;
    }
    write!(
        out,
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )?;
    match micro {
        0 => Ok(()),
        _ => write!(out, ".{micro:06}"),
    }
}
