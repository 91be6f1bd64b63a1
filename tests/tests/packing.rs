//! Archives that the command makes, changes and takes apart.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use conformance::{archive_of, failed, run, said, sample_archives};
use std::fs;

#[test]
fn convert_into_archives() {
    let folder = sample_archives();
    let here = folder.path();
    let raw = |name: &str| {
        let archive = npio::load_npz(here.join("c.npz")).unwrap();
        let member = archive.as_npz().get(name).unwrap();
        (member.storage(), member.compressed_size(), member.crc32())
    };
    let before = ["x", "n"].map(raw);
    assert_eq!(
        failed(here, &["convert", "a.npz::n", "c.npz::f"]),
        "npio: c.npz: member 'f': it exists: use --force to replace it"
    );
    said(here, &["convert", "--force", "a.npz::n", "c.npz::f"]);
    said(here, &["convert", "x.npy", "c.npz::deep/x", "--order", "F"]);
    // The input's stem is the member's name.
    failed(here, &["convert", "f.npy", "c.npz"]);
    let after = npio::load_npz(here.join("c.npz")).unwrap();
    assert_eq!(after.names().collect::<Vec<_>>(), ["x", "f", "n", "deep/x"]);
    drop(after);
    assert_eq!(["x", "n"].map(raw), before);
}

#[test]
fn a_new_archive_by_convert() {
    let folder = sample_archives();
    let here = folder.path();
    said(
        here,
        &[
            "convert",
            "x.npy",
            "new.npz",
            "--compress=9",
            "--dtype",
            "f4",
            "--byteorder",
            "big",
        ],
    );
    assert_eq!(
        said(here, &["ls", "new.npz"]),
        "new.npz::x\t>f4\t(2, 3)\tC\t24\tdeflated\n"
    );
    let x = fs::read(here.join("x.npy")).unwrap();
    let piped = run(here, &["convert", "-", "-", "--to", "npz"], &x).fine();
    assert_eq!(
        run(here, &["ls", "-"], &piped).text(),
        "-::arr_0\t<f8\t(2, 3)\tC\t48\tstored\n"
    );
    said(here, &["convert", "x.npy", "y.npz::b.npy"]);
    assert!(said(here, &["ls", "y.npz"]).starts_with("y.npz::b\t"));
    fs::write(here.join("text.npz"), "no archive").unwrap();
    assert_eq!(
        failed(here, &["convert", "x.npy", "text.npz"]),
        "npio: text.npz: the file exists: use --force to replace it"
    );
    for (args, what) in [
        (
            ["x.npy", "y.npy::a"],
            "y.npy: only archives have members: call it .npz, or say --to npz",
        ),
        (
            ["--compress", "y.npy"],
            "y.npy: only archives are compressed",
        ),
    ] {
        let args = ["convert", "x.npy", args[0], args[1]];
        let args = if args[2] == "x.npy" {
            vec![args[0], args[2], args[3]]
        } else {
            args.to_vec()
        };
        assert_eq!(failed(here, &args), format!("npio: {what}"));
    }
    let packed = run(here, &["pack", "-", "x.npy"], b"").fine();
    assert!(
        run(here, &["verify", "-"], &packed)
            .text()
            .contains("-: ok")
    );
    let named = failed(here, &["pack", "q.npz", "-"]);
    assert!(named.contains("NAME=FILE"), "{named}");
    let twice = failed(here, &["pack", "q.npz", "x.npy", "a.npz::x"]);
    assert!(twice.contains("another array is called 'x'"), "{twice}");
    assert!(!here.join("q.npz").exists());
}

#[test]
fn unpack_stays_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, why) in [
        ("../x", "the name has a '..'"),
        ("a/../../x", "the name has a '..'"),
        ("a/..", "the name has a '..'"),
        ("/x", "absolute"),
        ("C:\\x", "drive"),
        ("c:x", "drive"),
        ("a\\..\\x", "backslash"),
        ("a//x", "empty"),
        ("./x", "empty or '.'"),
    ] {
        archive_of(&here.join("bad.npz"), &[("fine.npy", b"1"), (name, b"2")]);
        let line = failed(here, &["unpack", "bad.npz", "-d", "out"]);
        assert!(
            line.contains("is not unpacked: ") && line.contains(why),
            "{line}"
        );
        assert!(!here.join("out").exists(), "{name}");
    }
    archive_of(&here.join("bad.npz"), &[("a", b"1"), ("a/b/c", b"2")]);
    let line = failed(here, &["unpack", "bad.npz", "-d", "out"]);
    assert!(line.contains("'a' is a file, not a folder"), "{line}");
    assert!(!here.join("out").exists());
    // Python ends a name at a NUL; such an archive is not opened at all.
    archive_of(&here.join("zero.npz"), &[("a.b", b"1")]);
    let bytes = fs::read(here.join("zero.npz")).unwrap();
    let bytes: Vec<u8> = bytes
        .windows(3)
        .map(|w| if w == *b"a.b" { b'\0' } else { w[0] })
        .collect();
    fs::write(here.join("zero.npz"), bytes).unwrap();
    failed(here, &["unpack", "zero.npz", "-d", "out"]);
    assert!(!here.join("out").exists());
}

#[cfg(unix)]
#[test]
fn unpack_follows_no_links() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for name in ["out", "outside"] {
        fs::create_dir(here.join(name)).unwrap();
    }
    fs::write(here.join("outside/x"), "old").unwrap();
    symlink("../outside", here.join("out/way")).unwrap();
    symlink("../outside/x", here.join("out/link")).unwrap();
    for name in ["way/x", "way/new/x", "link"] {
        archive_of(&here.join("bad.npz"), &[("fine", b"1"), (name, b"2")]);
        let line = failed(here, &["unpack", "--force", "bad.npz", "-d", "out"]);
        assert!(line.contains("symbolic link"), "{line}");
        assert!(!here.join("out/fine").exists());
    }
    assert_eq!(fs::read(here.join("outside/x")).unwrap(), b"old");
    assert_eq!(fs::read_dir(here.join("outside")).unwrap().count(), 1);
}

#[test]
fn unpack_writes_what_is_there() {
    let folder = sample_archives();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    archive_of(
        &here.join("m.npz"),
        &[
            ("x.npy", &x),
            ("d/w:0.npy", &x),
            ("m.json", b"{}"),
            ("e/", b""),
        ],
    );
    if cfg!(windows) {
        return;
    }
    assert_eq!(said(here, &["unpack", "m.npz", "-d", "out"]), "");
    assert_eq!(fs::read(here.join("out/x.npy")).unwrap(), x);
    assert_eq!(fs::read(here.join("out/d/w:0.npy")).unwrap(), x);
    assert_eq!(fs::read(here.join("out/m.json")).unwrap(), b"{}");
    fs::write(here.join("out/m.json"), "mine").unwrap();
    fs::remove_file(here.join("out/x.npy")).unwrap();
    let line = failed(here, &["unpack", "m.npz", "-d", "out", "x", "m.json"]);
    assert!(
        line.ends_with("out/m.json exists: use --force to replace it"),
        "{line}"
    );
    assert!(!here.join("out/x.npy").exists());
    said(here, &["unpack", "m.npz", "-d", "out", "x"]);
    assert!(here.join("out/x.npy").exists());
    said(here, &["unpack", "--force", "m.npz", "-d", "out"]);
    assert_eq!(fs::read(here.join("out/m.json")).unwrap(), b"{}");
    failed(here, &["unpack", "m.npz", "-d", "out", "no"]);
    failed(here, &["unpack", "x.npy"]);
    // What is broken leaves no file, and the others are there.
    let mut bytes = fs::read(here.join("a.npz")).unwrap();
    let at = bytes
        .windows(8)
        .position(|window| window == 2.5f64.to_le_bytes())
        .unwrap();
    bytes[at] ^= 1;
    let ran = run(here, &["unpack", "-", "-d", "broken"], &bytes);
    assert_eq!(
        (ran.status, ran.stderr.lines().count()),
        (2, 1),
        "{}",
        ran.stderr
    );
    let mut names: Vec<_> = fs::read_dir(here.join("broken"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["f.npy", "n.npy"]);
}

#[test]
fn repack_is_ready_to_map() {
    let folder = sample_archives();
    let here = folder.path();
    said(here, &["repack", "c.npz", "r.npz", "--align", "4096"]);
    let archive = npio::load_npz(here.join("r.npz")).unwrap();
    for member in archive.as_npz().members() {
        // The member begins there, behind which its header is.
        let offset = member.peek().unwrap().data_offset.unwrap();
        assert_eq!((offset - 128) % 4096, 0);
    }
    assert_eq!(said(here, &["diff", "r.npz", "a.npz"]), "");
    said(here, &["repack", "a.npz", "c2.npz", "--compress"]);
    assert_eq!(
        fs::read(here.join("c2.npz")).unwrap(),
        fs::read(here.join("c.npz")).unwrap()
    );
    said(
        here,
        &["repack", "c2.npz", "c2.npz", "--compress", "--force"],
    );
    assert_eq!(
        fs::read(here.join("c2.npz")).unwrap(),
        fs::read(here.join("c.npz")).unwrap()
    );
    failed(here, &["repack", "a.npz", "c2.npz"]);
    failed(here, &["repack", "a.npz", "d.npz", "--align", "0"]);
    failed(here, &["repack", "a.npz", "d.npz", "--compress=10"]);
}
