//! The command `npio`: NumPy's files at a shell without Python.
//!
//! `main` parses the arguments and maps what a command returns to an exit status: 0 fine, 1 a file that
//! is wrong or different (`verify`, `diff`), 2 usage, I/O or a file that cannot be read. A reader that went away (EPIPE) is a quiet success.

#![forbid(unsafe_code)]

mod append;
mod args;
mod convert;
mod diff;
mod dump;
mod info;
mod input;
mod ls;
mod output;
mod size;
mod stats;
mod text;
mod verify;

use args::{Args, Command};
use clap::{CommandFactory, Parser};
use std::io;
use std::process::ExitCode;

/// What a command leaves behind. What is wrong with one of several files has been said by then.
type Outcome = anyhow::Result<Status>;

/// The exit status, the worst one last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    Fine = 0,
    /// A file is wrong, which is what the command was asked for.
    Wrong = 1,
    /// A file could not be read.
    Failed = 2,
}

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    args.color.write_global();
    match run(args.command) {
        Ok(status) => ExitCode::from(status as u8),
        Err(error) => fail(&error),
    }
}

/// Says what is wrong. A bare `io::Error` is that of standard output, from which a reader may go away.
fn fail(error: &anyhow::Error) -> ExitCode {
    match error.downcast_ref::<io::Error>() {
        Some(error) if error.kind() == io::ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        Some(error) => output::complain(&format!("standard output: {error}")),
        None => output::complain(&format!("{error:#}")),
    }
    ExitCode::from(Status::Failed as u8)
}

/// Help where it was asked for, else what is wrong with the command line, on one line.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let printed = output::write(error.render().to_string().as_bytes());
        return printed.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS);
    }
    let text = error.render().to_string();
    let text = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = text
        .trim_start_matches("error: ")
        .split_whitespace()
        .collect();
    output::complain(&format!(
        "{} (npio --help says more)",
        output::escaped(&words.join(" "))
    ));
    ExitCode::from(Status::Failed as u8)
}

fn run(command: Command) -> Outcome {
    match command {
        Command::Ls { files, raw } => ls::run(&raw.inputs(&files)?),
        Command::Info { json, files, raw } => info::run(&raw.inputs(&files)?, json),
        Command::Dump {
            input,
            raw,
            slice,
            form,
            format,
            force,
        } => {
            let input = raw.input_with(&input, form.separator())?;
            match form.separator() {
                Some(separator) => {
                    let output = text::Output::flat(separator, format.as_deref())?;
                    dump::text(&input, slice.as_ref(), &output)
                }
                None => dump::run(&input, slice.as_ref(), form.into(), force),
            }
        }
        Command::Head {
            input,
            raw,
            slice,
            rows,
        } => dump::head(&raw.input(&input)?, slice.as_ref(), rows),
        Command::Stats { input, raw, slice } => stats::run(&raw.input(&input)?, slice.as_ref()),
        Command::Diff {
            a,
            b,
            raw,
            slice,
            rtol,
            atol,
        } => {
            let tolerance = diff::Tolerance { rtol, atol };
            diff::run(&raw.input(&a)?, &raw.input(&b)?, slice.as_ref(), tolerance)
        }
        Command::Convert(options) => convert::run(&options),
        Command::Append {
            destination,
            sources,
            raw,
            slice,
            durable,
        } => append::run(
            &destination,
            &raw.inputs(&sources)?,
            slice.as_ref(),
            durable,
        ),
        Command::Verify { repair, files } => verify::run(&files, repair.map(Into::into)),
        Command::Size { dtype, shape } => size::run(&dtype, &shape),
        Command::Completions { shell } => {
            let mut command = Args::command();
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, "npio", &mut script);
            output::write(&script)?;
            Ok(Status::Fine)
        }
    }
}
