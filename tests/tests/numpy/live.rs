//! NumPy reads our files, and we read NumPy's.
//!

use conformance::{NumPy, cases, numpy_has, sha256};
use npio::dtype::{ByteOrder, DType, Layout, Order, Record, Subarray};
use npio::flatfile::npy::{self, WriteOptions};
use npio::{Array, SaveOptions};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::json;
use std::fs;

/// Loads a file, and returns NumPy's result and the bytes that it would have written.
const LOAD: &str = r#"
x = np.load(args[0], max_header_size=1 << 20)
f = io.BytesIO()
np.save(f, x)
answer = [repr(npformat.dtype_to_descr(x.dtype)), list(x.shape), bool(x.flags.fnc),
          hashlib.sha256(raw(x)).hexdigest(), f.getvalue().hex()]
"#;

/// What NumPy must answer to [`LOAD`] for `array`, saved to `path`.
fn check(numpy: &mut NumPy, array: &Array, options: &SaveOptions, path: &std::path::Path) {
    options.save(path, array).unwrap();
    let answer = numpy.ask(LOAD, &[json!(path)]);
    let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", array.layout()));
    let written = fs::read(path).unwrap();
    let ours = npy::read(&written[..]).unwrap();
    let layout = ours.layout();
    let is_fortran = layout.order() == Order::Fortran && !layout.is_c_contiguous();
    let hex: String = written.iter().map(|byte| format!("{byte:02x}")).collect();
    let expected = json!([
        layout.dtype().descr().to_string(),
        layout.shape(),
        is_fortran,
        sha256(ours.as_bytes()),
        hex
    ]);
    assert_eq!(answer, expected, "{layout}");
}

#[test]
fn numpy_loads_every_case_as_we_write_it() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for case in cases("generated") {
        let Ok(array) = npy::read(&case.bytes()[..]) else {
            continue;
        };
        if !numpy_has(&array.dtype().to_string()) {
            continue;
        }
        for order in [Order::C, Order::Fortran] {
            for byte_order in [ByteOrder::Little, ByteOrder::Big] {
                let options = SaveOptions::new().order(order).byte_order(byte_order);
                check(&mut numpy, &array, &options, &path);
            }
        }
    }
}

fn simple() -> impl Strategy<Value = DType> {
    let names = [
        "?", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", ">u8", "<f2", ">f4", "<f8", "<f16",
        ">f16", "<c8", ">c16", "<c32", "S1", "S7", "<U1", ">U5", "V3", "<M8[D]", ">M8[25s]",
        "<m8[ns]", "<m8",
    ];
    let names = names.into_iter().filter(|name| numpy_has(name));
    prop::sample::select(names.collect::<Vec<_>>()).prop_map(|name| name.parse().unwrap())
}

fn any_dtype() -> impl Strategy<Value = DType> {
    simple().prop_recursive(2, 8, 3, |inner| {
        let part = (
            inner,
            prop::option::of(prop::collection::vec(1..4usize, 1..3)),
            0..5usize,
        );
        let parts = prop::collection::vec(part, 1..4);
        parts.prop_map(|parts| {
            let fields = parts
                .into_iter()
                .enumerate()
                .map(|(i, (dtype, shape, gap))| {
                    let gap = DType::Void(gap as u32);
                    let name = if i == 1 {
                        "ö'\"\\ж\n".to_owned()
                    } else {
                        format!("f{i}")
                    };
                    let dtype = Subarray::dtype(dtype, shape.unwrap_or_default()).unwrap();
                    let gap_name = format!("gap{i}");
                    [(gap_name, gap), (name, dtype)]
                });
            let packed = Record::packed(fields.flatten()).unwrap();
            // A former gap is padding now.
            let fields = packed
                .fields()
                .iter()
                .filter(|f| !f.name.starts_with("gap"));
            Record::new(fields.cloned().collect(), packed.itemsize() + 1)
                .unwrap()
                .into()
        })
    })
}

fn any_array() -> impl Strategy<Value = Array> {
    let shape = prop::collection::vec(0..5usize, 0..4);
    (any_dtype(), shape, any::<bool>(), any::<u64>()).prop_map(|(dtype, shape, fortran, seed)| {
        let order = if fortran { Order::Fortran } else { Order::C };
        let layout = Layout::new(dtype, shape, order).unwrap();
        let mut state = seed;
        let bytes: Vec<u8> = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Code points must be valid; the other types accept any bits.
            (state >> 33) as u8 & 1
        })
        .take(layout.nbytes())
        .collect();
        Array::new(layout, bytes.into()).unwrap()
    })
}

#[test]
fn numpy_loads_random_arrays() {
    let Some(numpy) = NumPy::start() else { return };
    let numpy = std::cell::RefCell::new(numpy);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let config = Config {
        cases: 300,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&any_array(), |array| {
        let mut plain = array.clone();
        // For U, arbitrary bytes are not a value: one byte order makes them code points.
        plain.set_byte_order(ByteOrder::Little);
        check(&mut numpy.borrow_mut(), &plain, &SaveOptions::new(), &path);
        Ok(())
    });
    result.unwrap();
}

/// Makes a random array of `args[0]`'s seed, and saves it as `args[1]`.
const MAKE: &str = r#"
rng = np.random.default_rng(args[0])
def simple():
    return rng.choice(known(["?", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", ">u8", "<f2", ">f4", "<f8", "<f16",
        "<c8", ">c16", "<c32", "S1", "S7", "<U1", ">U5", "V3", "<M8[D]", ">M8[25s]", "<m8[ns]"]))
def dtype(depth):
    if depth == 0 or rng.random() < 0.5:
        return np.dtype(str(simple()))
    fields = []
    for i in range(rng.integers(1, 5)):
        part = dtype(depth - 1)
        name = f"n{i}" if rng.random() < 0.7 else chr(rng.integers(0xa1, 0x530)) + str(i)
        name = (f"t{i}", name) if rng.random() < 0.2 else name
        fields.append((name, part, tuple(map(int, rng.integers(1, 4, rng.integers(0, 3))))))
    return np.dtype(fields, align=bool(rng.random() < 0.5))
t = dtype(2)
shape = tuple(map(int, rng.integers(0, 5, rng.integers(0, 5))))
count = int(np.prod(shape, dtype=int))
x = np.frombuffer(rng.bytes(count * t.itemsize), "u1") & 1
x = x.view(t) if count and t.itemsize else np.zeros(count, t)
x = np.asarray(x.reshape(shape), order=str(rng.choice(["C", "F"])))
np.save(args[1], x)
answer = [repr(npformat.dtype_to_descr(x.dtype)), list(x.shape), hashlib.sha256(raw(x)).hexdigest()]
"#;

#[test]
fn we_load_random_arrays_of_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for seed in 0..300 {
        let answer = numpy.ask(MAKE, &[json!(seed), json!(path)]);
        let answer = answer.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let array = npio::load(&path).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let ours = json!([
            array.dtype().descr().to_string(),
            array.shape(),
            sha256(array.as_bytes())
        ]);
        assert_eq!(ours, answer, "seed {seed}");
        let mut written = Vec::new();
        WriteOptions::new().write(&mut written, &array).unwrap();
        assert!(
            written == fs::read(&path).unwrap(),
            "seed {seed}: written differently"
        );
    }
}

#[test]
fn sizes_are_those_of_the_files_that_numpy_writes() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let sizes = r#"
x = np.zeros(args[1], args[0])
npy, npz = io.BytesIO(), io.BytesIO()
np.save(npy, x)
np.savez(npz, x)
answer = [x.nbytes, len(x.tobytes()), len(npy.getvalue()), len(npz.getvalue())]
"#;
    for dtype in ["u1", "f8", "S3", "M8[ns]", "i4,(2,3)f4", "float64,U7"] {
        for shape in [
            vec![],
            vec![0],
            vec![3, 4],
            vec![1000],
            vec![1, 0, 5],
            vec![2; 20],
        ] {
            let layout = Layout::new(dtype.parse().unwrap(), shape.clone(), Order::C).unwrap();
            let ours = npio::size::Sizes::of(&layout).unwrap();
            let answer = numpy.ask(sizes, &[json!(dtype), json!(shape)]).unwrap();
            let ours = json!([ours.memory, ours.raw, ours.npy, ours.npz]);
            assert_eq!(ours, answer, "{layout}");
        }
    }
}
