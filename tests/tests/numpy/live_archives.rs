//! Archives of the command and NumPy's, each read by the other.

use conformance::{NumPy, failed, ran, run, sample_folder, stdout_of};
use serde_json::{Value, json};

/// Arrays and other bytes, stored and compressed, as NumPy and Python write them.
const MAKE: &str = r#"
import os, zipfile
os.chdir(args[0])
x = np.arange(6.0).reshape(2, 3)
arrays = dict(x=x, f=np.asfortranarray(x), zero=np.float32(3), text=np.array(["é"]), empty=np.zeros((0, 4), "i2"),
              rec=np.zeros(2, [("a", ">i4"), ("b", "<U3")]), **{"a/b": x.astype(">f4"), "o": np.array([None, 1])})
np.savez("stored.npz", **arrays)
np.savez_compressed("deflated.npz", **arrays)
np.savez("empty.npz")
with zipfile.ZipFile("mixed.npz", "w", zipfile.ZIP_DEFLATED) as z:
    z.write("x.npy", "x.npy")
    z.writestr("m.json", '{"a": 1}')
    z.write("f.npy", "noname")
with zipfile.ZipFile("twice.npz", "w") as z:
    z.write("x.npy", "x.npy"); z.write("f.npy", "x.npy"); z.write("x.npy", "y.npy")
"#;

/// The report of NumPy and zipfile on an archive, in the contract's form.
const INFO: &str = r#"
import os, zipfile
path = os.path.join(args[0], args[1])
answer = {"path": args[1], "kind": "npz", "bytes": os.path.getsize(path), "arrays": [], "trailing_bytes": None,
          "others": [], "errors": []}
with zipfile.ZipFile(path) as z, open(path, "rb") as raw_file:
    for info in z.infolist():
        with z.open(info) as f:
            if f.read(6) != b"\x93NUMPY":
                answer["others"].append({"name": info.filename, "bytes": info.file_size})
                continue
        with z.open(info) as f:
            version = npformat.read_magic(f)
            read = npformat.read_array_header_1_0 if version == (1, 0) else npformat.read_array_header_2_0
            shape, fortran, dtype = read(f)
            header = f.tell()
        raw_file.seek(info.header_offset + 26)
        n, m = np.frombuffer(raw_file.read(4), "<u2").tolist()
        stored = info.compress_type == zipfile.ZIP_STORED
        answer["arrays"].append({
            "name": info.filename.removesuffix(".npy"), "descr": repr(npformat.dtype_to_descr(dtype)),
            "shape": list(shape), "fortran_order": fortran, "version": "%d.%d" % version,
            "data_offset": info.header_offset + 30 + n + m + header if stored else None,
            "nbytes": None if dtype.hasobject else int(np.prod(shape)) * dtype.itemsize,
            "storage": "stored" if stored else "deflated", "compressed_nbytes": info.compress_size})
"#;

/// The sample folder with NumPy's archives in it.
fn numpy_folder() -> Option<(tempfile::TempDir, NumPy)> {
    let mut numpy = NumPy::start()?;
    let folder = sample_folder();
    numpy.ask(MAKE, &[json!(folder.path())]).unwrap();
    Some((folder, numpy))
}

#[test]
fn info_says_what_numpy_and_zipfile_say() {
    let Some((folder, mut numpy)) = numpy_folder() else {
        return;
    };
    let here = folder.path();
    for name in [
        "stored.npz",
        "deflated.npz",
        "empty.npz",
        "mixed.npz",
        "twice.npz",
    ] {
        let info: Value =
            serde_json::from_str(&stdout_of(here, &["info", "--json", name])).unwrap();
        let expected = numpy.ask(INFO, &[json!(here), json!(name)]).unwrap();
        assert_eq!(info, expected, "{name}");
    }
    let info = stdout_of(here, &["info", "--json", "stored.npz::f"]);
    let info: Value = serde_json::from_str(&info).unwrap();
    assert_eq!(info["arrays"].as_array().unwrap().len(), 1);
    assert_eq!(info["arrays"][0]["name"], "f");
}

#[test]
fn numpys_members_are_read_and_ours_by_numpy() {
    let Some((folder, mut numpy)) = numpy_folder() else {
        return;
    };
    let here = folder.path();
    for archive in ["stored.npz", "deflated.npz"] {
        for member in ["x", "f.npy", "zero", "text", "empty", "rec", "a/b"] {
            let address = format!("{archive}::{member}");
            let raw = run(here, &["dump", "--raw", &address], b"").fine();
            let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
            let code = "answer = np.load(args[0])[args[1]].tobytes().hex()";
            let expected = numpy.ask(code, &[json!(here.join(archive)), json!(member)]);
            assert_eq!(json!(hex), expected.unwrap(), "{address}");
        }
        let object = failed(here, &["dump", &format!("{archive}::o")]);
        assert!(
            object.contains("member 'o': the data is a pickle"),
            "{object}"
        );
    }
    let lines = stdout_of(here, &["ls", "mixed.npz"]);
    assert_eq!(
        lines,
        "mixed.npz::x\t<f8\t(2, 3)\tC\t48\tdeflated\n\
         mixed.npz::m.json\t-\t-\t-\t8\tdeflated\n\
         mixed.npz::noname\t<f8\t(2, 3)\tF\t48\tdeflated\n"
    );
    assert_eq!(
        failed(here, &["dump", "mixed.npz::m.json"]),
        "npio: mixed.npz: member 'm.json': not a .npy file"
    );
    let twice = failed(here, &["dump", "twice.npz::x"]);
    assert!(twice.contains("2 members have this name"), "{twice}");
    let (status, stdout, _) = ran(here, &["verify", "twice.npz"]);
    assert_eq!(
        (status, stdout.matches("another one has this name").count()),
        (1, 2)
    );
    let (status, _, stderr) = ran(here, &["unpack", "twice.npz", "-d", "out"]);
    // It is unknown which of the two is meant; the others are written.
    assert_eq!(
        (
            status,
            stderr.matches("another member has this name").count()
        ),
        (2, 2)
    );
    assert!(!here.join("out/x.npy").exists(), "{stderr}");

    let packed = [
        "pack",
        "p.npz",
        "x.npy",
        "g=f.npy",
        "deflated.npz::rec",
        "s=stored.npz::a/b",
    ];
    for compress in ["--compress", "--compress=1"] {
        stdout_of(here, &[&packed[..], &[compress, "--force"]].concat());
        stdout_of(here, &["repack", "p.npz", "r.npz", "--force"]);
        let code = r#"
import zipfile
a, b, s = (np.load(args[0] + "/" + name) for name in ["p.npz", "r.npz", "stored.npz"])
assert a.files == b.files == ["x", "g", "rec", "s"], a.files
for file in a.files:
    assert a[file].dtype == b[file].dtype and (a[file] == b[file]).all()
    assert a[file].flags.fnc == b[file].flags.fnc == (file == "g")
assert (a["rec"] == s["rec"]).all() and (a["s"] == s["a/b"]).all() and a["s"].dtype == ">f4"
assert zipfile.ZipFile(args[0] + "/p.npz").testzip() is None
assert {i.compress_type for i in zipfile.ZipFile(args[0] + "/r.npz").infolist()} == {0}
"#;
        numpy.ask(code, &[json!(here)]).unwrap();
        assert_eq!(
            stdout_of(here, &["verify", "p.npz", "r.npz"]),
            "p.npz: ok\nr.npz: ok\n"
        );
    }
    // Pickles are copied without inspection.
    stdout_of(here, &["repack", "deflated.npz", "d.npz"]);
    let code = "answer = np.load(args[0], allow_pickle=True)['o'].tolist()";
    let objects = numpy.ask(code, &[json!(here.join("d.npz"))]).unwrap();
    assert_eq!(objects, json!([null, 1]));
    stdout_of(here, &["pack", "o.npz", "deflated.npz::o"]);
    let objects = numpy.ask(code, &[json!(here.join("o.npz"))]).unwrap();
    assert_eq!(objects, json!([null, 1]));
}
