//! Files of safetensors, against the reference implementation in Rust: what it refuses, npio refuses, and both write the
//! same bytes.

use npio::safetensors::{self as ours, SafeTensors};
use npio::{Array, Casting, DType};
use safetensors as theirs;
use std::collections::{HashMap, HashSet};

fn sample(texts: &[(&str, &str)]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let x = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3]).unwrap();
    let wide = x.astype(DType::BF16, Casting::Safe).unwrap();
    let empty = Array::from_slice::<f64>(&[], [0]).unwrap();
    let arrays = [("x", &x), ("wide", &wide), ("empty", &empty)];
    ours::save(&path, &arrays, texts).unwrap();
    std::fs::read(&path).unwrap()
}

#[test]
fn the_same_bytes_are_written() {
    let bytes = sample(&[("k", "v")]);
    let read = theirs::SafeTensors::deserialize(&bytes).unwrap();
    let texts = HashMap::from([("k".to_owned(), "v".to_owned())]);
    let again = theirs::serialize(read.tensors(), Some(texts.into_iter().collect())).unwrap();
    assert_eq!(
        again.escape_ascii().to_string(),
        bytes.escape_ascii().to_string()
    );
}

#[test]
fn changed_files_are_refused_as_there() {
    let whole = sample(&[("k", "v"), ("l", "w")]);
    let (mut compared, mut fine, mut repeated) = (0, 0, HashSet::new());
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let mut compare = |bytes: &[u8]| {
        compared += 1;
        let (ours, theirs) = (
            SafeTensors::new(bytes),
            theirs::SafeTensors::deserialize(bytes),
        );
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => {
                fine += 1;
                assert_eq!(ours.len(), theirs.len());
                for tensor in ours.tensors() {
                    let other = theirs.tensor(tensor.name()).unwrap();
                    assert_eq!(tensor.shape(), other.shape());
                    assert_eq!(tensor.dtype_name(), other.dtype().to_string());
                    let begin = tensor.data_offset() as usize;
                    assert_eq!(bytes[begin..][..tensor.nbytes() as usize], *other.data());
                }
            }
            (Err(_), Err(_)) => {}
            // A name that is used twice.
            (Err(error), Ok(_)) => {
                assert!(error.to_string().contains("is used twice"), "{error}");
                repeated.insert(bytes.to_vec());
            }
            (Ok(_), Err(error)) => panic!("{}: {error}", bytes.escape_ascii()),
        }
    };
    for length in 0..=whole.len() {
        compare(&whole[..length]);
    }
    for place in 0..8 + header {
        for value in 0..=u8::MAX {
            let mut changed = whole.clone();
            changed[place] = value;
            compare(&changed);
        }
        let mut shorter = whole.clone();
        shorter.remove(place);
        compare(&shorter);
    }
    assert!(fine > 100 && compared > 10_000, "{fine} of {compared}");
    assert!(!repeated.is_empty());
}
