//! `npio completions`: scripts that complete commands, options, their values, and the members of archives.
//!
//! clap writes all but the last. Members come from `npio ls`, whose lines begin with addresses.

use crate::{Outcome, Status, output, usage};
use clap_complete::Shell;

/// Completes addresses with `::`, and leaves the rest to the function of clap's script.
const BASH: &str = include_str!("members.bash");
const ZSH: &str = include_str!("members.zsh");
const FISH: &str = include_str!("members.fish");

/// The function of clap's script for zsh that completes what it knows nothing about, with the names of files.
const ZSH_DEFAULT: &str = ":_default'";

/// Prints the script for a shell.
pub(crate) fn run(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut usage::command(), "npio", &mut script);
    match shell {
        Shell::Bash => script.extend(BASH.as_bytes()),
        Shell::Fish => script.extend(FISH.as_bytes()),
        Shell::Zsh => {
            let text = String::from_utf8_lossy(&script);
            let text = text.replace(ZSH_DEFAULT, ":_npio_addresses'");
            // The first line says what the file is for, and the last ones run the function.
            let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
            script = format!("{first}\n\n{ZSH}{rest}").into_bytes();
        }
        // Their shells complete no members.
        _ => {}
    }
    output::write_stdout(&script)?;
    Ok(Status::Success)
}
