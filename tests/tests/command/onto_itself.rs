//! The command, told to replace a file that it reads: Windows does not replace an open file.

use conformance::{archive_of, sample_archives, stdout_of};
use npio::ArrayView;
use npio::header::Header;
use std::fs;
use std::path::Path;

/// Runs the command, which may leave no other file in the folder.
fn replace(here: &Path, args: &[&str]) {
    let before = fs::read_dir(here).unwrap().count();
    stdout_of(here, args);
    assert_eq!(fs::read_dir(here).unwrap().count(), before, "{args:?}");
}

#[test]
fn convert() {
    let folder = sample_archives();
    let here = folder.path();
    let same = |path: &str| {
        let found = stdout_of(here, &["dump", "--json", path]);
        assert_eq!(
            found,
            stdout_of(here, &["dump", "--json", "x.npy"]),
            "{path}"
        );
    };
    replace(here, &["convert", "f.npy", "f.npy", "--force"]);
    same("f.npy");

    stdout_of(here, &["convert", "x.npy", "x.csv"]);
    replace(here, &["convert", "x.csv", "x.csv", "--force"]);
    same("x.csv");

    stdout_of(here, &["convert", "x.npy", "x.json"]);
    replace(here, &["convert", "x.json", "x.json", "--force"]);
    same("x.json");

    // The name gives the layout.
    stdout_of(here, &["convert", "x.npy", "x_float64_2_3.dat"]);
    let named = ["convert", "x_float64_2_3.dat", "x_float64_2_3.dat"];
    replace(here, &[&named[..], &["--force"]].concat());
    same("x_float64_2_3.dat");

    // A member of an archive in place of another, and as a new one.
    replace(here, &["convert", "a.npz::x", "a.npz::n", "--force"]);
    same("a.npz::n");
    replace(here, &["convert", "a.npz::f", "a.npz::new"]);
    same("a.npz::new");
    same("a.npz::x");
}

#[test]
fn archives() {
    let folder = sample_archives();
    let here = folder.path();
    let names = stdout_of(here, &["ls", "c.npz"]);
    replace(here, &["repack", "c.npz", "c.npz", "--force"]);
    assert_eq!(
        stdout_of(here, &["ls", "c.npz"]),
        names.replace("deflated", "stored")
    );
    replace(
        here,
        &["pack", "a.npz", "a.npz::x", "y=a.npz::f", "--force"],
    );
    assert_eq!(stdout_of(here, &["ls", "a.npz"]).lines().count(), 2);
    replace(here, &["meta", "set", "a.npz", "key=1"]);
    assert_eq!(stdout_of(here, &["meta", "get", "a.npz", "key"]), "1\n");
}

/// An archive that holds a file of its own name, and one before and after it.
#[test]
fn unpack() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let members: [(&str, &[u8]); 3] = [("a", b"1"), ("x.npz", b"two"), ("z", b"3")];
    archive_of(&here.join("x.npz"), &members);
    stdout_of(here, &["unpack", "x.npz", "-d", ".", "--force"]);
    for (name, bytes) in members {
        assert_eq!(fs::read(here.join(name)).unwrap(), bytes, "{name}");
    }
    assert_eq!(fs::read_dir(here).unwrap().count(), 3);
}

/// Rows of the file appended to itself; the header has no room, so the file is replaced.
#[test]
fn append() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let items: Vec<f64> = (0..9).map(f64::from).collect();
    let view = ArrayView::over(&items, [9]).unwrap();
    let header = Header::new(view.layout().clone());
    let length = (0..).find(|length| header.encode_in(*length).is_ok());
    let mut bytes = header.encode_in(length.unwrap()).unwrap();
    bytes.extend(view.as_bytes());
    fs::write(&path, bytes).unwrap();
    replace(folder.path(), &["append", "x.npy", "x.npy"]);
    let twice = (items.repeat(2), vec![18]);
    assert_eq!(npio::load_vec::<f64>(&path).unwrap(), twice);
}
