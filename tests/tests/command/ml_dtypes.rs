//! The dtypes of ml_dtypes at a shell, whose files state other ones.

use conformance::{failed, ran, stdout_of};
use std::fs;
use std::path::Path;

/// A `.npy` of this dtype, and of these bytes.
fn save(folder: &Path, name: &str, descr: &str, items: &[u8], count: usize) {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({count},), }}");
    let mut file = b"\x93NUMPY\x01\0\x76\0".to_vec();
    file.extend(format!("{text:<117}\n").as_bytes());
    file.extend(items);
    fs::write(folder.join(name), file).unwrap();
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    save(
        folder.path(),
        "f8.npy",
        "<V1",
        &[0x38, 0xb8, 0x7e, 0x01, 0x7f],
        5,
    );
    save(folder.path(), "int4.npy", "|V1", &[0, 7, 8, 15], 4);
    let halves = [0x3f80u16, 0xc000].map(u16::to_ne_bytes);
    save(folder.path(), "bf16.npy", "<V2", halves.as_flattened(), 2);
    save(folder.path(), "e5m2.npy", "<f1", &[0x3c, 0xc0, 0x7c], 3);
    folder
}

#[test]
fn the_same_bytes_as_another_dtype() {
    let folder = sample();
    let here = folder.path();
    for (args, expected) in [
        (
            &["dump", "f8.npy", "--as-dtype", "float8_e4m3fn", "--json"][..],
            "[1.0,-1.0,448.0,0.001953125,NaN]\n",
        ),
        (
            &[
                "dump",
                "f8.npy",
                "--as-dtype",
                "float8_e4m3fn",
                "--slice",
                ":2",
            ],
            "[ 1. -1.]\n",
        ),
        (
            &["dump", "int4.npy", "--as-dtype", "int4"],
            "[ 0  7 -8 -1]\n",
        ),
        (
            &["dump", "int4.npy", "--as-dtype", "uint4", "--sep", ","],
            "0,7,8,15",
        ),
        (
            &["head", "bf16.npy", "--as-dtype", "bfloat16"],
            "[ 1. -2.]\n",
        ),
        // NumPy has no other dtype of this name.
        (&["dump", "e5m2.npy"], "[ 1. -2. inf]\n"),
        (&["dump", "e5m2.npy", "--as-dtype", "u1"], "[ 60 192 124]\n"),
    ] {
        assert_eq!(stdout_of(here, args), expected, "{args:?}");
    }
    let stats = stdout_of(here, &["stats", "int4.npy", "--as-dtype", "int4"]);
    assert!(stats.contains("-8"), "{stats}");
}

#[test]
fn they_are_converted_both_ways() {
    let folder = sample();
    let here = folder.path();
    let convert = |args: &[&str]| stdout_of(here, &[&["convert"], args].concat());
    convert(&[
        "f8.npy",
        "wide.npy",
        "--as-dtype",
        "float8_e4m3fn",
        "--dtype",
        "f4",
    ]);
    assert_eq!(
        stdout_of(here, &["dump", "wide.npy", "--json"]),
        "[1.0,-1.0,448.0,0.001953125,NaN]\n"
    );
    convert(&[
        "wide.npy",
        "back.npy",
        "--dtype",
        "float8_e4m3fn",
        "--casting",
        "same_kind",
    ]);
    let diff = ran(here, &["diff", "back.npy", "f8.npy"]);
    assert_eq!(diff.0, 0, "{diff:?}");
    if cfg!(target_endian = "little") {
        assert_eq!(
            fs::read(here.join("back.npy")).unwrap(),
            fs::read(here.join("f8.npy")).unwrap()
        );
    }
    convert(&["f8.npy", "table.txt", "--as-dtype", "float8_e4m3fn"]);
    convert(&["table.txt", "again.npy", "--in-dtype", "float8_e4m3fn"]);
    assert_eq!(ran(here, &["diff", "again.npy", "f8.npy"]).0, 0);
    stdout_of(here, &["pack", "all.npz", "f8.npy"]);
    let member = stdout_of(
        here,
        &[
            "dump",
            "all.npz::f8",
            "--as-dtype",
            "float8_e5m2",
            "--slice",
            "0",
        ],
    );
    assert_eq!(member, "0.5\n");
}

#[test]
fn what_cannot_be_another_dtype() {
    let folder = sample();
    let here = folder.path();
    fs::write(here.join("t.txt"), "1 2").unwrap();
    for (args, expected) in [
        (
            &["dump", "f8.npy", "--as-dtype", "bfloat16"][..],
            "--as-dtype <V2 has 2 bytes an item, and the items are |V1, of 1: it keeps the bytes as they are (--dtype converts them)",
        ),
        (
            &["dump", "t.txt", "--as-dtype", "int4"],
            "--as-dtype is for input that states its own dtype; here --in-dtype does",
        ),
    ] {
        let error = failed(here, args);
        let expected = expected.replace(
            '<',
            if cfg!(target_endian = "little") {
                "<"
            } else {
                ">"
            },
        );
        assert!(error.contains(&expected), "{error}");
    }
}

/// Four of the eight bits have a meaning.
#[test]
fn statistics_of_small_integers() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    save(here, "x.npy", "|u1", &[0x08, 0x07, 0x01, 0x0f], 4);
    let stats = |dtype| stdout_of(here, &["stats", "--as-dtype", dtype, "x.npy"]);
    let has = |text: &str, line: &str| text.lines().any(|found| found == line);
    let (signed, unsigned) = (stats("int4"), stats("uint4"));
    for line in ["min\t-8", "max\t7", "mean\t-0.25"] {
        assert!(has(&signed, line), "{line}: {signed}");
    }
    for line in ["min\t1", "max\t15", "mean\t7.75"] {
        assert!(has(&unsigned, line), "{line}: {unsigned}");
    }
}
