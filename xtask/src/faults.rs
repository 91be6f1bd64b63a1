//! `cargo xtask faults`: the command killed at its system calls, or with calls that fail.

use crate::{process, python};
use anyhow::Result;
use std::env;
use std::path::Path;

/// Tries this many of the faults of the commands with these words, or all of them. NumPy is asked what it reads from the files that they leave.
pub(crate) fn run(root: &Path, count: Option<&str>, words: &str) -> Result<()> {
    let mut test = process::cargo();
    test.current_dir(root)
        .args(["test", "--package", "conformance", "--test", "faults"])
        .args(["--", "--nocapture"])
        .env("NPIO_FAULTS", count.unwrap_or("1000000"))
        .env("NPIO_FAULTS_OF", words);
    if env::var_os("NPIO_PYTHON").is_none() {
        test.env("NPIO_PYTHON", python::venv(root)?);
    }
    process::run(&mut test)
}
