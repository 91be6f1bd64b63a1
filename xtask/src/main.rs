//! Maintainers' commands: `cargo xtask fixtures`.

mod fixtures;
mod process;
mod python;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  fixtures          write tests/fixtures anew with the pinned NumPy
  fixtures --check  compare tests/fixtures with what the pinned NumPy makes";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let root = root()?;
    match args.as_slice() {
        ["fixtures"] => fixtures::write(root),
        ["fixtures", "--check"] => fixtures::check(root),
        _ => bail!("{USAGE}"),
    }
}

/// The workspace's folder.
fn root() -> Result<&'static Path> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("xtask has no parent folder")
}
