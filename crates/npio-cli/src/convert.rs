//! `npio convert`: the same array in another form.

use crate::args::{ByteOrder, Convert, MemoryOrder};
use crate::input::{Blocks, Input, blocks, load};
use crate::output::{escaped, stdout_error, with_raw_stdout};
use crate::text::{Output, delimiter};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::flatfile::{Error, ErrorKind, npy, raw, show};
use npio::{Order, SaveOptions, layout_in_name};
use std::io::{self, Write};

/// What is written.
#[derive(Clone, Debug)]
enum Target {
    Npy,
    Raw,
    Json,
    Text(Output),
}

pub(crate) fn run(options: &Convert) -> Outcome {
    let target = target(options)?;
    let input = options
        .raw
        .input_with(&options.input, options.sep.as_deref())?;
    let read = raw::ReadOptions::new();
    let read = match &options.dtype {
        Some(dtype) => read.astype(dtype.clone(), options.casting),
        None => read,
    };
    let save = SaveOptions::new();
    let save = match options.force {
        true => save,
        false => save.create_new(),
    };
    let saved = match &target {
        Target::Text(output) => {
            let blocks = text_blocks(options, &input, &read)?;
            write(options, &save, |out, failed| {
                output.write(out, blocks, failed)
            })
        }
        Target::Json => {
            let array = load(&input, options.slice.as_ref(), &read)?;
            write(options, &save, |mut out, failed| {
                show::json(&array.strided(), &mut out).map_err(&failed)?;
                out.write_all(b"\n").map_err(|error| failed(error.into()))
            })
        }
        Target::Npy | Target::Raw => save_array(options, &target, &input, &read, save),
    };
    saved.map(|()| Status::Fine)
}

/// Rows of the input, some at a time, those of a text as they are read.
fn text_blocks(
    options: &Convert,
    input: &Input,
    read: &raw::ReadOptions,
) -> anyhow::Result<Blocks> {
    let is_whole = options.slice.is_none() && input.text.shape.is_none();
    if !is_whole || !input.text.is_text(&input.name) {
        return Ok(blocks(input, options.slice.as_ref(), read)?.1);
    }
    let (read, named) = (read.clone(), input.clone());
    let blocks = input.text.blocks(&input.name);
    let blocks = blocks.map_err(|error| input.complaint(error))?;
    Ok(Box::new(blocks.map(move |block| {
        let block = block.and_then(|block| read.read(block.as_bytes(), block.layout()));
        block.map_err(|error| named.complaint(error))
    })))
}

/// What makes an error of the output one that says so.
type Failed<'a> = &'a dyn Fn(Error) -> anyhow::Error;

/// Has `write` write the output, which an error leaves as it was.
fn write(
    options: &Convert,
    save: &SaveOptions,
    write: impl FnOnce(&mut dyn Write, Failed<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    if options.output.is_stdio() {
        let failed = |error: Error| match error.kind() {
            ErrorKind::Io(_) => stdout_error(error),
            _ => options.output.complaint(error),
        };
        return crate::output::with_stdout(|out| write(out, &failed));
    }
    let failed = |error: Error| complaint(options, error.kind(), &error.to_string());
    let replaced = save.replace(options.output.path(), |file| {
        let mut out = io::BufWriter::with_capacity(64 << 10, file);
        write(&mut out, &failed)?;
        Ok(out.flush()?)
    });
    replaced.map_err(|error: anyhow::Error| match error.downcast::<io::Error>() {
        Ok(error) => failed(error.into()),
        Err(error) => error,
    })
}

/// What is wrong with the output, on one line.
fn complaint(options: &Convert, kind: &ErrorKind, text: &str) -> anyhow::Error {
    match kind {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => exists(options),
        _ => options.output.complaint(escaped(text)),
    }
}

/// Writes items as bytes.
fn save_array(
    options: &Convert,
    target: &Target,
    input: &Input,
    read: &raw::ReadOptions,
    save: SaveOptions,
) -> anyhow::Result<()> {
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
    let is_npy_file = matches!(target, Target::Npy) && !options.output.is_stdio();
    let is_streamed =
        is_npy_file && order != Some(Order::Fortran) && input.text.is_text(&input.name);
    if is_streamed && layout_in_name(options.output.path()).is_none() {
        let mut blocks = text_blocks(options, input, read)?;
        let Some(first) = blocks.next().transpose()? else {
            let array = load(input, options.slice.as_ref(), read)?;
            return saved(options, save.save(options.output.path(), &array));
        };
        let rows = first.shape().get(1..).unwrap_or_default().to_vec();
        let dtype = byte_order.map_or(first.dtype().clone(), |order| {
            first.dtype().with_byte_order(order)
        });
        let mut writer = saved(options, save.rows(options.output.path(), dtype, rows))?;
        for block in [Ok(first)].into_iter().chain(blocks) {
            saved(options, writer.push(&block?))?;
        }
        return saved(options, writer.finish());
    }
    let array = load(input, options.slice.as_ref(), read)?;
    let order = order.unwrap_or(array.layout().order());
    if options.output.is_stdio() {
        return with_raw_stdout(options.force, |out| {
            let written = match target {
                Target::Npy => {
                    let write = npy::WriteOptions::new().order(order);
                    let write = byte_order
                        .into_iter()
                        .fold(write, npy::WriteOptions::byte_order);
                    write.write(out, &array)
                }
                _ => {
                    let write = raw::WriteOptions::new().order(order);
                    let write = byte_order
                        .into_iter()
                        .fold(write, raw::WriteOptions::byte_order);
                    write.write(out, &array)
                }
            };
            written.map_err(stdout_error)
        });
    }
    let save = save.order(order);
    let save = byte_order.into_iter().fold(save, SaveOptions::byte_order);
    saved(
        options,
        match target {
            Target::Npy => save.save(options.output.path(), &array),
            _ => save.tofile(options.output.path(), &array),
        },
    )
}

fn saved<T>(options: &Convert, result: Result<T, npio::Error>) -> anyhow::Result<T> {
    result.map_err(|error| match error.kind() {
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => exists(options),
        _ => anyhow::anyhow!("{}", escaped(&error.to_string())),
    })
}

/// What is to be written, if that can be, before anything is read.
fn target(options: &Convert) -> anyhow::Result<Target> {
    let output = options.output.path();
    let suffix = output.extension().map(|suffix| suffix.to_string_lossy());
    let wrong = |what: &str| options.output.complaint(what);
    let target = match options.to.as_deref().or(suffix.as_deref()) {
        Some("npy" | ".npy") => Target::Npy,
        Some("raw" | ".raw") if options.to.is_some() => Target::Raw,
        // The name says it all, and saving finds it there.
        _ if options.to.is_none() && layout_in_name(output).is_some() => Target::Npy,
        Some("json" | ".json") => Target::Json,
        Some(other) => match delimiter(other) {
            Some(delimiter) => Target::Text(text(options, delimiter)?),
            None => bail!(wrong(&format!(
                "cannot write .{}: only .npy, .txt, .csv, .tsv, .json, a name such as x_int32_4_5.dat, or --to raw",
                escaped(other)
            ))),
        },
        None => bail!(wrong("the format is not known: say it with --to npy")),
    };
    let is_there = !options.output.is_stdio() && output.metadata().is_ok_and(|meta| meta.is_file());
    match is_there && !options.force {
        true => Err(exists(options)),
        false => Ok(target),
    }
}

/// How text is written.
fn text(options: &Convert, delimiter: Option<char>) -> anyhow::Result<Output> {
    let format = options.format.as_deref();
    match &options.sep {
        Some(separator) => Output::flat(separator, format),
        None => Ok(Output::table(delimiter, format, options.names)),
    }
}

fn exists(options: &Convert) -> anyhow::Error {
    options
        .output
        .complaint("the file exists: use --force to replace it")
}
