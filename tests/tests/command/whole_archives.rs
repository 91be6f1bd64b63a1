//! Commands that take all arrays of an archive, or those that match a pattern.

use crate::unpacking::replaced;
use conformance::{
    Case, NumPy, archive_of, cases, failed, fixtures, numpy_has, ran, run, sample_archives,
    sample_folder, sha256, stdout_of,
};
use serde_json::json;
use std::collections::BTreeMap;
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

/// The checksums that the command prints for the generated files of these names, by name.
fn checksums(files: &[&str]) -> BTreeMap<String, String> {
    let folder = fixtures().join("generated");
    let printed = stdout_of(&folder, &[&["hash"], files].concat());
    let lines = printed.lines().map(|line| line.split_once("  ").unwrap());
    lines
        .map(|(sha256, file)| (file.to_owned(), sha256.to_owned()))
        .collect()
}

/// NumPy's own files in C order are what `save` writes.
#[test]
fn checksums_of_numpys_own_files() {
    let mut cases = cases("generated");
    cases.retain(|case| case.answer.fortran_order == Some(false));
    cases.retain(|case| case.answer.sha256_c.is_some());
    // Another version than `save` chooses.
    cases.retain(|case| !case.name.starts_with("version-"));
    let files: Vec<&str> = cases.iter().map(|case| case.file.as_str()).collect();
    assert!(files.len() > 100);
    let checksums = checksums(&files);
    for case in &cases {
        assert_eq!(
            checksums[&case.file],
            sha256(&case.bytes()),
            "{}",
            case.name
        );
    }
}

/// In Fortran order they are what NumPy saves of the same array in C order.
#[test]
fn checksums_of_what_numpy_saves() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    const SAVED: &str = r#"
def sha256(file):
    saved = io.BytesIO()
    np.save(saved, np.asarray(np.load(file, max_header_size=100_000), order="C"))
    return hashlib.sha256(saved.getvalue()).hexdigest()
answer = [sha256(file) for file in args[0]]
"#;
    let mut cases = cases("generated");
    cases.retain(|case| case.answer.sha256_c.is_some() && numpy_has(&case.file));
    let files: Vec<&str> = cases.iter().map(|case| case.file.as_str()).collect();
    let paths: Vec<_> = cases.iter().map(Case::path).collect();
    let expected = numpy.ask(SAVED, &[json!(paths)]).unwrap();
    let checksums = checksums(&files);
    for (case, expected) in cases.iter().zip(expected.as_array().unwrap()) {
        assert_eq!(json!(checksums[&case.file]), *expected, "{}", case.name);
    }
}

/// A pickle is not always the same, even with `--allow-pickle`.
#[test]
fn objects_have_no_checksum() {
    let folder = fixtures().join("generated");
    for options in [&["hash"][..], &["hash", "--allow-pickle"]] {
        let args = [options, &["object-big-int.npy"]].concat();
        let why = "no checksum of Python objects: equal ones have different pickles";
        assert_eq!(
            failed(&folder, &args),
            format!("npio: object-big-int.npy: {why}")
        );
    }
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

/// Archives that NumPy wrote are not aligned, which only matters to some.
#[test]
fn verify_says_what_is_asked_for() {
    let folder = sample_archives();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    // The data begins at byte 163.
    let array = npio::load(here.join("x.npy")).unwrap();
    let unaligned = npio::SavezOptions::new().align(1);
    unaligned
        .savez(here.join("numpy.npz"), [("x", &array)])
        .unwrap();
    let note = "the data begins at byte 163, which is not a multiple of 64";
    let verify = |args: &[&str]| ran(here, &[&["verify"], args].concat());
    let fine = |text: &str| (0, text.to_owned(), String::new());
    assert_eq!(verify(&["numpy.npz"]), fine("numpy.npz: ok\n"));
    assert_eq!(
        verify(&["-v", "numpy.npz", "x.npy"]),
        fine(&format!(
            "numpy.npz: note: member 'x': {note}\nnumpy.npz: ok\nx.npy: ok\n"
        ))
    );
    assert_eq!(verify(&["-q", "numpy.npz"]), fine(""));
    assert_eq!(
        verify(&["--json", "numpy.npz"]),
        fine(
            "{\"path\":\"numpy.npz\",\"ok\":true,\"repaired\":false,\"issues\":[],\"errors\":[]}\n"
        )
    );
    assert_eq!(
        verify(&["--json", "-v", "numpy.npz"]).1,
        format!(
            "{{\"path\":\"numpy.npz\",\"ok\":true,\"repaired\":false,\"issues\":[{{\"member\":\"x\",\"wrong\":false,\
         \"text\":\"member 'x': {note}\"}}],\"errors\":[]}}\n"
        )
    );
    assert_eq!(verify(&["-q", "-v", "x.npy"]).0, 2);

    // A member that is wrong, one that is not there, and those that a pattern selects.
    let longer = [x.as_slice(), &[9; 8]].concat();
    archive_of(
        &here.join("long.npz"),
        &[("fine.npy", &x), ("long.npy", &longer)],
    );
    let wrong = "long.npz: member 'long': 8 bytes follow the array\n";
    for args in [
        &["long.npz"][..],
        &["-q", "long.npz"],
        &["-v", "long.npz::l*"],
    ] {
        let (status, text, stderr) = verify(args);
        assert!(text.ends_with(wrong), "{args:?}: {text}");
        assert_eq!((status, stderr.as_str()), (1, ""), "{args:?}");
    }
    assert_eq!(verify(&["long.npz::f*"]), fine("long.npz: ok\n"));
    let (status, text, stderr) = verify(&["--json", "none.npy", "long.npz::long"]);
    assert_eq!((status, stderr.lines().count()), (2, 1));
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[0]["path"], &lines[0]["ok"]),
        (&json!("none.npy"), &json!(false))
    );
    assert_eq!(lines[0]["errors"].as_array().unwrap().len(), 1);
    assert_eq!(lines[1]["issues"][0]["wrong"], json!(true));

    // More than ten are counted.
    let several = ["x.npy", "f.npy", "a.npz"].repeat(3);
    assert_eq!(verify(&several).1.lines().count(), 9);
    let more = [&several[..], &["long.npz", "none.npy"]].concat();
    let (status, text, _) = verify(&more);
    assert_eq!(status, 2);
    assert_eq!(
        text.lines().last(),
        Some("11 files: 9 ok, 1 wrong, 1 unreadable")
    );
    assert_eq!(verify(&[&["-q"], &more[..]].concat()).1, wrong);
}

#[test]
fn verify_repairs() {
    let folder = sample_folder();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    let cut = || fs::write(here.join("cut.npy"), &x[..x.len() - 8]).unwrap();
    cut();
    let short = "cut.npy: from byte 128 on: the data is too short";
    let (status, text, _) = ran(here, &["verify", "--repair", "data", "cut.npy"]);
    assert_eq!(status, 0, "{text}");
    assert!(
        text.starts_with(short) && text.ends_with("cut.npy: repaired\ncut.npy: ok\n"),
        "{text}"
    );
    cut();
    let (status, text, _) = ran(here, &["verify", "-q", "--repair", "data", "cut.npy"]);
    assert!(
        status == 0 && text.starts_with(short) && text.lines().count() == 1,
        "{text}"
    );
    cut();
    assert_eq!(
        stdout_of(here, &["verify", "--json", "--repair", "data", "cut.npy"]),
        "{\"path\":\"cut.npy\",\"ok\":true,\"repaired\":true,\"issues\":[],\"errors\":[]}\n"
    );
}

#[test]
fn whole_archives_are_converted() {
    let folder = sample_archives();
    let here = folder.path();
    let ls = |file: &str| stdout_of(here, &["ls", file]);
    let convert = |args: &[&str]| stdout_of(here, &[&["convert"], args].concat());
    // Stored members stay stored, and deflated ones deflated.
    convert(&[
        "--dtype",
        "f4",
        "--casting",
        "unsafe",
        "--order",
        "F",
        "a.npz",
        "y.npz",
    ]);
    assert_eq!(
        ls("y.npz"),
        "y.npz::x\t<f4\t(2, 3)\tF\t24\tstored\ny.npz::f\t<f4\t(2, 3)\tF\t24\tstored\n\
         y.npz::n\t<f4\t(3,)\tC\t12\tstored\n"
    );
    stdout_of(here, &["diff", "y.npz::f", "y.npz::x"]);
    convert(&["--byteorder", "big", "c.npz::[fn]", "z.npz"]);
    assert_eq!(
        ls("z.npz"),
        "z.npz::f\t>f8\t(2, 3)\tF\t48\tdeflated\nz.npz::n\t>i4\t(3,)\tC\t12\tdeflated\n"
    );
    // Into an existing archive: its other members are kept, and those of the same names need --force.
    let line = failed(here, &["convert", "a.npz::*", "z.npz"]);
    assert_eq!(
        line,
        "npio: z.npz: member 'f': it exists: use --force to replace it"
    );
    convert(&["--force", "a.npz::[xn]", "z.npz"]);
    let names: Vec<String> = ls("z.npz")
        .lines()
        .map(|line| line[..12].replace('\t', " "))
        .collect();
    assert_eq!(names, ["z.npz::f >f8", "z.npz::n <i4", "z.npz::x <f8"]);
    convert(&["--force", "--compress", "z.npz", "z.npz"]);
    assert_eq!(ls("z.npz").matches("deflated").count(), 3);
    // Also if it has none.
    archive_of(&here.join("none.npz"), &[]);
    convert(&["a.npz::n*", "none.npz"]);
    assert_eq!(ls("none.npz").lines().count(), 1);
    // To standard output and from standard input.
    let piped = run(
        here,
        &["convert", "--to", "npz", "-", "-"],
        &fs::read(here.join("c.npz")).unwrap(),
    );
    fs::write(here.join("piped.npz"), piped.fine()).unwrap();
    assert_eq!(stdout_of(here, &["diff", "piped.npz", "a.npz"]), "");
    // An archive into one array, and what cannot be cast: nothing is written.
    let line = failed(here, &["convert", "a.npz", "y.npz::all"]);
    assert!(
        line.contains("give a member as FILE::MEMBER: 'x', 'f', 'n'"),
        "{line}"
    );
    let line = failed(here, &["convert", "--dtype", "i4", "a.npz", "no.npz"]);
    assert!(line.contains("same_kind"), "{line}");
    assert!(!here.join("no.npz").exists());
}

/// Of a whole archive, also what is not an array is kept.
#[test]
fn other_members_are_kept() {
    let folder = sample_folder();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    archive_of(
        &here.join("m.npz"),
        &[("m.json", b"{}"), ("x.npy", &x), ("x.txt", b"x")],
    );
    stdout_of(here, &["convert", "--dtype", "f4", "m.npz", "all.npz"]);
    stdout_of(here, &["convert", "m.npz::[xm]*", "arrays.npz"]);
    let names = |file: &str| {
        npio::load_npz(here.join(file))
            .unwrap()
            .names()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(names("all.npz"), ["m.json", "x", "x.txt"]);
    assert_eq!(names("arrays.npz"), ["x"]);
    let all = npio::load_npz(here.join("all.npz")).unwrap();
    assert_eq!(all.load_bytes("m.json").unwrap(), b"{}");
    assert_eq!(all.load("x").unwrap().dtype().to_string(), "<f4");
}

/// Enough files for several threads: they are listed in their order, and one that is broken does not stop the others.
#[test]
fn many_files_keep_their_order() {
    const COUNT: usize = 1200;
    const BROKEN: usize = 700;
    let folder = sample_folder();
    let here = folder.path();
    let names: Vec<String> = (0..COUNT).map(|number| format!("{number}.npy")).collect();
    for name in &names {
        fs::copy(here.join("x.npy"), here.join(name)).unwrap();
    }
    fs::write(here.join(&names[BROKEN]), b"\x93NUMPY\x01\x00").unwrap();
    let fine = |line: fn(&str) -> String| {
        let fine = names
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != BROKEN);
        fine.map(|(_, name)| line(name)).collect::<String>()
    };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let ran = |command: &[&str]| ran(here, &[command, &names].concat());
    let (status, stdout, stderr) = ran(&["ls"]);
    assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
    assert_eq!(
        stdout,
        fine(|name| format!("{name}\t<f8\t(2, 3)\tC\t48\tplain\n"))
    );
    let (status, stdout, stderr) = ran(&["hash"]);
    assert_eq!((status, stderr.lines().count()), (2, 1), "{stderr}");
    let hash = sha256_of(&here.join("x.npy"));
    assert_eq!(
        stdout.replace(&hash, "#"),
        fine(|name| format!("#  {name}\n"))
    );
    let (status, stdout, stderr) = ran(&["verify"]);
    assert_eq!((status, stderr.as_str()), (1, ""));
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[BROKEN].starts_with("700.npy: ") && !lines[BROKEN].ends_with(" ok"));
    assert_eq!(lines[COUNT - 1], "1199.npy: ok");
    assert_eq!(
        lines[COUNT..],
        ["1200 files: 1199 ok, 1 wrong, 0 unreadable"]
    );
    let (status, stdout, _) = ran(&["info", "--json"]);
    assert_eq!((status, stdout.lines().count()), (2, COUNT));
    let paths = stdout.lines().zip(&names);
    for (line, name) in paths {
        assert!(
            line.starts_with(&format!("{{\"path\":\"{name}\"")),
            "{line}"
        );
    }
}
