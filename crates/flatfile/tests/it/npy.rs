//! Reading and writing .npy through every API, also if sources and targets fail.

use dtype::{ByteOrder, DType, Layout, Order};
use flatfile::npy::{self, ReadOptions, WriteOptions};
use flatfile::npy_header::{Header, Version};
use flatfile::{Array, ErrorKind, RandomAccessFile};
use proptest::prelude::*;
use std::io::{self, Read, Write};

fn any_array() -> impl Strategy<Value = Array> {
    let dtypes = [
        "|b1",
        "<i2",
        ">f8",
        "<U2",
        ">M8[ns]",
        "|S3",
        "|V0",
        "[('a', '<i4'), ('b', '>f4', (2,))]",
    ];
    (
        prop::sample::select(dtypes.to_vec()),
        prop::collection::vec(0..40usize, 0..4),
        any::<bool>(),
    )
        .prop_map(|(dtype, shape, fortran)| {
            let order = if fortran { Order::Fortran } else { Order::C };
            let layout = Layout::new(dtype.parse().unwrap(), shape, order).unwrap();
            let bytes: Vec<u8> = (0..layout.nbytes()).map(|i| (i * 7 % 253) as u8).collect();
            Array::new(layout, bytes.into()).unwrap()
        })
}

fn file_of(bytes: &[u8]) -> RandomAccessFile {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.into()
}

/// Returns one byte at a time, and is interrupted before each.
struct Dripping<'a>(&'a [u8], bool);

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let one = out.len().min(1);
        self.0.read(&mut out[..one])
    }
}

proptest! {
    #[test]
    fn every_door_reads_the_same(array in any_array(), before in 0..100usize) {
        let bytes = npy::to_bytes(&array).unwrap();
        let padded = [vec![0; before], bytes.clone(), vec![9; 5]].concat();
        let file = file_of(&padded);

        let (view, length) = npy::parse(&padded[before..]).unwrap();
        prop_assert_eq!((view.as_bytes(), length), (array.as_bytes(), bytes.len()));
        let streamed = npy::read(Dripping(&bytes, false)).unwrap();
        prop_assert_eq!(streamed.as_bytes(), array.as_bytes());
        let (read, end) = ReadOptions::new().open_at(&file, before as u64).and_then(|reader| Ok((reader.read()?, reader.end()))).unwrap();
        prop_assert_eq!((read.as_bytes(), end), (array.as_bytes(), (before + bytes.len()) as u64));
        prop_assert_eq!(read.dtype(), array.dtype());
        prop_assert_eq!(read.shape(), array.shape());

        for order in [ByteOrder::Little, ByteOrder::Big] {
            let mut expected = array.clone();
            expected.set_byte_order(order);
            let options = ReadOptions::new().byte_order(order);
            let streamed = options.open_stream(&bytes[..]).and_then(|reader| reader.read()).unwrap();
            prop_assert_eq!(streamed.as_bytes(), expected.as_bytes());
            let (read, _) = options.open_at(&file, before as u64).and_then(|reader| Ok((reader.read()?, reader.end()))).unwrap();
            prop_assert_eq!(read.as_bytes(), expected.as_bytes());
            for order in [Order::C, Order::Fortran] {
                let expected = expected.to_order(order).unwrap();
                let options = options.clone().order(order);
                let streamed = options.open_stream(&bytes[..]).and_then(|reader| reader.read()).unwrap();
                prop_assert_eq!(streamed.layout(), expected.layout());
                prop_assert_eq!(streamed.as_bytes(), expected.as_bytes());
                let (read, _) = options.open_at(&file, before as u64).and_then(|reader| Ok((reader.read()?, reader.end()))).unwrap();
                prop_assert_eq!(read.layout(), expected.layout());
                prop_assert_eq!(read.as_bytes(), expected.as_bytes());
            }
        }
    }

    #[test]
    fn writing_in_any_order_keeps_the_items(array in any_array(), fortran: bool, big: bool) {
        let order = if fortran { Order::Fortran } else { Order::C };
        let byte_order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let options = WriteOptions::new().order(order).byte_order(byte_order);
        let mut bytes = Vec::new();
        options.write(&mut bytes, &array).unwrap();
        let file = tempfile::tempfile().unwrap();
        options.write_file(&file, &array).unwrap();
        let file = RandomAccessFile::from(file);
        let (read, end) = ReadOptions::new().open_at(&file, 0).and_then(|reader| Ok((reader.read()?, reader.end()))).unwrap();
        prop_assert_eq!(end, bytes.len() as u64);
        let streamed = npy::read(&bytes[..]).unwrap();
        prop_assert_eq!(read.as_bytes(), streamed.as_bytes());
        let mut expected = array.to_order(Order::C).unwrap();
        expected.set_byte_order(byte_order);
        let read = read.to_order(Order::C).unwrap();
        prop_assert_eq!(read.as_bytes(), expected.as_bytes());
    }

    #[test]
    fn every_prefix_is_an_error(array in any_array()) {
        let bytes = npy::to_bytes(&array).unwrap();
        for length in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            let cut = &bytes[..length];
            prop_assert!(npy::read(cut).is_err());
            prop_assert!(npy::parse(cut).is_err());
            prop_assert!(ReadOptions::new().open_at(&file_of(cut), 0).and_then(|reader| Ok((reader.read()?, reader.end()))).is_err());
        }
    }
}

#[test]
fn large_arrays_by_several_threads_and_swapped() {
    let count = 9 << 20;
    let items: Vec<u32> = (0..count)
        .map(|i: u32| i.wrapping_mul(2_654_435_761))
        .collect();
    let array = Array::from_slice(&items, [count as usize]).unwrap();
    let mut bytes = Vec::new();
    let big = WriteOptions::new().byte_order(ByteOrder::Big);
    big.write(&mut bytes, &array).unwrap();
    let read = npy::open(file_of(&bytes)).unwrap();
    let read = read.read_as::<u32>().unwrap();
    let first = read.as_bytes().as_ptr().addr();
    let read = read.into_vec::<u32>().unwrap();
    assert_eq!(read.as_ptr().addr(), first);
    assert_eq!(read.capacity(), read.len());
    assert!(read == items);
    let streamed = npy::open_stream(&bytes[..]).unwrap();
    assert!(streamed.read_vec::<u32>().unwrap() == items);
}

/// The items are numbered in C order, so their positions can be checked without another program.
#[test]
fn large_arrays_into_the_other_order_in_panels_of_every_shape() {
    for shape in [
        vec![1200, 1000],
        vec![3, 400_000],
        vec![400_000, 3],
        vec![1, 300, 1, 4000],
        vec![7, 300, 600],
        vec![2500, 2, 250],
        vec![4096, 2, 100],
        vec![2048, 3, 300],
        vec![1024, 1024],
        vec![2, 2500, 2, 130],
        vec![300, 1, 4000, 1],
    ] {
        let count = shape.iter().product::<usize>();
        let numbered: Vec<u32> = (0..count as u32).collect();
        let array = Array::from_slice(&numbered, shape.clone()).unwrap();
        for (from, to) in [(Order::C, Order::Fortran), (Order::Fortran, Order::C)] {
            let mut bytes = Vec::new();
            let swapped = WriteOptions::new().byte_order(ByteOrder::Big);
            swapped.order(from).write(&mut bytes, &array).unwrap();
            let reader = ReadOptions::new().order(to).open(file_of(&bytes)).unwrap();
            let read = reader.read_as::<u32>().unwrap();
            assert_eq!(read.layout(), array.to_order(to).unwrap().layout());
            assert!(read.to_vec::<u32>().unwrap() == numbered, "{shape:?}");
        }
    }
}

#[test]
fn items_larger_than_a_panel_into_the_other_order() {
    let layout = Layout::new(DType::Void(700_000), [3, 2], Order::Fortran).unwrap();
    let bytes: Vec<u8> = (0..layout.nbytes()).map(|i| (i / 700_000) as u8).collect();
    let file = file_of(&npy::to_bytes(&Array::new(layout, bytes).unwrap()).unwrap());
    let options = ReadOptions::new().order(Order::C);
    let (read, _) = options
        .open_at(&file, 0)
        .and_then(|reader| Ok((reader.read()?, reader.end())))
        .unwrap();
    let firsts = read.as_bytes().chunks(700_000).map(|item| item[0]);
    assert!(firsts.eq([0, 3, 1, 4, 2, 5]));
}

/// To be items of a type with axes of its own, an array has to be in C order: it is after reading.
#[test]
fn items_that_are_rows_from_a_file_in_fortran_order() {
    let array = Array::from_slice(&[1i16, 2, 3, 4, 5, 6], [3, 2]).unwrap();
    let bytes = npy::to_bytes(&array.to_order(Order::Fortran).unwrap()).unwrap();
    let reader = npy::open_stream(&bytes[..]).unwrap();
    let error = reader.read_as::<[i16; 2]>().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mismatch { .. }));
    let options = ReadOptions::new().order(Order::C);
    let reader = options.open(file_of(&bytes)).unwrap();
    let read = reader.read_as::<[i16; 2]>().unwrap();
    assert_eq!(
        read.into_vec::<[i16; 2]>().unwrap(),
        [[1, 2], [3, 4], [5, 6]]
    );
}

#[test]
fn another_type_is_an_error_before_the_data_is_read() {
    let mut bytes = npy::to_bytes(&Array::from_slice(&[1.0f64], [1]).unwrap()).unwrap();
    bytes.truncate(128);
    let reader = npy::open_stream(&bytes[..]).unwrap();
    let error = reader.read_as::<f32>().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Mismatch { .. }));
}

#[test]
fn a_declared_length_is_not_believed() {
    let count = isize::MAX as usize / 4;
    let layout = Layout::new(DType::U8, [count], Order::C).unwrap();
    let mut bytes = Header::new(layout).encode().unwrap();
    bytes.extend([7; 1000]);
    let message = format!("the data is too short: expected {count} bytes, found 1000");
    assert_eq!(npy::read(&bytes[..]).unwrap_err().to_string(), message);
    assert_eq!(npy::parse(&bytes).unwrap_err().to_string(), message);
    let read = ReadOptions::new()
        .open_at(&file_of(&bytes), 0)
        .and_then(|reader| Ok((reader.read()?, reader.end())));
    assert_eq!(read.unwrap_err().to_string(), message);
}

/// Fails at the `n`th operation and at all later ones.
struct Failing(usize);

impl Failing {
    fn step(&mut self) -> io::Result<()> {
        self.0 = self.0.checked_sub(1).ok_or(io::Error::other("broken"))?;
        Ok(())
    }
}

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.step()?;
        Ok(bytes.len().min(50))
    }
    fn flush(&mut self) -> io::Result<()> {
        self.step()
    }
}

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.step()?;
        Ok(0)
    }
}

#[test]
fn failures_are_passed_on_wherever_they_happen() {
    let array = Array::from_slice(&[1u8; 500], [500]).unwrap();
    let enough = (0..).find(|n| npy::write(Failing(*n), &array).is_ok());
    assert_eq!(enough, Some(3 + 10 + 1));
    let bytes = npy::to_bytes(&array).unwrap();
    for length in [0, 7, 60, 300] {
        let error = npy::read(bytes[..length].chain(Failing(0))).unwrap_err();
        assert_eq!(error.to_string(), "broken", "{length}");
    }
    let object = Layout::new(DType::Object, [1], Order::C).unwrap();
    let header = Header::new(object).encode().unwrap();
    assert!(matches!(
        npy::read(&header[..]).unwrap_err().kind(),
        ErrorKind::Object
    ));
}

#[test]
fn more_than_one_block_of_rows_that_are_larger_than_a_block() {
    let array = Array::from_slice(&vec![3u8; 700_000], [2, 350_000]).unwrap();
    let mut bytes = Vec::new();
    WriteOptions::new()
        .order(Order::Fortran)
        .write(&mut bytes, &array)
        .unwrap();
    assert_eq!(
        npy::read(&bytes[..]).unwrap().to_vec::<u8>().unwrap().len(),
        700_000
    );
}

#[test]
fn a_declared_header_length_is_not_believed_either() {
    let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
    bytes.extend(0xf000_0000u32.to_le_bytes());
    let options = ReadOptions::new().max_header_size(usize::MAX);
    let message = "npy header is cut off: expected at least 4026531852 bytes, found 12";
    let read = options
        .open_at(&file_of(&bytes), 0)
        .and_then(|reader| Ok((reader.read()?, reader.end())))
        .unwrap_err();
    assert_eq!(read.to_string(), message);
    assert_eq!(
        options
            .open_stream(&bytes[..])
            .and_then(|reader| reader.read())
            .unwrap_err()
            .to_string(),
        message
    );
}

/// A truncated header is the same error through every API.
#[test]
fn cut_headers() {
    let array = Array::from_slice(&[1u8], [1]).unwrap();
    for version in [Version::V1, Version::V2, Version::V3] {
        let mut bytes = Vec::new();
        let options = WriteOptions::new().version(version);
        options.write(&mut bytes, &array).unwrap();
        for length in 0..128 {
            let cut = bytes.get(..length).unwrap();
            let message = npy::parse(cut).unwrap_err().to_string();
            assert_eq!(npy::read(cut).unwrap_err().to_string(), message);
            let at = ReadOptions::new()
                .open_at(&file_of(cut), 0)
                .and_then(|reader| Ok((reader.read()?, reader.end())));
            assert_eq!(at.unwrap_err().to_string(), message);
        }
    }
}
