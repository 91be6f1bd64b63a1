//! `npio man`: the manual, made from the text of `--help`, the examples and the topics.

use crate::examples::{self, Example};
use crate::output::{self, escaped};
use crate::topics::{self, Piece, TOPICS, Topic};
use crate::{Outcome, Status, usage};
use anyhow::anyhow;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use npio::dtype::did_you_mean;

/// What the exit statuses mean, for every command.
const STATUSES: [(&str, &str); 4] = [
    (
        "0",
        "Success; also if the reader of the output has closed it.",
    ),
    (
        "1",
        "A difference (diff), a file that is wrong (verify), nothing found (find), or something that is missing (--salvage).",
    ),
    (
        "2",
        "Wrong arguments, an error of the system, or a file that cannot be read. The other files are done.",
    ),
    (
        "130",
        "Interrupted, by Ctrl-C or SIGTERM: no temporary file is left, and no file is changed in part.",
    ),
];

/// The variables of the environment that matter.
const VARIABLES: [(&str, &str); 2] = [
    (
        "NO_COLOR",
        "If it is set and not empty, nothing is colored, unless --color always says so.",
    ),
    (
        "TMPDIR",
        "The folder for temporary copies of what comes through a pipe and has to be read at any position.",
    ),
];

/// Writes a page as roff: that of the command, of one of its subcommands, or a topic.
pub(crate) fn run(name: Option<&str>) -> Outcome {
    let mut command = usage::command();
    // Only then do its subcommands have their full names.
    command.build();
    let mut page = Vec::new();
    match name {
        None => write_command(&command, "", &mut page)?,
        Some(name) => match (find(&command, name), topics::find(name)) {
            (Some(command), _) => write_command(command, name, &mut page)?,
            (None, Some(topic)) => write_topic(topic, &mut page)?,
            (None, None) => return Err(no_page(&command, name)),
        },
    }
    output::write_stdout(&page)?;
    Ok(Status::Success)
}

/// The command of this name, which has two words if it belongs to another: `meta get`.
fn find<'c>(command: &'c Command, name: &str) -> Option<&'c Command> {
    let mut words = name.split(' ');
    words.try_fold(command, |command, word| command.find_subcommand(word))
}

fn no_page(command: &Command, name: &str) -> anyhow::Error {
    let commands = command.get_subcommands().map(Command::get_name);
    let pages = commands.chain(TOPICS.map(|topic| topic.name));
    let meant = escaped(&did_you_mean(name, pages));
    anyhow!("{}: no such command{meant}", escaped(name))
}

fn write_command(command: &Command, name: &str, page: &mut Vec<u8>) -> anyhow::Result<()> {
    // The examples have a section of their own.
    let man = Man::new(command.clone().after_help(""));
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    let mut roff = Roff::new();
    examples_section(examples::of(name), &mut roff);
    list_section("EXIT STATUS", &STATUSES, &mut roff);
    list_section("ENVIRONMENT", &VARIABLES, &mut roff);
    roff.control("SH", ["SEE ALSO"]);
    let topics = TOPICS.map(|topic| format!("npio man {}: {}", topic.name, topic.about));
    roff.text([roman(topics.join("; "))]);
    Ok(roff.to_writer(page)?)
}

fn examples_section(examples: &[Example], roff: &mut Roff) {
    if examples.is_empty() {
        return;
    }
    roff.control("SH", ["EXAMPLES"]);
    for (line, what) in examples {
        roff.control("TP", []);
        roff.text([roman(*what)]);
        roff.text([bold(*line)]);
    }
}

fn list_section(heading: &str, items: &[(&str, &str)], roff: &mut Roff) {
    roff.control("SH", [heading]);
    for (item, text) in items {
        roff.control("TP", []);
        roff.text([bold(*item)]);
        roff.text([roman(*text)]);
    }
}

fn write_topic(topic: Topic, page: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut roff = Roff::new();
    let name = format!("npio-{}", topic.name);
    roff.control("TH", [name.as_str(), "7"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman(format!("{name} - {}", topic.about))]);
    for piece in topic.pieces() {
        match piece {
            Piece::Heading(heading) => {
                roff.control("SH", [heading]);
            }
            Piece::Paragraph(lines) => {
                roff.control("PP", []);
                roff.text([roman(lines.join(" "))]);
            }
            Piece::Lines(lines) => {
                roff.control("PP", []);
                roff.control("nf", []);
                roff.control("RS", ["4"]);
                for line in lines {
                    roff.text([bold(line)]);
                }
                roff.control("RE", []);
                roff.control("fi", []);
            }
        }
    }
    Ok(roff.to_writer(page)?)
}
