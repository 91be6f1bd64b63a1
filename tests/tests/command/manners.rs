//! The command's manners: the output of each command, and what it refuses.

use conformance::{fixtures, not_found, ran, run, sample_folder};
use serde_json::{Value, json};
use std::fs;

#[test]
fn ls_is_a_line_an_array() {
    let folder = sample_folder();
    assert_eq!(
        ran(folder.path(), &["ls", "x.npy", "no.npy", "f.npy"]),
        (
            2,
            "x.npy\t<f8\t(2, 3)\tC\t48\tplain\nf.npy\t<f8\t(2, 3)\tF\t48\tplain\n".into(),
            format!(
                "npio: no.npy: {}\n",
                not_found(&folder.path().join("no.npy"))
            )
        )
    );
}

#[test]
fn info_for_people() {
    let folder = sample_folder();
    let (status, text, _) = ran(folder.path(), &["info", "x.npy"]);
    assert_eq!(status, 0);
    assert_eq!(
        text,
        "x.npy: .npy version 1.0
  dtype   <f8 (float64)
  shape   (2, 3), 6 items
  order   C: the last index runs fastest
  header  128 bytes
  data    6 × 8 = 48 bytes
  file    128 + 48 = 176 bytes
"
    );
}

#[test]
fn info_of_what_cannot_be_read() {
    let folder = sample_folder();
    let mut bytes = fs::read(folder.path().join("x.npy")).unwrap();
    bytes.truncate(150);
    fs::write(folder.path().join("short.npy"), &bytes).unwrap();
    fs::write(folder.path().join("zip.npy"), b"PK\x03\x04 and so on").unwrap();
    let (status, text, stderr) = ran(
        folder.path(),
        &["info", "--json", "short.npy", "zip.npy", "no.npy"],
    );
    assert_eq!(status, 2);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines[0]["errors"],
        json!(["the data is too short: expected 48 bytes, found 22"])
    );
    assert_eq!(lines[0]["arrays"][0]["nbytes"], 48);
    assert_eq!(lines[0]["trailing_bytes"], Value::Null);
    assert_eq!(
        (&lines[1]["kind"], &lines[1]["arrays"]),
        (&json!("npz"), &json!([]))
    );
    assert_eq!(
        (&lines[2]["kind"], &lines[2]["bytes"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(stderr.lines().count(), 3);
    assert!(stderr.starts_with("npio: short.npy: the data is too short"));
}

#[test]
fn head_and_dump() {
    let folder = sample_folder();
    let here = folder.path();
    assert_eq!(
        ran(here, &["head", "-n", "1", "x.npy"]).1,
        "[[ 1.   2.5 -3. ]]\n"
    );
    assert_eq!(
        ran(here, &["head", "-n1", "f.npy"]).1,
        "[[ 1.   2.5 -3. ]]\n"
    );
    assert_eq!(
        ran(here, &["head", "x.npy"]).1,
        ran(here, &["dump", "x.npy"]).1
    );
    assert_eq!(
        ran(here, &["dump", "--json", "f.npy"]).1,
        "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n"
    );
    let raw = run(here, &["dump", "--raw", "f.npy"], b"").fine();
    assert_eq!(
        raw,
        [1.0, 2.5, -3.0, 4.0, 5.0, 6.0]
            .map(f64::to_le_bytes)
            .concat()
    );
}

#[test]
fn slices() {
    let folder = sample_folder();
    let here = folder.path();
    for file in ["x.npy", "f.npy"] {
        let dump = |slice: &str| ran(here, &["dump", "--json", "--slice", slice, file]);
        assert_eq!(dump("-1").1, "[4.0,5.0,6.0]\n");
        assert_eq!(dump("::-1, 1").1, "[5.0,2.5]\n");
        assert_eq!(dump("0,0").1, "1.0\n");
        assert_eq!(dump("..., 5:").1, "[[],[]]\n");
        let message = "slice 2: axis 0 has length 2: there is no index 2";
        assert_eq!(dump("2").2, format!("npio: {file}: {message}\n"));
        let bytes = fs::read(here.join(file)).unwrap();
        let piped = run(here, &["dump", "--json", "--slice", ":, ::2", "-"], &bytes);
        assert_eq!(piped.text(), dump(":, ::2").1);
    }
    assert_eq!(
        ran(here, &["head", "-n1", "--slice", "1:", "x.npy"]).1,
        "[[4. 5. 6.]]\n"
    );
    assert_eq!(
        ran(here, &["convert", "--slice", "1", "x.npy", "row.npy"]).0,
        0
    );
    assert_eq!(ran(here, &["dump", "row.npy"]).1, "[4. 5. 6.]\n");
    let (status, _, stderr) = ran(here, &["dump", "--slice", "a", "x.npy"]);
    assert!(
        status == 2 && stderr.contains("invalid slice 'a'"),
        "{stderr}"
    );
}

#[test]
fn pipes() {
    let folder = sample_folder();
    let x = fs::read(folder.path().join("x.npy")).unwrap();
    let piped = |args: &[&str]| run(folder.path(), args, &x);
    assert_eq!(
        piped(&["dump", "--json", "-"]).text(),
        "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n"
    );
    let big = piped(&["convert", "-", "-", "--to", "npy", "--byteorder", "big"]).fine();
    assert_eq!(
        run(
            folder.path(),
            &["convert", "-", "-", "--to", "npy", "--byteorder", "native"],
            &big
        )
        .fine(),
        x
    );
    let info: Value = serde_json::from_str(&piped(&["info", "--json", "-"]).text()).unwrap();
    assert_eq!(
        (&info["path"], &info["bytes"]),
        (&json!("-"), &json!(x.len()))
    );
    assert_eq!(piped(&["ls", "-"]).text(), "-\t<f8\t(2, 3)\tC\t48\tplain\n");
    let short = run(folder.path(), &["dump", "-"], &x[..140]);
    assert_eq!(
        (short.status, short.stderr.as_str()),
        (
            2,
            "npio: -: the data is too short: expected 48 bytes, found 12\n"
        )
    );
}

#[test]
fn convert() {
    let folder = sample_folder();
    let here = folder.path();
    assert_eq!(
        ran(here, &["convert", "x.npy", "y.npy", "--order", "F"]).0,
        0
    );
    assert_eq!(
        fs::read(here.join("y.npy")).unwrap(),
        fs::read(here.join("f.npy")).unwrap()
    );
    let (status, _, stderr) = ran(here, &["convert", "x.npy", "y.npy"]);
    assert_eq!(
        (status, stderr.as_str()),
        (
            2,
            "npio: y.npy: the file exists: use --force to replace it\n"
        )
    );
    assert_eq!(
        ran(
            here,
            &["convert", "--force", "f.npy", "y.npy", "--order", "C"]
        )
        .0,
        0
    );
    assert_eq!(
        fs::read(here.join("y.npy")).unwrap(),
        fs::read(here.join("x.npy")).unwrap()
    );
    let no_folder = fs::write(here.join("no/y.npy"), b"").unwrap_err();
    let no_folder = format!("npio: no/y.npy: {no_folder}\n");
    for (args, message) in [
        (
            ["x.npy", "y.xyz"],
            "npio: y.xyz: cannot write .xyz: only .npy, .npz, .safetensors, .txt, .csv, .tsv, .json, a name such as x_int32_4_5.dat, or --to raw\n",
        ),
        (
            ["x.npy", "-"],
            "npio: -: unknown format: give it, as in --to npy\n",
        ),
        (["x.npy", "no/y.npy"], no_folder.as_str()),
    ] {
        assert_eq!(
            ran(here, &["convert", args[0], args[1]]),
            (2, String::new(), message.into())
        );
    }
}

#[test]
fn size() {
    let run = |args: &[&str]| ran(&fixtures(), &[&["size"], args].concat());
    assert_eq!(run(&["int64", "3,4"]).1, run(&["<i8", "(3, 4)"]).1);
    assert_eq!(
        run(&["f8", "()"]).1.lines().next(),
        Some("memory\t8\t1 items of 8 bytes")
    );
    assert_eq!(run(&["f8", ""]), run(&["f8", "()"]));
    let huge = isize::MAX.to_string();
    for (args, message) in [
        (
            ["q8", "3"],
            "npio: dtype 'q8': unknown dtype kind 'q', at byte 0\n",
        ),
        (
            ["f8", "3,x"],
            "npio: shape '3,x': expected lengths such as 3,4, found ''\n",
        ),
        (
            ["f8", &huge],
            &format!(
                "npio: shape '{huge}': shape × itemsize is more than any address space holds\n"
            ),
        ),
        (
            ["O", "3"],
            "npio: dtype 'O': objects have no size until they are pickled\n",
        ),
    ] {
        assert_eq!(run(&args), (2, String::new(), message.into()));
    }
}

#[test]
fn manners() {
    let folder = sample_folder();
    let here = folder.path();
    let (_, _, plain) = ran(here, &["dump", "no"]);
    assert_eq!(
        plain,
        format!("npio: no: {}\n", not_found(&here.join("no")))
    );
    let (_, _, red) = ran(here, &["--color", "always", "dump", "no"]);
    assert!(red.starts_with("\x1b[1;31mnpio:\x1b[0m no"), "{red:?}");
    assert!(ran(here, &["completions", "bash"]).1.contains("_npio"));
    let (status, page, _) = ran(here, &["man"]);
    assert!(
        status == 0 && page.contains(".TH npio 1") && page.contains("append"),
        "{page}"
    );
    let (status, page, _) = ran(here, &["man", "convert"]);
    assert!(
        status == 0 && page.contains("npio convert") && page.contains("byteorder"),
        "{page}"
    );
    let message = "npio: no\\u{1b}: no such command\n".to_owned();
    assert_eq!(ran(here, &["man", "no\x1b"]), (2, String::new(), message));
}
