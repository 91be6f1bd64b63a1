//! `npio convert`: the same array in another form.

use crate::args::{ByteOrder, Convert, MemoryOrder};
use crate::input::load;
use crate::output::{escaped, stdout_error, with_raw_stdout};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::flatfile::{npy, raw};
use npio::{Order, SaveOptions, layout_in_name};
use std::io;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Npy,
    Raw,
}

pub(crate) fn run(options: &Convert) -> Outcome {
    let target = target(options)?;
    let input = options.raw.input(&options.input)?;
    let read = raw::ReadOptions::new();
    let read = match &options.dtype {
        Some(dtype) => read.astype(dtype.clone(), options.casting),
        None => read,
    };
    let array = load(&input, options.slice.as_ref(), &read)?;
    let order = match options.order {
        MemoryOrder::C => Order::C,
        MemoryOrder::Fortran => Order::Fortran,
        MemoryOrder::Keep => array.layout().order(),
    };
    let byte_order = match options.byteorder {
        ByteOrder::Little => Some(npio::ByteOrder::Little),
        ByteOrder::Big => Some(npio::ByteOrder::Big),
        ByteOrder::Native => Some(npio::ByteOrder::NATIVE),
        ByteOrder::Keep => None,
    };
    if options.output.is_stdio() {
        with_raw_stdout(options.force, |out| {
            let written = match target {
                Target::Npy => {
                    let write = npy::WriteOptions::new().order(order);
                    let write = byte_order
                        .into_iter()
                        .fold(write, npy::WriteOptions::byte_order);
                    write.write(out, &array)
                }
                Target::Raw => {
                    let write = raw::WriteOptions::new().order(order);
                    let write = byte_order
                        .into_iter()
                        .fold(write, raw::WriteOptions::byte_order);
                    write.write(out, &array)
                }
            };
            written.map_err(stdout_error)
        })?;
        return Ok(Status::Fine);
    }
    let save = SaveOptions::new().order(order);
    let save = byte_order.into_iter().fold(save, SaveOptions::byte_order);
    let save = if options.force {
        save
    } else {
        save.create_new()
    };
    let saved = match target {
        Target::Npy => save.save(options.output.path(), &array),
        Target::Raw => save.tofile(options.output.path(), &array),
    };
    match saved {
        Ok(()) => Ok(Status::Fine),
        Err(error) => match error.io_error().map(io::Error::kind) {
            Some(io::ErrorKind::AlreadyExists) => Err(exists(options)),
            _ => bail!("{}", escaped(&error.to_string())),
        },
    }
}

/// What is to be written, if that can be, before anything is read.
fn target(options: &Convert) -> anyhow::Result<Target> {
    let output = options.output.path();
    let suffix = output.extension().map(|suffix| suffix.to_string_lossy());
    let wrong = |what: &str| options.output.complaint(what);
    let is_named = layout_in_name(output).is_some();
    let is_raw = matches!(options.to.as_deref(), Some("raw" | ".raw"));
    let target = match options.to.as_deref().or(suffix.as_deref()) {
        Some("npy" | ".npy") if is_named => {
            bail!(wrong("the name says raw items, --to says .npy"))
        }
        Some("npy" | ".npy") => Target::Npy,
        // The name says it all, and saving finds it there.
        _ if is_named && (is_raw || options.to.is_none()) => Target::Npy,
        _ if is_raw => Target::Raw,
        Some(other) => bail!(wrong(&format!(
            "cannot write .{}: only .npy, a name such as x_int32_4_5.dat, or --to raw",
            escaped(other)
        ))),
        None => bail!(wrong("the format is not known: say it with --to npy")),
    };
    let is_there = !options.output.is_stdio() && output.metadata().is_ok_and(|meta| meta.is_file());
    match is_there && !options.force {
        true => Err(exists(options)),
        false => Ok(target),
    }
}

fn exists(options: &Convert) -> anyhow::Error {
    options
        .output
        .complaint("the file exists: use --force to replace it")
}
