//! Arrays: views in place, copies, conversions, and the errors of each.

use dtype::{ByteOrder, Bytes, DType, Datetime64, Layout, Nanoseconds, Order, Str};
use flatfile::{Array, ArrayView, ErrorKind};

fn layout(dtype: &str, shape: &[usize], order: Order) -> Layout {
    Layout::new(dtype.parse().unwrap(), shape, order).unwrap()
}

#[test]
fn items_come_back_in_c_order_and_native_bytes() {
    let big: Vec<u8> = (1..=6i32).flat_map(i32::to_be_bytes).collect();
    let array = Array::new(layout(">i4", &[2, 3], Order::Fortran), big).unwrap();
    assert_eq!(array.to_vec::<i32>().unwrap(), [1, 3, 5, 2, 4, 6]);
    let owned = array.to_order(Order::C).unwrap();
    assert_eq!(owned.dtype().to_string(), ">i4");
    assert_eq!(owned.into_vec::<i32>().unwrap(), [1, 3, 5, 2, 4, 6]);
    // They can be viewed in place only on a machine with their byte order.
    let is_native = cfg!(target_endian = "big");
    let error = array.as_slice::<i32>().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::FortranOrder(_)),
        "{error}"
    );
    match array.as_slice_memory_order::<i32>() {
        Ok(items) => assert!(is_native && *items == [1, 2, 3, 4, 5, 6]),
        Err(error) => assert!(!is_native && matches!(error.kind(), ErrorKind::Mismatch { .. })),
    }
}

#[test]
fn a_vector_is_the_arrays_own_memory() {
    let array = Array::from_slice(&[1.0f64, 2.0, 3.0], [3]).unwrap();
    let place = array.as_bytes().as_ptr().addr();
    let items = array.into_vec::<f64>().unwrap();
    assert_eq!((items.as_ptr().addr(), items.capacity()), (place, 3));

    let array = Array::from_slice(&[true, false, true], [3]).unwrap();
    let place = array.as_bytes().as_ptr().addr();
    let items = array.into_vec::<bool>().unwrap();
    assert_eq!(
        (items.as_ptr().addr(), items),
        (place, vec![true, false, true])
    );

    // [f64; 3] has the alignment of f64, and three times its size.
    let file =
        flatfile::npy::to_bytes(&Array::from_slice(&[[1.0f64; 3]; 4], [4]).unwrap()).unwrap();
    let array = flatfile::npy::read(&file[..]).unwrap();
    assert_eq!(array.shape(), [4, 3]);
}

#[test]
fn text_and_times() {
    let words = [Str::<3>::new("né").unwrap(), Str::new("").unwrap()];
    let array = Array::from_slice(&words, [2]).unwrap();
    assert_eq!(
        array.dtype().to_string(),
        DType::Str(3, ByteOrder::NATIVE).to_string()
    );
    assert_eq!(array.as_slice::<Str<3>>().unwrap(), words);

    let bytes = [Bytes::<2>::new(b"ab").unwrap()];
    let array = Array::from_slice(&bytes, []).unwrap();
    assert_eq!(array.to_vec::<Bytes<2>>().unwrap(), bytes);

    let times = [Datetime64::<Nanoseconds>::new(5), Datetime64::new(i64::MIN)];
    let array = Array::from_slice(&times, [2]).unwrap();
    assert_eq!(array.as_slice::<Datetime64<Nanoseconds>>().unwrap(), times);
    assert_eq!(times.map(Datetime64::get), [Some(5), None]);
    assert!(array.as_slice::<i64>().is_err());
}

#[test]
fn items_without_bytes() {
    let array = Array::new(layout("|S0", &[3], Order::C), Vec::<u8>::new()).unwrap();
    assert_eq!(array.to_vec::<Bytes<0>>().unwrap().len(), 3);
    let empty = Array::new(layout("f8", &[0, 3], Order::C), Vec::<u8>::new()).unwrap();
    assert_eq!(empty.as_slice::<f64>().unwrap(), []);
    assert_eq!(empty.to_vec::<f64>().unwrap(), []);
}

#[test]
fn a_bool_of_two_is_named() {
    let array = Array::new(layout("|b1", &[4], Order::C), vec![1u8, 0, 2, 3]).unwrap();
    let message = "item 2 of this array of '|b1' holds no such value";
    assert_eq!(array.as_slice::<bool>().unwrap_err().to_string(), message);
    assert_eq!(array.to_vec::<bool>().unwrap_err().to_string(), message);
    // As bytes it is fine.
    assert_eq!(
        array
            .with_dtype(DType::U8)
            .unwrap()
            .as_slice::<u8>()
            .unwrap(),
        [1, 0, 2, 3]
    );
}

#[test]
fn unaligned_bytes_are_copied_or_refused() {
    let words = [0u64; 3];
    let bytes: &[u8] = bytemuck::cast_slice(&words);
    let view = Array::new(layout("<f8", &[2], Order::C), &bytes[1..17]).unwrap();
    if cfg!(target_endian = "little") {
        assert_eq!(
            view.as_slice::<f64>().unwrap_err().to_string(),
            format!(
                "the data is not aligned to {} bytes: copy it instead",
                align_of::<f64>()
            )
        );
    }
    assert_eq!(view.to_vec::<f64>().unwrap(), [0.0, 0.0]);
}

#[test]
fn changing_items_in_place() {
    let mut array = Array::from_slice(&[1i16, 2, 3], [3]).unwrap();
    array.as_mut_slice::<i16>().unwrap()[1] = 20;
    assert_eq!(array.to_vec::<i16>().unwrap(), [1, 20, 3]);
    assert!(array.as_mut_slice::<u16>().is_err());
    array.set_byte_order(ByteOrder::Big);
    array.set_byte_order(ByteOrder::Little);
    assert_eq!(array.as_bytes(), [1, 0, 20, 0, 3, 0]);
}

#[test]
fn wrong_lengths_and_types() {
    let short = Array::new(layout("<i4", &[3], Order::C), vec![0u8; 11]).unwrap_err();
    assert_eq!(
        short.to_string(),
        "the data is too short: expected 12 bytes, found 11"
    );
    assert!(Array::new(layout("|O", &[3], Order::C), vec![0u8; 24]).is_err());
    assert!(ArrayView::over(&[1.0, 2.0], [3]).is_err());
    let array = Array::from_slice(&[1.0f64], [1]).unwrap();
    assert!(array.with_dtype(DType::F32).is_err());
}

/// A type whose dtype has another size must not be viewed.
#[test]
fn a_wrong_element_is_refused() {
    #[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
    #[repr(transparent)]
    struct Liar(u16);
    impl dtype::Element for Liar {
        fn dtype() -> DType {
            DType::F64
        }
    }
    let array = Array::from_slice(&[1.0f64], [1]).unwrap();
    for error in [
        array.as_slice::<Liar>().map(<[_]>::len),
        array.to_vec::<Liar>().map(|v| v.len()),
        array.into_vec::<Liar>().map(|v| v.len()),
    ] {
        assert_eq!(
            error.unwrap_err().to_string(),
            format!(
                "the Rust type takes 2 bytes, but its dtype '{}' takes 8",
                DType::F64
            )
        );
    }
}

#[test]
fn arrays_as_items_are_the_last_axes() {
    let array = Array::from_slice(&[[1i16, 2, 3], [4, 5, 6]], [2]).unwrap();
    assert_eq!(array.shape(), [2, 3]);
    assert_eq!(
        array.as_slice::<[i16; 3]>().unwrap(),
        [[1, 2, 3], [4, 5, 6]]
    );
    assert_eq!(array.to_vec::<[i16; 3]>().unwrap(), [[1, 2, 3], [4, 5, 6]]);
    assert!(array.as_slice::<[i16; 2]>().is_err());
    let fortran = array.to_order(Order::Fortran).unwrap();
    assert!(fortran.as_slice::<[i16; 3]>().is_err());
    assert_eq!(array.into_vec::<i16>().unwrap(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_vector_becomes_an_array_where_it_is() {
    let items = vec![1.0f64, 2.0, 3.0, 4.0];
    let place = items.as_ptr().addr();
    let array = Array::from_vec(items, [2, 2]).unwrap();
    assert_eq!(array.as_bytes().as_ptr().addr(), place);
    let back = array.into_vec::<f64>().unwrap();
    assert_eq!(
        (back.as_ptr().addr(), back),
        (place, vec![1.0, 2.0, 3.0, 4.0])
    );
    assert!(Array::from_vec(vec![1u8, 2], [3]).is_err());
    let bools = Array::from_vec(vec![true, false], [2]).unwrap();
    assert_eq!(bools.as_slice::<bool>().unwrap(), [true, false]);
}

#[cfg(feature = "half")]
#[test]
fn bfloat16_is_said_and_not_guessed() {
    use npy_header::dtype::Number;

    let one = [0x80, 0x3f];
    let file = Array::new(layout("<V2", &[1], Order::C), one.to_vec()).unwrap();
    assert_eq!(file.dtype(), &DType::Void(2));
    assert!(file.to_vec::<half::bf16>().is_err());
    let little = DType::number(Number::BF16, ByteOrder::Little);
    let array = file.with_dtype(little).unwrap();
    assert_eq!(array.to_vec::<half::bf16>().unwrap(), [half::bf16::ONE]);
}

/// Items without bytes are equal, however many a header declares.
#[test]
fn items_without_bytes_are_equal() {
    let array = |dtype: &str| {
        let layout = Layout::new(dtype.parse().unwrap(), [usize::MAX / 3, 3], Order::C).unwrap();
        Array::new(layout, []).unwrap()
    };
    let types = ["S0", "<U0", "V0", "[('a', 'V0'), ('b', 'S0')]", "[]"];
    for one in types {
        for other in types {
            let equal = array(one).array_equal(&array(other), false);
            assert_eq!(equal, one == other, "{one} {other}");
        }
    }
}
