//! Casts: those that NumPy does not define, and properties that hold for all of them.

use crate::long_doubles;
use flatfile::dtype::{Casting, DType, Layout, Order};
use flatfile::{Array, Cast, ErrorKind, Slice, Strided};
use proptest::prelude::*;

const TYPES: [&str; 36] = [
    "?",
    "i1",
    "<i2",
    ">i4",
    "<i8",
    "u1",
    ">u2",
    "<u4",
    ">u8",
    "<f2",
    ">f4",
    "<f8",
    "<f12",
    ">f16",
    "<c8",
    ">c16",
    "<c24",
    ">c32",
    "bfloat16",
    "S0",
    "S7",
    "<U0",
    ">U5",
    "V0",
    "V3",
    "V16",
    "<M8",
    ">M8[D]",
    "<M8[25s]",
    "<M8[Y]",
    "<m8[ns]",
    ">m8[M]",
    "(2,)<i4",
    "[('a','<f8')]",
    "[('a','>i4'),('','V2'),('b','U2',(2,))]",
    "[('b','S3'),('a','<f2')]",
];

fn dtype(text: &str) -> DType {
    text.parse().unwrap()
}

fn cast(from: &str, to: &str) -> Cast {
    Cast::new(&dtype(from), &dtype(to), Casting::Unsafe).unwrap()
}

fn apply(cast: &Cast, items: &[u8], count: usize) -> Result<Vec<u8>, flatfile::Error> {
    let mut out = vec![0xaa; count * cast.dtype().itemsize()];
    cast.apply(items, &mut out).map(|()| out)
}

fn texts(texts: &[&str]) -> Array {
    let bytes: Vec<u8> = texts
        .iter()
        .flat_map(|text| format!("{text:\0<8}").into_bytes())
        .collect();
    let layout = Layout::new(DType::Bytes(8), [texts.len()], Order::C).unwrap();
    flatfile::ArrayView::new(layout, &bytes)
        .unwrap()
        .to_order(Order::C)
        .unwrap()
}

fn pair() -> impl Strategy<Value = (Cast, usize)> {
    let types = || prop::sample::select(TYPES.to_vec()).prop_map(dtype);
    (types(), types()).prop_filter_map("no such cast", |(from, to)| {
        let cast = Cast::new(&from, &to, Casting::Unsafe).ok()?;
        Some((cast, from.itemsize()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn all_items_at_once_or_one_by_one((cast, size) in pair(), bytes: [u8; 64], digits: bool, numbers: bool, start in 0..3usize) {
        let count = (bytes.len() - start).checked_div(size).unwrap_or(3);
        // If the items are texts, many of them are numbers.
        let bytes = bytes.map(|byte| if digits { b"0123456789-. e\0\0"[usize::from(byte % 16)] } else { byte });
        let mut items = bytes[start..start + count * size].to_vec();
        // Most random long doubles are not numbers.
        if numbers {
            long_doubles::make_numbers(cast.from(), &mut items);
        }
        let items = &items[..];
        let out_size = cast.dtype().itemsize();
        let whole = apply(&cast, items, count);
        let each: Result<Vec<Vec<u8>>, _> = (0..count)
            .map(|i| apply(&cast, &items[i * size..][..size], 1).map_err(|error| (i, error.into_kind())))
            .collect();
        match (whole, each) {
            (Ok(whole), Ok(each)) => prop_assert_eq!(whole, each.concat()),
            (Err(error), Err((i, ErrorKind::LongDouble { item: 0, .. }))) => {
                let ErrorKind::LongDouble { item, .. } = error.kind() else {
                    panic!("another error");
                };
                prop_assert!(*item >= i);
            }
            (Err(error), Err((i, ErrorKind::InvalidItem { item: 0, text, .. }))) => {
                let ErrorKind::InvalidItem { item, text: found, .. } = error.into_kind() else {
                    panic!("another error");
                };
                // If there are several, that of the first field may be reported first.
                prop_assert!(item >= i);
                prop_assert!(item > i || text == found || out_size > 0);
            }
            (whole, each) => panic!("{whole:?}, but {each:?}"),
        }
    }

    #[test]
    fn numbers_and_their_texts(int: i64, bits: u64, count in -800_000..800_000i64) {
        for text in ["S", "U", ">U40"] {
            let there = |from: &DType| Cast::new(from, &dtype(text), Casting::Unsafe).unwrap();
            for (from, value) in [
                ("<i8", int.to_le_bytes()),
                (">i8", int.to_be_bytes()),
                ("<f8", bits.to_le_bytes()),
                (">M8[D]", count.to_be_bytes()),
                ("<M8[as]", int.to_le_bytes()),
            ] {
                let from = dtype(from);
                let there = there(&from);
                let printed = apply(&there, &value, 1).unwrap();
                let back = Cast::new(there.dtype(), &from, Casting::Unsafe).unwrap();
                let back = apply(&back, &printed, 1).unwrap();
                let is_nan = from == DType::F64 && f64::from_bits(bits).is_nan();
                prop_assert!(back == value || is_nan, "{} by way of {}", from, text);
            }
        }
    }

    #[test]
    fn any_view_is_cast_where_it_lies(rows in 0..5usize, columns in 0..70usize, step in -3..4isize) {
        let items: Vec<i32> = (0..(rows * columns * 3) as i32).collect();
        let array = Array::from_slice(&items, [rows, columns, 3]).unwrap();
        let step = if step == 0 { 1 } else { step };
        let slice: Slice = format!(":, ::{step}").parse().unwrap();
        let view = array.strided().slice(&slice).unwrap();
        for view in [view.transposed(), view.clone(), array.strided().transposed()] {
            let ours = view.astype(DType::F32, Casting::Unsafe).unwrap();
            let order = ours.layout().order();
            let fortran = view.as_contiguous(Order::Fortran).is_some() && view.as_contiguous(Order::C).is_none();
            prop_assert_eq!(order == Order::Fortran, fortran);
            let floats: Vec<f32> = view.to_array(Order::C).unwrap().to_vec::<i32>().unwrap()
                .into_iter().map(|x| x as f32).collect();
            prop_assert_eq!(ours.to_vec::<f32>().unwrap(), floats);
        }
    }
}

#[test]
fn what_numpy_leaves_undefined() {
    let floats = [f64::NAN, f64::INFINITY, -1.9, 300.0, -1e300];
    let array = Array::from_slice(&floats, [5]).unwrap();
    let ints = |dtype| array.astype(dtype, Casting::Unsafe).unwrap();
    assert_eq!(ints(DType::U8).to_vec::<u8>().unwrap(), [0, 255, 0, 255, 0]);
    assert_eq!(
        ints(DType::I8).to_vec::<i8>().unwrap(),
        [0, 127, -1, 127, -128]
    );
    let times = ints(dtype("m8[s]")).with_dtype(DType::I64).unwrap();
    assert_eq!(
        times.to_vec::<i64>().unwrap(),
        [i64::MIN, i64::MIN, -1, 300, i64::MIN]
    );
}

#[test]
fn records_go_by_name() {
    let from = "[('a','<i2'),('','V1'),('b','S2')]";
    let items = b"\x05\x00?17\x06\x00?-2";
    let swapped = cast(from, "[('b','|i1'),('a','>i4')]");
    assert_eq!(
        apply(&swapped, items, 2).unwrap(),
        [17, 0, 0, 0, 5, 0xfe, 0, 0, 0, 6]
    );
    let nested = cast(
        "[('r',[('x','|u1'),('y','|u1')])]",
        "[('r',[('y','|u1'),('x','|u1')])]",
    );
    assert_eq!(apply(&nested, &[1, 2, 3, 4], 2).unwrap(), [2, 1, 4, 3]);
    // Padding is 0.
    let padded = cast(from, "[('','V1'),('a','|i1'),('','V1')]");
    assert_eq!(apply(&padded, items, 2).unwrap(), [0, 5, 0, 0, 6, 0]);

    let refused = |to: &str, casting| {
        Cast::new(&dtype(from), &dtype(to), casting)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused("[('a','<i2')]", Casting::SameKind),
        "cannot cast [('a', '<i2'), ('', '|V1'), ('b', '|S2')] to [('a', '<i2')] by the rule 'same_kind'"
    );
    assert_eq!(
        refused("[('a','<i2'),('c','S2')]", Casting::Unsafe),
        "no field 'c' to cast in [('a', '<i2'), ('', '|V1'), ('b', '|S2')]"
    );
    assert_eq!(
        refused("[('b','S2'),('a','|i1')]", Casting::Safe),
        "cannot cast '<i2' to '|i1' by the rule 'safe'"
    );
    assert!(
        Cast::new(
            &dtype(from),
            &dtype("[('b','S2'),('a','<i4')]"),
            Casting::Safe
        )
        .is_ok()
    );
    assert!(
        Cast::new(
            &dtype(from),
            &dtype("[('b','S2'),('a','<i2')]"),
            Casting::Equiv
        )
        .is_err()
    );
    assert!(
        Cast::new(
            &dtype(from),
            &dtype("[('a','>i2'),('b','S2')]"),
            Casting::Equiv
        )
        .is_ok()
    );
}

#[test]
fn errors_say_which_item() {
    let mut numbers = vec!["12"; 5000];
    numbers[4321] = "a'b";
    let array = texts(&numbers);
    let expected = "item 4321 cannot be cast to '|u1': expected an integer that this type holds, found \"a'b\"";
    let error = array.astype(DType::U8, Casting::Unsafe).unwrap_err();
    assert_eq!(error.to_string(), expected);
    // Item by item of a view, and in a field.
    let strided = Strided::new(DType::Bytes(8), [5000], [8], array.as_bytes(), 0).unwrap();
    let twice = Strided::new(DType::Bytes(8), [5000, 100], [8, 0], array.as_bytes(), 0).unwrap();
    let record = cast("[('x','S8')]", "[('x','|u1')]");
    for error in [
        strided.astype(dtype("<f4"), Casting::Unsafe).unwrap_err(),
        twice.astype(dtype("<f4"), Casting::Unsafe).unwrap_err(),
        apply(&record, array.as_bytes(), 5000).unwrap_err(),
        apply(&cast("(100,)S8", "(100,)<i4"), array.as_bytes(), 50).unwrap_err(),
    ] {
        let ErrorKind::InvalidItem { item, .. } = error.kind() else {
            panic!("{error}");
        };
        assert!([4321, 432_100, 43].contains(item), "{error}");
    }
    for (from, to, found) in [
        (
            "S3",
            "<i4",
            "expected an integer that this type holds, found '\\x07'",
        ),
        ("S3", "<f4", "expected a number, found '\\x07'"),
        ("S3", "<c8", "expected a complex number, found '\\x07'"),
        ("S3", "<M8[s]", "expected a date in ISO 8601, found '\\x07'"),
        ("S3", "<m8[s]", "expected an integer or NaT, found '\\x07'"),
    ] {
        let error = apply(&cast(from, to), &[7, 0, 0], 1)
            .unwrap_err()
            .to_string();
        assert_eq!(error, format!("item 0 cannot be cast to '{to}': {found}"));
    }
    let short = cast("<f8", "<f4").apply(&[0; 12], &mut [0; 4]).unwrap_err();
    assert!(matches!(
        short.kind(),
        ErrorKind::Short {
            expected: 8,
            found: 12
        }
    ));
}

#[test]
fn what_cannot_be_cast() {
    for (from, to) in [
        ("V8", "<i4"),
        ("V4", "S4"),
        ("(2,)<i4", "(3,)<i4"),
        ("(2,)<i4", "<i4"),
        ("[('a','<i4'),('b','<i4')]", "<i4"),
    ] {
        let error = Cast::new(&dtype(from), &dtype(to), Casting::Unsafe).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Cast { .. }), "{error}");
    }
    for (from, to) in [("O", "<i4"), ("<i4", "O"), ("<i4", "[('a','O')]")] {
        let error = Cast::new(&dtype(from), &dtype(to), Casting::Unsafe).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Object), "{error}");
    }
}

#[test]
fn items_that_are_arrays() {
    let array = Array::from_slice(&[1u8, 2], [2]).unwrap();
    let pairs = array.astype(dtype("(2,2)<i4"), Casting::Safe).unwrap();
    assert_eq!(pairs.shape(), [2, 2, 2]);
    assert_eq!(pairs.to_vec::<i32>().unwrap(), [1, 1, 1, 1, 2, 2, 2, 2]);
}
