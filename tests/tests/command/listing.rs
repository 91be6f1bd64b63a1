//! `npio ls`: folders, columns and their order; folders in other commands; what `head` and `tail` print.

use conformance::{archive_of, failed, ran, sample_archives, sample_folder, stdout_of};
use npio::flatfile::npy;
use npio::{Array, SaveOptions};
use serde_json::Value;
use std::fs;

/// A folder with arrays in folders, and what is not listed.
fn folders() -> tempfile::TempDir {
    let folder = sample_archives();
    let here = folder.path();
    fs::create_dir_all(here.join("sub/deep")).unwrap();
    fs::create_dir(here.join(".hidden")).unwrap();
    fs::create_dir(here.join("empty")).unwrap();
    for copy in [
        "sub/y.npy",
        "sub/deep/z.npy",
        ".hidden/x.npy",
        ".x.npy",
        "name_float64_2_3.dat",
    ] {
        let bytes = fs::read(here.join("x.npy")).unwrap();
        let raw = if copy.ends_with(".dat") {
            bytes[128..].to_vec()
        } else {
            bytes
        };
        fs::write(here.join(copy), raw).unwrap();
    }
    for other in ["notes.txt", "table.csv", "values.json", "data.dat"] {
        fs::write(here.join(other), "1 2 3\n").unwrap();
    }
    stdout_of(here, &["convert", "x.npy", "w.npy.gz"]);
    folder
}

fn first_column(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect()
}

#[test]
fn folders_are_listed_by_name() {
    let folder = folders();
    let here = folder.path();
    let listed = [
        "a.npz::x",
        "a.npz::f",
        "a.npz::n",
        "c.npz::x",
        "c.npz::f",
        "c.npz::n",
        "f.npy",
        "name_float64_2_3.dat",
        "w.npy.gz",
        "x.npy",
    ];
    assert_eq!(first_column(&stdout_of(here, &["ls"])), listed);
    let deep = stdout_of(here, &["ls", "-r"]);
    let separator = std::path::MAIN_SEPARATOR;
    let inner = [
        format!("sub{separator}deep{separator}z.npy"),
        format!("sub{separator}y.npy"),
    ];
    let expected: Vec<&str> = listed[..8]
        .iter()
        .copied()
        .chain(inner.iter().map(String::as_str))
        .chain(["w.npy.gz", "x.npy"])
        .collect();
    assert_eq!(first_column(&deep), expected);
    assert_eq!(first_column(&stdout_of(here, &["ls", "sub"])), [&inner[1]]);
    assert_eq!(stdout_of(here, &["ls", "empty"]), "");
    assert_eq!(
        first_column(&stdout_of(here, &["ls", "sub", "x.npy"])),
        [&inner[1], "x.npy"]
    );
    // A folder in a folder is not listed without -r, and what cannot be read does not stop the others.
    fs::write(here.join("sub/bad.npy"), "no array").unwrap();
    let (status, text, stderr) = ran(here, &["ls", "sub", "none"]);
    assert_eq!((status, first_column(&text)), (2, vec![inner[1].as_str()]));
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
}

#[test]
fn columns_and_their_order() {
    let folder = sample_archives();
    let here = folder.path();
    let big = Array::from_slice(&vec![0u8; 3000], [3000]).unwrap();
    npio::save(here.join("big.npy"), &big).unwrap();
    let files = ["a.npz::n", "big.npy", "f.npy"];
    let ls = |args: &[&str]| stdout_of(here, &[&["ls"], args, &files].concat());
    assert_eq!(
        ls(&["--header", "--human", "--sort", "size"]),
        "name\tdtype\tshape\torder\tbytes\tstorage\nbig.npy\t|u1\t(3000,)\tC\t3.0K\tplain\n\
         f.npy\t<f8\t(2, 3)\tF\t48\tplain\na.npz::n\t<i4\t(3,)\tC\t12\tstored\n"
    );
    assert_eq!(
        first_column(&ls(&["--sort", "dtype"])),
        ["f.npy", "a.npz::n", "big.npy"]
    );
    assert_eq!(
        first_column(&ls(&["--sort", "name"])),
        ["a.npz::n", "big.npy", "f.npy"]
    );
    let json = ls(&["--json"]);
    assert_eq!(
        json.lines().next().unwrap(),
        r#"{"path":"a.npz","name":"n","dtype":"<i4","shape":[3],"order":"C","bytes":12,"storage":"stored"}"#
    );
    let last: Value = serde_json::from_str(json.lines().last().unwrap()).unwrap();
    assert_eq!(
        (last["name"].clone(), last["order"].as_str()),
        (Value::Null, Some("F"))
    );
    let (status, _, stderr) = ran(here, &["ls", "--json", "--header", "f.npy"]);
    assert!(
        status == 2 && stderr.contains("cannot be used with"),
        "{stderr}"
    );
    assert_eq!(
        stdout_of(here, &["size", "--json", "f8", "3,4"]),
        "{\"dtype\":\"<f8\",\"shape\":[3,4],\"memory\":96,\"raw\":96,\"npy\":224,\"npz\":360}\n"
    );
}

#[test]
fn folders_of_other_commands() {
    let folder = folders();
    let here = folder.path();
    for command in [
        &["info"][..],
        &["verify"],
        &["stats"],
        &["hash"],
        &["find", "zero"],
        &["dump"],
        &["head"],
    ] {
        let error = failed(here, &[command, &["sub"]].concat());
        assert!(
            error.starts_with("npio: sub: a folder: npio ls lists its arrays"),
            "{error}"
        );
    }
    let hashes = stdout_of(here, &["hash", "-r", "sub", "x.npy"]);
    assert_eq!(hashes.lines().count(), 3);
    assert!(
        hashes.lines().all(|line| line[..64] == hashes[..64]),
        "{hashes}"
    );
    assert_eq!(stdout_of(here, &["stats", "-r", "sub"]).lines().count(), 3);
    assert_eq!(
        stdout_of(here, &["info", "-r", "--json", "sub"])
            .lines()
            .count(),
        2
    );
    assert_eq!(ran(here, &["verify", "-r", "."]).0, 0);
    assert_eq!(
        stdout_of(here, &["find", "-r", "-l", "gt:5", "sub"])
            .lines()
            .count(),
        2
    );
    // One that cannot be read does not stop the others, in any command.
    fs::write(here.join("sub/bad.npy"), "no array").unwrap();
    for (command, lines) in [
        (&["stats"][..], 3),
        (&["hash"], 2),
        (&["find", "-c", "gt:5"], 2),
    ] {
        let (status, text, stderr) = ran(here, &[command, &["-r", "sub"]].concat());
        assert_eq!(
            (status, text.lines().count(), stderr.lines().count()),
            (2, lines, 1),
            "{stderr}"
        );
    }
}

#[test]
fn head_and_tail_in_every_form() {
    let folder = sample_folder();
    let here = folder.path();
    let wide: Vec<f64> = (0..4000).map(f64::from).collect();
    let wide = Array::from_slice(&wide, [4, 1000]).unwrap();
    npio::save(here.join("w.npy"), &wide).unwrap();
    let long = Array::from_slice(&(0..5000).collect::<Vec<i32>>(), [5000]).unwrap();
    SaveOptions::new().save(here.join("l.npy"), &long).unwrap();
    let lines = |args: &[&str]| stdout_of(here, args).lines().count();
    assert_eq!(lines(&["head", "w.npy"]), 4);
    assert!(stdout_of(here, &["head", "w.npy"]).contains("..."));
    let full = stdout_of(here, &["head", "-n", "2", "--full", "w.npy"]);
    assert!(
        !full.contains("...") && full.contains("1.999e+03"),
        "{full}"
    );
    assert_eq!(
        stdout_of(here, &["head", "-n", "2", "--json", "x.npy"]),
        "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n"
    );
    assert_eq!(
        stdout_of(here, &["tail", "-n", "1", "--sep", ";", "x.npy"]),
        "4.0;5.0;6.0"
    );
    assert_eq!(
        stdout_of(here, &["tail", "-n", "3", "--sep", ",", "l.npy"]),
        "4997,4998,4999"
    );
    // No row that is asked for is left out.
    let rows = stdout_of(here, &["tail", "-n", "4000", "l.npy"]);
    assert!(
        !rows.contains("...") && rows.starts_with("[1000 1001"),
        "{rows}"
    );
    let (status, _, stderr) = ran(here, &["head", "--json", "--full", "x.npy"]);
    assert!(
        status == 2 && stderr.contains("cannot be used with"),
        "{stderr}"
    );
}

#[test]
fn null_for_readers_without_nan() {
    let folder = sample_folder();
    let here = folder.path();
    let inf = f64::INFINITY;
    let array = Array::from_slice(&[1.5, f64::NAN, inf, -inf], [2, 2]).unwrap();
    npio::save(here.join("n.npy"), &array).unwrap();
    let values = "[[1.5,null],[null,null]]\n";
    assert_eq!(
        stdout_of(here, &["dump", "--json", "--nan", "null", "n.npy"]),
        values
    );
    assert_eq!(
        stdout_of(here, &["head", "--json", "--nan", "null", "n.npy"]),
        values
    );
    assert_eq!(
        stdout_of(here, &["convert", "--nan", "null", "n.npy", "n.json"]),
        ""
    );
    assert_eq!(fs::read_to_string(here.join("n.json")).unwrap(), values);
    assert_eq!(
        stdout_of(here, &["dump", "--json", "n.npy"]),
        "[[1.5,NaN],[Infinity,-Infinity]]\n"
    );
    let (status, _, stderr) = ran(here, &["dump", "--nan", "null", "n.npy"]);
    assert!(status == 2 && stderr.contains("--json"), "{stderr}");
}

/// Of two members that differ by a suffix, each has an address that leads to it.
#[test]
fn names_that_lead_to_their_members() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let file = |item: u8| npy::to_bytes(&Array::from_slice(&[item], [1]).unwrap());
    let (one, two) = (file(1).unwrap(), file(2).unwrap());
    let path = here.join("x.npz");
    archive_of(&path, &[("aa.npy", &one), ("QQ", &two)]);
    // No writer of ours gives it this name.
    let mut archive = fs::read(&path).unwrap();
    for at in 0..archive.len() - 1 {
        if archive[at..].starts_with(b"QQ") {
            archive[at..at + 2].copy_from_slice(b"aa");
        }
    }
    fs::write(&path, archive).unwrap();
    let listed = stdout_of(here, &["ls", "x.npz"]);
    let addresses = first_column(&listed);
    assert_eq!(addresses, ["x.npz::aa.npy", "x.npz::aa"]);
    let dumped = addresses
        .iter()
        .map(|address| stdout_of(here, &["dump", address]));
    assert_eq!(dumped.collect::<String>(), "[1]\n[2]\n");
    let info = stdout_of(here, &["info", "--json", "x.npz"]);
    let info: Value = serde_json::from_str(&info).unwrap();
    let names = info["arrays"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|array| array["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["aa.npy", "aa"]);
}
