//! `cargo xtask soak [TEST]`: the tests against a live NumPy and Python, with many more cases than `test` has time
//! for.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{process, python};

/// A test of `conformance`, the variable for its number of cases, and that number here.
const TESTS: [(&str, &str, &str); 14] = [
    ("text_read", "NPIO_TEXT_CASES", "100000"),
    ("text_write", "NPIO_TEXT_CASES", "100000"),
    ("table_read", "NPIO_TEXT_CASES", "100000"),
    ("genfromtxt", "NPIO_TEXT_CASES", "100000"),
    ("table_write", "NPIO_TEXT_CASES", "100000"),
    ("table_exchange", "NPIO_SHELL_CASES", "10000"),
    ("show", "NPIO_SHOW_CASES", "30000"),
    ("print_options", "NPIO_PRINT_CASES", "10000"),
    ("stats", "NPIO_STATS_CASES", "40"),
    ("cast", "NPIO_CAST_CASES", "150"),
    ("objects", "NPIO_OBJECT_CASES", "20000"),
    ("killed", "NPIO_SIGNAL_CASES", "200"),
    // Ten minutes.
    ("npz_differential", "NPIO_NPZ_MUTANTS", "1200000"),
    ("npz_large", "NPIO_LARGE", "1"),
];

pub(crate) fn run(root: &Path, only: Option<&str>) -> Result<()> {
    let python = python::venv(root)?;
    let wanted = TESTS
        .iter()
        .filter(|(test, ..)| only.is_none_or(|only| only == *test));
    let mut count = 0;
    for (test, variable, cases) in wanted {
        println!("==> {test}: {variable}={cases}");
        let mut command = process::cargo();
        command.current_dir(root);
        // These take long enough that an optimised build is worth its time.
        command.args(["test", "--release", "--package", "conformance"]);
        // The test may be in any program: the others have no test of this name, and run none.
        command.args(["--all-features", "--test", "*", &format!("{test}::")]);
        command
            .env("NPIO_PYTHON", &python)
            .env("CI", "true")
            .env(variable, cases);
        process::run(command).with_context(|| format!("the test {test}"))?;
        count += 1;
    }
    ensure!(count > 0, "no such test: {only:?}");
    Ok(())
}
