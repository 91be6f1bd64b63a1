//! Raw files at the shell, and beside NumPy.

use conformance::{NumPy, ran, run, sample_folder};
use npio::{DType, RawLayout};
use serde_json::{Value, json};
use std::fs;

/// NumPy's names of types whose arrays `tofile` writes.
const TYPES: [&str; 14] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
];

/// Writes a file with its layout in the name, the way that people write it by hand.
const WRITE: &str = r#"
folder, dtype, shape, seed = args
rng = np.random.default_rng(seed)
x = np.frombuffer(rng.bytes(int(np.prod(shape)) * np.dtype(dtype).itemsize), np.uint8)
x = (x & 1 if dtype == "bool" else x).view(dtype).reshape(shape)
name = f"{folder}/my_data_{'_'.join([x.dtype.name, *map(str, x.shape)])}.dat"
x.tofile(name)
answer = [name, hashlib.sha256(x.tobytes()).hexdigest()]
"#;

/// Reads a file by its name alone, the way that people do it by hand.
const READ: &str = r#"
stem = args[0].split("/")[-1].rsplit(".", 1)[0]
name, dtype, *shape = stem.split("_")
x = np.fromfile(args[0], dtype=getattr(np, dtype)).reshape([int(n) for n in shape])
answer = [str(x.dtype), list(x.shape), hashlib.sha256(x.tobytes()).hexdigest()]
"#;

#[test]
fn numpys_files_are_read_by_name_alone_and_ours_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for dtype in TYPES {
        for (seed, shape) in [json!([5]), json!([4, 5]), json!([2, 3, 4])]
            .into_iter()
            .enumerate()
        {
            let args = [
                json!(folder.path()),
                json!(dtype),
                shape.clone(),
                json!(seed),
            ];
            let answer = numpy.ask(WRITE, &args).unwrap();
            let path = answer[0].as_str().unwrap();
            let array = npio::load(path).unwrap();
            assert_eq!(conformance::sha256(array.as_bytes()), answer[1]);
            assert_eq!(json!(array.shape()), shape);
            assert_eq!(array.dtype().name().unwrap(), dtype);

            let lengths: Vec<String> = array.shape().iter().map(usize::to_string).collect();
            let ours = folder
                .path()
                .join(format!("x_{dtype}_{}.dat", lengths.join("_")));
            npio::save_raw(&ours, &array).unwrap();
            let answer = numpy.ask(READ, &[json!(ours)]).unwrap();
            let expected = json!([dtype, shape, conformance::sha256(array.as_bytes())]);
            assert_eq!(answer, expected);
        }
    }
}

/// `fromfile` with count and offset, and `reshape` with -1, against NumPy's answers and refusals.
#[test]
fn fromfile_as_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    let bytes: Vec<u8> = (0..48).collect();
    fs::write(&path, &bytes).unwrap();
    let code = r#"
path, dtype, offset, shape = args
x = np.fromfile(path, dtype, offset=offset)
# What is left over, NumPy drops unasked.
assert (48 - offset) % x.itemsize == 0, "partial"
x = x.reshape(shape)
answer = [list(x.shape), hashlib.sha256(x.tobytes()).hexdigest()]
"#;
    let mut agreed = 0;
    for dtype in ["<i4", ">f8", "u1", "<c16", "S5", "i4,f8"] {
        for offset in [0, 1, 4, 8, 48] {
            for shape in [
                vec![-1],
                vec![2, -1],
                vec![-1, 3],
                vec![3, 2],
                vec![1, -1, 2],
            ] {
                let args = [json!(path), json!(dtype), json!(offset), json!(shape)];
                let theirs = numpy.ask(code, &args).ok();
                let parsed: DType = dtype.parse().unwrap();
                let format = RawLayout::new(parsed)
                    .offset(offset)
                    .shape(shape.clone())
                    .exact();
                let ours = npio::fromfile(&path, format).ok();
                let ours = ours.map(|x| json!([x.shape(), conformance::sha256(x.as_bytes())]));
                assert_eq!(ours, theirs, "{dtype} {offset} {shape:?}");
                agreed += usize::from(ours.is_some());
            }
        }
    }
    assert!(agreed > 30, "{agreed}");
}

#[test]
fn raw_files_at_the_shell() {
    let folder = sample_folder();
    let here = folder.path();
    let fine = |args: &[&str]| {
        let (status, text, stderr) = ran(here, args);
        assert_eq!((status, stderr.as_str()), (0, ""), "{args:?}");
        text
    };
    fine(&["convert", "x.npy", "y_float64_2_3.dat"]);
    fine(&["convert", "x.npy", "z_float64_be_F_2_3.dat"]);
    fine(&["convert", "--to", "raw", "f.npy", "f.bin", "--order", "C"]);
    let bytes = fs::read(here.join("y_float64_2_3.dat")).unwrap();
    assert_eq!(bytes, fs::read(here.join("f.bin")).unwrap());
    let json = "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n";
    for args in [
        &["dump", "--json", "y_float64_2_3.dat"][..],
        &["dump", "--json", "z_float64_be_F_2_3.dat"],
        &[
            "dump",
            "--json",
            "--in-dtype",
            "f8",
            "--in-shape",
            "2,-1",
            "f.bin",
        ],
    ] {
        assert_eq!(fine(args), json);
    }
    assert_eq!(
        fine(&["dump", "--json", "--slice", "1", "z_float64_be_F_2_3.dat"]),
        "[4.0,5.0,6.0]\n"
    );
    assert_eq!(
        fine(&["head", "-n1", "--in-dtype=f8", "--in-offset=8", "f.bin"]),
        "[2.5]\n"
    );
    assert_eq!(
        fine(&["ls", "z_float64_be_F_2_3.dat"]),
        "z_float64_be_F_2_3.dat\t>f8\t(2, 3)\tF\t48\tplain\n"
    );
    assert_eq!(
        fine(&["info", "y_float64_2_3.dat"]),
        "y_float64_2_3.dat: raw items
  dtype   <f8 (float64)
  shape   (2, 3), 6 items
  order   C: the last index runs fastest
  data    6 × 8 = 48 bytes
  file    0 + 48 = 48 bytes
"
    );
    let info: Value =
        serde_json::from_str(&fine(&["info", "--json", "y_float64_2_3.dat"])).unwrap();
    assert_eq!(
        (&info["kind"], &info["arrays"][0]["version"]),
        (&json!("raw"), &Value::Null)
    );
    fine(&["append", "x.npy", "y_float64_2_3.dat"]);
    let piped = run(
        here,
        &[
            "dump",
            "--json",
            "--in-dtype",
            "f8",
            "--in-shape",
            "2,3",
            "-",
        ],
        &bytes,
    );
    assert_eq!(piped.text(), json);
    let raw = run(
        here,
        &["convert", "--to", "raw", "-", "-"],
        &fs::read(here.join("f.npy")).unwrap(),
    );
    // The order is kept, as everywhere.
    assert_eq!(raw.fine()[..16], [1.0, 4.0].map(f64::to_le_bytes).concat());
}

#[test]
fn what_is_not_raw_at_the_shell() {
    let folder = sample_folder();
    let here = folder.path();
    fs::write(here.join("x_int32_4_5.dat"), [0; 81]).unwrap();
    fs::write(here.join("x.bin"), [0; 81]).unwrap();
    for (args, message) in [
        (
            &["dump", "x_int32_4_5.dat"][..],
            "x_int32_4_5.dat: the data is too long: expected 80 bytes, found 81",
        ),
        (
            &["dump", "--in-dtype", "i4", "x.bin"],
            "x.bin: 81 bytes are not a whole number of items of 4 bytes: 1 are left over",
        ),
        (
            &["dump", "--in-dtype", "i4", "--in-shape", "4,5", "x.bin"],
            "x.bin: the data is too long: expected 80 bytes, found 81",
        ),
        (
            &["dump", "--in-dtype", "u1", "x.npy"],
            "x.npy: the file is .npy, as its first bytes say: expected raw items or text",
        ),
        (
            &["convert", "x.npy", "y_int32_2_3.dat"],
            "y_int32_2_3.dat: the file's name says <i4 of shape (2, 3), the array is <f8 of shape (2, 3)",
        ),
        (
            &["convert", "x.npy", "y_float64_3_2.dat"],
            "y_float64_3_2.dat: the file's name says <f8 of shape (3, 2), the array is <f8 of shape (2, 3)",
        ),
        (
            &["convert", "--to", "raw", "x.npy", "y_float64_3_2.dat"],
            "y_float64_3_2.dat: the file's name says <f8 of shape (3, 2), the array is <f8 of shape (2, 3)",
        ),
        (
            &["convert", "--to", "npy", "x.npy", "y_float64_2_3.dat"],
            "y_float64_2_3.dat: the name gives a raw layout, but --to is .npy",
        ),
    ] {
        assert_eq!(
            ran(here, args),
            (2, String::new(), format!("npio: {message}\n"))
        );
    }
    fs::write(here.join("y_int32_4_5.dat"), [0; 80]).unwrap();
    let (status, text, _) = ran(here, &["verify", "x_int32_4_5.dat", "y_int32_4_5.dat"]);
    let message =
        "x_int32_4_5.dat: the data is too long: expected 80 bytes, found 81\ny_int32_4_5.dat: ok\n";
    assert_eq!((status, text.as_str()), (1, message));
    let (status, _, stderr) = ran(here, &["dump", "--in-shape", "4", "x.bin"]);
    assert!(status == 2 && stderr.contains("--in-dtype"), "{stderr}");
}
