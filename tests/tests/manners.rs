//! The command's manners: what it prints, where it says no, and how.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use conformance::{fixtures, npio};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A folder with the files `x.npy` (2 × 3, `<f8`) and `f.npy` (the same in Fortran order).
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let items = [1.0, 2.5, -3.0, 4.0, 5.0, 6.0];
    let array = npio::Array::from_slice(&items, [2, 3]).unwrap();
    npio::save(folder.path().join("x.npy"), &array).unwrap();
    let fortran = npio::SaveOptions::new().order(npio::Order::Fortran);
    fortran.save(folder.path().join("f.npy"), &array).unwrap();
    folder
}

fn ran(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let ran = npio(folder, args, b"");
    (ran.status, ran.text(), ran.stderr)
}

#[test]
fn ls_is_a_line_an_array() {
    let folder = folder();
    assert_eq!(
        ran(folder.path(), &["ls", "x.npy", "no.npy", "f.npy"]),
        (
            2,
            "x.npy\t<f8\t(2, 3)\tC\t48\tplain\nf.npy\t<f8\t(2, 3)\tF\t48\tplain\n".into(),
            "npio: no.npy: No such file or directory (os error 2)\n".into()
        )
    );
}

#[test]
fn info_for_people() {
    let folder = folder();
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
    let folder = folder();
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
    let folder = folder();
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
    let raw = npio(here, &["dump", "--raw", "f.npy"], b"").fine();
    assert_eq!(
        raw,
        [1.0, 2.5, -3.0, 4.0, 5.0, 6.0]
            .map(f64::to_le_bytes)
            .concat()
    );
}

#[test]
fn slices() {
    let folder = folder();
    let here = folder.path();
    for file in ["x.npy", "f.npy"] {
        let dump = |slice: &str| ran(here, &["dump", "--json", "--slice", slice, file]);
        assert_eq!(dump("-1").1, "[4.0,5.0,6.0]\n");
        assert_eq!(dump("::-1, 1").1, "[5.0,2.5]\n");
        assert_eq!(dump("0,0").1, "1.0\n");
        assert_eq!(dump("..., 5:").1, "[[],[]]\n");
        let said = "slice 2: axis 0 has length 2: there is no index 2";
        assert_eq!(dump("2").2, format!("npio: {file}: {said}\n"));
        let bytes = fs::read(here.join(file)).unwrap();
        let piped = npio(here, &["dump", "--json", "--slice", ":, ::2", "-"], &bytes);
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
    assert!(status == 2 && stderr.contains("is no index"), "{stderr}");
}

#[test]
fn pipes() {
    let folder = folder();
    let x = fs::read(folder.path().join("x.npy")).unwrap();
    let run = |args: &[&str]| npio(folder.path(), args, &x);
    assert_eq!(
        run(&["dump", "--json", "-"]).text(),
        "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n"
    );
    let big = run(&["convert", "-", "-", "--to", "npy", "--byteorder", "big"]).fine();
    assert_eq!(
        npio(
            folder.path(),
            &["convert", "-", "-", "--to", "npy", "--byteorder", "native"],
            &big
        )
        .fine(),
        x
    );
    let info: Value = serde_json::from_str(&run(&["info", "--json", "-"]).text()).unwrap();
    assert_eq!(
        (&info["path"], &info["bytes"]),
        (&json!("-"), &json!(x.len()))
    );
    assert_eq!(run(&["ls", "-"]).text(), "-\t<f8\t(2, 3)\tC\t48\tplain\n");
    let short = npio(folder.path(), &["dump", "-"], &x[..140]);
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
    let folder = folder();
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
    for (args, said) in [
        (
            ["x.npy", "y.xyz"],
            "npio: y.xyz: cannot write .xyz: only .npy\n",
        ),
        (
            ["x.npy", "-"],
            "npio: -: the format is not known: say it with --to npy\n",
        ),
        (
            ["x.npy", "no/y.npy"],
            "npio: no/y.npy: No such file or directory (os error 2)\n",
        ),
    ] {
        assert_eq!(
            ran(here, &["convert", args[0], args[1]]),
            (2, String::new(), said.into())
        );
    }
}

#[test]
fn size() {
    let run = |args: &[&str]| ran(&fixtures(), &[&["size"], args].concat());
    assert_eq!(run(&["int64", "3,4"]).1, run(&["<i8", "(3, 4)"]).1);
    assert_eq!(
        run(&["f8", ""]).1.lines().next(),
        Some("memory\t8\t1 items of 8 bytes")
    );
    for (args, said) in [
        (
            ["q8", "3"],
            "npio: dtype 'q8': unknown dtype kind 'q', at byte 0\n",
        ),
        (
            ["f8", "3,x"],
            "npio: shape '3,x': '' is no length of an axis: cannot parse integer from empty string\n",
        ),
        (
            ["f8", "9223372036854775807"],
            "npio: shape '9223372036854775807': shape × itemsize is more than any address space holds\n",
        ),
        (
            ["O", "3"],
            "npio: dtype 'O': objects have no size until they are pickled\n",
        ),
    ] {
        assert_eq!(run(&args), (2, String::new(), said.into()));
    }
}

#[test]
fn usage_errors_are_one_line() {
    let folder = folder();
    let here = folder.path();
    for args in [
        &["dump"][..],
        &["no-such-command"],
        &["head", "-n", "x", "x.npy"],
        &["dump", "--json", "--raw", "x.npy"],
        &[],
    ] {
        let (status, stdout, stderr) = ran(here, args);
        assert_eq!((status, stdout.as_str()), (2, ""), "{args:?}");
        assert!(stderr.starts_with("npio: "), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    for args in [["--help"], ["--version"]] {
        let (status, stdout, stderr) = ran(here, &args);
        assert_eq!((status, stderr.as_str()), (0, ""));
        assert!(stdout.contains("npio"));
    }
}

#[test]
fn data_comes_out_as_it_is_and_names_escaped() {
    let folder = folder();
    let here = folder.path();
    let text = dtype::Str::<5>::new("a\x1b[1m").unwrap();
    npio::save(
        here.join("t.npy"),
        &npio::Array::from_slice(&[text], []).unwrap(),
    )
    .unwrap();
    assert_eq!(ran(here, &["dump", "t.npy"]).1, "a\x1b[1m\n");
    let name = "a\x1b[31m\n\u{202e}b.npy";
    fs::copy(here.join("x.npy"), here.join(name)).unwrap();
    let (_, text, _) = ran(here, &["ls", name]);
    assert!(
        text.starts_with("a\\u{1b}[31m\\n\\u{202e}b.npy\t"),
        "{text:?}"
    );
    let (_, text, _) = ran(here, &["info", "--json", name]);
    assert!(
        text.contains(r#""path":"a\u001b[31m\n\u202eb.npy""#),
        "{text:?}"
    );
    let info: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(info["path"], name);
    let (_, _, stderr) = ran(here, &["dump", "no\x1b[31m"]);
    assert!(stderr.starts_with("npio: no\\u{1b}[31m: "), "{stderr:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_terabyte_is_looked_at_without_being_read() {
    let folder = folder();
    let here = folder.path();
    let layout = npio::Layout::new(npio::DType::U8, [1 << 20, 1 << 20], npio::Order::C).unwrap();
    let header = npio::header::Header::new(layout).encode().unwrap();
    fs::write(here.join("tera.npy"), &header).unwrap();
    let file = fs::File::options()
        .write(true)
        .open(here.join("tera.npy"))
        .unwrap();
    if file.set_len(header.len() as u64 + (1 << 40)).is_err() {
        // Not every file system takes so long a file, sparse as it is.
        return;
    }
    assert_eq!(
        ran(here, &["ls", "tera.npy"]).1,
        "tera.npy\t|u1\t(1048576, 1048576)\tC\t1099511627776\tplain\n"
    );
    assert_eq!(ran(here, &["info", "tera.npy"]).0, 0);
    assert_eq!(
        ran(here, &["head", "-n1", "tera.npy"]).1,
        "[[0 0 0 ... 0 0 0]]\n"
    );
    assert_eq!(
        ran(here, &["head", "-n1", "--slice", "5:, -3:", "tera.npy"]).1,
        "[[0 0 0]]\n"
    );
    assert_eq!(
        ran(here, &["dump", "--slice", "-1, :3", "tera.npy"]).1,
        "[0 0 0]\n"
    );
}

#[cfg(unix)]
#[test]
fn names_of_any_bytes_and_streams_by_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = folder();
    let here = folder.path();
    let name = OsStr::from_bytes(b"lat\xe9.npy");
    if fs::copy(here.join("x.npy"), here.join(name)).is_ok() {
        let ls = npio(here, &[OsStr::new("ls"), name, OsStr::new("x.npy")], b"");
        assert_eq!(ls.text().lines().count(), 2);
        assert_eq!(ls.status, 0);
    }
    let x = fs::read(here.join("x.npy")).unwrap();
    let streamed = npio(
        here,
        &["convert", "/dev/stdin", "/dev/stdout", "--to", "npy"],
        &x,
    );
    assert_eq!(streamed.fine(), x);
    if Path::new("/dev/full").exists() {
        let full = std::process::Command::new("sh")
            .args([
                "-c",
                "\"$0\" dump x.npy > /dev/full",
                &conformance::command_path(),
            ])
            .current_dir(here)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&full.stderr).into_owned();
        assert_eq!(full.status.code(), Some(2));
        assert!(stderr.starts_with("npio: standard output: "), "{stderr}");
    }
}

#[test]
fn manners() {
    let folder = folder();
    let here = folder.path();
    let (_, _, plain) = ran(here, &["dump", "no"]);
    assert_eq!(plain, "npio: no: No such file or directory (os error 2)\n");
    let (_, _, red) = ran(here, &["--color", "always", "dump", "no"]);
    assert!(red.starts_with("\x1b[1;31mnpio:\x1b[0m no"), "{red:?}");
    assert!(ran(here, &["completions", "bash"]).1.contains("_npio"));
}
