//! The examples in the helps of commands and in the manual's other pages.

use crate::help::commands;
use conformance::{ran, shell, stdout_of};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The lines of the examples in a help.
fn examples(help: &str) -> Vec<String> {
    let examples = help.split("Examples:\n").nth(1).unwrap_or_default();
    let lines = examples
        .lines()
        .take_while(|line| !line.is_empty())
        .map(str::trim);
    lines
        .filter(|line| line.starts_with("npio "))
        .map(str::to_owned)
        .collect()
}

/// The files that examples read.
fn prepare(here: &Path) {
    let npio = |args: &[&str]| {
        assert_eq!(
            ran(here, args),
            (0, String::new(), String::new()),
            "{args:?}"
        )
    };
    fs::write(here.join("x.csv"), "1,2.5,3\n4,5,6\n7,8,9\n").unwrap();
    fs::write(here.join("german.csv"), "1,5;2\n3;4\n").unwrap();
    fs::write(here.join("names.csv"), "i,j\n1,2\n3,4\n").unwrap();
    fs::write(here.join("raw.bin"), [0; 24]).unwrap();
    npio(&["convert", "x.csv", "x.npy"]);
    npio(&["convert", "x.csv", "y.npy", "--slice", ":2"]);
    npio(&["pack", "a.npz", "w=x.npy", "b=y.npy"]);
    npio(&["pack", "b.npz", "w=y.npy", "b=y.npy"]);
    npio(&["meta", "set", "notes.npz", "rate=44100"]);
    let mut bytes = fs::read(here.join("x.npy")).unwrap();
    bytes.extend([1; 30]);
    fs::write(here.join("longer.npy"), bytes).unwrap();
    let mut bytes = fs::read(here.join("a.npz")).unwrap();
    bytes.truncate(700);
    fs::write(here.join("damaged.npz"), bytes).unwrap();
}

/// Runs a line in a shell, in a new folder, and returns what is wrong with it.
fn run_line(line: &str, template: &BTreeMap<PathBuf, Vec<u8>>) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in template {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let ran = shell(folder.path(), line);
    // Those that may fail say so.
    let is_fine = ran.status == 0 && (ran.stderr.is_empty() || line.contains("||"));
    (!is_fine).then(|| format!("{line}: {}", ran.stderr))
}

/// Each example works on files that are called as it says.
#[test]
fn every_one_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    prepare(here);
    let entries = fs::read_dir(here)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let template: BTreeMap<PathBuf, Vec<u8>> = entries
        .map(|path| (path.file_name().unwrap().into(), fs::read(&path).unwrap()))
        .collect();
    let mut commands = commands(here);
    assert!(
        commands.iter().any(|name| name == "meta get"),
        "{commands:?}"
    );
    commands.push(String::new());
    let mut wrong = Vec::new();
    for name in &commands {
        let words: Vec<&str> = name.split_whitespace().chain(["--help"]).collect();
        let help = stdout_of(here, &words);
        let examples = examples(&help);
        assert!(examples.len() >= 2, "npio {name} has no examples: {help}");
        for line in examples {
            let is_of = line
                .split(['|', ';'])
                .any(|part| part.trim().starts_with(&format!("npio {name}")));
            assert!(is_of, "{name}: {line}");
            wrong.extend(run_line(&line, &template));
        }
    }
    for topic in ["addresses", "text"] {
        let text = stdout_of(here, &["help", topic]);
        let lines = text.lines().filter_map(|line| line.strip_prefix("      "));
        let lines: Vec<&str> = lines.collect();
        assert!(lines.len() >= 5);
        wrong.extend(lines.iter().filter_map(|line| run_line(line, &template)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
