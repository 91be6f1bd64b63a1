//! Targets of output: standard output, or a file that replaces another at the end.

use crate::address::{ErrorContext, FileArg};
use crate::array_blocks::ArrayBlocks;
use crate::interrupt::{self, cancellable};
use crate::output::{is_terminal, library_error};
use crate::progress::Progress;
use anyhow::ensure;
use npio::compressed::{self, Format};
use npio::encoding::{Encoder, Encoding};
use npio::npz::{WriteOptions, Writer};
use npio::{ArchiveWriter, Cancellable, NewFile, SaveOptions};
use std::fs::Metadata;
use std::io::{self, Seek, SeekFrom, Write};

/// The output. Dropped before [`finish`](Target::finish), it leaves the old file as it was.
#[derive(Debug)]
pub(crate) struct Target {
    name: FileArg,
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    Stdout(Cancellable<io::Stdout>),
    File(NewFile),
    Compressed(Box<compressed::Encoder<NewFile>>),
}

impl Target {
    /// Creates a file, compressed if its name says so. Without `--force` it is an error if one exists, or if binary
    /// bytes would reach a terminal.
    pub(crate) fn create(name: &FileArg, force: bool) -> anyhow::Result<Target> {
        let Some(format) = Format::in_name(name.path()) else {
            return Target::create_plain(name, force);
        };
        format.check().map_err(|error| name.error(error))?;
        let Target { name, sink } = Target::create_plain(name, force)?;
        let sink = match sink {
            Sink::File(file) => {
                let encoder = compressed::Encoder::new(file, format);
                Sink::Compressed(Box::new(write_result(&name, encoder)?))
            }
            sink => sink,
        };
        Ok(Target { name, sink })
    }

    /// Creates a file that gets the bytes as they are written; else as [`create`](Target::create).
    pub(crate) fn create_plain(name: &FileArg, force: bool) -> anyhow::Result<Target> {
        let sink = if name.is_stdio() {
            ensure!(
                force || !is_terminal(),
                "standard output: this is a terminal, and the output is binary: use --force"
            );
            Sink::Stdout(cancellable(io::stdout()))
        } else {
            let file = save_options(force).create(name.path());
            Sink::File(file.map_err(|error| save_error(name, error))?)
        };
        let name = name.clone();
        Ok(Target { name, sink })
    }

    /// Whether it can only be written sequentially.
    pub(crate) fn is_stream(&self) -> bool {
        match &self.sink {
            Sink::Stdout(_) | Sink::Compressed(_) => true,
            // If the system cannot tell, writing says why.
            Sink::File(file) => file.is_stream().unwrap_or(true),
        }
    }

    /// An archive that is written here.
    pub(crate) fn archive(self, options: &WriteOptions) -> anyhow::Result<Writer<Target>> {
        let name = self.name.clone();
        if self.is_stream() {
            Ok(options.stream(self))
        } else {
            write_result(&name, options.create(self))
        }
    }

    /// Writes the items of these blocks; errors of the blocks are passed on.
    pub(crate) fn write_blocks(
        name: &FileArg,
        out: &mut impl Write,
        blocks: ArrayBlocks<'_>,
        progress: &Progress,
    ) -> anyhow::Result<()> {
        for block in blocks.blocks {
            let block = block?;
            write_result(name, out.write_all(block.as_bytes()))?;
            progress.add(block.as_bytes().len() as u64);
        }
        Ok(())
    }

    /// Writes text in this encoding.
    pub(crate) fn write_encoded(
        &mut self,
        encoding: Option<Encoding>,
        write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let Some(encoding) = encoding else {
            return write(self);
        };
        let name = self.name.clone();
        let mut encoder = Encoder::new(self, encoding);
        write(&mut encoder)?;
        write_result(&name, encoder.finish()).map(drop)
    }

    /// Gives the file its name.
    ///
    /// `readers` is everything that may have the old file open, or `()`. It is dropped first, because
    /// Windows does not replace files that are open.
    pub(crate) fn finish(mut self, readers: impl Sized) -> anyhow::Result<()> {
        drop(readers);
        let flushed = self.flush();
        write_result(&self.name, flushed)?;
        match self.sink {
            Sink::Stdout(_) => Ok(()),
            Sink::File(file) => file.finish().map_err(|error| save_error(&self.name, error)),
            Sink::Compressed(encoder) => {
                let file = write_result(&self.name, encoder.finish())?;
                file.finish().map_err(|error| save_error(&self.name, error))
            }
        }
    }
}

/// What was written: a file, or an archive that was updated.
#[derive(Debug)]
pub(crate) enum Output {
    Target(Target),
    Archive(Box<ArchiveWriter>),
}

impl Output {
    /// Gives the file its name; `readers` as for [`Target::finish`].
    pub(crate) fn finish(self, readers: impl Sized) -> anyhow::Result<()> {
        match self {
            Output::Target(target) => target.finish(readers),
            Output::Archive(archive) => {
                drop(readers);
                archive.finish().map_err(library_error)
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.sink {
            Sink::Stdout(stdout) => stdout.write(bytes),
            Sink::File(file) => file.write(bytes),
            Sink::Compressed(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::Stdout(stdout) => stdout.flush(),
            Sink::File(file) => file.flush(),
            Sink::Compressed(encoder) => encoder.flush(),
        }
    }
}

/// Only regular files that are not compressed count.
impl Seek for Target {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.sink {
            Sink::Stdout(_) | Sink::Compressed(_) => Err(io::ErrorKind::NotSeekable.into()),
            Sink::File(file) => file.seek(to),
        }
    }
}

/// How files are saved: an existing one is only replaced with `--force`.
pub(crate) fn save_options(force: bool) -> SaveOptions {
    let options = SaveOptions::new().cancel(interrupt::token());
    if force { options } else { options.create_new() }
}

/// The result of writing to this target: an error of standard output stays bare, so that a closed pipe is
/// recognized.
pub(crate) fn write_result<T>(
    name: &FileArg,
    result: Result<T, impl Into<io::Error>>,
) -> anyhow::Result<T> {
    result.map_err(|error| write_error(name, error.into()))
}

/// An error of this target.
pub(crate) fn write_error(name: &FileArg, error: io::Error) -> anyhow::Error {
    if name.is_stdio() {
        error.into()
    } else {
        name.escaped_error(error)
    }
}

/// An error of a file to be written.
pub(crate) fn save_error(name: &FileArg, error: npio::Error) -> anyhow::Error {
    match error.io_error().map(io::Error::kind) {
        Some(io::ErrorKind::AlreadyExists) => exists_error(name),
        _ => library_error(error),
    }
}

/// Checks that the file may be created, before anything is read.
pub(crate) fn check_overwrite(name: &FileArg, force: bool) -> anyhow::Result<()> {
    let is_there = !name.is_stdio() && name.path().metadata().is_ok_and(|meta| meta.is_file());
    if is_there && !force {
        Err(exists_error(name))
    } else {
        Ok(())
    }
}

/// Checks that what is changed in place, if it exists, is no pipe or device, which could not even be looked at.
pub(crate) fn check_regular(name: &FileArg) -> anyhow::Result<()> {
    ensure!(
        !name.is_stdio(),
        name.error("standard input and output cannot be changed in place")
    );
    let is_other = |found: Metadata| !found.is_file() && !found.is_dir();
    ensure!(
        !name.path().metadata().is_ok_and(is_other),
        name.error("not a regular file, which could be changed in place")
    );
    Ok(())
}

/// The same, and that it is not compressed: what is there stays, so it cannot be written as a whole.
pub(crate) fn check_changeable(name: &FileArg) -> anyhow::Result<()> {
    ensure!(
        Format::in_name(name.path()).is_none(),
        name.error("a compressed file cannot be changed in place: decompress it first")
    );
    check_regular(name)
}

fn exists_error(name: &FileArg) -> anyhow::Error {
    name.error("the file exists: use --force to replace it")
}
