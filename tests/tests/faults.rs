//! Whatever happens to the program, a file that is appended to or replaced holds the old arrays or the
//! new ones.
//!
//! The test takes a share of all possible faults; `cargo xtask faults` takes them all.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use conformance::NumPy;
use conformance::faults::{Fault, Operation, tools};
use npio::header::Header;
use npio::npz::Compression;
use npio::{Array, Error, Order, SaveOptions, SavezOptions};
use std::env;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The default number of faults that are tried.
const SHARE: usize = 150;

fn counted(first: usize, count: usize) -> Array {
    let items: Vec<f64> = (first..first + count).map(|i| i as f64).collect();
    Array::from_vec(items, [count]).unwrap()
}

/// `x.npy` with nine items, `y.npy` with three, `z.npy` with one.
fn small(folder: &Path) -> Result<(), Error> {
    npio::save(folder.join("x.npy"), counted(0, 9))?;
    npio::save(folder.join("y.npy"), counted(9, 3))?;
    npio::save(folder.join("z.npy"), counted(12, 1))
}

/// The same, but the header of `x.npy` can only count to nine.
fn without_room(folder: &Path) -> Result<(), Error> {
    small(folder)?;
    let header = Header::new(counted(0, 9).layout().clone());
    let length = (0..).find(|length| header.encode_in(*length).is_ok());
    let mut bytes = header.encode_in(length.unwrap()).unwrap();
    bytes.extend(counted(0, 9).as_bytes());
    fs::write(folder.join("x.npy"), bytes).unwrap();
    Ok(())
}

/// `x.npy` with nine items, and three more that its header does not count.
fn uncounted(folder: &Path) -> Result<(), Error> {
    small(folder)?;
    let file = fs::OpenOptions::new()
        .append(true)
        .open(folder.join("x.npy"));
    file.unwrap().write_all(counted(9, 3).as_bytes()).unwrap();
    Ok(())
}

/// `y.npy` with enough items that several calls write them.
fn large(folder: &Path) -> Result<(), Error> {
    small(folder)?;
    let items = vec![1u8; 600 << 10];
    let array = Array::from_vec(items, [600, 1024])?;
    let options = SaveOptions::new().order(Order::Fortran);
    options.save(folder.join("y.npy"), &array)
}

/// `x.npz` with two arrays, one of them deflated, and bytes; `y.npy` and `z.npy` beside it.
fn archive(folder: &Path) -> Result<(), Error> {
    large(folder)?;
    let mut archive = SavezOptions::new().create(folder.join("x.npz"))?;
    archive.array("a", counted(0, 9))?;
    archive.member("notes.txt", |notes| Ok(notes.write_all(b"any bytes")?))?;
    archive.set_compression(Compression::deflated(6));
    archive.array("b", counted(0, 30_000))?;
    archive.finish()
}

/// The same, and `inner.npy`, whose items are the bytes of an archive: as the last bytes of a file they are one.
fn archive_with_inner(folder: &Path) -> Result<(), Error> {
    archive(folder)?;
    let inner = folder.join("inner.npz");
    npio::savez(&inner, [("a", counted(100, 20_000))])?;
    let bytes = fs::read(&inner).unwrap();
    fs::remove_file(inner).unwrap();
    npio::save(folder.join("inner.npy"), &bytes)
}

/// An archive whose update in place was interrupted.
fn interrupted(folder: &Path) -> Result<(), Error> {
    archive(folder)?;
    let (path, undo) = (folder.join("x.npz"), folder.join("x.npz.npio-undo"));
    let updater = SavezOptions::new().in_place().updater(&path)?;
    let mut archive = updater.append()?;
    archive.array("y", counted(0, 20_000))?;
    let (broken, saved) = (fs::read(&path).unwrap(), fs::read(&undo).unwrap());
    drop(archive);
    fs::write(path, broken).unwrap();
    fs::write(undo, saved).unwrap();
    Ok(())
}

const OPERATIONS: [Operation; 19] = [
    Operation {
        file: "x.npy",
        args: &["append", "x.npy", "y.npy"],
        is_in_place: true,
        prepare: small,
    },
    Operation {
        file: "x.npy",
        args: &["append", "--durable", "x.npy", "y.npy", "z.npy"],
        is_in_place: true,
        prepare: small,
    },
    Operation {
        file: "x.npy",
        args: &["append", "x.npy", "y.npy", "z.npy"],
        is_in_place: false,
        prepare: without_room,
    },
    Operation {
        file: "x.npy",
        args: &["append", "--durable", "x.npy", "y.npy"],
        is_in_place: false,
        prepare: without_room,
    },
    Operation {
        file: "x.npy",
        args: &["convert", "--force", "y.npy", "x.npy"],
        is_in_place: false,
        prepare: small,
    },
    Operation {
        file: "x.npy",
        args: &["convert", "--force", "--order", "C", "y.npy", "x.npy"],
        is_in_place: false,
        prepare: large,
    },
    Operation {
        file: "x.npy",
        args: &["verify", "--repair", "data", "x.npy"],
        is_in_place: true,
        prepare: uncounted,
    },
    Operation {
        file: "x.npz",
        args: &["pack", "--force", "x.npz", "y.npy", "z.npy"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["pack", "--force", "--compress", "x.npz", "y.npy", "z.npy"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["convert", "--force", "z.npy", "x.npz::a"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["convert", "--force", "y.npy", "x.npz::new"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["repack", "--force", "x.npz", "x.npz"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["pack", "--add", "x.npz", "y.npy", "z.npy"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["pack", "--add", "--in-place", "x.npz", "y.npy", "z.npy"],
        is_in_place: true,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["pack", "--add", "--in-place", "x.npz", "inner.npy"],
        is_in_place: true,
        prepare: archive_with_inner,
    },
    Operation {
        file: "x.npz",
        args: &["pack", "--add", "--in-place", "x.npz", "z.npy"],
        is_in_place: true,
        prepare: interrupted,
    },
    Operation {
        file: "x.npz",
        args: &["verify", "--repair", "x.npz"],
        is_in_place: true,
        prepare: interrupted,
    },
    Operation {
        file: "x.npz",
        args: &["rm", "x.npz", "n*"],
        is_in_place: false,
        prepare: archive,
    },
    Operation {
        file: "x.npz",
        args: &["mv", "x.npz", "a", "c"],
        is_in_place: false,
        prepare: archive,
    },
];

#[test]
fn faults_leave_the_old_array_or_the_new_one() {
    let share = env::var("NPIO_FAULTS")
        .ok()
        .map(|count| count.parse().unwrap());
    let share: usize = share.unwrap_or(SHARE);
    let tools = tools();
    let mut faults = Vec::new();
    let words = env::var("NPIO_FAULTS_OF").unwrap_or_default();
    let has_words = |operation: &&Operation| operation.args.join(" ").contains(&words);
    for operation in OPERATIONS.iter().filter(has_words) {
        let (old, new) = operation.old_and_new();
        // Restoring an archive is all that this operation does.
        assert!(old != new || operation.args[..2] == ["verify", "--repair"]);
        let contents = std::rc::Rc::new((old, new));
        let all = operation.faults(tools).into_iter();
        faults.extend(all.map(|fault| (operation, contents.clone(), fault)));
    }
    // An evenly spread share of them.
    let all = faults.len();
    let mut due = 0;
    faults.retain(|_| {
        due += share.min(all);
        let is_due = due >= all;
        due %= all.max(1);
        is_due
    });
    let (mut kills, mut failures, mut lengths) = (0, 0, 0);
    let mut numpy = NumPy::start();
    for (operation, contents, fault) in &faults {
        let (old, new) = &**contents;
        if operation.check(fault, old, new, numpy.as_mut()) {
            match fault {
                Fault::Kill(..) => kills += 1,
                Fault::Fail(..) => failures += 1,
                Fault::Length(_) => lengths += 1,
            }
        }
    }
    println!(
        "{} of {all} faults: {kills} kills, {failures} failures and {lengths} files cut short ended the command; no array was lost",
        faults.len()
    );
    assert!(tools == (false, false) || kills + failures + lengths > 0);
}
