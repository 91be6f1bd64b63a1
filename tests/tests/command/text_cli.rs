//! Text at a shell: `dump --sep`, and `convert` between .npy, raw items, text and JSON.

use conformance::{Dice, ran, run, sample_folder};
use npio::flatfile::text::{self, Separator, table};
use npio::{Array, DType};
use std::fs::{self, File};
use std::io::Cursor;
use std::path::Path;

#[test]
fn items_with_a_separator() {
    let folder = sample_folder();
    let dump = |args: &[&str]| {
        let (status, text, message) = ran(folder.path(), &[&["dump"], args].concat());
        assert_eq!((status, message.as_str()), (0, ""));
        text
    };
    assert_eq!(dump(&["--sep", ",", "x.npy"]), "1.0,2.5,-3.0,4.0,5.0,6.0");
    // C order, whatever the file's.
    assert_eq!(dump(&["--sep", ",", "f.npy"]), "1.0,2.5,-3.0,4.0,5.0,6.0");
    assert_eq!(
        dump(&["--sep", "; ", "--format", "%d", "x.npy"]),
        "1; 2; -3; 4; 5; 6"
    );
    assert_eq!(
        dump(&["--sep", "-", "--slice", "0", "--format", "<%5.1f>", "x.npy"]),
        "<  1.0>-<  2.5>-< -3.0>"
    );
    fs::write(folder.path().join("x.txt"), "1 2\n3 4\n").unwrap();
    assert_eq!(dump(&["x.txt"]), "[[1. 2.]\n [3. 4.]]\n");
    assert_eq!(
        dump(&["--sep", " ", "--in-dtype", "i4", "x.txt"]),
        "1 2 3 4"
    );
    assert_eq!(
        dump(&["--in-dtype", "i4", "--in-shape", "4", "x.txt"]),
        "[1 2 3 4]\n"
    );
    fs::write(
        folder.path().join("named.csv"),
        "\u{feff}name,x\r\n\"a,b\",1.5\r\n",
    )
    .unwrap();
    let record = "[('x', '<f8'), ('name', '<U4')]";
    assert_eq!(
        dump(&["--in-names", "--in-dtype", record, "named.csv"]),
        "[(1.5, 'a,b')]\n"
    );
    let npy = fs::read(folder.path().join("x.npy")).unwrap();
    // A file that begins like a .npy is one, whatever its name, also on standard input.
    fs::write(folder.path().join("npy.txt"), &npy).unwrap();
    assert_eq!(dump(&["--sep", ",", "npy.txt"]), "1.0,2.5,-3.0,4.0,5.0,6.0");
    let piped = run(folder.path(), &["dump", "--sep", ",", "-"], &npy).fine();
    assert_eq!(piped, b"1.0,2.5,-3.0,4.0,5.0,6.0");
    let piped = run(
        folder.path(),
        &["dump", "--sep", ",", "--in-dtype", "u1", "-"],
        b"1, 2,3\n",
    );
    assert_eq!(piped.fine(), b"1,2,3");
}

#[test]
fn every_form_becomes_every_other() {
    let folder = sample_folder();
    let convert = |args: &[&str]| {
        let (status, text, message) = ran(folder.path(), &[&["convert"], args].concat());
        assert_eq!(
            (status, text.as_str(), message.as_str()),
            (0, "", ""),
            "{args:?}"
        );
    };
    let text = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let table = |between: &str| {
        let lines = [["1.0", "2.5", "-3.0"], ["4.0", "5.0", "6.0"]];
        lines.map(|line| line.join(between) + "\n").concat()
    };
    convert(&["x.npy", "x.txt"]);
    assert_eq!(text("x.txt"), table(" "));
    convert(&["x.txt", "x.csv"]);
    assert_eq!(text("x.csv"), table(","));
    convert(&["x.csv", "x.tsv"]);
    assert_eq!(text("x.tsv"), table("\t"));
    convert(&["x.tsv", "y.npy"]);
    let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(bytes("y.npy"), bytes("x.npy"));
    convert(&["--order", "F", "x.csv", "g.npy"]);
    assert_eq!(bytes("g.npy"), bytes("f.npy"));
    convert(&["x.csv", "x_float64_2_3.dat"]);
    convert(&["--force", "x_float64_2_3.dat", "x.txt"]);
    assert_eq!(text("x.txt"), table(" "));
    convert(&[
        "--dtype",
        "i2",
        "--casting",
        "unsafe",
        "--byteorder",
        "big",
        "x.csv",
        "i.npy",
    ]);
    convert(&["--format", "%3d", "i.npy", "i.csv"]);
    assert_eq!(text("i.csv"), "  1,  2, -3\n  4,  5,  6\n");
    convert(&["--sep", ",", "x.npy", "flat.txt"]);
    assert_eq!(text("flat.txt"), "1.0,2.5,-3.0,4.0,5.0,6.0");
    convert(&["--sep", ",", "--dtype", "f4", "flat.txt", "flat.npy"]);
    convert(&["flat.npy", "x.json"]);
    assert_eq!(text("x.json"), "[1.0,2.5,-3.0,4.0,5.0,6.0]\n");
    fs::write(folder.path().join("named.csv"), "a,b\n1,2\n").unwrap();
    convert(&["--in-names", "--names", "named.csv", "named.tsv"]);
    assert_eq!(text("named.tsv"), "a\tb\n1.0\t2.0\n");
    let piped = run(
        folder.path(),
        &["convert", "--to", "csv", "-", "-"],
        &bytes("x.npy"),
    );
    assert_eq!(String::from_utf8(piped.fine()).unwrap(), table(","));
}

#[test]
fn what_goes_wrong_leaves_the_old_file() {
    let folder = sample_folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("old.npy"), "old").unwrap();
    fs::write(path("old.txt"), "old").unwrap();
    fs::write(path("bad.csv"), "1,2\n3,x\n").unwrap();
    for (args, expected) in [
        (
            &["bad.csv", "old.npy", "--force"][..],
            "bad.csv: line 2, column 3 (byte 6), row 1, field 1: expected a number, found 'x'",
        ),
        (
            &["x.npy", "old.txt"],
            "old.txt: the file exists: use --force to replace it",
        ),
        (
            &[
                "x.npy", "old.txt", "--force", "--sep", ",", "--format", "%d %d",
            ],
            "invalid format '%d %d', at character 5: it has more than one conversion",
        ),
        (
            &["x.npy", "old.txt", "--force", "--format", "%x"],
            "old.txt: %x is not for items of type '<f8'",
        ),
        (
            &["x.npy", "old.xyz"],
            "old.xyz: cannot write .xyz: only .npy, .npz, .txt, .csv, .tsv, .json, a name such as x_int32_4_5.dat, or --to raw",
        ),
    ] {
        let (status, text, message) = ran(folder.path(), &[&["convert"], args].concat());
        assert_eq!(
            (status, text.as_str(), message.trim_end()),
            (2, "", format!("npio: {expected}").as_str())
        );
    }
    assert_eq!(fs::read(path("old.npy")).unwrap(), b"old");
    assert_eq!(fs::read(path("old.txt")).unwrap(), b"old");
    assert!(!path("old.xyz").exists());
}

/// The same items come from every entry point: by path, from an open file, from a stream, and at a shell.
fn every_door(path: &Path, text: &str, shape: &[usize], items: &[f64]) {
    fs::write(path, text).unwrap();
    let open = || File::open(path).unwrap();
    let options = table::ReadOptions::new();
    let tables = [
        npio::loadtxt(path, DType::F64).unwrap(),
        options.read(open(), DType::F64).unwrap(),
        options.read(Cursor::new(text), DType::F64).unwrap(),
    ];
    for array in &tables {
        assert_eq!(array.shape(), shape, "{text:?}");
        assert_eq!(array.to_vec::<f64>().unwrap(), items, "{text:?}");
    }
    let space = Separator::new(" ").unwrap();
    let flat = [
        npio::fromfile_sep(path, DType::F64, " ").unwrap(),
        npio::fromstring(text, DType::F64, " ").unwrap(),
        text::ReadOptions::new()
            .read(open(), DType::F64, &space)
            .unwrap(),
        text::ReadOptions::new()
            .read(Cursor::new(text), DType::F64, &space)
            .unwrap(),
    ];
    for array in &flat {
        assert_eq!(array.to_vec::<f64>().unwrap(), items, "{text:?}");
    }
    let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap());
    let out = folder.join("x.npy");
    let args = ["convert", "--force", name.to_str().unwrap(), "x.npy"];
    assert_eq!(ran(folder, &args), (0, String::new(), String::new()));
    let array: Array = npio::load(&out).unwrap();
    assert_eq!(
        (array.shape(), array.as_bytes()),
        (shape, tables[0].as_bytes())
    );
}

#[test]
fn a_text_is_the_same_through_every_door() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.txt");
    let text = "10 20 30\n40 50 60\n70 80 90\n";
    let items = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0];
    every_door(&path, text, &[3, 3], &items);
    let mut dice = Dice::new(14);
    for round in 0..50 {
        // Some are longer than the amount that is read at a time.
        let rows = 2 + dice.below(if round % 10 == 0 { 40_000 } else { 30 });
        let columns = 2 + dice.below(5);
        let line_end = dice.of(&["\n", "\r\n"]);
        let (mut text, mut items) = (String::new(), Vec::new());
        for _ in 0..rows {
            for column in 0..columns {
                let item = (dice.below(2_000_001) as f64 - 1e6) / 64.0;
                let space = if column == 0 {
                    ""
                } else {
                    dice.of(&[" ", "  ", "\t"])
                };
                text += &format!("{space}{item}");
                items.push(item);
            }
            text += line_end;
        }
        every_door(&path, &text, &[rows, columns], &items);
    }
}
