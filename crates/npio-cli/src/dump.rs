//! `npio dump`, `npio head` and `npio tail`: the values.

use crate::address::ErrorContext;
use crate::args::NanFormat;
use crate::array::{InputArray, open_array};
use crate::expand::print_matching;
use crate::objects;
use crate::output::{
    escaped, is_encoded, is_terminal, stdout_error, with_raw_stdout, with_stdout, write_json,
};
use crate::source::{Input, InputSource};
use crate::text::TextOutput;
use crate::{Outcome, Status};
use npio::flatfile::{Error, ErrorKind, Slice, show};
use npio::{Order, Value};
use std::fmt;

/// The output format.
#[derive(Clone, Debug)]
pub(crate) enum DumpFormat {
    /// As `str(arr)` prints them with these options, which say how much of a large array is omitted.
    Summary(show::Options),
    /// One line of JSON.
    Json(NanFormat),
    /// Bytes in C order.
    Raw,
    /// Text, item by item.
    Text(TextOutput),
}

pub(crate) fn run(
    input: &Input,
    slice: Option<&Slice>,
    format: &DumpFormat,
    force: bool,
) -> Outcome {
    // One file has one array of raw bytes, and one mark of its encoding.
    if matches!(format, DumpFormat::Raw) || is_encoded() {
        return dump(&mut input.open()?, input, slice, format, force);
    }
    let has_headings = !matches!(format, DumpFormat::Json(_));
    print_matching(input, has_headings, |source, array| {
        dump(source, array, slice, format, force)
    })
}

fn dump(
    source: &mut InputSource,
    input: &Input,
    slice: Option<&Slice>,
    format: &DumpFormat,
    force: bool,
) -> Outcome {
    if let DumpFormat::Text(output) = format {
        return text(source, input, slice, output);
    }
    let array = match objects::value(source, input)? {
        Some(value) if input.fields.is_some() => InputArray::from_objects(input, value)?,
        Some(value) => return dump_objects(input, value, slice, format),
        None => open_array(source, input)?,
    };
    if let DumpFormat::Summary(options) = format {
        return summary(array, slice, options);
    }
    let status = array.report_missing();
    let conversion = match format {
        DumpFormat::Raw => input.copy_conversion().order(Order::C),
        _ => input.value_conversion(),
    };
    let array = array.load(slice, conversion)?;
    let view = array.strided();
    match format {
        DumpFormat::Json(nan) => with_stdout(|out| {
            nan.write_json(&view, &mut *out).map_err(stdout_error)?;
            Ok(writeln!(out)?)
        })?,
        DumpFormat::Raw => with_raw_stdout(force, |out| Ok(out.write_all(array.as_bytes())?))?,
        DumpFormat::Summary(_) | DumpFormat::Text(_) => {}
    }
    Ok(status)
}

/// The items in order, some rows at a time.
fn text(
    source: &mut InputSource,
    input: &Input,
    slice: Option<&Slice>,
    output: &TextOutput,
) -> Outcome {
    let array = open_array(source, input)?;
    let status = array.report_missing();
    let blocks = array.rows(slice, input.value_conversion())?;
    let write_error = |error: Error| match error.kind() {
        ErrorKind::Io(_) => stdout_error(error),
        _ => input.escaped_error(error),
    };
    with_stdout(|out| output.write(out, blocks.blocks, write_error))?;
    Ok(status)
}

/// The Python values in an array of objects.
fn dump_objects(
    input: &Input,
    mut value: Value,
    slice: Option<&Slice>,
    format: &DumpFormat,
) -> Outcome {
    if let Some(slice) = slice {
        let Value::Objects(objects) = &value else {
            let why = "the pickle is not an array of objects, and has no slices";
            return Err(input.error(why));
        };
        value = objects::sliced(input, objects, slice)?.into();
    }
    with_stdout(|out| {
        match (format, &value) {
            (DumpFormat::Raw, _) => {
                return Err(input.error("an array of objects has no raw bytes"));
            }
            (DumpFormat::Json(NanFormat::Null), _) => {
                return Err(input.error("--nan null is not for Python objects"));
            }
            (DumpFormat::Json(NanFormat::Nan), value) => write_json(value, out, input)?,
            (_, Value::Objects(objects)) => match (objects.shape(), objects.items(), format) {
                // NumPy prints a single text without quotes and escapes.
                ([], [Value::Str(text)], _) if is_terminal() => {
                    write!(out, "{}", escaped(&text.to_string_lossy()))?;
                }
                ([_, ..], _, DumpFormat::Summary(options)) => {
                    write!(out, "{}", objects.display(options))?;
                }
                _ => write!(out, "{objects}")?,
            },
            (_, other) => write!(out, "{other}")?,
        }
        Ok(writeln!(out)?)
    })?;
    Ok(Status::Success)
}

/// What `str(arr[slice])` prints with these options.
fn summary(array: InputArray<'_>, slice: Option<&Slice>, options: &show::Options) -> Outcome {
    let status = array.report_missing();
    let conversion = array.input.value_conversion();
    let summary = array.summary(slice, conversion, options)?;
    print(summary.ndim(), summary)?;
    Ok(status)
}

fn print(axes: usize, text: impl fmt::Display) -> anyhow::Result<()> {
    if axes == 0 && is_terminal() {
        // NumPy prints a single text without quotes and escapes.
        let text = escaped(&text.to_string());
        return with_stdout(|out| Ok(writeln!(out, "{text}")?));
    }
    with_stdout(|out| Ok(writeln!(out, "{text}")?))
}
