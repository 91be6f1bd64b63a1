//! `cargo xtask wheel`: the package for Python, built, installed and tested.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{process, python};

const CRATE: &str = "crates/npio-python";

/// The environments that it is tested in, and what is in them beside it: everything; the oldest NumPy.
const NEWEST: (&str, &str) = ("wheel-venv", "crates/npio-python/tests/requirements.txt");
const OLDEST: (&str, &str) = (
    "wheel-oldest-venv",
    "crates/npio-python/tests/requirements-oldest.txt",
);

/// All of it.
pub(crate) fn run(root: &Path) -> Result<()> {
    let newest = installed(root)?;
    let tests = root.join(CRATE).join("tests");
    let in_tests = |python: &Path, words: &[&str]| {
        let mut command = Command::new(python);
        // Where nothing but the installed package can be imported.
        command.current_dir(&tests).args(words);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        process::run(command)
    };
    println!("==> the package's tests");
    in_tests(&newest, &["-m", "pytest", "-q", "-p", "no:cacheprovider"])?;
    println!("==> with the oldest NumPy");
    let oldest = environment(root, OLDEST)?;
    in_tests(&oldest, &["-m", "pytest", "-q", "-p", "no:cacheprovider"])?;
    println!("==> type checkers");
    in_tests(
        &newest,
        &[
            "-m",
            "mypy",
            "--strict",
            "--cache-dir=/dev/null",
            "typed.py",
        ],
    )?;
    let interpreter = newest.to_string_lossy();
    in_tests(
        &newest,
        &["-m", "pyright", "--pythonpath", &interpreter, "typed.py"],
    )?;
    in_tests(&newest, &["typed.py"])?;
    println!("==> the tests of NumPy, SciPy and Dask");
    in_tests(&newest, &["suites.py"])
}

/// The python of an environment with the newest NumPy, in which the package is installed.
pub(crate) fn installed(root: &Path) -> Result<PathBuf> {
    environment(root, NEWEST)
}

fn environment(root: &Path, (name, requirements): (&str, &str)) -> Result<PathBuf> {
    let python = python::environment(root, name, requirements)?;
    let wheel = build(root)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args(["--force-reinstall", "--no-deps"]);
    process::run(pip.arg(wheel))?;
    Ok(python)
}

/// Builds the wheel, and returns its path.
fn build(root: &Path) -> Result<PathBuf> {
    let folder = python::target(root).join("wheel");
    fs::create_dir_all(&folder)?;
    let maturin = python::environment(root, NEWEST.0, NEWEST.1)?;
    let mut build = Command::new(&maturin);
    build.current_dir(root.join(CRATE));
    build.args([
        "-m",
        "maturin",
        "build",
        "--release",
        "--quiet",
        "--interpreter",
    ]);
    build.arg(&maturin).arg("--out").arg(&folder);
    build.env("CARGO_TARGET_DIR", python::target(root));
    process::run(build)?;
    let wheels = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut wheels = wheels
        .iter()
        .map(fs::DirEntry::path)
        .filter(|path| path.extension().is_some_and(|suffix| suffix == "whl"));
    let wheel = wheels.next().context("no wheel was built")?;
    ensure!(
        wheels.next().is_none(),
        "{} has several wheels",
        folder.display()
    );
    Ok(wheel)
}
