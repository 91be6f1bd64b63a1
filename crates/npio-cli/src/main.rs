//! The command `npio`: NumPy's files at a shell without Python.
//!
//! `main` parses the arguments and maps what a command returns to an exit status: 0 success, 1 a file that is faulty
//! or different (`verify`, `diff`) or nothing found (`find`), 2 usage, I/O or a file that cannot be read, 130
//! interrupted. If the reader of the output has closed it (EPIPE), that is a silent success.

#![forbid(unsafe_code)]

mod address;
mod append;
mod archive;
mod args;
mod array;
mod array_blocks;
mod arrays;
mod byte_cursor;
mod cat;
mod compare;
mod completions;
mod condition;
mod convert;
mod convert_archive;
mod diff;
mod dump;
mod examples;
mod expand;
mod file_names;
mod find;
mod folders;
mod hash;
mod info;
mod interrupt;
mod keys;
mod ls;
mod man;
mod measure;
mod members;
mod meta;
mod objects;
mod ordered;
mod output;
mod pack;
#[cfg(feature = "view")]
mod page;
#[cfg(feature = "view")]
mod plot;
mod progress;
mod random;
mod refs;
mod remote;
mod report;
mod rows;
mod sample;
mod size;
mod source;
mod split;
#[cfg(feature = "view")]
mod spool;
mod stats;
mod table;
mod target;
mod tensors;
mod text;
mod topics;
mod unpack;
mod usage;
mod verify;
#[cfg(feature = "view")]
mod view;

use args::{Command, MetaCommand};
use npio::AppendOptions;
use std::process::ExitCode;
use std::{env, io};

/// The outcome of a command. Errors of single files among several have been printed by then.
type Outcome = anyhow::Result<Status>;

/// The exit status, the worst one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Success = 0,
    /// A file is faulty, or nothing is found, which the command was asked to find out.
    Issues = 1,
    /// A file could not be read.
    Failure = 2,
}

fn main() -> ExitCode {
    let args = match usage::parse(env::args_os()) {
        Ok(args) => args,
        Err(status) => return status,
    };
    args.color.write_global();
    if args.no_progress {
        progress::disable();
    }
    interrupt::listen();
    progress::begin();
    let outcome = expand_globs(args.command).and_then(run);
    progress::end();
    match outcome {
        Ok(Status::Success) => ExitCode::SUCCESS,
        _ if interrupt::is_pending() => ExitCode::from(interrupt::INTERRUPTED_STATUS),
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => exit_with_error(&error),
    }
}

/// The command with the files that its patterns match, which shells on Windows leave to the program.
#[cfg(windows)]
fn expand_globs(mut command: Command) -> anyhow::Result<Command> {
    command.expand_globs()?;
    Ok(command)
}

/// On other systems the shell has expanded them.
#[cfg(not(windows))]
#[expect(clippy::unnecessary_wraps, reason = "on Windows it can fail")]
fn expand_globs(command: Command) -> anyhow::Result<Command> {
    Ok(command)
}

/// Prints an error. A bare `io::Error` is that of standard output, whose reader may have closed it.
fn exit_with_error(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Some(error) => output::report_error(&format!("standard output: {error}")),
        None => output::report_error(&format!("{error:#}")),
    }
    ExitCode::from(Status::Failure as u8)
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Ls(options) => ls::run(&options.inputs()?, &options.options()),
        Command::Info { json, files } => info::run(&files.inputs()?, json),
        Command::Dump {
            values,
            dump_args,
            salvage,
            print,
            format,
            nan,
            out_encoding,
            force,
        } => {
            if let Some(encoding) = out_encoding {
                output::set_encoding(encoding);
            }
            let input = values.salvaged_input(salvage, dump_args.separator())?;
            let format = dump_args.dump_format(format.as_deref(), &print, nan)?;
            dump::run(&input, values.slice(), &format, force)
        }
        Command::Head(options) => {
            let slice = options.values.slice_or_all().max_rows(options.rows);
            dump::run(&options.input()?, Some(&slice), &options.format()?, false)
        }
        Command::Tail(options) => {
            let slice = options.values.slice_or_all().last_rows(options.rows);
            dump::run(&options.input()?, Some(&slice), &options.format()?, false)
        }
        #[cfg(feature = "view")]
        Command::View(options) => view::run(&options),
        Command::Stats(options) => {
            let inputs = options.arrays.inputs()?;
            stats::run(&inputs, options.arrays.slice(), &options.options())
        }
        #[cfg(feature = "view")]
        Command::Plot(options) => plot::run(&options),
        #[cfg(feature = "view")]
        Command::Report(options) => page::run(&options),
        Command::Hash(options) => {
            let inputs = options.arrays.inputs()?;
            hash::run(&inputs, options.arrays.slice(), options.json)
        }
        Command::Find(options) => options.find().run(&options.arrays.inputs()?),
        Command::Diff(options) => {
            let (a, b) = options.inputs()?;
            diff::run(&a, &b, options.reading.slice.as_ref(), &options.options())
        }
        Command::Convert(options) => convert::run(&options),
        Command::Cat(options) => cat::run(&options),
        Command::Split(options) => split::run(&options),
        Command::Sample(options) => sample::run(&options),
        Command::Pack(options) => pack::run(&options),
        Command::Rm(options) => members::remove(&options.file, &options.members),
        Command::Mv(options) => members::rename(&options.file, &options.from, &options.to),
        Command::Unpack(options) => unpack::run(&options),
        Command::Repack(options) => {
            pack::repack(&options.input, &options.output, (&options).into())
        }
        Command::Refs(options) => refs::run(&options),
        Command::Append {
            destination,
            sources,
            reading,
            durable,
            wait,
        } => {
            let mut options = AppendOptions::new().cancel(interrupt::token());
            if durable {
                options = options.durable();
            }
            let options = options.wait(wait.unwrap_or_default());
            let sources = reading.inputs(&sources)?;
            append::run(&destination, &sources, reading.slice.as_ref(), &options)
        }
        Command::Meta(MetaCommand::Get(options)) => meta::get(&options),
        Command::Meta(MetaCommand::Set(options)) => meta::set(&options),
        Command::Verify(options) => verify::run(&options.files.inputs()?, (&options).into()),
        Command::Size { dtype, shape, json } => size::run(&dtype, &shape, json),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { command } => man::run(command.as_deref()),
    }
}
