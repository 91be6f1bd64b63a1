//! Arrays as JSON, on one line: the values nested as by `arr.tolist()`.

use super::column::{Axis, Column};
use crate::error::{Error, refuse_objects};
use crate::longdouble::{Evidence, LongDoubleCheck};
use crate::scalar::{
    CivilTime, Float, FloatItem, Int, code_points, push_json_string, push_scalar_float, time_count,
};
use crate::strided::Strided;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dtype::python::is_printable;
use dtype::{ByteOrder, DType, Number, NumberClass, TimeStep, TimeUnit, trim_nuls};
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// Bytes that are collected before they are written.
const BLOCK: usize = 1 << 16;

/// Writes `array` as JSON: compact, without a line end.
///
/// - Floats as Python spells them, with `NaN` and `Infinity`; x87 numbers as strings, since no JSON reader has
///   their precision. Complex numbers are `[re,im]`.
/// - `datetime64` in ISO 8601 if Python has such a date, that is in the years 1 to 9999 and not finer than
///   microseconds; else, as for `timedelta64`, the count. NaT is `null`.
/// - `S` and `V` as text if they are ASCII, else `{"base64":"…"}`.
/// - `U` as text, in which characters that are not printable are escaped: no item can control a terminal.
/// - Records as arrays.
///
/// # Errors
/// `Object` or `LongDouble`, before anything is written; `Io`.
pub fn json(array: &Strided<'_>, out: impl Write) -> Result<(), Error> {
    refuse_objects(array.dtype())?;
    if let Some(check) = LongDoubleCheck::of(array.dtype()) {
        check.check_view(array, &Evidence::in_sequence(None))?;
    }
    let column = Column::new(array, usize::MAX);
    let mut json = Json {
        out,
        text: String::with_capacity(2 * BLOCK),
    };
    json.array(&column, column.axes(), 0)?;
    Ok(json.flush()?)
}

struct Json<W> {
    out: W,
    /// Text that is not yet written.
    text: String,
}

impl<W: Write> Json<W> {
    fn array(&mut self, column: &Column<'_>, axes: &[Axis], at: isize) -> io::Result<()> {
        let Some((axis, inner)) = axes.split_first() else {
            return self.item(column.dtype(), column.at(at));
        };
        let steps = axis.steps().flatten();
        self.list(steps, |json, step| {
            json.array(column, inner, at.wrapping_add(step))
        })
    }

    fn subarray(&mut self, base: &DType, shape: &[usize], bytes: &[u8]) -> io::Result<()> {
        let Some((length, inner)) = shape.split_first() else {
            return self.item(base, bytes);
        };
        let size = bytes.len().checked_div(*length).unwrap_or(0);
        self.list(0..*length, |json, i| {
            let part = bytes.get(i * size..(i + 1) * size).unwrap_or_default();
            json.subarray(base, inner, part)
        })
    }

    fn list<T>(
        &mut self,
        parts: impl Iterator<Item = T>,
        mut part: impl FnMut(&mut Self, T) -> io::Result<()>,
    ) -> io::Result<()> {
        self.text.push('[');
        for (i, value) in parts.enumerate() {
            if i > 0 {
                self.text.push(',');
            }
            part(self, value)?;
        }
        self.text.push(']');
        Ok(())
    }

    fn item(&mut self, dtype: &DType, item: &[u8]) -> io::Result<()> {
        match dtype {
            DType::Record(record) => {
                return self.list(record.fields().iter(), |json, field| {
                    let end = field.offset.saturating_add(field.dtype.itemsize());
                    let value = item.get(field.offset..end).unwrap_or_default();
                    json.item(&field.dtype, value)
                });
            }
            DType::Subarray(sub) => return self.subarray(sub.base(), sub.shape(), item),
            plain => push_item(plain, item, &mut self.text),
        }
        if self.text.len() >= BLOCK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

fn push_item(dtype: &DType, item: &[u8], out: &mut String) {
    match dtype {
        DType::Bool => {
            let value = item.iter().any(|byte| *byte != 0);
            out.push_str(if value { "true" } else { "false" });
        }
        DType::Number(number, order) => push_number(*number, *order, item, out),
        DType::Bytes(_) => push_bytes(trim_nuls(item), out),
        DType::Str(_, order) => push_json_string(code_points(item, *order), is_printable, out),
        DType::Datetime(step, order) => match time_count(item, *order) {
            Some(count) => push_datetime(count, *step, out),
            None => out.push_str("null"),
        },
        DType::Timedelta(_, order) => match time_count(item, *order) {
            Some(count) => append(out, format_args!("{count}")),
            None => out.push_str("null"),
        },
        // Others have no plain items, or are bytes.
        _ => push_bytes(item, out),
    }
}

fn push_number(number: Number, order: ByteOrder, item: &[u8], out: &mut String) {
    let Some(float) = FloatItem::first(number, order) else {
        let int = Int::read(item, number, order);
        return append(out, format_args!("{int}"));
    };
    if number.class() != NumberClass::Complex {
        return push_float(float.read(item), out);
    }
    out.push('[');
    push_float(float.read(item), out);
    out.push(',');
    push_float(float.second().read(item), out);
    out.push(']');
}

fn push_float(float: Float, out: &mut String) {
    match float.to_f64() {
        Some(value) if value.is_nan() => out.push_str("NaN"),
        Some(f64::INFINITY) => out.push_str("Infinity"),
        Some(f64::NEG_INFINITY) => out.push_str("-Infinity"),
        Some(value) => push_scalar_float(value.into(), out),
        None => {
            out.push('"');
            push_scalar_float(float, out);
            out.push('"');
        }
    }
}

/// The value that `tolist` makes of a `datetime64`, with its `isoformat`.
fn push_datetime(count: i64, step: TimeStep, out: &mut String) {
    let moment = CivilTime::of(count, step)
        .filter(|moment| (1..=9999).contains(&moment.year) && step.unit <= TimeUnit::Microsecond);
    let Some(moment) = moment else {
        return append(out, format_args!("{count}"));
    };
    let CivilTime {
        year, month, day, ..
    } = moment;
    append(out, format_args!("\"{year:04}-{month:02}-{day:02}"));
    if step.unit >= TimeUnit::Hour {
        let (hour, minute, second) = moment.clock();
        append(out, format_args!("T{hour:02}:{minute:02}:{second:02}"));
        match moment.microsecond() {
            0 => {}
            microsecond => append(out, format_args!(".{microsecond:06}")),
        }
    }
    out.push('"');
}

fn push_bytes(bytes: &[u8], out: &mut String) {
    if bytes.is_ascii() {
        let points = bytes.iter().map(|byte| u32::from(*byte));
        return push_json_string(points, is_printable, out);
    }
    out.push_str("{\"base64\":\"");
    STANDARD.encode_string(bytes, out);
    out.push_str("\"}");
}

fn append(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
