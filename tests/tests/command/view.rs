//! `npio view --once`: one frame of the viewer. Its keys are tested on a terminal, in `view_terminal`, and without one
//! in npio-look.

use conformance::{
    archive_of, failed, python, ran, run, sample_archives, sample_folder, stdout_of,
};
use npio::{Array, ArrayView, savez, savez_compressed};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A frame of seven lines, or as the arguments say.
fn frame(here: &Path, args: &[&str]) -> String {
    let mut words = vec!["view", "--once", "-W", "44"];
    if !args.contains(&"-H") {
        words.extend(["-H", "7"]);
    }
    words.extend(args);
    stdout_of(here, &words)
}

#[test]
fn an_array_wherever_it_is_stored() {
    let folder = sample_archives();
    let here = folder.path();
    let table = "  (2, 3)  48 bytes  in place  <f8
[:, :]  table
    0    1    2
0  1.  2.5  -3.
1  4.  5.    6.
[0, 0] = 1.0
[ ] plane  v mode  s statistics  n NaN  : go
";
    for name in ["x.npy", "f.npy", "a.npz::x", "a.npz::f"] {
        assert_eq!(frame(here, &[name]), format!("{name}{table}"));
    }
    let loaded = table.replace("in place", "loaded");
    for name in ["c.npz::x", "c.npz::f"] {
        assert_eq!(frame(here, &[name]), format!("{name}{loaded}"));
    }
    // From a pipe, raw, and a text.
    let words = ["view", "--once", "-W", "44", "-H", "7", "-"];
    let x = fs::read(here.join("x.npy")).unwrap();
    assert_eq!(run(here, &words, &x).text(), format!("-{loaded}"));
    fs::write(here.join("x.raw"), x.get(128..).unwrap()).unwrap();
    let raw = ["--in-dtype", "f8", "--in-shape", "2,3", "x.raw"];
    assert_eq!(frame(here, &raw), format!("x.raw{table}"));
    fs::write(here.join("x.csv"), "1,2.5,-3\n4,5,6\n").unwrap();
    assert_eq!(frame(here, &["x.csv"]), format!("x.csv{loaded}"));
    assert_eq!(
        frame(here, &["x.npy", "--slice", "::-1, 1:"]),
        "\
x.npy  (2, 3)  48 bytes  in place  <f8
[1::-1, 1:3]  table
     1    2
1  5.    6.
0  2.5  -3.
[1, 1] = 5.0
[ ] plane  v mode  s statistics  n NaN  : go
"
    );
}

#[test]
fn lists_of_archives_and_folders() {
    let folder = sample_archives();
    let here = folder.path();
    assert_eq!(
        frame(here, &["a.npz"]),
        "\
a.npz
3 entries
x  <f8  (2, 3)  48  stored
f  <f8  (2, 3)  48  stored
n  <i4  (3,)    12  stored

Enter open  / filter  q quit  ? help
"
    );
    assert!(frame(here, &["c.npz"]).contains("n  <i4  (3,)    12  deflated\n"));
    assert!(frame(here, &["a.npz::[xn]"]).contains("2 entries\nx  <f8"));
    fs::create_dir(here.join("sub")).unwrap();
    fs::write(here.join("sub/broken.npy"), b"\x93NUMPY\x01").unwrap();
    fs::write(here.join("notes.md"), "no array").unwrap();
    let lines = frame(here, &["-H", "9", "."]);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(
        lines.get(..3),
        Some(&[".", "5 entries", "sub/   folder"][..])
    );
    assert!(
        lines.get(3).unwrap().starts_with("a.npz  archive"),
        "{lines:?}"
    );
    assert_eq!(
        lines.get(5..7).unwrap(),
        [
            "f.npy  <f8      (2, 3)   48  plain",
            "x.npy  <f8      (2, 3)   48  plain"
        ]
    );
    // Without an address, the folder that the program is in.
    assert!(frame(here, &[]).contains("5 entries\n"));
    let broken = frame(here, &["sub"]);
    assert!(broken.contains("broken.npy  "), "{broken}");
    assert!(broken.contains("cut off"), "{broken}");
}

#[test]
fn several_arrays_in_one_file() {
    let folder = sample_folder();
    let here = folder.path();
    let mut bytes = fs::read(here.join("x.npy")).unwrap();
    bytes.extend(fs::read(here.join("f.npy")).unwrap());
    fs::write(here.join("two.npy"), bytes).unwrap();
    let listed = frame(here, &["two.npy"]);
    assert!(
        listed.starts_with("two.npy\n2 entries\n0  <f8  (2, 3)  48  plain\n1  <f8"),
        "{listed}"
    );
    assert!(frame(here, &["two.npy::0"]).starts_with("two.npy::0  (2, 3)"));
    let second = frame(here, &["two.npy::1"]);
    assert!(
        second.contains("\n0  1.  2.5  -3.\n1  4.  5.    6.\n"),
        "{second}"
    );
}

#[test]
fn names_are_escaped() {
    let folder = sample_folder();
    let here = folder.path();
    let x = fs::read(here.join("x.npy")).unwrap();
    let names = ["a\x1b[31mb.npy", "\u{202e}c.npy"];
    archive_of(&here.join("e.npz"), &names.map(|name| (name, x.as_slice())));
    let listed = frame(here, &["e.npz"]);
    assert!(listed.contains("a\\u{1b}[31mb  <f8"), "{listed}");
    assert!(listed.contains("\\u{202e}c"), "{listed}");
    let one = frame(here, &["e.npz::a\x1b[31mb"]);
    assert!(one.starts_with("e.npz::a\\u{1b}[31mb  (2, 3)"), "{one}");
}

#[test]
fn what_it_does_not_do() {
    let folder = sample_archives();
    let here = folder.path();
    assert_eq!(
        failed(here, &["view", "x.npy"]),
        "npio: standard output is not a terminal: use --once for one frame, or npio dump"
    );
    assert!(failed(here, &["view", "--once", "none.npy"]).starts_with("npio: none.npy: "));
    assert!(failed(here, &["view", "--once", "a.npz::y"]).starts_with("npio: a.npz: "));
    let slice = failed(here, &["view", "--once", "x.npy", "--slice", "7"]);
    assert!(
        slice.starts_with("npio: x.npy: slice 7: axis 0 has length 2"),
        "{slice}"
    );
    let (status, ..) = ran(here, &["view", "x.npy", "-W", "80"]);
    assert_eq!(status, 2);
}

#[test]
fn colours_are_asked_for() {
    let folder = sample_folder();
    let here = folder.path();
    let shown = frame(here, &["--color", "always", "x.npy"]);
    assert!(shown.contains("\x1b[0m\x1b[1mx.npy"), "{shown:?}");
    assert!(!frame(here, &["x.npy"]).contains('\x1b'));
    assert!(!frame(here, &["--color", "never", "x.npy"]).contains('\x1b'));
}

#[test]
fn arrays_without_axes_or_items() {
    let folder = sample_folder();
    let here = folder.path();
    npio::save(here.join("zero.npy"), ArrayView::over(&[7u8], []).unwrap()).unwrap();
    assert!(frame(here, &["zero.npy"]).contains("[]  table\n\n  7\n\n[()] = 7\n"));
    npio::save(
        here.join("none.npy"),
        Array::from_slice(&[0u8; 0], [3, 0]).unwrap(),
    )
    .unwrap();
    assert!(frame(here, &["none.npy"]).contains("no items\n"));
    savez(here.join("empty.npz"), [("", &[0u8; 0]); 0]).unwrap();
    assert!(frame(here, &["empty.npz"]).contains("0 entries\n"));
}

#[test]
fn fields_of_records() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let dtype = "[('id', 'u1'), ('p', [('x', 'u1'), ('y', 'u1', (2,))])]";
    let layout = npio::Layout::new(dtype.parse().unwrap(), [2], npio::Order::C).unwrap();
    let records = ArrayView::new(layout, &[1u8, 2, 3, 4, 5, 6, 7, 8][..]).unwrap();
    npio::save(here.join("r.npy"), records).unwrap();
    let records = npio::load(here.join("r.npy")).unwrap();
    savez_compressed(here.join("r.npz"), [("r", &records)]).unwrap();
    for name in ["r.npy", "r.npz::r"] {
        let all = frame(here, &[name]);
        assert!(
            all.contains("   id  p\n0   1  (2, [3, 4])\n1   5  (6, [7, 8])\n"),
            "{all}"
        );
        let x = frame(here, &["--field", "p.x", name]);
        assert!(x.contains("\n0  2\n1  6\n"), "{x}");
        let y = frame(here, &["--field", "p.y", name]);
        assert!(y.contains("   0  1\n0  3  4\n1  7  8\n[0, 0] = 3\n"), "{y}");
        let several = frame(here, &["--field", "id,p.x", name]);
        assert!(several.contains("\n0   1    2\n1   5    6\n"), "{several}");
    }
}

/// The texts of cells are those of NumPy for a column.
#[test]
fn values_are_printed_as_by_numpy() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let script = r#"
import numpy as np
np.random.seed(3)
arrays = {
    "f": np.random.normal(size=7) * 1000, "e": 10.0 ** np.arange(-9, 12, 3), "h": np.arange(7, dtype="f2") / 3,
    "i": np.array([-1, 2**62, 0, 5, 6, 7, 8]), "b": np.arange(7) % 2 == 0,
    "c": np.arange(7) * (1 + 0.5j), "d": np.array(["2020-01-02", "NaT"] * 4, dtype="M8[D]")[:7],
    "t": np.arange(7).astype("m8[s]"), "n": np.array([np.nan, np.inf, -np.inf, 0, 1, -0.0, 1e300]),
    "g": np.arange(7, dtype="g") / 3, "u": np.array(["a", "bc", "\x1b", "é", "", "'", "x" * 9]),
    "s": np.array([b"a", b"\xff", b"", b"bc", b"d", b"e", b"f"]),
}
np.set_printoptions(precision=6, threshold=10**9)
for name, array in arrays.items():
    np.save(name + ".npy", array)
    text = np.array2string(array.reshape(-1, 1))
    lines = [line[2:].rstrip("]").strip().strip("'" if array.dtype.kind == "M" else "") for line in text.splitlines()]
    print(name, *lines, sep="\t")
"#;
    let mut asked = Command::new(python);
    let output = asked
        .current_dir(here)
        .args(["-c", script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let expected = String::from_utf8(output.stdout).unwrap();
    assert_eq!(expected.lines().count(), 12);
    for line in expected.lines() {
        let mut cells = line.split('\t');
        let name = format!("{}.npy", cells.next().unwrap());
        let shown = frame(here, &["-H", "12", &name]);
        let found = shown.lines().skip(3).take(7);
        let found: Vec<&str> = found.map(|line| line.get(1..).unwrap().trim()).collect();
        assert_eq!(found, cells.collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn objects_need_to_be_allowed() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let script = "import numpy as np; o = np.array([{'a': 1}, None, 'x\\ny'], dtype=object); \
                  np.save('o.npy', o, allow_pickle=True); np.savez('o.npz', o=o)";
    let asked = Command::new(python)
        .current_dir(here)
        .args(["-c", script])
        .status();
    assert!(asked.unwrap().success());
    for name in ["o.npy", "o.npz::o"] {
        let error = failed(here, &["view", "--once", name]);
        assert!(error.ends_with("use --allow-pickle"), "{error}");
        let shown = frame(here, &["-H", "8", "--allow-pickle", name]);
        assert!(
            shown.contains("0  {'a': 1}\n1  None\n2  'x\\ny'\n"),
            "{shown}"
        );
    }
}
