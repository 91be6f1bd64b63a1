//! `npio convert`: the same array in another form.

use crate::args::{ByteOrder, Convert, MemoryOrder};
use crate::input::load;
use crate::output::{escaped, stdout_error, with_raw_stdout};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::Order;
use npio::flatfile::ErrorKind;
use npio::flatfile::npy::WriteOptions;
use std::io;

pub(crate) fn run(options: &Convert) -> Outcome {
    check(options)?;
    let array = load(&options.input, options.slice.as_ref())?;
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
    if options.output.is_stdio() {
        let write = WriteOptions::new();
        let write = order.into_iter().fold(write, WriteOptions::order);
        let write = byte_order.into_iter().fold(write, WriteOptions::byte_order);
        with_raw_stdout(options.force, |out| {
            write.write(out, &array).map_err(stdout_error)
        })?;
        return Ok(Status::Fine);
    }
    let save = npio::SaveOptions::new();
    let save = order.into_iter().fold(save, npio::SaveOptions::order);
    let save = byte_order
        .into_iter()
        .fold(save, npio::SaveOptions::byte_order);
    let save = if options.force {
        save
    } else {
        save.create_new()
    };
    match save.save(options.output.path(), &array) {
        Ok(()) => Ok(Status::Fine),
        Err(error) => match error.kind() {
            ErrorKind::Io(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(exists(options))
            }
            _ => bail!("{}", escaped(&error.to_string())),
        },
    }
}

/// Whether the output can be written, before anything is read.
fn check(options: &Convert) -> anyhow::Result<()> {
    let output = options.output.path();
    let suffix = output.extension().map(|suffix| suffix.to_string_lossy());
    let wrong = |what: &str| options.output.complaint(what);
    match options.to.as_deref().or(suffix.as_deref()) {
        Some("npy" | ".npy") => {}
        Some(other) => bail!(wrong(&format!(
            "cannot write .{}: only .npy",
            escaped(other)
        ))),
        None => bail!(wrong("the format is not known: say it with --to npy")),
    }
    let is_there = !options.output.is_stdio() && output.metadata().is_ok_and(|meta| meta.is_file());
    match is_there && !options.force {
        true => Err(exists(options)),
        false => Ok(()),
    }
}

fn exists(options: &Convert) -> anyhow::Error {
    options
        .output
        .complaint("the file exists: use --force to replace it")
}
