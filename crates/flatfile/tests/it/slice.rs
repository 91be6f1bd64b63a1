//! Slices: the same items as in NumPy, in memory and from a file.

use crate::Open;
use dtype::{DType, Layout, Order};
use flatfile::Conversion;
use flatfile::npy::{self, ReadOptions};
use flatfile::npy_header::Header;
use flatfile::{Array, Index, RandomAccessFile, Slice, Strided};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::io::{Read, Write};

fn index() -> impl Strategy<Value = Index> {
    let end = || prop::option::of(-12..12isize);
    let step = prop_oneof![1..4isize, -4..0isize];
    prop_oneof![
        1 => (-10..10isize).prop_map(Index::At),
        4 => (end(), end(), step).prop_map(|(start, stop, step)| Index::Range { start, stop, step }),
        1 => Just(Index::Ellipsis),
    ]
}

/// The indices that one part selects along an axis, one by one as Python defines them.
fn indices(part: Index, length: isize) -> Option<Vec<usize>> {
    let Index::Range { start, stop, step } = part else {
        let Index::At(i) = part else { return None };
        let i = if i < 0 { i + length } else { i };
        return (0..length).contains(&i).then_some(vec![i as usize]);
    };
    let wrap = |i: isize| if i < 0 { i + length } else { i };
    let taken = |i: &isize| {
        let from = start.is_none_or(|s| {
            if step > 0 {
                *i >= wrap(s)
            } else {
                *i <= wrap(s)
            }
        });
        let to = stop.is_none_or(|s| if step > 0 { *i < wrap(s) } else { *i > wrap(s) });
        from && to
    };
    let all: Box<dyn Iterator<Item = isize>> = if step > 0 {
        Box::new(0..length)
    } else {
        Box::new((0..length).rev())
    };
    let all: Vec<isize> = all.filter(taken).collect();
    Some(
        all.into_iter()
            .step_by(step.unsigned_abs())
            .map(|i| i as usize)
            .collect(),
    )
}

/// The items, one index at a time; `None` if the slice does not fit.
fn slowly(view: &Strided<'_>, parts: &[Index]) -> Option<Vec<u8>> {
    let named = parts.iter().filter(|p| **p != Index::Ellipsis).count();
    if named > view.ndim() || parts.len() > named + 1 {
        return None;
    }
    let all = Index::Range {
        start: None,
        stop: None,
        step: 1,
    };
    let mut full = Vec::new();
    for part in parts {
        match part {
            Index::Ellipsis => full.extend(vec![all; view.ndim() - named]),
            part => full.push(*part),
        }
    }
    full.resize(view.ndim(), all);
    let mut chosen = vec![vec![]];
    for (part, length) in full.into_iter().zip(view.shape()) {
        let axis = indices(part, *length as isize)?;
        chosen = chosen
            .into_iter()
            .flat_map(|index: Vec<usize>| axis.iter().map(move |i| [&index[..], &[*i]].concat()))
            .collect();
    }
    Some(
        chosen
            .iter()
            .flat_map(|index| view.item(index).unwrap())
            .copied()
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn any_slice_in_memory_and_from_a_file(
        shape in prop::collection::vec(0..9usize, 0..4),
        itemsize in 1..9u32,
        fortran: bool,
        parts in prop::collection::vec(index(), 0..5),
    ) {
        let order = if fortran { Order::Fortran } else { Order::C };
        let layout = Layout::new(DType::Void(itemsize), shape, order).unwrap();
        let bytes: Vec<u8> = (0..layout.nbytes()).map(|i| (i % 251) as u8).collect();
        let array = Array::new(layout, bytes).unwrap();
        let view = array.strided();
        let expected = slowly(&view, &parts);
        let slice = Slice::new(parts);
        let taken = view.slice(&slice).ok();
        let items = taken.as_ref().map(|part| part.items().flatten().copied().collect::<Vec<u8>>());
        prop_assert_eq!(&items, &expected);
        prop_assert_eq!(slice.to_string().parse::<Slice>().unwrap(), slice.clone());

        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&npy::to_bytes(&array).unwrap()).unwrap();
        let file = RandomAccessFile::from(file);
        let read = ReadOptions::new().open_at(&file, 0).and_then(|reader| reader.slice(&slice)).ok();
        prop_assert_eq!(read.as_ref().map(Array::shape), taken.as_ref().map(Strided::shape));
        let read = read.map(|part| part.to_order(Order::C).unwrap().as_bytes().to_vec());
        prop_assert_eq!(&read, &expected);
        let available = array.as_bytes().len() as u64;
        let items = Conversion::new();
        let streamed = items.sure_stream(array.as_bytes(), available, array.layout()).slice(&slice).ok();
        let streamed = streamed.map(|part| part.to_order(Order::C).unwrap().as_bytes().to_vec());
        prop_assert_eq!(&streamed, &expected);
        for order in [Order::C, Order::Fortran] {
            let read = ReadOptions::new().order(order).open_at(&file, 0).and_then(|reader| reader.slice(&slice)).ok();
            let items = |part: &Array| {
                assert_eq!(part.layout().order(), order);
                part.strided().items().flatten().copied().collect::<Vec<u8>>()
            };
            prop_assert_eq!(read.as_ref().map(items), expected.clone());
        }
    }
}

/// Returns a few bytes at a time.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let most = bytes.len().min(70_001);
        self.0.read(&mut bytes[..most])
    }
}

#[test]
fn large_arrays_with_gaps_of_every_size() {
    for order in [Order::C, Order::Fortran] {
        let items: Vec<u32> = (0..700_000).collect();
        let array = Array::from_slice(&items, [7, 1000, 100])
            .unwrap()
            .to_order(order)
            .unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&npy::to_bytes(&array).unwrap()).unwrap();
        let file = RandomAccessFile::from(file);
        for text in [
            "",
            "1:3",
            ":, 5:900:400",
            "..., 7",
            "::-3, ::-1, ::-7",
            "6, 999, 99",
            ":, 10, 5:7",
            "..., ::50",
        ] {
            let slice: Slice = text.parse().unwrap();
            let expected = array.strided().slice(&slice).unwrap();
            let options = ReadOptions::new();
            for options in [
                options.clone().order(Order::C),
                options.order(Order::Fortran),
            ] {
                let read = options
                    .open_at(&file, 0)
                    .and_then(|reader| reader.slice(&slice))
                    .unwrap();
                assert_eq!(read.shape(), expected.shape(), "{text}");
                let read = read.to_order(Order::C).unwrap();
                assert!(expected.items().flatten().eq(read.as_bytes()), "{text}");
            }
            // A stream that returns few bytes at a time, and none after the last item.
            let bytes = array.as_bytes();
            let last = expected
                .items()
                .map(|item| item.as_ptr() as usize + 4)
                .max();
            let needed = last.unwrap() - bytes.as_ptr() as usize;
            let stream = Trickle(&bytes[..needed]);
            let read = Conversion::new();
            let read = read
                .sure_stream(stream, bytes.len() as u64, array.layout())
                .slice(&slice)
                .unwrap();
            assert_eq!(read.shape(), expected.shape(), "{text}");
            let read = read.to_order(Order::C).unwrap();
            assert!(expected.items().flatten().eq(read.as_bytes()), "{text}");
        }
    }
}

/// The number of bytes this thread has read so far; `None` if the system does not count them.
fn bytes_read() -> Option<usize> {
    // Wine shows the files of the host system, which does not know these threads.
    if cfg!(not(target_os = "linux")) {
        return None;
    }
    let counts = std::fs::read_to_string("/proc/thread-self/io").ok()?;
    let line = counts
        .lines()
        .find_map(|line| line.strip_prefix("rchar: "))?;
    line.parse().ok()
}

proptest! {
    /// The disk is read block by block: of blocks without wanted items, only the header's is read.
    #[test]
    fn no_block_is_read_that_holds_no_item(
        shape in prop::collection::vec(1..25usize, 1..4),
        itemsize in prop_oneof![1..9u32, 900..5000u32],
        fortran: bool,
        turned in prop::option::of(any::<bool>()),
        parts in prop::collection::vec(index(), 0..4),
    ) {
        let order = |fortran| if fortran { Order::Fortran } else { Order::C };
        let layout = Layout::new(DType::Void(itemsize), shape, order(fortran)).unwrap();
        let header = Header::new(layout.clone()).encode().unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&header).unwrap();
        file.set_len((header.len() + layout.nbytes()) as u64).unwrap();
        let file = RandomAccessFile::from(file);
        let slice = Slice::new(parts);

        let options = match turned {
            Some(fortran) => ReadOptions::new().order(order(fortran)),
            None => ReadOptions::new(),
        };
        let before = bytes_read();
        let counting = bytes_read();
        let part = options.open_at(&file, 0).and_then(|reader| reader.slice(&slice));
        let after = bytes_read();
        let (Ok(part), Some(before), Some(counting), Some(after)) = (part, before, counting, after)
        else {
            return Ok(());
        };
        let read = after - counting - (counting - before);

        // The items' positions in the file are those in a view of numbered bytes.
        let itemsize = itemsize as usize;
        let items = vec![0; layout.nbytes()];
        let all = Strided::contiguous(&layout, &items).unwrap();
        let taken = all.slice(&slice).unwrap();
        prop_assert_eq!(taken.shape(), part.shape());
        let blocks: BTreeSet<usize> = taken
            .items()
            .filter(|item| !item.is_empty())
            .flat_map(|item| {
                let first = header.len() + item.as_ptr().addr() - items.as_ptr().addr();
                first / 4096..=(first + itemsize - 1) / 4096
            })
            .collect();
        // The lengths of the counts themselves differ by a digit or two.
        prop_assert!(read <= 4096 * (1 + blocks.len()) + 16, "{read} of {} blocks", blocks.len());
    }
}

#[test]
fn what_is_no_slice() {
    for (text, message) in [
        ("a", "invalid slice 'a': expected 3, 1:5, ::2 or ..."),
        ("1:2:0", "invalid slice '1:2:0': the step is 0"),
        (",", "invalid slice '': expected 3, 1:5, ::2 or ..."),
        ("1,,2", "invalid slice '': expected 3, 1:5, ::2 or ..."),
    ] {
        assert_eq!(text.parse::<Slice>().unwrap_err().to_string(), message);
    }
    let array = Array::from_slice(&[1u8, 2], [2]).unwrap();
    for (text, message) in [
        ("2", "slice 2: axis 0 has length 2: there is no index 2"),
        ("-3", "slice -3: axis 0 has length 2: there is no index -3"),
        ("0,0", "slice 0, 0: 2 indices for 1 axes"),
        ("...,...", "slice ..., ...: more than one '...'"),
    ] {
        let error = array.strided().slice(&text.parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn no_step_and_few_rows() {
    let array = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [3, 2]).unwrap();
    let (start, stop) = (None, None);
    let zero = Slice::new([Index::Range {
        start,
        stop,
        step: 0,
    }]);
    let error = array.strided().slice(&zero).unwrap_err();
    assert_eq!(error.to_string(), "slice ::0: the step of axis 0 is 0");
    let rows = |text: &str, rows| {
        let slice = text.parse::<Slice>().unwrap().max_rows(rows);
        array.strided().slice(&slice).unwrap().shape().to_vec()
    };
    assert_eq!(rows("", 2), [2, 2]);
    assert_eq!(rows("", 9), [3, 2]);
    assert_eq!(rows("1", 1), [1]);
    assert_eq!(rows("1, 1", 1), []);
    // An axis that is too long for an isize.
    let huge = Layout::new(DType::Void(0), [usize::MAX], Order::C).unwrap();
    let huge = Strided::contiguous(&huge, &[]).unwrap();
    let first = huge.slice(&Slice::default().max_rows(2)).unwrap();
    assert_eq!(first.shape(), [2]);
}
