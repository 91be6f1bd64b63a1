//! Every dtype that has a Rust type, and some that do not.

use dtype::{ByteOrder, DType, Element, with_element};
use std::any::type_name;

fn name<T: Element>() -> (&'static str, DType) {
    (type_name::<T>().rsplit("::").next().unwrap(), T::dtype())
}

#[test]
fn every_type_has_its_dtype() {
    for (text, rust) in [
        ("?", "bool"),
        ("i1", "i8"),
        ("i2", "i16"),
        ("i4", "i32"),
        ("i8", "i64"),
        ("u1", "u8"),
        ("u2", "u16"),
        ("u4", "u32"),
        ("u8", "u64"),
        ("f4", "f32"),
        ("f8", "f64"),
        #[cfg(feature = "half")]
        ("f2", "f16"),
        #[cfg(feature = "half")]
        ("bfloat16", "bf16"),
        #[cfg(feature = "complex")]
        ("c8", "Complex<f32>"),
        #[cfg(feature = "complex")]
        ("c16", "Complex<f64>"),
    ] {
        let dtype: DType = match text {
            "bfloat16" => DType::BF16,
            _ => text.parse().unwrap(),
        };
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let found = with_element!(&dtype.with_byte_order(order), T => name::<T>());
            assert_eq!(
                found,
                Some((rust, dtype.with_byte_order(ByteOrder::NATIVE)))
            );
        }
    }
}

#[test]
fn other_dtypes_have_none() {
    for text in [
        "S3",
        "U3",
        "V2",
        "M8[s]",
        "m8[s]",
        "O",
        "f16",
        "c32",
        "[('x', '<f4')]",
    ] {
        let dtype: DType = text.parse().unwrap();
        assert_eq!(with_element!(&dtype, T => size_of::<T>()), None, "{text}");
    }
}

#[test]
fn a_list_is_tried_in_its_order() {
    let dtype = DType::I64;
    let found = with_element!(&dtype, T in [f32, isize, i64] => type_name::<T>());
    let first = if size_of::<isize>() == 8 {
        "isize"
    } else {
        "i64"
    };
    assert_eq!(found, Some(first));
    assert_eq!(with_element!(&dtype, T in [f32] => T::default()), None);
}
