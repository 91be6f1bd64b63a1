//! Text and JSON in cases without a NumPy result: values that it refuses to print, and bytes of every kind.

use crate::long_doubles;
use dtype::{DType, Layout, Order, Record, Subarray};
use flatfile::{ErrorKind, Strided, show};
use proptest::prelude::*;
use std::cell::Cell;
use std::fmt::{self, Write};

fn json(view: &Strided<'_>) -> String {
    let mut json = Vec::new();
    show::json(view, &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// No list is kept until its end, also if there are no items.
#[test]
fn json_of_empty_lists_is_written_as_it_is_made() {
    struct Pieces(usize);

    impl std::io::Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            assert!(bytes.len() <= 1 << 17, "{}", bytes.len());
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let layout = Layout::new(DType::F64, [200_000, 0], Order::C).unwrap();
    let view = Strided::contiguous(&layout, &[]).unwrap();
    let mut pieces = Pieces(0);
    show::json(&view, &mut pieces).unwrap();
    assert_eq!(pieces.0, 3 * 200_000 + 1);
}

/// NumPy does not define these.
#[test]
fn bfloat16() {
    let show = |values: &[f32]| {
        let bits = values.iter().map(|value| (value.to_bits() >> 16) as u16);
        let bytes: Vec<u8> = bits.flat_map(u16::to_be_bytes).collect();
        let dtype = DType::Number(dtype::Number::BF16, dtype::ByteOrder::Big);
        let layout = Layout::new(dtype, [values.len()], Order::C).unwrap();
        let view = Strided::contiguous(&layout, &bytes).unwrap();
        let text = show::array(&view).unwrap().to_string();
        let scalar = view.index_axis(0, 0).unwrap();
        [text, json(&view), show::array(&scalar).unwrap().to_string()]
    };
    let small = show(&[0.5, -1.0, f32::NAN, 99.0]);
    assert_eq!(
        small,
        ["[ 0.5 -1.   nan 99. ]", "[0.5,-1.0,NaN,99.0]", "0.5"]
    );
    let large = show(&[256.0, 1.0]);
    assert_eq!(large, ["[2.56e+02 1.00e+00]", "[256.0,1.0]", "2.56e+02"]);
}

/// NumPy prints neither of these: it raises an error.
#[test]
fn what_numpy_does_not_print() {
    let (step, beyond) = ("<M8", "<U2");
    let bytes = [7i64.to_le_bytes(), [0x41, 0, 0, 0, 0, 0, 0x11, 0]].concat();
    for (dtype, first, text, json_text) in [
        (step, 0, "[7]", "[7]"),
        (
            "<M8[0s]",
            0,
            "['1970-01-01T00:00:00']",
            "[\"1970-01-01T00:00:00\"]",
        ),
        (beyond, 8, "['A\\U00110000']", "[\"A\u{fffd}\"]"),
    ] {
        let view = Strided::new(dtype.parse().unwrap(), [1], [8], &bytes, first).unwrap();
        assert_eq!(show::array(&view).unwrap().to_string(), text);
        assert_eq!(json(&view), json_text);
    }
}

/// Dates that NumPy's own arithmetic has wrapped around.
#[test]
fn dates_beyond_numpys() {
    let bytes = i64::MAX.to_le_bytes();
    for (dtype, text) in [
        ("<M8[Y]", "['9223372036854777777']"),
        ("<M8[7W]", "['1237384011460563143-11-11']"),
        ("<m8[7s]", "[9223372036854775807]"),
    ] {
        let view = Strided::new(dtype.parse().unwrap(), [1], [8], &bytes, 0).unwrap();
        assert_eq!(show::array(&view).unwrap().to_string(), text);
    }
}

/// Only the corners are read, and memory does not grow with the array.
#[test]
fn a_summary_of_more_items_than_there_is_time_for() {
    let side = 1 << (usize::BITS / 2 - 2);
    let shape = [side, side];
    let view = Strided::new(DType::U8, shape, [0, 0], &[7], 0).unwrap();
    let row = "[7 7 7 ... 7 7 7]";
    let expected = format!("[{row}\n {row}\n {row}\n ...\n {row}\n {row}\n {row}]");
    assert_eq!(show::array(&view).unwrap().to_string(), expected);
}

#[test]
fn objects_are_refused() {
    for dtype in ["O", "[('a', 'O')]"] {
        let view = Strided::new(dtype.parse().unwrap(), [1], [8], &[0; 8], 0).unwrap();
        let errors = [
            show::array(&view).err(),
            show::json(&view, Vec::new()).err(),
        ];
        for error in errors {
            assert!(matches!(error.unwrap().kind(), ErrorKind::Object));
        }
    }
}

/// The items of `dtype` that these bytes are, with the numbers of `texts` in place of objects.
fn shown_objects(dtype: &str, shape: &[usize], bytes: &[u8], texts: &[&str]) -> String {
    let layout = Layout::new(dtype.parse().unwrap(), shape, Order::C).unwrap();
    let view = Strided::contiguous(&layout, bytes).unwrap();
    let object = |number: u64, out: &mut dyn Write| out.write_str(texts[number as usize]);
    let options = show::Options::new();
    options
        .array_of_objects(&view, &object)
        .unwrap()
        .to_string()
}

fn numbers(count: u64) -> Vec<u8> {
    (0..count).flat_map(u64::to_ne_bytes).collect()
}

/// Expected: what NumPy 2.4 prints for objects with these texts as their `repr`.
#[test]
fn objects_of_several_lines() {
    let block = "array([[1, 2],\n       [3, 4]])";
    for (texts, expected) in [
        (
            &["'a'", "None", "list([1, 2])"][..],
            "['a' None list([1, 2])]",
        ),
        (
            &["'a'", block, "'b'"],
            "['a' array([[1, 2],\n            [3, 4]]) 'b']",
        ),
        // A block that does not fit begins a line, and the next one is beside it.
        (
            &[&"x".repeat(70), block, block],
            &format!(
                "[{}\n array([[1, 2],\n        [3, 4]]) array([[1, 2],\n                        [3, 4]])]",
                "x".repeat(70)
            ),
        ),
        // The next text begins after the longest line.
        (&["a\nbcd\ne", "f"], "[a\n bcd\n e   f]"),
        // Blank lines have no indentation, and lines no white space at their ends.
        (
            &["'a'", "b \n\n  c\td\t", "e"],
            "['a' b\n\n       c\td\t e]",
        ),
        // Other line ends; the one at the end counts only with others.
        (&["a\r\nb\x0bc\u{2028}d\n", "e"], "[a\n b\n c\n d e]"),
        (&["a\n", "b"], "[a\n b]"),
    ] {
        let count = texts.len();
        let shown = shown_objects("O", &[count], &numbers(count as u64), texts);
        assert_eq!(shown, expected);
    }
}

#[test]
fn objects_in_records_and_summaries() {
    let item = [&[7u8][..], &numbers(2)].concat();
    let shown = shown_objects(
        "[('n', 'u1'), ('o', 'O', (2,))]",
        &[1],
        &item,
        &["'ab'", "c\nd"],
    );
    assert_eq!(shown, "[(7, ['ab', c\n d])         ]");
    let shown = shown_objects("O", &[1001], &[0; 8008], &["'x'"]);
    assert_eq!(shown, "['x' 'x' 'x' ... 'x' 'x' 'x']");
    let shown = shown_objects("O", &[], &[0; 8], &["a \nb"]);
    assert_eq!(shown, "a \nb");
}

/// Arrays of two objects, the second of which is another such array: each text is produced once.
#[test]
fn nested_objects_take_no_longer_than_others() {
    fn write_nested(depth: u32, calls: &Cell<u32>, out: &mut dyn Write) -> fmt::Result {
        let bytes = numbers(2);
        let view = Strided::new(DType::Object, [2], [8], &bytes, 0).unwrap();
        let object = |number: u64, out: &mut dyn Write| {
            calls.set(calls.get() + 1);
            match (number, depth) {
                (0, _) | (_, 0) => out.write_str("0\n0"),
                _ => write_nested(depth - 1, calls, out),
            }
        };
        let options = show::Options::new().repr();
        write!(out, "{}", options.array_of_objects(&view, &object).unwrap())
    }
    let (mut text, calls) = (String::new(), Cell::new(0));
    write_nested(63, &calls, &mut text).unwrap();
    assert_eq!(calls.get(), 2 * 64);
    assert_eq!(text.matches("array(").count(), 64);
}

#[test]
fn an_error_of_an_objects_text_is_passed_on() {
    let view = Strided::new(DType::Object, [1], [8], &[0; 8], 0).unwrap();
    let object = |_: u64, _: &mut dyn Write| Err(fmt::Error);
    let options = show::Options::new();
    let shown = options.array_of_objects(&view, &object).unwrap();
    assert!(write!(String::new(), "{shown}").is_err());
}

/// Expected: what NumPy 2.4 prints for zeros.
#[test]
fn reprs() {
    for (dtype, shape, expected) in [
        ("?", &[0][..], "array([], dtype=bool)"),
        ("<f4", &[2, 0][..], "array([], shape=(2, 0), dtype=float32)"),
        ("<f8", &[0][..], "array([], dtype=float64)"),
        ("<i8", &[2, 2][..], "array([[0, 0],\n       [0, 0]])"),
        ("?", &[2][..], "array([False, False])"),
        (">i2", &[2][..], "array([0, 0], dtype='>i2')"),
        ("<f8", &[][..], "array(0.)"),
        ("<c16", &[1][..], "array([0.+0.j])"),
        ("U2", &[2][..], "array(['', ''], dtype='<U2')"),
        ("V2", &[][..], "array(b'\\x00\\x00', dtype='|V2')"),
        ("<m8", &[1][..], "array([0], dtype=timedelta64)"),
        (">m8[7s]", &[1][..], "array([0], dtype='>m8[7s]')"),
        (
            "<M8[25s]",
            &[1][..],
            "array(['1970-01-01T00:00:00'], dtype='datetime64[25s]')",
        ),
        (
            "[('a', 'i1'), ('b', '<f8', (2,)), (('T', 'c'), '?')]",
            &[2][..],
            "array([(0, [0., 0.], False), (0, [0., 0.], False)],\n      dtype=[('a', 'i1'), ('b', '<f8', (2,)), (('T', 'c'), '?')])",
        ),
        (
            "[('a', 'i1'), ('', '|V3'), ('b', [('c', 'S0'), ('', '|V2')], (2, 1)), (('T', 'd'), '<U0')]",
            &[1][..],
            "array([(0, [[(b'',)], [(b'',)]], '')],\n      dtype={'names': ['a', 'b', 'd'], 'formats': ['i1', ({'names': ['c'], 'formats': ['S'], 'offsets': [0], 'itemsize': 2}, (2, 1)), '<U'], 'offsets': [0, 4, 8], 'titles': [None, None, 'T'], 'itemsize': 8})",
        ),
        ("[]", &[1][..], "array([()], dtype=[])"),
        ("S0", &[1], "array([b''], dtype='|S0')"),
        // Types that NumPy does not define.
        ("bfloat16", &[1], "array([0.], dtype=bfloat16)"),
        (
            "[('a', 'bfloat16')]",
            &[1],
            "array([(0.,)], dtype=[('a', bfloat16)])",
        ),
    ] {
        // Which byte order is stated depends on the machine.
        if cfg!(target_endian = "big") && dtype.starts_with(['>', 'U']) {
            continue;
        }
        let layout = Layout::new(native(dtype), shape, Order::C).unwrap();
        let bytes = vec![0; layout.nbytes()];
        let view = Strided::contiguous(&layout, &bytes).unwrap();
        assert_eq!(repr(&view), expected);
    }
}

/// The dtype; in place of little-endian items those of this machine, except in records.
fn native(dtype: &str) -> DType {
    let parsed: DType = dtype.parse().unwrap();
    if dtype.starts_with('<') {
        return parsed.with_byte_order(dtype::ByteOrder::NATIVE);
    }
    parsed
}

fn repr(view: &Strided<'_>) -> String {
    let options = show::Options::new().repr();
    options.array(view).unwrap().to_string()
}

#[test]
fn reprs_of_large_arrays_and_of_objects() {
    let view = Strided::new(DType::U8, [1001], [1], &[0; 1001], 0).unwrap();
    let row = "0, 0, 0, ..., 0, 0, 0";
    assert_eq!(
        repr(&view),
        format!("array([{row}], shape=(1001,), dtype=uint8)")
    );
    let full = show::Options::new().repr().full();
    let full = full.array(&view).unwrap().to_string();
    assert!(full.ends_with(" 0, 0], dtype=uint8)"), "{full}");
    assert_eq!(full.matches('0').count(), 1001);

    let bytes = numbers(2);
    let view = Strided::new(DType::Object, [2], [8], &bytes, 0).unwrap();
    let texts = ["'a'", "array([[1, 2],\n       [3, 4]])"];
    let object = |number: u64, out: &mut dyn Write| out.write_str(texts[number as usize]);
    let options = show::Options::new().repr();
    let shown = options.array_of_objects(&view, &object).unwrap();
    assert_eq!(
        shown.to_string(),
        "array(['a', array([[1, 2],\n                   [3, 4]])], dtype=object)"
    );
    let view = Strided::new(DType::Object, [0, 2], [16, 8], &[], 0).unwrap();
    let shown = options.array_of_objects(&view, &object).unwrap();
    assert_eq!(shown.to_string(), "array([], shape=(0, 2), dtype=object)");
}

/// Expected: what NumPy 2.4 prints.
#[test]
fn reprs_of_scalars() {
    for (dtype, bytes, expected) in [
        ("?", &b"\x01"[..], "np.True_"),
        ("?", &b"\x00"[..], "np.False_"),
        ("u1", &b"\x07"[..], "np.uint8(7)"),
        (">i2", &b"\x00\x07"[..], "np.int16(7)"),
        ("<f2", &b"\x8e\x06"[..], "np.float16(0.0001)"),
        (">f4", &b"?\xc0\x00\x00"[..], "np.float32(1.5)"),
        ("<f8", &b"\x00\x00\x00\x00\x00\x00\xf0\xff"[..], "np.float64(-inf)"),
        (">c8", &b"?\x80\x00\x00\xc0\x00\x00\x00"[..], "np.complex64(1-2j)"),
        ("<c16", &b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00@"[..], "np.complex128(2j)"),
        ("<f16", &b"\xcd\xcc\xcc\xcc\xcc\xcc\xcc\xcc\xfb?\x00\x00\x00\x00\x00\x00"[..], "np.longdouble('0.1')"),
        ("<c32", &b"\x00\x00\x00\x00\x00\x00\x00\x80\xff?\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00@\x00\x00\x00\x00\x00\x00"[..], "np.clongdouble('1+2j')"),
        ("S3", &b"a\xff\x00"[..], "np.bytes_(b'a\\xff')"),
        (">U2", &b"\x00\x00\x00\xe9\x00\x00\x00'"[..], "np.str_(\"é'\")"),
        ("V2", &b"a\xff"[..], "np.void(b'\\x61\\xFF')"),
        ("<M8", &b"\x00\x00\x00\x00\x00\x00\x00\x80"[..], "np.datetime64('NaT','generic')"),
        (">M8[25s]", &b"\x00\x00\x00\x00\x00\x00\x00\x03"[..], "np.datetime64('1970-01-01T00:01:15','25s')"),
        ("<M8[h]", &b"\x03\x00\x00\x00\x00\x00\x00\x00"[..], "np.datetime64('1970-01-01T03','h')"),
        ("<M8[D]", &b"\x00\x00\x00\x00\x00\x00\x00\x80"[..], "np.datetime64('NaT','D')"),
        ("<M8[ns]", &b"\x03\x00\x00\x00\x00\x00\x00\x00"[..], "np.datetime64('1970-01-01T00:00:00.000000003')"),
        ("<m8", &b"\x03\x00\x00\x00\x00\x00\x00\x00"[..], "np.timedelta64(3)"),
        ("<m8", &b"\x00\x00\x00\x00\x00\x00\x00\x80"[..], "np.timedelta64('NaT')"),
        ("<m8[25Y]", &b"\xfd\xff\xff\xff\xff\xff\xff\xff"[..], "np.timedelta64(-3,'25Y')"),
        (">m8[s]", &b"\x80\x00\x00\x00\x00\x00\x00\x00"[..], "np.timedelta64('NaT','s')"),
        ("[('a', '>i2'), ('b', '<f4', (2,)), ('c', 'S1')]", &b"\x00\x07\xcd\xcc\xcc=\x00\x00\x00@x"[..], "np.void((7, [0.1, 2.0], b'x'), dtype=[('a', '>i2'), ('b', '<f4', (2,)), ('c', 'S1')])"),
        ("[]", b"", "np.void((), dtype=[])"),
    ] {
        let view = Strided::new(dtype.parse().unwrap(), [], [], bytes, 0).unwrap();
        assert_eq!(show::scalar_repr(&view).unwrap().to_string(), expected);
    }
    let bytes = 0x3fc0u16.to_ne_bytes();
    let view = Strided::new(DType::BF16, [], [], &bytes, 0).unwrap();
    let text = show::scalar_repr(&view).unwrap().to_string();
    assert_eq!(text, "ml_dtypes.bfloat16(1.5)");
}

#[test]
fn arrays_and_objects_are_no_scalars() {
    let view = Strided::new(DType::U8, [1], [1], &[0], 0).unwrap();
    let error = show::scalar_repr(&view).map(drop).unwrap_err();
    let kind = error.kind();
    assert!(
        matches!(
            kind,
            ErrorKind::Axes {
                expected: 0,
                found: 1
            }
        ),
        "{error}"
    );
    let view = Strided::new(DType::Object, [], [], &[0; 8], 0).unwrap();
    let error = show::scalar_repr(&view).map(drop).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Object), "{error}");
}

fn any_dtype() -> impl Strategy<Value = DType> {
    let names = [
        "?",
        "i1",
        ">i2",
        "<u4",
        ">u8",
        "<f2",
        ">f2",
        "<f4",
        ">f8",
        "<f12",
        ">f12",
        "<f16",
        ">f16",
        "<c8",
        ">c16",
        "<c24",
        "<c32",
        ">c32",
        "S0",
        "S7",
        "U0",
        "<U3",
        ">U5",
        "V0",
        "V3",
        "<M8",
        "<M8[Y]",
        ">M8[1000000W]",
        "<M8[D]",
        "<M8[25h]",
        "<M8[ns]",
        "<M8[7as]",
        "<m8",
        ">m8[9M]",
        "bfloat16",
    ];
    let simple = prop::sample::select(names.to_vec()).prop_map(|name| name.parse().unwrap());
    simple.prop_recursive(3, 8, 3, |inner| {
        let subarray = (inner.clone(), prop::collection::vec(0..4usize, 1..3));
        let field = prop_oneof![
            inner,
            subarray.prop_map(|(base, shape)| Subarray::dtype(base, shape).unwrap()),
        ];
        prop::collection::vec(field, 0..4).prop_map(|fields: Vec<DType>| {
            let named = fields.into_iter().enumerate();
            let named = named.map(|(i, dtype)| (format!("f{i}"), dtype));
            Record::packed(named).unwrap().into()
        })
    })
}

/// Random bytes, and extremes that random ones hardly ever are.
fn any_bytes(size: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![0, 1, 0x7f, 0x80, 0xff])
    ];
    prop::collection::vec(byte, size)
}

proptest! {
    #[test]
    fn any_bytes_print(
        (layout, bytes) in (any_dtype(), prop::collection::vec(0..4usize, 0..4), any::<bool>())
            .prop_map(|(dtype, shape, fortran)| {
                let order = if fortran { Order::Fortran } else { Order::C };
                Layout::new(dtype, shape, order).unwrap()
            })
            .prop_flat_map(|layout| {
                let bytes = any_bytes(layout.nbytes());
                (Just(layout), bytes)
            }),
    ) {
        let mut bytes = bytes;
        long_doubles::make_numbers(layout.dtype(), &mut bytes);
        let view = Strided::contiguous(&layout, &bytes).unwrap();
        let summary = show::array(&view).unwrap().to_string();
        let full = show::Options::new().full().array(&view).unwrap().to_string();
        prop_assert!(layout.ndim() == 0 || summary == full);
        if layout.ndim() == 0 {
            let scalar = show::scalar_repr(&view).unwrap().to_string();
            prop_assert!(scalar.contains('.'));
        }
        prop_assert!(repr(&view).starts_with("array("));
        prop_assert!(!json(&view).contains(|c: char| c.is_control()));
    }
}

/// NumPy prints each of the empty lists, and never ends where there are this many.
#[test]
fn subarrays_without_bytes() {
    let show = |descr: &str, records: usize| {
        let layout = Layout::new(descr.parse().unwrap(), [records], Order::C).unwrap();
        let bytes = vec![0; layout.nbytes()];
        let view = Strided::contiguous(&layout, &bytes).unwrap();
        let full = show::Options::new().full().array(&view).unwrap();
        assert_eq!(full.to_string(), show::array(&view).unwrap().to_string());
        full.to_string()
    };
    // As NumPy prints them.
    let lists = show("[('a', '<f4', (2000, 0))]", 1);
    assert_eq!(lists, format!("[([{}[]],)]", "[], ".repeat(1999)));
    let nested = show("[('a', '<f4', (2, 0, 5)), ('b', 'i1')]", 2);
    assert_eq!(nested, "[([[], []], 0) ([[], []], 0)]");
    // Shorter than NumPy would.
    let many = "[([[], [], [], ..., [], [], []], 0)]";
    assert_eq!(
        show("[('a', '<f4', (50000, 50000, 0)), ('b', 'i1')]", 1),
        many
    );
    assert_eq!(show("[('a', '<f4', (300, 300, 0)), ('b', 'i1')]", 1), many);
    let shape = "7, ".repeat(10);
    let items = "[([b'', b'', b'', ..., b'', b'', b''], 0)]";
    assert_eq!(
        show(&format!("[('a', 'S0', ({shape})), ('b', 'i1')]"), 1),
        items
    );
    let records = format!("[('a', [('x', '<f4', (40000, 0))], ({shape})), ('b', 'i1')]");
    assert!(show(&records, 1).len() < 2_000_000);
}
