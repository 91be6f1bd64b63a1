//! Arrays written row by row, and files that grow.

use flatfile::dtype::{ByteOrder, DType, Layout, Order};
use flatfile::npy::{self, Appender, RowWriter};
use flatfile::npy_header::Header;
use flatfile::{Array, ArrayView, ErrorKind};
use proptest::prelude::*;
use std::io::Cursor;

/// Rows of three numbers that count on from `first`.
fn rows(first: usize, count: usize) -> Array {
    let items: Vec<u16> = (first * 3..(first + count) * 3).map(|i| i as u16).collect();
    Array::from_vec(items, [count, 3]).unwrap()
}

fn empty() -> Header {
    Header::new(rows(0, 0).layout().clone())
}

/// The header of this array in its own length without room to grow, then the data.
fn without_room(array: &Array) -> Vec<u8> {
    let header = Header::new(array.layout().clone());
    let length = (0..).find(|length| header.encode_in(*length).is_ok());
    let mut bytes = header.encode_in(length.unwrap()).unwrap();
    bytes.extend(array.as_bytes());
    bytes
}

proptest! {
    /// However the rows are written, the bytes are those of the whole array.
    #[test]
    fn blocks_of_rows_make_the_whole_array(blocks in prop::collection::vec((0usize..40, any::<bool>()), 0..12)) {
        let count = blocks.iter().map(|(n, _)| n).sum();
        let whole = npy::to_bytes(&rows(0, count)).unwrap();
        let header = Header::new(rows(0, count).layout().clone());
        let mut known = RowWriter::new(Vec::new(), &header).unwrap();
        let mut grown = Cursor::new(Vec::new());
        let mut appender = Appender::create(&mut grown, &empty()).unwrap();
        let mut first = 0;
        for (n, reopen) in blocks {
            let mut block = rows(first, n);
            if reopen {
                // Another byte order is converted to the file's.
                block.set_byte_order(ByteOrder::Big);
                appender.commit().unwrap();
                grown.set_position(0);
                appender = Appender::open(&mut grown).unwrap();
            }
            known.push(&block).unwrap();
            appender.push(&block).unwrap();
            first += n;
        }
        appender.commit().unwrap();
        prop_assert_eq!(&known.finish().unwrap(), &whole);
        prop_assert_eq!(grown.get_ref(), &whole);
    }
}

#[test]
fn any_view_is_rows() {
    let columns = rows(0, 4).to_order(Order::Fortran).unwrap();
    let mut file = Cursor::new(Vec::new());
    let mut appender = Appender::create(&mut file, &empty()).unwrap();
    appender.push(&columns).unwrap();
    appender
        .push(columns.strided().narrow(0, 1..3).unwrap())
        .unwrap();
    appender.commit().unwrap();
    let (array, _) = npy::parse(file.get_ref()).unwrap();
    let expected = [
        &rows(0, 4).to_vec::<u16>().unwrap()[..],
        &rows(1, 2).to_vec().unwrap(),
    ]
    .concat();
    assert_eq!(array.to_vec::<u16>().unwrap(), expected);
}

/// The text of the error if `push` is called with `array`.
fn push_error(array: &Array) -> String {
    let mut appender = Appender::create(Cursor::new(Vec::new()), &empty()).unwrap();
    let error = appender.push(array).unwrap_err().to_string();
    let header = Header::new(rows(0, 2).layout().clone());
    let mut writer = RowWriter::new(Vec::new(), &header).unwrap();
    assert_eq!(writer.push(array).unwrap_err().to_string(), error);
    // Nothing was written, so writing can continue.
    appender.push(&rows(0, 2)).unwrap();
    writer.push(&rows(0, 2)).unwrap();
    assert!(writer.finish().is_ok());
    error
}

#[test]
fn other_rows_are_refused() {
    let other = Array::from_slice(&[1i16; 3], [1, 3]).unwrap();
    assert_eq!(
        push_error(&other),
        format!(
            "the items are of another type: expected '{}', found '{}'",
            DType::U16,
            DType::I16
        )
    );
    for (shape, found) in [
        (vec![3], "(3,)"),
        (vec![1, 1, 3], "(1, 1, 3)"),
        (vec![3, 1], "(3, 1)"),
    ] {
        let other = Array::from_slice(&[1u16; 3], shape).unwrap();
        assert_eq!(
            push_error(&other),
            format!("rows of another shape: expected (n, 3), found {found}")
        );
    }
}

#[test]
fn the_number_of_rows_is_kept() {
    let header = Header::new(rows(0, 3).layout().clone());
    let mut writer = RowWriter::new(Vec::new(), &header).unwrap();
    writer.push(&rows(0, 2)).unwrap();
    let error = writer.push(&rows(2, 2)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "another number of rows: expected 3, found 4"
    );
    let error = writer.finish().unwrap_err();
    assert_eq!(
        error.to_string(),
        "another number of rows: expected 3, found 2"
    );
}

#[test]
fn what_has_no_rows_is_refused() {
    let layout = |shape: &[usize], order| Layout::new(DType::F64, shape, order).unwrap();
    let wrong = [
        (layout(&[], Order::C), "the array has no axis, so no rows"),
        (
            layout(&[2, 3], Order::Fortran),
            "the array is in Fortran order, so its rows are not contiguous: expected C order",
        ),
    ];
    for (layout, text) in wrong {
        let header = Header::new(layout.clone());
        let mut file = Cursor::new(
            npy::to_bytes(&Array::new(layout, vec![0; 48]).map_or_else(
                |_| Array::from_slice(&[0.0], []).unwrap(),
                |array| array.to_order(array.layout().order()).unwrap(),
            ))
            .unwrap(),
        );
        assert_eq!(
            RowWriter::new(Vec::new(), &header).unwrap_err().to_string(),
            text
        );
        assert_eq!(
            Appender::create(Cursor::new(Vec::new()), &header)
                .unwrap_err()
                .to_string(),
            text
        );
        assert_eq!(Appender::open(&mut file).unwrap_err().to_string(), text);
    }
    // An array in both orders has rows.
    let mut file = Cursor::new(npy::to_bytes(&rows(0, 1)).unwrap());
    let layout = layout(&[1, 3], Order::Fortran)
        .with_dtype(DType::U16)
        .unwrap();
    let header = Header::new(layout).encode().unwrap();
    file.get_mut()[..header.len()].copy_from_slice(&header);
    Appender::open(&mut file)
        .unwrap()
        .push(&rows(1, 2))
        .unwrap();
}

#[test]
fn only_an_array_that_ends_with_the_file_grows() {
    let mut bytes = npy::to_bytes(&rows(0, 2)).unwrap();
    bytes.push(7);
    let error = Appender::open(Cursor::new(bytes.clone())).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Trailing { bytes: 1 }),
        "{error}"
    );
    bytes.truncate(bytes.len() - 3);
    let error = Appender::open(Cursor::new(bytes)).unwrap_err();
    assert!(
        matches!(
            error.kind(),
            ErrorKind::Short {
                expected: 12,
                found: 10
            }
        ),
        "{error}"
    );
}

#[test]
fn a_header_without_room_moves() {
    let mut file = Cursor::new(without_room(&rows(0, 8)));
    let mut appender = Appender::open(&mut file).unwrap();
    appender.push(&rows(8, 1)).unwrap();
    let error = appender.push(&rows(9, 1)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeaderFull), "{error}");
    let mut new = Cursor::new(Vec::new());
    let mut moved = appender.move_to(&mut new).unwrap();
    moved.push(&rows(9, 1)).unwrap();
    moved.commit().unwrap();
    assert_eq!(new.get_ref(), &npy::to_bytes(&rows(0, 10)).unwrap());
}

/// Digits on both sides of a boundary between sectors are not written in place; all others are.
#[test]
fn no_header_is_torn() {
    let mut torn = 0;
    for length in 380..460 {
        let dtype: DType = format!("[('{}', '<u2')]", "x".repeat(length))
            .parse()
            .unwrap();
        let record = |count: usize| {
            let layout = Layout::new(dtype.clone(), [count], Order::C).unwrap();
            Array::new(layout, vec![0u8; count * 2]).unwrap()
        };
        let many = record(123_456);
        let old = npy::to_bytes(&record(1)).unwrap();
        let mut file = Cursor::new(old.clone());
        let mut appender = Appender::open(&mut file).unwrap();
        match appender.push(&many) {
            Ok(()) => appender.commit().unwrap(),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::HeaderFull), "{error}");
                torn += 1;
                assert_eq!(file.get_ref(), &old);
                continue;
            }
        }
        let new = file.get_ref();
        let changed: Vec<usize> = (0..old.len()).filter(|i| old[*i] != new[*i]).collect();
        assert_eq!(changed[0] / 512, changed[changed.len() - 1] / 512);
        assert_eq!(new, &npy::to_bytes(&record(123_457)).unwrap());
    }
    assert!((5..20).contains(&torn), "{torn} of 80");
}

/// Items without bytes are counted only by the header.
#[test]
fn items_without_bytes() {
    let count = usize::MAX / 8 + 1;
    let layout = Layout::new("V0".parse().unwrap(), [count], Order::C).unwrap();
    let many = ArrayView::new(layout.clone(), &[][..]).unwrap();
    let mut file = Cursor::new(npy::to_bytes(&many).unwrap());
    let mut appender = Appender::open(&mut file).unwrap();
    appender.push(&many).unwrap();
    appender.commit().unwrap();
    assert_eq!(npy::parse(file.get_ref()).unwrap().0.shape(), [2 * count]);
}
