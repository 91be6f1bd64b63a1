//! `npio convert`: the same array in another form.

use crate::address::{Address, Name};
use crate::archive::{Place, put_array};
use crate::args::{ByteOrder, Convert, MemoryOrder};
use crate::array::{Blocks, Found, find};
use crate::output::escaped;
use crate::progress::Progress;
use crate::source::Input;
use crate::target::{Target, check_new, failed, saving, written, wrong};
use crate::text::{Output, delimiter};
use crate::{Outcome, Status};
use anyhow::{bail, ensure};
use npio::flatfile::{Conversion, Error, ErrorKind, Slice, show};
use npio::npz::WriteOptions;
use npio::{Array, Order, layout_in_name};
use std::io::Write;

/// The output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Npy,
    Npz,
    Raw,
    /// Raw, with the layout in the file name.
    Named,
    Json,
    /// Text, with this delimiter in tables, or else a space.
    Text(Option<char>),
}

/// The name of a member whose source has none: the one that NumPy's `savez` gives.
const UNNAMED: &str = "arr_0";

pub(crate) fn run(options: &Convert) -> Outcome {
    let format = format(options)?;
    let Address { name, member } = &options.output;
    let member = member.clone().or_else(|| options.values.input.stem());
    let member = member.unwrap_or_else(|| UNNAMED.to_owned());
    let place = match format {
        Format::Npz if !name.is_stdio() => Some(Place::find(name, &member, options.force)?),
        _ => {
            check_new(name, options.force)?;
            None
        }
    };
    let text = match format {
        Format::Text(delimiter) => Some(text(options, delimiter)?),
        _ => None,
    };
    let separator = options.sep.as_deref();
    let values = &options.values;
    let (input, slice) = (
        values.reading.input_with(&values.input, separator)?,
        values.slice(),
    );
    let mut source = input.open()?;
    let found = find(&mut source, &input)?;
    let read = match format {
        Format::Text(_) | Format::Json => input.checking(),
        _ => input.reading(),
    };
    let (order, read) = reading(options, read);
    if format == Format::Named {
        let read = order.into_iter().fold(read, Conversion::order);
        let array = found.load(slice, read)?;
        // It may be the file that is replaced.
        drop(source);
        return save_named(name, &array, options.force);
    }
    let target = if let Some(text) = text {
        write_text(name, found.rows(slice, read)?, &text, options.force)?
    } else if format == Format::Json {
        write_json(name, found, slice, read, options.force)?
    } else {
        let blocks = found.items(slice, order, read)?;
        let compression = options.compress.compression();
        match (format, place) {
            (Format::Npz, Some(place)) => place.fill(&input, blocks, compression)?,
            (Format::Npz, None) => {
                let progress = Progress::of(blocks.layout.nbytes() as u64);
                let how = WriteOptions::new().compression(compression.unwrap_or_default());
                let mut writer = Target::create(name, options.force)?.archive(&how)?;
                let file_name = format!("{member}.npy");
                put_array(name, &mut writer, &file_name, &input, blocks, &progress)?;
                written(name, writer.finish())?
            }
            _ => write(name, &input, blocks, format, options.force)?,
        }
    };
    target.finish(source)?;
    Ok(Status::Fine)
}

/// The items' new order, if it is another one, and how they are read.
fn reading(options: &Convert, read: Conversion) -> (Option<Order>, Conversion) {
    let order = match options.order {
        MemoryOrder::C => Some(Order::C),
        MemoryOrder::Fortran => Some(Order::Fortran),
        MemoryOrder::Keep => None,
    };
    let byte_order = match options.byteorder {
        ByteOrder::Little => Some(npio::ByteOrder::Little),
        ByteOrder::Big => Some(npio::ByteOrder::Big),
        ByteOrder::Native => Some(npio::ByteOrder::NATIVE),
        ByteOrder::Keep => None,
    };
    let read = match &options.dtype {
        Some(dtype) => read.astype(dtype.clone(), options.casting),
        None => read,
    };
    let read = byte_order.into_iter().fold(read, Conversion::byte_order);
    (order, read)
}

/// Writes a file of one array, with a header or without.
fn write(
    name: &Name,
    input: &Input,
    blocks: Blocks<'_>,
    format: Format,
    force: bool,
) -> anyhow::Result<Target> {
    let header = match format {
        Format::Npy => blocks.header(),
        _ => Ok(Vec::new()),
    };
    let header = header.map_err(|problem| input.complaint(problem.text))?;
    let progress = Progress::of(blocks.layout.nbytes() as u64);
    let mut target = Target::create(name, force)?;
    written(name, target.write_all(&header))?;
    Target::put(name, &mut target, blocks, &progress)?;
    Ok(target)
}

/// Writes the items as text, some rows at a time.
fn write_text(
    name: &Name,
    blocks: Blocks<'_>,
    text: &Output,
    force: bool,
) -> anyhow::Result<Target> {
    let mut target = Target::create(name, force || name.is_stdio())?;
    let failed = |error: Error| match error.into_kind() {
        ErrorKind::Io(error) => wrong(name, error),
        kind => name.complaint(escaped(&Error::from(kind).to_string())),
    };
    text.write(&mut target, blocks.blocks, failed)?;
    Ok(target)
}

/// Writes the values as JSON, on one line.
fn write_json(
    name: &Name,
    found: Found<'_>,
    slice: Option<&Slice>,
    read: Conversion,
    force: bool,
) -> anyhow::Result<Target> {
    let array = found.load(slice, read)?;
    let mut target = Target::create(name, force || name.is_stdio())?;
    let shown = show::json(&array.strided(), &mut target).map_err(Error::into_kind);
    shown.map_err(|kind| match kind {
        ErrorKind::Io(error) => wrong(name, error),
        kind => name.complaint(escaped(&Error::from(kind).to_string())),
    })?;
    written(name, target.write_all(b"\n"))?;
    Ok(target)
}

/// How text is written: as a sequence if a separator is given, else as a table.
fn text(options: &Convert, delimiter: Option<char>) -> anyhow::Result<Output> {
    let format = options.format.as_deref();
    match &options.sep {
        Some(separator) => Output::flat(separator, format),
        None => Ok(Output::table(delimiter, format, options.names)),
    }
}

/// Saves the array under a name that gives its layout, which has to match.
fn save_named(name: &Name, array: &Array, force: bool) -> Outcome {
    let saved = saving(force).save_raw(name.path(), array);
    saved.map_err(|error| failed(name, error))?;
    Ok(Status::Fine)
}

/// The output format, before anything is read: from `--to`, or else from the name.
fn format(options: &Convert) -> anyhow::Result<Format> {
    let Address { name, member } = &options.output;
    let suffix = name.path().extension();
    let suffix = suffix.map(|suffix| suffix.to_string_lossy());
    let bad = |what: &str| name.complaint(what);
    let is_named = layout_in_name(name.path()).is_some();
    let is_raw = matches!(options.to.as_deref(), Some("raw" | ".raw"));
    let format = match options.to.as_deref().or(suffix.as_deref()) {
        Some(to @ ("npy" | ".npy" | "npz" | ".npz")) if is_named => {
            let to = to.trim_start_matches('.');
            bail!(bad(&format!("the name says raw items, --to says .{to}")))
        }
        Some("npy" | ".npy") => Format::Npy,
        Some("npz" | ".npz") => Format::Npz,
        // The name gives everything, and saving reads it there.
        _ if is_named && (is_raw || options.to.is_none()) => Format::Named,
        _ if is_raw => Format::Raw,
        Some("json" | ".json") => Format::Json,
        Some(other) => match delimiter(other) {
            Some(delimiter) => Format::Text(delimiter),
            None => bail!(bad(&format!(
                "cannot write .{}: only .npy, .npz, .txt, .csv, .tsv, .json, a name such as x_int32_4_5.dat, or --to raw",
                escaped(other)
            ))),
        },
        None => bail!(bad("the format is not known: say it with --to npy")),
    };
    ensure!(
        format == Format::Npz || member.is_none(),
        bad("only archives have members: call it .npz, or say --to npz")
    );
    ensure!(
        format == Format::Npz || options.compress.compression().is_none(),
        bad("only archives are compressed")
    );
    Ok(format)
}
