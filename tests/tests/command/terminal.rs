//! What the command shows on a terminal: tables that fit its window, colors, progress.

use conformance::terminal::{on_terminal, on_terminal_with, without_colors};
use conformance::{ran, sample_archives, stdout_of};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// An archive whose names are long, and wide.
fn with_long_names() -> tempfile::TempDir {
    let folder = sample_archives();
    let names = [
        "encoder.layers.0.self_attention.weight",
        "数组/的/名字",
        "b",
    ];
    let members = names.map(|name| format!("{name}=x.npy"));
    let args = [
        &["pack", "checkpoint_of_epoch_0010.npz"][..],
        &members.each_ref().map(String::as_str),
    ]
    .concat();
    assert_eq!(ran(folder.path(), &args).0, 0);
    folder
}

/// The number of columns that a line takes.
fn width(line: &str) -> usize {
    line.chars()
        .map(|c| if c > '\u{2e80}' { 2 } else { 1 })
        .sum()
}

fn shown(here: &Path, args: &[&str], width: u16) -> String {
    let (status, text) = on_terminal(here, args, width, drop);
    assert!(status < 2, "{args:?}: {text}");
    text
}

#[test]
fn lines_fit_the_window() {
    let folder = with_long_names();
    let here = folder.path();
    let archive = "checkpoint_of_epoch_0010.npz";
    for columns in [40, 80, 200] {
        for args in [
            &["ls", "a.npz", archive, "x.npy"][..],
            &["info", archive],
            &["info", "x.npy"],
            &["stats", archive, "a.npz"],
            &["stats", "x.npy"],
            &["diff", "a.npz", archive],
            &["verify", "a.npz", archive],
            &["size", "f8", "1000"],
            &["--help"],
            &["convert", "--help"],
        ] {
            let text = without_colors(&shown(here, args, columns));
            for line in text.lines() {
                // clap does not break these.
                let is_usage = line.starts_with("Usage: ");
                assert!(
                    width(line) <= columns.into() || is_usage,
                    "{columns}: {args:?}: {line}"
                );
            }
        }
    }
    // Nothing is left out in a pipe.
    let piped = stdout_of(here, &["ls", archive]);
    assert!(
        piped.contains("checkpoint_of_epoch_0010.npz::encoder.layers.0.self_attention.weight\t")
    );
}

#[test]
fn colors_are_for_terminals() {
    let folder = sample_archives();
    let here = folder.path();
    let plain = stdout_of(here, &["ls", "f.npy"]);
    assert!(!plain.contains('\x1b') && plain.contains("f.npy\t<f8\t(2, 3)\tF\t48\tplain\n"));
    let colored = shown(here, &["ls", "f.npy"], 80);
    assert_eq!(
        colored,
        "f.npy  \x1b[36m<f8\x1b[0m  (2, 3)  \x1b[33mF\x1b[0m  48  plain\n"
    );
    let never = shown(here, &["--color", "never", "ls", "f.npy"], 80);
    assert_eq!(never, "f.npy  <f8  (2, 3)  F  48  plain\n");
    let (_, no_color) = on_terminal_with(here, &["ls", "f.npy"], 80, &[("NO_COLOR", "1")], drop);
    assert_eq!(no_color, never);
    assert!(!stdout_of(here, &["--color", "always", "ls", "f.npy"]).contains('\x1b'));
    let stats = shown(here, &["stats", "a.npz"], 200);
    assert!(stats.starts_with("\x1b[1mname\x1b[0m"), "{stats}");
}

/// Whatever takes longer than a second shows that it is at work: here it waits for its input.
#[test]
fn slow_work_shows_progress() {
    let folder = sample_archives();
    let here = folder.path();
    for (name, source) in [("to.npy", "x.npy"), ("to.npz", "a.npz")] {
        fs::copy(here.join(source), here.join(name)).unwrap();
    }
    let npy = fs::read(here.join("x.npy")).unwrap();
    let npz = fs::read(here.join("a.npz")).unwrap();
    let of_npy: &[&[&str]] = &[
        &["ls", "-"],
        &["info", "-"],
        &["dump", "-"],
        &["dump", "--full", "-"],
        &["dump", "--json", "-"],
        &["head", "-"],
        &["tail", "-"],
        &["stats", "-"],
        &["stats", "--quantiles", "-"],
        &["hash", "-"],
        &["find", "gt:0", "-"],
        &["diff", "x.npy", "-"],
        &["convert", "-", "new.npy"],
        &["convert", "-", "new.csv"],
        &["convert", "-", "to.npz::new"],
        &["pack", "new.npz", "x=-"],
        &["append", "to.npy", "-"],
        &["verify", "-"],
        &["cat", "-", "x.npy", "-o", "cat.npy"],
        &["split", "-", "--rows", "1", "-o", "part{}.npy"],
        &["sample", "-", "-n", "1"],
    ];
    let of_npz: &[&[&str]] = &[
        &["ls", "-"],
        &["verify", "-"],
        &["unpack", "-", "-d", "out"],
        &["repack", "-", "repacked.npz"],
    ];
    thread::scope(|scope| {
        for (bytes, commands) in [(&npy, of_npy), (&npz, of_npz)] {
            for args in commands {
                scope.spawn(move || {
                    let bytes = bytes.clone();
                    let feed = move |mut stdin: std::process::ChildStdin| {
                        // The header is enough for some commands.
                        let (first, rest) = bytes.split_at(9);
                        let _ = stdin.write_all(first);
                        thread::sleep(Duration::from_millis(2500));
                        let _ = stdin.write_all(rest);
                    };
                    let (status, text) = on_terminal(here, args, 80, feed);
                    assert!(status < 2, "{args:?}: {text:?}");
                    let is_shown = ["working", "B,", "B of", "files"]
                        .iter()
                        .any(|part| text.contains(part));
                    assert!(is_shown, "{args:?}: {text:?}");
                });
            }
        }
    });
    // Not if it is not wanted, and not on other terminals.
    let feed = move |mut stdin: std::process::ChildStdin| {
        thread::sleep(Duration::from_millis(1500));
        let _ = stdin.write_all(&npy);
    };
    let (_, text) = on_terminal(here, &["--no-progress", "hash", "-"], 80, feed);
    assert_eq!(
        text,
        stdout_of(here, &["hash", "x.npy"]).replace("x.npy", "-")
    );
}
