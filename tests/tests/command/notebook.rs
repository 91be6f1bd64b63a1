//! The lesson in `notebook.rs` of npio's examples, and the Python of `docs/metadata.md`.

use conformance::{NumPy, built, python};
use serde_json::json;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// NumPy's results for the files that the lesson leaves.
const READ: &str = r#"
import json
at = lambda name: args[0] + "/" + name
load = lambda name: np.load(at(name), allow_pickle=True)
assert np.fromfile(at("data.txt"), sep=",", dtype=np.int32).tolist() == list(range(10))
assert np.fromfile(at("data.bin"), np.int32).tolist() == [0, 1]
assert np.fromfile(at("matrix.bin"), np.int32).reshape(3, 4)[2, 3] == 11
assert (load("mapped.npy") == 7).all() and load("mapped.npy").shape == (3, 4)
assert load("x.npy").tolist() == list(range(10))
assert load("xy.npz")["y"].tolist() == [0.5, 1.5]
assert np.fromfile(at("name_int32_4_5.dat"), np.int32).reshape(4, 5)[3, 4] == 19
mdata = {"author": "Emma", "age": 1.5}
assert load("mdata.npy").item() == mdata
assert load("mdata_pickle.npz")["mdata"].item() == mdata
assert {k: load("mdata_items.npz")[k].item() for k in mdata} == mdata
assert json.loads(load("mdata_json.npz")["mdata"].item()) == mdata
read = 11
for stem, dtype in [("i1", "i1"), ("i4", "i4"), ("i8", "i8"), ("f4", "f4"), ("f8", "f8"), ("c16", "c16")]:
    x = np.arange(100).astype(dtype)
    raw = np.fromfile(at(f"size_{stem}.bin"), dtype)
    text = open(at(f"size_{stem}.txt")).read().split(",")
    files = [raw, load(f"size_{stem}.npy"), load(f"size_{stem}.npz")["x"], load(f"size_{stem}.z.npz")["x"]]
    assert all(found.dtype == x.dtype and (found == x).all() for found in files)
    assert [complex(word) for word in text] == x.tolist()
    read += 5
answer = read
"#;

#[test]
fn numpy_reads_every_file_of_the_lesson() {
    let folder = tempfile::tempdir().unwrap();
    let lesson = built("--package npio --example notebook").join("examples");
    let lesson = lesson.join(format!("notebook{}", env::consts::EXE_SUFFIX));
    let output = Command::new(lesson).arg(folder.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // The table is at the end: in memory, text, raw, npy, npz, compressed.
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let last = rows.last().unwrap();
    assert_eq!(last[..2], ["c16", "1600"]);
    assert_eq!((last.len(), last[4]), (7, "1728"));
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let read = numpy.ask(READ, &[json!(folder.path())]).unwrap();
    assert_eq!(read, fs::read_dir(folder.path()).unwrap().count());
}

/// The Rust blocks are documentation tests of this package.
#[test]
fn the_python_of_the_document() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/metadata.md");
    let text = fs::read_to_string(path).unwrap();
    let blocks = text
        .split("```python\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap());
    let script: Vec<&str> = blocks.collect();
    assert_eq!(script.len(), text.matches("```rust\n").count() - 1);
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut run = Command::new(python);
    let output = run
        .current_dir(folder.path())
        .arg("-c")
        .arg(script.concat())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
