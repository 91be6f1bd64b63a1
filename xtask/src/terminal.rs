//! `cargo xtask terminal`: the tests of the viewer on a terminal, that of tmux.

use crate::cross::tools;
use crate::process;
use anyhow::Result;
use std::path::Path;

/// Installs tmux where it is missing, as Debian's package, and runs the tests that need it.
pub(crate) fn run(root: &Path) -> Result<()> {
    tools::install(&[("tmux", "tmux")])?;
    let mut test = process::cargo();
    test.current_dir(root)
        .args(["test", "--package", "conformance", "--test", "command"])
        .args(["view_terminal::", "--", "--nocapture"])
        // Skipping them is an error.
        .env("NPIO_TERMINAL", "1");
    process::run(&mut test)
}
