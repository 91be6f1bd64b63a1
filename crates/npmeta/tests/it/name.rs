//! Names, good and bad, with their meanings.

use npmeta::dtype::{ByteOrder, DType, Layout, Order};
use npmeta::name::{FileName, Pattern};
use proptest::prelude::*;

/// A file name, with the name and the layout in it.
const GOOD: [(&str, &str, &str); 46] = [
    ("name_int32_4_5.dat", "name", "(4, 5) <i4"),
    ("name_int32_4_5", "name", "(4, 5) <i4"),
    ("name_int32.dat", "name", "() <i4"),
    ("name_int32_7.dat", "name", "(7,) <i4"),
    ("name_int32_0_5.dat", "name", "(0, 5) <i4"),
    (
        "name_int32_1_2_3_4_5_6.dat",
        "name",
        "(1, 2, 3, 4, 5, 6) <i4",
    ),
    ("name_int32_004_05.dat", "name", "(4, 5) <i4"),
    ("my_long_name_float64_3.dat", "my_long_name", "(3,) <f8"),
    ("2024_05_17_float64_3.dat", "2024_05_17", "(3,) <f8"),
    ("a.b.c_float64_3.dat", "a.b.c", "(3,) <f8"),
    ("v1.5_float64_3", "v1.5", "(3,) <f8"),
    ("x_float64_3.5", "x_float64_3.5", ""),
    ("x_int8_int16_3.dat", "x_int8", "(3,) <i2"),
    ("x_int16_4_float32_2_2.raw", "x_int16_4", "(2, 2) <f4"),
    ("naïve_жук_uint8_3.dat", "naïve_жук", "(3,) |u1"),
    ("with space_uint8_3.dat", "with space", "(3,) |u1"),
    ("x_bool_3.dat", "x", "(3,) |b1"),
    ("x_bool__3.dat", "x", "(3,) |b1"),
    ("x_int8_3.dat", "x", "(3,) |i1"),
    ("x_uint8_3.dat", "x", "(3,) |u1"),
    ("x_byte_3.dat", "x", "(3,) |i1"),
    ("x_ubyte_3.dat", "x", "(3,) |u1"),
    ("x_short_3.dat", "x", "(3,) <i2"),
    ("x_ushort_3.dat", "x", "(3,) <u2"),
    ("x_intc_3.dat", "x", "(3,) <i4"),
    ("x_uintc_3.dat", "x", "(3,) <u4"),
    ("x_longlong_3.dat", "x", "(3,) <i8"),
    ("x_ulonglong_3.dat", "x", "(3,) <u8"),
    ("x_uint64_3.dat", "x", "(3,) <u8"),
    ("x_half_3.dat", "x", "(3,) <f2"),
    ("x_single_3.dat", "x", "(3,) <f4"),
    ("x_double_3.dat", "x", "(3,) <f8"),
    ("x_float_3.dat", "x", "(3,) <f8"),
    ("x_float16_3.dat", "x", "(3,) <f2"),
    ("x_float128_3.dat", "x", "(3,) <f16"),
    ("x_complex64_3.dat", "x", "(3,) <c8"),
    ("x_csingle_3.dat", "x", "(3,) <c8"),
    ("x_complex_3.dat", "x", "(3,) <c16"),
    ("x_bytes40_3.dat", "x", "(3,) |S5"),
    ("x_str160_3.dat", "x", "(3,) <U5"),
    ("x_void64_3.dat", "x", "(3,) |V8"),
    ("x_datetime64[ns]_3.dat", "x", "(3,) <M8[ns]"),
    ("x_timedelta64[25s]_3.dat", "x", "(3,) <m8[25s]"),
    ("x_float64_be_3.dat", "x", "(3,) >f8"),
    ("x_float64_F_3_4.dat", "x", "(3, 4) <f8 F"),
    ("x_float64_be_F_3_4.dat", "x", "(3, 4) >f8 F"),
];

const BAD: [&str; 26] = [
    "",
    ".dat",
    "name.dat",
    "run_2_3.dat",
    "int32_4_5.dat",
    "_int32_4_5.dat",
    "name_int32_4_.dat",
    "name_int32_-1.dat",
    "name_int32_+1.dat",
    "name_int32_4 .dat",
    "name_int32_4x5.dat",
    "name_int33_4.dat",
    "name_INT32_4.dat",
    "name_i4_4.dat",
    "plate_b1_3.dat",
    "x_d_3.dat",
    "x_object_3.dat",
    "x_str_3.dat",
    "x_bytes_3.dat",
    "x_bytes41_3.dat",
    "x_void0_3.dat",
    "x_int8,int8_3.dat",
    "x_float64_F_be_3.dat",
    "x_float64_BE_3.dat",
    "nameint32_4.dat",
    "x_datetime64[q]_3.dat",
];

/// Some names of types depend on the system that reads them.
#[test]
fn names_of_the_system() {
    for name in ["longdouble", "clongdouble"] {
        let dtype: DType = name.parse().unwrap();
        // A name without a byte order means the same on every machine.
        let dtype = dtype.with_byte_order(ByteOrder::Little);
        let found = FileName::parse(&format!("x_{name}_3.dat")).unwrap();
        assert_eq!(found.layout, Layout::new(dtype, [3], Order::C).unwrap());
    }
}

#[test]
fn good_names() {
    for (file_name, name, layout) in GOOD {
        let found = FileName::parse(file_name);
        let found = found.map_or(String::new(), |found| {
            assert_eq!(found.name, name);
            // Formatted names are parsed back, in the first of several spellings.
            let stem = found.stem().unwrap();
            assert_eq!(FileName::parse(&format!("{stem}.bin")), Ok(found.clone()));
            found.layout.to_string()
        });
        assert_eq!(found, layout, "{file_name}");
    }
}

#[test]
fn bad_names() {
    for file_name in BAD {
        let error = FileName::parse(file_name).unwrap_err().to_string();
        assert!(error.contains("says no layout"), "{error}");
    }
    let half = 1usize << (usize::BITS / 2);
    let huge = format!("x_int64_{half}_{half}.dat");
    let error = FileName::parse(&huge).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "'{huge}' gives an invalid layout: shape × itemsize is more than any address space holds"
        )
    );
    let long = format!("x_int8{}.dat", "_1".repeat(65));
    assert!(FileName::parse(&long).is_err());
    // Names that would take long to parse are not file names.
    assert!(FileName::parse(&"1_".repeat(1 << 20)).is_err());
    assert!(FileName::parse(&"int8_1_".repeat(140)).is_err());
}

#[test]
fn layouts_without_a_name() {
    let named = |name: &str, dtype: &str| {
        let layout = Layout::new(dtype.parse().unwrap(), [3], Order::C).unwrap();
        let name = name.to_owned();
        FileName { name, layout }
            .stem()
            .map_err(|error| error.to_string())
    };
    assert_eq!(named("x", ">i4"), Ok("x_int32_be_3".into()));
    let form =
        "a name of the form {name}_{dtype}[_{byteorder}][_{order}][_{shape}] cannot express this: ";
    for (name, dtype, why) in [
        ("x", "i4,f8", "its dtype has no name"),
        ("x/y", "i4", "a file name cannot contain '/' or NUL"),
        ("", "i4", "it would be read as something else"),
        ("x", "O", "it would be read as something else"),
        ("x", "S0", "it would be read as something else"),
    ] {
        assert_eq!(named(name, dtype), Err(format!("{form}{why}")));
    }
}

/// A pattern, a name of its form, and the result.
const PATTERNS: [(&str, &str, &str, &str); 9] = [
    (
        "{name}_{shape:x}_{dtype}.raw",
        "fish_4x5_int32.raw",
        "fish",
        "(4, 5) <i4",
    ),
    (
        "{dtype}/{name}-{shape:-}.bin",
        "int32/fish-2-4-5.bin",
        "fish-2",
        "",
    ),
    (
        "{name}_{Z}_{Y}_{X}.raw",
        "a_b_100_640_480.raw",
        "a_b",
        "(100, 640, 480) |u1",
    ),
    (
        "{name}_{2}_{1}_{0}.raw",
        "a_b_100_640_480.raw",
        "a_b",
        "(480, 640, 100) |u1",
    ),
    (
        "{name}_w{1}_h{0}[_{dtype}].raw",
        "a_w3_h4_float32.raw",
        "a",
        "(4, 3) <f4",
    ),
    (
        "{name}_w{1}_h{0}[_{dtype}].raw",
        "a_w3_h4.raw",
        "a",
        "(4, 3) |u1",
    ),
    (
        "{name}.{dtype}[.{order}].{shape:.}",
        "a.float32.F.3.4",
        "a",
        "(3, 4) <f4 F",
    ),
    (
        "[[{name}]]{{{dtype}}}{shape: }",
        "[a]{int8}3 4",
        "a",
        "(3, 4) |i1",
    ),
    (
        "{base}_d1_{a}_d2_{b}_order_{F}_frames_{n}_.mmap",
        "Yr_d1_60_d2_80_order_F_frames_2000_.mmap",
        "Yr",
        "(60, 80, 2000) |u1 F",
    ),
];

#[test]
fn patterns() {
    for (pattern, file_name, name, layout) in PATTERNS {
        let pattern: Pattern = pattern.parse().unwrap();
        let pattern = pattern.dtype(DType::U8);
        let found = pattern.parse(file_name).unwrap();
        if layout.is_empty() {
            // The name takes as much as it can, as it does before a layout.
            assert_ne!((found.name.as_str(), found.layout.ndim()), (name, 2));
            continue;
        }
        assert_eq!(
            (found.name.as_str(), found.layout.to_string()),
            (name, layout.to_owned())
        );
        assert_eq!(pattern.format(&found).unwrap(), file_name);
    }
    for (pattern, message) in [
        (
            "{shape}-{shape}_{dtype}",
            "the field occurs twice, at byte 8",
        ),
        ("{name", "expected '}', at byte 0"),
        ("{name}_{what?}", "unknown field, at byte 7"),
        (
            "{name}{dtype}",
            "expected text between two fields, at byte 6",
        ),
        ("{name}_[x", "expected ']', at byte 9"),
        ("x]", "there is no opening bracket, at byte 1"),
        ("{name}_[a[b]]", "groups do not nest, at byte 9"),
        ("{name}_{1}_{2}", "its axes are not 0, 1, 2, …, at byte 0"),
        (
            "{name}_{shape:}",
            "the separator between lengths is empty, at byte 7",
        ),
        (
            "{name}_{shape:0}",
            "the separator between lengths contains a digit, at byte 7",
        ),
        ("{name}_{dtype:x}", "only {shape} has a ':', at byte 7"),
    ] {
        let error = pattern.parse::<Pattern>().unwrap_err().to_string();
        assert_eq!(error, format!("invalid pattern '{pattern}': {message}"));
    }
}

fn any_layout() -> impl Strategy<Value = Layout> {
    let names = [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "float128",
        "complex64",
        "complex128",
        "complex256",
        "S5",
        "U3",
        "V7",
        "M8[ns]",
        "m8[25s]",
        "M8",
    ];
    let dtype = prop::sample::select(names.to_vec());
    let longest = if usize::BITS == 64 { 2000usize } else { 70 };
    let shape = prop::collection::vec(0..longest, 0..5);
    (dtype, any::<bool>(), shape, any::<bool>()).prop_map(|(dtype, big, shape, fortran)| {
        let byte_order = if big {
            ByteOrder::Big
        } else {
            ByteOrder::Little
        };
        let dtype: DType = dtype.parse().unwrap();
        let order = if fortran { Order::Fortran } else { Order::C };
        let dtype = dtype.with_byte_order(byte_order);
        let layout = Layout::new(dtype.clone(), shape.clone(), order).unwrap();
        if layout.is_c_contiguous() {
            Layout::new(dtype, shape, Order::C).unwrap()
        } else {
            layout
        }
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(name in "[a-z0-9_.Fж -]{1,20}", layout in any_layout()) {
        let named = FileName { name, layout };
        let stem = named.stem().unwrap();
        prop_assert_eq!(FileName::parse(&format!("{stem}.dat")), Ok(named.clone()));
        for pattern in ["{name}_{shape:x}_{dtype}_{byteorder}{{}}{order}.raw", "{order}+{dtype}+{byteorder}[+{shape}]+ {name}"] {
            let pattern: Pattern = pattern.parse().unwrap();
            if let Ok(text) = pattern.format(&named) {
                prop_assert_eq!(pattern.parse(&text), Ok(named.clone()));
            }
        }
    }

    #[test]
    fn no_name_and_no_pattern_panics(name in "\\PC{0,40}", pattern in "[{}\\[\\]a-z0-9:_]{0,30}") {
        let _ = FileName::parse(&name);
        if let Ok(pattern) = pattern.parse::<Pattern>() {
            let _ = pattern.dtype(DType::U8).parse(&name);
        }
    }
}
