//! Targets of output: standard output, or a file that replaces another at the end.

use crate::address::Name;
use crate::array::Blocks;
use crate::interrupt::{self, until};
use crate::output::{escaped, is_terminal};
use crate::progress::Progress;
use anyhow::{anyhow, ensure};
use npio::npz::{WriteOptions, Writer};
use npio::{Cancellable, NewFile, SaveOptions};
use std::io::{self, Seek, SeekFrom, Write};

/// The output. Dropped before [`finish`](Target::finish), it leaves the old file as it was.
#[derive(Debug)]
pub(crate) struct Target {
    name: Name,
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout(Cancellable<io::Stdout>),
    File(NewFile),
}

impl Target {
    /// Creates a file. Without `--force` it is an error if one exists, or if binary bytes would reach a
    /// terminal.
    pub(crate) fn create(name: &Name, force: bool) -> anyhow::Result<Target> {
        let to = if name.is_stdio() {
            ensure!(
                force || !is_terminal(),
                "standard output: this is a terminal, and the output is binary: use --force"
            );
            To::Stdout(until(io::stdout()))
        } else {
            let file = saving(force).create(name.path());
            To::File(file.map_err(|error| failed(name, error))?)
        };
        let name = name.clone();
        Ok(Target { name, to })
    }

    /// An archive that is written here.
    pub(crate) fn archive(self, options: &WriteOptions) -> anyhow::Result<Writer<Target>> {
        let name = self.name.clone();
        let goes_on = match &self.to {
            To::Stdout(_) => true,
            To::File(file) => file.is_stream().map_err(|error| failed(&name, error))?,
        };
        if goes_on {
            Ok(options.stream(self))
        } else {
            written(&name, options.create(self))
        }
    }

    /// Writes the items of these blocks; errors of the blocks are passed on.
    pub(crate) fn put(
        name: &Name,
        out: &mut impl Write,
        blocks: Blocks<'_>,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        for block in blocks.blocks {
            let block = block?;
            written(name, out.write_all(block.as_bytes()))?;
            progress.add(block.as_bytes().len() as u64);
        }
        Ok(())
    }

    /// Gives the file its name.
    ///
    /// `readers` is everything that may have the old file open, or `()`. It is dropped first, because
    /// Windows does not replace files that are open.
    pub(crate) fn finish(mut self, readers: impl Sized) -> anyhow::Result<()> {
        drop(readers);
        let flushed = self.flush();
        written(&self.name, flushed)?;
        match self.to {
            To::Stdout(_) => Ok(()),
            To::File(file) => file.finish().map_err(|error| failed(&self.name, error)),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Stdout(stdout) => stdout.write(bytes),
            To::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stdout(stdout) => stdout.flush(),
            To::File(file) => file.flush(),
        }
    }
}

/// Only regular files count.
impl Seek for Target {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.to {
            To::Stdout(_) => Err(io::ErrorKind::NotSeekable.into()),
            To::File(file) => file.seek(to),
        }
    }
}

/// How files are saved: an existing one is only replaced with `--force`.
pub(crate) fn saving(force: bool) -> SaveOptions {
    let options = SaveOptions::new().cancel(interrupt::token());
    if force { options } else { options.create_new() }
}

/// The result of writing to this target: an error of standard output stays bare, so that a closed pipe is
/// recognized.
pub(crate) fn written<T>(
    name: &Name,
    result: Result<T, impl Into<io::Error>>,
) -> anyhow::Result<T> {
    result.map_err(|error| wrong(name, error.into()))
}

/// An error of this target.
pub(crate) fn wrong(name: &Name, error: io::Error) -> anyhow::Error {
    if name.is_stdio() {
        error.into()
    } else {
        name.complaint(escaped(&error.to_string()))
    }
}

/// An error of a file to be written.
pub(crate) fn failed(name: &Name, error: npio::Error) -> anyhow::Error {
    match error.io_error().map(io::Error::kind) {
        Some(io::ErrorKind::AlreadyExists) => exists(name),
        _ => anyhow!("{}", escaped(&error.to_string())),
    }
}

/// Checks that the file may be created, before anything is read.
pub(crate) fn check_new(name: &Name, force: bool) -> anyhow::Result<()> {
    let is_there = !name.is_stdio() && name.path().metadata().is_ok_and(|meta| meta.is_file());
    if is_there && !force {
        Err(exists(name))
    } else {
        Ok(())
    }
}

fn exists(name: &Name) -> anyhow::Error {
    name.complaint("the file exists: use --force to replace it")
}
