//! Third-party Cargo subcommands, in target/tools.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::{process, python};

/// A tool of this version, which is installed if it is missing or has another version.
pub(crate) fn install(root: &Path, tool: &str, version: &str) -> Result<PathBuf> {
    let tools = python::target(root).join("tools");
    let mut command = process::cargo();
    command.args(["install", "--quiet", "--locked", "--root"]);
    command.arg(&tools);
    process::run(command.arg(format!("{tool}@{version}")))?;
    Ok(tools.join("bin").join(tool))
}
