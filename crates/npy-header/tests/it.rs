//! Headers: encoded headers parse back from any split, and every bad spelling has its error.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use dtype::{DType, Layout, Order};
use npy_header::{ErrorKind, Header, NUMPY_MAX_HEADER_SIZE, Parse, ParseOptions, Version};
use proptest::prelude::*;

/// A version 1.0 file with this `text`.
fn file(text: &str) -> Vec<u8> {
    versioned(Version::V1, text.as_bytes())
}

fn versioned(version: Version, text: &[u8]) -> Vec<u8> {
    let length = text.len() as u32;
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend(version.to_bytes());
    match version {
        Version::V1 => bytes.extend((length as u16).to_le_bytes()),
        _ => bytes.extend(length.to_le_bytes()),
    }
    bytes.extend(text);
    bytes
}

/// A header whose shape is `shape`.
fn with_shape(shape: &str) -> Vec<u8> {
    file(&format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
    ))
}

/// A header whose descriptor is `descr`.
fn with_descr(descr: &str) -> Vec<u8> {
    file(&format!(
        "{{'descr': {descr}, 'fortran_order': False, 'shape': (2,), }}"
    ))
}

fn error(bytes: &[u8]) -> String {
    match Header::parse(bytes) {
        Ok(parse) => format!("no error: {parse:?}"),
        Err(error) => error.to_string(),
    }
}

fn shape(bytes: &[u8]) -> Vec<usize> {
    match Header::parse(bytes) {
        Ok(Parse::Done { header, .. }) => header.layout().shape().to_vec(),
        other => vec![usize::MAX; other.map_or(2, |_| 1)],
    }
}

proptest! {
    #[test]
    fn what_is_encoded_parses_back(
        shape in prop::collection::vec(0..if usize::BITS == 64 { 1000usize } else { 100 }, 0..5),
        name in "[^\\PC]{0,12}",
        fortran: bool,
        version in prop::sample::select(vec![None, Some(Version::V1), Some(Version::V2), Some(Version::V3)]),
    ) {
        let dtype: DType = format!("[({}, '<f8')]", dtype::python::quoted(&format!("f{name}"))).parse().unwrap();
        let order = if fortran { Order::Fortran } else { Order::C };
        let layout = Layout::new(dtype, shape, order).unwrap();
        let mut header = Header::new(layout);
        if let Some(version) = version {
            header = header.with_version(version);
        }
        let Ok(bytes) = header.encode() else {
            prop_assert!(!name.chars().all(|c| u32::from(c) < 256));
            return Ok(());
        };
        prop_assert_eq!(bytes.len() % 64, 0);
        let Parse::Done { header: parsed, data_offset } = Header::parse(&bytes).unwrap() else {
            panic!("not done");
        };
        prop_assert_eq!(data_offset, bytes.len());
        prop_assert_eq!(parsed.version(), header.version());
        prop_assert_eq!(parsed.layout().dtype(), header.layout().dtype());
        prop_assert_eq!(parsed.layout().shape(), header.layout().shape());
        prop_assert_eq!(parsed.encode().unwrap(), bytes.clone());

        // Fed byte by byte, it never asks for less than it has, and ends with the same answer.
        let mut have = 0;
        while let Parse::Need(n) = Header::parse(&bytes[..have]).unwrap() {
            prop_assert!(n > have && n <= bytes.len());
            have += 1;
        }
        prop_assert_eq!(have, bytes.len());
    }

    #[test]
    fn no_bytes_panic(text in prop::collection::vec(any::<u8>(), 0..80), at in 0..120usize) {
        let mut bytes = with_descr("[('a', '<i4', (2,)), (('t', 'b'), u'>M8[25s]')]");
        for (i, byte) in text.iter().enumerate() {
            if let Some(place) = bytes.get_mut(8 + at + i * 7) {
                *place = *byte;
            }
        }
        let _ = Header::parse(&bytes);
    }
}

#[test]
fn growing_does_not_change_the_length() {
    for shape in [vec![1], vec![1, 7], vec![9, 3, 2]] {
        let mut grown = shape.clone();
        grown[0] = usize::MAX >> 14;
        let length = |shape| {
            let layout = Layout::new(DType::U8, shape, Order::C).unwrap();
            Header::new(layout).encode().unwrap().len()
        };
        assert_eq!(length(shape), length(grown));
    }
}

#[test]
fn the_version_is_the_oldest_that_can() {
    let version = |descr: &str| {
        let layout = Layout::new(descr.parse().unwrap(), [1], Order::C).unwrap();
        Header::new(layout).version()
    };
    assert_eq!(version("[('é', '<f8')]"), Version::V1);
    assert_eq!(version("[('ж', '<f8')]"), Version::V3);
    let fields = |n: usize| -> String {
        (0..n)
            .map(|i| format!("('field_number_{i:05}', '<f8'), "))
            .collect()
    };
    assert_eq!(version(&format!("[{}]", fields(2000))), Version::V1);
    assert_eq!(version(&format!("[{}]", fields(2200))), Version::V2);
}

#[test]
fn shapes_as_other_writers_spell_them() {
    for text in [
        "(2,)",
        "( 2 , )",
        "(2L,)",
        "(2 L,)",
        "((2,))",
        "(+2,)",
        "(0x2,)",
        "(0b10,)",
        "(2,) # two\n",
    ] {
        assert_eq!(shape(&with_shape(text)), [2], "{text}");
    }
    assert_eq!(shape(&with_shape("()")), []);
    assert_eq!(shape(&with_shape("(2,\r\n 1_0)")), [2, 10]);
    assert_eq!(shape(&with_shape("(-0,)")), [0]);
    let huge = usize::MAX / 4 + 1;
    let text = format!("({huge}, 4, 0)");
    assert_eq!(shape(&with_shape(&text)), [huge, 4, 0]);
}

#[test]
fn bad_shapes() {
    for (text, message) in [
        ("[2]", "expected a tuple of integers, at byte 0"),
        ("2", "expected a tuple of integers, at byte 0"),
        ("(2)", "expected a tuple: one item needs a comma, at byte 0"),
        ("(2.0,)", "expected an integer, at byte 1"),
        ("(2, -1)", "an axis is negative, at byte 4"),
        (
            "(02,)",
            "expected an integer without leading zeros, at byte 1",
        ),
        ("(True,)", "expected ',' or ')', at byte 1"),
        (
            "(18446744073709551616,)",
            "the integer is too large, at byte 1",
        ),
    ] {
        let expected = format!("npy header has a bad 'shape' (byte 60): {message}");
        assert_eq!(error(&with_shape(text)), expected);
    }
    let many = format!("({})", "1,".repeat(65));
    assert!(error(&with_shape(&many)).ends_with("more than 64 axes, at byte 1"));
    let huge = usize::MAX / 4 + 1;
    for text in [format!("({huge},)"), format!("({huge}, 4)")] {
        assert_eq!(
            error(&with_shape(&text)),
            "npy header describes no valid array (byte 10): shape × itemsize is more than any address space holds"
        );
    }
}

#[test]
fn bad_descriptors() {
    for (text, message) in [
        ("b'<f8'", "expected a string without this prefix, at byte 0"),
        ("f'<f8'", "expected a string without this prefix, at byte 0"),
        ("'<q8'", "unknown dtype kind 'q', at byte 2"),
        (
            "[('a', '<i4'), ('a', '<i4')]",
            "field name or title 'a' is used twice, at byte 0",
        ),
        (
            "{'names': ['a'], 'formats': ['<i4']}",
            "a dict as descriptor is not supported, at byte 0",
        ),
        ("('<f8', {'unit': 'K'})", METADATA),
        ("[('a', ('<f8', {'unit': 'K'}))]", METADATA_OF_FIELD),
        ("('|O', {'vlen': <class 'str'>})", METADATA_OF_OBJECT),
        ("None", "expected a string, at byte 0"),
        (
            "5",
            "expected a descriptor: a string, or a list of fields, at byte 0",
        ),
    ] {
        let expected = format!("npy header has a bad 'descr' (byte 20): {message}");
        assert_eq!(error(&with_descr(text)), expected);
    }
    assert_eq!(
        error(&with_descr("('<f8', (2,))")),
        "npy header describes no valid array (byte 10): a subarray dtype for a whole array is not supported"
    );
}

macro_rules! metadata {
    ($offset:literal) => {
        concat!(
            "metadata of a dtype, as h5py adds it, which np.load refuses too: write the file again with np.save of a \
             newer NumPy, which drops it, or read the items as raw ones, from the end of the header on, at byte ",
            $offset
        )
    };
}
const METADATA: &str = metadata!(8);
const METADATA_OF_FIELD: &str = metadata!(15);
const METADATA_OF_OBJECT: &str = metadata!(7);

#[test]
fn bad_dicts() {
    for (text, message) in [
        ("", "expected '{': the header is not a dict (byte 10)"),
        ("[]", "expected '{': the header is not a dict (byte 10)"),
        ("{", "expected a key: a string (byte 11)"),
        ("{'descr' '<f8'}", "expected ':' (byte 24)"),
        (
            "{'fortran_order': True 'shape': (2,)}",
            "expected ',' or '}' (byte 33)",
        ),
        (
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}",
            "expected True or False (byte 44)",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}x",
            "expected the end of the header (byte 65)",
        ),
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}\0",
            "expected the end of the header (byte 65)",
        ),
    ] {
        assert_eq!(
            error(&file(text)),
            format!("npy header: {message}"),
            "{text}"
        );
    }
    assert_eq!(
        error(&file("{'descr': '<f8', 'fortran_order': False, }")),
        "npy header has no key 'shape' (byte 51)"
    );
    assert_eq!(
        error(&file("{'descr': '<f8', 'order': 'C'}")),
        "npy header has an unknown key 'order' (byte 27)"
    );
}

#[test]
fn bad_beginnings() {
    assert_eq!(
        error(b"PK\x03\x04\x14\x00\x00\x00"),
        r#"not an .npy file: expected b"\x93NUMPY", found b"PK\x03\x04\x14\x00" (a zip archive, as .npz files are)"#
    );
    for (first, hint) in [
        (
            &b"version https://git-lfs"[..],
            "(perhaps a Git LFS pointer: run git lfs pull)",
        ),
        (b"<!DOCTYPE html>", "(an HTML page)"),
        (b"{\"a\": 1}", "(perhaps JSON)"),
        (b"\x80\x04\x95\x00\x00\x00\x00", "(perhaps a Python pickle)"),
        (
            b"1.5 2.5 3.5",
            "(of raw items, the dtype and the shape must be given)",
        ),
    ] {
        assert!(error(first).ends_with(hint), "{}", error(first));
    }
    assert_eq!(
        error(b"\x93NUMPY\x04\x00"),
        "npy version 4.0 is unknown: expected 1.0, 2.0 or 3.0 (byte 6)"
    );
    let long = versioned(Version::V2, &[b' '; 300_000]);
    assert_eq!(
        error(&long[..20]),
        "npy header of 300000 bytes is over the limit of 262144 (byte 8)"
    );
    let options = ParseOptions::new().max_header_size(NUMPY_MAX_HEADER_SIZE);
    let long = versioned(Version::V2, &[b' '; 10_001]);
    assert!(
        matches!(options.parse(&long), Err(e) if matches!(e.kind(), ErrorKind::TooLong { .. }))
    );
    let three = versioned(Version::V3, b"{'descr': '\xe9'}");
    assert_eq!(error(&three), "npy header is not UTF-8 (byte 23)");
    let longs = b"{'descr': '<f8', 'fortran_order': False, 'shape': (2L,)}";
    assert!(error(&versioned(Version::V3, longs)).contains("bad 'shape'"));
    assert_eq!(shape(&versioned(Version::V2, longs)), [2]);
}

#[test]
fn offsets_count_bytes_of_the_file_whatever_the_encoding() {
    // One byte per character in version 1.0, two in 3.0; the type is unknown at file offset 10 + 19.
    let latin1 = versioned(Version::V1, b"{'descr': [('\xe9', '<q8')]}");
    let utf8 = versioned(Version::V3, "{'descr': [('é', '<q8')]}".as_bytes());
    assert!(error(&latin1).starts_with("npy header has a bad 'descr' (byte 20)"));
    assert!(error(&utf8).starts_with("npy header has a bad 'descr' (byte 22)"));
}
