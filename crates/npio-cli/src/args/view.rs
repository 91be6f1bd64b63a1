//! Arguments of `npio view`.

use super::{Args, ReadArgs};
use crate::address::Address;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory};
use std::ffi::OsString;

/// The arguments that say what is looked at, and not how it is read.
const OWN: [&str; 7] = [
    "input",
    "slice",
    "once",
    "width",
    "height",
    "color",
    "no_progress",
];

#[derive(Debug, clap::Args)]
pub(crate) struct ViewArgs {
    /// The file or folder to look at, FILE.npz::MEMBER, or FILE.npy::1 for the second of several arrays; - is standard
    /// input
    #[arg(value_name = "FILE", default_value = ".")]
    pub(crate) input: Address,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
    /// Print one frame, and exit
    #[arg(long)]
    pub(crate) once: bool,
    /// The width of that frame in characters; by default that of the terminal, or 80
    #[arg(short = 'W', value_name = "COLUMNS", requires = "once")]
    pub(crate) width: Option<u16>,
    /// The height of that frame in lines; by default that of the terminal, or 24
    #[arg(short = 'H', value_name = "LINES", requires = "once")]
    pub(crate) height: Option<u16>,
}

impl ViewArgs {
    /// The options of this program's command line that say how input is read, as other commands take them.
    pub(crate) fn reading_words(arguments: impl IntoIterator<Item = OsString>) -> Vec<String> {
        let matches = Args::command().try_get_matches_from(arguments);
        let Some(matches) = matches.as_ref().ok().and_then(ArgMatches::subcommand) else {
            return Vec::new();
        };
        let (name, matches) = matches;
        let command = Args::command();
        let Some(command) = command.find_subcommand(name) else {
            return Vec::new();
        };
        let mut words = Vec::new();
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let is_given = matches.value_source(id) == Some(ValueSource::CommandLine);
            let Some(long) = argument
                .get_long()
                .filter(|_| is_given && !OWN.contains(&id))
            else {
                continue;
            };
            if !argument.get_action().takes_values() {
                words.push(format!("--{long}"));
                continue;
            }
            for value in matches.get_raw(id).into_iter().flatten() {
                words.push(format!("--{long}={}", value.to_string_lossy()));
            }
        }
        words
    }
}
