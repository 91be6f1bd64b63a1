//! Structs and records: records that NumPy saved in many layouts, and those that it reads from our files.

mod structs;

use bytemuck::Zeroable;
use conformance::NumPy;
use npio::Array;
use npio::dtype::{Be, Le, WriteFields};
use npio::flatfile::npy;
use serde_json::json;
use std::fs::File;
use std::path::Path;
use structs::*;

/// Saves an array of dtype `args[0]` as `args[1]` and, in an archive, as `args[2]`; every field has different values.
const MAKE: &str = r#"
def fill(a, k):
    if a.dtype.names:
        for i, name in enumerate(a.dtype.names):
            fill(a[name], k + 7 * i + 1)
        return
    n = ((np.arange(a.size) + k) % 100).reshape(a.shape)
    if a.dtype.kind == "b":
        a[...] = n % 3 == 0
    elif a.dtype.kind in "Mm":
        a[...] = n.astype("i8").astype(a.dtype)
    elif a.dtype.kind == "c":
        a[...] = n * (1 - 0.5j)
    else:
        a[...] = n.astype(a.dtype)
a = np.zeros(1000, eval(args[0]))
fill(a, 0)
np.save(args[1], a)
np.savez_compressed(args[2], a=a)
"#;

/// Whether `args[1]` has its fields from `args[0]`; and whether types and bytes are the same.
const COMPARE: &str = r#"
def same(a, b):
    if b.dtype.names:
        return all(same(a[name], b[name]) for name in b.dtype.names)
    return a.dtype.newbyteorder("=") == b.dtype.newbyteorder("=") and np.array_equal(a, b)
a, b = np.load(args[0]), np.load(args[1])
answer = [a.shape == b.shape and same(a, b), a.dtype == b.dtype and raw(a) == raw(b)]
"#;

/// The expected result for an array that NumPy saved.
enum Outcome {
    /// The struct's dtype is the file's.
    Same,
    /// The fields are found by name.
    ByName,
    /// The error is this.
    Not(&'static str),
}
use Outcome::{ByName, Not, Same};

fn check<T: WriteFields>(numpy: &mut NumPy, folder: &Path, dtype: &str, outcome: &Outcome) {
    let [file, archive, copy] = ["a.npy", "a.npz", "b.npy"].map(|name| folder.join(name));
    numpy
        .ask(MAKE, &[json!(dtype), json!(file), json!(archive)])
        .unwrap();
    let header = npio::load_header(&file).unwrap();
    let is_same = *header.layout().dtype() == T::dtype();
    assert_eq!(is_same, matches!(outcome, Same), "{dtype}: {}", T::dtype());

    let loaded = npio::load_vec::<T>(&file);
    let array = npio::load(&file).unwrap();
    if let Not(expected) = outcome {
        let error = loaded.err().unwrap().to_string();
        assert_eq!(error.split_once(": ").unwrap().1, *expected, "{dtype}");
        assert_eq!(array.to_vec::<T>().err().unwrap().to_string(), *expected);
        assert_eq!(array.into_vec::<T>().err().unwrap().to_string(), *expected);
        return;
    }
    let records = Array::from_records(&loaded.unwrap().0, [1000]).unwrap();
    npio::save(&copy, &records).unwrap();
    let answer = numpy.ask(COMPARE, &[json!(file), json!(copy)]);
    assert_eq!(answer, Ok(json!([true, is_same])), "{dtype}");

    // Every other way has the same items.
    let bytes = |items: Vec<T>| {
        Array::from_records(&items, [1000])
            .unwrap()
            .as_bytes()
            .to_vec()
    };
    let member = npio::load_npz(&archive)
        .unwrap()
        .load_vec::<T>("a")
        .unwrap()
        .0;
    let streamed = npy::open_stream(File::open(&file).unwrap()).unwrap();
    let mut blocks = Vec::new();
    for block in npio::LoadOptions::new().row_blocks(&file, 300).unwrap() {
        blocks.extend(block.unwrap().into_vec::<T>().unwrap());
    }
    for items in [
        member,
        blocks,
        streamed.read_vec().unwrap(),
        array.to_vec().unwrap(),
        array.to_cow().unwrap().into_owned(),
        array.clone().into_vec().unwrap(),
        array.strided().to_vec().unwrap(),
    ] {
        assert_eq!(bytes(items), records.as_bytes(), "{dtype}");
    }
    let in_place = array.to_order(npio::Order::C).unwrap();
    let in_place = in_place.as_slice::<T>().map(<[T]>::to_vec);
    match in_place {
        Ok(items) => assert_eq!(bytes(items), records.as_bytes(), "{dtype}"),
        // Only the struct's own layout is viewed in place, at addresses that it may have.
        Err(_) => assert!(!is_same || align_of::<T>() > 1, "{dtype}"),
    }
}

macro_rules! cases {
    ($numpy:expr, $folder:expr; $($type:ty, $dtype:expr, $outcome:expr;)*) => {{
        let mut count = 0;
        $(
            check::<$type>($numpy, $folder, $dtype, &$outcome);
            count += 1;
        )*
        count
    }};
}

#[test]
fn structs_are_numpys_records() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let count = cases! { &mut numpy, folder.path();
        Point, "[('x', '<f4'), ('y', '<f4')]", Same;
        Point, "np.dtype([('x', '<f4'), ('y', '<f4')], align=True)", Same;
        Point, "[('x', '>f4'), ('y', '<f4')]", ByName;
        Point, "[('x', '>f4'), ('y', '>f4')]", ByName;
        Point, "[('y', '<f4'), ('x', '<f4')]", ByName;
        Point, "[('y', '>f4'), ('z', 'S3'), ('x', '<f4')]", ByName;
        Point, "{'names': ['x', 'y'], 'formats': ['<f4', '<f4'], 'offsets': [4, 12], 'itemsize': 20}", ByName;
        Point, "[(('title', 'x'), '<f4'), ('y', '<f4')]", ByName;
        Point, "[('x', '<f8'), ('y', '<f4')]", Not("field 'x': file has '<f8', struct wants '<f4'");
        Point, "[('x', '<f4'), ('z', '<f4')]", Not("field 'y': no such field among ['x', 'z']");
        Point, "[('x', '<f4'), ('y', '<f4', (1,))]", Not("field 'y': file has ('<f4', (1,)), struct wants '<f4'");
        Point, "'<f8'", Not("the items are of another type: expected [('x', '<f4'), ('y', '<f4')], found '<f8'");
        Aligned, "np.dtype([('id', 'u1'), ('x', '<f8')], align=True)", Same;
        Aligned, "[('id', 'u1'), ('x', '<f8')]", ByName;
        Aligned, "np.dtype([('x', '>f8'), ('id', 'u1')], align=True)", ByName;
        Aligned, "np.dtype([('id', 'i1'), ('x', '<f8')], align=True)", Not("field 'id': file has '|i1', struct wants '|u1'");
        Packed, "[('id', 'u1'), ('x', '<f8')]", Same;
        Packed, "[('id', 'u1'), ('x', '>f8')]", ByName;
        Packed, "np.dtype([('id', 'u1'), ('x', '<f8')], align=True)", ByName;
        Numbers, "[('a', 'i1'), ('b', '<u2'), ('c', '<i4'), ('d', '<u8'), ('e', '<f2'), ('f', '<c8'), ('g', '<c16')]", Same;
        Numbers, "[('a', 'i1'), ('b', '>u2'), ('c', '>i4'), ('d', '>u8'), ('e', '>f2'), ('f', '>c8'), ('g', '>c16')]", ByName;
        Numbers, "np.dtype([('g', '>c16'), ('a', 'i1'), ('b', '<u2'), ('c', '>i4'), ('d', '<u8'), ('f', '<c8'), ('e', '>f2')], align=True)", ByName;
        Numbers, "[('a', 'i1'), ('b', '<u2'), ('c', '<i4'), ('d', '<u8'), ('e', '<f2'), ('f', '<c8'), ('g', '<c8')]",
            Not("field 'g': file has '<c8', struct wants '<c16'");
        Texts, "[('s', 'S5'), ('u', '<U3'), ('t', '<M8[s]'), ('d', '<m8[ns]')]", Same;
        Texts, "[('s', 'S5'), ('u', '>U3'), ('t', '>M8[s]'), ('d', '>m8[ns]')]", ByName;
        Texts, "[('d', '<m8[ns]'), ('pad', 'V3'), ('t', '>M8[s]'), ('u', '<U3'), ('s', 'S5')]", ByName;
        Texts, "[('s', 'S5'), ('u', '<U3'), ('t', '<M8[ms]'), ('d', '<m8[ns]')]",
            Not("field 't': file has '<M8[ms]', struct wants '<M8[s]'");
        Texts, "[('s', 'S6'), ('u', '<U3'), ('t', '<M8[s]'), ('d', '<m8[ns]')]",
            Not("field 's': file has '|S6', struct wants '|S5'");
        Flags, "[('ok', '?'), ('n', 'u1')]", Same;
        Flags, "[('n', 'u1'), ('ok', '?')]", ByName;
        Flags, "[('ok', 'u1'), ('n', 'u1')]", Not("field 'ok': file has '|u1', struct wants '|b1'");
        Checked, "np.dtype([('ok', '?'), ('at', '<M8[s]'), ('flags', [('ok', '?'), ('n', 'u1')])], align=True)", Same;
        Checked, "[('flags', [('n', 'u1'), ('ok', '?')]), ('at', '>M8[s]'), ('ok', '?')]", ByName;
        Subarrays, "[('m', '<f4', (2, 3)), ('n', '<i2', (4,))]", Same;
        Subarrays, "[('n', '>i2', (4,)), ('m', '>f4', (2, 3))]", ByName;
        Subarrays, "[('m', '<f4', (3, 2)), ('n', '<i2', (4,))]",
            Not("field 'm': file has ('<f4', (3, 2)), struct wants ('<f4', (2, 3))");
        Nested, "[('p', [('x', '<f4'), ('y', '<f4')]), ('tag', '<u4')]", Same;
        Nested, "[('tag', '>u4'), ('p', [('y', '<f4'), ('x', '>f4'), ('z', '<f4')])]", ByName;
        Nested, "[('p', [('x', '<f4'), ('y', '<i4')]), ('tag', '<u4')]",
            Not("field 'p.y': file has '<i4', struct wants '<f4'");
        Nested, "[('p', [('x', '<f4')]), ('tag', '<u4')]", Not("field 'p.y': no such field among ['x']");
        Nested, "[('p', '<f8'), ('tag', '<u4')]",
            Not("field 'p': file has '<f8', struct wants [('x', '<f4'), ('y', '<f4')]");
        Deep, "[('n', [('id', 'u1'), ('x', '<f8')]), ('path', [('x', '<f4'), ('y', '<f4')], (2,))]", Same;
        Deep, "[('path', [('y', '<f4'), ('x', '>f4')], (2,)), ('n', np.dtype([('id', 'u1'), ('x', '>f8')], align=True))]", ByName;
        Outer, "np.dtype([('a', np.dtype([('id', 'u1'), ('x', '<f8')], align=True)), ('z', '<u2')], align=True)", Same;
        Outer, "[('z', '>u2'), ('a', [('x', '<f8'), ('id', 'u1')])]", ByName;
        Mixed, "[('a', '>i4'), ('b', '<f8'), ('c', '<i2'), ('d', '>c8'), ('e', '>U2')]", Same;
        Mixed, "[('a', '<i4'), ('b', '>f8'), ('c', '>i2'), ('d', '<c8'), ('e', '<U2')]", ByName;
        Mixed, "[('e', '>U2'), ('d', '>c8'), ('c', '<i2'), ('b', '<f8'), ('a', '>i4')]", ByName;
        Titled, "[(('first', 'x'), '<f8'), (('kind of it', 'type'), 'u1')]", Same;
        Titled, "[('type', 'u1'), ('x', '<f8')]", ByName;
        Only, "[('v', '<f8')]", Same;
        Only, "[('v', '>f8')]", ByName;
        Be<f64>, "'>f8'", Same;
        Be<f64>, "'<f8'", ByName;
        Le<u16>, "'>u2'", ByName;
    };
    assert!(count >= 40, "{count}");
}

#[test]
fn items_that_are_cast_may_have_an_order_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, Array::from_slice(&[1u8, 2], [2]).unwrap()).unwrap();
    let options = npio::LoadOptions::new().astype(npio::DType::F64, npio::Casting::Safe);
    let (items, _) = options.load_vec::<Be<f64>>(&path).unwrap();
    assert_eq!(items, [1.0, 2.0].map(Be::new));
}

#[test]
fn into_memory_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let [x, y] = [[1.5f32, 2.5], [3.5, 4.5]].map(|items| Array::from_slice(&items, [2]).unwrap());
    let other = Array::from_slice(&[0u8, 1], [2]).unwrap();
    let columns = [("y", &y), ("other", &other), ("x", &x)];
    npio::save(&path, Array::from_columns(columns).unwrap()).unwrap();
    let mut points = [Point::zeroed(); 2];
    npio::load_into(&path, &mut points).unwrap();
    let file = File::open(&path).unwrap();
    let mut streamed = [Be::new(0f32); 2];
    assert!(
        npy::open_stream(&file)
            .unwrap()
            .read_into(&mut streamed)
            .is_err()
    );
    assert_eq!(points.map(|p| (p.x, p.y)), [(1.5, 3.5), (2.5, 4.5)]);
    let mut points = [Point::zeroed(); 2];
    npy::open_stream(File::open(&path).unwrap())
        .unwrap()
        .read_into(&mut points)
        .unwrap();
    assert_eq!(points.map(|p| (p.x, p.y)), [(1.5, 3.5), (2.5, 4.5)]);
}
