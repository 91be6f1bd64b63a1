//! Archives with any byte changed or the end cut off: the same members or an error, never others.

use conformance::archives::{Archived, Contents, archives, contents, streamed};
use npz::Archive;
use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Mutex;

/// Bytes without a meaning for readers of arrays.
const MEANINGLESS: [&str; 11] = [
    // Bits after its end; and runs of equal bytes can be copied from several places.
    "compressed data",
    "header: version",
    "header: date",
    "entry: made by",
    "entry: version",
    "entry: date",
    "entry: attributes",
    // Bits for the effort of the compression, and undefined ones.
    "header: flags",
    "entry: flags",
    // Its number becomes that of an unknown field.
    "header: extra field",
    // Readers of the directory do not need it.
    "behind the data",
];

fn seeds() -> Vec<Archived> {
    let names = [
        "stored",
        "compressed",
        "streamed",
        "compressed-streamed",
        "bzip2",
        "lzma",
        "zip64-end",
    ];
    let cases = archives("npz").into_iter();
    cases
        .filter(|case| names.contains(&case.name.as_str()))
        .collect()
}

/// Every way to change a byte that finds bugs.
fn changes(byte: u8) -> BTreeSet<u8> {
    let bits = (0..8).map(|bit| byte ^ (1 << bit));
    let others = [byte.wrapping_add(1), byte.wrapping_sub(1), 0, 0xff];
    bits.chain(others)
        .filter(|changed| *changed != byte)
        .collect()
}

/// The field and the record of a byte.
fn field(bytes: &[u8], at: usize) -> &'static str {
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let find = |signature: &[u8]| {
        let windows = bytes[..(at + 4).min(bytes.len())].windows(4);
        windows
            .enumerate()
            .rfind(|(i, window)| *i <= at && *window == signature)
            .map(|(i, _)| i)
    };
    let records = [
        (find(b"PK\x03\x04"), 0),
        (find(b"PK\x01\x02"), 1),
        (find(b"PK\x05\x06"), 2),
    ];
    let (begin, record) = records.into_iter().max().unwrap();
    let Some(begin) = begin else { return "nothing" };
    match (record, at - begin) {
        (0, 4..6) => "header: version",
        (0, 6..8) => "header: flags",
        (0, 10..14) => "header: date",
        (0, n) if n < 30 => "header",
        (0, n) if n < 30 + u16_at(begin + 26) => "header: name",
        (0, n) if n < 30 + u16_at(begin + 26) + u16_at(begin + 28) => "header: extra field",
        (0, n) => {
            let data = 30 + u16_at(begin + 26) + u16_at(begin + 28);
            let size = length(bytes, begin);
            match (n < data + size, bytes[begin + 8]) {
                (false, _) => "behind the data",
                (true, 0) => "data",
                (true, _) => "compressed data",
            }
        }
        (1, 4..6) => "entry: made by",
        (1, 6..8) => "entry: version",
        (1, 8..10) => "entry: flags",
        (1, 12..16) => "entry: date",
        (1, 34..36) => "entry: disk",
        (1, 36..42) => "entry: attributes",
        (1, _) => "entry",
        _ => "end",
    }
}

/// The size of the data that belongs to the header at this position.
fn length(bytes: &[u8], header: usize) -> usize {
    let archive = Archive::new(bytes).unwrap();
    let mut begins = 0;
    let mut found = 0;
    for window in bytes.windows(46) {
        if window.starts_with(b"PK\x01\x02") {
            let offset = u32::from_le_bytes(window[42..46].try_into().unwrap()) as usize;
            if offset == header {
                found = archive.member(begins).unwrap().compressed_size() as usize;
            }
            begins += 1;
        }
    }
    found
}

/// Whether a changed archive is an error, or else the same.
fn is_refused(
    name: &str,
    expected: &Contents,
    read: Result<Contents, npz::Error>,
    at: usize,
) -> bool {
    match read {
        Ok(contents) => {
            assert!(
                contents == *expected,
                "{name}: other data, with byte {at} changed"
            );
            false
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            true
        }
    }
}

/// Changes every byte in every way; returns the number of changes, and the fields in which they went
/// unnoticed.
fn change(case: &Archived) -> (usize, BTreeSet<&'static str>) {
    let (mut tried, mut unnoticed) = (0, BTreeSet::new());
    let (name, mut bytes) = (case.name.as_str(), case.bytes());
    let expected = contents(&Archive::new(&bytes).unwrap()).unwrap();
    let fields: Vec<_> = (0..bytes.len()).map(|at| field(&bytes, at)).collect();
    for at in 0..bytes.len() {
        let byte = bytes[at];
        for changed in changes(byte) {
            bytes[at] = changed;
            let slice = Archive::new(&bytes).and_then(|archive| contents(&archive));
            let slice = is_refused(name, &expected, slice, at);
            let seekable = Archive::new(Mutex::new(Cursor::new(&bytes)));
            let seekable = seekable.and_then(|archive| contents(&archive));
            let seekable = is_refused(name, &expected, seekable, at);
            assert_eq!(slice, seekable, "{name}: byte {at}");
            let stream = is_refused(name, &expected, streamed(&bytes[..]), at);
            // Reading in one pass has everything to compare.
            assert!(
                stream || !slice,
                "{name}: only a stream reads it, with byte {at} changed"
            );
            if !slice {
                unnoticed.insert(fields[at]);
            }
            tried += 1;
        }
        bytes[at] = byte;
    }
    (tried, unnoticed)
}

#[test]
fn a_changed_byte_is_an_error_or_means_nothing() {
    let seeds = seeds();
    assert_eq!(seeds.len(), 6);
    let (mut tried, mut unnoticed) = (0, BTreeSet::new());
    std::thread::scope(|scope| {
        let threads = seeds.iter().map(|case| scope.spawn(|| change(case)));
        for thread in threads.collect::<Vec<_>>() {
            let (count, fields) = thread.join().unwrap();
            tried += count;
            unnoticed.extend(fields);
        }
    });
    let meaningless = BTreeSet::from(MEANINGLESS);
    let new: Vec<_> = unnoticed.difference(&meaningless).collect();
    assert!(new.is_empty(), "unnoticed: {new:?}");
    assert!(tried > 30_000, "{tried} changes");
    eprintln!("{tried} changes; unnoticed in {unnoticed:?}");
}

#[test]
fn a_prefix_is_an_error() {
    for case in archives("npz")
        .into_iter()
        .filter(|case| case.bytes().len() < 4000)
    {
        let bytes = case.bytes();
        for length in 0..bytes.len() {
            let prefix = &bytes[..length];
            assert!(Archive::new(prefix).is_err(), "{}: {length}", case.name);
            assert!(
                Archive::new(Mutex::new(Cursor::new(prefix))).is_err(),
                "{}: {length}",
                case.name
            );
            assert!(streamed(prefix).is_err(), "{}: {length}", case.name);
        }
    }
}
