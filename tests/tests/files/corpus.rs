//! Files that other programs wrote, with NumPy's answers. They are not part of the project.

use conformance::archives::{Content, contents, streamed};
use conformance::{corpus, sha256};
use npio::dtype::Order;
use npio::flatfile::npy;
use npio::header::{ErrorKind, Header, Parse};
use npz::Archive;
use serde_json::Value;
use std::fs;

/// Compares NumPy's result for one array with ours for the bytes from there on; returns where it ends.
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
                // NumPy's limit is not ours; the data beyond it may be valid or not.
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

#[test]
fn every_npz_reads_as_in_numpy() {
    let Some(folder) = corpus() else { return };
    let manifest = fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let (mut archives, mut read, mut refused) = (0, 0, Vec::new());
    for file in manifest["files"].as_array().unwrap() {
        if file["kind"] != "npz" {
            continue;
        }
        let name = file["file"].as_str().unwrap();
        let bytes = fs::read(folder.join("files").join(name)).unwrap();
        let archive = match Archive::new(&bytes) {
            Ok(archive) => archive,
            Err(error) => {
                refused.push(format!("{name}: {error}"));
                continue;
            }
        };
        archives += 1;
        let expected = file["arrays"].as_array().unwrap();
        assert_eq!(archive.len(), expected.len(), "{name}");
        for (member, expected) in archive.members().zip(expected) {
            let what = format!("{name}: {}", member.file_name());
            assert_eq!(expected["member"], member.file_name(), "{what}");
            assert_eq!(expected["size"], member.size(), "{what}");
            assert_eq!(expected["compressed"], member.compressed_size(), "{what}");
            match Content::of(&member) {
                Ok(Content::Array(_)) => {
                    compare(&what, expected, &member.bytes().unwrap());
                    read += 1;
                }
                Ok(Content::Bytes(_)) => {
                    assert_ne!(expected["what"], "npy", "{what}");
                    read += 1;
                }
                Err(error) if is_object(&error) => {
                    let message = expected["error"]["message"].as_str().unwrap_or_default();
                    assert!(message.contains("Object"), "{what}: {message}");
                    // The whole pickle is there.
                    member.verify().unwrap();
                }
                Err(error) => refused.push(format!("{what}: {error}")),
            }
        }
        for key in file["load"]["keys"].as_array().into_iter().flatten() {
            let name = key["key"].as_str().unwrap();
            let last = archive.get_last(name).unwrap();
            if let (Some(expected), Ok(content)) = (key["sha256_c"].as_str(), Content::of(&last)) {
                assert_eq!(content.sha256(), expected, "{name}");
            }
            match archive.get(name) {
                Ok(member) => assert_eq!(member.index(), last.index()),
                Err(error) => {
                    assert!(
                        matches!(error.kind(), npz::ErrorKind::Duplicate { .. }),
                        "{error}"
                    );
                    assert!(archive.names().filter(|other| *other == name).count() > 1);
                }
            }
        }
        // Also in one pass, if nothing was refused.
        if let Ok(whole) = contents(&archive) {
            match streamed(&bytes[..]) {
                Ok(streamed) => assert!(streamed == whole, "{name}"),
                Err(error) => refused.push(format!("{name}, from a stream: {error}")),
            }
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    eprintln!("{read} members of {archives} archives read as in NumPy");
}

fn is_object(error: &npz::Error) -> bool {
    matches!(error.kind(), npz::ErrorKind::Array(error) if matches!(
        error.kind(),
        flatfile::ErrorKind::Object
    ))
}
