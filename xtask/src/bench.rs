//! `cargo xtask bench`: npio beside NumPy and its peers in Rust.
//!
//! The bench is a workspace of its own, built without the flags and lints of this one.

use std::path::Path;

use anyhow::Result;

use crate::{process, python};

/// Where the table goes.
const REPORT: &str = "docs/performance.md";

/// All rows, or with `--quick` or `--rows TEXT` those.
pub(crate) fn run(root: &Path, options: &[&str]) -> Result<()> {
    let python = python::venv(root)?;
    let target = python::target(root).join("bench");
    let mut bench = process::cargo();
    bench.current_dir(target_folder(&target)?);
    bench.args(["run", "--release", "--quiet", "--manifest-path"]);
    bench.arg(root.join("bench/Cargo.toml"));
    bench.arg("--target-dir").arg(&target).arg("--");
    bench.arg(python).arg(root.join(REPORT));
    process::run(bench.args(options))
}

/// The folder, made where it is missing: the files that are measured lie there, on the disk that
/// builds do.
fn target_folder(target: &Path) -> Result<&Path> {
    std::fs::create_dir_all(target)?;
    Ok(target)
}
