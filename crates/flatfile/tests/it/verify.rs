//! The issues found in files, and their positions.

use flatfile::dtype::Order;
use flatfile::{Array, npy};

/// The issues found in a file with these bytes; those that make it wrong begin with `!`.
fn issues(bytes: &[u8]) -> Vec<String> {
    let mark = |issue: &npy::Issue| if issue.is_wrong() { "!" } else { "" };
    let issues = npy::verify(bytes).unwrap();
    issues
        .iter()
        .map(|issue| format!("{}{issue}", mark(issue)))
        .collect()
}

#[test]
fn every_length_of_a_file() {
    let array = Array::from_slice(&[1u16, 2, 3, 4, 5, 6], [3, 2]).unwrap();
    let bytes = npy::to_bytes(&array).unwrap();
    assert_eq!(issues(&bytes), Vec::<String>::new());
    for length in 0..bytes.len() {
        let found = issues(bytes.get(..length).unwrap());
        let expected = match length {
            0..128 => "!npy header is cut off: expected at least".to_owned(),
            _ => format!(
                "!from byte 128 on: the data is too short: expected 12 bytes, found {}",
                length - 128
            ),
        };
        assert!(
            found.len() == 1 && found[0].starts_with(&expected),
            "{found:?}"
        );
    }
    for more in 1..20 {
        let found = issues(&[&bytes[..], &vec![b'.'; more]].concat());
        let rows = match more % 4 {
            0 => format!(": as many as {} rows take", more / 4),
            _ => String::new(),
        };
        let expected = format!("!{more} bytes follow the array, from byte 140 on{rows}");
        assert_eq!(found, [expected]);
    }
}

#[test]
fn arrays_behind_one_another() {
    let array = Array::from_slice(&[1u16, 2, 3, 4, 5, 6], [3, 2]).unwrap();
    let bytes = npy::to_bytes(&array.to_order(Order::Fortran).unwrap()).unwrap();
    let two = [&bytes[..], &bytes].concat();
    let another = "another array begins at byte 140";
    let unaligned = "the data begins at byte 268, which is not a multiple of 64";
    assert_eq!(issues(&two), [another, unaligned]);
    let trailing = "!4 bytes follow the array, from byte 280 on";
    assert_eq!(
        issues(&[&two[..], b"\x93NUM"].concat()),
        [another, unaligned, trailing]
    );
    let broken = [&bytes[..], b"\x93NUMPY\x07\x00--"].concat();
    let version =
        "!from byte 140 on: npy version 7.0 is unknown: expected 1.0, 2.0 or 3.0 (byte 6)";
    assert_eq!(issues(&broken), [another, version]);
    assert_eq!(
        issues(&two[..270]),
        [
            another,
            unaligned,
            "!from byte 268 on: the data is too short: expected 12 bytes, found 2"
        ]
    );
}
