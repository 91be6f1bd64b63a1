//! How much memory hostile files may take: never more than what is there allows.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use cap::Cap;
use conformance::cases;
use npio::flatfile::npy::{self, ReadOptions};
use std::alloc::System;
use std::fs::File;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Three times the bytes that are there, 1 MiB, and 32 times the header, which may be all of them.
fn allowed(bytes: usize) -> usize {
    3 * bytes + (1 << 20) + 32 * bytes
}

#[test]
fn hostile_files_take_no_more_than_they_bring() {
    for case in ["hostile", "foreign"].into_iter().flat_map(cases) {
        let bytes = case.bytes();
        let file = File::open(case.path()).unwrap();
        let before = ALLOCATOR.allocated();
        ALLOCATOR.set_limit(before + allowed(bytes.len())).unwrap();
        let started = Instant::now();
        let _ = npy::read(&bytes[..]);
        let _ = npy::parse(&bytes);
        let _ = ReadOptions::new().read_at(&file, 0);
        ALLOCATOR.set_limit(usize::MAX).unwrap();
        // It takes milliseconds; a parser that goes exponential takes minutes.
        assert!(started.elapsed() < Duration::from_secs(5), "{}", case.name);
    }
}
