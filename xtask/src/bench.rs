//! `cargo xtask bench`: npio beside NumPy and its peers in Rust.
//!
//! The bench is a workspace of its own, built without the flags and lints of this one. Before it measures,
//! the programs of docs/comparison.md are run, and NumPy checks their output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, python, wheel};

/// The file of the table.
const REPORT: &str = "docs/performance.md";

/// The files that quote it, and the place in each.
const QUOTING: [&str; 2] = ["README.md", "docs/python.md"];
const HEADING: &str = "## Speed";

/// The same program with each crate.
const PROGRAMS: [&str; 3] = ["columns_npio", "columns_npyz", "columns_ndarray_npy"];

/// Their input.
const MAKE: &str = r#"
import numpy as np
stars = [(1, -1.46, b"Sirius"), (2, 0.03, b"Vega"), (3, 1.25, b"Deneb")]
np.save("stars.npy", np.array(stars, [("id", "<u4"), ("magnitude", "<f8"), ("name", "S12")]))
"#;

/// Their output.
const CHECK: &str = r#"
import numpy as np
bright = {name: array.tolist() for name, array in np.load("bright.npz").items()}
wanted = {"id": [1, 2], "magnitude": [-1.46, 0.03], "source": "stars.npy", "band": "V"}
assert bright == wanted, bright
"#;

/// All rows; with `--rows TEXT` those with that text in their names, with `--quick` small ones, whose values are compared,
/// by programs that are built in less time.
pub(crate) fn run(root: &Path, options: &[&str]) -> Result<()> {
    let python = python::venv(root)?;
    let is_quick = options.contains(&"--quick");
    let folder = if is_quick { "bench-quick" } else { "bench" };
    let builds = Builds {
        root,
        target: python::target(root).join(folder),
        is_quick,
    };
    for program in PROGRAMS {
        builds.compare(&python, program).context(program)?;
    }
    let command = builds.command()?;
    let mut bench = builds.cargo(&["run", "--release"])?;
    bench
        .arg("--")
        .arg(python)
        .arg(wheel::for_bench(root)?)
        .arg(command)
        .arg(root.join(REPORT));
    process::run(bench.args(options))?;
    QUOTING.iter().try_for_each(|file| quote(root, file))
}

/// How programs are built: as for a release, unless their speed does not matter.
struct Builds<'a> {
    root: &'a Path,
    /// Also where files are that are measured: on the same disk as builds.
    target: PathBuf,
    is_quick: bool,
}

impl Builds<'_> {
    /// The command.
    fn command(&self) -> Result<PathBuf> {
        let mut cargo = process::cargo();
        cargo.current_dir(self.root).args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "npio-cli",
        ]);
        process::run(self.configured(&mut cargo))?;
        let name = format!("npio{}", std::env::consts::EXE_SUFFIX);
        Ok(self.target.join("release").join(name))
    }

    /// Runs one of the programs in a folder of its own.
    fn compare(&self, python: &Path, program: &str) -> Result<()> {
        process::run(self.cargo(&["build", "--release", "--example", program])?)?;
        let folder = self.target.join(program);
        fs::create_dir_all(&folder)?;
        let ask = |code: &str| {
            let mut ask = Command::new(python);
            process::run(ask.current_dir(&folder).args(["-c", code]))
        };
        ask(MAKE)?;
        let built = self.target.join("release/examples").join(program);
        process::run(Command::new(built).current_dir(&folder))?;
        ask(CHECK)
    }

    /// Cargo in the bench's workspace.
    fn cargo(&self, words: &[&str]) -> Result<Command> {
        fs::create_dir_all(&self.target)?;
        let mut cargo = process::cargo();
        cargo.current_dir(&self.target).args(words);
        cargo.args(["--quiet", "--manifest-path"]);
        cargo.arg(self.root.join("bench/Cargo.toml"));
        self.configured(&mut cargo);
        Ok(cargo)
    }

    fn configured<'c>(&self, cargo: &'c mut Command) -> &'c mut Command {
        cargo.arg("--target-dir").arg(&self.target);
        if self.is_quick {
            cargo.env("CARGO_PROFILE_RELEASE_LTO", "off");
            cargo.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        }
        cargo
    }
}

/// Copies the report's rows, and the head of the table, to those of the same names in another file.
fn quote(root: &Path, file: &str) -> Result<()> {
    let report = fs::read_to_string(root.join(REPORT))?;
    let text = fs::read_to_string(root.join(file))?;
    let name = |line: &str| line.split('|').nth(1).map(str::to_owned);
    let (before, after) = text.split_once(HEADING).context(HEADING)?;
    let (table, rest) = after.split_at(after.find("\n## ").unwrap_or(after.len()));
    let lines = table.split_inclusive('\n').map(|line| {
        let mut rows = report
            .split_inclusive('\n')
            .filter(|row| row.starts_with('|'));
        let row = rows.find(|row| name(row) == name(line));
        match row.filter(|_| line.starts_with('|')) {
            Some(row) => cut(row, line),
            None => line.to_owned(),
        }
    });
    let table: String = lines.collect();
    fs::write(root.join(file), format!("{before}{HEADING}{table}{rest}"))?;
    Ok(())
}

/// A row of the report with as many columns as the line that quotes it has: what follows is for maintainers.
fn cut(row: &str, line: &str) -> String {
    let last = line.matches('|').count().saturating_sub(1);
    let end = row
        .match_indices('|')
        .nth(last)
        .map_or(row.len(), |(i, _)| i + 1);
    format!("{}\n", row.get(..end).unwrap_or(row).trim_end())
}
