//! `npio man`: the manual, made from the text of `--help`.

use crate::args::Args;
use crate::output::{self, escaped};
use crate::{Outcome, Status};
use anyhow::Context;
use clap::CommandFactory;
use clap_mangen::Man;

/// Writes the page of the command, or that of one of its subcommands, as roff.
pub(crate) fn run(name: Option<&str>) -> Outcome {
    let mut command = Args::command();
    // Only then do its subcommands have their full names.
    command.build();
    let page = match name {
        None => command,
        Some(name) => {
            let page = command.find_subcommand(name).cloned();
            page.with_context(|| format!("{}: no such command", escaped(name)))?
        }
    };
    let mut roff = Vec::new();
    Man::new(page).render(&mut roff)?;
    output::write_stdout(&roff)?;
    Ok(Status::Success)
}
