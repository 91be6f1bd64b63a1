//! The dtypes of ml_dtypes, against a live one.

use conformance::{NumPy, unhex};
use npio::Value;
use npio::dtype::{ByteOrder, Casting, DType, Number, can_cast};
use npio::flatfile::Cast;
use npio::flatfile::{Array, npy, show};
use serde_json::json;
use std::fs;

/// Numbers of ml_dtypes of one kind, by name.
fn names(is_wanted: impl Fn(Number) -> bool) -> Vec<String> {
    let numbers = Number::ALL.iter().copied();
    let numbers = numbers.filter(|number| number.is_extension() && is_wanted(*number));
    numbers.map(|number| number.to_string()).collect()
}

/// A Python with ml_dtypes; `None`, with a printed message, without it.
fn start() -> Option<NumPy> {
    let mut numpy = NumPy::start()?;
    match numpy.ask("import ml_dtypes", &[]) {
        Ok(_) => Some(numpy),
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "{error}, and CI is set");
            conformance::skipped(&format!("{error}; `cargo xtask test` brings it"));
            None
        }
    }
}

fn dtype(name: &str) -> DType {
    name.parse().unwrap()
}

fn cast(from: &DType, to: &DType, items: &[u8]) -> Vec<u8> {
    let cast = Cast::new(from, to, Casting::Unsafe).unwrap();
    let mut out = vec![0; items.len() / from.itemsize() * to.itemsize()];
    cast.apply(items, &mut out).unwrap();
    out
}

/// Whether two items are the same, or both NaN of the same sign.
fn is_same(to: &DType, ours: &[u8], theirs: &[u8]) -> bool {
    let value = |item| f64::from_ne_bytes(cast(to, &DType::F64, item).try_into().unwrap());
    let is_nan = |one: f64, other: f64| {
        one.is_nan() && other.is_nan() && one.is_sign_negative() == other.is_sign_negative()
    };
    ours == theirs || is_nan(value(ours), value(theirs))
}

#[test]
fn every_value_is_cast_as_there() {
    let Some(mut numpy) = start() else {
        return;
    };
    let targets = [
        "f4", "f8", "f2", "c8", "c16", "?", "i1", "u1", "i2", "u4", "i8",
    ];
    let ask = "
import ml_dtypes
np.seterr(all='ignore')
bits = np.arange(256, dtype='u1') if args[0] != 'bfloat16' else np.arange(65536, dtype='u2')
answer = bits.view(getattr(ml_dtypes, args[0])).astype(args[1]).tobytes().hex()
";
    for name in names(|_| true) {
        let from = dtype(&name);
        let items: Vec<u8> = match from.itemsize() {
            1 => (0..=u8::MAX).collect(),
            _ => (0..=u16::MAX).flat_map(u16::to_ne_bytes).collect(),
        };
        for target in targets {
            let to = dtype(target);
            // Out of an integer's range, and for NaN, the result of C is undefined.
            let is_float = !matches!(from, DType::Number(number, _) if number.is_integer());
            let is_integer = matches!(to, DType::Number(number, _) if number.is_integer());
            let answer = numpy.ask(ask, &[json!(name), json!(target)]).unwrap();
            let theirs = unhex(answer.as_str().unwrap());
            let ours = cast(&from, &to, &items);
            let values = cast(&from, &DType::F64, &items);
            let (limit, least) = limits(&to);
            let pairs = ours.chunks(to.itemsize()).zip(theirs.chunks(to.itemsize()));
            for (i, (ours, theirs)) in pairs.enumerate() {
                let value = f64::from_ne_bytes(values[8 * i..][..8].try_into().unwrap());
                if is_float && is_integer && !(least..limit).contains(&value.trunc()) {
                    continue;
                }
                assert!(
                    is_same(&to, ours, theirs),
                    "{name} {i:#x} to {target}: {ours:x?}, {theirs:x?}"
                );
            }
        }
    }
}

/// The least integer above the range of an integer, and the least in it.
fn limits(dtype: &DType) -> (f64, f64) {
    let DType::Number(number, _) = dtype else {
        return (f64::INFINITY, f64::NEG_INFINITY);
    };
    let bits = number.info().bits as i32;
    match number.kind() {
        'i' => (2f64.powi(bits - 1), -2f64.powi(bits - 1)),
        'u' => (2f64.powi(bits), 0.0),
        _ => (f64::INFINITY, f64::NEG_INFINITY),
    }
}

/// Any bits, and numbers near those that the small formats have.
const RANDOM: &str = "
import ml_dtypes
np.seterr(all='ignore')
random = np.random.default_rng(23)
def values(source):
    kind = np.dtype(source)
    if kind.itemsize == 2:
        return np.arange(65536, dtype='u2').view(kind)
    bits = random.integers(0, 2**(8 * kind.itemsize), args[1] // 2, dtype=f'u{kind.itemsize}').view(kind)
    near = random.standard_normal(args[1] // 2) * 2.0**random.integers(-20, 20, args[1] // 2)
    # Every other one with few digits, which are often half way between two.
    near[::2] = np.ldexp(random.integers(-64, 64, len(near[::2])), random.integers(-20, 20, len(near[::2])))
    return np.concatenate([bits, near.astype(kind)])
source = values(args[0])
answer = [source.tobytes().hex(), [source.astype(getattr(ml_dtypes, name)).tobytes().hex() for name in args[2]]]
";

#[test]
fn floats_are_rounded_as_there() {
    let Some(mut numpy) = start() else {
        return;
    };
    let floats = names(|number| !number.is_integer());
    for source in ["f4", "f8", "f2"] {
        let from = dtype(source);
        let answer = numpy.ask(RANDOM, &[json!(source), json!(100_000), json!(floats)]);
        let answer = answer.unwrap();
        let items = unhex(answer[0].as_str().unwrap());
        for (name, theirs) in floats.iter().zip(answer[1].as_array().unwrap()) {
            let to = dtype(name);
            let (ours, theirs) = (cast(&from, &to, &items), unhex(theirs.as_str().unwrap()));
            // ml_dtypes rounds an f8 twice, to f4 first.
            let twice = cast(&DType::F32, &to, &cast(&from, &DType::F32, &items));
            let mut differences = 0;
            for (i, item) in items.chunks(from.itemsize()).enumerate() {
                let part = |bytes: &[u8]| bytes[i * to.itemsize()..][..to.itemsize()].to_vec();
                let (ours, theirs, twice) = (part(&ours), part(&theirs), part(&twice));
                if is_same(&to, &ours, &theirs) {
                    continue;
                }
                differences += 1;
                let is_twice = source == "f8" && is_same(&to, &twice, &theirs);
                assert!(
                    is_twice,
                    "{source} {item:02x?} to {name}: {ours:02x?}, {theirs:02x?}"
                );
            }
            assert!(
                differences < 100,
                "{source} to {name}: {differences} are rounded twice"
            );
        }
    }
}

#[test]
fn integers_wrap_as_there() {
    let Some(mut numpy) = start() else {
        return;
    };
    let integers = names(Number::is_integer);
    let ask = "
import ml_dtypes
answer = [np.arange(-300, 300).astype(args[0]).astype(getattr(ml_dtypes, name)).tobytes().hex() for name in args[1]]
";
    for source in ["i1", "u1", "i2", "i4", "i8", "u8", "bool"] {
        let from = dtype(source);
        let values: Vec<u8> = (-300i64..300).flat_map(i64::to_ne_bytes).collect();
        let items = cast(&DType::I64, &from, &values);
        let answer = numpy.ask(ask, &[json!(source), json!(integers)]).unwrap();
        for (name, theirs) in integers.iter().zip(answer.as_array().unwrap()) {
            let ours = cast(&from, &dtype(name), &items);
            assert_eq!(ours, unhex(theirs.as_str().unwrap()), "{source} to {name}");
        }
    }
    // Floats that are in range; all others are undefined.
    let ask = "
import ml_dtypes
low, high = ml_dtypes.iinfo(args[0]).min, ml_dtypes.iinfo(args[0]).max
source = np.linspace(low, high + 0.99, 100, dtype='f4')
answer = [source.tobytes().hex(), source.astype(getattr(ml_dtypes, args[0])).tobytes().hex()]
";
    for name in integers {
        let answer = numpy.ask(ask, &[json!(name)]).unwrap();
        let items = unhex(answer[0].as_str().unwrap());
        let ours = cast(&DType::F32, &dtype(&name), &items);
        assert_eq!(ours, unhex(answer[1].as_str().unwrap()), "{name}");
    }
}

/// Between NumPy's dtypes and those of ml_dtypes, but for texts and times, to which NumPy has no cast.
#[test]
fn casts_are_allowed_as_registered() {
    let Some(mut numpy) = start() else {
        return;
    };
    let names = names(|_| true);
    let others = [
        "?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16",
    ];
    let ask = "
import ml_dtypes
levels = ['no', 'equiv', 'safe', 'same_kind', 'unsafe']
count = lambda a, b: sum(np.can_cast(a, b, level) for level in levels)
answer = [[[count(getattr(ml_dtypes, a), b), count(b, getattr(ml_dtypes, a))] for b in args[1]] for a in args[0]]
";
    let levels = |from: &DType, to: &DType| {
        use Casting::{Equiv, No, Safe, SameKind, Unsafe};
        let levels = [No, Equiv, Safe, SameKind, Unsafe];
        levels
            .into_iter()
            .filter(|level| can_cast(from, to, *level))
            .count()
    };
    let answer = numpy.ask(ask, &[json!(names), json!(others)]).unwrap();
    for (name, row) in names.iter().zip(answer.as_array().unwrap()) {
        for (other, theirs) in others.iter().zip(row.as_array().unwrap()) {
            let (a, b) = (dtype(name), dtype(other));
            let ours = json!([levels(&a, &b), levels(&b, &a)]);
            assert_eq!(ours, *theirs, "{name} to and from {other}");
        }
    }
}

#[test]
fn each_reads_the_files_of_the_other() {
    let Some(mut numpy) = start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let save = "
import ml_dtypes
np.save(args[0], np.array([[1, 0], [1, 1], [0, 1]]).astype(getattr(ml_dtypes, args[1])))
";
    // NumPy refuses to load the `<f1` that it saves float8_e5m2 as.
    let load = "
import ml_dtypes
kind = np.dtype(getattr(ml_dtypes, args[1]))
with open(args[0], 'rb') as file:
    data = file.read()
array = np.load(args[0]) if kind.kind == 'V' else np.frombuffer(data[128:], kind).reshape(3, 2)
answer = array.view(kind).astype('f4').tolist() if 'e8m0' not in args[1] else None
";
    for name in names(|_| true) {
        let (theirs, ours) = (path("theirs.npy"), path("ours.npy"));
        numpy.ask(save, &[json!(theirs), json!(name)]).unwrap();
        let file = fs::read(&theirs).unwrap();
        let reader = npy::open(file).unwrap();
        assert_eq!(reader.layout().dtype().itemsize(), dtype(&name).itemsize());
        let array = reader.with_dtype(dtype(&name)).unwrap().read().unwrap();
        npio::save(&ours, &array).unwrap();
        assert_eq!(
            fs::read(&ours).unwrap(),
            fs::read(&theirs).unwrap(),
            "{name}"
        );
        let answer = numpy.ask(load, &[json!(ours), json!(name)]).unwrap();
        let values = array.astype(DType::F32, Casting::Unsafe).unwrap();
        // e8m0 has no 0.
        if name != "float8_e8m0fnu" {
            let values = values.to_vec::<f32>().unwrap();
            let rows: Vec<&[f32]> = values.chunks(2).collect();
            assert_eq!(answer, json!(rows), "{name}");
        }
    }
}

#[test]
fn pickles_keep_their_dtypes() {
    let Some(mut numpy) = start() else {
        return;
    };
    let ask = "
import ml_dtypes, pickle
kind = getattr(ml_dtypes, args[0])
answer = [pickle.dumps([np.array([1, 0], kind), np.dtype(kind), kind(1) if 'u' in args[0] or 'int' not in args[0] else kind(0)], protocol).hex() for protocol in range(6)]
";
    for name in names(|_| true) {
        let answer = numpy.ask(ask, &[json!(name)]).unwrap();
        for (protocol, pickle) in answer.as_array().unwrap().iter().enumerate() {
            let bytes = unhex(pickle.as_str().unwrap());
            let (value, _) = npio::meta::pickle::parse(&bytes).unwrap_or_else(|error| {
                panic!("{name}, protocol {protocol}: {error}");
            });
            let Value::List(items) = value else {
                panic!("{name}: {value:?}");
            };
            let Some(Value::Array(array)) = items.first() else {
                panic!("{name}: {items:?}");
            };
            let little = dtype(&name).with_byte_order(ByteOrder::Little);
            assert_eq!(*array.dtype(), little, "{name}");
        }
    }
}

/// Text, as `repr` of what NumPy calls their arrays.
#[test]
fn reprs_name_the_dtype_as_there() {
    let Some(mut numpy) = start() else {
        return;
    };
    let ask = "
import ml_dtypes
kind = np.dtype(getattr(ml_dtypes, args[0]))
name = repr(np.ones(1, kind)).split('dtype=')[1]
answer = [name, repr(np.dtype([('a', kind)])), repr(kind)]
";
    for name in names(|_| true) {
        let answer = numpy.ask(ask, &[json!(name)]).unwrap();
        let bytes = vec![0x38; dtype(&name).itemsize()];
        let layout = npio::Layout::new(dtype(&name), [1], npio::Order::C).unwrap();
        let array = Array::new(layout, bytes).unwrap();
        let options = show::Options::new().repr();
        let repr = options.array(&array.strided()).unwrap().to_string();
        let ours = repr.split("dtype=").nth(1).unwrap().to_owned();
        let record = dtype(&format!("[('a', '{name}')]"));
        let ours = [
            ours,
            show::dtype_repr(&record),
            show::dtype_repr(&dtype(&name)),
        ];
        assert_eq!(json!(ours), answer, "{name}");
    }
}
