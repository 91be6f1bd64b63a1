//! `cargo xtask faults`: the command killed at its system calls, or with calls that fail.

use crate::process;
use anyhow::Result;
use std::path::Path;

/// Tries this many of the faults, or all of them.
pub(crate) fn run(root: &Path, count: Option<&str>) -> Result<()> {
    let mut test = process::cargo();
    test.current_dir(root)
        .args(["test", "--package", "conformance", "--test", "faults"])
        .args(["--", "--nocapture"])
        .env("NPIO_FAULTS", count.unwrap_or("1000000"));
    process::run(&mut test)
}
