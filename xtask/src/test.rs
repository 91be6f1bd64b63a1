//! `cargo xtask test` and `cargo xtask check`: what CI runs on one machine, in order, until the first failure.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::{bench, fixtures, process, python, tidy, tools};

/// The version of cargo-hack.
const HACK_VERSION: &str = "0.6.46";

/// A name, and what to do.
type Step<'a> = (&'a str, &'a dyn Fn() -> Result<()>);

/// The tests, with NumPy, and the fixtures that they read.
pub(crate) fn test(root: &Path) -> Result<()> {
    run(&[
        ("python", &|| python::venv(root).map(drop)),
        ("fixtures", &|| fixtures::check(root)),
        ("test", &|| {
            // The live tests ask this NumPy; where CI is set they fail rather than be skipped.
            let mut test = cargo(root, "test --workspace --all-features --no-fail-fast");
            process::run(test.env("NPIO_PYTHON", python::venv(root)?))
        }),
    ])
}

/// Everything else that holds: format, lints, documentation, sanitizer, features, packages.
pub(crate) fn check(root: &Path) -> Result<()> {
    run(&[
        ("tools", &|| components(root)),
        ("fmt", &|| process::run(cargo(root, "fmt --all --check"))),
        ("tidy", &|| tidy::run(root)),
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
        ("address sanitizer", &|| sanitize(root)),
        ("bench", &|| bench::run(root, &["--quick"])),
        ("features", &|| features(root, 1)),
        // Each crate is built from its package alone.
        ("packages", &|| packages(root)),
    ])
}

fn run(steps: &[Step<'_>]) -> Result<()> {
    let started = Instant::now();
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

/// Runs the tests of the one crate with unsafe code under AddressSanitizer, where there is one.
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
    // Cargo keeps what it unpacked under the path of the target folder, and never looks whether the package has
    // changed since: a folder that was used before would give it older crates.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let target = python::target(root).join(format!("packages-{}", now.as_nanos()));
    let words = "package --quiet --workspace --exclude conformance --exclude npio-python --exclude xtask --allow-dirty";
    let built = process::run(cargo(root, words).arg("--target-dir").arg(&target));
    fs::remove_dir_all(&target)?;
    built
}

/// Checks every crate with none of its features, and with each combination of up to `depth` of them and nothing else.
/// Features that only pass on to another crate what they mean there go together.
pub(crate) fn features(root: &Path, depth: usize) -> Result<()> {
    let program = tools::install(root, "cargo-hack", HACK_VERSION)?;
    let words = format!("hack check --quiet --feature-powerset --depth {depth}");
    for packages in [
        "--workspace --exclude npio --exclude npio-remote",
        "--package npio-remote --exclude-features default,client --group-features aws,azure,gcp",
        "--package npio --exclude-features default --group-features zstd,methods --group-features ndarray,nalgebra",
    ] {
        let mut hack = Command::new(&program);
        hack.current_dir(root).args(words.split(' '));
        process::run(hack.args(packages.split(' ')))?;
    }
    Ok(())
}

/// Cargo with `words`, in the workspace.
fn cargo(root: &Path, words: &str) -> Command {
    let mut command = process::cargo();
    command.current_dir(root).args(words.split(' '));
    command
}

/// Installs rustfmt and clippy where rustup has them but the toolchain doesn't.
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
