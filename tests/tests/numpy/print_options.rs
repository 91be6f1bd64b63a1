//! `npio dump --precision --threshold --width --suppress`, and `--full`, beside NumPy's `np.printoptions`.

use conformance::{NumPy, ran, stdout_of};
use npio::Array;
use npio::flatfile::show;
use serde_json::json;
use std::env;

/// A random array, random options, and the text with them.
const CASE: &str = r#"
import warnings
path, seed = args
rng = np.random.default_rng(seed)
shape = [(), (1,), (5,), (40,), (3, 4), (30, 2), (2, 3, 9), (0, 2), (1100,), (40, 30)][rng.integers(10)]
dtype = rng.choice(known(["f8", ">f8", "f4", "f2", "f16", "c8", "c16", "i4", "u8", "?", "U4", "S3", "M8[s]", "m8[D]", "i4,f8"]))
scale = 10.0 ** rng.integers(-12, 12, shape) if rng.integers(2) else 10.0 ** rng.integers(-10, 10)
x = np.asarray(rng.standard_normal(shape) * scale)
if rng.integers(2):
    # Ties, and digits that are cut off.
    x = np.round(x / scale * 64) / 64 * [1, 1e-3, 1e4][rng.integers(3)]
if rng.integers(4) == 0:
    x = np.where(rng.integers(9, size=shape) == 0, rng.choice([np.nan, np.inf, -np.inf, 0.0], shape), x)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if dtype[0] in "c":
        x = x + 1j * x[..., ::-1] if x.ndim else x * (1 - 2j)
    if dtype in ("M8[s]", "m8[D]", "i4", "u8"):
        x = np.nan_to_num(x).clip(-1e9, 1e9).astype("i8")
    x = np.asarray(np.asarray(x).astype(dtype))
np.save(path, x)
options = {}
if rng.integers(4):
    options["precision"] = int(rng.integers(0, 14))
if rng.integers(2):
    options["threshold"] = int(rng.choice([0, 4, 30, 1200, 5000]))
if rng.integers(2):
    options["linewidth"] = int(rng.choice([1, 20, 33, 75, 150]))
if rng.integers(2):
    options["suppress"] = True
with np.printoptions(**options):
    text, rep = str(x), repr(x)
with np.printoptions(threshold=10**9):
    full = str(x)
answer = [options, text, rep, full]
"#;

#[test]
fn print_options_as_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let count = env::var("NPIO_PRINT_CASES").map_or(300, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("x.npy");
    for seed in 0..count {
        let case = numpy.ask(CASE, &[json!(path), json!(seed)]).unwrap();
        let options = &case[0];
        let mut ours = show::Options::new();
        let mut args = vec!["dump".to_owned(), "x.npy".to_owned()];
        for (key, option) in [
            ("precision", "--precision"),
            ("threshold", "--threshold"),
            ("linewidth", "--width"),
        ] {
            let Some(value) = options[key].as_u64() else {
                continue;
            };
            args.extend([option.to_owned(), value.to_string()]);
            ours = match key {
                "precision" => ours.precision(value as usize),
                "threshold" => ours.threshold(value as usize),
                _ => ours.line_width(value as usize),
            };
        }
        if options["suppress"] == true {
            args.push("--suppress".to_owned());
            ours = ours.suppress();
        }
        let array: Array = npio::load(&path).unwrap();
        let what = format!(
            "seed {seed}: {options} {} {:?}",
            array.dtype(),
            array.shape()
        );
        let shown = |options: &show::Options| options.array(&array.strided()).unwrap().to_string();
        assert_eq!(json!(shown(&ours)), case[1], "{what}");
        assert_eq!(json!(shown(&ours.clone().repr())), case[2], "{what}");
        // A process takes longer.
        if seed % 15 == 0 || count != 300 {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let line = |text: &serde_json::Value| format!("{}\n", text.as_str().unwrap());
            assert_eq!(stdout_of(here, &args), line(&case[1]), "{what}");
            let full = stdout_of(here, &["dump", "--full", "x.npy"]);
            assert_eq!(full, line(&case[3]), "{what}");
        }
    }
    for other in ["--json", "--raw", "--sep=,"] {
        let (status, _, stderr) = ran(here, &["dump", other, "--precision=3", "x.npy"]);
        assert_eq!(status, 2, "{stderr}");
    }
}

#[test]
fn a_single_value_in_full() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for item in [
        "np.float64(0.1234567890123456789)",
        "np.float32(1) / 3",
        "np.array(1.0)",
        "np.array('a\\u0007b')",
        "np.array(b'abc')",
        "np.array(1e300 + 1j)",
        "np.array((1, 1 / 3), 'i4,f8')",
        "np.datetime64('2020-01-01T10')",
    ] {
        let make = format!("x = np.asarray({item})\nnp.save(args[0], x)\nanswer = str(x)");
        let expected = numpy.ask(&make, &[json!(here.join("x.npy"))]).unwrap();
        let expected = format!("{}\n", expected.as_str().unwrap());
        assert_eq!(stdout_of(here, &["dump", "--full", "x.npy"]), expected);
        assert_eq!(stdout_of(here, &["dump", "x.npy"]), expected);
    }
}
