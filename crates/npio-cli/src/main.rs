//! The command `npio`: NumPy's files at a shell without Python.
//!
//! `main` parses the arguments and maps what a command returns to an exit status: 0 fine, 2 usage, I/O
//! or a file that cannot be read. A reader that went away (EPIPE) is a quiet success.

#![forbid(unsafe_code)]

mod args;
mod convert;
mod dump;
mod info;
mod input;
mod ls;
mod output;
mod size;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use std::io;
use std::process::ExitCode;

/// What a command leaves behind: whether every file could be read. What is wrong with one of several
/// files has been said by then.
type Outcome = anyhow::Result<bool>;

fn main() -> ExitCode {
    let args = Args::parse();
    args.color.write_global();
    match run(args.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Ls { files } => ls::run(&files),
        Command::Info { json, files } => info::run(&files, json),
        Command::Dump {
            input,
            slice,
            form,
            force,
        } => dump::run(&input, slice.as_ref(), form.into(), force),
        Command::Head { input, slice, rows } => dump::head(&input, slice.as_ref(), rows),
        Command::Convert(options) => convert::run(&options),
        Command::Size { dtype, shape } => size::run(&dtype, &shape),
        Command::Completions { shell } => {
            let mut command = Args::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "npio", &mut script);
            output::write(&script)?;
            Ok(true)
        }
    }
}

/// Only what this program writes is reported as a bare `io::Error`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
