//! Reading into existing memory, and reading rows block by block.

use dtype::{ByteOrder, Order};
use flatfile::npy::{self, ReadOptions, WriteOptions};
use flatfile::{Array, ErrorKind, RandomAccessFile, RowBlocks, Source};
use proptest::prelude::*;
use std::io::{Read, Write};

fn file_of(bytes: &[u8]) -> RandomAccessFile {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.into()
}

/// Numbers in an array of this shape, as a file in these orders.
fn numbered(shape: &[usize], order: Order, byte_order: ByteOrder) -> (Vec<u32>, Vec<u8>) {
    let items: Vec<u32> = (0..shape.iter().product::<usize>() as u32).collect();
    let array = Array::from_slice(&items, shape).unwrap();
    let mut bytes = Vec::new();
    let options = WriteOptions::new().order(order).byte_order(byte_order);
    options.write(&mut bytes, &array).unwrap();
    (items, bytes)
}

fn orders() -> impl Strategy<Value = (Order, ByteOrder)> {
    let orders = prop::sample::select(vec![Order::C, Order::Fortran]);
    (
        orders,
        prop::sample::select(vec![ByteOrder::Little, ByteOrder::Big]),
    )
}

/// The items of all blocks, each of which has the right shape and order.
fn collect<S: Source>(blocks: RowBlocks<S>, rows: usize, order: Order) -> Vec<u32> {
    let mut left = blocks.rows_left();
    assert_eq!(blocks.size_hint().1, Some(left.div_ceil(rows)));
    let layout = blocks.layout().clone();
    let mut items = Vec::new();
    for block in blocks {
        let block = block.unwrap();
        assert_eq!(block.shape()[0], rows.min(left));
        assert_eq!(block.shape()[1..], layout.shape()[1..]);
        assert_eq!(
            (block.dtype(), block.layout().order()),
            (layout.dtype(), order)
        );
        left -= block.shape()[0];
        items.extend(block.to_vec::<u32>().unwrap());
    }
    assert_eq!(left, 0);
    items
}

proptest! {
    #[test]
    fn blocks_of_rows_are_the_array(
        shape in prop::collection::vec(1..12usize, 1..4),
        (order, byte_order) in orders(),
        (wanted, native) in (prop::sample::select(vec![Order::C, Order::Fortran]), any::<bool>()),
        rows in 1..14usize,
        before in 0..30usize,
    ) {
        let (items, bytes) = numbered(&shape, order, byte_order);
        let mut options = ReadOptions::new().order(wanted);
        if native {
            options = options.byte_order(ByteOrder::NATIVE);
        }
        let file = file_of(&[vec![0; before], bytes.clone(), vec![9]].concat());
        let blocks = options.open_at(&file, before as u64).and_then(|reader| reader.row_blocks(rows)).unwrap();
        prop_assert_eq!(collect(blocks, rows, wanted), &items[..]);
        match options.open_stream(&bytes[..]).and_then(|reader| reader.row_blocks(rows)) {
            Ok(blocks) => prop_assert_eq!(collect(blocks, rows, wanted), items),
            Err(_) => prop_assert_eq!(order, Order::Fortran),
        }
    }

    #[test]
    fn items_in_memory_that_is_there(
        shape in prop::collection::vec(0..12usize, 0..4),
        (order, byte_order) in orders(),
        before in 0..30usize,
    ) {
        let (items, bytes) = numbered(&shape, order, byte_order);
        let file = file_of(&[vec![0; before], bytes.clone(), vec![9]].concat());
        // The other options do not matter.
        let options = ReadOptions::new().byte_order(byte_order).order(order);
        let mut read = vec![u32::MAX; items.len()];
        let layout = options.open_at(&file, before as u64).and_then(|reader| reader.read_into(&mut read)).unwrap();
        prop_assert_eq!(layout.shape(), &shape);
        prop_assert_eq!(layout.order(), Order::C);
        prop_assert!(layout.dtype().is_native());
        prop_assert_eq!(&read, &items);
        let mut read = vec![u32::MAX; items.len()];
        let mut rest = &bytes[..];
        prop_assert_eq!(options.open_stream(&mut rest).and_then(|reader| reader.read_into(&mut read)).unwrap(), layout);
        prop_assert_eq!(read, items);
        prop_assert!(rest.is_empty());
    }
}

#[test]
fn large_arrays_into_memory_that_is_there() {
    for shape in [
        [3_000_000, 1, 1],
        [1500, 2, 1000],
        [1, 2_000_000, 2],
        [2, 3, 500_000],
    ] {
        for order in [Order::C, Order::Fortran] {
            let (items, bytes) = numbered(&shape, order, ByteOrder::Big);
            let mut read = vec![0u32; items.len()];
            ReadOptions::new()
                .open_stream(&bytes[..])
                .and_then(|reader| reader.read_into(&mut read))
                .unwrap();
            assert!(read == items, "{shape:?}");
            let mut read = vec![0u32; items.len()];
            let options = ReadOptions::new();
            options
                .open_at(&file_of(&bytes), 0)
                .and_then(|reader| reader.read_into(&mut read))
                .unwrap();
            assert!(read == items, "{shape:?}");
        }
    }
}

#[test]
fn what_does_not_fit_leaves_the_memory_as_it_is() {
    let bytes = npy::to_bytes(&Array::from_slice(&[[1i16, 2], [3, 4]], [2]).unwrap()).unwrap();
    let file = file_of(&bytes);
    let options = ReadOptions::new();
    let mut few = [7i16; 3];
    let message = "the array has another number of items: expected 3, found 4";
    let error = options
        .open_stream(&bytes[..])
        .and_then(|reader| reader.read_into(&mut few))
        .unwrap_err();
    assert_eq!(error.to_string(), message);
    let error = options
        .open_at(&file, 0)
        .and_then(|reader| reader.read_into(&mut few))
        .unwrap_err();
    assert_eq!(error.to_string(), message);
    let mut rows = [[7i16; 2]; 3];
    let error = options
        .open_at(&file, 0)
        .and_then(|reader| reader.read_into(&mut rows))
        .unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Count {
            expected: 3,
            found: 2
        }
    ));
    let mut others = [7u16; 4];
    let error = options
        .open_at(&file, 0)
        .and_then(|reader| reader.read_into(&mut others))
        .unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mismatch { .. }));
    assert_eq!((few, rows, others), ([7; 3], [[7; 2]; 3], [7; 4]));
    assert_eq!(
        options
            .open_at(&file, 0)
            .and_then(|reader| reader.read_into(&mut rows[1..]))
            .unwrap()
            .shape(),
        [2, 2]
    );
    assert_eq!(rows, [[7, 7], [1, 2], [3, 4]]);
}

#[test]
fn what_is_cut_off() {
    let message = "the data is too short: expected 24 bytes, found 21";
    let mut items = [0u32; 6];
    for order in [Order::C, Order::Fortran] {
        let (_, mut bytes) = numbered(&[3, 2], order, ByteOrder::Big);
        bytes.truncate(bytes.len() - 3);
        let file = file_of(&bytes);
        let options = ReadOptions::new();
        for error in [
            options
                .open_stream(&bytes[..])
                .and_then(|reader| reader.read_into(&mut items))
                .unwrap_err(),
            options
                .open_at(&file, 0)
                .and_then(|reader| reader.read_into(&mut items))
                .unwrap_err(),
            options
                .open_at(&file, 0)
                .and_then(|reader| reader.row_blocks(1))
                .unwrap_err(),
        ] {
            assert_eq!(error.to_string(), message);
        }
        if order == Order::C {
            let mut blocks = options
                .open_stream(&bytes[..])
                .and_then(|reader| reader.row_blocks(1))
                .unwrap();
            assert_eq!(
                blocks.next().unwrap().unwrap().as_bytes(),
                [0, 0, 0, 0, 0, 0, 0, 1]
            );
            assert!(blocks.next().unwrap().is_ok());
            assert_eq!(blocks.next().unwrap().unwrap_err().to_string(), message);
            assert_eq!((blocks.rows_left(), blocks.size_hint()), (0, (0, Some(0))));
            assert!(blocks.next().is_none());
        }
    }
}

#[test]
fn a_file_that_is_cut_off_meanwhile_ends_the_blocks() {
    let (_, bytes) = numbered(&[2000, 2], Order::C, ByteOrder::Little);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let source = RandomAccessFile::from(file.try_clone().unwrap());
    let mut blocks = ReadOptions::new()
        .open_at(&source, 0)
        .and_then(|reader| reader.row_blocks(1000))
        .unwrap();
    assert!(blocks.next().unwrap().is_ok());
    file.set_len(10_128).unwrap();
    let message = "the data is too short: expected 16000 bytes, found 10000";
    assert_eq!(blocks.next().unwrap().unwrap_err().to_string(), message);
    assert!(blocks.next().is_none());
}

#[test]
fn the_source_stays_behind_the_last_block() {
    let (items, bytes) = numbered(&[5, 3], Order::C, ByteOrder::Little);
    let two = [&bytes[..], &bytes[..]].concat();
    let mut rest = &two[..];
    for _ in 0..2 {
        let blocks = ReadOptions::new()
            .open_stream(rest.by_ref())
            .and_then(|reader| reader.row_blocks(2))
            .unwrap();
        assert_eq!(collect(blocks, 2, Order::C), items);
    }
    assert!(rest.is_empty());
}

#[test]
fn arrays_without_blocks() {
    let options = ReadOptions::new();
    let blocks = |array: &Array, rows| {
        let bytes = npy::to_bytes(array).unwrap();
        let streamed = options
            .open_stream(&bytes[..])
            .and_then(|reader| reader.row_blocks(rows))
            .map(|blocks| blocks.count());
        let read = options
            .open_at(file_of(&bytes), 0)
            .and_then(|reader| reader.row_blocks(rows))
            .map(|blocks| blocks.count());
        let (streamed, read) = (
            streamed.map_err(|e| e.to_string()),
            read.map_err(|e| e.to_string()),
        );
        if array.layout().is_c_contiguous() {
            assert_eq!(streamed, read);
        }
        streamed
    };
    let array = |shape: &[usize]| {
        let items = vec![0u8; shape.iter().product()];
        Array::from_slice(&items, shape).unwrap()
    };
    let message = |why: &str| Err(why.to_owned());
    assert_eq!(
        blocks(&array(&[]), 1),
        message("the array has no axis, so no rows")
    );
    assert_eq!(
        blocks(&array(&[4]), 0),
        message("blocks of no rows: expected at least 1")
    );
    let columns = array(&[2, 3]).to_order(Order::Fortran).unwrap();
    let apart = "the array is in Fortran order, so its rows are not contiguous: expected C order";
    assert_eq!(blocks(&columns, 1), message(apart));
    assert_eq!(blocks(&array(&[0, 4]), 1), Ok(1));
    assert_eq!(blocks(&array(&[usize::MAX / 8, 0]), 1), Ok(1));
    assert_eq!(blocks(&array(&[4, 2]), usize::MAX), Ok(1));
}

/// The default is C order, so that items in their order in memory are those of the array.
#[test]
fn blocks_are_in_c_order_unless_asked() {
    let (items, bytes) = numbered(&[4, 3], Order::Fortran, ByteOrder::NATIVE);
    let blocks = npy::open(&bytes).unwrap().row_blocks(2).unwrap();
    assert_eq!(blocks.layout().order(), Order::C);
    let blocks = blocks.map(|block| block.unwrap().as_slice::<u32>().unwrap().to_vec());
    assert_eq!(blocks.collect::<Vec<_>>().concat(), items);
    let options = ReadOptions::new().order(Order::Fortran);
    let blocks = options.open(&bytes).unwrap().row_blocks(2).unwrap();
    for block in blocks {
        assert_eq!(block.unwrap().layout().order(), Order::Fortran);
    }
}
