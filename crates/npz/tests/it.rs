//! Archives that this crate writes are read by it and by another crate.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use flatfile::npy::ReadOptions;
use flatfile::{Array, ReadAt, Strided};
use npz::{
    Archive, Compression, CompressionMethod, Directory, ErrorKind, Fetched, Parse, Stream, Update,
    WriteOptions, Writer,
};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::{self, Cursor, Read, Write};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

type Members = Vec<(String, Array, Compression)>;

/// Bytes that compress, and bytes that do not.
fn items() -> impl Strategy<Value = Array> {
    let small = vec(any::<u16>(), 0..200);
    let long = (1usize..300_000, any::<u64>(), 0u32..17).prop_map(|(count, seed, bits)| {
        let mut state = seed | 1;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            ((state >> 40) as u16) & (0xffff >> bits.min(15))
        };
        (0..count).map(|_| next()).collect::<Vec<u16>>()
    });
    prop_oneof![4 => small, 1 => long].prop_map(|items| {
        let count = items.len();
        Array::from_vec(items, [count]).unwrap()
    })
}

fn members() -> impl Strategy<Value = Members> {
    let compression = prop_oneof![
        Just(Compression::STORED),
        (1u8..=9).prop_map(Compression::deflated)
    ];
    vec(("[a-zé/.]{0,8}", items(), compression), 0..6).prop_map(|members| {
        let numbered = members.into_iter().enumerate();
        numbered
            .map(|(i, (name, array, how))| (format!("{name}{i}"), array, how))
            .collect()
    })
}

fn write<W: Write>(mut writer: Writer<W>, members: &Members) -> W {
    for (name, array, compression) in members {
        writer.set_compression(*compression);
        writer.array(name, array).unwrap();
    }
    writer.finish().unwrap()
}

fn archive(members: &Members) -> Vec<u8> {
    write(Writer::new(Cursor::new(Vec::new())), members).into_inner()
}

fn same(a: &Array, b: &Array) -> bool {
    a.layout() == b.layout() && a.as_bytes() == b.as_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_way_in_reads_what_every_way_out_wrote(members in members()) {
        let seekable = archive(&members);
        let streamed = write(WriteOptions::new().stream(Vec::new()), &members);
        for bytes in [&seekable, &streamed] {
            let slice = Archive::new(bytes).unwrap();
            let cursor = Archive::new(Mutex::new(Cursor::new(bytes))).unwrap();
            prop_assert_eq!(slice.len(), members.len());
            let mut stream = Stream::new(&bytes[..]);
            for (i, (name, array, compression)) in members.iter().enumerate() {
                let member = slice.get(name).unwrap();
                prop_assert_eq!((member.name(), member.index()), (name.as_str(), i));
                prop_assert!(same(&member.read().unwrap(), array));
                prop_assert!(same(&cursor.get(name).unwrap().read().unwrap(), array));
                prop_assert!(same(&stream.next_member().unwrap().unwrap().read().unwrap(), array));
                let data_size = member.open().unwrap().source().data_size();
                prop_assert_eq!(data_size, array.as_bytes().len() as u64);
                if *compression == Compression::STORED {
                    let view = member.view().unwrap();
                    prop_assert_eq!(view.as_bytes(), array.as_bytes());
                    prop_assert_eq!(member.open().unwrap().data_offset().unwrap() % 64, 0);
                }
                let slice = "::-3".parse().unwrap();
                let part = member.open().unwrap().slice(&slice).unwrap();
                let expected = array.strided().slice(&slice).unwrap();
                let expected = expected.to_array(array.layout().order()).unwrap();
                prop_assert!(same(&part, &expected));
                let part = cursor.get(name).unwrap().open().unwrap().slice(&slice);
                prop_assert!(same(&part.unwrap(), &expected));
            }
            for (all, (name, array, _)) in slice.read_all(&ReadOptions::new()).unwrap().iter().zip(&members) {
                prop_assert_eq!(all.0, name);
                prop_assert!(same(&all.1, array));
            }
            prop_assert!(stream.next_member().unwrap().is_none());
            stream.finish().unwrap();
            let mut unread = Stream::new(&bytes[..]);
            let first = unread.next_member().unwrap().map(|member| member.name().to_owned());
            prop_assert_eq!(first.as_ref(), members.first().map(|(name, ..)| name));
            unread.finish().unwrap();
            prop_assert!(slice.verify().is_empty());
        }
    }

    #[test]
    fn the_zip_crate_reads_the_same(members in members()) {
        let streamed = write(WriteOptions::new().stream(Vec::new()), &members);
        for bytes in [archive(&members), streamed] {
            let ours = Archive::new(&bytes).unwrap();
            let mut theirs = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
            theirs.validate_header_consistency().unwrap();
            prop_assert_eq!(theirs.len(), ours.len());
            for member in ours.members() {
                let mut file = theirs.by_index(member.index()).unwrap();
                prop_assert_eq!(&file.name().unwrap(), member.file_name());
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                prop_assert_eq!(bytes, member.bytes().unwrap());
            }
        }
    }

    #[test]
    fn what_the_zip_crate_writes_is_read(members in members()) {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, array, compression) in &members {
            let method = match compression.method() {
                CompressionMethod::Stored => zip::CompressionMethod::Stored,
                _ => zip::CompressionMethod::Deflated,
            };
            let options = zip::write::SimpleFileOptions::default().compression_method(method);
            writer.start_file(format!("{name}.npy"), options).unwrap();
            writer.write_all(&flatfile::npy::to_bytes(array).unwrap()).unwrap();
        }
        let bytes = writer.finish().unwrap().into_inner();
        let archive = Archive::new(bytes).unwrap();
        for (name, array, _) in &members {
            prop_assert!(same(&archive.get(name).unwrap().read().unwrap(), array));
        }
    }

    #[test]
    fn arrays_at_once_are_those_one_by_one(members in members(), level in 1u8..=9) {
        let options = WriteOptions::new().deflate(level);
        let mut writer = options.create(Cursor::new(Vec::new())).unwrap();
        let views = members.iter().map(|(name, array, _)| (name, Strided::from(array)));
        writer.arrays(views).unwrap();
        let at_once = writer.finish().unwrap().into_inner();
        let mut writer = options.create(Cursor::new(Vec::new())).unwrap();
        for (name, array, _) in &members {
            writer.array(name, array).unwrap();
        }
        prop_assert_eq!(at_once, writer.finish().unwrap().into_inner());
    }

    #[test]
    fn an_update_changes_what_it_is_told(members in members(), new in items()) {
        let old = archive(&members);
        let old = Archive::new(&old).unwrap();
        let mut update = Update::new().set("new", &new);
        if let Some((first, ..)) = members.first() {
            update = update.rename(first, "renamed");
        }
        if let [_, (second, ..), ..] = members.as_slice() {
            update = update.set(second, &new);
        }
        if let [_, _, (third, ..), ..] = members.as_slice() {
            update = update.remove(third);
        }
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        update.write(&old, &mut writer).unwrap();
        let bytes = writer.finish().unwrap().into_inner();
        // The same, after the members that stay where they are.
        prop_assert!(resumed(&old, &update) == bytes);
        let archive = Archive::new(bytes).unwrap();
        prop_assert!(archive.verify().is_empty());
        for (i, (name, array, _)) in members.iter().enumerate() {
            match i {
                0 => prop_assert!(same(&archive.get("renamed").unwrap().read().unwrap(), array)),
                1 => prop_assert!(same(&archive.get(name).unwrap().read().unwrap(), &new)),
                2 => prop_assert!(archive.get(name).is_err()),
                _ => {
                    let (old, new) = (old.get(name).unwrap(), archive.get(name).unwrap());
                    prop_assert_eq!(old.compressed_size(), new.compressed_size());
                    prop_assert!(same(&new.read().unwrap(), array));
                }
            }
        }
        prop_assert!(same(&archive.get("new").unwrap().read().unwrap(), &new));
    }
}

/// An archive with these changes, whose unchanged beginning is a copy of the old one.
fn resumed(old: &Archive<&Vec<u8>>, update: &Update<'_>) -> Vec<u8> {
    let kept = update.unchanged(old).unwrap();
    let target = Cursor::new((*old.source()).clone());
    let mut writer = WriteOptions::new().resume(target, old, kept).unwrap();
    update.write(old, &mut writer).unwrap();
    let target = writer.finish().unwrap();
    let end = target.position() as usize;
    target.into_inner()[..end].to_vec()
}

/// Members that are not the first in the file cannot stay where they are without the others.
#[test]
fn a_directory_in_another_order() {
    let two = Array::from_slice(&[2u8], [1]).unwrap();
    let members = ["a", "b"].map(|name| (name.to_owned(), two.clone(), Compression::STORED));
    let mut bytes = archive(&members.to_vec());
    let begin = Archive::new(&bytes).unwrap().directory().offset() as usize;
    let entry = (bytes.len() - 22 - begin) / 2;
    bytes[begin..begin + 2 * entry].rotate_left(entry);
    let old = Archive::new(&bytes).unwrap();
    assert_eq!(old.names().collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!([0, 1, 2, 3].map(|count| old.leading(count)), [0, 0, 2, 2]);
    let error = WriteOptions::new().resume(Cursor::new(Vec::new()), &old, 1);
    assert!(matches!(
        error.unwrap_err().kind(),
        ErrorKind::Unsupported(_)
    ));
    for (update, kept, names) in [
        (Update::new().set("c", &two), 2, "b a c"),
        (Update::new().rename("a", "c"), 0, "b c"),
        (Update::new().remove("b"), 0, "a"),
    ] {
        assert_eq!(update.unchanged(&old).unwrap(), kept);
        let new = resumed(&old, &update);
        let new = Archive::new(&new).unwrap();
        assert!(new.verify().is_empty());
        assert_eq!(new.names().collect::<Vec<_>>().join(" "), names);
    }
}

/// Members that do not count cannot be kept in the directory.
#[test]
fn what_was_left_out_is_not_kept() {
    let two = Array::from_slice(&[2u8], [1]).unwrap();
    let members = ["a", "b", "c"].map(|name| (name.to_owned(), two.clone(), Compression::STORED));
    let mut bytes = archive(&members.to_vec());
    let twice: Vec<usize> = memchr::memmem::find_iter(&bytes, b"b.npy").collect();
    for at in twice {
        bytes[at] = b'a';
    }
    let all = Archive::new(&bytes).unwrap();
    assert_eq!(all.leading(2), 2);
    let last = all.last_of_duplicates();
    let salvaged = Archive::salvage(&bytes).unwrap().archive;
    for old in [last, salvaged.last_of_duplicates()] {
        assert_eq!((old.leading(1), old.leading(9), old.end_of(0)), (0, 0, 0));
        let new = resumed(&old, &Update::new().set("d", &two));
        let new = Archive::new(&new).unwrap();
        assert!(new.verify().is_empty());
        assert_eq!(new.names().collect::<Vec<_>>(), ["a", "c", "d"]);
    }
}

#[test]
fn a_member_that_was_not_finished_spoils_the_archive() {
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    writer.member("half").unwrap().write_all(b"half").unwrap();
    assert!(writer.member("other").is_err());
    assert!(writer.finish().is_err());
}

#[test]
fn names_are_checked_before_anything_is_written() {
    let one = Array::from_slice(&[1u8], [1]).unwrap();
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    let twice = [("a", one.strided()), ("a", one.strided())];
    let error = writer.arrays(twice).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Name(_)));
    assert_eq!(
        error.to_string(),
        "member 'a': the name could not be read back: another member has it"
    );
    assert_eq!(writer.finish().unwrap().into_inner().len(), 22);
}

#[test]
fn blocks_of_rows_come_without_the_rest() {
    let items: Vec<u32> = (0..100_000).collect();
    let array = Array::from_vec(items, [10_000, 10]).unwrap();
    for compression in [Compression::STORED, Compression::deflated(6)] {
        let bytes = archive(&vec![("x".into(), array.clone(), compression)]);
        let archive = Archive::new(bytes).unwrap();
        let member = archive.get("x").unwrap();
        let blocks = member.open().unwrap().row_blocks(999).unwrap();
        let rows: Vec<u8> = blocks
            .flat_map(|block| block.unwrap().as_bytes().to_vec())
            .collect();
        assert_eq!(rows, array.as_bytes());
    }
}

/// Parts of an archive are fetched in no more requests than necessary.
#[test]
fn parts_are_asked_for_once() {
    let large = Array::from_vec(vec![7u32; 300_000], [300_000]).unwrap();
    let members = vec![
        ("large".into(), large.clone(), Compression::STORED),
        ("small".into(), large, Compression::deflated(6)),
    ];
    let bytes = archive(&members);
    let mut fetched = Fetched::new(bytes.len() as u64);
    let mut requests = Vec::new();
    let mut fetch = |fetched: &mut Fetched, range: Range<u64>| {
        let part = &bytes[range.start as usize..range.end as usize];
        fetched.add(range.start, part.to_vec());
        requests.push(range);
    };
    let directory = loop {
        match Directory::parse(&fetched).unwrap() {
            Parse::Done(directory) => break directory,
            Parse::Need(range) => fetch(&mut fetched, range),
        }
    };
    let opened = Archive::new(&bytes).unwrap();
    for (entry, member) in directory.entries().iter().zip(opened.members()) {
        let range = loop {
            match entry.data(&fetched).unwrap() {
                Parse::Done(range) => break range,
                Parse::Need(range) => fetch(&mut fetched, range),
            }
        };
        assert_eq!(range.end - range.start, member.compressed_size());
        if let Some(offset) = member.reader().unwrap().offset() {
            assert_eq!(offset, range.start);
        }
    }
    // The end, with the small member in it; and the beginning of the large one.
    let end = bytes.len() as u64;
    assert_eq!(requests, [end - 65_557..end, 0..512]);
}

/// Bytes whose reads are counted, and fail if they are of a forbidden length.
struct Counted<'a> {
    bytes: &'a [u8],
    reads: AtomicUsize,
    forbidden: Mutex<Range<usize>>,
}

impl ReadAt for Counted<'_> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.forbidden.lock().unwrap().contains(&bytes.len()) {
            return Err(io::Error::other("a read of this length"));
        }
        self.bytes.read_at(bytes, offset)
    }
}

#[test]
fn small_neighbours_are_read_at_once() {
    let array = |i: usize| Array::from_vec(vec![i as f64; 100], [100]).unwrap();
    let mut members: Members = (0..500)
        .map(|i| (format!("k{i}"), array(i), Compression::STORED))
        .collect();
    members[250].1 = Array::from_vec(vec![7u8; 200_000], [200_000]).unwrap();
    let mut bytes = archive(&members);
    let options = ReadOptions::new();
    let check = |archive: &Archive<Counted<'_>>| {
        let all = archive.read_all(&options).unwrap();
        assert_eq!(all.len(), members.len());
        for ((name, array), (wanted, values, _)) in all.iter().zip(&members) {
            assert!(name == wanted && same(array, values), "{wanted}");
        }
    };
    let archive = Archive::new(Counted {
        bytes: &bytes,
        reads: AtomicUsize::new(0),
        forbidden: Mutex::new(0..0),
    });
    let archive = archive.unwrap();
    let before = archive.source().reads.load(Ordering::Relaxed);
    check(&archive);
    // About 500 KB, 64 KiB at once, and the large member.
    let reads = archive.source().reads.load(Ordering::Relaxed) - before;
    assert!((8..20).contains(&reads), "{reads}");
    // If they cannot be read at once, they are read one by one.
    *archive.source().forbidden.lock().unwrap() = 4096..65_537;
    check(&archive);
    // A member among them that is broken is named.
    let at = bytes
        .windows(8)
        .position(|items| items == 77f64.to_le_bytes())
        .unwrap();
    bytes[at] ^= 1;
    let error = Archive::new(&bytes)
        .unwrap()
        .read_all(&options)
        .unwrap_err();
    assert!(error.to_string().starts_with("member 'k77': "), "{error}");
}

/// What `zipfile` of Python 3.14 compresses with Zstandard, to a file and to a pipe: the same as is stored in another
/// archive.
#[cfg(feature = "zstd")]
#[test]
fn members_that_python_compressed_with_zstandard() {
    let fixture = |name: &str| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
        std::fs::read(folder.join(name)).unwrap()
    };
    let stored = fixture("npz/stored.npz");
    let stored = Archive::new(&stored).unwrap();
    for name in ["python-zstd", "python-zstd-streamed"] {
        let bytes = fixture(&format!("npz-foreign/{name}.npz"));
        let archive = Archive::new(&bytes).unwrap();
        let salvaged = Archive::salvage(&bytes).unwrap();
        assert!(salvaged.lost.is_empty() && salvaged.has_end);
        let mut stream = Stream::new(&bytes[..]);
        assert_eq!(archive.len(), 4);
        for member in archive.members() {
            assert_eq!(member.compression_method(), CompressionMethod::Zstd);
            let expected = stored.get(member.name()).unwrap().bytes().unwrap();
            assert_eq!(member.bytes().unwrap(), expected, "{name}");
            let whole = salvaged.archive.get(member.name()).unwrap();
            assert_eq!(whole.bytes().unwrap(), expected, "{name}");
            let streamed = stream.next_member().unwrap().unwrap();
            assert_eq!(streamed.bytes().unwrap(), expected, "{name}");
        }
        stream.finish().unwrap();
    }
}

/// Archives that this crate does not write.
#[cfg(feature = "zstd")]
#[test]
fn members_by_zstandard_are_read() {
    let array = Array::from_vec((0..100_000u32).collect::<Vec<u32>>(), [100_000]).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let zstd = options.compression_method(zip::CompressionMethod::Zstd);
    writer.start_file("x.npy", zstd).unwrap();
    writer
        .write_all(&flatfile::npy::to_bytes(&array).unwrap())
        .unwrap();
    let mut bytes = writer.finish().unwrap().into_inner();
    let archive = Archive::new(&bytes).unwrap();
    let member = archive.get("x").unwrap();
    assert_eq!(member.compression_method(), CompressionMethod::Zstd);
    assert!(same(&member.read().unwrap(), &array));
    let part = member
        .open()
        .unwrap()
        .slice(&"-1:".parse().unwrap())
        .unwrap();
    assert_eq!(part.to_vec::<u32>().unwrap(), [99_999]);
    // A stream reads the same, and no other bytes.
    let mut stream = Stream::new(&bytes[..]);
    let streamed = stream.next_member().unwrap().unwrap();
    assert_eq!(streamed.compression_method(), CompressionMethod::Zstd);
    assert!(same(&streamed.read().unwrap(), &array));
    stream.finish().unwrap();
    let whole = bytes.clone();
    bytes[2_000] ^= 1;
    let archive = Archive::new(&bytes).unwrap();
    assert!(archive.get("x").unwrap().read().is_err());
    // Wherever it is broken, the error says so.
    for at in (40..2_000).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        match Archive::new(&bytes).unwrap().get("x").unwrap().bytes() {
            Ok(read) => assert_eq!(read, flatfile::npy::to_bytes(&array).unwrap()),
            Err(error) => assert!(
                matches!(
                    error.kind(),
                    ErrorKind::Compressed { .. }
                        | ErrorKind::Checksum { .. }
                        | ErrorKind::Size { .. }
                        | ErrorKind::Ambiguous { .. }
                ),
                "{at}: {error}"
            ),
        }
    }
}

/// A compressed member is read from its beginning again if an earlier position is needed.
#[test]
fn an_open_member_is_read_in_any_order() {
    let items: Vec<u32> = (0..600_000).collect();
    let array = Array::from_slice(&items, [6, 100_000]).unwrap();
    for options in [WriteOptions::new(), WriteOptions::new().deflate(1)] {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = options.create(&mut bytes).unwrap();
        writer.array("x", &array).unwrap();
        writer.finish().unwrap();
        let archive = Archive::new(bytes.into_inner()).unwrap();
        let x = archive.get("x").unwrap().open().unwrap();
        for slice in ["4", "1", "5, ::-7", "1:3", "0, :10", "::-1"] {
            let slice = slice.parse().unwrap();
            let expected = array.strided().slice(&slice).unwrap();
            let expected = expected.to_array(flatfile::dtype::Order::C).unwrap();
            assert!(same(&x.slice(&slice).unwrap(), &expected), "{slice:?}");
        }
        let summary = x.summary(&"3:".parse().unwrap()).unwrap();
        assert!(summary.to_string().starts_with("[[300000 300001"));
        for _ in 0..2 {
            assert_eq!(x.read_vec::<u32>().unwrap(), items);
            let last = x.slice(&"-1".parse().unwrap()).unwrap();
            assert_eq!(last.as_slice::<u32>().unwrap(), &items[500_000..]);
        }
        let mut rows = Vec::new();
        for block in x.row_blocks(4).unwrap() {
            rows.extend_from_slice(block.unwrap().as_slice::<u32>().unwrap());
        }
        assert_eq!(rows, items);
    }
}
