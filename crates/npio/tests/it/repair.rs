//! Files whose header and data do not agree: the results of repairs, and files that stay unchanged.

use flatfile::npy::to_bytes;
use npio::header::Header;
use npio::{Array, DType, Layout, Order, RecoverFrom};
use std::fs;

fn array(items: &[f64]) -> Array {
    Array::from_slice(items, [items.len()]).unwrap()
}

/// The bytes that an array of one item would be saved as.
fn saved(item: f64) -> Vec<u8> {
    to_bytes(&array(&[item])).unwrap()
}

/// A header that cannot count one more digit.
fn without_room(header: &Header) -> Vec<u8> {
    let length = (0..).find(|length| header.encode_in(*length).is_ok());
    header.encode_in(length.unwrap()).unwrap()
}

/// Files that are truncated, or too long, at every byte: both repairs leave an array of whole rows.
#[test]
fn header_and_data_are_made_to_agree() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let whole = Array::from_slice(&[1u16, 2, 3, 4, 5, 6], [3, 2]).unwrap();
    for order in [Order::C, Order::Fortran] {
        let array = whole.to_order(order).unwrap();
        let bytes = to_bytes(&array).unwrap();
        let (part, axis) = match order {
            Order::C => (4, 0),
            Order::Fortran => (6, 1),
        };
        for length in 128..128 + 30 {
            let damaged: Vec<u8> = bytes.iter().copied().chain(1..).take(length).collect();
            for trust in [RecoverFrom::Header, RecoverFrom::Data] {
                fs::write(&path, &damaged).unwrap();
                let repaired = npio::repair(&path, trust);
                let found = fs::read(&path).unwrap();
                if trust == RecoverFrom::Header {
                    let is_there = length >= bytes.len();
                    assert_eq!(repaired.is_ok(), is_there);
                    assert_eq!(&found, if is_there { &bytes } else { &damaged });
                    continue;
                }
                repaired.unwrap();
                let found = npio::load(&path).unwrap();
                assert_eq!(found.shape().get(axis), Some(&((length - 128) / part)));
                assert_eq!(found.as_bytes().len(), (length - 128) / part * part);
                assert!(damaged.ends_with(found.as_bytes()) || (length - 128) % part > 0);
                let (_, rest) = damaged.split_at(128);
                assert!(rest.starts_with(found.as_bytes()));
            }
        }
    }
}

#[test]
fn what_cannot_be_repaired_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let item = to_bytes(&Array::from_slice(&[1.0], []).unwrap()).unwrap();
    let two = [saved(1.0), saved(2.0)].concat();
    for (bytes, what) in [
        (item, "the array has no axis, so no rows"),
        (two, "136 bytes follow the array"),
        (saved(1.0)[..100].to_vec(), "npy header is cut off"),
    ] {
        fs::write(&path, &bytes).unwrap();
        for trust in [RecoverFrom::Header, RecoverFrom::Data] {
            let error = npio::repair(&path, trust).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
            assert_eq!(fs::read(&path).unwrap(), bytes);
        }
    }
    // More rows than the header can count: a new file.
    let nine = Header::new(array(&[1.0; 9]).layout().clone());
    let ten = array(&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
    fs::write(&path, [&without_room(&nine), ten.as_bytes()].concat()).unwrap();
    npio::repair(&path, RecoverFrom::Data).unwrap();
    assert_eq!(fs::read(&path).unwrap(), to_bytes(&ten).unwrap());
}

/// Columns that are counted by the last axis, under a header that cannot count one more digit.
#[test]
fn what_is_in_fortran_order_is_repaired_without_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let columns = |count: usize| {
        let items: Vec<f64> = (0..2 * count).map(|i| i as f64).collect();
        let array = Array::from_slice(&items, [count, 2]).unwrap();
        let layout = Layout::new(DType::F64, [2, count], Order::Fortran).unwrap();
        (array.as_bytes().to_vec(), Header::new(layout))
    };
    let header = columns(9).1;
    let mut bytes = without_room(&header);
    bytes.extend(columns(11).0);
    fs::write(&path, bytes).unwrap();
    npio::repair(&path, RecoverFrom::Data).unwrap();
    let (items, header) = columns(11);
    let whole = [header.encode().unwrap(), items].concat();
    assert_eq!(fs::read(&path).unwrap(), whole);
}
