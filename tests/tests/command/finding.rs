//! `npio find`.

use conformance::{
    Case, NumPy, cases, failed, fixtures, numpy_has, ran, run, sample_archives, stdout_of,
};
use npio::header::Header;
use npio::{Array, Casting, DType, Layout, Order, savez};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::str::FromStr;

/// Standard output, and whether something was found.
fn found(here: &Path, args: &[&str]) -> (bool, String) {
    let (status, stdout, stderr) = ran(here, &[&["find"], args].concat());
    assert_eq!(stderr, "", "{args:?}");
    assert!(status < 2, "{args:?}");
    (status == 0, stdout)
}

fn save(here: &Path, name: &str, values: &[f64], shape: &[usize], dtype: &str) {
    let array = Array::from_slice(values, shape).unwrap();
    let array = array
        .astype(dtype.parse().unwrap(), Casting::Unsafe)
        .unwrap();
    npio::save(here.join(name), &array).unwrap();
}

#[test]
fn items_are_printed_with_their_addresses() {
    let folder = sample_archives();
    let here = folder.path();
    let nan = f64::NAN;
    save(
        here,
        "nan.npy",
        &[1.0, nan, -0.0, f64::INFINITY, 2.5, nan],
        &[2, 3],
        "f4",
    );
    let yes = |text: &str| (true, text.to_owned());
    assert_eq!(
        found(here, &["nan", "nan.npy"]),
        yes("nan.npy[0, 1]: nan\nnan.npy[1, 2]: nan\n")
    );
    assert_eq!(
        found(here, &["inf", "nan.npy"]),
        yes("nan.npy[1, 0]: inf\n")
    );
    assert_eq!(
        found(here, &["zero", "nan.npy"]),
        yes("nan.npy[0, 2]: -0.0\n")
    );
    assert_eq!(
        found(here, &["-c", "nonfinite", "nan.npy", "x.npy"]),
        yes("nan.npy: 3\nx.npy: 0\n")
    );
    assert_eq!(
        found(here, &["-l", "ge:2.5", "nan.npy", "x.npy", "a.npz::n"]),
        yes("nan.npy\nx.npy\na.npz::n\n")
    );
    assert_eq!(found(here, &["nan", "x.npy"]), (false, String::new()));
    assert_eq!(
        found(here, &["-c", "nan", "x.npy"]),
        (false, "x.npy: 0\n".into())
    );
    assert_eq!(found(here, &["-l", "nan", "x.npy"]), (false, String::new()));
    // In Fortran order the indices are the same; those of a slice are its own.
    for file in ["x.npy", "f.npy", "a.npz::f", "c.npz::x"] {
        let lines = ["[0, 1]: 2.5", "[1, 0]: 4.0"].map(|line| format!("{file}{line}\n"));
        let at = found(here, &["gt:1", "--slice", ":, :2", file]);
        assert_eq!(at, (true, format!("{}{file}[1, 1]: 5.0\n", lines.concat())));
    }
    assert_eq!(
        found(here, &["lt:0", "--slice", "0, 2", "x.npy"]),
        yes("x.npy[()]: -3.0\n")
    );
    let piped = run(
        here,
        &["find", "eq:2", "-::n"],
        &fs::read(here.join("a.npz")).unwrap(),
    );
    assert_eq!(piped.text(), "-::n[1]: 2\n");
    // A text is parsed as it is read.
    fs::write(here.join("t.csv"), "1,nan\n3,4\n").unwrap();
    assert_eq!(found(here, &["nan", "t.csv"]), yes("t.csv[0, 1]: nan\n"));
    // JSON.
    assert_eq!(
        found(here, &["--json", "nan", "nan.npy", "a.npz"])
            .1
            .lines()
            .next(),
        Some(r#"{"path":"nan.npy","name":null,"index":[0,1],"value":NaN}"#)
    );
    assert_eq!(
        found(here, &["--json", "-c", "eq:2", "a.npz::[nx]"]),
        yes(
            "{\"path\":\"a.npz\",\"name\":\"x\",\"count\":0}\n{\"path\":\"a.npz\",\"name\":\"n\",\"count\":1}\n"
        )
    );
    assert_eq!(
        found(here, &["--json", "-l", "eq:2", "a.npz"]),
        yes("{\"path\":\"a.npz\",\"name\":\"n\"}\n")
    );
}

/// Values that no float has, and those beyond the range of the items.
#[test]
fn comparisons_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let big = 1i64 << 53;
    let array = Array::from_slice(&[big, big + 1, big + 2, i64::MIN, i64::MAX], [5]).unwrap();
    npio::save(here.join("i.npy"), &array).unwrap();
    let array = Array::from_slice(&[u64::MAX - 1, u64::MAX, 0], [3]).unwrap();
    npio::save(here.join("u.npy"), &array).unwrap();
    save(
        here,
        "f.npy",
        &[0.1, 0.2, f64::INFINITY, f64::NEG_INFINITY, f64::NAN],
        &[5],
        "f4",
    );
    save(
        here,
        "h.npy",
        &[65504.0, f64::INFINITY, -65504.0],
        &[3],
        ">f2",
    );
    let at = |condition: &str, file: &str| {
        let lines = found(here, &[condition, file]).1;
        let index = |line: &str| line.split(['[', ']']).nth(1).unwrap().parse().unwrap();
        lines.lines().map(index).collect::<Vec<usize>>()
    };
    for (condition, file, expected) in [
        ("eq:9007199254740993", "i.npy", &[1][..]),
        ("eq:9007199254740993.0", "i.npy", &[1]),
        ("gt:9007199254740992", "i.npy", &[1, 2, 4]),
        ("gt:9007199254740992.5", "i.npy", &[1, 2, 4]),
        ("ge:9007199254740992.5", "i.npy", &[1, 2, 4]),
        ("lt:-9223372036854775807.5", "i.npy", &[3]),
        ("ge:9223372036854775807", "i.npy", &[4]),
        ("gt:9223372036854775807", "i.npy", &[]),
        ("lt:1e30", "i.npy", &[0, 1, 2, 3, 4]),
        ("gt:-inf", "i.npy", &[0, 1, 2, 3, 4]),
        ("ne:0.5", "i.npy", &[0, 1, 2, 3, 4]),
        ("eq:nan", "i.npy", &[]),
        ("eq:18446744073709551615", "u.npy", &[1]),
        ("le:18446744073709551614", "u.npy", &[0, 2]),
        ("lt:-1", "u.npy", &[]),
        ("gt:-1", "u.npy", &[0, 1, 2]),
        // As NumPy compares: 0.1 is rounded to the array's floats.
        ("eq:0.1", "f.npy", &[0]),
        ("gt:0.1", "f.npy", &[1, 2]),
        ("gt:1e39", "f.npy", &[2]),
        ("ge:1e400", "f.npy", &[2]),
        ("eq:1e39", "f.npy", &[]),
        ("lt:1e39", "f.npy", &[0, 1, 3]),
        ("le:-1e39", "f.npy", &[3]),
        ("ne:inf", "f.npy", &[0, 1, 3, 4]),
        ("ne:nan", "f.npy", &[0, 1, 2, 3, 4]),
        ("eq:inf", "f.npy", &[2]),
        ("gt:70000", "h.npy", &[1]),
        ("lt:70000", "h.npy", &[0, 2]),
    ] {
        assert_eq!(at(condition, file), expected, "{condition} {file}");
    }
}

#[test]
fn what_a_condition_applies_to() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let from_json = |name: &str, dtype: &str, text: &str| {
        fs::write(here.join("in.json"), text).unwrap();
        stdout_of(here, &["convert", "--in-dtype", dtype, "in.json", name]);
    };
    from_json("s.npy", "S3", r#"["ab", "", "abc"]"#);
    from_json("u.npy", "U3", r#"["ab", "a\nb", "é"]"#);
    from_json("d.npy", ">M8[D]", r#"["2020-01-01", null, "2020-01-02"]"#);
    from_json("t.npy", "m8[s]", "[0, 5, null]");
    from_json("c.npy", "c8", "[[1, 2], [0, 0], [1, 0]]");
    from_json(
        "r.npy",
        "[('id', 'i4'), ('p', 'f8', (2,)), ('tag', 'S2')]",
        r#"[[1, [1, 2], "a"], [2, [NaN, 1], "b"]]"#,
    );
    from_json("b.npy", "?", "[true, false]");
    let lines = |args: &[&str]| found(here, args).1;
    assert_eq!(
        lines(&["eq:ab", "s.npy", "u.npy"]),
        "s.npy[0]: b'ab'\nu.npy[0]: 'ab'\n"
    );
    assert_eq!(lines(&["eq:", "s.npy"]), "s.npy[1]: b''\n");
    assert_eq!(
        lines(&["ne:ab", "u.npy"]),
        "u.npy[1]: 'a\\nb'\nu.npy[2]: 'é'\n"
    );
    assert_eq!(lines(&["-c", "ne:longer", "u.npy"]), "u.npy: 3\n");
    assert_eq!(
        lines(&["--json", "eq:é", "u.npy"]),
        "{\"path\":\"u.npy\",\"name\":null,\"index\":[2],\"value\":\"é\"}\n"
    );
    assert_eq!(
        lines(&["nan", "d.npy", "t.npy"]),
        "d.npy[1]: NaT\nt.npy[2]: NaT\n"
    );
    assert_eq!(lines(&["nonfinite", "d.npy"]), "d.npy[1]: NaT\n");
    assert_eq!(lines(&["gt:2020-01-01", "d.npy"]), "d.npy[2]: 2020-01-02\n");
    // Between two days.
    assert_eq!(
        lines(&["gt:2020-01-01T12:00", "d.npy"]),
        "d.npy[2]: 2020-01-02\n"
    );
    assert_eq!(
        lines(&["lt:2020-01-01T12:00", "d.npy"]),
        "d.npy[0]: 2020-01-01\n"
    );
    assert_eq!(lines(&["eq:2020-01-01T12:00", "d.npy"]), "");
    assert_eq!(
        lines(&["ne:2020-01-01", "d.npy"]),
        "d.npy[1]: NaT\nd.npy[2]: 2020-01-02\n"
    );
    assert_eq!(lines(&["ge:5", "t.npy"]), "t.npy[1]: 5 seconds\n");
    assert_eq!(lines(&["eq:1+2j", "c.npy"]), "c.npy[0]: (1+2j)\n");
    assert_eq!(lines(&["eq:1", "c.npy"]), "c.npy[2]: (1+0j)\n");
    assert_eq!(
        lines(&["zero", "c.npy", "b.npy"]),
        "c.npy[1]: 0j\nb.npy[1]: False\n"
    );
    assert_eq!(lines(&["eq:True", "b.npy"]), "b.npy[0]: True\n");
    // A record with such a field.
    assert_eq!(
        lines(&["nan", "r.npy"]),
        "r.npy[1]: (2, [nan, 1.0], b'b')\n"
    );
    // In subarrays of records; and of a dtype that a short header says is huge.
    from_json(
        "n.npy",
        "[('s', [('t', 'S1'), ('v', 'f4', (2,))], (2, 2)), ('z', 'f8')]",
        r#"[[[[["a",[1,2]],["b",[3,4]]],[["c",[5,6]],["d",[7,NaN]]]], 1],
            [[[["a",[1,2]],["b",[3,4]]],[["c",[5,6]],["d",[7,8]]]], 1],
            [[[["a",[NaN,2]],["b",[3,4]]],[["c",[5,6]],["d",[7,8]]]], Infinity]]"#,
    );
    assert_eq!(lines(&["-c", "nan", "n.npy"]), "n.npy: 2\n");
    assert!(lines(&["inf", "n.npy"]).starts_with("n.npy[2]: "));
    let huge = DType::from_str("[('s', [('v', 'f4')], (1000, 1000, 500))]").unwrap();
    let header = Header::new(Layout::new(huge, [0], Order::C).unwrap())
        .encode()
        .unwrap();
    fs::write(here.join("huge.npy"), header).unwrap();
    assert_eq!(found(here, &["nan", "huge.npy"]), (false, String::new()));
    // Without a meaning.
    for (condition, file, why) in [
        ("nan", "s.npy", "nan has no meaning for items of '|S3'"),
        ("gt:a", "u.npy", "gt:'a' has no meaning for items of '<U3'"),
        ("gt:1", "c.npy", "gt:'1' has no meaning for items of '<c8'"),
        ("eq:1", "r.npy", "eq:'1' has no meaning for records"),
        ("eq:x", "b.npy", "expected a number, found 'x'"),
        (
            "eq:soon",
            "d.npy",
            "expected a date in ISO 8601, found 'soon'",
        ),
        ("eq:1.5", "t.npy", "expected an integer or NaT, found '1.5'"),
        ("eq:i", "c.npy", "expected a complex number, found 'i'"),
    ] {
        assert_eq!(
            failed(here, &["find", condition, file]),
            format!("npio: {file}: {why}")
        );
    }
    for condition in ["nonsense", "gt", "xx:1", ":1"] {
        let line = failed(here, &["find", condition, "b.npy"]);
        assert!(line.contains("expected"), "{condition}: {line}");
    }
    // A header alone is an array of any number of items without bytes.
    let layout = Layout::new("S0".parse().unwrap(), [1 << 30, 1 << 20], Order::C);
    if let Ok(layout) = layout {
        npio::save(
            here.join("none.npy"),
            Array::new(layout, Vec::<u8>::new()).unwrap(),
        )
        .unwrap();
        let line = failed(here, &["find", "eq:", "none.npy"]);
        assert_eq!(
            line,
            "npio: none.npy: no conditions for items that have no bytes"
        );
        fs::remove_file(here.join("none.npy")).unwrap();
    }
    // In an archive such arrays are left out, unless they are all.
    let arrays =
        ["s", "u", "t"].map(|name| (name, npio::load(here.join(format!("{name}.npy"))).unwrap()));
    savez(here.join("all.npz"), arrays).unwrap();
    assert_eq!(lines(&["nan", "all.npz"]), "all.npz::t[2]: NaT\n");
    assert_eq!(
        lines(&["eq:ab", "all.npz"]),
        "all.npz::s[0]: b'ab'\nall.npz::u[0]: 'ab'\n"
    );
    let line = failed(here, &["find", "nan", "all.npz::[su]"]);
    assert_eq!(
        line,
        "npio: all.npz: member 's': nan has no meaning for items of '|S3'"
    );
    // Objects are not left out, and an error does not stop the others.
    assert_eq!(ran(here, &["find", "nan", "none.npy", "t.npy"]).0, 2);
    assert_eq!(
        ran(here, &["find", "nan", "none.npy", "t.npy"]).1,
        "t.npy[2]: NaT\n"
    );
    // Nothing to find in nothing.
    save(here, "empty.npy", &[], &[0, 3], "f8");
    assert_eq!(found(here, &["ne:0", "empty.npy"]), (false, String::new()));
}

/// NumPy finds the same in every generated file.
#[test]
fn as_numpy_finds_them() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    const FIND: &str = r#"
import operator
def mask(x, condition):
    name, _, value = condition.partition(":")
    is_time = x.dtype.kind in "mM"
    if name == "nan": return np.isnan(x)
    if name == "inf": return np.zeros(x.shape, bool) if is_time else np.isinf(x)
    if name == "nonfinite": return ~np.isfinite(x)
    if is_time: x, value = x.astype("i8"), value if name == "zero" else None
    if name == "zero": return x == 0
    return getattr(operator, name)(x, eval(value))
def find(file, condition):
    x = np.load(file)
    return np.argwhere(mask(x, condition)).tolist()
answer = [find(file, args[1]) for file in args[0]]
"#;
    let mut cases = cases("generated");
    let is_number = |case: &Case| {
        let dtype: Option<DType> = case
            .answer
            .descr
            .as_ref()
            .and_then(|descr| descr.trim_matches('\'').parse().ok());
        dtype.filter(|dtype| {
            matches!(
                dtype,
                DType::Bool | DType::Number(..) | DType::Datetime(..) | DType::Timedelta(..)
            )
        })
    };
    cases.retain(|case| {
        case.is_alike_here()
            && is_number(case).is_some()
            && numpy_has(&is_number(case).unwrap().to_string())
    });
    let mut compared = 0;
    for condition in [
        "nan",
        "inf",
        "nonfinite",
        "zero",
        "gt:1",
        "ge:1",
        "lt:2.5",
        "le:-0.5",
        "eq:1",
        "ne:0",
        "gt:60000",
    ] {
        // Times are compared with times, and complex numbers only for equality.
        let is_ordering = ["gt", "ge", "lt", "le"]
            .iter()
            .any(|name| condition.starts_with(name));
        let applies = |case: &&Case| match is_number(case) {
            Some(DType::Datetime(..) | DType::Timedelta(..)) => !condition.contains(':'),
            Some(DType::Number(number, _)) => !is_ordering || number.kind() != 'c',
            _ => true,
        };
        let cases: Vec<&Case> = cases.iter().filter(applies).collect();
        let paths: Vec<_> = cases.iter().map(|case| case.path()).collect();
        let expected = numpy.ask(FIND, &[json!(paths), json!(condition)]).unwrap();
        let files: Vec<&str> = cases.iter().map(|case| case.file.as_str()).collect();
        let args = [&["--json", condition], &files[..]].concat();
        let printed = found(&fixtures().join("generated"), &args).1;
        for (case, expected) in cases.iter().zip(expected.as_array().unwrap()) {
            let path = format!("{{\"path\":\"{}\",", case.file);
            let indices = printed
                .lines()
                .filter(|line| line.starts_with(&path))
                .map(|line| {
                    let end = line.find(",\"value\"").unwrap();
                    let place: Value =
                        serde_json::from_str(&format!("{}}}", &line[..end])).unwrap();
                    place["index"].clone()
                });
            assert_eq!(
                &json!(indices.collect::<Vec<_>>()),
                expected,
                "{condition} {}",
                case.name
            );
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}
