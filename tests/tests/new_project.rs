//! As a new user would: `cargo new`, the dependencies that the README names, and then every Rust call of docs/numpy.md and every block of
//! README.md, docs/cookbook.md and docs/comparison.md, as it is written there. What shells do with the cookbook is run here, too.
//!
//! Cargo's variables choose another target (`CARGO_BUILD_TARGET`) and what runs its programs; `cargo xtask cross` does so
//! for Windows.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use conformance::documents::{blocks, calls, root};
use npio::meta::Dict;
use npio::{Array, Casting, DType, Value};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What a reader of the table has at hand.
const AT_HAND: &str = r#"
    let x = Array::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
    let (y, rows) = (x.clone(), Array::from_slice(&[7.0, 8.0, 9.0], [1, 3])?);
    let (mut items, bytes, layout) = ([0.0; 6], [0; 48], x.layout().clone());
    let (path, text) = ("name_float64_2_3.dat", "[1, 2]");
    let mapped = npz::Archive::new(std::fs::read("x.npz")?)?;
    let stars = npio::load("stars.npy")?;
    let a = npio::load_ndarray::<f64, npio::ndarray::ndarray::IxDyn>("x.npy")?;
    let mdata = Value::from(npio::meta::Dict::from_iter([("author", "Emma")]));
"#;

/// What is opened for the calls that use it: Windows does not let everybody replace a file that is open.
const OPENED: [(&str, &str); 2] = [
    ("file", "npio::RandomAccessFile::open(\"x.npy\")?"),
    ("archive", "npio::load_npz(\"x.npz\")?"),
];

/// A call as a statement.
fn statement(call: &str) -> String {
    let is_name = call
        .chars()
        .all(|c| c.is_alphanumeric() || ":_".contains(c));
    match call.strip_prefix("for ") {
        Some(_) => call.replace('…', "let _ = block?;"),
        _ if call.starts_with("let ") => call.to_owned(),
        None if is_name => format!("use {call} as _;"),
        None => format!("let _ = {call};"),
    }
}

/// The program that runs what it is told to: the function of this number.
fn program() -> (String, usize) {
    let numpy = blocks("docs/numpy.md", "rust,ignore");
    let imports = numpy.first().unwrap();
    let calls = calls();
    assert!(calls.len() > 60, "{}", calls.len());
    let calls = calls.iter().map(|call| {
        let statement = statement(call);
        let words = call.split(|c: char| !c.is_alphanumeric() && c != '_');
        let opened = OPENED
            .iter()
            .filter(|(name, _)| words.clone().any(|word| word == *name));
        let opened: String = opened
            .map(|(name, open)| format!("    let {name} = {open};\n"))
            .collect();
        format!("{imports}{AT_HAND}{opened}    {statement}\n")
    });
    let shown = ["README.md", "docs/cookbook.md"].map(|path| {
        let language = if path == "README.md" {
            "rust,ignore"
        } else {
            "rust"
        };
        blocks(path, language)
    });
    let shown = shown.concat();
    let bodies: Vec<String> = calls.chain(shown).collect();
    let mut program = String::from(
        "#![allow(unused)]\ntype Outcome = Result<(), Box<dyn std::error::Error>>;\n\n",
    );
    for (number, body) in bodies.iter().enumerate() {
        write!(
            program,
            "fn f{number}() -> Outcome {{\n{body}    Ok(())\n}}\n\n"
        )
        .unwrap();
    }
    let list = (0..bodies.len()).map(|number| format!("f{number}, "));
    let list: String = list.collect();
    program += &format!(
        "fn main() -> Outcome {{\n    let number: usize = std::env::args().nth(1).unwrap().parse()?;\n    [{list}][number]()\n}}\n"
    );
    (program, bodies.len())
}

/// The files that are there before each call and each block.
fn prepare(folder: &Path) {
    let at = |name: &str| folder.join(name);
    let x = Array::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3]).unwrap();
    let y = Array::from_slice(&[1i64, 2], [2]).unwrap();
    let row = Array::from_slice(&[7.0, 8.0, 9.0], [1, 3]).unwrap();
    let other = Array::from_vec((1..=20).map(f64::from).collect(), [20]).unwrap();
    for (name, array) in [("x.npy", &x), ("y.npy", &y), ("row.npy", &row)] {
        npio::save(at(name), array).unwrap();
    }
    let names = ["id", "magnitude"];
    let [id, magnitude] = [DType::U32, DType::F64].map(|dtype| {
        let column = y.astype(dtype, Casting::Unsafe);
        column.unwrap()
    });
    let stars = Array::from_columns(names.into_iter().zip([&id, &magnitude]));
    npio::save(at("stars.npy"), stars.unwrap()).unwrap();
    for name in ["x.dat", "name_float64_2_3.dat"] {
        npio::tofile(at(name), &x).unwrap();
    }
    npio::savez(at("x.npz"), [("x", &x), ("other", &other)]).unwrap();
    npio::savetxt(at("x.txt.gz"), &x).unwrap();
    let mdata: Dict = [("author", Value::from("Emma"))].into_iter().collect();
    npio::save_value(at("mdata.npy"), &mdata.into()).unwrap();
    for (name, text) in [
        ("sensor.bin", &b"HEADER..\x00\x01\x00\x02\x00\x03"[..]),
        ("fish.csv", b"name,length\ncod,90.5\neel,120\n"),
        (
            "latin.csv",
            b"Name;L\xe4nge;Datum\nAal;1,20;2020-01-02\nHecht;k.A.;2021-05-06\nSumme;1,20;\n",
        ),
        ("x.csv", b"1,2,3\n4,5,6\n"),
        ("x.txt", b"1.5\n"),
    ] {
        fs::write(at(name), text).unwrap();
    }
}

/// Runs a command that must be fine and have nothing to say on standard error.
fn fine(command: &mut Command, what: &str) {
    let ran = command.output().unwrap();
    let message = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(
        ran.status.success() && message.is_empty(),
        "{what}\n{message}"
    );
}

#[test]
fn everything_by_copy_and_paste() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("stars");
    let cargo = |words: &str| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(words.split(' ')).args(["--quiet", "--offline"]);
        cargo
    };
    let npio = root().join("crates/npio").canonicalize().unwrap();
    for line in blocks("README.md", "sh").concat().lines() {
        let line = line.split('#').next().unwrap().trim();
        let line = line.strip_suffix(" && cd stars").unwrap_or(line);
        let line = line.replace("../npio/crates/npio", &npio.display().to_string());
        if let Some(words) = line.strip_prefix("cargo new ") {
            fine(cargo("new").arg(words).current_dir(&folder), &line);
        } else if line.starts_with("cargo add ") {
            let words = line.strip_prefix("cargo ").unwrap();
            fine(cargo(words).current_dir(&project), &line);
        }
    }
    let (program, count) = program();
    fs::write(project.join("src/main.rs"), program).unwrap();
    fs::create_dir(project.join("src/bin")).unwrap();
    let columns = &blocks("docs/comparison.md", "rust")[0];
    fs::write(project.join("src/bin/columns.rs"), columns).unwrap();
    // The versions of dependencies that are here already.
    fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
    let test = env::current_exe().unwrap();
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || test.ancestors().nth(3).unwrap().to_owned(),
        PathBuf::from,
    );
    let manifest = project.join("Cargo.toml");
    let built = |words: &str| {
        let mut cargo = cargo(words);
        cargo.env("CARGO_TARGET_DIR", &target);
        // As in the workspace, so that what is there already serves here, too.
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "false");
        cargo.arg("--manifest-path").arg(&manifest);
        cargo
    };
    fine(&mut built("build"), "cargo build");
    for number in 0..count {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let mut command = built("run --bin stars");
        command.arg("--").arg(number.to_string());
        fine(
            command.current_dir(&folder),
            &format!("function {number} of src/main.rs"),
        );
    }
}

#[test]
fn every_script_of_the_cookbook() {
    let path = conformance::command_path();
    let path = Path::new(&path).parent().unwrap();
    let path = format!("{}:{}", path.display(), env::var("PATH").unwrap());
    for script in blocks("docs/cookbook.md", "sh") {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let mut shell = Command::new("sh");
        let shell = shell.args(["-ec", &script]).env("PATH", &path);
        fine(shell.current_dir(&folder), &script);
    }
}
