//! `cargo xtask servers`: what needs programs beside npio, on this machine: object stores, clusters,
//! readers of Zarr.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::{process, python};

/// What is installed in an environment of its own.
const REQUIREMENTS: &str = "xtask/servers.txt";

/// Builds the command, and runs the tests in `xtask/servers`, or those whose names have these words in them. They start
/// the servers that they need, on this machine only.
pub(crate) fn run(root: &Path, words: Option<&str>) -> Result<()> {
    let python = python::environment(root, "servers-venv", REQUIREMENTS)?;
    let mut build = process::cargo();
    build
        .current_dir(root)
        .args(["build", "--package", "npio-cli", "--features", "remote"]);
    process::run(build)?;
    let binary = format!("debug/npio{}", std::env::consts::EXE_SUFFIX);
    let mut tests = Command::new(python);
    tests.current_dir(root.join("xtask/servers"));
    tests.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    if let Some(words) = words {
        tests.args(["-k", words]);
    }
    tests.env("PYTHONDONTWRITEBYTECODE", "1");
    tests.env("NPIO", python::target(root).join(binary));
    process::run(tests)
}
