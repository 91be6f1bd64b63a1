//! Archives changed at random, mostly in the fields of their records, read by npz and by Python's zipfile: what both
//! read is equal, and differences in what they refuse are deliberate.
//!
//! The zip crate, as strict as it can be, is a second opinion: what it refuses and npz reads has its reason here.
//!
//! `NPIO_NPZ_MUTANTS` sets the number; a share of them is always tried.

use conformance::archives::{archives, streamed};
use conformance::{NumPy, sha256};
use npz::{Archive, ErrorKind};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::io::{self, Cursor};
use zip::ZipArchive;
use zip::read::{ArchiveOffset, Config};

const SHARE: usize = 2000;

/// Archives that Python reads, and npz does not: kinds of error, with the reason.
const NOT_READ: [&str; 6] = [
    // Contradictions between two places, and data that a second reader would see.
    "Ambiguous",
    // Several disks, an incomplete directory, bytes after the end.
    "Broken",
    // Python does not notice a missing end of compressed data, nor missing bytes of the declared size.
    "Compressed",
    "Size",
    // The declared size is more than the compressed bytes could become.
    "Ratio",
    // Several disks, encryption that one of two headers has, rare properties of lzma.
    "Unsupported",
];

/// Archives that npz reads, and Python does not: the beginning of Python's error, and why npz reads it.
const ALSO_READ: [(&str, &str); 2] = [
    (
        "zip file version",
        "the version that is needed says nothing of what is there",
    ),
    ("NotImplementedError: zip file version", "the same"),
];

/// What npz reads, and the zip crate refuses where it compares all headers: a part of its error, and why npz reads it.
const NOT_READ_BY_ZIP: [(&str, &str); 4] = [
    (
        "duplicate file names",
        "they are listed, and one is read only if the last is asked for",
    ),
    (
        "last modified time mismatch",
        "the time is no part of what is read",
    ),
    (
        "local file header missing from central directory",
        "among bytes that belong to nothing, where neither a directory nor a stream leads: that right after a member is \
         refused",
    ),
    (
        "UnicodePath (0x7075) extra field mismatch",
        "a field that is made for another name is ignored, as APPNOTE 4.6.9 says",
    ),
];

struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below.max(1)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.next(of.len())]
    }
}

type Places = &'static [(usize, usize)];

/// Offsets and sizes of fields, by the signature of their record.
const FIELDS: [(&[u8], Places); 6] = [
    (
        b"PK\x01\x02",
        &[
            (8, 2),
            (10, 2),
            (16, 4),
            (20, 4),
            (24, 4),
            (28, 2),
            (30, 2),
            (32, 2),
            (34, 2),
            (42, 4),
            (46, 1),
            (50, 1),
            (53, 2),
            (55, 2),
            (57, 8),
        ],
    ),
    (
        b"PK\x03\x04",
        &[
            (6, 2),
            (8, 2),
            (14, 4),
            (18, 4),
            (22, 4),
            (26, 2),
            (28, 2),
            (30, 1),
            (35, 2),
            (37, 2),
            (39, 8),
            (47, 8),
        ],
    ),
    (
        b"PK\x05\x06",
        &[(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)],
    ),
    (
        b"PK\x06\x06",
        &[(4, 8), (16, 4), (20, 4), (24, 8), (32, 8), (40, 8), (48, 8)],
    ),
    (b"PK\x06\x07", &[(4, 4), (8, 8), (16, 4)]),
    (b"PK\x07\x08", &[(4, 4), (8, 4), (12, 4), (8, 8), (16, 8)]),
];

/// Changes a field of a record, a byte, or moves bytes.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    let find = |bytes: &[u8], signature: &[u8]| -> Vec<usize> {
        let windows = bytes.windows(4).enumerate();
        windows
            .filter(|(_, window)| *window == signature)
            .map(|(at, _)| at)
            .collect()
    };
    let length = bytes.len();
    match random.next(12) {
        0..9 => {
            let (signature, fields) = random.pick(&FIELDS);
            let places = find(bytes, signature);
            if places.is_empty() {
                return;
            }
            let (at, size) = random.pick(fields);
            let at = random.pick(&places) + at;
            let Some(field) = bytes.get(at..at + size) else {
                return;
            };
            let mut old = [0; 8];
            old[..size].copy_from_slice(field);
            let old = u64::from_le_bytes(old);
            let any = random.next(length + 1) as u64;
            let new = random.pick(&[
                0,
                1,
                8,
                u64::MAX,
                u64::MAX >> 1,
                old.wrapping_add(1),
                old.wrapping_sub(1),
                old ^ 8,
                old ^ 0x800,
                length as u64,
                any,
                old.wrapping_add(any),
                old ^ 1 << (any % 64),
            ]);
            bytes[at..at + size].copy_from_slice(&new.to_le_bytes()[..size]);
        }
        9 => {
            let at = random.next(length);
            bytes[at] = random.next(256) as u8;
        }
        10 => {
            let (from, count, to) = (random.next(length), random.next(80), random.next(length));
            let part = bytes[from..(from + count).min(length)].to_vec();
            bytes.splice(to..to, part);
        }
        _ => {
            let (from, count) = (random.next(length), random.next(40));
            bytes.drain(from..(from + count).min(length));
        }
    }
}

/// Python's result for an archive: an error, or each member's name with its bytes' SHA-256 or an error.
const READ: &str = r#"
import zipfile
answer = []
with zipfile.ZipFile(args[0]) as z:
    for info in z.infolist():
        try:
            if info.file_size > 1 << 24:
                raise ValueError("more than is read here")
            answer.append([info.filename, hashlib.sha256(z.read(info)).hexdigest(), None])
        except Exception as error:
            answer.append([info.filename, None, f"{type(error).__name__}: {error}"])
"#;

fn kind(error: &npz::Error) -> String {
    let kind = format!("{:?}", error.kind());
    kind.split([' ', '(']).next().unwrap_or_default().to_owned()
}

#[test]
fn changed_archives_are_read_as_python_reads_them_or_not_at_all() {
    let Some(mut python) = NumPy::start() else {
        return;
    };
    let count = count();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let seeds = seeds();
    let mut random = Random(6);
    let (mut both, mut kinds, mut only_ours) = (0, BTreeMap::new(), BTreeMap::new());
    for number in 0..count {
        let mut mutant = seeds[random.next(seeds.len())].clone();
        for _ in 0..=random.next(3) {
            if !mutant.is_empty() {
                mutate(&mut mutant, &mut random);
            }
        }
        fs::write(&path, &mutant).unwrap();
        let theirs = python.ask(READ, &[json!(path)]);
        let archive = match (Archive::new(&mutant), &theirs) {
            (Ok(archive), _) => archive,
            (Err(error), Ok(_)) => {
                *kinds.entry(kind(&error)).or_insert(0) += 1;
                continue;
            }
            (Err(_), Err(_)) => continue,
        };
        let theirs = match theirs {
            Ok(Value::Array(theirs)) => theirs,
            other => {
                let message = other.err().unwrap_or_default();
                if contents_read(&archive) {
                    only_ours.entry(message).or_insert(number);
                }
                continue;
            }
        };
        assert_eq!(archive.len(), theirs.len(), "mutant {number}");
        for (member, theirs) in archive.members().zip(&theirs) {
            match (member.bytes(), theirs[1].as_str()) {
                (Ok(ours), Some(theirs)) => {
                    assert_eq!(
                        sha256(&ours),
                        theirs,
                        "mutant {number}: {}",
                        member.file_name()
                    );
                    both += 1;
                }
                (Err(error), Some(_)) => *kinds.entry(kind(&error)).or_insert(0) += 1,
                (Ok(_), None) => {
                    let message = theirs[2].as_str().unwrap_or_default();
                    only_ours.entry(message.to_owned()).or_insert(number);
                }
                (Err(error), None) => assert!(!matches!(error.kind(), ErrorKind::Io(_)), "{error}"),
            }
            // Older versions of Python do not know the extra field with the name in UTF-8.
            let has_path = mutant.windows(2).any(|id| id == 0x7075u16.to_le_bytes());
            assert!(
                has_path || theirs[0] == member.file_name(),
                "mutant {number}: {theirs}"
            );
        }
    }
    eprintln!(
        "{count} changed archives: {both} members read as Python does; only Python reads {kinds:?}"
    );
    only_ours.retain(|message, _| !ALSO_READ.iter().any(|(begin, _)| message.contains(begin)));
    assert!(only_ours.is_empty(), "only npz reads: {only_ours:#?}");
    kinds.retain(|kind, _| !NOT_READ.contains(&kind.as_str()));
    assert!(kinds.is_empty(), "only Python reads: {kinds:?}");
    assert!(both > count / 4, "{both} members");
}

/// The number of changed archives.
fn count() -> usize {
    let count = env::var("NPIO_NPZ_MUTANTS").ok();
    count.map_or(SHARE, |count| count.parse().unwrap())
}

fn seeds() -> Vec<Vec<u8>> {
    let cases = ["npz", "hostile-npz"].into_iter().flat_map(archives);
    cases
        .map(|case| case.bytes())
        .filter(|bytes| (22..3000).contains(&bytes.len()))
        .collect()
}

/// The error of the zip crate, which compares all headers and reads all members.
fn zip_error(bytes: &[u8]) -> Option<String> {
    let read = || {
        let archive_offset = ArchiveOffset::Known(0);
        let mut archive = ZipArchive::with_config(Config { archive_offset }, Cursor::new(bytes))?;
        archive.validate_header_consistency()?;
        for index in 0..archive.len() {
            io::copy(&mut archive.by_index(index)?, &mut io::sink())?;
        }
        Ok::<_, zip::result::ZipError>(())
    };
    read().err().map(|error| error.to_string())
}

#[test]
fn the_zip_crate_refuses_nothing_else() {
    let mut others: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut both, mut only_ours_refuses) = (0, 0);
    let mut compare = |name: String, bytes: &[u8]| {
        let archive = Archive::new(bytes);
        let is_read = archive.as_ref().is_ok_and(contents_read);
        if let Some(archive) = archive.ok().filter(|_| is_read && streamed(bytes).is_ok()) {
            is_salvaged(&name, &archive, bytes);
        }
        match zip_error(bytes) {
            Some(error) if is_read => others.entry(error).or_default().push(name),
            None if !is_read => only_ours_refuses += 1,
            _ => both += 1,
        }
    };
    for folder in ["npz", "hostile-npz", "npz-foreign"] {
        for case in archives(folder) {
            compare(case.name.clone(), &case.bytes());
        }
    }
    let (mut random, seeds) = (Random(7), seeds());
    for number in 0..count() {
        let mut mutant = seeds[random.next(seeds.len())].clone();
        for _ in 0..=random.next(3) {
            if !mutant.is_empty() {
                mutate(&mut mutant, &mut random);
            }
        }
        compare(number.to_string(), &mutant);
    }
    eprintln!("{both} archives: both agree; {only_ours_refuses}: only npz refuses");
    others.retain(|error, _| {
        let mut reasons = NOT_READ_BY_ZIP.iter();
        !reasons.any(|(part, _)| error.contains(part))
    });
    assert!(others.is_empty(), "only npz reads: {others:#?}");
}

/// What can be read, also without the directory, is found.
fn is_salvaged(name: &str, archive: &Archive<&[u8]>, bytes: &[u8]) {
    let facts = |archive: &Archive<&[u8]>| -> BTreeSet<(String, u32, u64)> {
        let members = archive.members();
        let facts = |member: npz::Member<'_, &[u8]>| {
            (member.file_name().to_owned(), member.crc32(), member.size())
        };
        members.map(facts).collect()
    };
    let Ok(salvaged) = Archive::salvage(bytes) else {
        assert!(archive.is_empty(), "{name}: nothing is salvaged");
        return;
    };
    assert!(contents_read(&salvaged.archive), "{name}");
    let (expected, found) = (facts(archive), facts(&salvaged.archive));
    assert!(
        expected.is_subset(&found),
        "{name}: {expected:?}, {found:?}"
    );
}

fn contents_read<S: npio::ReadAt>(archive: &Archive<S>) -> bool {
    archive.members().all(|member| member.bytes().is_ok())
}
