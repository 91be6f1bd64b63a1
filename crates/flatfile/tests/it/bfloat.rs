//! `bfloat16` is a number like the others. NumPy alone does not know it; the values are those of ml_dtypes, whose
//! items Python sees as floats.

use flatfile::dtype::{ByteOrder, Casting, DType, Number, can_cast};
use flatfile::text::{self, ReadOptions, Separator, WriteOptions, table};
use flatfile::{Array, Error, ErrorKind, show};
use half::bf16;

/// An array of these bits.
fn bits(bits: &[u16]) -> Array {
    let items: Vec<bf16> = bits.iter().map(|bits| bf16::from_bits(*bits)).collect();
    Array::from_slice(&items, [items.len()]).unwrap()
}

fn to_bits(array: &Array) -> Vec<u16> {
    let items = array.to_vec::<bf16>().unwrap();
    items.into_iter().map(bf16::to_bits).collect()
}

fn read(text: &str) -> Result<Vec<u16>, Error> {
    text::read(text.as_bytes(), DType::BF16, ",").map(|array| to_bits(&array))
}

fn write(array: &Array, format: Option<&str>) -> String {
    let mut options = WriteOptions::new();
    if let Some(format) = format {
        options = options.format(format.parse().unwrap());
    }
    let mut text = Vec::new();
    options.write(&mut text, array, ",").unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn texts_are_rounded_to_the_nearest_even() {
    for (text, expected) in [
        ("0", 0),
        ("-0.0", 0x8000),
        ("1", 0x3f80),
        ("0.1", 0x3dcd),
        ("-256", 0xc380),
        ("3.1415927", 0x4049),
        // Half way: to the even one, down and up, and slightly more than half.
        ("1.00390625", 0x3f80),
        ("1.01171875", 0x3f82),
        ("1.003906250000000001", 0x3f80),
        ("1.0039062500000003", 0x3f81),
        // The greatest, the least normal and the least one.
        ("3.3895313892515355e38", 0x7f7f),
        ("3.3961e38", 0x7f7f),
        ("1.1754943508222875e-38", 0x0080),
        ("9.183549615799121e-41", 0x0001),
        ("4.5e-41", 0x0000),
        ("inf", 0x7f80),
        ("-Infinity", 0xff80),
    ] {
        assert_eq!(read(text).unwrap(), [expected], "{text}");
    }
    assert!(matches!(read("nan").unwrap()[..], [bits] if bf16::from_bits(bits).is_nan()));
    let error = read("1,3.4e38").unwrap_err();
    let place = "line 1, column 3 (byte 2), item 1";
    let message = format!("{place}: '3.4e38' is out of the range of '{}'", DType::BF16);
    assert_eq!(error.to_string(), message);
    let lenient = ReadOptions::new().numpy_compatible();
    let comma = Separator::new(",").unwrap();
    let array = lenient.read(&b"3.4e38,-1e99"[..], DType::BF16, &comma);
    assert_eq!(to_bits(&array.unwrap()), [0x7f80, 0xff80]);
}

#[test]
fn texts_are_those_of_its_float() {
    let array = bits(&[0x3dcd, 0x3f80, 0xc380, 0x7f7f, 0x0001, 0x7fc0, 0xff80]);
    assert_eq!(
        write(&array, None),
        "0.10009765625,1.0,-256.0,3.3895313892515355e+38,9.183549615799121e-41,nan,-inf"
    );
    let array = bits(&[0x3dcd, 0x4049, 0xc380]);
    for (format, expected) in [
        ("%g", "0.100098,3.14062,-256"),
        ("%.3f", "0.100,3.141,-256.000"),
        ("%.4e", "1.0010e-01,3.1406e+00,-2.5600e+02"),
        ("%d", "0,3,-256"),
        ("%r", "0.10009765625,3.140625,-256.0"),
    ] {
        assert_eq!(write(&array, Some(format)), expected, "{format}");
    }
}

#[test]
fn every_number_comes_back_from_its_text() {
    let finite = (0..=u16::MAX).filter(|bits| bits & 0x7f80 != 0x7f80);
    let all: Vec<u16> = finite.collect();
    assert_eq!(read(&write(&bits(&all), None)).unwrap(), all);
    let printed = bits(&all).astype("U".parse().unwrap(), Casting::Safe);
    let back = printed.unwrap().astype(DType::BF16, Casting::Unsafe);
    assert_eq!(to_bits(&back.unwrap()), all);
}

#[test]
fn tables_have_it() {
    let dtype: DType = "[('x', 'bfloat16'), ('n', '<i4')]".parse().unwrap();
    let text = "0.1 1\n1e3 -2\n";
    let array = table::ReadOptions::new()
        .read(text.as_bytes(), dtype)
        .unwrap();
    assert_eq!(
        show::array(&array.strided()).unwrap().to_string(),
        "[(1.e-01,  1) (1.e+03, -2)]"
    );
    let mut out = Vec::new();
    let options = table::WriteOptions::new().format("%g");
    options.write(&mut out, &array).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "0.100098 1\n1000 -2\n");
}

#[test]
fn the_other_byte_order() {
    let big = DType::number(Number::BF16, ByteOrder::Big);
    let array = text::read(&b"1,0.1"[..], big, ",").unwrap();
    assert_eq!(array.as_bytes(), [0x3f, 0x80, 0x3d, 0xcd]);
    assert_eq!(write(&array, Some("%.2f")), "1.00,0.10");
}

#[test]
fn casts_are_rounded_once() {
    let cast = |values: &[f64]| {
        let array = Array::from_slice(values, [values.len()]).unwrap();
        to_bits(&array.astype(DType::BF16, Casting::SameKind).unwrap())
    };
    let tie = 1.0 + 2f64.powi(-8);
    let values = [
        tie,
        tie.next_up(),
        tie.next_down(),
        1.0 + 3.0 * 2f64.powi(-8),
        3.4e38,
        1e-41,
    ];
    assert_eq!(cast(&values), [0x3f80, 0x3f81, 0x3f80, 0x3f82, 0x7f80, 0]);
    let array = bits(&[0x3dcd, 0xc380, 0x7f80]);
    let wide = array.astype(DType::F32, Casting::Safe).unwrap();
    assert_eq!(
        wide.to_vec::<f32>().unwrap(),
        [0.100_097_656, -256.0, f32::INFINITY]
    );
    let whole = array.astype(DType::I16, Casting::Unsafe).unwrap();
    assert_eq!(whole.to_vec::<i16>().unwrap(), [0, -256, i16::MAX]);
    let refused = array.astype(DType::F16, Casting::SameKind).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Cast { .. }));
}

/// The casts that ml_dtypes registers, and NumPy's order of the kinds for the rest.
#[test]
fn which_casts_are_allowed() {
    let level = |from: &DType, to: &DType| {
        let levels = [
            Casting::No,
            Casting::Equiv,
            Casting::Safe,
            Casting::SameKind,
        ];
        let allowed = levels.into_iter().find(|level| can_cast(from, to, *level));
        allowed.unwrap_or(Casting::Unsafe)
    };
    for (other, to_bfloat, from_bfloat) in [
        (DType::Bool, Casting::Safe, Casting::Unsafe),
        (DType::I8, Casting::Safe, Casting::Unsafe),
        (DType::U8, Casting::Safe, Casting::Unsafe),
        (DType::I16, Casting::SameKind, Casting::Unsafe),
        (DType::U64, Casting::SameKind, Casting::Unsafe),
        (DType::F16, Casting::SameKind, Casting::Unsafe),
        (DType::F32, Casting::SameKind, Casting::Safe),
        (DType::F64, Casting::SameKind, Casting::Safe),
        (DType::F128, Casting::SameKind, Casting::Safe),
        (DType::C64, Casting::SameKind, Casting::Safe),
        (DType::C256, Casting::SameKind, Casting::Safe),
        (DType::BF16, Casting::No, Casting::No),
    ] {
        assert_eq!(
            level(&other, &DType::BF16),
            to_bfloat,
            "{other} to bfloat16"
        );
        assert_eq!(
            level(&DType::BF16, &other),
            from_bfloat,
            "bfloat16 to {other}"
        );
    }
}
