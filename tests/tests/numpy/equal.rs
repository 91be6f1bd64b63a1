//! `array_equal`, beside NumPy's.

use conformance::NumPy;
use npio::{Array, DType, load_npz};
use serde_json::{Value, json};

/// Random pairs, of which many are equal, and what NumPy says of them without and with `equal_nan`; `None` where it
/// does not compare.
const PAIRS: &str = r#"
path, count, seed = args
rng = np.random.default_rng(seed)
numbers = known(["|b1", "|i1", "|u1", ">i2", "<u2", "<i4", ">u4", "<i8", ">i8", "<u8", "<f2", ">f4", "<f8", "<f16", "<c8", ">c16", "<c32"])
texts = ["S3", "S7", "<U3", ">U5", "V3", "V4"]
times = ["<M8[D]", ">M8[s]", "<M8[ms]", "<m8[s]", ">m8[ms]", "<m8[h]"]
records = [[("a", "<i4"), ("b", "<f8")], [("a", ">i4"), ("b", "<f4")], [("a", "<i4"), ("c", "<f8")], [("a", "i1"), ("", "V3"), ("b", "<f8")]]
edges = [0, 0, 1, -1, 2, 127, 255, 1.5, -0.0, np.nan, np.inf, 2**31 - 1, 2.0**53]
large = [0, 1, -1, 2**53, 2**53 + 1, 2**63 - 1, -2**63, 2**62 + 1]
words = ["", "a", "ab", "abc", "a\0b", "b"]
def some(kinds, shape):
    size = int(np.prod(shape))
    if kinds is texts:
        return np.array([words[i] for i in rng.integers(0, len(words), size)], object)
    if kinds is times:
        return np.array([[0, 1, 1000, 86400, 3600000, None][i] for i in rng.integers(0, 6, size)], object)
    pool = large if kinds is numbers and rng.random() < 0.3 else edges
    return np.array([pool[i] for i in rng.integers(0, len(pool), size)], object)
def to(values, kinds, dtype, shape):
    if kinds is records:
        made = np.zeros(len(values), npformat.descr_to_dtype(dtype))
        for name in made.dtype.names:
            field = np.dtype(made.dtype[name])
            made[name] = np.nan_to_num(values.astype("f8"), posinf=5).astype(field) if field.kind == "i" else values.astype(field)
        return made.reshape(shape)
    if kinds is texts:
        values = np.array([v.encode() for v in values]) if dtype[0] in "SV" else values
        return np.array(list(values), "S4" if dtype[0] == "V" else dtype).astype(dtype).reshape(shape)
    if kinds is times:
        unit = dtype[3:]
        return np.array([np.datetime64("NaT") if v is None else np.datetime64(v, "s") for v in values], "M8[s]").view("i8").view("m8[s]" if dtype[1] == "m" else "M8[s]").astype(dtype).reshape(shape)
    try:
        return np.array(list(values), dtype).reshape(shape)
    except (OverflowError, ValueError):
        return np.array(list(values), "f8").astype(dtype).reshape(shape)
arrays, answer = {}, []
shapes = [(), (1,), (3,), (2, 3), (0,), (2, 0)]
for i in range(count):
    kinds = [numbers, numbers, texts, times, records][rng.integers(0, 5)]
    other = kinds if rng.random() < 0.9 else numbers
    shape = shapes[rng.integers(0, len(shapes))]
    one, two = (k[rng.integers(0, len(k))] for k in (kinds, other))
    two = one if rng.random() < 0.4 and kinds is other else two
    values = some(kinds, shape)
    a = to(values, kinds, one, shape)
    b = to(values if kinds is other and rng.random() < 0.7 else some(other, shape), other, two, shape)
    if rng.random() < 0.1:
        b = b.reshape(b.shape + (1,))
    b = np.asfortranarray(b) if rng.random() < 0.5 else b
    equal = []
    for equal_nan in (False, True):
        try:
            equal.append(bool(np.array_equal(a, b, equal_nan=equal_nan)))
        except TypeError:
            equal.append(None)
    arrays[f"a{i}"], arrays[f"b{i}"] = a, b
    answer.append(equal)
np.savez(path, **arrays)
"#;

/// The kind of the times in an array, if it has any.
fn times(array: &Array) -> Option<bool> {
    match array.dtype() {
        DType::Datetime(..) => Some(true),
        DType::Timedelta(..) => Some(false),
        _ => None,
    }
}

#[test]
fn arrays_are_equal_as_in_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.npz");
    let count = 4000;
    let args = [json!(path), json!(count), json!(7)];
    let answers = numpy.ask(PAIRS, &args).unwrap();
    let arrays = load_npz(&path).unwrap();
    let (mut wrong, mut equal) = (Vec::new(), 0);
    for (i, answers) in answers.as_array().unwrap().iter().enumerate() {
        let (a, b) = (arrays.load(&format!("a{i}")), arrays.load(&format!("b{i}")));
        let (a, b) = (a.unwrap(), b.unwrap());
        for (equal_nan, numpys) in [(false, &answers[0]), (true, &answers[1])] {
            // To NumPy's `equal_nan`, dates and times that are all NaT are equal to each other.
            let is_quirk = equal_nan && times(&a) != times(&b);
            if *numpys == Value::Null || is_quirk {
                continue;
            }
            let ours = a.array_equal(&b, equal_nan);
            assert_eq!(ours, b.array_equal(&a, equal_nan));
            equal += usize::from(ours);
            if json!(ours) != *numpys {
                wrong.push(format!("{a:?} {b:?} {equal_nan}: {numpys}\n{a}\n{b}"));
            }
        }
    }
    assert!(equal > count / 4, "{equal} of {count}");
    assert!(
        wrong.is_empty(),
        "{}: {}",
        wrong.len(),
        wrong[..wrong.len().min(10)].join("\n")
    );
}
