//! Archives that the command makes and changes.

use conformance::{failed, run, sample_archives, stdout_of};
use std::fs;

#[test]
fn convert_into_archives() {
    let folder = sample_archives();
    let here = folder.path();
    let raw = |name: &str| {
        let archive = npio::load_npz(here.join("c.npz")).unwrap();
        let member = archive.as_npz().get(name).unwrap();
        (
            member.compression_method(),
            member.compressed_size(),
            member.crc32(),
        )
    };
    let before = ["x", "n"].map(raw);
    assert_eq!(
        failed(here, &["convert", "a.npz::n", "c.npz::f"]),
        "npio: c.npz: member 'f': it exists: use --force to replace it"
    );
    stdout_of(here, &["convert", "--force", "a.npz::n", "c.npz::f"]);
    stdout_of(here, &["convert", "x.npy", "c.npz::deep/x", "--order", "F"]);
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
    stdout_of(
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
        stdout_of(here, &["ls", "new.npz"]),
        "new.npz::x\t>f4\t(2, 3)\tC\t24\tdeflated\n"
    );
    let x = fs::read(here.join("x.npy")).unwrap();
    let piped = run(here, &["convert", "-", "-", "--to", "npz"], &x).fine();
    assert_eq!(
        run(here, &["ls", "-"], &piped).text(),
        "-::arr_0\t<f8\t(2, 3)\tC\t48\tstored\n"
    );
    stdout_of(here, &["convert", "x.npy", "y.npz::b.npy"]);
    assert!(stdout_of(here, &["ls", "y.npz"]).starts_with("y.npz::b\t"));
    fs::write(here.join("text.npz"), "no archive").unwrap();
    assert_eq!(
        failed(here, &["convert", "x.npy", "text.npz"]),
        "npio: text.npz: the file exists: use --force to replace it"
    );
    for (args, what) in [
        (
            ["x.npy", "y.npy::a"],
            "y.npy: only archives have members: use a name that ends with .npz, or --to npz",
        ),
        (
            ["--compress", "y.npy"],
            "y.npy: --compress is for members of archives; a file is compressed if its name ends in .gz",
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
    assert!(
        twice.contains("another array already has the name 'x'"),
        "{twice}"
    );
    assert!(!here.join("q.npz").exists());
}

#[test]
fn repack_is_ready_to_map() {
    let folder = sample_archives();
    let here = folder.path();
    stdout_of(here, &["repack", "c.npz", "r.npz", "--align", "4096"]);
    let archive = npio::load_npz(here.join("r.npz")).unwrap();
    for member in archive.as_npz().members() {
        // The member begins there, followed by its header.
        let offset = member.open().unwrap().data_offset().unwrap();
        assert_eq!((offset - 128) % 4096, 0);
    }
    assert_eq!(stdout_of(here, &["diff", "r.npz", "a.npz"]), "");
    stdout_of(here, &["repack", "a.npz", "c2.npz", "--compress"]);
    assert_eq!(
        fs::read(here.join("c2.npz")).unwrap(),
        fs::read(here.join("c.npz")).unwrap()
    );
    stdout_of(
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
