//! Files of safetensors at a shell.

use conformance::{failed, ran, sha256, stdout_of};
use npio::{Array, Casting, DType, safetensors};
use std::fs;
use std::path::Path;

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let weight = Array::from_slice(&[1.0f32, 0.5, -2.0, 3.0, 4.0, 448.0], [2, 3]).unwrap();
    let small = weight.astype(DType::F8E4M3FN, Casting::SameKind).unwrap();
    let weight = weight.astype(DType::BF16, Casting::SameKind).unwrap();
    let bias = Array::from_slice(&[1i64, 2], [2]).unwrap();
    let arrays = [
        ("layer.weight", &weight),
        ("layer.bias", &bias),
        ("small", &small),
    ];
    let texts = [("format", "pt"), ("note", "two\nlines")];
    safetensors::save(folder.path().join("m.safetensors"), &arrays, &texts).unwrap();
    folder
}

fn bytes(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn it_is_listed_and_read() {
    let folder = sample();
    let here = folder.path();
    let listed = "m.safetensors::layer.bias    I64     (2,)    C  16  plain\n\
                  m.safetensors::layer.weight  BF16    (2, 3)  C  12  plain\n\
                  m.safetensors::small         F8_E4M3  (2, 3)  C   6  plain\n";
    let squeezed = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        squeezed(&stdout_of(here, &["ls", "m.safetensors"])),
        squeezed(listed)
    );
    for (args, expected) in [
        (
            &["dump", "m.safetensors::small"][..],
            "[[  1.    0.5  -2. ]\n [  3.    4.  448. ]]\n",
        ),
        (
            &[
                "dump",
                "m.safetensors::layer.weight",
                "--slice",
                "0",
                "--json",
            ],
            "[1.0,0.5,-2.0]\n",
        ),
        (&["head", "-n", "1", "m.safetensors::layer.bias"], "[1]\n"),
        (&["meta", "get", "m.safetensors", "format"], "pt\n"),
        (
            &["meta", "get", "m.safetensors", "--json"],
            "{\"format\":\"pt\",\"note\":\"two\\nlines\"}\n",
        ),
        (&["verify", "m.safetensors"], "m.safetensors: ok\n"),
    ] {
        assert_eq!(stdout_of(here, args), expected, "{args:?}");
    }
    let info = stdout_of(here, &["info", "m.safetensors"]);
    for line in [
        "m.safetensors: safetensors, 3 arrays, 0 other",
        "  metadata 'format': 'pt'",
        "  metadata 'note': 'two\\nlines'",
        "  'layer.weight': BF16 (bfloat16) (2, 3); 6 × 2 = 12 bytes at byte ",
        " of the header + 34 of all items = ",
    ] {
        assert!(info.contains(line), "{line}: {info}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&stdout_of(here, &["info", "--json", "m.safetensors"])).unwrap();
    assert_eq!(json["kind"], "safetensors");
    assert_eq!(json["metadata"]["format"], "pt");
    assert_eq!(json["arrays"][1]["name"], "layer.weight");
    assert_eq!(json["arrays"][1]["dtype"], "BF16");
    assert_eq!(json["arrays"][1]["nbytes"], 12);
    assert_eq!(json["errors"].as_array().map(Vec::len), Some(0));
    // By its contents, whatever its name, and from a pipe.
    fs::copy(here.join("m.safetensors"), here.join("m.bin")).unwrap();
    assert_eq!(stdout_of(here, &["dump", "m.bin::layer.bias"]), "[1 2]\n");
    let piped = conformance::run(here, &["dump", "-::layer.bias"], &bytes(here, "m.bin"));
    assert_eq!(piped.text(), "[1 2]\n");
}

#[test]
fn it_is_converted_both_ways() {
    let folder = sample();
    let here = folder.path();
    let convert = |args: &[&str]| assert_eq!(stdout_of(here, &[&["convert"], args].concat()), "");
    convert(&["m.safetensors", "m.npz"]);
    let listed = stdout_of(here, &["ls", "m.npz"]);
    assert_eq!(listed.lines().count(), 5, "{listed}");
    assert_eq!(stdout_of(here, &["dump", "m.npz::note"]), "two\nlines\n");
    // The dtypes of a .npy do not say everything.
    let error = failed(here, &["convert", "m.npz", "back.safetensors"]);
    assert!(
        error.contains("safetensors has no dtype |V1")
            || error.contains("safetensors has no dtype |V2"),
        "{error}"
    );
    assert!(!here.join("back.safetensors").exists());
    convert(&["m.safetensors", "again.safetensors"]);
    assert_eq!(
        bytes(here, "again.safetensors"),
        bytes(here, "m.safetensors")
    );
    convert(&[
        "m.safetensors",
        "wide.safetensors",
        "--dtype",
        "f4",
        "--casting",
        "unsafe",
    ]);
    assert_eq!(
        stdout_of(here, &["dump", "wide.safetensors::small", "--slice", "1,2"]),
        "448.0\n"
    );
    convert(&["wide.safetensors", "wide.npz", "--compress"]);
    convert(&["wide.npz", "wide2.safetensors"]);
    assert_eq!(
        bytes(here, "wide2.safetensors"),
        bytes(here, "wide.safetensors")
    );
    convert(&["m.safetensors::layer.weight", "w.npy", "--dtype", "f4"]);
    assert_eq!(
        stdout_of(here, &["dump", "w.npy", "--slice", "1"]),
        "[  3.   4. 448.]\n"
    );
    convert(&["w.npy", "w.safetensors::x", "--order", "C"]);
    assert_eq!(
        stdout_of(here, &["dump", "w.safetensors::x", "--slice", "0"]),
        "[ 1.   0.5 -2. ]\n"
    );
    fs::write(here.join("t.csv"), "1,2\n3,4\n").unwrap();
    convert(&["t.csv", "t.safetensors"]);
    assert_eq!(
        stdout_of(here, &["dump", "t.safetensors::t"]),
        "[[1. 2.]\n [3. 4.]]\n"
    );
    let piped = conformance::run(here, &["convert", "w.npy", "-", "--to", "safetensors"], b"");
    assert_eq!(
        piped.fine(),
        bytes(here, "w.safetensors")
            .iter()
            .map(|byte| match byte {
                b'x' => b'w',
                byte => *byte,
            })
            .collect::<Vec<u8>>()
    );
}

#[test]
fn what_is_wrong_is_said() {
    let folder = sample();
    let here = folder.path();
    stdout_of(here, &["convert", "m.safetensors::layer.bias", "b.npy"]);
    for (args, expected) in [
        (
            &["dump", "m.safetensors"][..],
            "npio: m.safetensors: a file of safetensors: give a member as FILE::MEMBER: 'layer.bias', 'layer.weight', 'small'",
        ),
        (
            &["dump", "m.safetensors::no"],
            "npio: m.safetensors: there is no tensor 'no'",
        ),
        (
            &["meta", "get", "m.safetensors", "no"],
            "npio: m.safetensors: the metadata has no key 'no'",
        ),
        (
            &["convert", "b.npy", "m.safetensors"],
            "npio: m.safetensors: the file exists: use --force to replace it",
        ),
        (
            &["convert", "b.npy", "m.safetensors::b", "--force"],
            "npio: m.safetensors: the file exists, and a file of safetensors is only written as a whole",
        ),
        (
            &["convert", "b.npy", "f.safetensors", "--order", "F"],
            "npio: f.safetensors: the items in a file of safetensors are in C order, and little endian",
        ),
        (
            &[
                "convert",
                "b.npy",
                "f.safetensors",
                "--dtype",
                "M8[s]",
                "--casting",
                "unsafe",
            ],
            "npio: f.safetensors: array 'b' cannot be saved: safetensors has no dtype <M8[s]",
        ),
        (
            &["convert", "m.safetensors", "f.npz", "--slice", "0"],
            "npio: m.safetensors: a slice is of one array: give a member as FILE::MEMBER",
        ),
    ] {
        assert_eq!(failed(here, args), expected, "{args:?}");
    }
    // A file that is cut off.
    let whole = bytes(here, "m.safetensors");
    fs::write(here.join("cut.safetensors"), &whole[..whole.len() - 1]).unwrap();
    let (status, text, _) = ran(here, &["verify", "cut.safetensors"]);
    assert_eq!(
        (status, text.as_str()),
        (
            1,
            "cut.safetensors: the items of all tensors take 34 bytes, and 33 bytes follow the header\n"
        )
    );
    fs::write(here.join("empty.safetensors"), "").unwrap();
    assert_eq!(
        failed(here, &["ls", "empty.safetensors"]),
        "npio: empty.safetensors: safetensors header is cut off: expected at least 8 bytes, found 0"
    );
}

/// What takes all arrays of an archive takes those of such a file.
#[test]
fn all_arrays_and_patterns() {
    let folder = sample();
    let here = folder.path();
    let lines = |args: &[&str]| -> Vec<String> {
        let lines = stdout_of(here, args);
        lines.lines().map(str::to_owned).collect()
    };
    // The checksum is that of the array in a .npy.
    let names = ["layer.bias", "layer.weight", "small"];
    let sums = names.map(|name| {
        let npy = format!("{name}.npy");
        let address = format!("m.safetensors::{name}");
        stdout_of(here, &["convert", &address, &npy]);
        format!("{}  {address}", sha256(&bytes(here, &npy)))
    });
    assert_eq!(lines(&["hash", "m.safetensors"]), sums);
    assert_eq!(lines(&["hash", "m.safetensors::layer.*"]), sums[..2]);
    assert_eq!(lines(&["hash", "m.safetensors::small"]), sums[2..]);
    assert_eq!(
        lines(&["find", "lt:0", "m.safetensors"]),
        [
            "m.safetensors::layer.weight[0, 2]: -2.0",
            "m.safetensors::small[0, 2]: -2.0",
        ]
    );
    // Values that the small floats do not have.
    for (condition, count) in [
        ("lt:1000", 6),
        ("le:3.01", 4),
        ("ge:447.9", 1),
        ("eq:447.9", 0),
        ("gt:-1e999", 6),
    ] {
        let address = "m.safetensors::small";
        let found = ran(here, &["find", "--count", condition, address]);
        assert_eq!(found.1, format!("{address}: {count}\n"), "{condition}");
    }
    assert_eq!(
        lines(&["dump", "m.safetensors::*.bias"]),
        ["== m.safetensors::layer.bias", "[1 2]"]
    );
    for address in ["m.safetensors", "m.safetensors::small", "m.safetensors::l*"] {
        assert_eq!(lines(&["verify", address]), ["m.safetensors: ok"]);
    }
    for (command, member, message) in [
        ("verify", "no", "there is no tensor 'no'"),
        ("hash", "no", "there is no tensor 'no'"),
        (
            "hash",
            "no*",
            "no array matches 'no*': the archive has 'layer.bias', 'layer.weight', 'small'",
        ),
    ] {
        let address = format!("m.safetensors::{member}");
        let error = failed(here, &[command, &address]);
        assert_eq!(
            error,
            format!("npio: m.safetensors: {message}"),
            "{command}"
        );
    }
    let stats = lines(&["stats", "m.safetensors::*s*"]);
    assert_eq!(
        stats[1..],
        [
            "m.safetensors::layer.bias\t<i8\t(2,)\t2\t0\t0\t0\t1\t2\t1.5\t0.5",
            "m.safetensors::small\t<V1\t(2, 3)\t6\t0\t0\t0\t-2.0\t448.0\t75.75\t166.48617309955003",
        ]
    );
    // Many files at once, in their order.
    let files: Vec<String> = (0..20)
        .map(|index| format!("{index:02}.safetensors"))
        .collect();
    for file in &files {
        fs::copy(here.join("m.safetensors"), here.join(file)).unwrap();
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let listed = lines(&[&["ls"], &files[..]].concat());
    let expected = files
        .iter()
        .flat_map(|file| names.map(|name| format!("{file}::{name}")));
    let first: Vec<&str> = listed
        .iter()
        .filter_map(|line| line.split('\t').next())
        .collect();
    assert_eq!(first, expected.collect::<Vec<_>>());
    let reports = lines(&[&["info", "--json"], &files[..]].concat());
    assert_eq!(reports.len(), files.len());
    assert!(
        reports
            .iter()
            .all(|line| line.matches("\"descr\"").count() == 3)
    );
}

#[test]
fn some_arrays_are_converted() {
    let folder = sample();
    let here = folder.path();
    let members = |file: &str| -> Vec<String> {
        let listed = stdout_of(here, &["ls", file]);
        let names = listed.lines().filter_map(|line| line.split('\t').next());
        names
            .map(|name| name.replace(&format!("{file}::"), ""))
            .collect()
    };
    for args in [
        ["m.safetensors::layer.*", "some.npz"],
        ["m.safetensors::layer.*", "some.safetensors"],
        ["some.npz::*bias", "bias.safetensors"],
    ] {
        assert_eq!(stdout_of(here, &[&["convert"], &args[..]].concat()), "");
    }
    assert_eq!(members("some.npz"), ["layer.bias", "layer.weight"]);
    assert_eq!(members("some.safetensors"), ["layer.bias", "layer.weight"]);
    assert_eq!(members("bias.safetensors"), ["layer.bias"]);
    assert_eq!(
        stdout_of(here, &["meta", "get", "some.safetensors", "--json"]),
        "{}\n"
    );
    // What is left of a file that was cut off.
    let bias = Array::from_slice(&[1i64, 2, 3], [3]).unwrap();
    npio::save(here.join("cut.npy"), &bias).unwrap();
    let whole = bytes(here, "cut.npy");
    fs::write(here.join("cut.npy"), &whole[..whole.len() - 4]).unwrap();
    let (status, _, stderr) = ran(
        here,
        &["convert", "--salvage", "cut.npy", "cut.safetensors"],
    );
    assert_eq!(status, 1, "{stderr}");
    assert_eq!(
        stdout_of(here, &["dump", "cut.safetensors::cut"]),
        "[1 2]\n"
    );
    // The whole rows, with the dtype that the user says.
    let text = ran(here, &["dump", "--salvage", "--as-dtype", "f8", "cut.npy"]).1;
    assert_eq!(text, "[5.e-324 1.e-323]\n");
}
