//! Commands that take all arrays of an archive, or those that match a pattern.

use crate::unpacking::replaced;
use conformance::{
    archive_of, failed, ran, run, sample_archives, sample_folder, sha256, stdout_of,
};
use std::fs;
use std::path::Path;

/// What `sha256sum` prints for a file.
fn sha256_of(path: &Path) -> String {
    sha256(&fs::read(path).unwrap())
}

#[test]
fn patterns_are_printed_one_array_after_another() {
    let folder = sample_archives();
    let here = folder.path();
    let one = |member: &str| stdout_of(here, &["dump", &format!("a.npz::{member}")]);
    let (x, f, n) = (one("x"), one("f"), one("n"));
    assert_eq!(
        stdout_of(here, &["dump", "a.npz::[xn]"]),
        format!("== a.npz::x\n{x}== a.npz::n\n{n}")
    );
    let all = format!("== a.npz::x\n{x}== a.npz::f\n{f}== a.npz::n\n{n}");
    for pattern in ["*", "?", "*.npy", "[!a]"] {
        assert_eq!(
            stdout_of(here, &["dump", &format!("a.npz::{pattern}")]),
            all,
            "{pattern}"
        );
    }
    let first = stdout_of(here, &["head", "-n1", "a.npz::x"]);
    assert_eq!(
        stdout_of(here, &["head", "-n1", "a.npz::x*"]),
        format!("== a.npz::x\n{first}")
    );
    assert_eq!(
        stdout_of(here, &["dump", "--json", "a.npz::[fn]"]),
        "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n[1,2,3]\n"
    );
    let piped = run(
        here,
        &["dump", "-::n*"],
        &fs::read(here.join("a.npz")).unwrap(),
    );
    assert_eq!(piped.text(), format!("== -::n\n{n}"));
}

#[test]
fn a_name_comes_before_a_pattern() {
    let folder = sample_folder();
    let here = folder.path();
    let (x, f) = (
        fs::read(here.join("x.npy")).unwrap(),
        fs::read(here.join("f.npy")).unwrap(),
    );
    archive_of(
        &here.join("odd.npz"),
        &[
            ("a*.npy", &x),
            ("ab.npy", &f),
            ("0.npy", &x),
            ("w[1]", &x),
            ("w1.npy", &f),
        ],
    );
    for name in ["a*", "0", "w[1]", "a*.npy"] {
        let printed = stdout_of(here, &["dump", &format!("odd.npz::{name}")]);
        assert!(!printed.contains("=="), "{name}: {printed}");
    }
    let matching = stdout_of(here, &["dump", "--json", "odd.npz::*[*b]"]);
    assert_eq!(matching.lines().count(), 2);
}

#[test]
fn what_a_pattern_cannot_be() {
    let folder = sample_archives();
    let here = folder.path();
    assert_eq!(
        failed(here, &["dump", "a.npz::y*"]),
        "npio: a.npz: no array matches 'y*': the archive has 'x', 'f', 'n'"
    );
    // They take one array.
    for args in [
        &["dump", "--raw", "a.npz::*"][..],
        &["dump", "a.npz"],
        &["head", "a.npz"],
        &["convert", "a.npz::*", "y.npy"],
        &["diff", "a.npz::*", "x.npy"],
    ] {
        let error = failed(here, args);
        assert!(error.contains("'x', 'f', 'n'"), "{args:?}: {error}");
    }
    assert!(failed(here, &["hash", "a.npz::[x"]).starts_with("npio: a.npz: the pattern '[x': "));
}

#[test]
fn checksums_are_those_of_numpys_files() {
    let folder = sample_archives();
    let here = folder.path();
    let expected = sha256_of(&here.join("x.npy"));
    let lines = |args: &[&str]| stdout_of(here, args);
    // Neither the file nor the memory order matters.
    assert_eq!(
        lines(&["hash", "x.npy", "f.npy", "a.npz::[xf]", "c.npz::f"]),
        ["x.npy", "f.npy", "a.npz::x", "a.npz::f", "c.npz::f"]
            .map(|address| format!("{expected}  {address}\n"))
            .concat()
    );
    stdout_of(here, &["convert", "a.npz::n", "n.npy"]);
    let n = sha256_of(&here.join("n.npy"));
    assert_eq!(
        lines(&["hash", "--json", "c.npz", "n.npy"])
            .lines()
            .skip(2)
            .collect::<Vec<_>>(),
        [
            format!(r#"{{"path":"c.npz","name":"n","sha256":"{n}"}}"#),
            format!(r#"{{"path":"n.npy","name":null,"sha256":"{n}"}}"#),
        ]
    );
    stdout_of(here, &["convert", "--slice", "1:", "a.npz::n", "part.npy"]);
    assert_eq!(
        lines(&["hash", "--slice", "1:", "n.npy"]),
        format!("{}  n.npy\n", sha256_of(&here.join("part.npy")))
    );
}

/// One file that cannot be read does not stop the others, and other members are not arrays.
#[test]
fn what_is_not_an_array() {
    let folder = sample_folder();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    archive_of(
        &here.join("mixed.npz"),
        &[
            ("notes.txt", b"not an array"),
            ("short.npy", &x[..x.len() - 1]),
            ("plain", &x),
            ("x.npy", &x),
            ("X.npy", &x),
        ],
    );
    let bytes = fs::read(here.join("mixed.npz")).unwrap();
    let bytes = replaced(&bytes, b"X.npy", b"x.npy");
    fs::write(here.join("mixed.npz"), bytes).unwrap();
    let (status, stdout, stderr) = ran(here, &["hash", "none.npy", "mixed.npz", "x.npy"]);
    let hash = sha256_of(&here.join("x.npy"));
    assert_eq!(stdout, format!("{hash}  mixed.npz::plain\n{hash}  x.npy\n"));
    assert_eq!(status, 2);
    let errors: Vec<&str> = stderr.lines().collect();
    assert_eq!(errors.len(), 3, "{stderr}");
    assert!(errors[0].starts_with("npio: none.npy: "), "{stderr}");
    assert!(
        errors[1].starts_with("npio: mixed.npz: member 'short': "),
        "{stderr}"
    );
    assert!(
        errors[2].starts_with("npio: mixed.npz: member 'x': "),
        "{stderr}"
    );
}
