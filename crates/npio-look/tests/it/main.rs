//! Tests of the library, in one program.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod sampling;
mod values;

use npio::{Array, DType, Layout, OpenArray, Opened, Order, SaveOptions};
use npio_look::Values;
use std::path::Path;

/// The array in a file.
fn open(path: &Path) -> OpenArray<'static> {
    match npio::open(path).unwrap() {
        Opened::Array(array) => array,
        other => panic!("{other:?}"),
    }
}

/// Calls `look` with these items in a file: in C order, in Fortran order, and in one that can only be read forward.
fn in_each_file(array: &Array, look: impl Fn(&OpenArray<'_>)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for order in [Order::C, Order::Fortran] {
        npio::save(&path, array.to_order(order).unwrap()).unwrap();
        let open = open(&path);
        assert!(open.has_random_access());
        look(&open);
    }
    for order in [Order::C, Order::Fortran] {
        let path = folder.path().join("x.npy.gz");
        SaveOptions::new()
            .save(&path, array.to_order(order).unwrap())
            .unwrap();
        let open = open(&path);
        assert!(!open.has_random_access());
        look(&open);
    }
}

/// The numbers from 0 on in this shape.
fn count(dtype: DType, shape: &[usize]) -> Array {
    let items: Vec<f64> = (0..shape.iter().product::<usize>())
        .map(|i| i as f64)
        .collect();
    let array = Array::from_vec(items, shape).unwrap();
    array.astype(dtype, npio::Casting::Unsafe).unwrap()
}

/// An open array of these bytes.
fn raw(dtype: &str, shape: &[usize], bytes: Vec<u8>) -> OpenArray<'static> {
    let layout = Layout::new(dtype.parse().unwrap(), shape, Order::C).unwrap();
    npio::Reader::raw(bytes, layout, 0).in_file("x")
}

/// All numbers of a slice.
fn numbers(array: &OpenArray<'_>, slice: &str) -> Vec<f64> {
    let values = Values::new(array, &slice.parse().unwrap()).unwrap();
    values.read(&[]).unwrap()
}
