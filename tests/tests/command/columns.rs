//! Fields of records, beside NumPy.

use conformance::{NumPy, failed, ran, run, sample_folder, stdout_of};
use npio::{Array, DType, Layout, Order};
use serde_json::json;
use std::fs;
use std::path::Path;

/// The arrays that NumPy saves: records of every kind, and numbers in both orders.
const FILES: &str = r#"
import os
os.chdir(args[0])
rng = np.random.default_rng(3)
record = np.dtype([("id", "<u4"), ("x", ">f8"), ("m", "<i2", (2, 3)), ("p", [("x", "<f4"), ("y", "S5")]),
    ("q", [("x", "<f8"), ("k", "u1")], (2,)), ("p.z", "u1"), (("the tag", "tag"), "<U3")])
r = np.frombuffer(rng.bytes(record.itemsize * 12), record).reshape(3, 4).copy()
r["tag"], r["p"]["y"] = "ab", b"xyz"
r["x"], r["p"]["x"], r["q"]["x"] = rng.random((3, 4)), rng.random((3, 4)), rng.random((3, 4, 2))
padded = np.zeros(5, np.dtype([("a", "u1"), ("b", "f8"), ("c", "i2")], align=True))
padded["b"] = range(5)
x = np.arange(60, dtype="<i4").reshape(3, 4, 5)
files = {"r": r, "rf": np.asfortranarray(r), "padded": padded, "x": x, "xf": np.asfortranarray(x),
    "y": x + 100, "w": x.astype("<i8") * 3, "half": x[:, :2], "u": x.astype("u4"), "f": x.astype("f4"),
    "big": x.astype(">i4"), "flag": x > 7, "z": x + 1j, "s": x.astype("S4"), "row": np.arange(7.0),
    "none": x[:0], "day": np.arange(4).astype("M8[D]"), "sec": np.arange(4).astype("M8[s]"),
    "a1": np.array([(1, 2.5)], [("a", "i4"), ("b", "f4")]), "a2": np.array([(3, 4.5)], [("a", ">i8"), ("b", "f8")])}
for name, value in files.items():
    np.save(name + ".npy", value)
np.savez("all.npz", **files)
np.savez_compressed("small.npz", **files)
np.save(open("two.npy", "wb"), x)
"#;

/// Whether a file holds what an expression gives, to the byte.
pub(crate) const IS_EQUAL: &str = r#"
import os, numpy.lib.recfunctions as rfn
os.chdir(args[0])
def load(name):
    return np.load(name + ".npy")
found, expected = np.load(args[1]), eval(args[2])
expected = np.asarray(expected)
same = found.dtype == expected.dtype and found.shape == expected.shape and found.tobytes() == expected.tobytes()
answer = None if same else f"{found.dtype} {found.shape} {found}\n{expected.dtype} {expected.shape} {expected}"
"#;

/// Runs each command, whose last word is its output, and compares that with what NumPy has.
pub(crate) fn compare(numpy: &mut NumPy, here: &Path, cases: &[(&str, &str, &str)]) {
    for (command, file, expected) in cases {
        let args: Vec<&str> = command.split(' ').collect();
        let (status, _, stderr) = ran(here, &args);
        assert_eq!((status, stderr.as_str()), (0, ""), "{command}");
        let differs = numpy.ask(IS_EQUAL, &[json!(here), json!(file), json!(expected)]);
        assert_eq!(differs, Ok(json!(null)), "{command}: {expected}");
    }
}

pub(crate) fn numpy_files() -> Option<(NumPy, tempfile::TempDir)> {
    let mut numpy = NumPy::start()?;
    let folder = tempfile::tempdir().unwrap();
    numpy.ask(FILES, &[json!(folder.path())]).unwrap();
    Some((numpy, folder))
}

#[test]
fn fields_as_numpy_indexes_them() {
    let Some((mut numpy, folder)) = numpy_files() else {
        return;
    };
    let here = folder.path();
    for (index, expression) in [
        ("id", "['id']"),
        ("x", "['x']"),
        ("m", "['m']"),
        ("p", "['p']"),
        ("p.x", "['p']['x']"),
        ("q", "['q']"),
        ("q.k", "['q']['k']"),
        ("p.z", "['p.z']"),
        ("the tag", "['tag']"),
    ] {
        for file in ["r.npy", "rf.npy", "all.npz::r", "small.npz::rf"] {
            let args = ["convert", "--force", "--field", index, file, "o.npy"];
            assert_eq!(
                ran(here, &args),
                (0, String::new(), String::new()),
                "{args:?}"
            );
            let expected = format!("load('r'){expression}");
            let differs = numpy.ask(IS_EQUAL, &[json!(here), json!("o.npy"), json!(expected)]);
            assert_eq!(differs, Ok(json!(null)), "{args:?}");
        }
    }
    compare(
        &mut numpy,
        here,
        &[
            (
                "convert --field x,id r.npy a.npy",
                "a.npy",
                "rfn.repack_fields(load('r')[['x', 'id']])",
            ),
            (
                "convert --field id, rf.npy b.npy",
                "b.npy",
                "rfn.repack_fields(load('r')[['id']])",
            ),
            (
                "convert --field m,q,tag small.npz::r c.npy",
                "c.npy",
                "rfn.repack_fields(load('r')[['m', 'q', 'tag']])",
            ),
            (
                "convert --field a,c padded.npy d.npy",
                "d.npy",
                "rfn.repack_fields(load('padded')[['a', 'c']])",
            ),
            (
                "convert --field b --slice 1::2 padded.npy e.npy",
                "e.npy",
                "load('padded')['b'][1::2]",
            ),
            (
                "convert --field m --slice :,0,1 r.npy f9.npy",
                "f9.npy",
                "load('r')['m'][:, 0, 1]",
            ),
            (
                "convert --field p.x --dtype f8 r.npy g.npy",
                "g.npy",
                "load('r')['p']['x'].astype('f8')",
            ),
            (
                "convert --field x --byteorder little --order F r.npy h.npy",
                "h.npy",
                "load('r')['x'].astype('<f8')",
            ),
        ],
    );
    stdout_of(
        here,
        &["pack", "--field", "q.x", "o.npz", "r.npy", "all.npz::rf"],
    );
    stdout_of(here, &["convert", "o.npz::rf", "i.npy"]);
    stdout_of(here, &["append", "--field", "b", "row.npy", "padded.npy"]);
    compare(
        &mut numpy,
        here,
        &[
            ("convert o.npz::r j.npy", "j.npy", "load('r')['q']['x']"),
            (
                "convert --force row.npy k.npy",
                "k.npy",
                "np.concatenate([np.arange(7.0), load('padded')['b']])",
            ),
            ("convert i.npy l.npy", "l.npy", "load('rf')['q']['x']"),
        ],
    );
    // What is printed, counted and compared is the field.
    assert_eq!(
        stdout_of(here, &["dump", "--field", "b", "padded.npy"]),
        "[0. 1. 2. 3. 4.]\n"
    );
    assert_eq!(
        stdout_of(here, &["head", "-n", "2", "--field", "b,a", "padded.npy"]),
        "[(0., 0) (1., 0)]\n"
    );
    assert_eq!(
        stdout_of(here, &["tail", "-n", "1", "--field", "c", "padded.npy"]),
        "[0]\n"
    );
    let stats = stdout_of(here, &["stats", "--field", "b", "padded.npy"]);
    assert!(
        stats.starts_with("count\t5\nnan\t0\ninf\t0\nzero\t1\nmin\t0.0\nmax\t4.0\nmean\t2.0\n"),
        "{stats}"
    );
    assert_eq!(
        stdout_of(here, &["find", "--field", "b", "gt:3", "padded.npy"]),
        "padded.npy[4]: 4.0\n"
    );
    assert_eq!(
        stdout_of(here, &["diff", "--field", "p.x", "r.npy", "rf.npy"]),
        ""
    );
    let hash = |args: &[&str]| stdout_of(here, &[&["hash"], args].concat())[..64].to_owned();
    assert_eq!(hash(&["--field", "p.x", "rf.npy"]), {
        stdout_of(here, &["convert", "--field", "p.x", "r.npy", "hashed.npy"]);
        hash(&["hashed.npy"])
    });
}

#[test]
fn fields_of_texts_streams_and_raw_items() {
    let folder = sample_folder();
    let here = folder.path();
    fs::write(here.join("t.csv"), "a,b,name\n1,2.5,x\n3,4.5,yy\n").unwrap();
    let csv = ["--in-names", "--in-dtype", "auto", "t.csv"];
    let dump = |args: &[&str]| stdout_of(here, &[&["dump"], args, &csv].concat());
    assert_eq!(dump(&["--field", "b"]), "[2.5 4.5]\n");
    assert_eq!(dump(&["--field", "name,a"]), "[('x', 1) ('yy', 3)]\n");
    let typed = ["--in-names", "--in-dtype", "i4,f8,U3", "t.csv"];
    let field = [
        &["convert", "--field", "f1"],
        &typed[1..],
        &["--skip-rows", "1", "b.npy"],
    ]
    .concat();
    let (status, _, stderr) = ran(here, &field);
    assert_eq!((status, stderr.as_str()), (0, ""));
    assert_eq!(stdout_of(here, &["dump", "b.npy"]), "[2.5 4.5]\n");
    let dtype: DType = "[('a', '<i2'), ('b', '<f8')]".parse().unwrap();
    let layout = Layout::new(dtype, [3], Order::C).unwrap();
    let mut bytes = Vec::new();
    for i in 0..3i16 {
        bytes.extend(i.to_le_bytes());
        bytes.extend((f64::from(i) / 2.0).to_le_bytes());
    }
    npio::save(
        here.join("s.npy"),
        Array::new(layout, bytes.clone()).unwrap(),
    )
    .unwrap();
    let file = fs::read(here.join("s.npy")).unwrap();
    let piped = run(here, &["dump", "--field", "b", "-"], &file);
    assert_eq!(piped.text(), "[0.  0.5 1. ]\n");
    let raw = run(
        here,
        &["dump", "--in-dtype", "i2,f8", "--field", "f0", "-"],
        &bytes,
    );
    assert_eq!(raw.text(), "[0 1 2]\n");
    for (args, message) in [
        (
            &["dump", "--field", "bb", "s.npy"][..],
            "field 'bb': no such field among ['a', 'b']",
        ),
        (
            &["stats", "--field", "a", "x.npy"],
            "field 'a': the items are not records",
        ),
        (
            &["convert", "--field", "a,a", "s.npy", "o.npy"],
            "fields 'a' and 'a' overlap: name each once",
        ),
    ] {
        let error = failed(here, args);
        assert!(error.ends_with(message), "{error}");
    }
}
