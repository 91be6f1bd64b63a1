//! Sources that misbehave: they lead to an error or other values, and never to a panic.

use flatfile::dtype::Order;
use flatfile::npy::{self, ReadOptions};
use flatfile::{Array, ErrorKind, ReadAt, Slice, read_exact_at};
use std::io::{self, Cursor};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The ways in which a source misbehaves.
#[derive(Clone, Copy, Debug)]
enum Lie {
    /// It reports a greater length than it has.
    Longer,
    /// It reports a smaller length, and later a greater one.
    ChangingLength,
    /// Each read reports more bytes than were requested.
    ReadsTooMuch,
    /// `as_bytes` has fewer bytes than there are, and not always the same.
    ChangingBytes,
    /// Reading again returns other bytes.
    OtherBytes,
}

const LIES: [Lie; 5] = [
    Lie::Longer,
    Lie::ChangingLength,
    Lie::ReadsTooMuch,
    Lie::ChangingBytes,
    Lie::OtherBytes,
];

struct Liar {
    bytes: Vec<u8>,
    lie: Lie,
    calls: AtomicUsize,
}

impl Liar {
    fn call(&self) -> usize {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }
}

impl ReadAt for Liar {
    fn len(&self) -> io::Result<u64> {
        let length = self.bytes.len() as u64;
        Ok(match self.lie {
            Lie::Longer => u64::MAX,
            Lie::ChangingLength if self.call().is_multiple_of(2) => length / 2,
            Lie::ChangingLength => length * 2,
            _ => length,
        })
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let count = self.bytes.read_at(bytes, offset)?;
        match self.lie {
            Lie::ReadsTooMuch => return Ok(bytes.len() + 1),
            Lie::OtherBytes if self.call() > 0 => {
                bytes.iter_mut().for_each(|byte| *byte = !*byte);
            }
            _ => {}
        }
        Ok(count)
    }

    fn as_bytes(&self) -> Option<&[u8]> {
        match self.lie {
            Lie::ChangingBytes => {
                let length = self.bytes.len() * (self.call() % 3) / 3;
                self.bytes.get(..length)
            }
            _ => None,
        }
    }
}

/// Reads in every possible way, and returns how many of these returned an array.
fn read_in_every_way(source: &impl ReadAt, shape: [usize; 2]) -> usize {
    let mut arrays = 0;
    let mut count = |array: Result<Array, flatfile::Error>| arrays += usize::from(array.is_ok());
    for order in [Order::C, Order::Fortran] {
        let options = ReadOptions::new().order(order);
        count(
            options
                .open_at(source, 0)
                .and_then(|reader| Ok((reader.read()?, reader.end())))
                .map(|(array, _)| array),
        );
        for slice in ["1:2", "..., ::-3", "::2, 5", "-1"] {
            let slice: Slice = slice.parse().unwrap();
            count(
                options
                    .open_at(source, 0)
                    .and_then(|reader| reader.slice(&slice)),
            );
        }
        if let Ok(blocks) = options
            .open_at(source, 0)
            .and_then(|reader| reader.row_blocks(2))
        {
            blocks.for_each(&mut count);
        }
    }
    let mut items = vec![0u32; shape[0] * shape[1]];
    let _ = ReadOptions::new()
        .open_at(source, 0)
        .and_then(|reader| reader.read_into(&mut items));
    let _ = npy::verify(source);
    arrays
}

#[test]
fn liars_lead_to_errors_or_other_values() {
    for shape in [[3, 7], [300, 4001]] {
        let items: Vec<u32> = (0..).take(shape[0] * shape[1]).collect();
        for order in [Order::C, Order::Fortran] {
            let array = Array::from_slice(&items, shape).unwrap();
            let bytes = npy::to_bytes(&array.to_order(order).unwrap()).unwrap();
            let honest = read_in_every_way(&bytes, shape);
            for lie in LIES {
                // With the length that it reports, and truncated.
                for bytes in [bytes.clone(), bytes[..bytes.len() / 2].to_vec()] {
                    let calls = AtomicUsize::new(0);
                    let liar = Liar { bytes, lie, calls };
                    assert!(read_in_every_way(&liar, shape) <= honest, "{lie:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_read_too_much_is_said() {
    let calls = AtomicUsize::new(0);
    let bytes = vec![0; 8];
    let lie = Lie::ReadsTooMuch;
    let error = read_exact_at(&Liar { bytes, lie, calls }, &mut [0; 4], 0).unwrap_err();
    let text = "a source says that it read 5 bytes, where 4 were asked for";
    assert_eq!(error.to_string(), text);
}

/// Files, bytes, seekable sources and pointers to them are read alike, from any position, even after the end.
#[test]
fn sources_are_read_alike() {
    use std::io::Write;
    let bytes = npy::to_bytes(&Array::from_slice(&[1u16, 2, 3, 4], [2, 2]).unwrap()).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    let file = flatfile::RandomAccessFile::from(file);
    let seekable = Mutex::new(Cursor::new(bytes.clone()));
    let shared: Arc<dyn ReadAt + Send> = Arc::new(bytes.clone());
    let sources: [&dyn ReadAt; 5] = [&&bytes[..], &bytes, &file, &seekable, &shared];
    for source in sources {
        assert_eq!(source.len().unwrap(), bytes.len() as u64);
        let (array, end) = ReadOptions::new()
            .open_at(source, 0)
            .and_then(|reader| Ok((reader.read()?, reader.end())))
            .unwrap();
        assert_eq!(array.to_vec::<u16>().unwrap(), [1, 2, 3, 4]);
        assert_eq!(end, bytes.len() as u64);
        for offset in [end, end + 1, u64::from(u32::MAX) << 8] {
            assert_eq!(source.read_at(&mut [0; 4], offset).unwrap(), 0);
        }
        let error = ReadOptions::new()
            .open_at(source, end)
            .and_then(|reader| Ok((reader.read()?, reader.end())))
            .unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Header(_)), "{error}");
    }
}

/// After reading at positions, a file can still be read from its beginning.
#[test]
fn a_file_becomes_a_stream_again() {
    use std::io::{Read, Write};
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"10 20 30\n40 50 60\n70 80 90\n").unwrap();
    let file = flatfile::RandomAccessFile::from(file);
    flatfile::raw::check_source(&file).unwrap();
    let mut text = String::new();
    file.into_stream().read_to_string(&mut text).unwrap();
    assert_eq!(text, "10 20 30\n40 50 60\n70 80 90\n");
}
