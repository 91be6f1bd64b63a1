//! Maintainers' commands: `cargo xtask bench`, `browser`, `check`, `cross`, `fixtures`, `fuzz`, `servers`, `soak`,
//! `terminal`, `test`, `tidy`, `wheel`.

mod bench;
mod browser;
mod cross;
mod faults;
mod fixtures;
mod fuzz;
mod process;
mod python;
mod servers;
mod soak;
mod terminal;
mod test;
mod tidy;
mod tools;
mod wheel;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  fixtures          write tests/fixtures anew with the pinned NumPy
  fixtures --check  compare tests/fixtures with what the pinned NumPy makes
  faults [COUNT [WORDS]]
                    kill npio at system calls, and have them fail; all faults, or so many, of all commands or of
                    those with these words: faults 2000 'pack --add'
  bench [--quick] [--rows TEXT]
                    npio beside NumPy and its peers; writes docs/performance.md
  browser           the page of npio report in Chromium, on Debian
  cross [TARGET...] build and test for Windows, macOS, 32 bits, big-endian and WebAssembly, on Debian
  features          check every pair of each crate's features; half an hour
  fuzz [SECONDS [TARGET]]
                    any bytes against npio, 600 s a target; writes fuzz/corpus
  servers [WORDS]   the tests with object stores, Dask clusters and readers of Zarr, or those with these words in their names
  servers throughput
                    how fast arrays come from nginx, which it installs: npio, s3fs, obstore
  soak [TEST]       the tests that ask NumPy, with very many cases; an hour, or one of them
  terminal          the viewer on a terminal, that of tmux, which it installs
  test              all tests, with NumPy
  check             format, lints, documentation, sanitizer, features, packages
  tidy              the rules of CONTRIBUTING.md that a program can check
  wheel             build the package for Python, and test it with the tests of NumPy, SciPy and Dask";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let root = root()?;
    let root = root.as_path();
    match args.as_slice() {
        ["fixtures"] => fixtures::write(root),
        ["fixtures", "--check"] => fixtures::check(root),
        ["faults"] => faults::run(root, None, ""),
        ["faults", count] => faults::run(root, Some(count), ""),
        ["faults", count, words] => faults::run(root, Some(count), words),
        ["cross", targets @ ..] => cross::run(root, targets),
        ["bench", options @ ..] => bench::run(root, options),
        ["browser"] => browser::run(root),
        ["features"] => test::features(root, 2),
        ["fuzz"] => fuzz::run(root, "600", None),
        ["fuzz", seconds] => fuzz::run(root, seconds, None),
        ["fuzz", seconds, target] => fuzz::run(root, seconds, Some(target)),
        ["servers"] => servers::run(root, None),
        ["servers", "throughput"] => servers::throughput(root),
        ["servers", words] => servers::run(root, Some(words)),
        ["soak"] => soak::run(root, None),
        ["soak", test] => soak::run(root, Some(test)),
        ["terminal"] => terminal::run(root),
        ["test"] => test::test(root),
        ["check"] => test::check(root),
        ["tidy"] => tidy::run(root),
        ["wheel"] => wheel::run(root),
        _ => bail!("{USAGE}"),
    }
}

/// The workspace's folder. It is taken from Cargo at run time: several checkouts may share a target folder.
fn root() -> Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").context("run it as `cargo xtask`")?;
    Ok(Path::new(&own)
        .parent()
        .context("xtask has no parent folder")?
        .to_path_buf())
}
