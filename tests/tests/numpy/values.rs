//! `npio stats`, `npio diff` and `npio convert --dtype`, beside NumPy.

use conformance::{NumPy, cases, ran, run, sample_folder};
use npio::{Array, Casting, DType, Layout, Order, SaveOptions};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;

/// NumPy's statistics of the values, with the least and the greatest as it prints them.
const STATS: &str = r#"
x = np.load(args[0])
if x.dtype.kind in "f":
    x = x[~np.isnan(x)]
    nan = np.load(args[0]).size - x.size
else:
    nan = 0
w = x.astype("f8")
answer = [int(x.size), int(nan)]
if x.size:
    answer += [str(x.min()), str(x.max()), float(w.mean()), float(w.std())]
"#;

#[test]
fn stats_as_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let make = r#"
path, dtype, shape, seed = args
rng = np.random.default_rng(seed)
x = rng.standard_normal(shape) * 1000
if dtype[1] in "iu":
    info = np.iinfo(dtype)
    x = rng.integers(info.min, info.max, shape, dtype=dtype[1:], endpoint=True)
x = np.asarray(x).astype(dtype)
if dtype[1] == "f" and x.size > 3:
    x.reshape(-1)[1:3] = np.nan
np.save(path, np.asfortranarray(x) if seed % 2 else x)
"#;
    let types = [
        "|b1", "|i1", ">i2", "<i4", "<i8", "|u1", "<u2", ">u4", "<u8", "<f2", ">f4", "<f8",
    ];
    for (seed, dtype) in types.into_iter().enumerate() {
        for shape in [
            json!([]),
            json!([1]),
            json!([7]),
            json!([20, 300]),
            json!([0, 3]),
        ] {
            let args = [json!(path), json!(dtype), shape.clone(), json!(seed)];
            numpy.ask(make, &args).unwrap();
            let expected = numpy.ask(STATS, &[json!(path)]).unwrap();
            let (status, text, stderr) = ran(folder.path(), &["stats", "x.npy"]);
            assert_eq!((status, stderr.as_str()), (0, ""));
            let lines = text.lines().map(|line| line.split_once('\t').unwrap());
            let found: HashMap<&str, &str> = lines.collect();
            let what = format!("{dtype} {shape}: {text} {expected}");
            assert_eq!(found["count"], expected[0].to_string(), "{what}");
            assert_eq!(found["nan"], expected[1].to_string(), "{what}");
            assert_eq!(found.contains_key("min"), expected[0] != 0, "{what}");
            if expected[0] == 0 {
                continue;
            }
            let bools = |value: &Value| match value.as_str().unwrap() {
                "True" => "1".to_owned(),
                "False" => "0".to_owned(),
                other => other.to_owned(),
            };
            assert_eq!(found["min"], bools(&expected[2]), "{what}");
            assert_eq!(found["max"], bools(&expected[3]), "{what}");
            for (name, value) in [("mean", &expected[4]), ("std", &expected[5])] {
                let (found, value): (f64, f64) =
                    (found[name].parse().unwrap(), value.as_f64().unwrap());
                let scale = expected[5].as_f64().unwrap() + value.abs();
                assert!((found - value).abs() <= 1e-12 * scale, "{what}");
            }
        }
    }
    let (status, _, stderr) = ran(folder.path(), &["stats", "--slice", "::9, 0", "x.npy"]);
    assert_eq!((status, stderr.as_str()), (0, ""));
}

#[test]
fn stats_of_what_is_infinite() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // More than the rows that are read at a time: 8 MiB.
    let mut items = vec![1.0; 1_500_000];
    let inf = f64::INFINITY;
    for (places, mean) in [
        (vec![(3, inf)], "inf"),
        (vec![(1_400_000, -inf)], "-inf"),
        (vec![(3, inf), (1_400_000, inf)], "inf"),
        (vec![(3, inf), (1_400_000, -inf)], "nan"),
    ] {
        items.fill(1.0);
        for (place, value) in places {
            items[place] = value;
        }
        let array = Array::from_slice(&items, [items.len()]).unwrap();
        npio::save(here.join("x.npy"), &array).unwrap();
        let (_, text, _) = ran(here, &["stats", "x.npy"]);
        assert!(
            text.ends_with(&format!("mean\t{mean}\nstd\tnan\n")),
            "{text}"
        );
    }
}

#[test]
fn diff_at_the_shell() {
    let folder = sample_folder();
    let here = folder.path();
    let same = (0, String::new(), String::new());
    assert_eq!(ran(here, &["diff", "x.npy", "f.npy"]), same);
    ran(here, &["convert", "--byteorder", "big", "x.npy", "big.npy"]);
    assert_eq!(ran(here, &["diff", "f.npy", "big.npy"]), same);
    let save = |name: &str, items: &[f64]| {
        npio::save(here.join(name), Array::from_slice(items, [2, 3]).unwrap()).unwrap();
    };
    save("y.npy", &[1.0, 2.5, -3.0, 4.1, 5.0, 6.001]);
    let (status, text, _) = ran(here, &["diff", "x.npy", "y.npy"]);
    let message = "values: 2 of 6 differ, the first at (1, 0): 4.0, 4.1\n\
                   differences: largest 0.09999999999999964 at (1, 0), ";
    assert!(status == 1 && text.starts_with(message), "{text}");
    assert_eq!(
        ran(here, &["diff", "--rtol", "0.03", "x.npy", "y.npy"]),
        same
    );
    assert_eq!(
        ran(here, &["diff", "--atol", "0.01", "x.npy", "y.npy"]).0,
        1
    );
    assert_eq!(
        ran(here, &["diff", "--slice", ":, 1:2", "x.npy", "y.npy"]),
        same
    );
    save("nan.npy", &[f64::NAN, -0.0, 0.0, 1.0, 2.0, 3.0]);
    save("nan2.npy", &[-f64::NAN, 0.0, -0.0, 1.0, 2.0, 3.0]);
    assert_eq!(ran(here, &["diff", "nan.npy", "nan2.npy"]), same);
    let inf = f64::INFINITY;
    save("inf.npy", &[inf, -inf, 1.0, 2.0, -inf, 0.0]);
    save("inf2.npy", &[inf, -inf, 1.0, inf, inf, 0.0]);
    assert_eq!(
        ran(here, &["diff", "--rtol", "1", "inf.npy", "inf.npy"]),
        same
    );
    let (status, text, _) = ran(here, &["diff", "--rtol", "1", "inf.npy", "inf2.npy"]);
    let message = "values: 2 of 6 differ, the first at (1, 0): 2.0, inf\n\
                   differences: mean 0.0, RMSE 0.0, 2 not finite\n";
    assert_eq!((status, text.as_str()), (1, message));

    ran(here, &["convert", "--dtype", "f4", "x.npy", "f4.npy"]);
    ran(here, &["convert", "--slice", "0", "x.npy", "row.npy"]);
    let (status, text, _) = ran(here, &["diff", "x.npy", "f4.npy"]);
    assert_eq!((status, text.as_str()), (1, "dtype: '<f8', '<f4'\n"));
    let (status, text, _) = ran(here, &["diff", "x.npy", "row.npy"]);
    assert_eq!((status, text.as_str()), (1, "shape: (2, 3), (3,)\n"));
    assert_eq!(ran(here, &["diff", "x.npy", "no.npy"]).0, 2);
    let piped = run(
        here,
        &["diff", "-", "x.npy"],
        &fs::read(here.join("f.npy")).unwrap(),
    );
    assert_eq!(piped.status, 0);
}

/// Every case equals itself in the other orders; one changed item is one difference.
#[test]
fn diff_of_every_case() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for case in cases("generated") {
        let Ok(array) = npio::load(case.path()) else {
            continue;
        };
        let other = SaveOptions::new().order(Order::Fortran);
        other.save(here.join("other.npy"), &array).unwrap();
        let (path, name) = (case.path(), case.path());
        let path = path.to_str().unwrap();
        let same = ran(here, &["diff", path, "other.npy"]);
        assert_eq!(
            same,
            (0, String::new(), String::new()),
            "{}",
            name.display()
        );
        // In an array of few bytes, every bit belongs to a value, except in NaN and padding.
        if array.dtype().to_string().contains('i')
            && array.dtype().name().is_some()
            && array.layout().count() > 0
        {
            let mut changed = array.clone();
            changed.as_mut_bytes()[0] ^= 1;
            npio::save(here.join("changed.npy"), &changed).unwrap();
            let (status, text, _) = ran(here, &["diff", path, "changed.npy"]);
            let count = array.layout().count();
            assert_eq!(status, 1, "{}", name.display());
            assert!(
                text.starts_with(&format!("values: 1 of {count} differ")),
                "{text}"
            );
        }
    }
}

/// Long doubles are compared beyond the precision of f8; their padding is ignored.
#[test]
fn diff_of_long_doubles() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let one = Array::from_slice(&[1.0, 2.0], [2]).unwrap();
    let mut one = one.astype(DType::F128, Casting::Safe).unwrap();
    let save = |name: &str, array: &Array| npio::save(here.join(name), array).unwrap();
    save("a.npy", &one);
    one.as_mut_bytes()[12] = 7;
    save("padded.npy", &one);
    one.as_mut_bytes()[16] = 1;
    save("next.npy", &one);
    assert_eq!(ran(here, &["diff", "a.npy", "padded.npy"]).0, 0);
    assert_eq!(ran(here, &["diff", "a.npy", "next.npy"]).0, 1);
    assert_eq!(
        ran(here, &["diff", "--rtol", "1e-9", "a.npy", "next.npy"]).0,
        0
    );
}

/// Parts of items without bytes are skipped, however many a header declares.
#[test]
fn diff_of_items_with_parts_without_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let dtype = "[('a', [('b', 'S0')], (2000000000,)), ('c', '<i4')]";
    let dtype: DType = dtype.parse().unwrap();
    for (name, items) in [("a.npy", [1, 0, 0, 0]), ("b.npy", [2, 0, 0, 0])] {
        let layout = Layout::new(dtype.clone(), [1], Order::C).unwrap();
        npio::save(here.join(name), Array::new(layout, &items[..]).unwrap()).unwrap();
    }
    let (status, text, _) = ran(here, &["diff", "a.npy", "b.npy"]);
    assert!(status == 1 && text.starts_with("values: 1 of 1"), "{text}");
}

#[test]
fn convert_casts() {
    let folder = sample_folder();
    let here = folder.path();
    let (status, _, stderr) = ran(here, &["convert", "--dtype", "i4", "x.npy", "i.npy"]);
    let message = "npio: x.npy: cannot cast '<f8' to '<i4' by the rule 'same_kind': use --casting unsafe to cast anyway\n";
    assert_eq!((status, stderr.as_str()), (2, message));
    let args = [
        "convert",
        "--dtype",
        "i4",
        "--casting",
        "unsafe",
        "x.npy",
        "i.npy",
    ];
    assert_eq!(ran(here, &args).0, 0);
    assert_eq!(
        ran(here, &["dump", "--json", "i.npy"]).1,
        "[[1,2,-3],[4,5,6]]\n"
    );
    let args = [
        "convert",
        "--dtype",
        ">f4",
        "f.npy",
        "x_float32_be_F_2_3.dat",
    ];
    assert_eq!(ran(here, &args), (0, String::new(), String::new()));
    assert_eq!(
        ran(here, &["dump", "--json", "x_float32_be_F_2_3.dat"]).1,
        "[[1.0,2.5,-3.0],[4.0,5.0,6.0]]\n"
    );
    let x = fs::read(here.join("x.npy")).unwrap();
    let piped = run(
        here,
        &[
            "convert",
            "--dtype",
            "U",
            "--casting",
            "unsafe",
            "--to",
            "npy",
            "-",
            "-",
        ],
        &x,
    );
    let text = flatfile::npy::read(&piped.fine()[..]).unwrap();
    assert_eq!(text.dtype().to_string(), "<U32");
    let saved = SaveOptions::new().astype(DType::I16, Casting::Unsafe);
    saved
        .save(
            here.join("y_int16_2_3.dat"),
            npio::load(here.join("x.npy")).unwrap(),
        )
        .unwrap();
    assert_eq!(
        npio::load(here.join("y_int16_2_3.dat"))
            .unwrap()
            .to_vec::<i16>()
            .unwrap(),
        [1, 2, -3, 4, 5, 6]
    );
}
