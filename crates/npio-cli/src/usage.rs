//! The command line is parsed, and what is wrong with it is said on one line.

use crate::args::{Args, with_repair_values};
use crate::output::{self, escaped};
use crate::topics::{self, TOPICS};
use crate::{Status, address, examples, exit_with_error};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches};
use npio::dtype::did_you_mean;
use std::ffi::OsString;
use std::process::ExitCode;

/// The command with everything that its help shows.
pub(crate) fn command() -> Command {
    examples::add_to(Args::command())
}

/// The arguments, or the exit status of a command line that needs no work: one that asks for help, or is wrong.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Args, ExitCode> {
    let arguments = with_repair_values(arguments.map(address::not_an_option));
    if let [_, help, topic] = &arguments[..]
        && help == "help"
        && let Some(topic) = topic.to_str().and_then(topics::find)
    {
        return Err(printed(topic.text()));
    }
    let matches = command().try_get_matches_from(arguments);
    let args = matches.and_then(|matches| Args::from_arg_matches(&matches));
    args.map_err(|error| exit_status(&error))
}

/// Prints help if it was requested, or if a command was left out; or else the error, on one line.
fn exit_status(error: &clap::Error) -> ExitCode {
    let is_help = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if is_help || !error.use_stderr() {
        return printed(&error.render().to_string());
    }
    let text = error.render().to_string();
    let text = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = text
        .trim_start_matches("error: ")
        .split_whitespace()
        .collect();
    let help = match command_of(error) {
        Some(name) => format!("npio {name} --help"),
        None => "npio --help".to_owned(),
    };
    let message = format!("{}{} (see {help})", words.join(" "), meant(error));
    output::report_error(&escaped(&message));
    ExitCode::from(Status::Failure as u8)
}

fn printed(text: &str) -> ExitCode {
    let printed = output::write_stdout(text.as_bytes());
    printed.map_or_else(|error| exit_with_error(&error), |()| ExitCode::SUCCESS)
}

/// What may have been meant by a word that is wrong.
fn meant(error: &clap::Error) -> String {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        _ => None,
    };
    let words = |kind| match error.get(kind) {
        Some(ContextValue::Strings(words)) => words.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    // clap compares words by what they have in common, which finds longer ones; exchanged letters are found here.
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let typed = word(ContextKind::InvalidSubcommand).unwrap_or_default();
            let command = Args::command();
            let outer = command_of(error).and_then(|name| command.find_subcommand(name));
            let names = outer.unwrap_or(&command).get_subcommands();
            let topics = TOPICS.iter().filter(|_| outer.is_none());
            let known = names
                .map(Command::get_name)
                .chain(topics.map(|topic| topic.name));
            match words(ContextKind::SuggestedSubcommand).last() {
                Some(similar) => did_you_mean(similar, [*similar]),
                None => did_you_mean(typed, known),
            }
        }
        ErrorKind::InvalidValue => {
            let typed = word(ContextKind::InvalidValue).unwrap_or_default();
            match word(ContextKind::SuggestedValue) {
                Some(similar) => did_you_mean(similar, [similar]),
                None => did_you_mean(typed, words(ContextKind::ValidValue)),
            }
        }
        _ => word(ContextKind::SuggestedArg)
            .map_or(String::new(), |similar| did_you_mean(similar, [similar])),
    }
}

/// The command whose arguments are wrong: the word after `npio` in the usage.
fn command_of(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else {
        return None;
    };
    let usage = usage.to_string();
    let name = usage
        .split_whitespace()
        .skip_while(|word| *word != "npio")
        .nth(1)?;
    let is_command = Args::command().find_subcommand(name).is_some();
    is_command.then(|| name.to_owned())
}
