//! Items without a header: what has to be declared, and what is not possible.

use crate::Open;
use flatfile::Conversion;
use flatfile::dtype::{ByteOrder, DType, Layout, Order};
use flatfile::raw::{self, RawLayout};
use flatfile::{Array, ErrorKind, RandomAccessFile};
use proptest::prelude::*;
use std::io::Write;

#[test]
fn formats_of_files_of_any_length() {
    let f8 = || RawLayout::new("<f8".parse().unwrap());
    let message = |format: RawLayout, length| {
        let layout = format.layout(length);
        layout.map_or_else(|error| error.to_string(), |layout| layout.to_string())
    };
    for (format, length, expected) in [
        (f8(), 0, "(0,) <f8"),
        (f8(), 24, "(3,) <f8"),
        (
            f8(),
            25,
            "25 bytes are not a whole number of items of 8 bytes: 1 are left over",
        ),
        (f8().allow_partial(), 25, "(3,) <f8"),
        (f8().offset(1), 25, "(3,) <f8"),
        (f8().offset(25), 25, "(0,) <f8"),
        (
            f8().offset(26),
            25,
            "the data is too short: expected 26 bytes, found 25",
        ),
        (f8().shape([]), 8, "() <f8"),
        (
            f8().shape([]),
            7,
            "the data is too short: expected 8 bytes, found 7",
        ),
        (f8().shape([2, 3]), 48, "(2, 3) <f8"),
        (f8().shape([2, 3]), 50, "(2, 3) <f8"),
        (
            f8().shape([2, 3]).exact(),
            50,
            "the data is too long: expected 48 bytes, found 50",
        ),
        (f8().shape([2, -1]), 48, "(2, 3) <f8"),
        (
            f8().shape([-1, 4]),
            48,
            "48 bytes are not a whole number of rows of 32 bytes: 16 are left over",
        ),
        (f8().shape([-1, 4]).allow_partial(), 48, "(1, 4) <f8"),
        (
            f8().shape([-1, 4]).order(Order::Fortran),
            64,
            "(2, 4) <f8 F",
        ),
        (
            f8().shape([-1, -1]),
            64,
            "invalid shape: more than one length of -1",
        ),
        (f8().shape([-2]), 64, "invalid shape: a length of -2"),
        (
            f8().shape([0, -1]),
            0,
            "invalid shape: a length of -1, where an item has no bytes",
        ),
        (
            f8().shape([isize::MAX, 2]),
            64,
            "shape × itemsize is more than any address space holds",
        ),
        (
            RawLayout::from(Layout::new(DType::U8, [2, 2], Order::C).unwrap()),
            5,
            "the data is too long: expected 4 bytes, found 5",
        ),
    ] {
        assert_eq!(message(format, length), expected);
    }
}

#[test]
fn other_shapes() {
    let array = || Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [6]).unwrap();
    for (shape, expected) in [
        (vec![2, 3], "(2, 3)"),
        (vec![-1], "(6,)"),
        (vec![1, -1, 2], "(1, 3, 2)"),
        (vec![4, -1], "invalid shape: 6 items do not fill [4, -1]"),
        (vec![], "invalid shape: 6 items do not fill []"),
        (vec![-1, 0], "invalid shape: 6 items do not fill [-1, 0]"),
        (vec![-1, -1], "invalid shape: more than one length of -1"),
        (vec![-3, -2], "invalid shape: a length of -3"),
    ] {
        let found = array()
            .reshape(shape)
            .map(|array| array.layout().shape_tuple().to_string());
        assert_eq!(found.unwrap_or_else(|error| error.to_string()), expected);
    }
    let columns = array()
        .reshape([2, 3])
        .unwrap()
        .to_order(Order::Fortran)
        .unwrap();
    let error = columns.reshape([6]).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::FortranOrder(_)),
        "{error}"
    );
}

proptest! {
    /// What is written can be read back, through every API and in every order.
    #[test]
    fn written_and_read(
        shape in prop::collection::vec(0..5usize, 0..4),
        offset in 0..20usize,
        (from, to) in (any::<bool>(), any::<bool>()),
        (swapped, native) in (any::<bool>(), any::<bool>()),
    ) {
        let order = |fortran| if fortran { Order::Fortran } else { Order::C };
        let byte_order = |big| if big { ByteOrder::Big } else { ByteOrder::Little };
        let count = shape.iter().product::<usize>();
        let items: Vec<u32> = (0..count as u32).map(|i| i * 0x0102_0304).collect();
        let array = Array::from_slice(&items, shape.clone()).unwrap();

        let mut bytes = vec![0xee; offset];
        let write = raw::WriteOptions::new().order(order(from)).byte_order(byte_order(swapped));
        write.write(&mut bytes, &array).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes[..offset]).unwrap();
        write.write_file(&file, &array).unwrap();
        let file = RandomAccessFile::from(file);

        let lengths: Vec<isize> = shape.iter().map(|n| *n as isize).collect();
        let dtype = DType::U32.with_byte_order(byte_order(swapped));
        let format = RawLayout::new(dtype).shape(lengths).order(order(from)).offset(offset as u64);
        let format = format.exact();
        let layout = format.layout(bytes.len() as u64).unwrap();
        let read = Conversion::new().order(order(to)).byte_order(byte_order(native));
        let expected = array.to_vec::<u32>().unwrap();

        prop_assert_eq!(format.view(&bytes).unwrap().to_vec::<u32>().unwrap(), expected.clone());
        let streamed = read.stream(&bytes[offset..], &layout).read().unwrap();
        let at_place = read.at(&file, offset as u64, &layout).read().unwrap();
        prop_assert_eq!(streamed.layout(), at_place.layout());
        prop_assert_eq!(streamed.as_bytes(), at_place.as_bytes());
        prop_assert_eq!(at_place.to_vec::<u32>().unwrap(), expected.clone());
        let mut items = vec![0u32; count];
        read.at(&file, offset as u64, &layout).read_into(&mut items).unwrap();
        prop_assert_eq!(&items, &expected);
        items.fill(0);
        read.stream(&bytes[offset..], &layout).read_into(&mut items).unwrap();
        prop_assert_eq!(&items, &expected);
        if !shape.is_empty() {
            let blocks = read.at(&file, offset as u64, &layout).row_blocks(2).unwrap();
            let blocks: Vec<u32> = blocks.flat_map(|block| block.unwrap().to_vec::<u32>().unwrap()).collect();
            prop_assert_eq!(&blocks, &expected);
        }
    }
}
