//! The memory that archives take: an array plus 8 MiB, and for hostile ones never more than their bytes
//! allow.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use cap::Cap;
use conformance::archives::{Content, archives, streamed};
use flatfile::npy::ReadOptions;
use flatfile::{Array, Slice};
use npz::{Archive, Compression, Stream, WriteOptions};
use std::alloc::System;
use std::fs::File;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const MIB: usize = 1 << 20;

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

/// Reads every member in every way.
fn read<S: npio::ReadAt>(archive: &Archive<S>) {
    for member in archive.members() {
        let _ = Content::of(&member);
        let _ = member.bytes();
        let _ = member.verify();
        let _ = member
            .open()
            .map(|array| array.slice(&"0".parse().unwrap()).is_ok());
        let _ = member
            .open()
            .map(|array| array.summary(&"".parse().unwrap()).is_ok());
        let blocks = member.open().map(|array| array.row_blocks(1));
        let _ = blocks.map(|blocks| blocks.map(|blocks| blocks.take_while(Result::is_ok).count()));
    }
    let _ = archive.verify();
    let _ = archive.get("a");
}

#[test]
fn hostile_archives_take_no_more_than_they_bring() {
    let _alone = alone();
    // The pool of threads takes its memory once.
    let _ = Archive::new(archives("npz")[0].bytes()).unwrap().verify();
    for case in archives("hostile-npz") {
        let bytes = case.bytes();
        let file = File::open(case.path()).unwrap();
        let started = Instant::now();
        // The memory that bzip2's decoder always takes, for its largest block.
        let rare = if case.name.starts_with("bzip2") {
            4 * MIB
        } else {
            0
        };
        within(
            3 * bytes.len() + MIB + 32 * bytes.len().min(64 << 10) + rare,
            || {
                let _ = Archive::new(&bytes).map(|archive| read(&archive));
                let _ = Archive::open(file).map(|archive| read(&archive));
                let _ = Archive::new(Mutex::new(Cursor::new(&bytes))).map(|archive| read(&archive));
                let _ = Archive::salvage(&bytes).map(|salvaged| read(&salvaged.archive));
                let _ = streamed(&bytes[..]);
                let mut stream = Stream::new(&bytes[..]);
                let first = stream.next_member();
                let _ = first.map(|member| member.map(npz::StreamMember::bytes));
                let _ = Stream::new(&bytes[..]).finish();
            },
        );
        assert!(started.elapsed() < Duration::from_secs(5), "{}", case.name);
    }
}

#[test]
fn a_bomb_is_an_error_at_its_first_byte_too_many() {
    let _alone = alone();
    let cases = archives("hostile-npz");
    let bomb = cases.iter().find(|case| case.name == "bomb").unwrap();
    let bytes = bomb.bytes();
    let longer = "member 'a': the data is longer than declared: expected 48 bytes, found more";
    let started = Instant::now();
    within(MIB, || {
        let archive = Archive::new(&bytes).unwrap();
        let member = archive.get("a").unwrap();
        assert_eq!(member.bytes().unwrap_err().to_string(), longer);
        assert_eq!(member.verify().unwrap_err().to_string(), longer);
        let mut stream = Stream::new(&bytes[..]);
        let member = stream.next_member().unwrap().unwrap();
        assert_eq!(member.bytes().unwrap_err().to_string(), longer);
        let mut stream = Stream::new(&bytes[..]);
        let member = stream.next_member().unwrap().unwrap();
        assert_eq!(member.skip().unwrap_err().to_string(), longer);
    });
    assert!(started.elapsed() < Duration::from_secs(2));
}

/// A declared size that 1 MiB of compressed data could reach is not trusted before it is reached.
#[test]
fn a_size_that_is_just_possible_is_not_touched() {
    let _alone = alone();
    let mut writer = WriteOptions::new().deflate(6).stream(Vec::new());
    let noise: Vec<u32> = (0..1u32 << 18)
        .map(|i| i.wrapping_mul(2_654_435_761).rotate_left(i % 31))
        .collect();
    writer
        .array("a", &Array::from_vec(noise, [1 << 18]).unwrap())
        .unwrap();
    let mut bytes = writer.finish().unwrap();
    let archive = Archive::new(&bytes).unwrap();
    let (size, compressed) = (
        archive.member(0).unwrap().size(),
        archive.member(0).unwrap().compressed_size(),
    );
    let lie = (compressed * 1000) as u32;
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == (size as u32).to_le_bytes() {
            bytes[at..at + 4].copy_from_slice(&lie.to_le_bytes());
        }
    }
    let started = Instant::now();
    let result = Archive::new(&bytes).unwrap().member(0).unwrap().bytes();
    assert!(result.is_err());
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
}

/// The memory that a load may take besides the array.
const BESIDE: usize = 8 * MIB;

/// 32 MiB of numbers: item `[i, j]` is `i * 2048 + j`.
fn numbers(path: &Path, compression: Compression, is_stream: bool) {
    let items: Vec<f64> = (0..4 << 20).map(f64::from).collect();
    let array = Array::from_vec(items, [2048, 2048]).unwrap();
    let options = WriteOptions::new().compression(compression);
    let file = File::create(path).unwrap();
    if is_stream {
        let mut writer = options.stream(file);
        writer.array("x", &array).unwrap();
        writer.finish().unwrap();
    } else {
        let mut writer = options.create(file).unwrap();
        writer.array("x", &array).unwrap();
        writer.finish().unwrap();
    }
}

fn is_right(array: &Array, first: f64, last: f64) {
    let ends = [0, array.layout().nbytes() - 8];
    let [a, b] =
        ends.map(|at| f64::from_ne_bytes(array.as_bytes()[at..at + 8].try_into().unwrap()));
    assert_eq!((a, b), (first, last));
}

fn loads<S: npio::ReadAt>(archive: &Archive<S>, is_stored: bool) {
    const LAST: f64 = 4_194_303.0;
    let member = archive.get("x").unwrap();
    let array = within(32 * MIB + BESIDE, || member.read().unwrap());
    is_right(&array, 0.0, LAST);
    drop(array);
    let arrays = within(32 * MIB + BESIDE, || {
        archive.read_all(&ReadOptions::new()).unwrap()
    });
    is_right(&arrays[0].1, 0.0, LAST);
    drop(arrays);
    let bytes = within(32 * MIB + BESIDE, || member.bytes().unwrap());
    assert_eq!(bytes.len(), 32 * MIB + 128);
    drop(bytes);
    within(BESIDE, || member.verify().unwrap());
    within(BESIDE, || assert!(archive.verify().len() <= 1));
    let slice: Slice = "1000:1010".parse().unwrap();
    let part = within(BESIDE, || member.open().unwrap().slice(&slice).unwrap());
    is_right(&part, 2_048_000.0, 2_068_479.0);
    let blocks = member.open().unwrap().row_blocks(256).unwrap();
    let mut first = 0.0;
    within(4 * MIB + BESIDE, || {
        for block in blocks {
            is_right(&block.unwrap(), first, first + 524_287.0);
            first += 524_288.0;
        }
    });
    // Copied as it is, whatever it is.
    within(BESIDE, || {
        let mut writer = WriteOptions::new().stream(std::io::sink());
        writer.copy(&member).unwrap();
        writer.finish().unwrap();
    });
    assert_eq!(
        is_stored,
        member.compression_method() == npz::CompressionMethod::Stored
    );
}

#[test]
fn loads_take_the_array_and_eight_mebibytes() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    for (compression, is_stored) in [
        (Compression::STORED, true),
        (Compression::deflated(1), false),
    ] {
        for is_stream in [false, true] {
            numbers(&path, compression, is_stream);
            loads(
                &Archive::open(File::open(&path).unwrap()).unwrap(),
                is_stored,
            );
            loads(
                &Archive::new(Mutex::new(File::open(&path).unwrap())).unwrap(),
                is_stored,
            );
            let bytes = std::fs::read(&path).unwrap();
            let archive = Archive::new(&bytes).unwrap();
            loads(&archive, is_stored);
            if is_stored {
                let view = within(MIB, || archive.get("x").unwrap().view().unwrap());
                assert_eq!(view.as_bytes().len(), 32 * MIB);
            }
            // Its length is not known before: memory doubles as bytes arrive.
            let mut stream = Stream::new(File::open(&path).unwrap());
            let array = within(3 * 32 * MIB + BESIDE, || {
                stream.next_member().unwrap().unwrap().read().unwrap()
            });
            is_right(&array, 0.0, 4_194_303.0);
            drop(array);
            stream.finish().unwrap();
        }
    }
}

#[test]
fn large_members_are_written_without_being_kept() {
    let _alone = alone();
    let items: Vec<f64> = (0..4 << 20).map(f64::from).collect();
    let array = Array::from_vec(items, [2048, 2048]).unwrap();
    for compression in [
        Compression::STORED,
        Compression::deflated(1),
        Compression::deflated(6),
    ] {
        within(2 * BESIDE, || {
            let mut writer = WriteOptions::new()
                .compression(compression)
                .stream(std::io::sink());
            writer.array("x", &array).unwrap();
            writer.array("y", &array).unwrap();
            writer.finish().unwrap();
        });
    }
}
