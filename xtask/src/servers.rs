//! `cargo xtask servers`: what needs programs beside npio, on this machine: object stores, clusters,
//! readers of Zarr; and a web server, to measure.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::cross::tools;
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

/// Measures how fast arrays come from a web server, that of Debian's nginx, which is installed where it is missing: the
/// crate npio-remote beside s3fs and obstore.
pub(crate) fn throughput(root: &Path) -> Result<()> {
    tools::install(&[("nginx", "nginx-light")])?;
    let python = python::environment(root, "servers-venv", REQUIREMENTS)?;
    let mut build = process::cargo();
    build
        .current_dir(root)
        .args(["build", "--release", "--package", "npio-remote"])
        .args(["--example", "fetch"]);
    process::run(build)?;
    let mut program = Command::new(python);
    program
        .current_dir(root)
        .arg("xtask/servers/throughput.py")
        .env(
            "NPIO_EXAMPLES",
            python::target(root).join("release/examples"),
        );
    process::run(program)
}
