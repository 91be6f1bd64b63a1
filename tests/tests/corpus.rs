//! Files that other people's programs wrote, with NumPy's answers. They are not part of the project.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use conformance::{corpus, sha256};
use npio::dtype::Order;
use npio::flatfile::npy;
use npio::header::{ErrorKind, Header, Parse};
use serde_json::Value;
use std::fs;

/// What NumPy makes of one array, against what we make of the bytes from there on; where it ends.
fn compare(name: &str, expected: &Value, bytes: &[u8]) -> usize {
    let Ok(Parse::Done {
        header,
        data_offset,
    }) = Header::parse(bytes)
    else {
        panic!("{name}: {:?}", Header::parse(bytes));
    };
    let layout = header.layout();
    let shape: Vec<usize> = serde_json::from_value(expected["shape"].clone()).unwrap();
    assert_eq!(layout.shape(), shape, "{name}");
    assert_eq!(
        layout.order() == Order::Fortran,
        expected["fortran_order"],
        "{name}"
    );
    assert_eq!(data_offset, expected["data_offset"], "{name}");
    assert_eq!(layout.nbytes(), expected["nbytes"], "{name}");
    assert_eq!(layout.dtype().itemsize(), expected["itemsize"], "{name}");
    if let Some(descr) = expected["descr"].as_str() {
        assert_eq!(layout.dtype().to_string(), descr, "{name}");
    }
    let version = header.version().to_bytes();
    assert_eq!(serde_json::json!(version), expected["version"], "{name}");
    let (array, length) = npy::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let items = array.to_order(Order::C).unwrap();
    assert_eq!(sha256(items.as_bytes()), expected["sha256_c"], "{name}");
    length
}

#[test]
fn every_npy_reads_as_in_numpy() {
    let Some(folder) = corpus() else { return };
    let manifest = fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let mut read = 0;
    for file in manifest["files"].as_array().unwrap() {
        if file["kind"] != "npy" {
            continue;
        }
        let name = file["file"].as_str().unwrap();
        let bytes = fs::read(folder.join("files").join(name)).unwrap();
        let mut rest = bytes.as_slice();
        for array in file["arrays"].as_array().unwrap() {
            match array["error"]["message"].as_str() {
                None => {
                    let length = compare(name, array, rest);
                    rest = &rest[length..];
                    read += 1;
                }
                // NumPy's limit is not ours; what is behind it may be fine or not.
                Some(error) if error.contains("may not be safe") => {
                    if let Err(error) = Header::parse(rest) {
                        assert!(!matches!(error.kind(), ErrorKind::TooLong { .. }), "{name}");
                    }
                    break;
                }
                Some(error) => {
                    assert!(npy::parse(rest).is_err(), "{name}: NumPy says {error}");
                    break;
                }
            }
        }
    }
    assert!(read > 100, "{read} arrays");
    eprintln!("{read} arrays read as in NumPy");
}
