//! The tasks in docs/shell.md: each line is run, in order, and prints what the document says.

use conformance::documents::blocks;
use conformance::{shell, skipped};

/// The lines of a block that begin with `$`, each with what it prints.
fn commands(block: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), String::new())),
            (None, Some((_, printed))) => *printed += &format!("{line}\n"),
            (None, None) => panic!("{block}: no command"),
        }
    }
    commands
}

#[test]
fn every_task_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let has_jq = shell(here, "command -v jq").status == 0;
    if !has_jq {
        skipped("jq is not installed: the lines with it");
    }
    let blocks = blocks("docs/shell.md", "console");
    assert!(blocks.len() >= 25);
    let mut wrong = Vec::new();
    // Without jq the other lines of a task may have nothing to read.
    let tasks = blocks
        .iter()
        .filter(|block| has_jq || !block.contains("jq "));
    for (command, expected) in tasks.flat_map(|block| commands(block)) {
        let ran = shell(here, &command);
        let printed = ran.text() + &ran.stderr;
        if printed != expected {
            wrong.push(format!("$ {command}\n{printed}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As `sha256sum` does.
#[test]
fn checksums_of_files_whose_names_have_lines() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let array = npio::Array::from_slice(&[1i64, 2], [2]).unwrap();
    for name in ["a\nb.npy", r"c\d.npy"] {
        npio::save(here.join(name), &array).unwrap();
    }
    let checked = shell(here, "npio hash *.npy | sha256sum -c --quiet");
    assert_eq!(
        (checked.status, checked.text().as_str()),
        (0, ""),
        "{}",
        checked.stderr
    );
}
