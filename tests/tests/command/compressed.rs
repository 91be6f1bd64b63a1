//! Compressed files and encoded text at a shell.

use conformance::{failed, ran, run, sample_archives, sample_folder, stdout_of};
use npio::compressed::{Decoder, Encoder, Format};
use std::fs::{self, File};
use std::io::{Read, Write};

/// Those that the command has by default.
const SUFFIXES: [&str; 3] = ["gz", "bz2", "xz"];

const X: &str = "[[ 1.   2.5 -3. ]\n [ 4.   5.   6. ]]\n";

#[test]
fn every_kind_of_file_both_ways() {
    let folder = sample_folder();
    let here = folder.path();
    for suffix in SUFFIXES {
        for kind in ["npy", "npz", "txt", "csv", "tsv", "json"] {
            let file = format!("y.{kind}.{suffix}");
            assert_eq!(stdout_of(here, &["convert", "x.npy", &file]), "");
            let bytes = fs::read(here.join(&file)).unwrap();
            assert_eq!(Format::of(&bytes), Format::in_name(&file), "{file}");
            let address = match kind {
                "npz" => format!("{file}::x"),
                _ => file.clone(),
            };
            assert_eq!(stdout_of(here, &["dump", &address]), X, "{file}");
            assert_eq!(stdout_of(here, &["diff", "x.npy", &address]), "");
            assert_eq!(stdout_of(here, &["verify", &file]), format!("{file}: ok\n"));
            let last = stdout_of(here, &["dump", "--slice", "1, ::2", &address]);
            assert_eq!(last, "[4. 6.]\n");
            // What is in it is what is written without the suffix.
            let plain = format!("y.{kind}");
            stdout_of(here, &["convert", "--force", "x.npy", &plain]);
            let mut inside = Vec::new();
            let mut decoder = Decoder::new(&bytes[..]).unwrap();
            decoder.read_to_end(&mut inside).unwrap();
            if kind != "npz" {
                // An archive has other records where nothing can be written a second time.
                assert_eq!(inside, fs::read(here.join(&plain)).unwrap(), "{file}");
            }
        }
        // Raw items, with the layout in the name or not.
        let named = format!("x_float64_2_3.dat.{suffix}");
        stdout_of(here, &["convert", "x.npy", &named]);
        assert_eq!(stdout_of(here, &["dump", &named]), X);
        let raw = format!("x.raw.{suffix}");
        stdout_of(here, &["convert", "--to", "raw", "x.npy", &raw]);
        let layout = ["--in-dtype", "f8", "--in-shape", "2,3"];
        assert_eq!(
            stdout_of(here, &[&["dump"], &layout[..], &[&raw]].concat()),
            X
        );
        // On standard input only the bytes tell.
        let npy = fs::read(here.join(format!("y.npy.{suffix}"))).unwrap();
        assert_eq!(run(here, &["dump", "-"], &npy).fine(), X.as_bytes());
        let npz = fs::read(here.join(format!("y.npz.{suffix}"))).unwrap();
        assert_eq!(run(here, &["dump", "-::x"], &npz).fine(), X.as_bytes());
    }
}

#[test]
fn what_is_listed() {
    let folder = sample_folder();
    let here = folder.path();
    stdout_of(here, &["convert", "x.npy", "y.npy.gz"]);
    let bytes = fs::metadata(here.join("y.npy.gz")).unwrap().len();
    let listed = stdout_of(here, &["ls", "y.npy.gz"]);
    assert_eq!(listed, "y.npy.gz\t<f8\t(2, 3)\tC\t48\tgzip\n");
    let info = stdout_of(here, &["info", "y.npy.gz"]);
    let line =
        format!("\n  gzip    {bytes} bytes, which become the following\n  header  128 bytes\n");
    assert!(info.contains(&line), "{info}");
    assert!(info.ends_with("file    128 + 48 = 176 bytes\n"), "{info}");
    let json = stdout_of(here, &["info", "--json", "y.npy.gz"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let array = &report["arrays"][0];
    assert_eq!(
        (&array["storage"], &array["compressed_nbytes"]),
        (&"gzip".into(), &bytes.into())
    );
    // The member's name is that of the array.
    stdout_of(here, &["pack", "all.npz", "y.npy.gz"]);
    assert!(stdout_of(here, &["ls", "all.npz"]).starts_with("all.npz::y\t"));
    stdout_of(here, &["convert", "y.npy.gz", "one.npz"]);
    assert!(stdout_of(here, &["ls", "one.npz"]).starts_with("one.npz::y\t"));
}

#[test]
fn archives_that_are_compressed() {
    let folder = sample_archives();
    let here = folder.path();
    stdout_of(here, &["pack", "p.npz.gz", "x.npy", "f.npy"]);
    stdout_of(here, &["repack", "a.npz", "r.npz.xz"]);
    assert_eq!(stdout_of(here, &["dump", "r.npz.xz::n"]), "[1 2 3]\n");
    // Into one that exists.
    stdout_of(here, &["convert", "a.npz::n", "p.npz.gz::n"]);
    assert_eq!(stdout_of(here, &["ls", "p.npz.gz"]).lines().count(), 3);
    assert_eq!(
        Format::of(&fs::read(here.join("p.npz.gz")).unwrap()),
        Some(Format::Gzip)
    );
    stdout_of(here, &["unpack", "p.npz.gz", "-d", "out"]);
    assert_eq!(stdout_of(here, &["dump", "out/n.npy"]), "[1 2 3]\n");
    // The bytes of a member are unpacked as they are.
    conformance::archive_of(&here.join("odd.npz"), &[("readme.txt.gz", b"not gzip")]);
    stdout_of(here, &["unpack", "odd.npz", "-d", "odd"]);
    assert_eq!(
        fs::read(here.join("odd/readme.txt.gz")).unwrap(),
        b"not gzip"
    );
}

#[test]
fn what_is_refused() {
    let folder = sample_folder();
    let here = folder.path();
    stdout_of(here, &["convert", "x.npy", "y.csv.gz"]);
    stdout_of(here, &["convert", "x.npy", "y.npy.gz"]);
    for (file, keep) in [("y.csv.gz", 30), ("y.npy.gz", 60), ("y.csv.gz", 0)] {
        let bytes = fs::read(here.join(file)).unwrap();
        let cut = format!("cut-{file}");
        fs::write(here.join(&cut), &bytes[..keep]).unwrap();
        assert_eq!(
            failed(here, &["dump", &cut]),
            format!("npio: {cut}: the gzip data is cut off after {keep} bytes")
        );
        let (status, text, _) = ran(here, &["verify", &cut]);
        assert_ne!(status, 0, "{text}");
    }
    // Nothing remains of a file that was not finished.
    let before = fs::read_dir(here).unwrap().count();
    failed(here, &["convert", "cut-y.npy.gz", "z.npy.gz"]);
    assert_eq!(fs::read_dir(here).unwrap().count(), before);
    // Without --force an existing file stays.
    let old = fs::read(here.join("y.npy.gz")).unwrap();
    failed(here, &["convert", "f.npy", "y.npy.gz"]);
    assert_eq!(fs::read(here.join("y.npy.gz")).unwrap(), old);
    stdout_of(here, &["convert", "--force", "f.npy", "y.npy.gz"]);
    assert_ne!(fs::read(here.join("y.npy.gz")).unwrap(), old);
}

#[test]
fn onto_itself() {
    let folder = sample_folder();
    let here = folder.path();
    stdout_of(here, &["convert", "x.npy", "y.npy.gz"]);
    stdout_of(
        here,
        &[
            "convert", "--force", "--dtype", "f4", "y.npy.gz", "y.npy.gz",
        ],
    );
    assert_eq!(stdout_of(here, &["dump", "y.npy.gz"]), X);
}

#[test]
fn encodings() {
    let folder = sample_folder();
    let here = folder.path();
    fs::write(here.join("l.csv"), b"caf\xe9,\xff\n").unwrap();
    let dump = |args: &[&str]| stdout_of(here, &[&["dump", "--in-dtype", "U4"], args].concat());
    assert_eq!(
        dump(&["--encoding", "latin-1", "l.csv"]),
        "[['café' 'ÿ']]\n"
    );
    assert_eq!(dump(&["--encoding", "koi8-r", "l.csv"]), "[['cafИ' 'Ъ']]\n");
    let convert = ["convert", "--encoding", "latin1", "--in-dtype", "U4"];
    let utf_16 = ["--out-encoding", "utf-16", "l.csv", "u.csv.gz"];
    stdout_of(here, &[&convert[..], &utf_16].concat());
    // After a mark no option is needed.
    assert_eq!(dump(&["u.csv.gz"]), "[['café' 'ÿ']]\n");
    let json = ["--out-encoding", "utf-16", "l.csv", "u.json"];
    stdout_of(here, &[&convert[..], &json].concat());
    assert_eq!(stdout_of(here, &["dump", "u.json"]), "[['café' 'ÿ']]\n");
    let piped = fs::read(here.join("u.csv.gz")).unwrap();
    let piped = run(
        here,
        &["dump", "--sep", ",", "--in-dtype", "U4", "-"],
        &piped,
    );
    assert_ne!(piped.status, 0, "items of a sequence are numbers");

    assert_eq!(
        failed(
            here,
            &["dump", "--encoding", "ascii", "--in-dtype", "U4", "l.csv"]
        ),
        "npio: l.csv: byte 3: expected text in the encoding ascii, found something else"
    );
    let ascii = ["--out-encoding", "ascii", "l.csv", "a.csv"];
    assert_eq!(
        failed(here, &[&convert[..], &ascii].concat()),
        "npio: a.csv: line 1: the encoding ascii has no character 'é' (U+00E9)"
    );
    assert!(!here.join("a.csv").exists());
    assert_eq!(
        failed(
            here,
            &["convert", "--out-encoding", "latin-1", "x.npy", "a.npy"]
        ),
        "npio: a.npy: only text has an encoding"
    );
    let unknown = failed(here, &["dump", "--encoding", "utf-7", "l.csv"]);
    assert!(unknown.contains("unknown encoding 'utf-7'"), "{unknown}");
}

#[test]
fn dump_in_another_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("x.csv"), "é,b\n").unwrap();
    let dump = |args: &[&str]| {
        let text = ["dump", "x.npy", "--out-encoding"];
        run(here, &[&text, args].concat(), b"")
    };
    assert_eq!(
        stdout_of(here, &["convert", "--in-dtype", "U2", "x.csv", "x.npy"]),
        ""
    );
    assert_eq!(dump(&["latin-1"]).fine(), b"[['\xe9' 'b']]\n");
    assert_eq!(dump(&["latin-1", "--full"]).fine(), b"[['\xe9' 'b']]\n");
    assert_eq!(dump(&["latin-1", "--json"]).fine(), b"[[\"\xe9\",\"b\"]]\n");
    assert_eq!(dump(&["utf-16-be", "--sep", ","]).fine(), b"\0\xe9\0,\0b");
    let message =
        "npio: standard output: line 1: the encoding ascii has no character 'é' (U+00E9)\n";
    let ran = dump(&["ascii"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (2, message));
    assert_eq!(dump(&["ascii", "--raw"]).status, 2);
}

/// A few kilobytes become a line of 34 MB.
#[test]
fn a_line_without_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let line = "1,".repeat(17 << 20);
    let mut encoder =
        Encoder::new(File::create(here.join("x.csv.gz")).unwrap(), Format::Gzip).unwrap();
    encoder.write_all(b"1,2\n").unwrap();
    encoder.write_all(line.as_bytes()).unwrap();
    encoder.finish().unwrap();
    for args in [&["stats", "x.csv.gz"], &["dump", "x.csv.gz"]] {
        assert_eq!(
            failed(here, args),
            "npio: x.csv.gz: line 2, column 1 (byte 4), row 1, field 0: expected a row of at most 16777216 bytes, found a longer one"
        );
    }
}

/// What changes files changes none that are compressed, and makes none that seem to be.
#[test]
fn no_compressed_file_is_changed_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    npio::save(here.join("x.npy"), [1, 2]).unwrap();
    stdout_of(here, &["pack", "p.npz.gz", "x.npy"]);
    let before = fs::read(here.join("p.npz.gz")).unwrap();
    for args in [
        &["meta", "set", "p.npz.gz", "a=1"][..],
        &["meta", "set", "new.npz.gz", "a=1"],
        &["rm", "p.npz.gz", "x"],
        &["mv", "p.npz.gz", "x", "y"],
        &["append", "p.npz.gz", "x.npy"],
    ] {
        let error = failed(here, args);
        assert!(
            error.contains("a compressed file cannot be changed"),
            "{args:?}: {error}"
        );
    }
    assert_eq!(fs::read(here.join("p.npz.gz")).unwrap(), before);
    assert!(!here.join("new.npz.gz").exists());
}
