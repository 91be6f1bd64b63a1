//! Unpacking the members of an archive: files that are never outside one folder, and never one for two members.

use conformance::{archive_of, failed, ran, run, sample_archives, stdout_of};
use npio::dtype::python::quoted;
use std::fs;
use std::path::Path;

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
        let line = failed(here, &["unpack", "--force", "bad.npz", "-d", "out"]);
        assert!(
            line.contains("is not unpacked: ") && line.contains(why),
            "{line}"
        );
        assert_eq!(files_below(&here.join("out")), ["fine.npy"], "{name}");
        // If nothing is left to write, no folder is made either.
        failed(here, &["unpack", "bad.npz", "-d", "none", name]);
        assert!(!here.join("none").exists(), "{name}");
    }
    // Python ends a name at a NUL; such an archive is not opened at all.
    archive_of(&here.join("ends.npz"), &[("a.b", b"1")]);
    let bytes = fs::read(here.join("ends.npz")).unwrap();
    fs::write(here.join("ends.npz"), replaced(&bytes, b"a.b", b"a\0b")).unwrap();
    failed(here, &["unpack", "ends.npz", "-d", "none"]);
    assert!(!here.join("none").exists());
}

/// The bytes with `new` wherever they have `old`.
pub(crate) fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let mut bytes = bytes.to_owned();
    let at = |bytes: &[u8]| bytes.windows(old.len()).position(|window| window == old);
    while let Some(at) = at(&bytes) {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    bytes
}

/// The files in a folder and its subfolders, with `/` between the parts of their paths.
fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            let below = files_below(&entry.path());
            files.extend(below.iter().map(|file| format!("{name}/{file}")));
        } else {
            files.push(name)
        }
    }
    files.sort();
    files
}

/// Names that no two members, or no member, may have: the others are written, and these are listed.
#[test]
fn unpack_loses_no_member() {
    let (windows, apple) = (cfg!(windows), cfg!(target_vendor = "apple"));
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // Names that are the same file, and whether they are so on the system of the test.
    for (names, collide) in [
        (&["a", "a/b/c"][..], true),
        (&["Weights.npy", "weights.npy"], windows || apple),
        (&["A/\u{c4}.npy", "a/\u{e4}.npy"], windows || apple),
        (&["a", "A/x"], windows || apple),
        (&["\u{e9}.npy", "e\u{301}.npy"], apple),
        (&["w.npy", "w.npy.", "w.npy "], windows),
        (&["a./b", "a/b"], windows),
        (&["A/x", "a/y"], false),
        (&["con.npy"], windows),
        (&["d/NUL"], windows),
        (&["com\u{b9}.npy"], windows),
        (&["kernel:0.npy"], windows),
        (&["what?.npy", "<w>|*.npy"], windows),
        (&["a\nb.npy"], windows),
        (&[".. /x", "..."], windows),
    ] {
        let out = here.join("out");
        let members: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b"1"[..])).collect();
        let all = [
            &[("first.npy", &b"2"[..])],
            &members[..],
            &[("d/last", b"3")],
        ]
        .concat();
        archive_of(&here.join("x.npz"), &all);
        let (status, stdout, stderr) = ran(here, &["unpack", "--force", "x.npz", "-d", "out"]);
        let mut expected = vec!["first.npy", "d/last"];
        let lines: Vec<&str> = stderr.lines().collect();
        if collide {
            assert_eq!(
                (status, lines.len()),
                (2, names.len()),
                "{names:?}: {stderr}"
            );
            for (name, line) in names.iter().zip(lines) {
                let start = format!("npio: x.npz: member {} is not unpacked: ", quoted(name));
                assert!(line.starts_with(&start), "{line}");
            }
        } else {
            assert_eq!((status, stderr.as_str()), (0, ""), "{names:?}");
            expected.extend(names);
        }
        assert_eq!(stdout, "");
        let mut written = files_below(&out);
        // If case is ignored, the folder has that of the first member.
        if windows || apple {
            written = written
                .iter()
                .map(|name| name.replace("A/y", "a/y"))
                .collect();
        }
        expected.sort_unstable();
        written.sort_unstable();
        assert_eq!(written, expected, "{names:?}");
        fs::remove_dir_all(out).unwrap();
    }
    // Two members of the same name, as Python's zipfile writes them.
    archive_of(
        &here.join("x.npz"),
        &[("v.npy", b"1"), ("w.npy", b"2"), ("z", b"3")],
    );
    let renamed = replaced(&fs::read(here.join("x.npz")).unwrap(), b"v.npy", b"w.npy");
    fs::write(here.join("x.npz"), renamed).unwrap();
    let (status, _, stderr) = ran(here, &["unpack", "x.npz", "-d", "out"]);
    let line = "npio: x.npz: member 'w.npy' is not unpacked: another member has this name, too\n";
    assert_eq!((status, stderr), (2, line.repeat(2)));
    assert_eq!(files_below(&here.join("out")), ["z"]);
    // If there is only one of them, it is unambiguous.
    archive_of(&here.join("x.npz"), &[("W.npy", b"1"), ("w.npy", b"2")]);
    stdout_of(here, &["unpack", "x.npz", "-d", "out", "w.npy", "w"]);
    assert_eq!(fs::read(here.join("out/w.npy")).unwrap(), b"2");
    // Existing files are not replaced, and do not stop the others.
    archive_of(
        &here.join("x.npz"),
        &[("a", b"1"), ("w.npy", b"3"), ("y", b"1")],
    );
    let line = failed(here, &["unpack", "x.npz", "-d", "out"]);
    assert!(
        line.ends_with("w.npy exists: use --force to replace it"),
        "{line}"
    );
    assert_eq!(fs::read(here.join("out/w.npy")).unwrap(), b"2");
    assert_eq!(files_below(&here.join("out")), ["a", "w.npy", "y", "z"]);
    // A folder that the archive names, and a file.
    archive_of(
        &here.join("x.npz"),
        &[("a", b"1"), ("a/", b""), ("z", b"1")],
    );
    let line = failed(here, &["unpack", "x.npz", "-d", "new"]);
    assert!(
        line.contains("member 'a' is not unpacked: 'a/' needs a folder"),
        "{line}"
    );
    assert_eq!(files_below(&here.join("new")), ["z"]);
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
        fs::remove_file(here.join("out/fine")).unwrap();
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
            ("d/w-0.npy", &x),
            ("m.json", b"{}"),
            ("e/", b""),
        ],
    );
    assert_eq!(stdout_of(here, &["unpack", "m.npz", "-d", "out"]), "");
    assert_eq!(fs::read(here.join("out/x.npy")).unwrap(), x);
    assert_eq!(fs::read(here.join("out/d/w-0.npy")).unwrap(), x);
    assert_eq!(fs::read(here.join("out/m.json")).unwrap(), b"{}");
    fs::write(here.join("out/m.json"), "mine").unwrap();
    fs::remove_file(here.join("out/x.npy")).unwrap();
    let line = failed(here, &["unpack", "m.npz", "-d", "out", "x", "m.json"]);
    assert!(
        line.ends_with("m.json exists: use --force to replace it"),
        "{line}"
    );
    assert_eq!(fs::read(here.join("out/m.json")).unwrap(), b"mine");
    assert_eq!(fs::read(here.join("out/x.npy")).unwrap(), x);
    stdout_of(here, &["unpack", "--force", "m.npz", "-d", "out"]);
    assert_eq!(fs::read(here.join("out/m.json")).unwrap(), b"{}");
    failed(here, &["unpack", "m.npz", "-d", "out", "no"]);
    failed(here, &["unpack", "x.npy"]);
    // Broken members leave no file, and the others are written.
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
