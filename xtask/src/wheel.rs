//! `cargo xtask wheel`: the package for Python, built, installed and tested.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, python};

const CRATE: &str = "crates/npio-python";

/// The environments that it is tested in, and what is in them beside it: everything; the oldest NumPy.
const NEWEST: (&str, &str) = ("wheel-venv", "crates/npio-python/tests/requirements.txt");
const OLDEST: (&str, &str) = (
    "wheel-oldest-venv",
    "crates/npio-python/tests/requirements-oldest.txt",
);

/// That of the bench: what builds the package, and what it is compared with.
const BENCH: (&str, &str) = ("bench-venv", "bench/requirements.txt");

/// All of it.
pub(crate) fn run(root: &Path) -> Result<()> {
    let newest = installed(root, NEWEST)?;
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
    let oldest = python::environment(root, OLDEST.0, OLDEST.1)?;
    install(&oldest, &wheel(root)?)?;
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

/// The python of a small environment in which the package is built and installed.
pub(crate) fn for_bench(root: &Path) -> Result<PathBuf> {
    installed(root, BENCH)
}

/// The python of this environment, in which the package is built and installed.
fn installed(root: &Path, (name, requirements): (&str, &str)) -> Result<PathBuf> {
    let python = python::environment(root, name, requirements)?;
    build(root, &python)?;
    install(&python, &wheel(root)?)?;
    Ok(python)
}

fn install(python: &Path, wheel: &Path) -> Result<()> {
    let mut pip = python::pip_install(python);
    pip.args(["--force-reinstall", "--no-deps"]);
    process::run(pip.arg(wheel))
}

/// Builds the wheel with the maturin of an environment.
fn build(root: &Path, python: &Path) -> Result<()> {
    let folder = folder(root);
    if folder.exists() {
        // It may hold one of another version.
        fs::remove_dir_all(&folder)?;
    }
    let mut build = Command::new(python);
    build.current_dir(root.join(CRATE));
    build.args(["-m", "maturin", "build", "--release", "--quiet"]);
    build.arg("--interpreter").arg(python);
    build.arg("--out").arg(&folder);
    build.env("CARGO_TARGET_DIR", python::target(root));
    process::run(build)
}

/// The wheel that was built.
fn wheel(root: &Path) -> Result<PathBuf> {
    let wheel = fs::read_dir(folder(root))?.next();
    Ok(wheel.context("no wheel was built")??.path())
}

fn folder(root: &Path) -> PathBuf {
    python::target(root).join("wheel")
}
