//! Integers of every length, sign and position in a text are read as the standard library reads them.

use flatfile::dtype::{DType, Order};
use flatfile::text::{ReadOptions, Separator};
use flatfile::{Array, Error};
use proptest::prelude::*;

fn read(dtype: &str, text: &str) -> Result<Array, Error> {
    let dtype: DType = dtype.parse().unwrap();
    ReadOptions::new().read(text.as_bytes(), dtype, &Separator::new(",")?)
}

/// This many digits of any kind, possibly with leading zeros, and an optional sign.
fn integer() -> impl Strategy<Value = String> {
    let digits = (1usize..23).prop_flat_map(|count| prop::collection::vec(0u8..10, count));
    (prop_oneof!["-", "", "\\+"], digits).prop_map(|(sign, digits)| {
        let digits: String = digits.iter().map(u8::to_string).collect();
        sign + &digits
    })
}

proptest! {
    #[test]
    fn a_list(items in prop::collection::vec(integer(), 0..40), space: bool) {
        let text = items.join(if space { ", " } else { "," });
        let expected: Result<Vec<i64>, _> = items.iter().map(|item| item.parse()).collect();
        let found = read("i8", &text).and_then(Array::into_vec::<i64>);
        prop_assert_eq!(found.ok(), expected.ok());
        let expected: Result<Vec<i16>, _> = items.iter().map(|item| item.parse()).collect();
        let found = read("i2", &text).and_then(Array::into_vec::<i16>);
        prop_assert_eq!(found.ok(), expected.ok());
    }

    #[test]
    fn what_stands_behind_it(item in integer(), behind in "[ -~]{0,40}") {
        let text = format!("{item},{behind}");
        let found = read("i8", &text);
        if item.parse::<i64>().is_err() {
            prop_assert!(found.is_err());
        }
        let is_list = behind.split(',').all(|item| item.trim().parse::<i64>().is_ok());
        if is_list && item.parse::<i64>().is_ok() {
            prop_assert!(found.is_ok(), "{text}");
        }
    }
}

#[test]
fn the_limits() {
    // Enough digits after them that they are read in the same way as all others.
    let behind = ",1".repeat(40);
    for (dtype, fits, does_not) in [
        (
            "i8",
            ["9223372036854775807", "-9223372036854775808"],
            ["9223372036854775808", "-9223372036854775809"],
        ),
        (
            "u8",
            ["18446744073709551615", "-0"],
            ["18446744073709551616", "-1"],
        ),
        ("i1", ["127", "-128"], ["128", "-129"]),
        (
            "u4",
            ["4294967295", "0000000000000000000000001"],
            ["4294967296", "-4294967295"],
        ),
    ] {
        for text in fits {
            let first = read(dtype, &format!("{text}{behind}")).unwrap();
            let first = first.strided().index_axis(0, 0).unwrap();
            let first = first.to_array(Order::C).unwrap();
            let expected: i128 = text.parse().unwrap();
            assert_eq!(first.to_string(), expected.to_string());
        }
        for text in does_not {
            let error = read(dtype, &format!("1,{text}{behind}"))
                .unwrap_err()
                .to_string();
            assert!(error.contains("item 1") && error.contains(text), "{error}");
        }
    }
}
