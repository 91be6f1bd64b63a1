//! Building and running tests, one program at a time, and the result of each test.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// A program that hangs is ended after this many seconds.
const SECONDS: &str = "1200";

/// A program of tests.
pub(crate) struct Program {
    /// Its package and its own name: `conformance/append`.
    pub(crate) name: String,
    path: PathBuf,
    /// The folder in which its tests expect to be run.
    folder: PathBuf,
}

/// The results of the tests of one target.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) passed: BTreeSet<String>,
    pub(crate) failed: BTreeSet<String>,
    /// With their messages.
    pub(crate) skipped: Vec<(String, String)>,
    /// What the programs with failures printed about them.
    pub(crate) reports: Vec<String>,
}

impl Outcome {
    /// All tests that were run or would have been.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.passed.union(&self.failed).cloned().collect()
    }
}

/// Builds the tests that `cargo`, a command with the packages' names, would run.
pub(crate) fn build(mut cargo: Command) -> Result<Vec<Program>> {
    cargo.arg("--message-format=json-render-diagnostics");
    let output = cargo.stderr(Stdio::inherit()).output();
    let output = output.context("cannot start cargo")?;
    ensure!(output.status.success(), "the tests do not build");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    Ok(messages
        .filter_map(|message: Value| program(&message))
        .collect())
}

/// The program that a message of Cargo's is about.
fn program(message: &Value) -> Option<Program> {
    let is_test = message.pointer("/profile/test")?.as_bool()?;
    let path = message.get("executable")?.as_str().filter(|_| is_test)?;
    let id = message.get("package_id")?.as_str()?;
    let (folder, version) = id.rsplit_once('#')?;
    let package = match version.split_once('@') {
        Some((package, _)) => package,
        None => folder.rsplit('/').next()?,
    };
    let kind = message.pointer("/target/kind/0")?.as_str()?;
    let binary = match kind {
        // The package for Python, which is tested from there.
        "cdylib" => return None,
        "test" => message.pointer("/target/name")?.as_str()?,
        kind => kind,
    };
    let manifest = Path::new(message.get("manifest_path")?.as_str()?);
    Some(Program {
        name: format!("{package}/{binary}"),
        path: path.into(),
        folder: manifest.parent()?.to_owned(),
    })
}

impl Program {
    /// The names of its tests.
    pub(crate) fn list(&self) -> Result<BTreeSet<String>> {
        let output = Command::new(&self.path)
            .args(["--list", "--format", "terse"])
            .output()
            .with_context(|| format!("cannot start {}", self.path.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let names = text.lines().filter_map(|line| line.strip_suffix(": test"));
        Ok(names.map(|name| self.test(name)).collect())
    }

    fn test(&self, name: &str) -> String {
        format!("{}::{name}", self.name)
    }

    /// Runs its tests with `runner`, an emulator or nothing.
    pub(crate) fn run(
        &self,
        runner: &[String],
        variables: &[(String, OsString)],
        logs: &Path,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let mut command = Command::new("timeout");
        command.arg(SECONDS).args(runner).arg(&self.path);
        command.current_dir(&self.folder);
        command.envs(variables.iter().map(|(name, value)| (name, value)));
        // Without it a test may skip itself; the list decides what may be skipped where.
        command.env_remove("CI");
        let output = run(command)?;
        let log = logs.join(format!("{}.log", self.name.replace('/', "-")));
        fs::write(log, [&output.stdout[..], &output.stderr].concat())?;
        self.read(&output, outcome);
        Ok(())
    }

    /// The program's report on its tests.
    fn read(&self, output: &Output, outcome: &mut Outcome) {
        let text = String::from_utf8_lossy(&output.stdout);
        let failed = outcome.failed.len();
        for (name, result) in results(&text) {
            let name = self.test(name);
            match result {
                "ok" => drop(outcome.passed.insert(name)),
                _ => drop(outcome.failed.insert(name)),
            }
        }
        let message = String::from_utf8_lossy(&output.stderr);
        for (name, why) in message.lines().filter_map(skipped) {
            outcome.skipped.push((self.test(name), why.to_owned()));
        }
        // A program that ended in another way did not run the remaining tests.
        if !output.status.success() && outcome.failed.len() == failed {
            outcome.failed.insert(self.test("(the program)"));
        }
        if outcome.failed.len() > failed {
            outcome.reports.push(report(&self.name, output));
        }
    }
}

/// What a program printed about its failures: the beginning of every panic, or else the end of its output.
fn report(name: &str, output: &Output) -> String {
    /// Lines of a panic with its place, message, and the beginning of its backtrace.
    const LINES: usize = 8;
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let panics = lines.iter().enumerate();
    let panics = panics.filter(|(_, line)| line.contains(" panicked at "));
    let mut shown: Vec<&str> = panics
        .flat_map(|(at, _)| lines.iter().skip(at).take(LINES).copied())
        .collect();
    if shown.is_empty() {
        shown = lines.into_iter().rev().take(2 * LINES).collect();
        shown.reverse();
    }
    format!("{name}: {}", shown.join("\n    "))
}

/// Runs the tests in the documentation that `cargo` finds.
pub(crate) fn documentation(mut cargo: Command, logs: &Path, outcome: &mut Outcome) -> Result<()> {
    cargo.args(["--doc", "--no-fail-fast"]);
    let output = run(cargo)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    fs::write(
        logs.join("documentation.log"),
        [&output.stdout[..], &output.stderr].concat(),
    )?;
    let before = outcome.failed.len();
    for (name, result) in results(&text) {
        // Its line number changes with the text above.
        let name = format!("documentation::{name}");
        match result {
            "FAILED" => drop(outcome.failed.insert(name)),
            _ => drop(outcome.passed.insert(name)),
        }
    }
    if outcome.failed.len() > before {
        outcome.reports.push(report("documentation", &output));
    }
    ensure!(
        output.status.success() || outcome.failed.len() > before,
        "the documentation's tests do not build: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn run(mut command: Command) -> Result<Output> {
    command.stdin(Stdio::null());
    let output = command.output();
    output.with_context(|| format!("cannot start {:?}", command.get_program()))
}

/// The tests in the output of a test program, and their results.
fn results(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter_map(|line| {
        let (name, result) = line.strip_prefix("test ")?.rsplit_once(" ... ")?;
        let result = result.split(',').next()?.trim();
        let is_run = result == "ok" || result == "FAILED";
        is_run.then_some((name.trim_end_matches(" - should panic"), result))
    })
}

/// The test that reports that it was skipped, and the reason.
fn skipped(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("SKIPPED ")?.split_once(": ")
}
