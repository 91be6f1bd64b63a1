//! `npio stats` beside exact rational arithmetic, and beside NumPy's quantiles, histograms and axes.

use conformance::{NumPy, ran, stdout_of};
use serde_json::json;
use std::env;

/// Arrays that are hard to add up, of every dtype, in both memory orders and byte orders.
const MAKE: &str = r#"
path, seed = args
rng = np.random.default_rng(seed)
arrays = {}
def add(name, x, dtype):
    x = np.asarray(x).astype(dtype)
    shape = [x.shape, (-1, 2), (2, -1), (3, -1, 2)][rng.integers(4)]
    x = x[:x.size // 6 * 6].reshape(shape if x.size else (0, 3))
    arrays[name] = np.asfortranarray(x) if rng.integers(2) else x
def count():
    return int(rng.choice([6, 60, 3000]))
for order in "<>":
    for dtype in known(["f2", "f4", "f8", "f16"]):
        n, dtype = count(), order + dtype
        # What is beyond float16 is infinite there.
        noise, spread = rng.standard_normal(n), rng.uniform(-1, 1, n) * 2.0 ** rng.integers(-1070, 1020, n)
        add(f"noise{dtype}", 1e9 + 1e-6 * noise, dtype)
        add(f"spread{dtype}", spread, dtype)
        add(f"cancels{dtype}", rng.permutation(np.r_[1e16 + noise, noise, -1e16 - noise]), dtype)
        add(f"huge{dtype}", np.where(noise < 0, 1.5e308, -1.4e308), dtype)
        add(f"tiny{dtype}", 5e-324 * rng.integers(-9, 9, n), dtype)
        add(f"special{dtype}", rng.choice([0.0, -0.0, np.nan, 1.5, np.inf, -np.inf], n), dtype)
        add(f"nan{dtype}", np.where(noise < 0.5, np.nan, noise), dtype)
    for dtype in known(["c8", "c16", "c32"]):
        n, dtype = count(), order + dtype
        x = rng.standard_normal(n) + 1j * rng.standard_normal(n)
        x[::7], x[::11] = 0, np.nan
        add(f"complex{dtype}", 1e5 + x, dtype)
    for dtype in ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
        info = np.iinfo(dtype)
        add(f"all{order}{dtype}", rng.integers(info.min, info.max, count(), dtype=dtype, endpoint=True), order + dtype)
        add(f"most{order}{dtype}", info.max - rng.integers(0, 9, count()).astype(dtype), order + dtype)
    for dtype in ["M8[D]", "m8[s]"]:
        x = rng.integers(-20000, 20000, count()).astype(order + dtype)
        x[::5] = "NaT"
        add(f"time{order}{dtype}", x, order + dtype)
add("bool", rng.integers(2, size=count()), "?")
add("empty", np.zeros(0), "f8")
np.savez(path, **arrays) if seed % 2 else np.savez_compressed(path, **arrays)
"#;

/// Compares lines of JSON with what is exact, and with NumPy.
const CHECK: &str = r#"
import json, math
from fractions import Fraction as F
path, lines = args
arrays, wrong = np.load(path), []

def ratios(x):
    """Each value as a fraction, whose denominator is a power of two."""
    if x.dtype.kind == "f":
        return [value.as_integer_ratio() for value in x]
    return [(int(value), 1) for value in x.tolist()]

def is_nearest(found, value, root=False):
    """Whether no other float is nearer to the value, or to its root."""
    found, half = F(found), F(math.ulp(found)) / 2
    if root:
        return max(found - half, 0) ** 2 <= value <= (found + half) ** 2
    return abs(found - value) <= half

def moments(x):
    # As integers with a common denominator, since fractions are reduced again and again.
    values = ratios(x)
    n, unit = len(values), max(denominator for _, denominator in values)
    values = [numerator * (unit // denominator) for numerator, denominator in values]
    total, squares = sum(values), sum(value * value for value in values)
    return F(total, n * unit), F(n * squares - total ** 2, (n * unit) ** 2)

for line in map(json.loads, lines):
    x = arrays[line["name"]]
    assert line["shape"] == list(x.shape) and line["dtype"] == x.dtype.str, line
    def equal(key, value):
        if line[key] != value and not (line[key] != line[key] and value != value):
            wrong.append(f"{line['name']} {x.dtype} {x.shape} {key}: {line[key]}, expected {value}")
    def true(key, fact):
        if not fact:
            wrong.append(f"{line['name']} {x.dtype} {x.shape} {key}: {line[key]}")
    x = x.ravel()
    kind = x.dtype.kind
    missing = np.isnat(x) if kind in "mM" else np.isnan(x)
    x = x[~missing]
    equal("count", x.size)
    equal("nan", int(missing.sum()))
    equal("inf", int(np.isinf(x).sum()))
    equal("zero", int((x == x.dtype.type(0)).sum()) if kind != "M" else int((x.astype("i8") == 0).sum()))
    if x.size == 0:
        for key in ("min", "max", "mean", "std", "quantiles", "hist"):
            equal(key, None)
        continue
    if kind == "c":
        equal("min", None)
        equal("quantiles", None)
        (re, a), (im, b) = moments(x.real), moments(x.imag)
        if x.dtype.itemsize <= 16:
            true("mean", is_nearest(line["mean"][0], re) and is_nearest(line["mean"][1], im))
            true("std", is_nearest(line["std"], a + b, True))
            size = np.abs(x.astype("c16"))
            true("max_abs", abs(line["max_abs"] / size.max() - 1) < 1e-15)
            true("min_abs", abs(line["min_abs"] / size.min() - 1) < 1e-15)
        continue
    if kind in "mM":
        counts = x.astype("i8").tolist()
        total, n = sum(counts), len(counts)
        mean = total // n if kind == "M" else int(F(total, n))
        deviation = math.isqrt(n * sum(c * c for c in counts) - total ** 2) // n
        equal("min", str(x.min()) if kind == "M" else min(counts))
        equal("mean", str(np.datetime64(mean, "D")) if kind == "M" else mean)
        equal("std", deviation)
        quantiles = np.quantile(x, [0, .25, .5, .75, 1])
        equal("quantiles", dict(zip(["0", ".25", ".5", ".75", "1"],
            map(str, quantiles) if kind == "M" else quantiles.astype("i8").tolist())))
        equal("hist", None)
        continue
    value = np.longdouble if x.dtype.itemsize > 8 else x.dtype.type
    def parsed(found):
        return np.longdouble(found) if x.dtype.itemsize > 8 and kind == "f" else found
    for key, least in (("min", x.min()), ("max", x.max())):
        true(key, parsed(line[key]) == least)
    if np.isinf(x).any():
        with np.errstate(all="ignore"):
            mean = float(x.astype("f8")[np.isinf(x)].sum())
        true("mean", str(parsed(line["mean"])) == str(mean))
        true("std", np.isnan(parsed(line["std"])))
    elif x.dtype.itemsize > 8:
        mean, variance = moments(x)
        high = parsed(line["mean"])
        found = [F(*ratio) for ratio in ratios(np.array([high, parsed(line["std"])]))]
        true("mean", abs(found[0] - mean) <= abs(mean) / 2 ** 63)
        true("std", abs(found[1] ** 2 - variance) <= variance / 2 ** 62)
    else:
        mean, variance = moments(x)
        true("mean", is_nearest(line["mean"], mean))
        true("std", is_nearest(line["std"], variance, True))
    if x.dtype.itemsize > 8:
        continue
    fractions = [0, .25, .5, .75, 1]
    w = x.astype("f8") if kind == "f" or x.dtype.itemsize < 8 else x
    if x.dtype.str[1:] != "i8" and not np.isinf(x).any():
        # NumPy's differences of int64 wrap around, and from an infinity they are NaN.
        with np.errstate(all="ignore"):
            expected = np.quantile(w, fractions).tolist()
        for name, value in zip(["0", ".25", ".5", ".75", "1"], expected):
            found = line["quantiles"][name]
            # Where the distance is not finite, NumPy's quantile is not.
            true("quantiles", found == value or not math.isfinite(value))
    finite = x[np.isfinite(x)].astype("f8")
    if finite.size and math.isfinite(finite.max() - finite.min()):
        try:
            counts, edges = np.histogram(finite, 7)
        except ValueError:
            # The numbers are so close that there are no edges between them.
            continue
        equal("hist", {"edges": edges.tolist(), "counts": counts.tolist()})
answer = wrong[:10]
"#;

#[test]
fn stats_are_exact() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let count = env::var("NPIO_STATS_CASES").map_or(2, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("all.npz");
    for seed in 0..count {
        numpy.ask(MAKE, &[json!(path), json!(seed)]).unwrap();
        let args = ["stats", "--json", "--quantiles", "--hist=7", "all.npz"];
        let (status, text, stderr) = ran(here, &args);
        assert_eq!((status, stderr.as_str()), (0, ""));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 80, "{}", lines.len());
        let wrong = numpy.ask(CHECK, &[json!(path), json!(lines)]).unwrap();
        assert_eq!(wrong, json!([]), "seed {seed}: {wrong:#}");
        // One by one, from a pipe, and from a file that a pass reads again.
        let names = ["nan<f8", "all>i4"];
        for name in names {
            let address = format!("all.npz::{name}");
            let args = ["stats", "--quantiles", "--hist=3", &address];
            let stored = stdout_of(here, &args);
            let raw = conformance::run(here, &["convert", "--to", "npy", &address, "-"], b"");
            let piped = conformance::run(
                here,
                &["stats", "--quantiles", "--hist=3", "-"],
                &raw.stdout,
            );
            assert_eq!(piped.text(), stored);
        }
    }
}

#[test]
fn along_an_axis_as_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("x.npy");
    for (seed, shape) in [
        vec![7],
        vec![5, 4],
        vec![3, 1, 6],
        vec![4, 0],
        vec![2, 3, 4],
    ]
    .iter()
    .enumerate()
    {
        let make = r#"
path, seed, shape = args
x = np.random.default_rng(seed).standard_normal(shape).astype(">f4" if seed % 2 else "f8")
np.save(path, np.asfortranarray(x) if seed % 3 else x)
"#;
        numpy
            .ask(make, &[json!(path), json!(seed), json!(shape)])
            .unwrap();
        for axis in -(shape.len() as i64)..shape.len() as i64 {
            let args = ["stats", "--json", "--axis", &axis.to_string(), "x.npy"];
            let text = stdout_of(here, &args);
            let check = r#"
import json
path, axis, text = args
x = np.load(path).astype("f8")
wrong = []
index_shape = np.delete(x.shape, axis)
lines = [json.loads(line) for line in text.splitlines()]
assert [tuple(line["index"]) for line in lines] == list(np.ndindex(*index_shape)), lines
for line in lines:
    lane = np.moveaxis(x, axis, -1)[tuple(line["index"])]
    if lane.size == 0:
        assert line["mean"] is None and line["count"] == 0
        continue
    assert (line["count"], line["min"], line["max"]) == (lane.size, lane.min(), lane.max()), line
    assert abs(line["mean"] - lane.mean()) < 1e-15 and abs(line["std"] - lane.std()) < 1e-15, line
"#;
            numpy
                .ask(check, &[json!(path), json!(axis), json!(text)])
                .unwrap();
        }
    }
}
