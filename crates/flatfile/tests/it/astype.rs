//! Casting while reading and writing: the same as casting an array in memory.

use crate::Open;
use flatfile::Conversion;
use flatfile::dtype::{ByteOrder, Casting, DType, Layout, Order};
use flatfile::npy::{self, ReadOptions, WriteOptions};
use flatfile::{Array, ErrorKind, RandomAccessFile, Slice, raw};
use proptest::prelude::*;
use std::io::Write;

const TYPES: [&str; 9] = ["u1", "<i2", ">i4", "<f4", ">f8", "<c8", "S4", "<U3", "?"];

fn array(dtype: &DType, shape: &[usize], order: Order) -> Array {
    let count: usize = shape.iter().product();
    let items: Vec<u8> = (0..count).map(|i| (i % 2 * i % 9) as u8).collect();
    let array = Array::from_slice(&items, shape).unwrap();
    let array = array.astype(dtype.clone(), Casting::Unsafe).unwrap();
    array.to_order(order).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn on_the_way(
        (from, to) in (0..TYPES.len(), 0..TYPES.len()),
        shape in prop_oneof![
            prop::collection::vec(0..6usize, 0..4),
            // More than a block, in each order.
            Just(vec![500, 150]),
        ],
        fortran in any::<bool>(),
        order in prop::option::of(prop::sample::select(vec![Order::C, Order::Fortran])),
        byte_order in prop::option::of(prop::sample::select(vec![ByteOrder::Little, ByteOrder::Big])),
    ) {
        let dtype = |i: usize| -> DType { TYPES.get(i).unwrap().parse().unwrap() };
        let stored = if fortran { Order::Fortran } else { Order::C };
        let array = array(&dtype(from), &shape, stored);
        let mut expected = array.astype(dtype(to), Casting::Unsafe).unwrap();
        if let Some(byte_order) = byte_order {
            expected.set_byte_order(byte_order);
        }
        let wanted = order.unwrap_or(array.layout().order());
        let expected = expected.to_order(wanted).unwrap();
        let same = |found: &Array| found.layout() == expected.layout() && found.as_bytes() == expected.as_bytes();

        let read = ReadOptions::new().astype(dtype(to), Casting::Unsafe);
        let read = order.into_iter().fold(read, ReadOptions::order);
        let read = byte_order.into_iter().fold(read, ReadOptions::byte_order);
        let bytes = npy::to_bytes(&array).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let file = RandomAccessFile::from(file);
        // Arrays in both orders are written as C.
        let keeps = order.is_some() || !array.layout().is_c_contiguous() || stored == Order::C;
        if keeps {
            prop_assert!(same(&read.open_stream(&bytes[..]).and_then(|reader| reader.read()).unwrap()));
            prop_assert!(same(&read.open_at(&file, 0).and_then(|reader| Ok((reader.read()?, reader.end()))).unwrap().0));
        }
        if !shape.is_empty() {
            let slice: Slice = "::-2".parse().unwrap();
            let part = read.open_at(&file, 0).and_then(|reader| reader.slice(&slice)).unwrap();
            let taken = expected.strided().slice(&slice).unwrap().to_array(Order::C).unwrap();
            let part = part.to_order(Order::C).unwrap();
            prop_assert_eq!(part.as_bytes(), taken.as_bytes());
            let blocks = read.open_at(&file, 0).and_then(|reader| reader.row_blocks(2)).unwrap();
            let blocks: Vec<u8> = blocks.flat_map(|block| {
                block.unwrap().to_order(Order::C).unwrap().as_bytes().to_vec()
            }).collect();
            let whole = expected.to_order(Order::C).unwrap();
            prop_assert_eq!(&blocks[..], whole.as_bytes());
        }

        let write = WriteOptions::new().astype(dtype(to), Casting::Unsafe).order(wanted);
        let write = byte_order.into_iter().fold(write, WriteOptions::byte_order);
        let mut written = Vec::new();
        write.write(&mut written, &array).unwrap();
        prop_assert_eq!(&written, &npy::to_bytes(&expected).unwrap());
        let items = raw::WriteOptions::new().astype(dtype(to), Casting::Unsafe).order(wanted);
        let items = byte_order.into_iter().fold(items, raw::WriteOptions::byte_order);
        let mut written = Vec::new();
        items.write(&mut written, &array).unwrap();
        prop_assert_eq!(&written[..], expected.as_bytes());
    }

    #[test]
    fn into_memory_that_is_there(shape in prop::collection::vec(0..40usize, 0..3), fortran in any::<bool>()) {
        let stored = if fortran { Order::Fortran } else { Order::C };
        let array = array(&DType::F64, &shape, stored);
        let expected = array.astype(DType::I16, Casting::Unsafe).unwrap().to_vec::<i16>().unwrap();
        let bytes = npy::to_bytes(&array).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let file = RandomAccessFile::from(file);
        let read = ReadOptions::new().astype(DType::I16, Casting::Unsafe);
        let mut items = vec![0i16; expected.len()];
        read.open_stream(&bytes[..]).and_then(|reader| reader.read_into(&mut items)).unwrap();
        prop_assert_eq!(&items, &expected);
        items.fill(-1);
        read.open_at(&file, 0).and_then(|reader| reader.read_into(&mut items)).unwrap();
        prop_assert_eq!(&items, &expected);
    }
}

#[test]
fn what_is_not_allowed_is_refused_before_anything_happens() {
    let array = array(&DType::F64, &[3], Order::C);
    let bytes = npy::to_bytes(&array).unwrap();
    let read = ReadOptions::new().astype(DType::I32, Casting::SameKind);
    let (from, to) = (DType::F64, DType::I32);
    let message = format!("cannot cast '{from}' to '{to}' by the rule 'same_kind'");
    assert_eq!(
        read.open_stream(&bytes[..130])
            .and_then(|reader| reader.read())
            .unwrap_err()
            .to_string(),
        message
    );
    let mut written = Vec::new();
    let write = WriteOptions::new().astype(DType::I32, Casting::SameKind);
    assert_eq!(
        write.write(&mut written, &array).unwrap_err().to_string(),
        message
    );
    assert!(written.is_empty());
    let sub = ReadOptions::new().astype("(2,)f8".parse().unwrap(), Casting::Unsafe);
    assert!(matches!(
        sub.open_stream(&bytes[..])
            .and_then(|reader| reader.read())
            .unwrap_err()
            .kind(),
        ErrorKind::Cast { .. }
    ));
}

/// The error names the wrong item by its index in the whole file, however it is read.
#[test]
fn bad_items_are_found() {
    let mut items = vec![*b"1234567 "; 300_000];
    *items.get_mut(200_001).unwrap() = *b"x       ";
    let bytes: Vec<u8> = items.concat();
    let text = Layout::new("S8".parse().unwrap(), [300_000], Order::C).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let file = RandomAccessFile::from(file);
    let read = Conversion::new().astype(DType::I32, Casting::Unsafe);
    let error = read.at(&file, 0, &text).read().unwrap_err().to_string();
    assert!(
        error.starts_with(&format!("item 200001 cannot be cast to '{}'", DType::I32)),
        "{error}"
    );
    assert_eq!(
        read.stream(&bytes[..], &text)
            .read()
            .unwrap_err()
            .to_string(),
        error
    );
}

/// In the other memory order, in parts, backwards: the index in the file stays the same.
#[test]
fn bad_items_are_found_in_parts() {
    let mut items = vec![*b"1234567 "; 300_000];
    *items.get_mut(200_001).unwrap() = *b"x       ";
    let bytes: Vec<u8> = items.concat();
    let columns = Layout::new("S8".parse().unwrap(), [600, 500], Order::Fortran).unwrap();
    let rows = Layout::new("S8".parse().unwrap(), [500, 600], Order::C).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let file = RandomAccessFile::from(file);
    let read = Conversion::new().astype(DType::I32, Casting::Unsafe);
    let turned = read.clone().order(Order::C);
    let slice = |text: &str| {
        let slice: Slice = text.parse().unwrap();
        read.at(&file, 0, &rows).slice(&slice).map(drop)
    };
    let mut into = vec![0i32; 300_000];
    let blocks = read.stream(&bytes[..], &rows).row_blocks(7).unwrap();
    let array = Array::new(rows.clone(), &bytes[..]).unwrap();
    let write = raw::WriteOptions::new().astype(DType::I32, Casting::Unsafe);
    for error in [
        slice("::-1"),
        slice("::3, 1:"),
        slice("333, ::-1"),
        slice("300:, 201:400:5"),
        slice("333, 201"),
        turned.at(&file, 0, &columns).read().map(drop),
        turned.stream(&bytes[..], &columns).read().map(drop),
        read.stream(&bytes[..], &columns)
            .read_into(&mut into)
            .map(drop),
        blocks.collect::<Result<Vec<_>, _>>().map(drop),
        write.write(std::io::sink(), &array),
    ] {
        let error = error.unwrap_err();
        let ErrorKind::InvalidItem { item, .. } = error.kind() else {
            panic!("{error}")
        };
        assert_eq!(*item, 200_001);
    }
}

/// Texts without a character become longer ones: nothing is read for them.
#[test]
fn items_without_bytes() {
    let empty = Layout::new("S0".parse().unwrap(), [70_000], Order::C).unwrap();
    let file = RandomAccessFile::from(tempfile::tempfile().unwrap());
    let longer = "S2".parse().unwrap();
    let read = Conversion::new().astype(longer, Casting::Unsafe);
    assert_eq!(
        read.at(&file, 0, &empty).read().unwrap().as_bytes(),
        [0; 140_000]
    );
    let slice: Slice = "5:7".parse().unwrap();
    let taken = read.at(&file, 0, &empty).slice(&slice).unwrap();
    assert_eq!(taken.as_bytes(), [0; 4]);

    let array = Array::new(empty, &[][..]).unwrap();
    let mut written = Vec::new();
    let write = raw::WriteOptions::new().astype("S2".parse().unwrap(), Casting::Unsafe);
    write.write(&mut written, &array).unwrap();
    assert!(written == [0; 140_000]);
}
