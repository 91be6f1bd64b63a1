//! Arrays as JSON, on one line: the values nested as by `arr.tolist()`.

use super::printed_items::{PrintedAxis, PrintedItems};
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
const FLUSH_BYTES: usize = 1 << 16;

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
    write(array, false, out)
}

/// As [`json`], for readers that know only what the standard has: NaN and infinities are `null`.
///
/// ```
/// use flatfile::{Array, show};
/// let mut json = Vec::new();
/// show::json_with_nulls(&Array::from_slice(&[1.5, f64::NAN], [2])?.strided(), &mut json)?;
/// assert_eq!(json, b"[1.5,null]");
/// # Ok::<(), flatfile::Error>(())
/// ```
///
/// # Errors
/// As [`json`].
pub fn json_with_nulls(array: &Strided<'_>, out: impl Write) -> Result<(), Error> {
    write(array, true, out)
}

fn write(array: &Strided<'_>, has_nulls: bool, out: impl Write) -> Result<(), Error> {
    refuse_objects(array.dtype())?;
    if let Some(check) = LongDoubleCheck::of(array.dtype()) {
        check.check_view(array, &Evidence::in_sequence(None))?;
    }
    let items = PrintedItems::new(array, usize::MAX);
    let mut writer = JsonWriter {
        out,
        has_nulls,
        text: String::with_capacity(2 * FLUSH_BYTES),
    };
    writer.push_array(&items, items.axes(), 0)?;
    Ok(writer.flush()?)
}

struct JsonWriter<W> {
    out: W,
    /// Whether floats that are not finite are `null`.
    has_nulls: bool,
    /// Text that is not yet written.
    text: String,
}

impl<W: Write> JsonWriter<W> {
    fn push_array(
        &mut self,
        items: &PrintedItems<'_>,
        axes: &[PrintedAxis],
        at: isize,
    ) -> io::Result<()> {
        let Some((axis, inner)) = axes.split_first() else {
            return self.push_item(items.dtype(), items.item_at(at));
        };
        let offsets = axis.offsets().flatten();
        self.push_list(offsets, |writer, offset| {
            writer.push_array(items, inner, at.wrapping_add(offset))
        })
    }

    fn push_subarray(&mut self, base: &DType, shape: &[usize], bytes: &[u8]) -> io::Result<()> {
        let Some((length, inner)) = shape.split_first() else {
            return self.push_item(base, bytes);
        };
        let size = bytes.len().checked_div(*length).unwrap_or(0);
        self.push_list(0..*length, |writer, i| {
            let part = bytes.get(i * size..(i + 1) * size).unwrap_or_default();
            writer.push_subarray(base, inner, part)
        })
    }

    fn push_list<T>(
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
            // Here, and not after each item: lists may be empty.
            if self.text.len() >= FLUSH_BYTES {
                self.flush()?;
            }
        }
        self.text.push(']');
        Ok(())
    }

    fn push_item(&mut self, dtype: &DType, item: &[u8]) -> io::Result<()> {
        match dtype {
            DType::Record(record) => {
                return self.push_list(record.fields().iter(), |writer, field| {
                    let end = field.offset.saturating_add(field.dtype.itemsize());
                    let value = item.get(field.offset..end).unwrap_or_default();
                    writer.push_item(&field.dtype, value)
                });
            }
            DType::Subarray(sub) => return self.push_subarray(sub.base(), sub.shape(), item),
            scalar => push_scalar_item(scalar, item, self.has_nulls, &mut self.text),
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }
}

fn push_scalar_item(dtype: &DType, item: &[u8], has_nulls: bool, out: &mut String) {
    match dtype {
        DType::Bool => {
            let value = item.iter().any(|byte| *byte != 0);
            out.push_str(if value { "true" } else { "false" });
        }
        DType::Number(number, order) => push_number(*number, *order, item, has_nulls, out),
        DType::Bytes(_) => push_bytes(trim_nuls(item), out),
        DType::Str(_, order) => push_json_string(code_points(item, *order), is_printable, out),
        DType::Datetime(step, order) => match time_count(item, *order) {
            Some(count) => push_datetime(count, *step, out),
            None => out.push_str("null"),
        },
        DType::Timedelta(_, order) => match time_count(item, *order) {
            Some(count) => push_format(out, format_args!("{count}")),
            None => out.push_str("null"),
        },
        // Records and subarrays are written item by item; the other types are bytes.
        _ => push_bytes(item, out),
    }
}

fn push_number(number: Number, order: ByteOrder, item: &[u8], has_nulls: bool, out: &mut String) {
    let Some(float) = FloatItem::first(number, order) else {
        let int = Int::read(item, number, order);
        return push_format(out, format_args!("{int}"));
    };
    if number.class() != NumberClass::Complex {
        return push_float(float.read(item), has_nulls, out);
    }
    out.push('[');
    push_float(float.read(item), has_nulls, out);
    out.push(',');
    push_float(float.second().read(item), has_nulls, out);
    out.push(']');
}

fn push_float(float: Float, has_nulls: bool, out: &mut String) {
    match float.to_f64() {
        Some(value) if has_nulls && !value.is_finite() => out.push_str("null"),
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
    let civil = CivilTime::of(count, step)
        .filter(|civil| (1..=9999).contains(&civil.year) && step.unit <= TimeUnit::Microsecond);
    let Some(civil) = civil else {
        return push_format(out, format_args!("{count}"));
    };
    let CivilTime {
        year, month, day, ..
    } = civil;
    push_format(out, format_args!("\"{year:04}-{month:02}-{day:02}"));
    if step.unit >= TimeUnit::Hour {
        let (hour, minute, second) = civil.clock();
        push_format(out, format_args!("T{hour:02}:{minute:02}:{second:02}"));
        match civil.microsecond() {
            0 => {}
            microsecond => push_format(out, format_args!(".{microsecond:06}")),
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

fn push_format(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(text);
}
