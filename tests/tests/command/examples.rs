//! The examples of `crates/npio/examples`, run in order in one folder. `notebook.rs` has a test of its own.

use conformance::{NumPy, built};
use serde_json::json;
use std::process::Command;

/// The input of the examples.
const MAKE: &str = r#"
stars = [(1, -1.46, b"Sirius"), (2, 0.03, b"Vega"), (3, 1.25, b"Deneb")]
np.save("stars.npy", np.array(stars, [("id", "<u4"), ("magnitude", "<f8"), ("name", "S12")]))
np.savetxt("x.csv", [[1.5, 2], [3, 4.25]], delimiter=",", fmt="%g")
np.savez("two.npz", a=np.zeros((2, 3), ">i2"), b=np.float64(1))
"#;

/// The files that they leave.
const CHECK: &str = r#"
assert np.load("x.npy").tolist() == [[1.5, 2], [3, 4.25]] and np.load("x.npy").dtype == "f4"
assert np.loadtxt("y.csv", delimiter=",").tolist() == [[1.5, 2], [3, 4.25]]
assert np.load("y.npy").tolist() == [[0.75, -0.75], [1.125, -1.125]]
assert np.load("log.npy").tolist() == [[0, 20], [1, 20.25], [2, 20.5]] * 2
waves = np.load("waves.npz")
assert waves.files == [f"wave{i}" for i in range(1, 9)] and waves["wave1"].shape == (1000, 100)
assert np.load("items.npz")["author"].item() == "Emma"
assert np.load("pickle.npz", allow_pickle=True)["mdata"].item()["rate"] == 44100
columns = np.load("columns.npz")
assert columns["id"].tolist() == [1, 2, 3] and columns["magnitude"].dtype == "f8"
"#;

/// An example, its arguments, and its output; `…` is anything.
const EXAMPLES: [(&str, &[&str], &str); 11] = [
    (
        "inspect",
        &["stars.npy", "two.npz"],
        "stars.npy: (3,) [('id', '<u4'), ('magnitude', '<f8'), ('name', '|S12')], 72 bytes\n\
         two.npz::a: (2, 3) >i2, 12 bytes\ntwo.npz::b: () <f8, 8 bytes\n",
    ),
    ("convert", &["x.csv", "x.npy", "f4"], ""),
    ("convert", &["x.npy", "y.csv"], ""),
    ("convert", &["x.csv", "x.npy"], ""),
    ("ndarray", &["x.npy", "y.npy"], ""),
    ("convert", &["x.csv", "x.npy", "f4"], ""),
    (
        "scan",
        &["stars.npy", "1"],
        "2 of 3 are brighter than 1\n1 b\"Sirius\" -1.46\n",
    ),
    ("append_rows", &["log.npy"], "(3, 2) <f8\n"),
    ("append_rows", &["log.npy"], "(6, 2) <f8\n"),
    (
        "metadata",
        &["."],
        "items.npz: Items\njson.npz: Json\npickle.npz: Pickle\n",
    ),
    ("archive", &["."], "8 arrays, whose sum is …\n"),
];

#[test]
fn every_example() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut ask = |code: &str| {
        let code = format!("import os\nos.chdir(args[0])\n{code}\nanswer = 1");
        numpy.ask(&code, &[json!(folder.path())]).unwrap();
    };
    ask(MAKE);
    // They are already built with all tests.
    let built = built("--workspace --all-features --examples").join("examples");
    let run = |name: &str, args: &[&str]| {
        let mut command = Command::new(built.join(name));
        let ran = command.current_dir(&folder).args(args).output().unwrap();
        let message = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(
            ran.status.success() && message.is_empty(),
            "{name}: {message}"
        );
        String::from_utf8(ran.stdout).unwrap()
    };
    for (name, args, expected) in EXAMPLES {
        let printed = run(name, args);
        let (begin, end) = expected.split_once('…').unwrap_or((expected, ""));
        let is_same = printed.starts_with(begin) && printed.ends_with(end);
        assert!(
            is_same && (end == "\n" || printed == expected),
            "{name}: {printed}"
        );
    }
    let records = run("records", &["."]);
    assert!(
        records.ends_with("field 'magnitude': file has '<f8', struct wants '<f4'\n"),
        "{records}"
    );
    ask(CHECK);
}
