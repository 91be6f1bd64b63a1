//! Ctrl-C and SIGTERM at any moment: each file holds the old bytes or the new ones, and there are no others.
//!
//! `cargo xtask soak killed` tries 200 moments of each command.

use conformance::signals::{Running, with_default_signals};
use conformance::{Dice, command_path, skipped};
use npio::npz::Compression;
use npio::{Array, Error, SavezOptions};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

/// The number of moments at which each command is stopped.
const MOMENTS: usize = 5;

/// The files of a folder and of the folders in it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A command, and the changes that it makes to the files of `sample`.
type Operation<'a> = &'a [&'a str];

const OPERATIONS: [Operation<'_>; 17] = [
    &["convert", "large.npy", "x.npy", "--order", "F", "--force"],
    &["convert", "large.npy", "new.npy", "--dtype", "f4"],
    &["convert", "large.npy", "a.npz::x", "--force"],
    &["pack", "new.npz", "large.npy", "x.npy", "--compress=1"],
    &["pack", "--add", "a.npz", "z=large.npy"],
    &["pack", "--add", "--in-place", "a.npz", "z=large.npy"],
    &["repack", "a.npz", "a.npz", "--compress", "--force"],
    &["append", "x.npy", "large.npy"],
    &["meta", "set", "a.npz", "rate=44100"],
    &["unpack", "a.npz", "-d", "out", "--force"],
    &["verify", "--repair", "header", "longer.npy"],
    &["verify", "--repair", "data", "longer.npy"],
    &["rm", "a.npz", "x"],
    &["cat", "x.npy", "large.npy", "-o", "x.npy", "--force"],
    &["split", "large.npy", "--parts", "9", "-o", "part{}.npy"],
    &["split", "large.npy", "--parts", "3", "-o", "new.npz::{}"],
    &["split", "large.npy", "--parts", "3", "-o", "a.npz::{}"],
];

/// The files that the commands change.
fn sample(folder: &Path) -> Result<(), Error> {
    let items: Vec<f64> = (0..400_000).map(|i| f64::from(i) * 0.25).collect();
    let large = Array::from_vec(items, [40_000, 10])?;
    let small = Array::from_vec(vec![0.5; 20], [2, 10])?;
    npio::save(folder.join("large.npy"), &large)?;
    npio::save(folder.join("x.npy"), &small)?;
    let mut archive = SavezOptions::new().create(folder.join("a.npz"))?;
    archive.array("x", &small)?;
    archive.array("large", &large)?;
    archive.set_compression(Compression::deflated(1));
    archive.array("y", &large)?;
    archive.finish()?;
    let mut longer = fs::read(folder.join("large.npy")).unwrap();
    longer.extend(std::iter::repeat_n(1, 1_000_003));
    fs::write(folder.join("longer.npy"), longer).unwrap();
    fs::create_dir(folder.join("out")).unwrap();
    fs::write(folder.join("out/x.npy"), "what was there").unwrap();
    Ok(())
}

fn files(folder: &Path) -> Files {
    let mut found = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                found.insert(name, fs::read(path).unwrap());
            }
        }
    }
    found
}

/// Writes the files to a new folder.
fn folder_of(files: &Files) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Stops each command at random moments. `before` is what starts it: nothing, or a program with its arguments.
fn stop_each(before: &[&str], moments: usize) {
    let npio = command_path();
    let folder = tempfile::tempdir().unwrap();
    sample(folder.path()).unwrap();
    let old = files(folder.path());
    let start = |folder: &Path, args: Operation<'_>| {
        let words: Vec<&str> = before.iter().copied().chain([npio.as_str()]).collect();
        let mut command = with_default_signals(words[0], folder);
        command.args(&words[1..]).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Running::start(&mut command)
    };
    let mut dice = Dice::new(18);
    let (mut stopped, mut finished) = (0, 0);
    // What is made durable opens its folder, too.
    let is_tried = |args: &&Operation<'_>| before.is_empty() || !args.contains(&"--in-place");
    for args in OPERATIONS.iter().filter(is_tried) {
        let folder = folder_of(&old);
        let begun = Instant::now();
        assert!(
            start(folder.path(), args).wait().unwrap().success(),
            "{args:?}"
        );
        let time = begun.elapsed();
        let new = files(folder.path());
        assert!(new != old, "{args:?} changes nothing");
        for moment in 0..moments {
            let folder = folder_of(&old);
            let mut child = start(folder.path(), args);
            thread::sleep(time.mul_f64(dice.below(1100) as f64 / 1000.0));
            let signal = [Signal::INT, Signal::TERM][moment % 2];
            child.send(signal);
            // Whoever ends a session sends both.
            if moment % 5 == 0 {
                child.send(Signal::TERM);
            }
            let status = child.wait().unwrap();
            let found = files(folder.path());
            let what = format!("{before:?} {args:?}, {signal:?}, {status}");
            for (name, bytes) in &found {
                let is_one = [&old, &new]
                    .iter()
                    .any(|files| files.get(name) == Some(bytes));
                let names: Vec<_> = found.keys().collect();
                assert!(is_one, "{what}: {name:?} among {names:?}");
            }
            let is_missing = |name: &&PathBuf| !found.contains_key(*name);
            assert_eq!(old.keys().find(is_missing), None, "{what}");
            match status.code() {
                Some(0) => {
                    assert!(found == new, "{what}: not new");
                    finished += 1;
                }
                // Before the command has read its arguments, the signal itself ends it.
                Some(130) | None => stopped += 1,
                _ => panic!("{what}"),
            }
        }
    }
    println!("{before:?}: stopped {stopped} times, finished {finished} times");
    assert!(stopped > 0);
}

fn moments() -> usize {
    env::var("NPIO_SIGNAL_CASES").map_or(MOMENTS, |count| count.parse().unwrap())
}

#[test]
fn at_any_moment() {
    stop_each(&[], moments());
}

/// Where files always have a name, as on other systems.
#[cfg(target_os = "linux")]
#[test]
fn at_any_moment_with_temporary_names() {
    // The process itself stays the child of this one.
    let strace = ["strace", "-D", "-f", "-qq", "-o", "/dev/null"];
    let refuse = [
        "-P",
        ".",
        "-P",
        "out",
        "-e",
        "inject=openat:error=EOPNOTSUPP",
    ];
    let before = [&strace[..], &refuse[..]].concat();
    let mut tried = Command::new(before[0]);
    if !tried
        .args(&before[1..])
        .arg("true")
        .output()
        .is_ok_and(|ran| ran.status.success())
    {
        skipped("strace does not work here");
        return;
    }
    stop_each(&before, moments().div_ceil(2));
}
