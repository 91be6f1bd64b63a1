//! `npio dump` and `npio head`: the values.

use crate::address::ErrorContext;
use crate::array::{load, open_array};
use crate::interrupt;
use crate::output::{
    escaped, is_terminal, library_error, stdout_error, with_raw_stdout, with_stdout,
};
use crate::source::Input;
use crate::text::TextOutput;
use crate::{Outcome, Status};
use npio::flatfile::{Error, ErrorKind, Slice, show};
use npio::meta::json::Style;
use npio::{LoadOptions, Order, Value};
use std::fmt;

/// The output format.
#[derive(Clone, Debug)]
pub(crate) enum DumpFormat {
    /// As `str(arr)` prints them, with the middle of a large array omitted.
    Summary,
    /// As NumPy prints them, all of them.
    Full,
    /// One line of JSON.
    Json,
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
    if let DumpFormat::Text(output) = format {
        return text(input, slice, output);
    }
    if let DumpFormat::Summary = format {
        return summary(input, slice);
    }
    let conversion = match format {
        DumpFormat::Raw => input.copy_conversion().order(Order::C),
        _ => input.value_conversion(),
    };
    let array = load(input, slice, conversion)?;
    let view = array.strided();
    match format {
        DumpFormat::Json => with_stdout(|out| {
            show::json(&view, &mut *out).map_err(stdout_error)?;
            Ok(writeln!(out)?)
        })?,
        DumpFormat::Raw => with_raw_stdout(force, |out| Ok(out.write_all(array.as_bytes())?))?,
        _ => print(view.ndim(), show::Options::new().full().array(&view)?)?,
    }
    Ok(Status::Success)
}

/// The items in order, some rows at a time.
fn text(input: &Input, slice: Option<&Slice>, output: &TextOutput) -> Outcome {
    let mut source = input.open()?;
    let blocks = open_array(&mut source, input)?.rows(slice, input.value_conversion())?;
    let write_error = |error: Error| match error.kind() {
        ErrorKind::Io(_) => stdout_error(error),
        _ => input.escaped_error(error),
    };
    with_stdout(|out| output.write(out, blocks.blocks, write_error))?;
    Ok(Status::Success)
}

/// Whether it is an array of objects in a file, which can be read a second time.
pub(crate) fn is_object(input: &Input) -> anyhow::Result<bool> {
    if input.name.is_stdio() {
        return Ok(false);
    }
    let mut source = input.open()?;
    Ok(open_array(&mut source, input)?.dtype().has_object())
}

/// The Python values in an array of objects.
pub(crate) fn objects(input: &Input, slice: Option<&Slice>, format: &DumpFormat) -> Outcome {
    if slice.is_some() || matches!(format, DumpFormat::Raw) {
        return Err(input.error("an array of objects has no slices and no raw bytes"));
    }
    let (load, path) = (
        LoadOptions::new().cancel(interrupt::token()).allow_pickle(),
        input.name.path(),
    );
    let value = match &input.member {
        Some(member) => load
            .load_npz(path)
            .and_then(|archive| archive.load_value(member)),
        None => load.load_value(path),
    };
    let value = value.map_err(library_error)?;
    let text = match (format, &value) {
        (DumpFormat::Json, value) => {
            let json = Style::Compact.to_string(value);
            json.map_err(|error| input.error(error))?
        }
        (_, Value::Objects(objects)) if is_terminal() => escaped(&objects.to_string()),
        (_, Value::Objects(objects)) => objects.to_string(),
        (_, other) => other.to_string(),
    };
    with_stdout(|out| Ok(writeln!(out, "{text}")?))?;
    Ok(Status::Success)
}

/// The first rows of a slice, as `arr[slice][:rows]` prints them; all of a 0-d array.
pub(crate) fn head(input: &Input, slice: Option<&Slice>, rows: usize) -> Outcome {
    let slice = slice.cloned().unwrap_or_default().max_rows(rows);
    summary(input, Some(&slice))
}

/// What `str(arr[slice])` prints.
fn summary(input: &Input, slice: Option<&Slice>) -> Outcome {
    let mut source = input.open()?;
    let summary = open_array(&mut source, input)?.summary(slice, input.value_conversion())?;
    print(summary.ndim(), summary)?;
    Ok(Status::Success)
}

fn print(axes: usize, text: impl fmt::Display) -> anyhow::Result<()> {
    if axes == 0 && is_terminal() {
        // NumPy prints a single text without quotes and escapes.
        let text = escaped(&text.to_string());
        return with_stdout(|out| Ok(writeln!(out, "{text}")?));
    }
    with_stdout(|out| Ok(writeln!(out, "{text}")?))
}
