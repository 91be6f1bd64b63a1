//! The memory that loading takes: the array plus 8 MiB, and for hostile files never more than their bytes
//! allow.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use cap::Cap;
use conformance::cases;
use npio::compressed::{Decoder, Encoder, Format};
use npio::flatfile::npy::{self, ReadOptions};
use npio::flatfile::text::{self, table};
use npio::flatfile::{Slice, Strided, show};
use npio::{Array, ByteOrder, Casting, DType, LoadOptions, Order, SaveOptions};
use std::alloc::System;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// One test at a time: memory is counted for the whole program.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The result of `work` with this many bytes of memory; fails if it needs more.
fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    ALLOCATOR.set_limit(ALLOCATOR.allocated() + bytes).unwrap();
    let result = work();
    ALLOCATOR.set_limit(usize::MAX).unwrap();
    result
}

/// Three times the bytes present, plus 1 MiB, plus 32 times the header, which may be all of them.
fn allowed(bytes: usize) -> usize {
    3 * bytes + (1 << 20) + 32 * bytes
}

#[test]
fn hostile_files_take_no_more_than_they_bring() {
    let _alone = alone();
    for case in ["hostile", "foreign"].into_iter().flat_map(cases) {
        let bytes = case.bytes();
        let file = npio::RandomAccessFile::open(case.path()).unwrap();
        let started = Instant::now();
        within(allowed(bytes.len()), || {
            let _ = npy::read(&bytes[..]);
            let _ = npy::parse(&bytes);
            let _ = ReadOptions::new()
                .open_at(&file, 0)
                .and_then(|reader| Ok((reader.read()?, reader.end())));
            let _ = ReadOptions::new()
                .open_at(&file, 0)
                .and_then(|reader| reader.row_blocks(1))
                .map(Iterator::count);
        });
        // It takes milliseconds; a parser that goes exponential takes minutes.
        assert!(started.elapsed() < Duration::from_secs(5), "{}", case.name);
    }
}

/// The memory that a load may take besides the array.
const BESIDE: usize = 8 << 20;

const MIB: usize = 1 << 20;

/// 32 MiB of numbers: item `[i, j]` is `i * 2048 + j`.
fn numbers(path: &Path, options: &SaveOptions) {
    let items: Vec<f64> = (0..4 << 20).map(f64::from).collect();
    let array = Array::from_vec(items, [2048, 2048]).unwrap();
    options.save(path, &array).unwrap();
}

#[test]
fn loads_take_the_array_and_eight_mebibytes() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let whole = 32 * MIB + BESIDE;
    let native = LoadOptions::new().byte_order(ByteOrder::NATIVE);
    let slice: Slice = "::-2, 1:".parse().unwrap();
    let is_right = |part: &Array, first: f64, last: f64| {
        let items = part.strided();
        let bounds = [vec![0, 0], part.shape().iter().map(|n| n - 1).collect()];
        let [a, b] = bounds.map(|index| items.item(&index).unwrap().try_into().unwrap());
        assert_eq!(
            (f64::from_ne_bytes(a), f64::from_ne_bytes(b)),
            (first, last)
        );
    };
    for (order, byte_order) in [
        (Order::C, ByteOrder::Big),
        (Order::Fortran, ByteOrder::NATIVE),
    ] {
        numbers(
            &path,
            &SaveOptions::new().order(order).byte_order(byte_order),
        );
        let file = npio::RandomAccessFile::open(&path).unwrap();
        for wanted in [Order::C, Order::Fortran] {
            let array = within(whole, || native.clone().order(wanted).load(&path).unwrap());
            is_right(&array, 0.0, 4_194_303.0);
            drop(array);
            let options = ReadOptions::new()
                .order(wanted)
                .byte_order(ByteOrder::NATIVE);
            let read = || {
                options
                    .open_at(&file, 0)
                    .and_then(|reader| reader.slice(&slice))
                    .unwrap()
            };
            let part = within(16 * MIB + BESIDE, read);
            is_right(&part, 2047.0 * 2048.0 + 1.0, 4095.0);
            drop(part);
            let mut first = 0.0;
            let blocks = options
                .open_at(&file, 0)
                .and_then(|reader| reader.row_blocks(512))
                .unwrap();
            within(8 * MIB + BESIDE, || {
                for block in blocks {
                    is_right(&block.unwrap(), first, first + 1_048_575.0);
                    first += 1_048_576.0;
                }
            });
        }
        // Cast to other numbers: no second array, and none at all for writing.
        let small = || {
            let options = LoadOptions::new().astype(DType::F32, Casting::SameKind);
            options.load(&path).unwrap()
        };
        let small = within(16 * MIB + BESIDE, small);
        assert_eq!(small.layout().count(), 4 << 20);
        let wide = SaveOptions::new().astype(DType::C128, Casting::Safe);
        within(BESIDE, || {
            wide.save(folder.path().join("wide.npy"), &small).unwrap()
        });
        drop(small);
        let (items, _) = within(whole, || npio::load_vec::<f64>(&path).unwrap());
        assert_eq!(items[2049], 2049.0);
        let mut items = items;
        within(BESIDE, || npio::load_into(&path, &mut items).unwrap());
        let mut stream = File::open(&path).unwrap();
        let read = || {
            ReadOptions::new()
                .open_stream(&mut stream)
                .and_then(|reader| reader.read_into(&mut items))
                .unwrap()
        };
        within(BESIDE, read);
        assert_eq!(items[2049], 2049.0);
    }
}

/// Bytes of text in the tests of memory; `NPIO_TEXT_BYTES` sets more.
fn text_bytes() -> usize {
    let bytes = std::env::var("NPIO_TEXT_BYTES");
    bytes.map_or(40 * MIB, |bytes| bytes.parse().unwrap())
}

/// A file of this many bytes: `0.0,1.5,3.0…`, optionally on lines of 100.
fn write_text(path: &Path, bytes: usize, has_lines: bool) -> usize {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut written, mut items) = (0, 0);
    while written < bytes {
        let item = format!("{:?}", items as f64 * 1.5);
        items += 1;
        let end = if has_lines && items % 100 == 0 {
            "\n"
        } else {
            ","
        };
        file.write_all(item.as_bytes()).unwrap();
        file.write_all(end.as_bytes()).unwrap();
        written += item.len() + end.len();
    }
    file.flush().unwrap();
    items
}

/// The memory that reading and writing text may take besides the result.
const BESIDE_TEXT: usize = 64 * MIB;

#[test]
fn texts_take_their_items_and_a_little() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.txt");
    let bytes = text_bytes();
    // On one line, and read as a whole.
    let items = write_text(&path, bytes, false);
    let array = within(8 * items + BESIDE_TEXT, || {
        npio::fromfile_sep(&path, DType::F64, ",").unwrap()
    });
    assert_eq!(array.shape(), [items]);
    assert_eq!(
        array.as_slice::<f64>().unwrap()[items - 1],
        (items - 1) as f64 * 1.5
    );
    // Written without another copy.
    let copy = folder.path().join("copy.txt");
    within(BESIDE_TEXT, || {
        npio::tofile_sep(&copy, &array, ",").unwrap()
    });
    assert_eq!(
        copy.metadata().unwrap().len() + 1,
        path.metadata().unwrap().len()
    );
    drop(array);
    // In blocks, in and out.
    let target = File::create(&copy).unwrap();
    let blocks = within(BESIDE_TEXT, || {
        let comma = text::Separator::new(",").unwrap();
        let source = File::open(&path).unwrap();
        let blocks = text::ReadOptions::new()
            .blocks(source, DType::F64, &comma)
            .unwrap();
        let mut writer = text::WriteOptions::new().writer(&target, ",");
        let blocks = blocks
            .map(|block| writer.push(&block.unwrap()).unwrap())
            .count();
        writer.finish().unwrap();
        blocks
    });
    assert!(blocks > 8, "{blocks} blocks");
    // It is replaced below.
    drop(target);
    assert_eq!(
        copy.metadata().unwrap().len() + 1,
        path.metadata().unwrap().len()
    );
    // A table.
    let items = write_text(&path, bytes, true) / 100;
    let csv = table::ReadOptions::new()
        .delimiter(',')
        .max_rows(items as u64);
    let table = within(800 * items + BESIDE_TEXT, || {
        LoadOptions::new()
            .table(csv)
            .loadtxt(&path, DType::F64)
            .unwrap()
    });
    assert_eq!(table.shape(), [items, 100]);
    within(BESIDE_TEXT, || npio::savetxt(&copy, &table).unwrap());
}

/// All of these bytes in a file, in this format.
fn compress(path: &Path, parts: &[(&[u8], usize)]) {
    let format = Format::in_name(path).unwrap();
    let mut encoder = Encoder::new(File::create(path).unwrap(), format).unwrap();
    for (bytes, times) in parts {
        let piece = bytes.repeat(*times % 1024);
        encoder.write_all(&piece).unwrap();
        let piece = bytes.repeat(1024);
        for _ in 0..times / 1024 {
            encoder.write_all(&piece).unwrap();
        }
    }
    encoder.finish().unwrap();
}

/// The most that a decoder keeps: xz has a dictionary of 8 MiB, bzip2 blocks of 900 kB.
const DECODER: usize = 16 * MIB;

#[test]
fn compressed_files_take_what_is_asked_of_them() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let header = |shape: &str| {
        let text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
        let text = format!("{text:117}\n");
        [&b"\x93NUMPY\x01\0\x76\0"[..], text.as_bytes()].concat()
    };
    for suffix in ["gz", "bz2", "xz"] {
        let path = |name: &str| folder.path().join(format!("{name}.{suffix}"));
        // A tebibyte that is not there.
        let huge = path("huge.npy");
        compress(&huge, &[(&header("(137438953472,)"), 1), (b"12345678", 3)]);
        let error = within(DECODER, || npio::load(&huge).unwrap_err());
        assert!(error.to_string().contains("found 24"), "{error}");
        // Megabytes of zeros, of which few are asked for.
        let zeros = [0; 4096];
        let bomb = path("bomb.npy");
        compress(&bomb, &[(&header("(1000,)"), 1), (&zeros, 1 << 14)]);
        assert!(bomb.metadata().unwrap().len() < MIB as u64);
        let few = within(DECODER, || npio::load(&bomb).unwrap());
        assert_eq!(few.shape(), [1000]);
        let raw = npio::RawLayout::new(DType::U8).shape([1000]).offset(128);
        let few = within(DECODER, || npio::fromfile(&bomb, &raw).unwrap());
        assert_eq!(few.shape(), [1000]);
        within(DECODER, || npio::fromfile(&bomb, raw.exact()).unwrap_err());
    }
    // Of text without an end, the items are kept, and not the text.
    let text = folder.path().join("bomb.txt.gz");
    let line = format!("0 #{:>60}\n", "");
    compress(&text, &[(line.as_bytes(), 1 << 21)]);
    let table = within(3 * 2 * MIB + BESIDE_TEXT, || {
        npio::loadtxt(&text, DType::U8).unwrap()
    });
    assert_eq!(table.shape(), [1 << 21]);
    let rows = table::ReadOptions::new().max_rows(10);
    let few = within(DECODER, || {
        LoadOptions::new()
            .table(rows)
            .loadtxt(&text, DType::F64)
            .unwrap()
    });
    assert_eq!(few.shape(), [10]);
    // A row without an end is an error as soon as it is too long.
    let row = folder.path().join("row.csv.gz");
    compress(&row, &[(b"1,2\n", 1), (b"0,", 64 << 20)]);
    let csv = LoadOptions::new().table(table::ReadOptions::csv());
    let error = within(BESIDE_TEXT, || csv.loadtxt(&row, DType::U8).unwrap_err());
    assert!(error.to_string().contains("a row of at most"), "{error}");
}

/// A dictionary grows with the text.
#[test]
fn a_dictionary_is_not_allocated_because_xz_says_so() {
    let _alone = alone();
    let mut encoder = Encoder::new(Vec::new(), Format::Xz).unwrap();
    encoder.write_all(b"1 2\n3 4\n").unwrap();
    let mut file = encoder.finish().unwrap();
    // The header of the block: its size, flags, the filter, the size of its properties, the dictionary's, padding, a CRC.
    let block = &mut file[12..24];
    assert_eq!(block[..4], [2, 0, 0x21, 1]);
    block[4] = 40;
    let crc = crc32fast::hash(&block[..8]);
    block[8..].copy_from_slice(&crc.to_le_bytes());
    let text = within(2 * MIB, || {
        let mut text = Vec::new();
        let mut decoder = Decoder::new(&file[..]).unwrap();
        decoder.read_to_end(&mut text).unwrap();
        text
    });
    assert_eq!(text, b"1 2\n3 4\n");
}

/// A sink that only counts.
struct Count {
    bytes: u64,
    line_ends: u64,
}

impl fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes += text.len() as u64;
        // All of the texts' line ends come alone.
        self.line_ends += u64::from(text == "\n");
        Ok(())
    }
}

/// Two texts, with a gibibyte in two lines; with long and with short lines; with white space before other text.
#[test]
fn texts_of_objects_are_not_collected() {
    let _alone = alone();
    let line = "x".repeat(MIB - 1);
    for (part, count, line_ends) in [
        (line.clone() + "y", 512, 1),
        (line + "\n", 16, 2 * 16 + 1),
        ("a\n".repeat(MIB / 2), 2, 2 * MIB as u64 + 1),
        (" ".repeat(MIB), 16, 1),
    ] {
        let object = |_: u64, out: &mut dyn fmt::Write| {
            out.write_char('a')?;
            (0..count).try_for_each(|_| out.write_str(&part))?;
            out.write_char('b')
        };
        let dtype = "[('o', 'O'), ('n', 'u1', (8,))]".parse().unwrap();
        let view = Strided::new(dtype, [2], [0], &[0; 16], 0).unwrap();
        let mut out = Count {
            bytes: 0,
            line_ends: 0,
        };
        within(512 << 10, || {
            let shown = show::Options::new()
                .array_of_objects(&view, &object)
                .unwrap();
            write!(out, "{shown}").unwrap();
        });
        assert_eq!(out.line_ends, line_ends);
        assert!(out.bytes > 2 * (count * MIB) as u64, "{}", out.bytes);
    }
}
