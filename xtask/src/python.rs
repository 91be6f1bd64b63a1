//! Virtual environments with pinned packages, in the target folder: with NumPy, in target/venv, for nearly everything.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

const REQUIREMENTS: &str = "xtask/requirements.txt";

/// The python of the environment with NumPy, which is made first if it is missing or has other packages.
///
/// `PYTHON` names the interpreter to make it from (3.11 or newer).
pub(crate) fn venv(root: &Path) -> Result<PathBuf> {
    environment(root, "venv", REQUIREMENTS)
}

/// The python of the environment of this name in the target folder, with the packages in a file.
pub(crate) fn environment(root: &Path, name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = target(root).join(name);
    let python = folder.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let wanted = fs::read_to_string(root.join(requirements)).context(requirements.to_owned())?;
    // Written last, so that an interrupted installation starts again.
    let installed = folder.join("requirements.txt");
    if python.exists() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    println!("making {} with {}", folder.display(), wanted.trim());
    let base = std::env::var_os("PYTHON").unwrap_or_else(|| OsString::from("python3"));
    process::run(
        Command::new(base)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    process::run(pip_install(&python).arg("-r").arg(root.join(requirements)))?;
    fs::write(installed, wanted)?;
    Ok(python)
}

/// `pip install` in the environment of this python.
pub(crate) fn pip_install(python: &Path) -> Command {
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install"]);
    pip.args(["--quiet", "--disable-pip-version-check"]);
    pip
}

/// Cargo's target folder.
pub(crate) fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |set| root.join(set))
}
