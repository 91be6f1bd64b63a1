//! Values as Python prints them.

use super::{DateTime, Delta, Objects, Time, Value};
use flatfile::show::{python_bytes, python_complex, python_float};
use std::fmt;

/// As Python's `repr`, arrays as NumPy's `str` on one line.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("None"),
            Value::Bool(true) => f.write_str("True"),
            Value::Bool(false) => f.write_str("False"),
            Value::Int(int) => int.fmt(f),
            Value::Float(value) => python_float(*value).fmt(f),
            Value::Complex(real, imaginary) => python_complex(*real, *imaginary).fmt(f),
            Value::Str(text) => fmt::Debug::fmt(text, f),
            Value::Bytes(bytes) => python_bytes(bytes).fmt(f),
            Value::List(items) => fmt_list(f, "[", items, "]"),
            Value::Tuple(items) => match items.as_slice() {
                [one] => write!(f, "({one},)"),
                items => fmt_list(f, "(", items, ")"),
            },
            Value::Set(items) if items.is_empty() => f.write_str("set()"),
            Value::Set(items) => fmt_list(f, "{", items, "}"),
            Value::FrozenSet(items) if items.is_empty() => f.write_str("frozenset()"),
            Value::FrozenSet(items) => fmt_list(f, "frozenset({", items, "})"),
            Value::Dict(dict) => {
                f.write_str("{")?;
                for (i, (key, value)) in dict.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
            Value::Date(date) => {
                let (year, month, day) = date.ymd();
                write!(f, "datetime.date({year}, {month}, {day})")
            }
            Value::Time(time) => {
                f.write_str("datetime.time(")?;
                fmt_time(f, time, [fmt_zone, fmt_fold])?;
                f.write_str(")")
            }
            Value::DateTime(time) => {
                let DateTime { date, time } = &**time;
                let (year, month, day) = date.ymd();
                write!(f, "datetime.datetime({year}, {month}, {day}, ")?;
                // Here `fold` comes first.
                fmt_time(f, time, [fmt_fold, fmt_zone])?;
                f.write_str(")")
            }
            Value::Delta(delta) => fmt_delta(f, delta),
            Value::Array(array) => {
                // Complete and on one line, even if items print on several.
                let text = array.to_string();
                f.write_str("array(")?;
                for (i, line) in text.lines().enumerate() {
                    write!(f, "{}{}", if i == 0 { "" } else { " " }, line.trim_start())?;
                }
                f.write_str(")")
            }
            Value::Scalar(array) => array.fmt(f),
            Value::Objects(objects) => write!(f, "array({objects})"),
        }
    }
}

fn fmt_list(f: &mut fmt::Formatter<'_>, begin: &str, items: &[Value], end: &str) -> fmt::Result {
    f.write_str(begin)?;
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
    }
    f.write_str(end)
}

/// Prints the time of day, and then its two optional parts.
fn fmt_time(
    f: &mut fmt::Formatter<'_>,
    time: &Time,
    rest: [fn(&mut fmt::Formatter<'_>, &Time) -> fmt::Result; 2],
) -> fmt::Result {
    let (hour, minute, second, microsecond) = time.hmsu();
    write!(f, "{hour}, {minute}")?;
    if second > 0 || microsecond > 0 {
        write!(f, ", {second}")?;
    }
    if microsecond > 0 {
        write!(f, ", {microsecond}")?;
    }
    rest.into_iter().try_for_each(|part| part(f, time))
}

fn fmt_fold(f: &mut fmt::Formatter<'_>, time: &Time) -> fmt::Result {
    f.write_str(if time.fold { ", fold=1" } else { "" })
}

fn fmt_zone(f: &mut fmt::Formatter<'_>, time: &Time) -> fmt::Result {
    match time.offset {
        None => Ok(()),
        Some(offset) if offset == Delta::default() => f.write_str(", tzinfo=datetime.timezone.utc"),
        Some(offset) => {
            f.write_str(", tzinfo=datetime.timezone(")?;
            fmt_delta(f, &offset)?;
            f.write_str(")")
        }
    }
}

fn fmt_delta(f: &mut fmt::Formatter<'_>, delta: &Delta) -> fmt::Result {
    let (days, seconds, microseconds) = delta.parts();
    let parts = [
        ("days", days),
        ("seconds", seconds),
        ("microseconds", microseconds),
    ];
    f.write_str("datetime.timedelta(")?;
    let mut is_first = true;
    for (name, part) in parts.into_iter().filter(|(_, part)| *part != 0) {
        write!(f, "{}{name}={part}", if is_first { "" } else { ", " })?;
        is_first = false;
    }
    f.write_str(if is_first { "0)" } else { ")" })
}

/// As NumPy's `str` of an array of objects, but without line breaks: `['a' None list([1, 2])]`.
impl fmt::Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.shape(), self.items()) {
            ([], [Value::Str(text)]) => f.write_str(&text.to_string_lossy()),
            ([], items) => items.iter().try_for_each(|item| item.fmt(f)),
            (shape, items) => fmt_nested(f, shape, items),
        }
    }
}

fn fmt_nested(f: &mut fmt::Formatter<'_>, shape: &[usize], items: &[Value]) -> fmt::Result {
    let Some((length, inner)) = shape.split_first() else {
        return items.iter().try_for_each(|item| match item {
            // Otherwise they would look like more axes.
            Value::List(_) => write!(f, "list({item})"),
            item => write!(f, "{item}"),
        });
    };
    f.write_str("[")?;
    let size = items.len().checked_div(*length).unwrap_or(0);
    for i in 0..if size == 0 { 0 } else { *length } {
        if i > 0 {
            f.write_str(" ")?;
        }
        fmt_nested(
            f,
            inner,
            items.get(i * size..(i + 1) * size).unwrap_or_default(),
        )?;
    }
    f.write_str("]")
}
