//! `cargo xtask test`: every check that CI runs on one machine, in order, until the first failure.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::{bench, fixtures, process, python, tidy, tools};

/// The version of cargo-hack.
const HACK_VERSION: &str = "0.6.46";

/// A name, and its step.
type Step<'a> = (&'a str, &'a dyn Fn() -> Result<()>);

pub(crate) fn run(root: &Path) -> Result<()> {
    let started = Instant::now();
    let steps: [Step<'_>; 12] = [
        ("tools", &|| components(root)),
        ("fmt", &|| process::run(cargo(root, "fmt --all --check"))),
        ("clippy", &|| {
            process::run(cargo(
                root,
                "clippy --workspace --all-targets --all-features -- -D warnings",
            ))
        }),
        ("doc", &|| {
            let mut doc = cargo(root, "doc --workspace --no-deps --all-features");
            process::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
        }),
        ("tidy", &|| tidy::run(root)),
        ("python", &|| python::venv(root).map(drop)),
        ("fixtures", &|| fixtures::check(root)),
        ("test", &|| {
            // The live tests use this NumPy; if CI is set they fail instead of being skipped.
            let mut test = cargo(root, "test --workspace --all-features --no-fail-fast");
            process::run(test.env("NPIO_PYTHON", python::venv(root)?))
        }),
        ("address sanitizer", &|| sanitize(root)),
        ("bench", &|| bench::run(root, &["--quick"])),
        ("features", &|| features(root)),
        // Each crate is built from its package alone.
        ("packages", &|| packages(root)),
    ];
    for (number, (name, step)) in steps.iter().enumerate() {
        println!("==> {}/{} {name}", number + 1, steps.len());
        let begun = Instant::now();
        step().with_context(|| format!("step {name:?}"))?;
        println!("    {name}: ok, {:.1} s", begun.elapsed().as_secs_f32());
    }
    println!(
        "==> all {} steps passed in {:.0} s",
        steps.len(),
        started.elapsed().as_secs_f32()
    );
    Ok(())
}

/// Runs the tests of the one crate with unsafe code under AddressSanitizer, if the platform has it.
fn sanitize(root: &Path) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("    skipped: only on x86-64 Linux");
        return Ok(());
    }
    // With a target named, build scripts and macros are built without the sanitizer.
    let target = "--target x86_64-unknown-linux-gnu --target-dir target/asan";
    let mut test = cargo(root, &format!("test --package flatfile --tests {target}"));
    // The flag is unstable; this lets the stable compiler take it.
    test.env("RUSTC_BOOTSTRAP", "1");
    process::run(test.env("RUSTFLAGS", "-Zsanitizer=address"))
}

/// Builds each crate from its package.
fn packages(root: &Path) -> Result<()> {
    // Cargo keeps unpacked packages under the path of the target folder, and never checks whether they have changed:
    // a used folder would give it older crates.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let target = python::target(root).join(format!("packages-{}", now.as_nanos()));
    let words = "package --quiet --workspace --exclude conformance --exclude xtask --allow-dirty";
    let built = process::run(cargo(root, words).arg("--target-dir").arg(&target));
    fs::remove_dir_all(&target)?;
    built
}

/// Checks every crate with each pair of its features and nothing else.
fn features(root: &Path) -> Result<()> {
    let mut hack = Command::new(tools::install(root, "cargo-hack", HACK_VERSION)?);
    let words = "hack check --quiet --workspace --feature-powerset --depth 2";
    process::run(hack.current_dir(root).args(words.split(' ')))
}

/// Cargo with `words`, in the workspace.
fn cargo(root: &Path, words: &str) -> Command {
    let mut command = process::cargo();
    command.current_dir(root).args(words.split(' '));
    command
}

/// Installs rustfmt and clippy if rustup has them but the toolchain doesn't.
fn components(root: &Path) -> Result<()> {
    for component in ["rustfmt", "clippy"] {
        let subcommand = component.trim_start_matches("rust");
        let mut version = cargo(root, &format!("{subcommand} --version"));
        let found = version.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            process::run(Command::new("rustup").args(["component", "add", component]))
                .with_context(|| {
                    format!("{component} is missing: rustup component add {component}")
                })?;
        }
    }
    Ok(())
}
