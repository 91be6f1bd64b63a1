//! `cargo xtask cross [TARGET…]`: builds and tests for other systems, with Debian's tools for them.

mod known;
mod tests;
pub(crate) mod tools;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::process;

use known::{Difference, Known};
use tests::{Outcome, Program};
use tools::{Tools, WINE, Wine};

/// The libraries' packages, for systems without a shell, or without one that can be fully emulated.
const LIBRARIES: &str = "-p dtype -p npy-header -p flatfile -p npz -p npmeta -p npio";

/// Everything that has to compile.
const CHECKED: &str = "--workspace --exclude xtask --all-features --all-targets";

/// All packages whose tests run on a target. Tests of macros run on the host.
const ALL: &str = "--workspace --exclude xtask --exclude dtype-derive";

/// The same where everything is linked statically, so that there are no libraries that Python could load.
const ALL_STATIC: &str = "--workspace --exclude xtask --exclude dtype-derive --exclude npio-python";

/// A system to build for.
struct Target {
    triple: &'static str,
    /// Programs that it needs, and Debian's packages that have them.
    programs: &'static [(&'static str, &'static str)],
    /// Variables for Cargo.
    variables: &'static [(&'static str, &'static str)],
    work: Work,
}

enum Work {
    /// These packages compile.
    Check(&'static str),
    /// Their tests pass.
    Test {
        packages: &'static str,
        /// The runner for programs of the target.
        runner: &'static [&'static str],
    },
    /// The libraries compile, and an example runs: there is no file system to test.
    Wasm,
}

const TARGETS: [Target; 6] = [
    Target {
        triple: "x86_64-pc-windows-gnu",
        programs: &[
            ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
            (WINE, "wine64"),
        ],
        variables: &[],
        work: Work::Test {
            packages: ALL,
            runner: &[WINE],
        },
    },
    Target {
        triple: "x86_64-pc-windows-msvc",
        programs: &[],
        variables: &[],
        work: Work::Check(CHECKED),
    },
    Target {
        triple: "aarch64-apple-darwin",
        programs: &[],
        variables: &[("SDKROOT", "/")],
        work: Work::Check(CHECKED),
    },
    Target {
        triple: "i686-unknown-linux-gnu",
        programs: &[
            ("i686-linux-gnu-gcc", "gcc-i686-linux-gnu"),
            ("/usr/i686-linux-gnu/lib/libc.a", "libc6-dev-i386-cross"),
            ("tmux", "tmux"),
        ],
        // A static program runs on a 64-bit system that has no 32-bit libraries.
        variables: &[
            (
                "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER",
                "i686-linux-gnu-gcc",
            ),
            (
                "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_RUSTFLAGS",
                "-Ctarget-feature=+crt-static",
            ),
            (
                "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_RUSTDOCFLAGS",
                "-Ctarget-feature=+crt-static",
            ),
        ],
        work: Work::Test {
            packages: ALL_STATIC,
            runner: &[],
        },
    },
    Target {
        triple: "wasm32-unknown-unknown",
        programs: &[("node", "nodejs")],
        variables: &[],
        work: Work::Wasm,
    },
    Target {
        triple: "s390x-unknown-linux-gnu",
        programs: &[
            ("s390x-linux-gnu-gcc", "gcc-s390x-linux-gnu"),
            ("/usr/s390x-linux-gnu/lib/libc.a", "libc6-dev-s390x-cross"),
            ("qemu-s390x", "qemu-user"),
        ],
        variables: &[
            (
                "CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_LINKER",
                "s390x-linux-gnu-gcc",
            ),
            (
                "CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUSTFLAGS",
                "-Ctarget-feature=+crt-static",
            ),
            (
                "CARGO_TARGET_S390X_UNKNOWN_LINUX_GNU_RUSTDOCFLAGS",
                "-Ctarget-feature=+crt-static",
            ),
            // Its processor is emulated, twenty times slower.
            ("PROPTEST_CASES", "8"),
        ],
        work: Work::Test {
            packages: LIBRARIES,
            runner: &["qemu-s390x"],
        },
    },
];

/// Builds and tests for these targets, or for all.
pub(crate) fn run(root: &Path, triples: &[&str]) -> Result<()> {
    let is_unknown = |triple: &&&str| !TARGETS.iter().any(|target| target.triple == **triple);
    if let Some(unknown) = triples.iter().find(is_unknown) {
        let known: Vec<&str> = TARGETS.iter().map(|target| target.triple).collect();
        bail!("unknown target {unknown:?}: expected {}", known.join(", "));
    }
    if !(cfg!(all(target_os = "linux", target_arch = "x86_64")) && has("dpkg-deb")) {
        println!("cross: skipped: this is not Debian or Ubuntu on x86-64");
        return Ok(());
    }
    let is_wanted = |target: &&Target| triples.is_empty() || triples.contains(&target.triple);
    let known = Known::read(root)?;
    let tools = Tools::get(root)?;
    let (mut lines, mut problems, mut passed) = (Vec::new(), Vec::new(), 0);
    let mut run = Vec::new();
    for target in TARGETS.iter().filter(is_wanted) {
        println!("==> {}", target.triple);
        let begun = Instant::now();
        let (line, count) = one(root, target, &tools, &known, &mut problems)
            .with_context(|| format!("target {}", target.triple))?;
        let seconds = begun.elapsed().as_secs();
        lines.push(format!("{:24} {line}, {seconds} s", target.triple));
        passed += count;
        run.push(target.triple);
    }
    let outdated = known.outdated(&run);
    problems.extend(outdated.iter().map(|tests| {
        format!("{tests}: nothing is different any more: take it off xtask/cross/known.toml")
    }));
    println!("==> summary");
    lines.iter().for_each(|line| println!("    {line}"));
    problems
        .iter()
        .for_each(|problem| println!("    {problem}"));
    println!("{passed} passed, {} failed", problems.len());
    ensure!(problems.is_empty(), "the targets have problems, see above");
    Ok(())
}

/// Works on one target; returns its line in the summary, and the number of tests that passed.
fn one(
    root: &Path,
    target: &Target,
    tools: &Tools,
    known: &Known,
    problems: &mut Vec<String>,
) -> Result<(String, usize)> {
    tools::install(target.programs)?;
    let triple = target.triple;
    let cargo = |words: &str| {
        let mut cargo = tools.cargo(root);
        cargo.args(words.split(' ').filter(|word| !word.is_empty()));
        cargo.args(["--target", triple]);
        // Panics have to be catchable when tests run.
        let std = if triple.starts_with("wasm") {
            "build-std=std,panic_abort"
        } else {
            "build-std"
        };
        cargo.args(["-Z", std]);
        cargo.envs(target.variables.iter().copied());
        cargo
    };
    match &target.work {
        Work::Check(packages) => {
            // Nothing is linked, so the C code (Zstandard) need not be compiled.
            let name = triple.replace('-', "_");
            let mut check = cargo(&format!("check --quiet {packages}"));
            check.env(format!("CC_{name}"), "true");
            check.env(format!("AR_{name}"), tools.no_archiver()?);
            process::run(check)?;
            Ok(("compiles".to_owned(), 0))
        }
        Work::Wasm => {
            process::run(cargo(&format!("check --quiet {LIBRARIES}")))?;
            let mut build = cargo("build --quiet -p npio --example in_memory");
            build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", tools::lld()?);
            process::run(build)?;
            let example = "wasm32-unknown-unknown/debug/examples/in_memory.wasm";
            let mut node = Command::new("node");
            node.args(["-e", RUN_WASM]);
            process::run(node.arg(tools.target_dir().join(example)))?;
            Ok(("compiles, and an example runs".to_owned(), 0))
        }
        Work::Test { packages, runner } => {
            let wine = runner.contains(&WINE).then(|| tools.wine()).transpose()?;
            let mut outcome = outcome(&cargo, target, packages, runner, tools, wine.as_ref())?;
            let host = host(root, packages)?;
            if let Some(wine) = &wine {
                documents(root, target, tools, wine, &host, &mut outcome)?;
            }
            let mut names = BTreeSet::new();
            for program in &host {
                names.extend(program.list()?);
            }
            let line = compare(triple, &outcome, &names, known, problems);
            outcome
                .reports
                .iter()
                .for_each(|report| println!("    {report}"));
            Ok((line, outcome.passed.len()))
        }
    }
}

/// Runs a WebAssembly program without imports; a panic is an exception.
const RUN_WASM: &str = "WebAssembly.instantiate(require('fs').readFileSync(process.argv[1]), {})\
    .then(({ instance }) => instance.exports.main(0, 0))\
    .then((status) => process.exit(status), (error) => { console.error(error); process.exit(1) })";

/// Builds and runs the tests.
fn outcome(
    cargo: &dyn Fn(&str) -> Command,
    target: &Target,
    packages: &str,
    runner: &[&str],
    tools: &Tools,
    wine: Option<&Wine>,
) -> Result<Outcome> {
    let words = |verb: &str| format!("{verb} {packages} --all-features");
    // The command and the examples are also built, because the tests run them and cannot build them there.
    let programs = tests::build(cargo(&words("build --quiet --all-targets")))?;
    let logs = logs(target, tools)?;
    let built = tools.target_dir().join(target.triple).join("debug");
    let mut variables: Vec<(String, OsString)> = vec![("NPIO_BIN_DIR".to_owned(), built.into())];
    variables.extend(wine.iter().flat_map(|wine| wine.variables()));
    let of_target = target.variables.iter();
    variables.extend(of_target.map(|(name, value)| ((*name).to_owned(), value.into())));
    let runner: Vec<String> = runner.iter().map(|word| (*word).to_owned()).collect();
    let mut outcome = Outcome::default();
    for program in &programs {
        program.run(&runner, &variables, &logs, &mut outcome)?;
    }
    let mut documentation = cargo(&words("test"));
    if !runner.is_empty() {
        documentation.env(runner_variable(target.triple), runner.join(" "));
    }
    documentation.envs(variables.iter().map(|(name, value)| (name, value)));
    tests::documentation(documentation, &logs, &mut outcome)?;
    Ok(outcome)
}

/// The programs of the same tests on this system.
fn host(root: &Path, packages: &str) -> Result<Vec<Program>> {
    let mut cargo = process::cargo();
    cargo
        .current_dir(root)
        .args(["test", "--quiet", "--no-run"]);
    // As `cargo xtask test` builds them, so that nothing is built twice.
    cargo.args(["--workspace", "--all-features"]);
    let wanted = |program: &Program| {
        let package = program.name.split('/').next().unwrap_or_default();
        let is_named = packages.split(' ').any(|word| word == package);
        is_named != packages.starts_with("--workspace")
    };
    let programs = tests::build(cargo)?;
    Ok(programs.into_iter().filter(wanted).collect())
}

/// Runs the test of the code in the documents, which needs a shell and Cargo, on this system, with a command and a
/// compiler for Windows.
fn documents(
    root: &Path,
    target: &Target,
    tools: &Tools,
    wine: &Wine,
    host: &[Program],
    outcome: &mut Outcome,
) -> Result<()> {
    let program = host.iter().find(|program| program.name == DOCUMENTS);
    let program = program.with_context(|| format!("there is no {DOCUMENTS}"))?;
    let triple = target.triple;
    let built = tools.target_dir().join(triple).join("debug");
    let folder = tools.target_dir().join("command");
    fs::create_dir_all(&folder)?;
    let command = folder.join("npio");
    let script = format!(
        "#!/bin/sh\nexec {WINE} {}/npio.exe \"$@\"\n",
        built.display()
    );
    tools::script(&command, &script)?;
    let mut variables = tools.variables(root);
    variables.extend([
        ("NPIO_BIN_DIR".to_owned(), folder.into()),
        ("CARGO_BUILD_TARGET".to_owned(), triple.into()),
        ("CARGO_UNSTABLE_BUILD_STD".to_owned(), "std".into()),
        (runner_variable(triple), WINE.into()),
    ]);
    variables.extend(wine.variables());
    program.run(&[], &variables, &logs(target, tools)?, outcome)
}

/// The test of the code in the documents.
const DOCUMENTS: &str = "conformance/new_project";

/// The variable in which Cargo looks for the runner of a target.
fn runner_variable(triple: &str) -> String {
    let name = triple.to_uppercase().replace('-', "_");
    format!("CARGO_TARGET_{name}_RUNNER")
}

/// The folder for the output of the tests.
fn logs(target: &Target, tools: &Tools) -> Result<PathBuf> {
    let logs = tools.target_dir().join("logs").join(target.triple);
    fs::create_dir_all(&logs)?;
    Ok(logs)
}

/// Compares the observed differences with the known ones; returns the summary.
fn compare(
    triple: &str,
    outcome: &Outcome,
    host: &BTreeSet<String>,
    known: &Known,
    problems: &mut Vec<String>,
) -> String {
    let names = outcome.names();
    let absent: Vec<&String> = host.difference(&names).collect();
    // The number of them that the list explains; the others are problems.
    let mut explained = |difference, tests: &mut dyn Iterator<Item = (&String, String)>| {
        let mut count = 0;
        for (test, what) in tests {
            match known.reason(triple, difference, test) {
                Some(_) => count += 1,
                None => problems.push(format!("{triple}: {test} {what}")),
            }
        }
        count
    };
    let mut failed = outcome
        .failed
        .iter()
        .map(|test| (test, "failed".to_owned()));
    let failed = explained(Difference::Failed, &mut failed);
    let skipped = outcome.skipped.iter();
    let mut skipped = skipped.map(|(test, why)| (test, format!("was skipped: {why}")));
    let skipped = explained(Difference::Skipped, &mut skipped);
    let mut missing = absent.iter().map(|test| (*test, "is absent".to_owned()));
    explained(Difference::Absent, &mut missing);
    format!(
        "{} ran: {} passed ({skipped} of them skipped themselves), {} failed ({failed} known), {} absent",
        names.len(),
        outcome.passed.len(),
        outcome.failed.len(),
        absent.len(),
    )
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}
