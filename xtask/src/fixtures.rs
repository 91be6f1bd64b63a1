//! `cargo xtask fixtures [--check]`: NumPy's results for tests/fixtures/cases.toml, and for bad files.
//!
//! The Python code in xtask/fixtures does the work; here its output is put in place or compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{process, python};

const FOLDERS: [&str; 5] = ["generated", "foreign", "hostile", "npz", "hostile-npz"];

/// Contents by name.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Regenerates the fixtures.
pub(crate) fn write(root: &Path) -> Result<()> {
    let made = make(root)?;
    for folder in FOLDERS {
        let target = committed(root).join(folder);
        if target.exists() {
            fs::remove_dir_all(&target)?;
        }
        fs::create_dir_all(&target)?;
        let files = read(&made.join(folder))?;
        for (name, content) in &files {
            fs::write(target.join(name), content)?;
        }
        println!("{folder}: {} files", files.len());
    }
    Ok(())
}

/// Fails unless the committed fixtures equal the output of the pinned NumPy, byte for byte.
pub(crate) fn check(root: &Path) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        println!("skipped: the fixtures are made on x86-64 Linux (long double has 16 bytes there)");
        return Ok(());
    }
    let made = make(root)?;
    let mut differences = Vec::new();
    for folder in FOLDERS {
        let here = read(&committed(root).join(folder))?;
        let there = read(&made.join(folder))?;
        differences.extend(compare(folder, &here, &there));
        println!("{folder}: {} files compared", there.len());
    }
    if !differences.is_empty() {
        bail!(
            "tests/fixtures differ: run `cargo xtask fixtures`\n  {}",
            differences.join("\n  ")
        );
    }
    Ok(())
}

fn compare(folder: &str, here: &Files, there: &Files) -> Vec<String> {
    let same_python = python_line(here) == python_line(there);
    if !same_python {
        println!(
            "{folder}: MANIFEST.json and archives not compared: this Python words errors, and compresses, otherwise"
        );
    }
    let mut differences = Vec::new();
    for (name, content) in there {
        let is_python = |name: &PathBuf| {
            name.as_os_str() == "MANIFEST.json" || name.extension().is_some_and(|end| end == "npz")
        };
        let comparable = same_python || !is_python(name);
        match here.get(name) {
            None => differences.push(format!("{folder}/{} is missing", name.display())),
            Some(found) if comparable && found != content => {
                differences.push(format!("{folder}/{} has other bytes", name.display()));
            }
            Some(_) => {}
        }
    }
    let unknown = here.keys().filter(|name| !there.contains_key(*name));
    differences.extend(unknown.map(|name| format!("{folder}/{} is in no list", name.display())));
    differences
}

/// The line of MANIFEST.json with Python's version, if it records errors of Python's parser, or bytes of
/// zlib.
fn python_line(files: &Files) -> Option<&[u8]> {
    let lines = files
        .get(Path::new("MANIFEST.json"))?
        .split(|byte| *byte == b'\n');
    lines
        .take(3)
        .find(|line| line.trim_ascii_start().starts_with(b"\"python\""))
}

/// Makes the fixtures in a folder of their own.
fn make(root: &Path) -> Result<PathBuf> {
    let python = python::venv(root)?;
    let out = python::target(root).join("fixtures");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    process::run(
        Command::new(python)
            .arg("-B")
            .arg(root.join("xtask/fixtures"))
            .arg(committed(root).join("cases.toml"))
            .arg(&out)
            // Some messages print sets, whose order varies; and threads reserve memory, which is limited.
            .envs([("PYTHONHASHSEED", "0"), ("OPENBLAS_NUM_THREADS", "1")]),
    )?;
    Ok(out)
}

fn committed(root: &Path) -> PathBuf {
    root.join("tests/fixtures")
}

fn read(folder: &Path) -> Result<Files> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let file = |entry: std::io::Result<fs::DirEntry>| -> Result<(PathBuf, Vec<u8>)> {
        let entry = entry?;
        Ok((PathBuf::from(entry.file_name()), fs::read(entry.path())?))
    };
    entries.map(file).collect()
}
