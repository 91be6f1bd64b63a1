//! Views share memory, copies lose nothing, and arrays that cannot be viewed are an error.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use flatfile::dtype::{ByteOrder, DType, Layout, Order};
use flatfile::{Array, ArrayView, Slice, Strided};
use flatfile_ndarray::{
    cow_strided, flatfile, into_array, into_ndarray, ndarray, strided, to_ndarray, view, view_mut,
};
use ndarray::{ArrayD, ArrayView1, ArrayView2, ArrayViewD, Axis, Ix1, Ix2, IxDyn, ShapeBuilder, s};
use proptest::prelude::*;

fn counted(shape: &[usize], order: Order) -> Array {
    let count: usize = shape.iter().product();
    let items: Vec<i32> = (0..count as i32).collect();
    let array = Array::from_vec(items, shape).unwrap();
    array.to_order(order).unwrap()
}

fn text(error: impl ToString) -> String {
    error.to_string()
}

#[test]
fn views_share_memory_in_c_and_fortran_order() {
    for (order, strides) in [(Order::C, [3, 1]), (Order::Fortran, [1, 2])] {
        let array = counted(&[2, 3], order);
        let x: ArrayView2<i32> = view(&array).unwrap();
        assert_eq!(x.as_ptr().cast(), array.as_bytes().as_ptr());
        assert_eq!(x.strides(), strides);
        assert_eq!(x, ndarray::array![[0, 1, 2], [3, 4, 5]]);
        let back = strided(&x).unwrap();
        assert_eq!(
            back.as_contiguous(order).unwrap().as_ptr(),
            array.as_bytes().as_ptr()
        );
    }
}

#[test]
fn views_of_slices_share_memory() {
    let array = counted(&[4, 6], Order::C);
    let at = array.as_slice::<i32>().unwrap().as_ptr();
    for (slice, first, strides) in [
        ("1:3, ::2", 6, [6, 2]),
        ("::-1, 1:4", 19, [-6, 1]),
        ("::2, ::-3", 5, [12, -3]),
        ("::-2, ::-1", 23, [-12, -1]),
    ] {
        let part = array.strided().slice(&slice.parse().unwrap()).unwrap();
        let x: ArrayView2<i32> = view(part.clone()).unwrap();
        assert_eq!(x.as_ptr(), at.wrapping_add(first), "{slice}");
        assert_eq!(x.strides(), strides, "{slice}");
        let items: Vec<i32> = x.iter().copied().collect();
        assert_eq!(
            items,
            part.to_array(Order::C).unwrap().to_vec::<i32>().unwrap()
        );
    }
}

#[test]
fn ndarray_views_without_gaps_share_memory() {
    let x = ndarray::Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i * 12 + j * 4 + k) as i32);
    let mut turned = x.view().permuted_axes([2, 0, 1]);
    turned.invert_axis(Axis(1));
    let back = strided(&turned).unwrap();
    assert_eq!(back.strides(), [4, -48, 16]);
    assert_eq!(
        back.item(&[0, 0, 0]).unwrap().as_ptr(),
        turned.as_ptr().cast()
    );
    assert_eq!(
        back.item(&[3, 1, 2]).unwrap().as_ptr(),
        (&raw const turned[[3, 1, 2]]).cast()
    );
    let row = ndarray::array![1u8, 2, 3];
    let wide = row.broadcast((1000, 3)).unwrap();
    let back = strided(&wide).unwrap();
    assert_eq!(
        (back.strides(), back.shape()),
        (&[0, 1][..], &[1000, 3][..])
    );
    assert_eq!(back.item(&[999, 2]).unwrap(), [3]);
    assert!(cow_strided(&wide).unwrap().is_borrowed());
}

#[test]
fn gaps_are_copied_or_an_error() {
    let x = ndarray::array![[1i64, 2, 3], [4, 5, 6]];
    let part = x.slice(s![.., ..;2]);
    assert_eq!(
        text(strided(&part).unwrap_err()),
        "no view without a copy: there are gaps between the items of the ndarray view"
    );
    let copy = cow_strided(&part).unwrap();
    assert!(!copy.is_borrowed());
    let copy = Strided::from(&copy).to_array(Order::C).unwrap();
    assert_eq!(copy.as_slice::<i64>().unwrap(), [1, 3, 4, 6]);
}

#[test]
fn owned_arrays_hand_their_memory_over() {
    for order in [Order::C, Order::Fortran] {
        let array = counted(&[2, 3], order);
        let at = array.as_bytes().as_ptr();
        let x: ndarray::Array2<i32> = into_ndarray(array).unwrap();
        assert_eq!(x.as_ptr().cast(), at);
        assert_eq!(x, ndarray::array![[0, 1, 2], [3, 4, 5]]);
        let array = into_array(x).unwrap();
        assert_eq!(array.as_bytes().as_ptr(), at);
        assert_eq!(array.layout().order(), order);
    }
    let mut big = counted(&[2, 2], Order::Fortran);
    big.set_byte_order(ByteOrder::Big);
    assert!(view::<i32, Ix2>(&big).is_err());
    let at = big.as_bytes().as_ptr();
    let copy: ndarray::Array2<i32> = to_ndarray(&big).unwrap();
    let x: ndarray::Array2<i32> = into_ndarray(big).unwrap();
    assert_eq!(x.as_ptr().cast(), at);
    assert_eq!(x, ndarray::array![[0, 1], [2, 3]]);
    assert_eq!((&copy, copy.strides()), (&x, &[1, 2][..]));
    // A part that was sliced away, and axes in another order.
    let x = ndarray::Array1::from_iter(0..10u8).slice_move(s![2..5]);
    assert_eq!(into_array(x).unwrap().to_vec::<u8>().unwrap(), [2, 3, 4]);
    let x = ndarray::Array1::from_iter(0..10u8).slice_move(s![..;-3]);
    assert_eq!(into_array(x).unwrap().to_vec::<u8>().unwrap(), [9, 6, 3, 0]);
    let x = ndarray::array![[[1, 2]], [[3, 4]]].permuted_axes([1, 0, 2]);
    assert_eq!(
        into_array(x).unwrap().to_vec::<i32>().unwrap(),
        [1, 2, 3, 4]
    );
}

#[test]
fn mapped_views_write_to_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for order in [Order::C, Order::Fortran] {
        let bytes = flatfile::npy::to_bytes(&counted(&[2, 3], order)).unwrap();
        std::fs::write(&path, bytes).unwrap();
        change(&path);
        let after = flatfile::npy::read(&std::fs::read(&path).unwrap()[..]).unwrap();
        assert_eq!(after.to_vec::<i32>().unwrap(), [0, -1, 2, 3, -1, 5]);
    }
}

#[expect(unsafe_code, reason = "a mapping of the test's own file")]
fn change(path: &std::path::Path) {
    // SAFETY: no one else knows the file.
    let mut array = unsafe { flatfile::map::OpenMemmapOptions::new().map_mut(path) }.unwrap();
    let at = array.as_bytes().as_ptr();
    let mut x = view_mut::<i32, Ix2>(&mut array).unwrap();
    assert_eq!(x.as_ptr().cast(), at);
    x.column_mut(1).fill(-1);
    let x = view::<i32, Ix2>(&array).unwrap();
    assert_eq!(x.as_ptr().cast(), at);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let array = counted(&[2, 3], Order::C);
    let axes = "the array has another number of axes: expected 1, found 2";
    assert_eq!(text(view::<i32, Ix1>(&array).unwrap_err()), axes);
    assert_eq!(text(to_ndarray::<i32, Ix1>(&array).unwrap_err()), axes);
    assert_eq!(
        text(into_ndarray::<i32, Ix1>(array.clone()).unwrap_err()),
        axes
    );
    assert_eq!(
        text(view_mut::<i32, Ix1>(&mut array.clone()).unwrap_err()),
        axes
    );
    let (expected, found) = (DType::F64, DType::I32);
    let other = format!("the items are of another type: expected '{expected}', found '{found}'");
    assert_eq!(text(view::<f64, Ix2>(&array).unwrap_err()), other);
    assert_eq!(
        text(into_ndarray::<f64, Ix2>(array.clone()).unwrap_err()),
        other
    );
    assert!(view::<[i32; 3], Ix1>(&array).is_err());
    assert!(into_ndarray::<[i32; 3], Ix2>(array).is_err());
    let bools = Layout::new(DType::Bool, [3], Order::C).unwrap();
    let bools = ArrayView::new(bools, &[1, 2, 0][..]).unwrap();
    assert!(text(view::<bool, Ix1>(bools.clone()).unwrap_err()).starts_with("item 1 of this"));
    let halves = bools.strided().slice(&"::2".parse().unwrap()).unwrap();
    assert_eq!(
        text(view::<bool, Ix1>(halves.clone()).unwrap_err()),
        "no view without a copy: the bytes between the items are not valid values"
    );
    assert_eq!(
        to_ndarray::<bool, Ix1>(halves).unwrap().to_vec(),
        [true, false]
    );
}

#[test]
fn fields_are_viewed_where_steps_are_whole() {
    let even = "[('a', '<i4'), ('b', '<i4')]".parse().unwrap();
    let layout = Layout::new(even, [2], Order::C).unwrap();
    let words = [1i32, 2, 3, 4];
    let array = ArrayView::new(layout, flatfile::bytemuck::cast_slice(&words)).unwrap();
    let b: ArrayView1<i32> = view(array.strided().field("b").unwrap()).unwrap();
    assert_eq!((b.as_ptr(), b.to_vec()), (&raw const words[1], vec![2, 4]));
    let odd = "[('a', '<i4'), ('b', '|u1')]".parse().unwrap();
    let array = Array::new(
        Layout::new(odd, [2], Order::C).unwrap(),
        flatfile::Buffer::zeroed(10, 4).unwrap(),
    );
    let array = array.unwrap();
    let a = array.strided().field("a").unwrap();
    assert_eq!(
        text(view::<i32, Ix1>(a.clone()).unwrap_err()),
        "no view without a copy: the step from item to item is not a whole number of items"
    );
    assert_eq!(to_ndarray::<i32, Ix1>(a).unwrap().to_vec(), [0, 0]);
}

#[test]
fn empty_arrays_and_scalars() {
    for shape in [&[0][..], &[3, 0], &[0, 3, 2], &[]] {
        for order in [Order::C, Order::Fortran] {
            let mut array = counted(shape, order);
            assert_eq!(view::<i32, IxDyn>(&array).unwrap().shape(), shape);
            assert_eq!(view_mut::<i32, IxDyn>(&mut array).unwrap().shape(), shape);
            let x: ArrayD<i32> = into_ndarray(array).unwrap();
            assert_eq!(x.shape(), shape);
            assert_eq!(strided(&x).unwrap().shape(), shape);
            assert_eq!(into_array(x).unwrap().shape(), shape);
        }
    }
}

/// A shape, and for each axis a start, a stop and a step.
fn cut() -> impl Strategy<Value = (Vec<usize>, Vec<(isize, isize, isize)>)> {
    let step = prop_oneof![-3isize..=-1, 1isize..=3];
    prop::collection::vec((1usize..5, (-5isize..6, -5isize..6, step)), 0..5)
        .prop_map(|axes| axes.into_iter().unzip())
}

proptest! {
    #[test]
    fn views_equal_item_by_item((shape, cuts) in cut(), is_fortran: bool) {
        let order = if is_fortran { Order::Fortran } else { Order::C };
        let array = counted(&shape, order);
        let slice: Vec<String> = cuts.iter().map(|(a, b, step)| format!("{a}:{b}:{step}")).collect();
        let slice: Slice = if slice.is_empty() {
"...".parse().unwrap()
} else {
slice.join(",").parse().unwrap()
};
        let part = array.strided().slice(&slice).unwrap();
        let expected = part.to_array(Order::C).unwrap().to_vec::<i32>().unwrap();
        let x: ArrayViewD<i32> = view(part.clone()).unwrap();
        prop_assert_eq!(x.shape(), part.shape());
        for (index, item) in x.indexed_iter() {
            let bytes = part.item(ndarray::Dimension::slice(&index)).unwrap();
            prop_assert_eq!(item.to_ne_bytes(), bytes);
            prop_assert_eq!((&raw const *item).cast(), bytes.as_ptr());
        }
        // And back: in place or not, the same items.
        let back = cow_strided(&x).unwrap();
        let back = back.strided().to_array(Order::C).unwrap();
        prop_assert_eq!(back.shape(), part.shape());
        prop_assert_eq!(back.to_vec::<i32>().unwrap(), expected.clone());
        let copy: ArrayD<i32> = to_ndarray(part).unwrap();
        prop_assert_eq!(&copy, &x);
        prop_assert_eq!(into_array(copy).unwrap().to_vec::<i32>().unwrap(), expected);
    }

    #[test]
    fn sources_of_any_view_equal_it((shape, cuts) in cut(), is_fortran: bool, turn: bool) {
        let count: usize = shape.iter().product();
        let items = (0..count as i32).collect();
        let mut x = ArrayD::from_shape_vec(IxDyn(&shape).set_f(is_fortran), items).unwrap().into_dyn();
        for (axis, (_, _, step)) in cuts.iter().enumerate() {
            x.slice_axis_inplace(Axis(axis), ndarray::Slice::new(0, None, *step));
        }
        let x = if turn { x.reversed_axes() } else { x };
        let expected: Vec<i32> = x.iter().copied().collect();
        let from = cow_strided(&x).unwrap();
        let from = from.strided();
        prop_assert_eq!(from.shape(), x.shape());
        prop_assert_eq!(from.to_array(Order::C).unwrap().to_vec::<i32>().unwrap(), expected.clone());
        prop_assert_eq!(into_array(x.clone()).unwrap().to_vec::<i32>().unwrap(), expected);
    }
}
