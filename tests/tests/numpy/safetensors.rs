//! Files of safetensors, against the implementation for Python.

use conformance::{NumPy, run};
use npio::safetensors;
use npio::{Array, Casting, DType};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A Python with safetensors; `None`, with a printed message, without it.
fn start() -> Option<NumPy> {
    let mut numpy = NumPy::start()?;
    match numpy.ask("import ml_dtypes, safetensors.numpy", &[]) {
        Ok(_) => Some(numpy),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error}, and CI is set");
            conformance::skipped(&format!("{error}; `cargo xtask test` brings it"));
            None
        }
    }
}

/// The dtypes that `save_file` takes.
const DTYPES: &str = "bool int8 uint8 int16 uint16 int32 uint32 int64 uint64 float16 float32 float64 complex64 bfloat16 \
    float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu";

/// All dtypes in a file, with texts.
const SAVE: &str = "
import ml_dtypes, safetensors.numpy
kinds = [getattr(ml_dtypes, name, None) or name for name in args[1].split()]
arrays = {str(i): np.array([[1, 0, 1], [1, 1, 0]]).astype(kind) for i, kind in enumerate(kinds)}
arrays['empty'] = np.zeros((0, 3), 'f4')
arrays['0-d'] = np.array(7, 'i8')
arrays['\\n\"\\u00e9'] = np.arange(4.0).reshape(2, 2)
safetensors.numpy.save_file(arrays, args[0], metadata={'format': 'np', 'a \"\\u00e9': '', 'z': '\\n'})
";

/// Every dtype in a file of Python's is read, and written as Python wrote it.
#[test]
fn each_reads_the_files_of_the_other() {
    let Some(mut numpy) = start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (theirs, ours) = (path("theirs.safetensors"), path("ours.safetensors"));
    numpy.ask(SAVE, &[json!(theirs), json!(DTYPES)]).unwrap();
    let file = safetensors::open(&theirs).unwrap();
    let arrays: Vec<(&str, Array)> = file
        .tensors()
        .map(|tensor| (tensor.name(), tensor.open().unwrap().read().unwrap()))
        .collect();
    for (i, name) in DTYPES.split_whitespace().enumerate() {
        let array = &arrays
            .iter()
            .find(|(key, _)| *key == i.to_string())
            .unwrap()
            .1;
        let dtype: DType = name.parse().unwrap();
        assert_eq!(
            array.dtype().with_byte_order(npio::ByteOrder::NATIVE),
            dtype
        );
        if name != "float8_e8m0fnu" {
            let values = array.astype(DType::I64, Casting::Unsafe).unwrap();
            assert_eq!(
                values.to_vec::<i64>().unwrap(),
                [1, 0, 1, 1, 1, 0],
                "{name}"
            );
        }
    }
    let texts: Vec<(&str, &str)> = file
        .metadata()
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    safetensors::save(&ours, &arrays, &texts).unwrap();
    assert_eq!(fs::read(&ours).unwrap(), fs::read(&theirs).unwrap());
    // Python's own reader takes it, and finds the same.
    let ask = "
import safetensors
with open(args[0], 'rb') as file:
    found = safetensors.deserialize(file.read())
answer = sorted([name, info['dtype'], list(info['shape']), bytes(info['data']).hex()] for name, info in found)
";
    let [a, b] = [&theirs, &ours].map(|path| numpy.ask(ask, &[json!(path)]).unwrap());
    assert_eq!(a, b);
    assert_eq!(a.as_array().map(Vec::len), Some(arrays.len()));
}

fn npio(folder: &Path, args: &[&str]) -> String {
    let ran = run(folder, args, b"");
    let text = ran.text();
    ran.fine();
    text
}

/// An archive of NumPy's becomes a file that Python loads, and comes back.
#[test]
fn archives_are_converted_both_ways() {
    let Some(mut numpy) = start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = |name: &str| here.join(name);
    let save = "np.savez(args[0], w=np.asfortranarray(np.arange(6, dtype='>f4').reshape(2, 3)), b=np.arange(3), author='Emma\\u00e9')";
    numpy.ask(save, &[json!(path("a.npz"))]).unwrap();
    npio(here, &["convert", "a.npz", "a.safetensors"]);
    let load = "
import safetensors.numpy, safetensors
loaded = safetensors.numpy.load_file(args[0])
with safetensors.safe_open(args[0], 'np') as file:
    metadata = file.metadata()
answer = [{name: [array.dtype.str, array.tolist()] for name, array in loaded.items()}, metadata]
";
    let expected = json!([
        {"w": ["<f4", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]], "b": ["<i8", [0, 1, 2]]},
        {"author": "Emma\u{e9}"},
    ]);
    assert_eq!(
        numpy.ask(load, &[json!(path("a.safetensors"))]).unwrap(),
        expected
    );
    npio(here, &["convert", "a.safetensors", "b.npz"]);
    let load = "
loaded = np.load(args[0])
answer = {name: [loaded[name].dtype.str, loaded[name].tolist()] for name in loaded.files}
";
    let back: Value = numpy.ask(load, &[json!(path("b.npz"))]).unwrap();
    let expected = json!({
        "w": ["<f4", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]], "b": ["<i8", [0, 1, 2]], "author": ["<U5", "Emma\u{e9}"],
    });
    assert_eq!(back, expected);
    // Converted on the way, as for a smaller file.
    npio(
        here,
        &[
            "convert",
            "a.npz::w",
            "w.safetensors",
            "--dtype",
            "bfloat16",
        ],
    );
    let listed = npio(here, &["ls", "w.safetensors"]);
    let listed: Vec<&str> = listed.split_whitespace().collect();
    assert_eq!(listed.join(" "), "w.safetensors::w BF16 (2, 3) C 12 plain");
}
