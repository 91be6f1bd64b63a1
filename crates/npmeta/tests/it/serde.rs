//! Rust types as values, and back.

#![cfg(feature = "serde")]
use npmeta::flatfile::Array;
use npmeta::{Date, Dict, Value, from_value, to_value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
enum Kind {
    Plain,
    New(u8),
    Pair(i64, f64),
    Fields { a: bool, b: Option<char> },
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Everything {
    text: String,
    number: i128,
    none: Option<u8>,
    some: Option<f32>,
    unit: (),
    tuple: (u8, String),
    list: Vec<Kind>,
    map: BTreeMap<i32, Vec<f64>>,
}

#[test]
fn any_type_there_and_back() {
    let everything = Everything {
        text: "né".into(),
        number: -(1 << 100),
        none: None,
        some: Some(0.5),
        unit: (),
        tuple: (7, "x".into()),
        list: vec![
            Kind::Plain,
            Kind::New(1),
            Kind::Pair(2, 3.5),
            Kind::Fields {
                a: true,
                b: Some('c'),
            },
        ],
        map: [(1, vec![0.5]), (-2, vec![])].into(),
    };
    let value = to_value(&everything).unwrap();
    let list = value.as_dict().and_then(|dict| dict.get("list")).unwrap();
    assert_eq!(
        list.to_string(),
        "['Plain', {'New': 1}, {'Pair': (2, 3.5)}, {'Fields': {'a': True, 'b': 'c'}}]"
    );
    assert_eq!(from_value::<Everything>(value.clone()).unwrap(), everything);
    // A value is itself serializable.
    assert_eq!(to_value(&value).unwrap(), value);
    assert_eq!(
        from_value::<Value>(value.clone())
            .unwrap()
            .to_string()
            .len(),
        value.to_string().len()
    );
}

#[test]
fn arrays_and_dates_as_sequences_and_texts() {
    let matrix = Array::from_slice(&[1.5f32, 2.5], [1, 2]).unwrap();
    assert_eq!(
        from_value::<Vec<Vec<f64>>>(matrix.into()).unwrap(),
        [[1.5, 2.5]]
    );
    let day = Value::from(Date::new(2020, 2, 29).unwrap());
    assert_eq!(from_value::<String>(day.clone()).unwrap(), "2020-02-29");
    let dict: Dict = [("day", day), ("n", Value::from(u64::MAX))]
        .into_iter()
        .collect();
    assert_eq!(
        serde_json::to_string(&dict).unwrap(),
        r#"{"day":"2020-02-29","n":18446744073709551615}"#
    );
    let again: Dict = serde_json::from_str(r#"{"a":[1,null,true,"x",1.5]}"#).unwrap();
    assert_eq!(
        Value::from(again).to_string(),
        "{'a': [1, None, True, 'x', 1.5]}"
    );
}

#[test]
fn errors_say_what_was_expected() {
    let error = from_value::<u8>(Value::from("x")).unwrap_err();
    assert_eq!(error.to_string(), "invalid type: string \"x\", expected u8");
    let large = Value::from(u128::MAX);
    assert_eq!(
        from_value::<f64>(large).unwrap_err().to_string(),
        "not supported: an integer of more than 128 bits for serde"
    );
}
