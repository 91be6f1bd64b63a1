//! Replays the findings of `cargo xtask fuzz`: the corpora, and the inputs that once broke something.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use cap::Cap;
use conformance::{fuzz, fuzz_table, fuzz_text};
use std::alloc::System;
use std::fs;
use std::path::Path;

/// The inputs are small, so no array is large.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, 64 << 20);

fn replay(target: &str, body: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let mut inputs = 0;
    for part in ["corpus", "findings"] {
        // Some targets have no findings.
        let entries = fs::read_dir(folder.join(part).join(target));
        for entry in entries.into_iter().flatten() {
            let path = entry.unwrap().path();
            // If it panics, this is printed.
            println!("{}", path.display());
            body(&fs::read(path).unwrap());
            inputs += 1;
        }
    }
    assert!(inputs > 100, "{inputs} inputs");
}

#[test]
fn descr() {
    replay("descr", fuzz::descr);
}

#[test]
fn header() {
    replay("header", fuzz::header);
}

#[test]
fn npz() {
    replay("npz", fuzz::npz);
}

#[test]
fn text() {
    replay("text", fuzz_text::text);
}

#[test]
fn table() {
    replay("table", fuzz_table::table);
}

#[test]
fn format() {
    replay("format", fuzz_text::format);
}

#[test]
fn npy() {
    replay("npy", fuzz::npy);
}

#[test]
fn json() {
    replay("json", fuzz::json);
}

#[test]
fn pickle() {
    replay("pickle", fuzz::pickle);
}
