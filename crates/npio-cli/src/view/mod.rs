//! `npio view`: arrays on the whole terminal.

mod archive;
mod folder;
mod open;
mod several;

use crate::address::not_an_option;
use crate::args::ViewArgs;
use crate::output::{is_terminal, write_stdout};
use crate::source::Input;
use crate::table::{has_color, window_size};
use crate::{Outcome, Status, interrupt, progress};
use anstream::ColorChoice;
use anyhow::{anyhow, bail, ensure};
use npio_look::cells::Palette;
use npio_look::view::{self, Ended, Opened, Options, Work};
use open::open;
use std::{env, fmt};

/// The size of a frame that does not go to a terminal.
const SIZE: (u16, u16) = (80, 24);

pub(crate) fn run(options: &ViewArgs) -> Outcome {
    let input = options.reading.input(&options.input)?;
    let command = reading_command();
    let look = Options {
        slice: options.reading.slice.clone(),
        palette: palette(),
        stop: interrupt::token(),
    };
    let open =
        move |work: &Work| -> Result<Opened, String> { open(&input, &command, work).map_err(text) };
    if options.once {
        let (width, height) = window_size().unwrap_or(SIZE);
        let size = (
            options.width.unwrap_or(width),
            options.height.unwrap_or(height),
        );
        let frame = view::frame(look, size, open).map_err(|error| anyhow!(error))?;
        write_stdout(frame.as_bytes())?;
        return Ok(Status::Success);
    }
    ensure!(
        is_terminal(),
        "standard output is not a terminal: use --once for one frame, or npio dump"
    );
    // The viewer has all of the terminal.
    progress::end();
    match view::run(look, open)? {
        Ended::Quit(None) => Ok(Status::Success),
        Ended::Quit(Some(command)) => {
            write_stdout(format!("{command}\n").as_bytes())?;
            Ok(Status::Success)
        }
        Ended::Failed(error) => bail!(error),
        Ended::Stopped => Ok(Status::Failure),
    }
}

/// The colours that are wanted, and that the terminal has.
fn palette() -> Palette {
    if !has_color() {
        return Palette::None;
    }
    match Palette::detect(|name| env::var(name).ok()) {
        Palette::None if ColorChoice::global() == ColorChoice::Always => Palette::Xterm,
        palette => palette,
    }
}

/// The words of the command that prints what is looked at, before its address.
fn reading_command() -> Vec<String> {
    let mut words = vec!["npio".to_owned(), "dump".to_owned()];
    words.extend(ViewArgs::reading_words(env::args_os().map(not_an_option)));
    words
}

/// The words of the command that prints an array.
fn dump_command(command: &[String], input: &Input) -> Vec<String> {
    let path = input.name.path().to_string_lossy();
    let address = match &input.member {
        Some(member) => format!("{path}::{member}"),
        None => path.into_owned(),
    };
    let address = std::iter::once(address);
    command.iter().cloned().chain(address).collect()
}

/// The message of an error.
fn text(error: impl fmt::Display) -> String {
    format!("{error:#}")
}
