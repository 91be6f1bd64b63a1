//! Patterns in the names of files: expanded by the command on Windows, where shells do not, and only there.

use conformance::{archive_of, failed, ran, sample_archives, stdout_of};
use std::fs;
use std::path::Path;

/// Runs with patterns that a Unix shell would expand: on Windows this is their output, on other systems each is one
/// error about a file of exactly that name.
fn check_expanded(here: &Path, cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        if cfg!(windows) {
            assert_eq!(
                stdout_of(here, args).replace('\\', "/"),
                *expected,
                "{args:?}"
            );
        } else {
            failed(here, args);
        }
    }
}

#[test]
fn files_that_are_read() {
    let folder = sample_archives();
    let here = folder.path();
    fs::create_dir(here.join("d[1]")).unwrap();
    fs::copy(here.join("x.npy"), here.join("d[1]/X1.npy")).unwrap();
    fs::copy(here.join("f.npy"), here.join(".hidden.npy")).unwrap();
    let x = "x.npy\t<f8\t(2, 3)\tC\t48\tplain\n";
    let f = "f.npy\t<f8\t(2, 3)\tF\t48\tplain\n";
    let below = "d[1]/X1.npy\t<f8\t(2, 3)\tC\t48\tplain\n";
    let n = |archive: &str, storage: &str| format!("{archive}::n\t<i4\t(3,)\tC\t12\t{storage}\n");
    let members = n("a.npz", "stored") + &n("c.npz", "deflated");
    let stats = stdout_of(here, &["stats", "x.npy"]);
    check_expanded(
        here,
        &[
            (&["ls", "*.npy"], &format!("{f}{x}")),
            (&["ls", "[w-z].NPY"], x),
            (&["ls", "d[1]/*.npy"], below),
            (&["ls", "d[1]\\x?.npy"], below),
            (&["ls", "?.npy"], &format!("{f}{x}")),
            (&["ls", "*.npz::n"], &members),
            (&["verify", "x*"], "x.npy: ok\n"),
            (&["stats", "x.*"], &stats),
            (&["diff", "x.n*", "f.n*"], ""),
            (&["unpack", "a.*", "-d", "out", "n"], ""),
            (&["repack", "c.np?", "r.npz"], ""),
        ],
    );
    let pack = ["pack", "new.npz", "*.npy", "m=a.*::n"];
    check_expanded(here, &[(&pack, "")]);
    if cfg!(windows) {
        let archive = npio::load_npz(here.join("new.npz")).unwrap();
        assert_eq!(archive.names().collect::<Vec<_>>(), ["f", "x", "m"]);
    }
    let line = failed(here, &["dump", "*.npy"]);
    let two = "npio: *.npy: 2 files match this pattern, and one is expected here";
    assert_eq!(line == two, cfg!(windows), "{line}");
    let line = failed(here, &["ls", "q*.npy"]);
    assert!(line.starts_with("npio: q*.npy: "), "{line}");
}

#[test]
fn what_is_no_pattern() {
    let folder = sample_archives();
    let here = folder.path();
    // A name can contain brackets. That file takes precedence over those that match.
    for name in ["data[1].npy", "data1.npy"] {
        fs::copy(here.join("x.npy"), here.join(name)).unwrap();
    }
    let line = stdout_of(here, &["ls", "data[1].npy"]);
    assert_eq!(line, "data[1].npy\t<f8\t(2, 3)\tC\t48\tplain\n");
    // An option's value that matches files.
    let flat = stdout_of(here, &["dump", "x.npy", "--sep", "*"]);
    assert_eq!(flat.trim_end(), "1.0*2.5*-3.0*4.0*5.0*6.0");
    let line = failed(here, &["dump", "x.npy", "--slice", "?.npy"]);
    assert!(line.contains("?.npy"), "{line}");
    // Members, keys and output files.
    archive_of(&here.join("m.npz"), &[("x.npy", b"1")]);
    for (args, word) in [
        (&["convert", "a.npz::?", "y.npy"][..], "'?'"),
        (&["unpack", "m.npz", "-d", "out", "*"], "'*'"),
        (
            &["meta", "set", "m.npz", "*.npy"],
            "*.npy: expected KEY=VALUE",
        ),
        (&["meta", "get", "m.npz", "*"], "npio: m.npz: "),
        (&["size", "?.npy", "3"], "?.npy"),
    ] {
        let line = failed(here, args);
        assert!(line.contains(word), "{args:?}: {line}");
    }
    let (status, _, stderr) = ran(here, &["convert", "x.npy", "f.np?"]);
    assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
    assert_eq!(stdout_of(here, &["diff", "f.npy", "x.npy"]), "");
}
