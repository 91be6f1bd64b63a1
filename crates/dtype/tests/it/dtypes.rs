//! Properties of dtypes and layouts: printing and parsing round-trips, and swapping twice changes nothing.

use dtype::{
    ByteOrder, DType, ErrorKind, Field, FloatFormat, Layout, Number, Order, Record, Subarray,
    TimeStep, TimeUnit, prefix,
    python::{Syntax, quoted},
    set_byte_order,
};
use proptest::prelude::*;

fn byte_order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Little), Just(ByteOrder::Big)]
}

fn simple() -> impl Strategy<Value = DType> {
    use Number::*;
    let numbers = [
        I8, I16, I32, I64, U8, U16, U32, U64, F16, F32, F64, F96, F128, C64, C128, C192, C256,
    ];
    let step =
        (prop::sample::select(&TimeUnit::ALL[..]), 1..100u32).prop_map(
            |(unit, count)| match unit {
                TimeUnit::Generic => TimeStep::of(unit),
                unit => TimeStep { count, unit },
            },
        );
    prop_oneof![
        Just(DType::Bool),
        Just(DType::Object),
        (prop::sample::select(numbers.to_vec()), byte_order())
            .prop_map(|(n, order)| DType::number(n, order)),
        (0..20u32).prop_map(DType::Bytes),
        (0..20u32, byte_order()).prop_map(|(n, order)| DType::Str(n, order)),
        (0..20u32).prop_map(DType::Void),
        (step.clone(), byte_order()).prop_map(|(step, order)| DType::Datetime(step, order)),
        (step, byte_order()).prop_map(|(step, order)| DType::Timedelta(step, order)),
    ]
}

fn record(inner: impl Strategy<Value = DType>) -> impl Strategy<Value = DType> {
    let field = (".{0,8}", prop::option::of(".{0,4}"), inner, 0..9usize);
    (prop::collection::vec(field, 0..5), 0..9usize).prop_filter_map(
        "names are unique",
        |(fields, tail)| {
            let mut end = 0;
            let fields = fields
                .into_iter()
                .map(|(name, title, dtype, gap)| {
                    let offset = end + gap;
                    end = offset + dtype.itemsize();
                    // A void field without a name would be padding.
                    let name = if name.is_empty() { "f".into() } else { name };
                    Field {
                        name,
                        title,
                        dtype,
                        offset,
                    }
                })
                .collect();
            Record::new(fields, end + tail).ok().map(DType::from)
        },
    )
}

fn any_dtype() -> impl Strategy<Value = DType> {
    simple().prop_recursive(3, 16, 4, |inner| {
        let sub = (inner.clone(), prop::collection::vec(0..4usize, 1..3));
        let sub = sub.prop_filter_map("small", |(base, shape)| Subarray::dtype(base, shape).ok());
        prop_oneof![record(inner), sub]
    })
}

proptest! {
    #[test]
    fn what_prints_parses_back(dtype in any_dtype()) {
        prop_assert_eq!(dtype.to_string().parse::<DType>(), Ok(dtype.clone()));
        prop_assert_eq!(dtype.descr().to_string().parse::<DType>(), Ok(dtype));
    }

    #[test]
    fn strings_parse_back(text in ".*") {
        let literal = format!("{} rest", quoted(&text));
        let (value, rest) = prefix::string_literal(&literal).unwrap();
        prop_assert_eq!((&*value, rest), (&*text, " rest"));
    }

    #[test]
    fn shapes_parse_back(shape in prop::collection::vec(any::<usize>(), 0..6)) {
        let text: String = shape.iter().map(|n| format!("{n},")).collect();
        let text = format!("({text})");
        prop_assert_eq!(prefix::shape(&text, Syntax::Python3), Ok((shape, "")));
    }

    #[test]
    fn no_text_panics(text in r#"[\[\](){}'", <>|=a-zA-Z0-9\\_#\n-]{0,60}"#) {
        let _ = text.parse::<DType>();
        let _ = prefix::shape(&text, Syntax::Python2);
        let _ = prefix::string_literal(&text);
    }

    #[test]
    fn swapping_twice_changes_nothing(dtype in any_dtype(), seed in any::<u8>()) {
        let original: Vec<u8> = (0..dtype.itemsize() * 3).map(|i| (i as u8).wrapping_mul(seed)).collect();
        let mut items = original.clone();
        set_byte_order(&dtype, ByteOrder::Big, &mut items);
        let big = dtype.with_byte_order(ByteOrder::Big);
        set_byte_order(&big, ByteOrder::Little, &mut items);
        let little = dtype.with_byte_order(ByteOrder::Little);
        set_byte_order(&little, ByteOrder::Big, &mut items);
        set_byte_order(&big, ByteOrder::Little, &mut items);
        if dtype == little {
            prop_assert_eq!(&items, &original);
        }
        if dtype == big {
            set_byte_order(&little, ByteOrder::Big, &mut items);
            prop_assert_eq!(&items, &original);
        }
    }

    #[test]
    fn strides_reach_every_item(shape in prop::collection::vec(0..5usize, 0..5), fortran: bool) {
        let order = if fortran { Order::Fortran } else { Order::C };
        let layout = Layout::new(DType::F32, shape.clone(), order).unwrap();
        let mut offsets = vec![0usize];
        for (axis, length) in shape.iter().enumerate() {
            let stride = layout.strides()[axis] as usize;
            offsets = offsets.iter().flat_map(|o| (0..*length).map(move |i| o + i * stride)).collect();
        }
        offsets.sort_unstable();
        let expected: Vec<usize> = (0..layout.count()).map(|i| i * 4).collect();
        prop_assert_eq!(offsets, expected);
    }
}

#[test]
fn deep_nesting_is_an_error_not_a_stack_overflow() {
    for open in ["[", "(", "[('a',", "(((", "[['a',("] {
        let text = open.repeat(20_000);
        let error = text.parse::<DType>().unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("nested") || message.contains("expected"),
            "{message}"
        );
    }
    let brackets = "(".repeat(20_000);
    assert!(prefix::shape(&brackets, Syntax::Python3).is_err());
}

/// A name in a string and a descriptor in brackets mean the same.
#[test]
fn the_deepest_text_parses_back() {
    for name in ["i4", "i4,u1", "(2,)i4", "2S3,(0,4)u1"] {
        let mut deepest = None;
        for depth in 0..80 {
            for shape in ["", ", (3,)"] {
                let open = "[('a', ".repeat(depth);
                let text = format!("{open}'{name}'{shape}{}", ")]".repeat(depth));
                if let Ok(dtype) = text.parse::<DType>() {
                    let again = dtype.descr().to_string().parse();
                    assert_eq!(again, Ok(dtype), "{text}");
                    deepest = Some(depth);
                }
            }
        }
        assert!(deepest >= Some(63), "{name}: {deepest:?}");
    }
}

/// NumPy accepts the count, and drops it when it saves.
#[test]
fn a_generic_unit_has_no_count() {
    assert_eq!("<m8[2generic]".parse::<DType>(), "<m8".parse());
    assert!("<m8[generic/2]".parse::<DType>().is_err());
}

/// Found by the fuzzer: dividing may give too large a count of the finer unit.
#[test]
fn a_unit_is_divided_only_as_far_as_it_can_be_written() {
    assert_eq!(
        "<M8[214748364M/3]".parse::<DType>(),
        "<M8[2147483640D]".parse()
    );
    assert!("<M8[214748365M/3]".parse::<DType>().is_err());
}

#[test]
fn an_item_is_too_large_even_where_there_is_none() {
    for text in [
        "U536870912",
        "S2147483648",
        "0U536870912",
        "i4,(2,0)S2147483648",
    ] {
        let error = text.parse::<DType>().unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::ItemTooLarge, "{text}");
    }
    assert!("0U536870911".parse::<DType>().is_ok());
}

#[test]
fn a_zero_axis_makes_no_bytes() {
    let huge = usize::MAX / 4 + 1;
    let layout = Layout::new(DType::F64, [huge, 0, huge], Order::C).unwrap();
    assert_eq!((layout.count(), layout.nbytes()), (0, 0));
    assert!(Layout::new(DType::F64, [huge, huge], Order::C).is_err());
    assert!(Layout::new(DType::F64, [huge], Order::C).is_err());
}

/// NumPy reports C order for such an array that it has loaded.
#[test]
fn items_without_bytes_lie_in_any_order() {
    for (dtype, expected) in [("S0", true), ("S0,V0", true), ("S1", false)] {
        let layout = Layout::new(dtype.parse().unwrap(), [2, 3], Order::Fortran).unwrap();
        assert_eq!(layout.is_c_contiguous(), expected, "{dtype}");
    }
}

#[test]
fn a_subarray_dtype_adds_its_axes() {
    let dtype: DType = "(2,3)i4".parse().unwrap();
    let layout = Layout::new(dtype.clone(), [5], Order::C).unwrap();
    assert_eq!(
        (layout.shape(), layout.dtype()),
        (&[5, 2, 3][..], &DType::I32)
    );
    assert!(Layout::new(dtype, [5], Order::Fortran).is_err());
}

#[test]
fn every_part_is_swapped_once_and_nothing_else() {
    let dtype: DType = "[('a', '|u1'), ('b', '>i2'), ('c', '>i2', (2,)), ('n', [('x', '<i4'), ('y', '>f8')], (2,)), \
        ('z', '>U0'), ('', '|V1'), ('t', '>c8')]"
        .parse()
        .unwrap();
    let original: Vec<u8> = (0..dtype.itemsize() as u8 * 2 + 3).collect();
    let mut items = original.clone();
    set_byte_order(&dtype, ByteOrder::Little, &mut items);
    let swapped = |at: usize, width: usize, out: &mut Vec<u8>| out[at..at + width].reverse();
    let mut expected = original;
    for item in [0, dtype.itemsize()] {
        for (at, width) in [(1, 2), (3, 2), (5, 2), (11, 8), (23, 8), (32, 4), (36, 4)] {
            swapped(item + at, width, &mut expected);
        }
    }
    assert_eq!(items, expected);
}

/// Was quadratic once, in the depth and in the number of fields.
#[test]
fn swapping_takes_no_longer_for_nesting_and_empty_fields() {
    let nested = format!("{}'>i2'{}", "[('a', ".repeat(60), ")]".repeat(60));
    let fields: String = (0..9000).map(|i| format!("('f{i}', '>U0'), ")).collect();
    for text in [nested, format!("[{fields}('x', '>u2')]")] {
        let dtype: DType = text.parse().unwrap();
        let mut items = vec![1; 8 << 20];
        set_byte_order(&dtype, ByteOrder::Little, &mut items);
    }
}

/// The table of numbers, as NumPy and C have them.
#[test]
fn what_is_true_of_every_number() {
    for (number, name, spelled, part, alignment, text) in [
        (Number::I8, "int8", "|i1", 1, 1, 4),
        (Number::I16, "int16", "<i2", 2, 2, 6),
        (Number::I32, "int32", "<i4", 4, 4, 11),
        (Number::I64, "int64", "<i8", 8, 8, 21),
        (Number::U8, "uint8", "|u1", 1, 1, 3),
        (Number::U16, "uint16", "<u2", 2, 2, 5),
        (Number::U32, "uint32", "<u4", 4, 4, 10),
        (Number::U64, "uint64", "<u8", 8, 8, 20),
        (Number::F16, "float16", "<f2", 2, 2, 32),
        (Number::F32, "float32", "<f4", 4, 4, 32),
        (Number::F64, "float64", "<f8", 8, 8, 32),
        (Number::F96, "float96", "<f12", 12, 4, 48),
        (Number::F128, "float128", "<f16", 16, 16, 48),
        (Number::C64, "complex64", "<c8", 4, 4, 64),
        (Number::C128, "complex128", "<c16", 8, 8, 64),
        (Number::C192, "complex192", "<c24", 12, 4, 96),
        (Number::C256, "complex256", "<c32", 16, 16, 96),
        (Number::BF16, "bfloat16", "<V2", 2, 2, 32),
    ] {
        assert!(Number::ALL.contains(&number));
        let dtype = DType::number(number, ByteOrder::Little);
        assert_eq!(dtype.to_string(), spelled);
        assert_eq!(number.to_string(), name);
        assert_eq!(name.parse(), Ok(dtype.with_byte_order(ByteOrder::NATIVE)));
        if number != Number::BF16 {
            assert_eq!(spelled.parse(), Ok(dtype.clone()));
        }
        assert_eq!(
            (number.part_size(), dtype.alignment()),
            (part, alignment),
            "{name}"
        );
        assert_eq!(dtype.text_length(), Some(text), "{name}");
        let info = number.info();
        assert_eq!(info.part.size(), part, "{name}");
        assert_eq!(info.float.is_none(), number.is_integer(), "{name}");
    }
    let of_numpy = Number::ALL.iter().filter(|number| !number.is_extension());
    assert_eq!(of_numpy.count(), 17);
    let digits = [
        (FloatFormat::F16, 3),
        (FloatFormat::BF16, 2),
        (FloatFormat::F32, 6),
        (FloatFormat::F64, 15),
        (FloatFormat::X87, 18),
    ];
    for (format, precision) in digits {
        assert_eq!(format.decimal_digits(), precision);
    }
}

/// The names of ml_dtypes, and how `np.save` writes them.
#[test]
fn the_numbers_of_ml_dtypes() {
    use dtype::NonFinite::{Ieee, NanForAllOnes, NanForNegativeZero, Nothing};
    let floats = [
        ("bfloat16", "<V2", (8, 7, 127), Ieee),
        ("float8_e3m4", "<V1", (3, 4, 3), Ieee),
        ("float8_e4m3", "<V1", (4, 3, 7), Ieee),
        ("float8_e4m3b11fnuz", "<V1", (4, 3, 11), NanForNegativeZero),
        ("float8_e4m3fn", "<V1", (4, 3, 7), NanForAllOnes),
        ("float8_e4m3fnuz", "<V1", (4, 3, 8), NanForNegativeZero),
        ("float8_e5m2", "<f1", (5, 2, 15), Ieee),
        ("float8_e5m2fnuz", "<V1", (5, 2, 16), NanForNegativeZero),
        ("float8_e8m0fnu", "<V1", (8, 0, 127), NanForAllOnes),
        ("float6_e2m3fn", "<V1", (2, 3, 1), Nothing),
        ("float6_e3m2fn", "<V1", (3, 2, 3), Nothing),
        ("float4_e2m1fn", "<V1", (2, 1, 1), Nothing),
    ];
    let numbers = Number::ALL.iter().filter(|number| number.is_extension());
    let (integers, found): (Vec<Number>, Vec<Number>) =
        numbers.partition(|number| number.is_integer());
    assert_eq!(found.len(), floats.len());
    let little = |number| DType::number(number, ByteOrder::Little);
    for (number, (name, descr, (exponent, fraction, bias), non_finite)) in found.iter().zip(floats)
    {
        let info = number.info();
        assert_eq!((info.name, info.module), (name, "ml_dtypes"));
        if cfg!(target_endian = "little") {
            assert_eq!(little(*number).to_string(), descr);
        }
        assert_eq!(name.parse(), Ok(DType::number(*number, ByteOrder::NATIVE)));
        let format = info.float.unwrap();
        let parts = (format.exponent_bits, format.fraction_bits, format.bias);
        assert_eq!(
            (parts, format.non_finite),
            ((exponent, fraction, bias), non_finite),
            "{name}"
        );
        assert_eq!(format.is_signed, name != "float8_e8m0fnu");
        assert!(format.fits(FloatFormat::F32), "{name}");
    }
    for (number, (name, bits)) in integers.iter().zip([
        ("int1", 1),
        ("int2", 2),
        ("int4", 4),
        ("uint1", 1),
        ("uint2", 2),
        ("uint4", 4),
    ]) {
        let info = number.info();
        assert_eq!(
            (info.name, info.bits, info.size, info.letter),
            (name, bits, 1, 'V')
        );
        assert_eq!(name.parse(), Ok(little(*number)));
    }
    // NumPy's own `np.load` refuses what ml_dtypes makes it write.
    assert_eq!("<f1".parse(), Ok(DType::F8E5M2));
}

#[cfg(feature = "serde")]
#[test]
fn dtypes_and_layouts_through_serde() {
    let texts = "|b1 |i1 >i2 <u8 <f2 >f4 <f8 <f16 >c8 <c32 bfloat16 S0 S3 <U0 >U5 V0 V7 <M8 >M8[25s] <m8[ns] O \
                 [('a','<i4'),('','|V4'),(('ti','b'),'>f8',(2,3))] [('é',[('x','<M8[D]'),('y','S3')])] [] (2,3)<f4";
    for text in texts.split_whitespace() {
        let dtype: DType = text.parse().unwrap();
        let json = serde_json::to_string(&dtype).unwrap();
        assert_eq!(
            serde_json::from_str::<DType>(&json).unwrap(),
            dtype,
            "{json}"
        );
        let layout = Layout::new(dtype, [2, 0, 5], Order::C).unwrap();
        let json = serde_json::to_string(&layout).unwrap();
        assert_eq!(
            serde_json::from_str::<Layout>(&json).unwrap(),
            layout,
            "{json}"
        );
        // Also from what cannot lend its text.
        let value = serde_json::to_value(&layout).unwrap();
        assert_eq!(serde_json::from_value::<Layout>(value).unwrap(), layout);
    }
    let huge = usize::MAX / 4;
    let huge = format!(r#"{{"descr":"<f8","fortran_order":false,"shape":[{huge},8]}}"#);
    for (text, why) in [
        (
            r#"{"descr":"<q8","fortran_order":false,"shape":[]}"#,
            "unknown dtype kind 'q'",
        ),
        (&huge, "more than any address space holds"),
        (
            r#"{"descr":"<f8","fortran_order":false}"#,
            "missing field `shape`",
        ),
        (
            r#"{"descr":"<f8","fortran_order":false,"shape":[],"more":1}"#,
            "unknown field `more`",
        ),
    ] {
        let error = serde_json::from_str::<Layout>(text).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}
