//! Long doubles in files, with a stated format.

use crate::Open;
use crate::long_doubles::items::{ONE, QUADS, array, file, x87};
use flatfile::dtype::{ByteOrder, Casting, DType, Layout, Order};
use flatfile::{Conversion, ErrorKind, LongDouble, RandomAccessFile, text};
use std::io::Write;

/// All ways to read, with quads stated.
#[test]
fn quads_are_read_as_numbers_of_the_x87() {
    let numbers = [
        x87(0x3fff, ONE, 0),
        x87(0x4000, ONE, 0),
        x87(0x3ffe, ONE, 0),
        x87(0x4000, 3 << 62, 0),
    ];
    let floats = [1.0, 2.0, 0.5, 3.0];
    for dtype in ["<f16", ">f16"] {
        let bytes = file(dtype, &QUADS);
        let layout = Layout::new(dtype.parse().unwrap(), [2, 2], Order::C).unwrap();
        let mut on_disk = tempfile::tempfile().unwrap();
        on_disk.write_all(&bytes).unwrap();
        let on_disk = RandomAccessFile::from(on_disk);
        let read = Conversion::new().longdouble(LongDouble::Quad);
        for array in [
            read.stream(&bytes[..], &layout).read().unwrap(),
            read.at(&on_disk, 0, &layout).read().unwrap(),
        ] {
            assert_eq!(array.layout(), &layout);
            assert_eq!(array.as_bytes(), file(dtype, &numbers));
        }
        let big = read
            .clone()
            .byte_order(ByteOrder::Big)
            .order(Order::Fortran);
        let big = big.at(&on_disk, 0, &layout).read().unwrap();
        let columns = [numbers[0], numbers[2], numbers[1], numbers[3]];
        assert_eq!(big.as_bytes(), file(">f16", &columns));

        let cast = read.clone().astype(DType::F64, Casting::SameKind);
        assert_eq!(
            cast.stream(&bytes[..], &layout)
                .read()
                .unwrap()
                .to_vec::<f64>()
                .unwrap(),
            floats
        );
        let mut items = [0.0; 4];
        cast.stream(&bytes[..], &layout)
            .read_into(&mut items)
            .unwrap();
        assert_eq!(items, floats);
        cast.at(&on_disk, 0, &layout).read_into(&mut items).unwrap();
        assert_eq!(items, floats);

        let last = [numbers[3]];
        let slice = "1, 1:".parse().unwrap();
        let nbytes = bytes.len() as u64;
        for taken in [
            read.at(&on_disk, 0, &layout).slice(&slice).unwrap(),
            read.sure_stream(&bytes[..], nbytes, &layout)
                .slice(&slice)
                .unwrap(),
            read.at(&bytes, 0, &layout).slice(&slice).unwrap(),
        ] {
            assert_eq!(taken.as_bytes(), file(dtype, &last));
        }
        let blocks = read.stream(&bytes[..], &layout).row_blocks(1).unwrap();
        let rows: Vec<u8> = blocks
            .flat_map(|row| row.unwrap().as_bytes().to_vec())
            .collect();
        assert_eq!(rows, file(dtype, &numbers));
        let blocks = read.at(&on_disk, 0, &layout).row_blocks(1).unwrap();
        let rows: Vec<u8> = blocks
            .flat_map(|row| row.unwrap().as_bytes().to_vec())
            .collect();
        assert_eq!(rows, file(dtype, &numbers));
    }
    // In records, and in complex numbers; the rest of an item does not change.
    let mut bytes = vec![7];
    bytes.extend(file("<c32", &QUADS[2..]));
    let layout = Layout::new("[('n','u1'),('z','<c32')]".parse().unwrap(), [1], Order::C).unwrap();
    let read = Conversion::new().longdouble(LongDouble::Quad);
    let array = read.stream(&bytes[..], &layout).read().unwrap();
    assert_eq!(array.to_string(), "[(7, 0.5+3.j)]");
}

/// With x87 stated, zeros are zeros, and wrong bits an error. The padding becomes zero.
#[test]
fn numbers_of_the_x87_may_be_stated() {
    let read = Conversion::new().longdouble(LongDouble::X87);
    for dtype in ["<f16", ">f16"] {
        let layout = Layout::new(dtype.parse().unwrap(), [4], Order::C).unwrap();
        let zeros = read
            .stream(&file(dtype, &QUADS)[..], &layout)
            .read()
            .unwrap();
        assert_eq!(zeros.as_bytes(), [0; 64]);
        assert_eq!(zeros.to_string(), "[0. 0. 0. 0.]");
        let items = [x87(0x3fff, ONE, 0xffff), 0, x87(1, 0, 0), 0];
        let error = read
            .stream(&file(dtype, &items)[..], &layout)
            .read()
            .unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::LongDouble { item: 2, .. }),
            "{error}"
        );
    }
    let layout = Layout::new("<f12".parse().unwrap(), [1], Order::C).unwrap();
    let item = [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f, 1, 2];
    for stated in [LongDouble::Checked, LongDouble::X87, LongDouble::Quad] {
        let read = Conversion::new().longdouble(stated);
        let array = read.stream(&item[..], &layout).read().unwrap();
        assert_eq!(array.as_bytes(), [&item[..10], &[0, 0]].concat());
    }
}

/// Whether all items are 0 depends on the whole array, however its parts are read.
#[test]
fn parts_of_an_array_decide_together() {
    // More than one thread reads at a time.
    let count = (17 << 20) / 16;
    let layout = Layout::new("<f16".parse().unwrap(), [count], Order::C).unwrap();
    let mut items = vec![QUADS[3]; count];
    items[..1000].fill(0);
    let read = Conversion::new().longdouble(LongDouble::Checked);
    let load = |items: &[u128]| {
        let mut on_disk = tempfile::tempfile().unwrap();
        on_disk.write_all(&file("<f16", items)).unwrap();
        let on_disk = RandomAccessFile::from(on_disk);
        read.at(&on_disk, 0, &layout).read().map(drop)
    };
    // If there are several threads, each may be the first to find one.
    let error = load(&items).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::LongDouble { item: 1000.., .. }),
        "{error}"
    );
    items[count - 1] = x87(0x3fff, ONE, 0);
    load(&items).unwrap();

    // In blocks, evidence so far holds for the rest; later evidence is too late.
    let one = x87(0x3fff, ONE, 0);
    let layout = Layout::new("<f16".parse().unwrap(), [4], Order::C).unwrap();
    for (items, good) in [
        ([one, 0, QUADS[3], QUADS[3]], 4),
        ([0, 0, QUADS[3], one], 2),
        (QUADS, 0),
    ] {
        let bytes = file("<f16", &items);
        let mut on_disk = tempfile::tempfile().unwrap();
        on_disk.write_all(&bytes).unwrap();
        let on_disk = RandomAccessFile::from(on_disk);
        let in_stream = read.stream(&bytes[..], &layout).row_blocks(1).unwrap();
        let in_file = read.at(&on_disk, 0, &layout).row_blocks(1).unwrap();
        for results in [in_stream.collect::<Vec<_>>(), in_file.collect::<Vec<_>>()] {
            assert_eq!(results.iter().filter(|block| block.is_ok()).count(), good);
            let error = results.into_iter().find_map(Result::err);
            assert_eq!(error.is_none(), good == 4);
            let is_there = |error: flatfile::Error| matches!(error.kind(), ErrorKind::LongDouble { item, .. } if *item == good);
            assert!(error.is_none_or(is_there));
        }
    }
    // The same holds for texts that are written in parts.
    let mut writer = text::WriteOptions::new().writer(Vec::new(), ",");
    writer.push(&array("<f16", &[one])).unwrap();
    writer.push(&array("<f16", &QUADS)).unwrap();
    assert_eq!(writer.finish().unwrap(), b"1.0,0.0,0.0,0.0,0.0");
}
