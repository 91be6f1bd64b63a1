//! Members of archives that are added, merged, removed and renamed.

use conformance::archives::undeclared;
use conformance::{archive_of, failed, ran, sample_archives, stdout_of};
use npio::npz::CompressionMethod::{self, Deflated, Stored};
use npio::npz::Update;
use npio::{Array, SavezOptions};
use std::fs;
use std::path::Path;

/// How a member is stored, and the CRC of its bytes.
type Member = (String, CompressionMethod, u64, u32);

fn stored(path: &Path) -> Vec<Member> {
    let archive = npio::load_npz(path).unwrap();
    let members = archive.as_npz().members();
    let stored = members.map(|member| {
        let (method, size) = (member.compression_method(), member.compressed_size());
        (member.file_name().to_owned(), method, size, member.crc32())
    });
    stored.collect()
}

/// The same, with this before each name.
fn renamed(path: &Path, to: &str) -> Vec<Member> {
    let mut members = stored(path);
    for (name, ..) in &mut members {
        name.insert_str(0, to);
    }
    members
}

fn names(path: &Path) -> Vec<String> {
    let archive = npio::load_npz(path).unwrap();
    assert!(archive.verify().is_empty());
    archive.names().map(str::to_owned).collect()
}

#[test]
fn members_are_added() {
    let folder = sample_archives();
    let here = folder.path();
    let new = here.join("new.npz");
    for (in_place, file) in [(None, "1.npz"), (Some("--in-place"), "2.npz")] {
        let add = |args: &[&str]| {
            let words = ["pack", "--add"].into_iter().chain(in_place);
            words
                .chain([file])
                .chain(args.iter().copied())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let run = |args: &[&str]| {
            let args = add(args);
            ran(here, &args.iter().map(String::as_str).collect::<Vec<_>>())
        };
        // A new archive, which then grows.
        assert_eq!(run(&["x.npy"]), (0, String::new(), String::new()));
        let before = stored(&here.join(file));
        assert_eq!(run(&["deep/f=f.npy", "--compress", "n=a.npz::n"]).0, 0);
        assert_eq!(names(&here.join(file)), ["x", "deep/f", "n"]);
        let after = stored(&here.join(file));
        assert_eq!(after[..1], before);
        assert!(after[1..].iter().all(|member| member.1 == Deflated));

        let old = fs::read(here.join(file)).unwrap();
        let (status, _, stderr) = run(&["y=x.npy", "deep/f=x.npy"]);
        let expected =
            format!("npio: {file}: member 'deep/f': it exists: use --force to replace it\n");
        assert_eq!((status, stderr), (2, expected));
        let (status, _, stderr) = run(&["y=x.npy", "z=missing.npy"]);
        assert!(
            status == 2 && stderr.starts_with("npio: missing.npy: "),
            "{stderr}"
        );
        fs::write(here.join("broken.npy"), b"\x93NUMPY").unwrap();
        assert_eq!(run(&["y=x.npy", "z=broken.npy"]).0, 2);
        assert_eq!(fs::read(here.join(file)).unwrap(), old);
        fs::remove_file(here.join("broken.npy")).unwrap();

        // It keeps its place, and its compression.
        assert_eq!(run(&["y=x.npy", "deep/f=x.npy", "--force"]).0, 0);
        assert_eq!(names(&here.join(file)), ["x", "deep/f", "n", "y"]);
        let methods = stored(&here.join(file)).into_iter().map(|member| member.1);
        assert_eq!(
            methods.collect::<Vec<_>>(),
            [Stored, Deflated, Deflated, Stored]
        );
        let found = format!("{file}::deep/f");
        assert_eq!(stdout_of(here, &["diff", &found, "x.npy"]), "");
    }
    assert!(!new.exists());
    assert_eq!(fs::read_dir(here).unwrap().count(), 6);
    assert_eq!(
        failed(here, &["pack", "--add", "x.npy", "f.npy"]),
        "npio: x.npy: not an archive, or a compressed one, to which nothing can be added"
    );
    assert_eq!(
        failed(here, &["pack", "--add", "-", "f.npy"]),
        "npio: -: nothing can be added to standard output"
    );
    assert_eq!(
        failed(
            here,
            &["pack", "--add", "--in-place", "a.npz", "y=a.npz::x"]
        ),
        "npio: a.npz: it is one of its own sources: leave out --in-place"
    );
    stdout_of(
        here,
        &["pack", "--add", "a.npz", "y=a.npz::x", "copy=a.npz"],
    );
    let all = ["x", "f", "n", "y", "copy/x", "copy/f", "copy/n"];
    assert_eq!(names(&here.join("a.npz")), all);
}

/// In place it is the same file, which only grows.
#[cfg(unix)]
#[test]
fn in_place_is_the_same_file() {
    use std::os::unix::fs::MetadataExt;
    let folder = sample_archives();
    let here = folder.path();
    let inode = || fs::metadata(here.join("a.npz")).unwrap().ino();
    let before = inode();
    stdout_of(here, &["pack", "--add", "--in-place", "a.npz", "y=x.npy"]);
    assert_eq!(inode(), before);
    stdout_of(here, &["pack", "--add", "a.npz", "z=x.npy"]);
    assert_ne!(inode(), before);
    assert_eq!(names(&here.join("a.npz")), ["x", "f", "n", "y", "z"]);
}

#[test]
fn archives_are_merged() {
    let folder = sample_archives();
    let here = folder.path();
    let m = here.join("m.npz");
    archive_of(
        &here.join("b.npz"),
        &[("deep/notes.txt", b"any bytes"), ("odd", b"1")],
    );
    // Compressed or not, they stay as they are.
    stdout_of(
        here,
        &[
            "pack",
            "m.npz",
            "a.npz",
            "run=c.npz",
            "b.npz::*notes*",
            "last=b.npz::odd",
        ],
    );
    let mut expected = stored(&here.join("a.npz"));
    expected.extend(renamed(&here.join("c.npz"), "run/"));
    expected.extend(stored(&here.join("b.npz")));
    expected.last_mut().unwrap().0 = "last".to_owned();
    assert_eq!(stored(&m), expected);

    // Only what is not compressed yet is, unless a level is given.
    stdout_of(
        here,
        &["pack", "--force", "m.npz", "a=a.npz", "c.npz", "--compress"],
    );
    let merged = stored(&m);
    assert!(merged.iter().all(|member| member.1 == Deflated));
    assert_eq!(merged[3..], stored(&here.join("c.npz")));
    stdout_of(
        here,
        &["pack", "--force", "m.npz", "c.npz::[xf]", "--compress=1"],
    );
    assert_eq!(names(&m), ["x", "f"]);

    let old = fs::read(&m).unwrap();
    assert!(
        failed(here, &["pack", "--force", "m.npz", "a.npz", "c.npz::x"])
            .contains("another array already has the name 'x'")
    );
    assert!(
        failed(here, &["pack", "--force", "m.npz", "a.npz::y*"]).contains("no array matches 'y*'")
    );
    assert_eq!(fs::read(&m).unwrap(), old);
}

#[test]
fn members_are_removed_and_renamed() {
    let folder = sample_archives();
    let here = folder.path();
    let path = here.join("c.npz");
    let before = stored(&path);
    stdout_of(here, &["mv", "c.npz", "f", "deep/g"]);
    assert_eq!(names(&path), ["x", "deep/g", "n"]);
    let after = stored(&path);
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert_eq!((after[1].2, after[1].3), (before[1].2, before[1].3));
    for (args, what) in [
        (
            ["mv", "c.npz", "f", "g"],
            "npio: c.npz: member 'f': no such member: the archive has 'x', 'deep/g', 'n'",
        ),
        (
            ["mv", "c.npz", "n", "x"],
            "npio: c.npz: member 'x': the name could not be read back: another member has it",
        ),
        (
            ["rm", "c.npz", "x", "f"],
            "npio: c.npz: member 'f': no such member: the archive has 'x', 'deep/g', 'n'",
        ),
    ] {
        assert_eq!(failed(here, &args), what);
    }
    assert_eq!(stored(&path), after);
    stdout_of(here, &["rm", "c.npz", "deep/*", "x.npy", "x"]);
    assert_eq!(stored(&path), before[2..]);
    stdout_of(here, &["rm", "c.npz", "*"]);
    assert!(names(&path).is_empty());
    stdout_of(here, &["pack", "--add", "--in-place", "c.npz", "x.npy"]);
    assert_eq!(names(&path), ["x"]);
    assert_eq!(
        failed(here, &["rm", "x.npy", "x"]),
        "npio: x.npy: not an archive"
    );
}

#[test]
fn an_interrupted_update_is_named_and_undone() {
    let folder = sample_archives();
    let here = folder.path();
    let (path, undo) = (here.join("a.npz"), here.join("a.npz.npio-undo"));
    let old = fs::read(&path).unwrap();
    let updater = SavezOptions::new().in_place().updater(&path).unwrap();
    let mut archive = updater.resume(3).unwrap();
    let large = Array::from_vec(vec![0.5; 20_000], [20_000]).unwrap();
    archive.array("large", &large).unwrap();
    let (broken, saved) = (fs::read(&path).unwrap(), fs::read(&undo).unwrap());
    drop(archive);
    let interrupt = || {
        fs::write(&path, &broken).unwrap();
        fs::write(&undo, &saved).unwrap();
    };
    interrupt();
    let what = "a.npz: an update in place was interrupted, or is under way: npio verify --repair restores the archive as \
                it was before";
    assert_eq!(failed(here, &["ls", "a.npz"]), format!("npio: {what}"));
    let (status, stdout, _) = ran(here, &["verify", "a.npz", "c.npz"]);
    assert_eq!((status, stdout), (1, format!("{what}\nc.npz: ok\n")));
    for repair in [
        &["verify", "--repair", "a.npz", "c.npz"][..],
        &["verify", "a.npz", "c.npz", "--repair"],
        &["verify", "--repair", "data", "a.npz", "c.npz"],
        &["verify", "--repair=undo", "a.npz", "c.npz"],
        &["verify", "--repair", "--", "a.npz", "c.npz"],
    ] {
        interrupt();
        let stdout = stdout_of(here, repair);
        assert_eq!(
            stdout,
            format!("{what}\na.npz: repaired\na.npz: ok\nc.npz: ok\n")
        );
        assert!(fs::read(&path).unwrap() == old && !undo.exists());
    }
    stdout_of(here, &["pack", "y.npz", "y=x.npy"]);
    for update in [
        &["convert", "x.npy", "a.npz::y"][..],
        &["convert", "y.npz", "a.npz"],
        &["pack", "--add", "a.npz", "y=x.npy"],
        &["pack", "--add", "--in-place", "a.npz", "y=x.npy"],
    ] {
        interrupt();
        stdout_of(here, update);
        assert_eq!(names(&path), ["x", "f", "n", "y"]);
        assert!(!undo.exists());
    }
    interrupt();
    let json = stdout_of(here, &["verify", "--json", "--repair", "a.npz"]);
    let line = r#"{"path":"a.npz","ok":true,"repaired":true,"issues":[],"errors":[]}"#;
    assert_eq!(json, format!("{line}\n"));
    assert!(fs::read(&path).unwrap() == old && !undo.exists());
    // Nothing to undo.
    fs::write(
        here.join("cut.npy"),
        &fs::read(here.join("x.npy")).unwrap()[..170],
    )
    .unwrap();
    let (status, _, stderr) = ran(here, &["verify", "--repair", "cut.npy"]);
    let expected = "npio: cut.npy: no update was interrupted: for a .npy, use --repair header or --repair data\n";
    assert_eq!((status, stderr.as_str()), (2, expected));
}

/// Another process waits, or says why it does not.
#[test]
fn one_update_at_a_time() {
    let folder = sample_archives();
    let here = folder.path();
    let held = SavezOptions::new().updater(here.join("a.npz")).unwrap();
    for args in [
        &["pack", "--add", "a.npz", "y=x.npy"][..],
        &[
            "pack",
            "--add",
            "--in-place",
            "--wait",
            "0.01",
            "a.npz",
            "y=x.npy",
        ],
        &["convert", "x.npy", "a.npz::y"],
        &["convert", "c.npz", "a.npz", "--force"],
        &["rm", "a.npz", "x"],
        &["mv", "a.npz", "x", "y"],
    ] {
        let expected = "npio: a.npz: somebody else is updating this archive";
        assert_eq!(failed(here, args), expected, "{args:?}");
    }
    drop(held);
    let x = npio::load(here.join("x.npy")).unwrap();
    npio::update_npz(here.join("a.npz"), &Update::new().set("y", &x)).unwrap();
}

/// Members whose names are UTF-8 without being declared to be it are changed by these names.
#[test]
fn names_whose_encoding_is_not_declared() {
    let folder = sample_archives();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    archive_of(&here.join("u.npz"), &[("a.npy", &x), ("naïve.npy", &x)]);
    let bytes = undeclared(&fs::read(here.join("u.npz")).unwrap());
    for (args, expected) in [
        (&["rm", "u.npz", "naïve"][..], &["a"][..]),
        (&["mv", "u.npz", "naïve", "b"], &["a", "b"]),
        (&["mv", "u.npz", "na├»ve.npy", "b"], &["a", "b"]),
        (
            &["convert", "--force", "f.npy", "u.npz::naïve"],
            &["a", "naïve"],
        ),
        (
            &["pack", "--add", "--force", "u.npz", "naïve=f.npy"],
            &["a", "naïve"],
        ),
    ] {
        fs::write(here.join("u.npz"), &bytes).unwrap();
        stdout_of(here, args);
        assert_eq!(names(&here.join("u.npz")), expected, "{args:?}");
    }
    fs::write(here.join("u.npz"), &bytes).unwrap();
    assert_eq!(
        failed(here, &["meta", "set", "u.npz", "naïve=1"]),
        "npio: u.npz: 'naïve' is an array of data, not metadata"
    );
}
