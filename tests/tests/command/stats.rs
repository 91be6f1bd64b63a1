//! `npio stats` of one array and of many.

use conformance::{failed, ran, run, sample_archives, sample_folder, stdout_of};
use npio::Array;
use std::fs;

/// What is printed of the sample.
const LINES: &str = "count\t6\nnan\t0\ninf\t0\nzero\t0\nmin\t-3.0\nmax\t6.0\nmean\t2.5833333333333335\nstd\t2.9779280642009396\n";

#[test]
fn one_array_by_lines_and_several_as_a_table() {
    let folder = sample_archives();
    let here = folder.path();
    assert_eq!(stdout_of(here, &["stats", "x.npy"]), LINES);
    assert_eq!(stdout_of(here, &["stats", "a.npz::x"]), LINES);
    let header = "name\tdtype\tshape\tcount\tnan\tinf\tzero\tmin\tmax\tmean\tstd\n";
    let values = "6\t0\t0\t0\t-3.0\t6.0\t2.5833333333333335\t2.9779280642009396\n";
    let n = "3\t0\t0\t0\t1\t3\t2.0\t0.816496580927726\n";
    let whole = format!(
        "{header}a.npz::x\t<f8\t(2, 3)\t{values}a.npz::f\t<f8\t(2, 3)\t{values}a.npz::n\t<i4\t(3,)\t{n}"
    );
    assert_eq!(stdout_of(here, &["stats", "a.npz"]), whole);
    assert_eq!(stdout_of(here, &["stats", "a.npz::*"]), whole);
    assert_eq!(
        stdout_of(here, &["stats", "x.npy", "a.npz::[n]"]),
        format!("{header}x.npy\t<f8\t(2, 3)\t{values}a.npz::n\t<i4\t(3,)\t{n}")
    );
    // The others are done.
    let (status, text, stderr) = ran(here, &["stats", "x.npy", "none.npy", "a.npz::n"]);
    assert_eq!((status, text.lines().count()), (2, 3));
    assert!(stderr.starts_with("npio: none.npy: "), "{stderr}");
    let piped = run(
        here,
        &["stats", "-"],
        &fs::read(here.join("a.npz")).unwrap(),
    );
    assert_eq!(piped.text(), whole.replace("a.npz", "-"));
}

#[test]
fn json_is_one_object_a_line() {
    let folder = sample_archives();
    let here = folder.path();
    let values = r#""count":6,"nan":0,"inf":0,"zero":0,"min":-3.0,"max":6.0,"mean":2.5833333333333335,"std":2.9779280642009396"#;
    assert_eq!(
        stdout_of(here, &["stats", "--json", "x.npy"]),
        format!(
            "{{\"path\":\"x.npy\",\"name\":null,\"dtype\":\"<f8\",\"shape\":[2,3],{values}}}\n"
        )
    );
    let text = stdout_of(
        here,
        &["stats", "--json", "--quantiles=0.5,.9", "--hist=3", "a.npz"],
    );
    let last = text.lines().last().unwrap();
    assert_eq!(
        last,
        "{\"path\":\"a.npz\",\"name\":\"n\",\"dtype\":\"<i4\",\"shape\":[3],\"count\":3,\"nan\":0,\"inf\":0,\"zero\":0,\
         \"min\":1,\"max\":3,\"mean\":2.0,\"std\":0.816496580927726,\"quantiles\":{\"0.5\":2.0,\".9\":2.8},\
         \"hist\":{\"edges\":[1.0,1.6666666666666665,2.333333333333333,3.0],\"counts\":[1,1,1]}}"
    );
    let empty = Array::from_slice(&[0f32; 0], [0, 3]).unwrap();
    npio::save(here.join("e.npy"), &empty).unwrap();
    assert_eq!(
        stdout_of(here, &["stats", "--json", "--quantiles", "--hist", "e.npy"]),
        "{\"path\":\"e.npy\",\"name\":null,\"dtype\":\"<f4\",\"shape\":[0,3],\"count\":0,\"nan\":0,\"inf\":0,\"zero\":0,\
         \"min\":null,\"max\":null,\"mean\":null,\"std\":null,\"quantiles\":null,\"hist\":null}\n"
    );
    assert_eq!(
        stdout_of(here, &["stats", "--quantiles", "e.npy"]),
        "count\t0\nnan\t0\ninf\t0\nzero\t0\n"
    );
    let along = stdout_of(here, &["stats", "--json", "--axis=0", "x.npy"]);
    let indices = along
        .lines()
        .map(|line| line.split("\"index\":").nth(1).unwrap());
    let indices: Vec<&str> = indices
        .map(|rest| rest.split(",\"count").next().unwrap())
        .collect();
    assert_eq!(indices, ["[0]", "[1]", "[2]"]);
    let table = stdout_of(here, &["stats", "--axis=-1", "x.npy"]);
    assert!(
        table.contains("x.npy\t<f8\t(2, 3)\t(1,)\t3\t0\t0\t0\t4.0\t6.0\t"),
        "{table}"
    );
}

/// What is read once is kept for further passes.
#[test]
fn quantiles_and_histograms_of_every_input() {
    let folder = sample_folder();
    let here = folder.path();
    let args = ["stats", "--quantiles=0.5", "--hist=2"];
    let expected = format!("{LINES}q0.5\t3.25\nhist\t2 4\n");
    let with = |input: &str| stdout_of(here, &[&args[..], &[input]].concat());
    stdout_of(here, &["convert", "x.npy", "x.csv"]);
    stdout_of(here, &["convert", "x.npy", "x.npy.gz"]);
    stdout_of(here, &["pack", "--compress", "a.npz", "x.npy"]);
    for input in ["x.npy", "f.npy", "x.csv", "x.npy.gz", "a.npz::x"] {
        assert_eq!(with(input), expected, "{input}");
    }
    for file in ["x.npy", "x.npy.gz", "a.npz"] {
        let bytes = fs::read(here.join(file)).unwrap();
        let input = if file == "a.npz" { "-::x" } else { "-" };
        let piped = run(here, &[&args[..], &[input]].concat(), &bytes);
        assert_eq!(piped.text(), expected, "{file}: {}", piped.stderr);
    }
    let slice = [&args[..], &["--slice", ":, 1", "x.npy"]].concat();
    let sliced = stdout_of(here, &slice);
    assert!(
        sliced.ends_with("mean\t3.75\nstd\t1.25\nq0.5\t3.75\nhist\t1 1\n"),
        "{sliced}"
    );
}

#[test]
fn what_cannot_be_summed_up() {
    let folder = sample_folder();
    let here = folder.path();
    let texts = Array::from_slice(&[*b"ab"], [1]).unwrap();
    let texts = texts.with_dtype("S2".parse().unwrap());
    if let Ok(texts) = texts {
        npio::save(here.join("s.npy"), &texts).unwrap();
        let message = failed(here, &["stats", "s.npy"]);
        assert_eq!(message, "npio: s.npy: no statistics of items of '|S2'");
    }
    let message = failed(here, &["stats", "--axis=2", "x.npy"]);
    assert_eq!(
        message,
        "npio: x.npy: no axis 2: expected -2 to 1, the array has 2 axes"
    );
    for args in [
        &["--quantiles=1.5"][..],
        &["--quantiles=x"],
        &["--quantiles="],
        &["--hist=0"],
        &["--axis=0", "--hist"],
    ] {
        let (status, text, stderr) = ran(here, &[&["stats"], args, &["x.npy"]].concat());
        assert_eq!((status, text.as_str()), (2, ""), "{args:?}");
        assert!(stderr.starts_with("npio: "), "{stderr}");
    }
}

/// A single item has no axis to choose from.
#[test]
fn no_axis_of_a_single_item() {
    let folder = tempfile::tempdir().unwrap();
    let item = Array::from_slice(&[1.0], []).unwrap();
    npio::save(folder.path().join("x.npy"), &item).unwrap();
    assert_eq!(
        failed(folder.path(), &["stats", "--axis", "0", "x.npy"]),
        "npio: x.npy: no axis 0: the array is 0-d, it has no axes"
    );
}
