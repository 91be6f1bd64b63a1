//! Values as Python prints them.

use super::indexed::Indexed;
use super::opaque::shown_name;
use super::{DateTime, Delta, Dict, Objects, Opaque, Time, Value};
use flatfile::Array;
use flatfile::dtype::DType;
use flatfile::dtype::python::is_printable;
use flatfile::show::{
    Options, dtype_repr, dtype_str, python_bytes, python_complex, python_float, python_str,
    scalar_repr,
};
use std::fmt::{self, Display, Write};

/// As Python's `repr`, with arrays and scalars as NumPy's; what Python would print only by running code is in angle
/// brackets.
impl Display for Value {
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
            Value::Dict(dict) => fmt_dict(f, dict),
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
            Value::Array(array) => fmt_array(f, array),
            Value::Scalar(array) => match scalar_repr(&array.strided()) {
                Ok(text) => text.fmt(f),
                Err(error) => write!(f, "<{error}>"),
            },
            Value::Objects(objects) => objects.display(&Options::new().repr()).fmt(f),
            Value::DType(dtype) => f.write_str(&dtype_repr(dtype)),
            Value::Range(parts) => {
                let [start, stop, step] = &**parts;
                match step.to_i64() {
                    Some(1) => write!(f, "range({start}, {stop})"),
                    _ => write!(f, "range({start}, {stop}, {step})"),
                }
            }
            Value::Slice(parts) => fmt_list(f, "slice(", &**parts, ")"),
            Value::Name(name) => match shown_name(name) {
                Some(shown) => f.write_str(shown),
                None => {
                    f.write_char('<')?;
                    fmt_name(f, &name.to_string_lossy())?;
                    f.write_char('>')
                }
            },
            Value::Opaque(object) => fmt_opaque(f, object),
        }
    }
}

fn fmt_array(f: &mut fmt::Formatter<'_>, array: &Array) -> fmt::Result {
    match Options::new().repr().array(&array.strided()) {
        Ok(text) => text.fmt(f),
        Err(error) => write!(f, "<{error}>"),
    }
}

/// `<class(args, name=value) state [items] {entries}>`, each only if there is any.
fn fmt_opaque(f: &mut fmt::Formatter<'_>, object: &Opaque) -> fmt::Result {
    f.write_char('<')?;
    fmt_name(f, object.class())?;
    if !object.args().is_empty() || !object.kwargs().is_empty() {
        f.write_char('(')?;
        let mut separator = "";
        for arg in object.args() {
            write!(f, "{separator}{arg}")?;
            separator = ", ";
        }
        for (name, value) in object.kwargs().iter() {
            match name {
                Value::Str(name) => {
                    f.write_str(separator)?;
                    fmt_name(f, &name.to_string_lossy())?;
                    write!(f, "={value}")?;
                }
                name => write!(f, "{separator}{name}={value}")?,
            }
            separator = ", ";
        }
        f.write_char(')')?;
    }
    if let Some(state) = object.state() {
        write!(f, " {state}")?;
    }
    if !object.items().is_empty() {
        fmt_list(f, " [", object.items(), "]")?;
    }
    if !object.entries().is_empty() {
        f.write_char(' ')?;
        fmt_dict(f, object.entries())?;
    }
    f.write_char('>')
}

/// A name without quotes, in which no character controls a terminal.
fn fmt_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    name.chars().try_for_each(|c| {
        if is_printable(c) {
            return f.write_char(c);
        }
        let quoted = python_str([u32::from(c)].into_iter()).to_string();
        f.write_str(quoted.trim_matches('\''))
    })
}

fn fmt_dict(f: &mut fmt::Formatter<'_>, dict: &Dict) -> fmt::Result {
    f.write_str("{")?;
    for (i, (key, value)) in dict.iter().enumerate() {
        write!(f, "{}{key}: {value}", if i == 0 { "" } else { ", " })?;
    }
    f.write_str("}")
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

/// As Python's `str`: `-1 day, 23:59:59.000001`.
fn fmt_delta_str(f: &mut fmt::Formatter<'_>, delta: &Delta) -> fmt::Result {
    let (days, seconds, microseconds) = delta.parts();
    if days != 0 {
        let unit = if days.abs() == 1 { "day" } else { "days" };
        write!(f, "{days} {unit}, ")?;
    }
    let (minutes, second) = (seconds / 60, seconds % 60);
    write!(f, "{}:{:02}:{second:02}", minutes / 60, minutes % 60)?;
    if microseconds > 0 {
        write!(f, ".{microseconds:06}")?;
    }
    Ok(())
}

/// As NumPy's `str`: for more than 1000 items, those at the corners.
impl Display for Objects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.shape(), self.items()) {
            ([], [item]) if *self.dtype() == DType::Object => fmt_str(f, item),
            _ => self.display(&Options::new()).fmt(f),
        }
    }
}

impl Objects {
    /// The text that NumPy prints with these options. It is produced as it is written, and may be much longer than
    /// the array in memory, since an array may refer any number of times to one long text.
    pub fn display(&self, options: &Options) -> impl Display {
        ShownObjects {
            objects: self,
            options: options.clone(),
        }
    }
}

struct ShownObjects<'a> {
    objects: &'a Objects,
    options: Options,
}

impl Display for ShownObjects<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objects = self.objects;
        let dtype = objects.dtype();
        let shown = Indexed::new(dtype, objects.shape(), objects.items()).and_then(|indexed| {
            // The texts are written while the numbers and the values are borrowed.
            let write = |number: u64, out: &mut dyn Write| match indexed.value(number) {
                // Otherwise they would look like more axes.
                item @ Value::List(_) => write!(out, "list({item})"),
                item => write!(out, "{item}"),
            };
            let view = indexed.strided()?;
            let shown = self.options.array_of_objects(&view, &write)?;
            Ok(shown.fmt(f))
        });
        shown.unwrap_or_else(|error| write!(f, "<{error}>"))
    }
}

/// As Python's `str`.
fn fmt_str(f: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    match value {
        Value::Str(text) => f.write_str(&text.to_string_lossy()),
        Value::Array(array) | Value::Scalar(array) => array.fmt(f),
        Value::Objects(objects) => objects.fmt(f),
        Value::DType(dtype) => f.write_str(&dtype_str(dtype)),
        Value::Date(date) => date.fmt(f),
        Value::Time(time) => time.fmt(f),
        Value::DateTime(time) => write!(f, "{} {}", time.date, time.time),
        Value::Delta(delta) => fmt_delta_str(f, delta),
        value => value.fmt(f),
    }
}
