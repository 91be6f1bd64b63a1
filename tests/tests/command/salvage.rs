//! Damaged files at the shell, several members with one name, and several arrays in one file.

use conformance::archives::undeclared;
use conformance::{archive_of, failed, ran, run, sample_archives, stdout_of};
use npio::flatfile::npy;
use npio::meta::Objects;
use npio::{Array, DType, Value};
use std::fs;
use std::path::Path;

/// `cut.npy`, of which 3 rows and a half are left of 5: 0 to 9.
fn cut_file(here: &Path) -> Vec<u8> {
    let array = Array::from_vec((0..10i32).collect::<Vec<_>>(), [5, 2]).unwrap();
    let bytes = npy::to_bytes(&array).unwrap();
    fs::write(here.join("cut.npy"), &bytes[..bytes.len() - 12]).unwrap();
    bytes
}

const CUT: &str = "npio: cut.npy: the data is cut off: it is read as an array of shape (3, 2) instead of (5, 2)\n";

#[test]
fn whole_rows_of_a_cut_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let bytes = cut_file(here);
    let issues = |stdout: &str| (1, stdout.to_owned(), CUT.to_owned());
    let expected: [(&[&str], &str); 7] = [
        (&["head", "-n", "2"], "[[0 1]\n [2 3]]\n"),
        (&["tail", "-n", "2"], "[[2 3]\n [4 5]]\n"),
        (&["dump"], "[[0 1]\n [2 3]\n [4 5]]\n"),
        (&["dump", "--full"], "[[0 1]\n [2 3]\n [4 5]]\n"),
        (&["dump", "--slice", "-1"], "[4 5]\n"),
        (&["dump", "--json"], "[[0,1],[2,3],[4,5]]\n"),
        (&["dump", "--sep", " "], "0 1 2 3 4 5"),
    ];
    for (args, stdout) in expected {
        let args = [args, &["--salvage", "cut.npy"]].concat();
        let (status, text, stderr) = ran(here, &args);
        assert_eq!(
            (status, text.trim_end().to_owned(), stderr),
            issues(stdout.trim_end()),
            "{args:?}"
        );
        failed(
            here,
            &args
                .iter()
                .copied()
                .filter(|arg| *arg != "--salvage")
                .collect::<Vec<_>>(),
        );
    }
    for output in [
        "out.npy",
        "out.csv",
        "out.npz",
        "out.json",
        "out_int32_3_2.dat",
    ] {
        let converted = ran(here, &["convert", "--salvage", "cut.npy", output]);
        assert_eq!(converted, issues(""), "{output}");
    }
    let rows = npy::read(&fs::read(here.join("out.npy")).unwrap()[..]).unwrap();
    assert_eq!(
        (rows.shape(), rows.to_vec::<i32>().unwrap()),
        (&[3, 2][..], (0..6).collect())
    );
    assert_eq!(
        fs::read_to_string(here.join("out.csv")).unwrap(),
        "0,1\n2,3\n4,5\n"
    );
    // A pipe is as long as what came.
    let piped = run(
        here,
        &["tail", "-n1", "--salvage", "-"],
        &fs::read(here.join("cut.npy")).unwrap(),
    );
    assert_eq!((piped.status, piped.text().as_str()), (1, "[[4 5]]\n"));
    // Nothing is missing of a whole file.
    fs::write(here.join("whole.npy"), &bytes).unwrap();
    assert_eq!(
        stdout_of(here, &["tail", "-n1", "--salvage", "whole.npy"]),
        "[[8 9]]\n"
    );
    // In Fortran order the last axis is the slowest.
    stdout_of(here, &["convert", "whole.npy", "f.npy", "--order", "F"]);
    let bytes = fs::read(here.join("f.npy")).unwrap();
    fs::write(here.join("f.npy"), &bytes[..bytes.len() - 1]).unwrap();
    let (status, text, stderr) = ran(here, &["dump", "--json", "--salvage", "f.npy"]);
    assert_eq!((status, text.as_str()), (1, "[[0],[2],[4],[6],[8]]\n"));
    assert!(
        stderr.ends_with("an array of shape (5, 1) instead of (5, 2)\n"),
        "{stderr}"
    );
}

#[test]
fn only_a_npy_has_rows_to_salvage() {
    let folder = sample_archives();
    let here = folder.path();
    let error = failed(here, &["head", "--salvage", "a.npz::x"]);
    assert!(error.contains("npio repack --salvage"), "{error}");
    let scalar = npy::to_bytes(&Array::from_slice(&[1.0], []).unwrap()).unwrap();
    fs::write(here.join("scalar.npy"), &scalar[..scalar.len() - 1]).unwrap();
    failed(here, &["dump", "--salvage", "scalar.npy"]);
}

/// Every row that is asked for, of which each is shortened.
#[test]
fn head_and_tail_leave_no_row_out() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let array = Array::from_vec((0..40_000i32).collect::<Vec<_>>(), [400, 100]).unwrap();
    npio::save(here.join("x.npy"), &array).unwrap();
    for (command, first, last) in [("head", 0, 29_999), ("tail", 10_000, 39_999)] {
        let text = stdout_of(here, &[command, "-n", "300", "x.npy"]);
        assert_eq!(text.lines().count(), 300);
        let words: Vec<&str> = text
            .split([' ', '[', ']', '\n'])
            .filter(|word| !word.is_empty())
            .collect();
        assert_eq!(words.len(), 300 * 7);
        assert_eq!(
            (words[0], words[words.len() - 1]),
            (&*first.to_string(), &*last.to_string())
        );
    }
    assert_eq!(
        stdout_of(here, &["tail", "-n", "1", "--slice", "::3, :3", "x.npy"]),
        "[[39900 39901 39902]]\n"
    );
    npio::save(
        here.join("long.npy"),
        Array::from_vec((0..1500u16).collect::<Vec<_>>(), [1500]).unwrap(),
    )
    .unwrap();
    let text = stdout_of(here, &["tail", "-n", "1200", "long.npy"]);
    assert_eq!(text.split_whitespace().count(), 1201, "{text}");
    assert!(text.starts_with("[ 300  301") && text.ends_with("1498 1499]\n"));
    let objects = Objects::new([1200], vec![Value::from("a"); 1200]).unwrap();
    let bytes = npio::meta::npy::to_bytes(&Value::Objects(Box::new(objects))).unwrap();
    fs::write(here.join("objects.npy"), bytes).unwrap();
    let args = ["tail", "-n", "1100", "--allow-pickle", "objects.npy"];
    assert_eq!(stdout_of(here, &args).matches("'a'").count(), 1100);
}

#[test]
fn what_is_whole_in_an_archive() {
    let folder = sample_archives();
    let here = folder.path();
    let bytes = fs::read(here.join("a.npz")).unwrap();
    let names = ["f.npy", "n.npy"].map(|name| {
        let mut places = bytes.windows(5).enumerate();
        let found = places.find(|(_, window)| *window == name.as_bytes());
        found.unwrap().0
    });
    // Within the last member.
    fs::write(here.join("cut.npz"), &bytes[..names[1] + 60]).unwrap();
    failed(here, &["repack", "cut.npz", "out.npz"]);
    let (status, stdout, stderr) = ran(here, &["repack", "--salvage", "cut.npz", "out.npz"]);
    assert_eq!(
        (status, stdout.as_str()),
        (
            1,
            "cut.npz: saved x.npy, 176 bytes\ncut.npz: saved f.npy, 176 bytes\n"
        )
    );
    let lines: Vec<&str> = stderr.lines().collect();
    let begin = format!(
        "npio: cut.npz: lost from byte {} on: member 'n': ",
        names[1] - 30
    );
    assert!(lines[0].starts_with(&begin), "{stderr}");
    assert_eq!(
        lines[1..],
        ["npio: cut.npz: the end of the archive is missing: there may have been further members"]
    );
    assert_eq!(stdout_of(here, &["diff", "out.npz::f", "f.npy"]), "");
    assert_eq!(stdout_of(here, &["ls", "out.npz"]).lines().count(), 2);
    // A broken member.
    let mut broken = bytes.clone();
    broken[names[1] - 40] ^= 1;
    fs::write(here.join("broken.npz"), &broken).unwrap();
    let (status, stdout, stderr) = ran(
        here,
        &["repack", "--salvage", "--compress", "broken.npz", "-"],
    );
    assert_eq!(status, 1, "{stderr}");
    assert!(
        stdout.starts_with("PK")
            && stderr.lines().count() == 1
            && stderr.contains("member 'f': the data is broken")
    );
    // Bytes around it, and nothing lost.
    let around = [b"before".as_slice(), &bytes, b"after"].concat();
    let piped = run(here, &["repack", "--salvage", "-", "around.npz"], &around);
    assert_eq!((piped.status, piped.stderr.as_str()), (0, ""));
    assert_eq!(stdout_of(here, &["diff", "around.npz", "a.npz"]), "");
    // Nothing is whole.
    fs::write(here.join("stump.npz"), &bytes[..100]).unwrap();
    let (status, _, stderr) = ran(here, &["repack", "--salvage", "stump.npz", "none.npz"]);
    assert!(
        status == 2 && stderr.ends_with("no member is whole, so nothing is written\n"),
        "{stderr}"
    );
    assert!(!here.join("none.npz").exists());
    failed(here, &["repack", "--salvage", "x.npy", "none.npz"]);
}

/// An archive with members `a.npy`, `b.npy` and `a.npy`: 1, 2 and 3.
fn duplicates(path: &Path) {
    let arrays =
        [1u8, 2, 3].map(|n| npy::to_bytes(&Array::from_slice(&[n], [1]).unwrap()).unwrap());
    archive_of(
        path,
        &[
            ("a.npy", &arrays[0]),
            ("b.npy", &arrays[1]),
            ("c.npy", &arrays[2]),
        ],
    );
    let mut bytes = fs::read(path).unwrap();
    for at in 0..bytes.len() - 5 {
        if bytes[at..].starts_with(b"c.npy") {
            bytes[at] = b'a';
        }
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn the_last_of_duplicates() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    duplicates(&here.join("d.npz"));
    let error = failed(here, &["dump", "d.npz::a"]);
    assert!(error.ends_with(": use --duplicates last"), "{error}");
    let last = ["--duplicates", "last"];
    for command in ["dump", "head", "tail"] {
        assert_eq!(
            stdout_of(here, &[&[command, "d.npz::a"], &last[..]].concat()),
            "[3]\n"
        );
    }
    assert!(stdout_of(here, &["stats", "d.npz::a", last[0], last[1]]).contains('3'));
    assert_eq!(stdout_of(here, &["ls", "d.npz"]).lines().count(), 3);
    assert_eq!(
        stdout_of(here, &["ls", "d.npz", last[0], last[1]])
            .lines()
            .count(),
        2
    );
    assert_eq!(
        stdout_of(here, &["verify", "d.npz", last[0], last[1]]),
        "d.npz: ok\n"
    );
    assert_eq!(ran(here, &["verify", "d.npz"]).0, 1);
    stdout_of(here, &["convert", "d.npz::a", "a.npy", last[0], last[1]]);
    stdout_of(here, &["append", "a.npy", "d.npz::a", last[0], last[1]]);
    assert_eq!(stdout_of(here, &["dump", "a.npy"]), "[3 3]\n");
    stdout_of(here, &["pack", "p.npz", "x=d.npz::a", last[0], last[1]]);
    assert_eq!(
        failed(here, &["pack", "all.npz", "d.npz"]),
        "npio: d.npz: several members have the name 'a': use --duplicates last"
    );
    for add in [&["pack"][..], &["pack", "--add", "--in-place"]] {
        let sources = ["all.npz", "x=d.npz::[ab]", "y=d.npz"];
        stdout_of(here, &[add, &sources, &["--force"], &last].concat());
        for name in ["all.npz::x/a", "all.npz::y/a"] {
            assert_eq!(stdout_of(here, &["dump", name]), "[3]\n");
        }
        assert_eq!(stdout_of(here, &["ls", "all.npz"]).lines().count(), 4);
    }
    failed(here, &["repack", "d.npz", "clean.npz"]);
    stdout_of(here, &["repack", "d.npz", "clean.npz", last[0], last[1]]);
    assert_eq!(stdout_of(here, &["dump", "clean.npz::a"]), "[3]\n");
    assert_eq!(
        stdout_of(here, &["diff", "clean.npz", "d.npz", last[0], last[1]]),
        ""
    );
    stdout_of(here, &["unpack", "d.npz", "-d", "all", last[0], last[1]]);
    assert_eq!(stdout_of(here, &["dump", "all/a.npy"]), "[3]\n");
    let (status, _, stderr) = ran(here, &["repack", "--salvage", "d.npz", "s.npz"]);
    assert_eq!(status, 1);
    assert!(
        stderr.contains("lost member 'a': a later member has this name"),
        "{stderr}"
    );
    assert_eq!(
        ran(
            here,
            &["repack", "--salvage", last[0], last[1], "d.npz", "s2.npz"]
        )
        .0,
        0
    );
    assert_eq!(
        stdout_of(here, &["dump", "s.npz::a"]),
        stdout_of(here, &["dump", "s2.npz::a"])
    );
}

#[test]
fn several_arrays_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut bytes = npy::to_bytes(&Array::from_slice(&[1u8, 2, 3], [3]).unwrap()).unwrap();
    bytes.extend(npy::to_bytes(&Array::from_slice(&[0.5f32, 1.5], [1, 2]).unwrap()).unwrap());
    bytes.extend(npy::to_bytes(&Array::from_slice(&[7i16], [1]).unwrap()).unwrap());
    fs::write(here.join("m.npy"), &bytes).unwrap();
    for (address, text) in [
        ("m.npy", "[1 2 3]\n"),
        ("m.npy::0", "[1 2 3]\n"),
        ("m.npy::1", "[[0.5 1.5]]\n"),
        ("m.npy::2", "[7]\n"),
    ] {
        assert_eq!(stdout_of(here, &["dump", address]), text);
        let piped = address.replace("m.npy", "-");
        assert_eq!(run(here, &["dump", &piped], &bytes).text(), text, "{piped}");
        stdout_of(here, &["convert", address, "one.npy", "--force"]);
        assert_eq!(stdout_of(here, &["dump", "one.npy"]), text);
    }
    let error = failed(here, &["dump", "m.npy::3"]);
    assert_eq!(
        error,
        "npio: m.npy: there is no array 3: 3 found, counted from 0"
    );
    assert!(
        failed(here, &["dump", "m.npy::x"]).ends_with("not an archive, so it has no member 'x'")
    );
    let [f4, i2] = [DType::F32, DType::I16].map(|dtype| dtype.to_string());
    let expected = format!(
        "m.npy\t|u1\t(3,)\tC\t3\tplain\n\
         m.npy::1\t{f4}\t(1, 2)\tC\t8\tplain\n\
         m.npy::2\t{i2}\t(1,)\tC\t2\tplain\n"
    );
    assert_eq!(stdout_of(here, &["ls", "m.npy"]), expected);
    assert_eq!(
        run(here, &["ls", "-"], &bytes).text(),
        expected.replace("m.npy", "-")
    );
    assert_eq!(
        stdout_of(here, &["ls", "m.npy::2"]),
        expected.lines().last().unwrap().to_owned() + "\n"
    );
    bytes.extend(b"\x93NUM");
    fs::write(here.join("t.npy"), &bytes).unwrap();
    for report in [
        stdout_of(here, &["info", "--json", "t.npy"]),
        run(here, &["info", "--json", "-"], &bytes).text(),
    ] {
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let names: Vec<_> = report["arrays"]
            .as_array()
            .unwrap()
            .iter()
            .map(|array| &array["name"])
            .collect();
        assert_eq!(names, [&serde_json::Value::Null, &"1".into(), &"2".into()]);
        assert_eq!(report["arrays"][1]["data_offset"], 131 + 128);
        assert_eq!(
            (&report["trailing_bytes"], &report["bytes"]),
            (&4.into(), &bytes.len().into())
        );
        assert_eq!(report["errors"], serde_json::json!([]));
    }
    let text = stdout_of(here, &["info", "t.npy"]);
    assert!(text.contains("t.npy::2: .npy version 1.0\n"), "{text}");
    assert!(
        text.ends_with("  file    3 arrays + 4 after the last = 401 bytes\n"),
        "{text}"
    );
    // The last one is too short.
    fs::write(here.join("t.npy"), &bytes[..bytes.len() - 5]).unwrap();
    let (status, text, stderr) = ran(here, &["info", "--json", "t.npy"]);
    assert!(
        status == 2 && text.contains("array 2: the data is too short"),
        "{text} {stderr}"
    );
    assert_eq!(ran(here, &["dump", "--salvage", "t.npy::2"]).1, "[]\n");
    assert_eq!(stdout_of(here, &["dump", "t.npy::1"]), "[[0.5 1.5]]\n");
}

/// Names in UTF-8 that do not say so are found by it, and as `ls` shows them.
#[test]
fn names_of_unknown_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let one = npy::to_bytes(&Array::from_slice(&[1u8], [1]).unwrap()).unwrap();
    archive_of(&here.join("u.npz"), &[("naïve.npy", &one)]);
    let bytes = undeclared(&fs::read(here.join("u.npz")).unwrap());
    fs::write(here.join("u.npz"), &bytes).unwrap();
    let shown = stdout_of(here, &["ls", "u.npz"]);
    let address = shown.split('\t').next().unwrap();
    assert_eq!(address, "u.npz::na├»ve");
    for address in [address, "u.npz::naïve", "u.npz::naïve.npy"] {
        assert_eq!(stdout_of(here, &["dump", address]), "[1]\n");
    }
}
