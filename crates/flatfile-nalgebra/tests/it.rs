//! Matrices share memory with arrays, and arrays that cannot be viewed are an error.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use flatfile::dtype::{ByteOrder, Order};
use flatfile::{Array, npy};
use flatfile_nalgebra::{
    flatfile, into_array, into_matrix, nalgebra, strided, to_array, to_matrix, view, view_mut,
};
use nalgebra::DMatrix;
use proptest::prelude::*;

fn counted(rows: usize, columns: usize, order: Order) -> Array {
    let items: Vec<i32> = (0..(rows * columns) as i32).collect();
    let array = Array::from_vec(items, [rows, columns]).unwrap();
    array.to_order(order).unwrap()
}

#[test]
fn views_share_memory() {
    for (order, strides) in [(Order::C, (3, 1)), (Order::Fortran, (1, 2))] {
        let mut array = counted(2, 3, order);
        let at = array.as_bytes().as_ptr();
        let x = view::<i32>(&array).unwrap();
        assert_eq!((x.as_ptr().cast(), x.strides()), (at, strides));
        assert_eq!(x, DMatrix::from_row_slice(2, 3, &[0, 1, 2, 3, 4, 5]));
        view_mut::<i32>(&mut array).unwrap().column_mut(1).fill(-1);
        assert_eq!(array.to_vec::<i32>().unwrap(), [0, -1, 2, 3, -1, 5]);
    }
    let array = counted(4, 6, Order::C);
    let part = array
        .strided()
        .slice(&"1::2, 1::3".parse().unwrap())
        .unwrap();
    let x = view::<i32>(part).unwrap();
    assert_eq!(x.strides(), (12, 3));
    assert_eq!(x.as_ptr(), array.as_slice::<i32>().unwrap()[7..].as_ptr());
    assert_eq!(x, DMatrix::from_row_slice(2, 2, &[7, 10, 19, 22]));
}

#[test]
fn matrices_hand_their_memory_over() {
    let array = counted(2, 3, Order::Fortran);
    let at = array.as_bytes().as_ptr();
    let x: DMatrix<i32> = into_matrix(array).unwrap();
    assert_eq!(x.as_ptr().cast(), at);
    assert_eq!(
        strided(&x)
            .unwrap()
            .as_contiguous(Order::Fortran)
            .unwrap()
            .as_ptr(),
        at
    );
    let file = npy::to_bytes(strided(&x).unwrap()).unwrap();
    assert_eq!(file, npy::to_bytes(&counted(2, 3, Order::Fortran)).unwrap());
    let array = into_array(x).unwrap();
    assert_eq!(
        (array.as_bytes().as_ptr(), array.to_string()),
        (at, "[[0 1 2]\n [3 4 5]]".into())
    );
    let turned: DMatrix<i32> = into_matrix(counted(2, 3, Order::C)).unwrap();
    assert_eq!(turned, view::<i32>(&array).unwrap());
    let mut big = counted(2, 3, Order::C);
    big.set_byte_order(ByteOrder::Big);
    assert_eq!(into_matrix::<i32>(big).unwrap(), turned);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let array = counted(2, 3, Order::C);
    let row = array.strided().index_axis(0, 0).unwrap();
    assert_eq!(
        view::<i32>(row).unwrap_err().to_string(),
        "the array has another number of axes: expected 2, found 1"
    );
    let reversed = array.strided().slice(&"::-1".parse().unwrap()).unwrap();
    assert_eq!(
        view::<i32>(reversed.clone()).unwrap_err().to_string(),
        "no view without a copy: nalgebra has neither negative strides nor strides of 0"
    );
    assert_eq!(
        to_matrix::<i32>(reversed).unwrap().as_slice(),
        [3, 0, 4, 1, 5, 2]
    );
    assert!(view::<f32>(&array).is_err());
}

#[test]
fn no_items_at_all() {
    for (rows, columns) in [(3, 0), (0, 3), (0, 0)] {
        for order in [Order::C, Order::Fortran] {
            let mut array = counted(rows, columns, order);
            assert_eq!(view::<i32>(&array).unwrap().shape(), (rows, columns));
            assert_eq!(
                view_mut::<i32>(&mut array).unwrap().shape(),
                (rows, columns)
            );
            assert_eq!(into_matrix::<i32>(array).unwrap().shape(), (rows, columns));
        }
    }
}

proptest! {
    #[test]
    fn round_trips(rows in 0usize..5, columns in 0usize..5, down in 1usize..4, across in 1usize..4, is_c: bool) {
        let order = if is_c { Order::C } else { Order::Fortran };
        let mut array = counted(rows, columns, order);
        prop_assert_eq!(view_mut::<i32>(&mut array).unwrap().shape(), (rows, columns));
        let slice = format!("::{down}, ::{across}").parse().unwrap();
        let part = array.strided().slice(&slice).unwrap();
        let x = view::<i32>(part.clone()).unwrap();
        let expected = part.to_array(Order::C).unwrap().to_vec::<i32>().unwrap();
        prop_assert_eq!(to_array(&x).unwrap().to_vec::<i32>().unwrap(), expected.clone());
        let copy = to_matrix::<i32>(part).unwrap();
        prop_assert_eq!(&copy, &x);
        prop_assert_eq!(into_array(copy).unwrap().to_vec::<i32>().unwrap(), expected);
    }
}
