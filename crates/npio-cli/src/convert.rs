//! `npio convert`: the same array in another form.

use crate::Outcome;
use crate::args::{ByteOrder, Convert, MemoryOrder};
use crate::input::{STDIO, load_slice};
use crate::output::{escaped, stdout_error, with_raw_stdout};
use anyhow::{bail, ensure};
use npio::Order;
use npio::flatfile::npy::WriteOptions;
use std::path::Path;

pub(crate) fn run(options: &Convert) -> Outcome {
    check(options)?;
    let array = load_slice(&options.input, options.slice.as_ref())?;
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
    if options.output == STDIO {
        let write = WriteOptions::new();
        let write = order.into_iter().fold(write, WriteOptions::order);
        let write = byte_order.into_iter().fold(write, WriteOptions::byte_order);
        with_raw_stdout(options.force, |out| {
            write.write(out, &array).map_err(stdout_error)
        })?;
        return Ok(true);
    }
    let save = npio::SaveOptions::new();
    let save = order.into_iter().fold(save, npio::SaveOptions::order);
    let save = byte_order
        .into_iter()
        .fold(save, npio::SaveOptions::byte_order);
    match save.save(&options.output, &array) {
        Ok(()) => Ok(true),
        // Its text says what its sources say.
        Err(error) => bail!("{error}"),
    }
}

/// Whether the output can be written, before anything is read.
fn check(options: &Convert) -> anyhow::Result<()> {
    let output = Path::new(&options.output);
    let name = escaped(&options.output);
    let suffix = output.extension().map(|suffix| suffix.to_string_lossy());
    match options.to.as_deref().or(suffix.as_deref()) {
        Some("npy" | ".npy") => {}
        Some(other) => bail!("{name}: cannot write .{}: only .npy", escaped(other)),
        None => bail!("{name}: the format is not known: say it with --to npy"),
    }
    let is_regular = || output.metadata().is_ok_and(|meta| meta.is_file());
    ensure!(
        options.output == STDIO || options.force || !is_regular(),
        "{name}: the file exists: use --force to replace it"
    );
    Ok(())
}
