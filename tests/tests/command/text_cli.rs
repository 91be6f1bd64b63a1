//! Text at a shell: `dump --sep`, and `convert` between .npy, raw items, text and JSON.

use conformance::{Dice, ran, run, sample_folder};
use npio::flatfile::text::{self, Separator, table};
use npio::{Array, DType, Layout, Order};
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

/// A folder with `r.npy`, two records, and other arrays that make difficult tables.
fn tables_folder() -> tempfile::TempDir {
    let folder = sample_folder();
    let save = |name: &str, dtype: &str, shape: &[usize], bytes: &[u8]| {
        let layout = Layout::new(dtype.parse().unwrap(), shape, Order::C).unwrap();
        let array = Array::new(layout, bytes).unwrap();
        npio::save(folder.path().join(name), &array).unwrap();
    };
    let record = "[('a','S3'),('b,c','>i2',(2,))]";
    save(
        "r.npy",
        record,
        &[2],
        b"x,y\x00\x01\xff\xff#5\0\x00\x02\x00\x03",
    );
    save("none.npy", record, &[0], b"");
    save("s.npy", "S3", &[4], b"#5\0\0\0\0a,b \"\0");
    save("m.npy", "<m8[ms]", &[1], &5i64.to_le_bytes());
    save("d.npy", "<f8", &[], &2.5f64.to_le_bytes());
    save("v.npy", "V2", &[1], b"ab");
    save("deep.npy", "i1", &[1, 1, 2], &[1, 2]);
    save("bad.npy", "S1", &[2, 1], b"a\xff");
    folder
}

#[test]
fn tables_for_other_programs() {
    let folder = tables_folder();
    for (args, expected) in [
        (
            "--to csv r.npy",
            "a,\"b,c[0]\",\"b,c[1]\"\n\"x,y\",1,-1\n\"#5\",2,3\n",
        ),
        (
            "--to tsv r.npy",
            "a\tb,c[0]\tb,c[1]\nx,y\t1\t-1\n\"#5\"\t2\t3\n",
        ),
        ("--to csv --no-names r.npy", "\"x,y\",1,-1\n\"#5\",2,3\n"),
        (
            "--to csv --no-names --names none.npy",
            "a,\"b,c[0]\",\"b,c[1]\"\n",
        ),
        ("--to csv --names --no-names none.npy", ""),
        ("--to csv s.npy", "\"#5\"\n\"\"\n\"a,b\"\n\" \"\"\"\n"),
        ("--to csv --out-quote ' s.npy", "'#5'\n''\n'a,b'\n' \"'\n"),
        ("--to csv m.npy", "5\n"),
        ("--to csv d.npy", "2.5\n"),
        ("--to csv x.npy", "1.0,2.5,-3.0\n4.0,5.0,6.0\n"),
        (
            "--to csv --out-delimiter ; x.npy",
            "1.0;2.5;-3.0\n4.0;5.0;6.0\n",
        ),
        (
            "--to csv --out-decimal , x.npy",
            "1,0;2,5;-3,0\n4,0;5,0;6,0\n",
        ),
        (
            "--to tsv --out-decimal , x.npy",
            "1,0\t2,5\t-3,0\n4,0\t5,0\t6,0\n",
        ),
        (
            "--to csv --out-decimal , --out-delimiter , x.npy",
            "\"1,0\",\"2,5\",\"-3,0\"\n\"4,0\",\"5,0\",\"6,0\"\n",
        ),
        (
            "--to csv --format %.2f x.npy",
            "1.00,2.50,-3.00\n4.00,5.00,6.00\n",
        ),
        // NumPy's own tables stay as they are.
        ("--to txt s.npy", "b'#5'\nb''\nb'a,b'\nb' \"'\n"),
        ("--to txt m.npy", "5 milliseconds\n"),
        ("--to txt --out-quote none m.npy", "5 milliseconds\n"),
        (
            "--to txt --out-delimiter \\t x.npy",
            "1.0\t2.5\t-3.0\n4.0\t5.0\t6.0\n",
        ),
        (
            "--to txt --out-decimal , x.npy",
            "1,0 2,5 -3,0\n4,0 5,0 6,0\n",
        ),
        (
            "--to txt --out-quote \" s.npy",
            "\"#5\"\n\"\"\na,b\n\" \"\"\"\n",
        ),
        ("--to csv --sep , deep.npy", "1,2"),
    ] {
        let args: Vec<&str> = ["convert"]
            .into_iter()
            .chain(args.split(' '))
            .chain(["-"])
            .collect();
        let (status, text, message) = ran(folder.path(), &args);
        assert_eq!(
            (status, text.as_str(), message.as_str()),
            (0, expected, ""),
            "{args:?}"
        );
    }
    // What is written is read.
    let dtype = "[('a','S3'),('b,c','>i2',(2,))]";
    for table in ["back.csv", "back.tsv"] {
        for args in [
            &["convert", "--no-names", "r.npy", table][..],
            &["convert", "--force", "--in-dtype", dtype, table, "back.npy"],
        ] {
            let answer = ran(folder.path(), args);
            assert_eq!(answer, (0, String::new(), String::new()), "{args:?}");
        }
        let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap();
        assert_eq!(bytes("back.npy"), bytes("r.npy"));
    }
}

#[test]
fn what_a_table_cannot_hold() {
    let folder = tables_folder();
    for (args, expected) in [
        (
            "v.npy out.csv",
            "out.csv: items of type '|V2' have no text in .csv and .tsv: use .json",
        ),
        (
            "deep.npy out.tsv",
            "out.tsv: invalid shape: a table has two axes at most, the array 3: use .json, or --sep for a flat \
             sequence",
        ),
        (
            "bad.npy out.csv",
            "out.csv: row 1, field 0: byte 0 is not UTF-8, as text in .csv and .tsv is: use .json",
        ),
        (
            "--out-quote none s.npy out.csv",
            "out.csv: row 0, field 0: it needs a quote: it is empty, or contains a delimiter, a line end, # or outer \
             white space; use --out-quote C (WriteOptions::quotechar)",
        ),
        (
            "--out-delimiter \" s.npy out.csv",
            "out.csv: '\"' is both the quote and the delimiter",
        ),
        (
            "--out-delimiter ;; s.npy out.csv",
            "invalid value ';;' for '--out-delimiter <C>': expected one character, or \\t (see npio --help)",
        ),
        (
            "--out-quote é s.npy out.csv",
            "invalid value 'é' for '--out-quote <C>': expected one ASCII character, or none (see npio --help)",
        ),
        (
            "--sep , --out-delimiter ; x.npy out.csv",
            "the argument '--sep <SEPARATOR>' cannot be used with '--out-delimiter <C>' (see npio convert --help)",
        ),
        (
            "--out-decimal , x.npy out.npy",
            "out.npy: only tables have --out-delimiter, --out-quote and --out-decimal: use .txt, .csv or .tsv",
        ),
    ] {
        let args: Vec<&str> = ["convert"].into_iter().chain(args.split(' ')).collect();
        let (status, text, message) = ran(folder.path(), &args);
        let expected = format!("npio: {expected}");
        assert_eq!(
            (status, text.as_str(), message.trim_end()),
            (2, "", expected.as_str())
        );
    }
    assert!(!folder.path().join("out.csv").exists() && !folder.path().join("out.tsv").exists());
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
            "old.xyz: cannot write .xyz: only .npy, .npz, .safetensors, .txt, .csv, .tsv, .json, a name such as x_int32_4_5.dat, or --to raw",
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

/// The options for tables that others wrote.
#[test]
fn tables_as_people_have_them() {
    let folder = sample_folder();
    let here = folder.path();
    for (name, text) in [
        (
            "messy.csv",
            &b"made by hand\nName;L\xe4nge;Datum;n\nM\xfcller;1,75;2020-01-02;3\n\"a;b\";NA;2021-05-06;\nSumme;1,75;;3\n"[..],
        ),
        ("spaced.asc", b"1 2\r# 3 4\r5 6 # 7\r"),
        ("fortran.txt", b"1.0D+05 1.5-105 1.#INF\n"),
        ("numbers.dat", b"1.5 2.5\n-3e5,4\n"),
        ("bars.txt", b"a|'b|c'|3\n-|''|4\n"),
        ("x.json", b"[[1, 2], [3, 4]]"),
    ] {
        fs::write(here.join(name), text).unwrap();
    }
    for (args, expected) in [
        (
            "--encoding latin-1 --decimal , --skip-rows 1 --skip-footer 1 --missing NA --in-names --in-dtype auto messy.csv",
            "[('M\u{fc}ller', 1.75, '2020-01-02',  3.) ('a;b',  nan, '2021-05-06', nan)]",
        ),
        (
            "--encoding latin-1 --delimiter ; --decimal , --skip-rows 2 --missing NA --fill -1 --in-names=a,b,c,d \
             --columns d,b --max-rows 2 messy.csv",
            "[( 3.,  1.75) (-1., -1.  )]",
        ),
        ("--from txt spaced.asc", "[[1. 2.]\n [5. 6.]]"),
        (
            "--from txt --comments none --columns -1 --skip-footer 2 spaced.asc",
            "[2.]",
        ),
        (
            "--fortran-exponents fortran.txt",
            "[[1.0e+005 1.5e-105      inf]]",
        ),
        (
            "--delimiter | --quote ' --in-dtype U bars.txt",
            "[['a' 'b|c' '3']\n ['-' '' '4']]",
        ),
        (
            "--delimiter | --quote none --columns 0,-1 --in-dtype U bars.txt",
            "[['a' '3']\n ['-' '4']]",
        ),
        (
            "--from raw --in-dtype S3 --in-shape 5 --slice :1 numbers.dat",
            "[b'1.5']",
        ),
    ] {
        let args: Vec<&str> = ["dump"]
            .into_iter()
            .chain(args.split_whitespace())
            .collect();
        let (status, text, message) = ran(here, &args);
        assert_eq!(
            (status, text.as_str(), message.as_str()),
            (0, format!("{expected}\n").as_str(), ""),
            "{args:?}"
        );
    }
    let piped = run(here, &["dump", "--from", "csv", "-"], b"1,2\n");
    assert_eq!(piped.fine(), b"[[1. 2.]]\n");
    let piped = run(here, &["dump", "--from", "json", "-"], b"[1,2]");
    assert_eq!(piped.fine(), b"[1 2]\n");
    for (args, expected) in [
        (
            "dump --in-dtype f8 numbers.dat",
            "numbers.dat: it looks like a text of numbers, not like raw items: state --from txt or --from raw",
        ),
        (
            "dump --from raw numbers.dat",
            "numbers.dat: raw items need --in-dtype",
        ),
        (
            "dump --delimiter ; messy.csv",
            "messy.csv: line 1, column 1 (byte 0), row 0, field 0: expected a number, found 'made by hand': use --in-names if the first row has the names of the columns",
        ),
        (
            "dump --sep , --delimiter ; messy.csv",
            "the argument '--sep <SEPARATOR>' cannot be used with '--delimiter <C>' (see npio dump --help)",
        ),
        (
            "convert --in-sep , --delimiter ; messy.csv x.npy",
            "the argument '--in-sep <SEPARATOR>' cannot be used with '--delimiter <C>' (see npio convert --help)",
        ),
    ] {
        let args: Vec<&str> = args.split(' ').collect();
        let (status, text, message) = ran(here, &args);
        assert_eq!(
            (status, text.as_str(), message.trim_end()),
            (2, "", format!("npio: {expected}").as_str()),
            "{args:?}"
        );
    }
    // Text is read with one separator, and written with another.
    fs::write(here.join("flat.txt"), "1,2,3").unwrap();
    let args = [
        "convert", "--in-sep", ",", "--sep", ";", "flat.txt", "out.txt",
    ];
    assert_eq!(ran(here, &args), (0, String::new(), String::new()));
    assert_eq!(fs::read(here.join("out.txt")).unwrap(), b"1.0;2.0;3.0");
}
