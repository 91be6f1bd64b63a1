//! Arrays that are open but not yet read: into bytes, as summaries, as ranges, through streams.

use crate::Open;
use dtype::{ByteOrder, Casting, DType, Layout, Order};
use flatfile::npy::{self, ReadOptions, WriteOptions};
use flatfile::raw::RawLayout;
use flatfile::{Array, Conversion, ErrorKind, Forward, Index, Reader, Slice, extent, show};
use proptest::prelude::*;
use std::ops::Range;

fn orders() -> impl Strategy<Value = Order> {
    prop::sample::select(vec![Order::C, Order::Fortran])
}

fn byte_orders() -> impl Strategy<Value = ByteOrder> {
    prop::sample::select(vec![ByteOrder::Little, ByteOrder::Big])
}

/// Numbers in an array of this shape, in these orders.
fn numbered(shape: &[usize], order: Order, byte_order: ByteOrder) -> Array {
    let items: Vec<i32> = (0..shape.iter().product::<usize>() as i32).collect();
    let array = Array::from_slice(&items, shape).unwrap();
    let mut array = array.to_order(order).unwrap();
    array.set_byte_order(byte_order);
    array
}

fn index() -> impl Strategy<Value = Index> {
    let bound = || prop::option::of(-30isize..30);
    prop_oneof![
        2 => (-9isize..9).prop_map(Index::At),
        6 => (bound(), bound(), prop_oneof![-4isize..0, 1isize..5])
            .prop_map(|(start, stop, step)| Index::Range { start, stop, step }),
        1 => Just(Index::Ellipsis),
    ]
}

fn slices() -> impl Strategy<Value = Slice> {
    prop::collection::vec(index(), 0..4).prop_map(Slice::new)
}

proptest! {
    #[test]
    fn into_bytes_of_any_layout(
        shape in prop::collection::vec(0..20usize, 0..4),
        (stored, byte_order) in (orders(), byte_orders()),
        (wanted, wanted_byte_order, is_wide) in (orders(), byte_orders(), any::<bool>()),
    ) {
        let array = numbered(&shape, stored, byte_order);
        let file = npy::to_bytes(&array).unwrap();
        let dtype = if is_wide { DType::F64 } else { DType::I32 };
        let dtype = dtype.with_byte_order(wanted_byte_order);
        let layout = Layout::new(dtype.clone(), shape, wanted).unwrap();
        let expected = array.astype(dtype, Casting::Safe).unwrap().to_order(wanted).unwrap();
        // Only a requested cast may change values.
        let conversion = if is_wide {
            Conversion::new().astype(DType::I8, Casting::Safe)
        } else {
            Conversion::new()
        };
        let options = ReadOptions::new().conversion(conversion);
        let mut bytes = vec![0xee; layout.nbytes()];
        options.open(&file).unwrap().read_into_bytes(&layout, &mut bytes).unwrap();
        prop_assert_eq!(&bytes[..], expected.as_bytes());
        bytes.fill(0xee);
        options.open_stream(&file[..]).unwrap().read_into_bytes(&layout, &mut bytes).unwrap();
        prop_assert_eq!(&bytes[..], expected.as_bytes());
    }

    /// The summary of the corners is printed like that of the whole array.
    #[test]
    fn summaries(
        shape in prop_oneof![
            prop::collection::vec(1..90usize, 1..3),
            prop::collection::vec(1..20usize, 3..4),
            prop::collection::vec(900..1100usize, 1..2),
        ],
        (stored, byte_order, slice) in (orders(), byte_orders(), slices()),
        is_float in any::<bool>(),
    ) {
        let array = numbered(&shape, stored, byte_order);
        let mut conversion = Conversion::new();
        let mut expected = array.clone();
        if is_float {
            conversion = conversion.astype(DType::F32, Casting::Unsafe);
            expected = array.astype(DType::F32, Casting::Unsafe).unwrap();
        }
        let expected = expected.strided().slice(&slice).map(|view| show::array(&view).unwrap().to_string());
        let file = npy::to_bytes(&array).unwrap();
        let options = ReadOptions::new().conversion(conversion);
        let read = options.open(&file).unwrap().summary(&slice).map(|summary| summary.to_string());
        prop_assert_eq!(read.as_ref().ok(), expected.as_ref().ok());
        let read = options.open_stream(&file[..]).unwrap().summary(&slice);
        prop_assert_eq!(read.map(|summary| summary.to_string()).ok(), expected.ok());
    }

    /// The ranges of a slice are the bytes of its items, and the gaps between those that are closer than the limit.
    #[test]
    fn ranges_hold_the_items_and_nothing_else(
        shape in prop::collection::vec(0..9usize, 0..4),
        (stored, wanted, slice) in (orders(), orders(), slices()),
        gap in prop_oneof![Just(0u64), 1..60u64],
    ) {
        let array = numbered(&shape, stored, ByteOrder::Big);
        let layout = array.layout();
        let Ok(taken) = array.strided().slice(&slice) else {
            prop_assert!(slice.ranges(layout, gap).is_err());
            return Ok(());
        };
        let begin = array.as_bytes().as_ptr().addr();
        let mut places: Vec<u64> = taken.items().map(|item| (item.as_ptr().addr() - begin) as u64).collect();
        places.sort_unstable();
        let mut expected: Vec<Range<u64>> = Vec::new();
        for place in places {
            match expected.last_mut() {
                Some(last) if place.saturating_sub(last.end) <= gap => last.end = place + 4,
                _ => expected.push(place..place + 4),
            }
        }
        let ranges: Vec<Range<u64>> = slice.ranges(layout, gap).unwrap().collect();
        prop_assert_eq!(&ranges, &expected);

        let part = |range: &Range<u64>| {
            (range.start, array.as_bytes()[range.start as usize..range.end as usize].to_vec())
        };
        let parts: Vec<(u64, Vec<u8>)> = ranges.iter().map(part).collect();
        let conversion = Conversion::new().order(wanted).byte_order(ByteOrder::Little);
        let gathered = slice.gather(layout, &conversion, &parts).unwrap();
        prop_assert_eq!(gathered.layout().order(), wanted);
        prop_assert_eq!(gathered.to_vec::<i32>().unwrap(), taken.to_vec::<i32>().unwrap());
        // Without one of its parts it is an error.
        if let Some((_, fewer)) = parts.split_last() {
            prop_assert!(slice.gather(layout, &conversion, fewer).is_err());
        }
        // Split anywhere, as requests may be.
        let cut = |(start, bytes): &(u64, Vec<u8>)| {
            let middle = bytes.len() / 2;
            [(*start, bytes[..middle].to_vec()), (start + middle as u64, bytes[middle..].to_vec())]
        };
        let cut: Vec<(u64, Vec<u8>)> = parts.iter().flat_map(cut).collect();
        let gathered = slice.gather(layout, &conversion, &cut).unwrap();
        prop_assert_eq!(gathered.to_vec::<i32>().unwrap(), taken.to_vec::<i32>().unwrap());
    }

    /// A stream returns the requested items in its order, and reports an error if it has passed them.
    #[test]
    fn streams_go_forward_only(
        rows in prop::collection::vec(0..40usize, 1..5),
        (stored, wanted) in (orders(), orders()),
    ) {
        let array = numbered(&[40, 3], stored, ByteOrder::Little);
        let layout = array.layout();
        let conversion = Conversion::new().order(wanted);
        let reader = conversion.stream(array.as_bytes(), layout);
        let mut read = 0;
        for row in rows {
            let slice = Slice::new([Index::At(row as isize)]);
            let ranges: Vec<_> = slice.ranges(layout, u64::MAX).unwrap().collect();
            let [range] = &ranges[..] else { panic!("a row is one range") };
            match reader.slice(&slice) {
                Ok(found) => {
                    let expected = array.strided().slice(&slice).unwrap();
                    prop_assert_eq!(found.to_vec::<i32>().unwrap(), expected.to_vec::<i32>().unwrap());
                    prop_assert!(range.start >= read);
                    read = range.end;
                }
                Err(error) => {
                    prop_assert!(matches!(error.kind(), ErrorKind::Forward { .. }), "{error}");
                    prop_assert!(range.start < read);
                }
            }
        }
        let left = reader.into_source().into_inner();
        prop_assert_eq!(array.as_bytes().len() - left.len(), read as usize);
    }

    #[test]
    fn extents(
        axes in prop::collection::vec((0..5usize, -70isize..70), 0..4),
        itemsize in 0..9usize,
    ) {
        let (shape, strides): (Vec<usize>, Vec<isize>) = axes.into_iter().unzip();
        let mut places = vec![0isize];
        for (length, stride) in shape.iter().zip(&strides) {
            places = places.iter().flat_map(|at| (0..*length as isize).map(move |i| at + i * stride)).collect();
        }
        let expected = match (places.iter().min(), places.iter().max()) {
            (Some(low), Some(high)) => *low..high + itemsize as isize,
            _ => 0..0,
        };
        prop_assert_eq!(extent(&shape, &strides, itemsize), Some(expected));
    }
}

#[test]
fn extents_that_no_memory_has() {
    assert_eq!(extent(&[3], &[isize::MAX], 1), None);
    assert_eq!(extent(&[2, 2], &[isize::MAX, 1], 1), None);
    assert_eq!(extent(&[2], &[1, 2], 1), None);
    assert_eq!(extent(&[2], &[isize::MIN], 1), Some(isize::MIN..1));
    assert_eq!(extent(&[], &[], 8), Some(0..8));
}

#[test]
fn bytes_that_do_not_fit_stay_as_they_are() {
    let file = npy::to_bytes(&Array::from_slice(&[1i32, 2, 3, 4], [2, 2]).unwrap()).unwrap();
    let reader = npy::open(&file).unwrap();
    let mut bytes = [7; 17];
    let mut message = |dtype: DType, shape: [usize; 2], length: usize| {
        let layout = Layout::new(dtype, shape, Order::C).unwrap();
        let read = reader.read_into_bytes(&layout, &mut bytes[..length]);
        read.unwrap_err().to_string()
    };
    let expected = "invalid shape: expected (1, 4), found (2, 2)";
    assert_eq!(message(DType::I32, [1, 4], 16), expected);
    let expected = "the data is too short: expected 16 bytes, found 15";
    assert_eq!(message(DType::I32, [2, 2], 15), expected);
    let expected = "the data is too long: expected 16 bytes, found 17";
    assert_eq!(message(DType::I32, [2, 2], 17), expected);
    let (from, to) = (DType::I32, DType::U32);
    let expected = format!("cannot cast '{from}' to '{to}' by the rule 'equiv'");
    assert_eq!(message(DType::U32, [2, 2], 16), expected);
    assert_eq!(bytes, [7; 17]);
}

/// For a pipe that ends early, memory is allocated only for the bytes that came.
#[test]
fn a_stream_that_ends_early() {
    // Rows that do not fit in memory, but in the address space.
    let rows = 1usize << (usize::BITS - 8);
    let layout = Layout::new(DType::U8, [rows, 3], Order::C).unwrap();
    for (slice, found) in [("0", 2), ("::2", 2), ("5:9, 1", 2), ("-1", 2)] {
        let reader = Reader::raw(Forward::new(&b"ab"[..]), layout.clone(), 0);
        let error = reader.slice(&slice.parse().unwrap()).unwrap_err();
        let message = format!(
            "the data is too short: expected {} bytes, found {found}",
            3 * rows
        );
        assert_eq!(error.to_string(), message, "{slice}");
    }
    let reader = Reader::raw(Forward::new(&b"ab"[..]), layout.clone(), 0);
    assert!(reader.summary(&Slice::default()).is_err());
    let reader = Reader::raw(Forward::with_length(&b"ab"[..], 2), layout, 0);
    assert!(reader.slice(&"0".parse().unwrap()).is_err());
}

#[test]
fn no_more_items_than_asked_for() {
    let items: Vec<u8> = (0..10).collect();
    let read = |format: RawLayout| {
        let layout = format.layout(items.len() as u64)?;
        Reader::raw(&items, layout, format.begin()).read()
    };
    let few = RawLayout::new(DType::U8).offset(2).at_most(3);
    assert_eq!(read(few).unwrap().as_bytes(), [2, 3, 4]);
    // The remaining bytes are then not part of an item.
    let wide: RawLayout = RawLayout::new("<u4".parse().unwrap());
    assert!(read(wide.clone()).is_err());
    assert_eq!(read(wide.clone().at_most(2)).unwrap().shape(), [2]);
    assert!(read(wide.at_most(3)).is_err());
    let rows = RawLayout::new(DType::U8).shape([-1, 2]).at_most(2);
    assert_eq!(read(rows).unwrap().as_bytes(), [0, 1, 2, 3]);
}

/// For every source the type is the same, and its errors name the file.
#[test]
fn errors_say_the_file() {
    let array = numbered(&[3, 2], Order::C, ByteOrder::Little);
    let mut file = Vec::new();
    WriteOptions::new().write(&mut file, &array).unwrap();
    let cut = &file[..file.len() - 1];
    let at_positions = npy::open(cut).unwrap().in_file("x.npy");
    let stream = npy::open_stream(cut).unwrap().in_file("x.npy");
    for reader in [at_positions, stream] {
        let message = "x.npy: the data is too short: expected 24 bytes, found 23";
        assert_eq!(reader.read().unwrap_err().to_string(), message);
        let error = reader.slice(&"1:2:0".parse().unwrap_or_default());
        let _ = error.map_err(|error| assert!(error.to_string().starts_with("x.npy: ")));
        let error = reader.read_vec::<u8>().unwrap_err();
        assert!(
            error.to_string().starts_with("x.npy: the items are"),
            "{error}"
        );
    }
}
