//! `npio diff`: how far apart the numbers are, beside NumPy, and what is printed.

use conformance::{NumPy, failed, ran, sample_archives, stdout_of};
use serde_json::{Value, json};

/// Pairs of arrays, and what NumPy says of their differences.
const PAIRS: &str = r#"
import os
os.chdir(args[0])
rng = np.random.default_rng(9)
def pair(dtype):
    kind = np.dtype(dtype).kind
    if kind in "iu":
        a, b = (rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, (4, 5), dtype, endpoint=True) for _ in "ab")
        a[0], a[1, 1] = b[0], np.iinfo(dtype).max
        b[1, 1] = np.iinfo(dtype).min
    elif kind == "c":
        a, b = (rng.normal(size=(4, 5)) + 1j * rng.normal(size=(4, 5)) for _ in "ab")
        a[1, 1], b[2, 2], a[3, 3], b[3, 3] = complex(np.nan, 1), complex(0, np.inf), np.nan, np.nan
    else:
        a, b = (rng.normal(size=(4, 5)) * 10.0 ** rng.integers(-3, 3, (4, 5)) for _ in "ab")
        a[1, 1], b[2, 2], a[3, 3], b[3, 3], a[0, 0], b[0, 0] = np.nan, np.inf, np.nan, np.nan, -np.inf, np.inf
        a[0, 1], b[0, 1] = np.inf, np.inf
    return a.astype(dtype), b.astype(dtype)
answer = {}
for dtype in "i1 u1 >i2 u4 i8 u8 f2 f4 >f8 c8 c16".split():
    a, b = pair(np.dtype(dtype).newbyteorder("="))
    np.save(f"a-{dtype[-2:]}.npy", a.astype(dtype))
    np.save(f"b-{dtype[-2:]}.npy", np.asfortranarray(b.astype(dtype)))
    if a.dtype.kind in "iu":
        d = np.abs(a.astype(object) - b.astype(object))
        ok = np.ones(a.shape, bool)
        size = np.abs(b.astype(object))
    else:
        wide = "c16" if a.dtype.kind == "c" else "f8"
        x, y = a.astype(wide), b.astype(wide)
        same = (x == y) | np.isnan(x) & np.isnan(y)
        ok = same | np.isfinite(x) & np.isfinite(y)
        d = np.where(same, 0, np.abs(np.where(ok & ~same, x - y, 0)))
        size = np.abs(y)
    with np.errstate(all="ignore"):
        relative = np.array([float(p) / float(q) if p and q else (np.inf if p else 0) for p, q in zip(d.flat, size.flat)]).reshape(d.shape)
    relative[~ok] = 0
    exact = [float(value) for value in d[ok].flat]
    answer[dtype[-2:]] = dict(count=int((~((a == b) | ((a != a) & (b != b)))).sum()), nonfinite=int((~ok).sum()),
        max_abs=str(d.max()) if a.dtype.kind in "iu" else float(d.max()), where=[int(i) for i in np.unravel_index(np.argmax(d), d.shape)],
        max_rel=float(relative.max()) if np.isfinite(relative.max()) else None, mean=float(np.mean(exact)), rmse=float(np.sqrt(np.mean(np.square(exact)))))
"#;

#[test]
fn differences_as_numpy_computes_them() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let pairs = numpy.ask(PAIRS, &[json!(here)]).unwrap();
    for (dtype, expected) in pairs.as_object().unwrap() {
        let (a, b) = (format!("a-{dtype}.npy"), format!("b-{dtype}.npy"));
        let (status, text, stderr) = ran(here, &["diff", "--json", &a, &b]);
        assert_eq!((status, stderr.as_str()), (1, ""), "{dtype}");
        let found: Value = serde_json::from_str(&text).unwrap();
        let close = |one: &Value, other: &Value| match (one.as_f64(), other.as_f64()) {
            (Some(one), Some(other)) => (one - other).abs() <= 1e-6 * other.abs(),
            _ => one == other,
        };
        assert_eq!(found["count"], expected["count"], "{dtype}: {text}");
        assert_eq!(found["nonfinite"], expected["nonfinite"], "{dtype}: {text}");
        assert_eq!(
            found["max_abs"]["index"], expected["where"],
            "{dtype}: {text}"
        );
        match expected["max_abs"].as_str() {
            Some(exact) => assert_eq!(found["max_abs"]["value"].to_string(), exact, "{dtype}"),
            None => assert!(
                close(&found["max_abs"]["value"], &expected["max_abs"]),
                "{dtype}: {text}"
            ),
        }
        for (name, value) in [
            ("max_rel", &found["max_rel"]["value"]),
            ("mean", &found["mean"]),
            ("rmse", &found["rmse"]),
        ] {
            assert!(
                close(value, &expected[name]),
                "{dtype}: {name}: {text} {expected}"
            );
        }
        let quiet = ran(here, &["diff", "-q", &a, &b]);
        assert_eq!(quiet, (1, String::new(), String::new()));
        // A tolerance does not change how far apart they are.
        let near = ran(here, &["diff", "--json", "--rtol", "1e-3", &a, &b]).1;
        let near: Value = serde_json::from_str(&near).unwrap();
        assert_eq!(near["rmse"], found["rmse"], "{dtype}");
    }
}

#[test]
fn what_diff_prints() {
    let folder = sample_archives();
    let here = folder.path();
    stdout_of(
        here,
        &[
            "convert",
            "--dtype",
            "i4",
            "--casting",
            "unsafe",
            "x.npy",
            "i.npy",
        ],
    );
    assert_eq!(
        ran(here, &["diff", "x.npy", "i.npy"]),
        (1, "dtype: '<f8', '<i4'\n".into(), String::new())
    );
    assert_eq!(
        ran(here, &["diff", "--ignore-dtype", "x.npy", "i.npy"]).1,
        "values: 1 of 6 differ, the first at (0, 1): 2.5, 2.0\n\
         differences: largest 0.5 at (0, 1), relative 0.25 at (0, 1), mean 0.08333333333333333, RMSE 0.2041241452319315\n"
    );
    stdout_of(here, &["convert", "--dtype", "f4", "x.npy", "f4.npy"]);
    assert_eq!(
        ran(here, &["diff", "--ignore-dtype", "x.npy", "f4.npy"]),
        (0, String::new(), String::new())
    );
    assert_eq!(
        stdout_of(
            here,
            &["diff", "--json", "--ignore-dtype", "x.npy", "f4.npy"]
        ),
        "{\"a\":\"x.npy\",\"b\":\"f4.npy\",\"name\":null,\"equal\":true,\"dtype\":null,\"shape\":null,\"count\":0,\"total\":6,\
         \"first\":null,\"nonfinite\":0,\"max_abs\":null,\"max_rel\":null,\"mean\":0.0,\"rmse\":0.0,\"note\":null}\n"
    );
    // Texts and numbers are not compared, nor are signed and unsigned integers of 64 bits, which no number holds.
    for dtype in ["S5", "u8"] {
        stdout_of(
            here,
            &[
                "convert",
                "--force",
                "--dtype",
                dtype,
                "--casting",
                "unsafe",
                "a.npz::n",
                "t.npy",
            ],
        );
        stdout_of(
            here,
            &["convert", "--force", "--dtype", "i8", "a.npz::n", "n8.npy"],
        );
        let (status, text, _) = ran(here, &["diff", "--ignore-dtype", "t.npy", "n8.npy"]);
        assert!(status == 1 && text.starts_with("dtype: "), "{text}");
    }
    let text = ran(here, &["diff", "--json", "a.npz", "c.npz"]).1;
    let names: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| format!("{} {}", line["name"].as_str().unwrap(), line["equal"]))
        .collect();
    assert_eq!(names, ["x true", "f true", "n true"]);
    stdout_of(here, &["rm", "c.npz", "n"]);
    assert_eq!(ran(here, &["diff", "-q", "a.npz", "c.npz"]).0, 1);
    let text = ran(here, &["diff", "--json", "a.npz", "c.npz"]).1;
    assert!(
        text.lines()
            .last()
            .unwrap()
            .ends_with(",\"note\":\"only in a.npz\"}"),
        "{text}"
    );
    let error = failed(here, &["diff", "-q", "--json", "x.npy", "x.npy"]);
    assert!(
        error.starts_with("npio: the argument '--quiet' cannot be used with '--json'"),
        "{error}"
    );
}
