//! The memory that it takes to write and read arrays that are larger than memory: that of a block, and
//! little more.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cap::Cap;
use npio::flatfile::npy;
use npio::header::Header;
use npio::{AppendOptions, Array, ByteOrder, DType, Layout, Order, SaveOptions};
use std::alloc::System;
use std::env;
use std::fs::File;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Rows of this many bytes.
const ROW: usize = 64 << 10;

/// The number of rows that are pushed at once.
const ROWS: usize = 64;

/// The memory that `work` may allocate, besides the block of 4 MiB that it is given.
const ALLOWED: usize = 4 << 20;

fn in_little_memory(work: impl FnOnce(&Array)) {
    let mut block = Array::from_vec(vec![1.0f64; ROWS * ROW / 8], [ROWS, ROW / 8]).unwrap();
    block.set_byte_order(ByteOrder::Big);
    let before = ALLOCATOR.allocated();
    ALLOCATOR.set_limit(before + ALLOWED).unwrap();
    work(&block);
    ALLOCATOR.set_limit(usize::MAX).unwrap();
}

/// One after another, because there is one allocator. `NPIO_STREAM_MIB` sets the amount that is written
/// each time.
#[test]
fn streams_take_the_memory_of_a_block() {
    let size = env::var("NPIO_STREAM_MIB").map_or(64, |size| size.parse().unwrap());
    let blocks = (size << 20) / (ROWS * ROW);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");

    // A number of rows that is known only at the end; items whose bytes have to be swapped.
    in_little_memory(|block| {
        let options = SaveOptions::new().byte_order(ByteOrder::Little);
        let mut rows = options.rows(&path, DType::F64, [ROW / 8]).unwrap();
        for _ in 0..blocks {
            rows.push(block).unwrap();
        }
        rows.finish().unwrap();
    });
    let expected = Layout::new(DType::F64, [blocks * ROWS, ROW / 8], Order::C).unwrap();
    assert_eq!(npio::load_header(&path).unwrap().layout(), &expected);

    // To the same file, after the existing rows.
    in_little_memory(|block| {
        let mut rows = AppendOptions::new().open(&path).unwrap();
        for _ in 0..blocks {
            rows.push(block).unwrap();
        }
        rows.commit().unwrap();
    });
    let header = npio::load_header(&path).unwrap();
    assert_eq!(header.layout().shape(), [2 * blocks * ROWS, ROW / 8]);

    // A number that is known from the beginning.
    in_little_memory(|block| {
        let file = File::create(&path).unwrap();
        let mut rows = npy::RowWriter::new(file, &Header::new(expected.clone())).unwrap();
        for _ in 0..blocks {
            rows.push(block).unwrap();
        }
        rows.finish().unwrap();
    });
    assert!(
        npy::verify(&npio::RandomAccessFile::open(&path).unwrap())
            .unwrap()
            .is_empty()
    );
}
