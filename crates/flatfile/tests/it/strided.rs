//! Strided views: copies have the items that indexing returns.

use dtype::{DType, Layout, Order};
use flatfile::Strided;
use proptest::prelude::*;

/// The items of `view` in C order, one by one.
fn slowly(view: &Strided<'_>) -> Vec<u8> {
    view.items().flatten().copied().collect()
}

proptest! {
    #[test]
    fn any_view_copies_as_it_indexes(
        shape in prop::collection::vec(0..40usize, 0..4),
        itemsize in 1..20u32,
        fortran: bool,
        to_fortran: bool,
        cut in prop::collection::vec((0..40usize, 0..40usize, any::<bool>()), 0..4),
    ) {
        let order = |fortran| if fortran { Order::Fortran } else { Order::C };
        let layout = Layout::new(DType::Void(itemsize), shape, order(fortran)).unwrap();
        let bytes: Vec<u8> = (0..layout.nbytes()).map(|i| (i % 251) as u8).collect();
        let mut view = Strided::contiguous(&layout, &bytes).unwrap();
        for (axis, (a, b, flip)) in cut.into_iter().enumerate().take(view.ndim()) {
            let length = view.shape().get(axis).copied().unwrap();
            view = view.narrow(axis, a.min(b).min(length)..a.max(b).min(length)).unwrap();
            if flip {
                view = view.transposed();
            }
        }
        let mut out = vec![0; view.layout(Order::C).unwrap().nbytes()];
        view.copy_to(order(to_fortran), &mut out).unwrap();
        let expected = if to_fortran { slowly(&view.transposed()) } else { slowly(&view) };
        prop_assert_eq!(out, expected);
    }
}

#[test]
fn reversed_and_broadcast_views() {
    let bytes = [1u8, 2, 3, 4, 5, 6];
    let reversed = Strided::new(DType::U8, [2, 3], [-3, -1], &bytes, 5).unwrap();
    let mut out = [0; 6];
    reversed.copy_to(Order::C, &mut out).unwrap();
    assert_eq!(out, [6, 5, 4, 3, 2, 1]);
    reversed.copy_to(Order::Fortran, &mut out).unwrap();
    assert_eq!(out, [6, 3, 5, 2, 4, 1]);
    let broadcast = Strided::new(DType::U8, [2, 3], [0, 1], &bytes, 3).unwrap();
    broadcast.copy_to(Order::C, &mut out).unwrap();
    assert_eq!(out, [4, 5, 6, 4, 5, 6]);
}

#[test]
fn strides_outside_the_bytes_are_refused() {
    let bytes = [0u8; 6];
    for (strides, first) in [([3, 1], 1), ([-3, 1], 2), ([isize::MAX, 1], 0), ([3, 2], 0)] {
        assert!(Strided::new(DType::U8, [2, 3], strides, &bytes, first).is_err());
    }
    assert!(Strided::new(DType::U8, [2, 3], [1], &bytes, 0).is_err());
    assert!(Strided::new(DType::U8, [0, 3], [9, 9], &bytes, 99).is_ok());
    // Too large to be added up.
    let (long, far) = ([usize::MAX; 3], [isize::MIN; 3]);
    assert!(Strided::new(DType::U8, long, far, &bytes, 0).is_err());
    let none = [usize::MAX, usize::MAX, 0];
    assert!(Strided::new(DType::U8, none, far, &bytes, 0).is_ok());
}

#[test]
fn fields_are_columns() {
    let dtype: DType = "[('a', '|u1'), ('b', '|u1', (2,))]".parse().unwrap();
    let layout = Layout::new(dtype, [2], Order::C).unwrap();
    let view = Strided::contiguous(&layout, &[1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(slowly(&view.field("a").unwrap()), [1, 4]);
    let b = view.field("b").unwrap();
    assert_eq!((b.shape(), slowly(&b)), (&[2, 2][..], vec![2, 3, 5, 6]));
    let text = |error: flatfile::Error| error.to_string();
    assert_eq!(
        text(view.field("c").unwrap_err()),
        "field 'c': no such field among ['a', 'b']"
    );
    assert_eq!(
        text(b.field("a").unwrap_err()),
        "field 'a': the items are not records"
    );
}
