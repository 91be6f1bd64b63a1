//! Where metadata is found in an archive, and what is lost when it is written.

#![cfg(feature = "npz")]
use npmeta::archive::{MetadataFormat, Options};
use npmeta::flatfile::Array;
use npmeta::npz::{Archive, Writer};
use npmeta::{Dict, Value, json};
use std::io::Cursor;

/// An archive with an array, 0-d if requested, and this metadata.
fn archive(options: &Options, value: &Value, format: MetadataFormat) -> (Vec<u8>, Vec<String>) {
    let members = options.members(value, format).unwrap();
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    writer
        .array("x", &Array::from_slice(&[1.0, 2.0], [2]).unwrap())
        .unwrap();
    members.write(&mut writer).unwrap();
    let warnings = members.warnings().iter().map(|warning| warning.to_string());
    let warnings = warnings.collect();
    (writer.finish().unwrap().into_inner(), warnings)
}

fn dict(pairs: &[(&str, Value)]) -> Value {
    pairs.iter().cloned().collect::<Dict>().into()
}

#[test]
fn each_spelling_is_told() {
    let mdata = dict(&[("a", 1.into()), ("b", "x".into())]);
    for format in [
        MetadataFormat::Items,
        MetadataFormat::Json,
        MetadataFormat::JsonMember,
        MetadataFormat::Pickle,
    ] {
        for options in [Options::new(), Options::new().prefix("m.").key("facts")] {
            let options = options.allow_pickle();
            let (bytes, warnings) = archive(&options, &mdata, format);
            let found = options
                .read(&Archive::new(&bytes).unwrap())
                .unwrap()
                .unwrap();
            assert_eq!(
                (found.format, found.value, warnings.len()),
                (format, mdata.clone(), 0)
            );
        }
    }
    let (bytes, _) = archive(&Options::new(), &Dict::new().into(), MetadataFormat::Items);
    assert!(
        Options::new()
            .read(&Archive::new(&bytes).unwrap())
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_pickle_has_to_be_asked_for() {
    let (bytes, _) = archive(&Options::new(), &dict(&[]), MetadataFormat::Pickle);
    let error = Options::new()
        .read(&Archive::new(&bytes).unwrap())
        .unwrap_err();
    assert_eq!(error.key(), Some("mdata"));
    assert!(
        error
            .to_string()
            .starts_with("key 'mdata': the data is a pickle"),
        "{error}"
    );
}

#[test]
fn what_is_lost_is_said() {
    let lossy = dict(&[
        ("nul", "a\0".into()),
        ("bytes", vec![0u8].into()),
        ("none", Value::None),
        ("large", u128::MAX.into()),
        ("list", Value::List(vec![1.into(), 2.into()])),
    ]);
    let (bytes, warnings) = archive(&Options::new(), &lossy, MetadataFormat::Items);
    assert_eq!(warnings.len(), 5, "{warnings:?}");
    let options = Options::new().allow_pickle();
    let found = options
        .read(&Archive::new(&bytes).unwrap())
        .unwrap()
        .unwrap();
    // The list is an array now, not an item.
    assert_eq!(
        found.value.to_string(),
        format!(
            "{{'nul': 'a', 'bytes': b'', 'none': None, 'large': {}}}",
            u128::MAX
        )
    );
    let nested = dict(&[("deep", Value::List(vec![1.into(), f64::NAN.into()]))]);
    let odd = dict(&[
        ("nan", f64::NAN.into()),
        ("tuple", Value::Tuple(vec![])),
        ("nested", nested),
    ]);
    let (_, warnings) = archive(&Options::new(), &odd, MetadataFormat::Json);
    assert_eq!(
        warnings,
        [
            "key 'nan': JSON has no NaN and no infinity: only Python reads it back",
            "key 'tuple': a tuple comes back from JSON as a list",
            "key 'nested.deep[1]': JSON has no NaN and no infinity: only Python reads it back",
        ]
    );
    let date = dict(&[("bytes", vec![1u8].into())]);
    let error = Options::new()
        .members(&date, MetadataFormat::Json)
        .unwrap_err();
    assert_eq!(error.to_string(), "not supported: a bytes in JSON");
}

#[test]
fn json_says_where_it_is_wrong() {
    for (text, expected) in [
        ("{\"a\": nul}", "expected a value of JSON, at byte 6"),
        ("[1 2]", "expected ',' or a closing bracket, at byte 3"),
        ("\"\\ud800", "expected the text's closing '\"', at byte 7"),
        ("1 2", "expected the end of the text, at byte 2"),
        (
            "\"\n\"",
            "expected an escape in place of a control character, at byte 1",
        ),
        ("{1: 2}", "expected a text in '\"', at byte 1"),
        ("01", "expected the end of the text, at byte 1"),
    ] {
        assert_eq!(
            json::parse(text).unwrap_err().to_string(),
            expected,
            "{text}"
        );
    }
    let deep = "[".repeat(100_000);
    assert_eq!(
        json::parse(&deep).unwrap_err().to_string(),
        "too large: more than 100 levels of values, at byte 100"
    );
}
