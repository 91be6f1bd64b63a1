//! Damaged archives: every member whose bytes are whole comes back, and no other.

use conformance::archives::archives;
use conformance::sha256;
use flatfile::Array;
use npz::{Archive, Directory, ErrorKind, Fetched, Parse, WriteOptions, Writer};
use std::collections::BTreeMap;
use std::env;
use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::ops::Range;

/// The name and the bytes of each member, in the order of the bytes.
type Members = Vec<(String, String)>;

fn members(archive: &Archive<&[u8]>) -> Members {
    let read = |member: npz::Member<'_, &[u8]>| {
        let bytes = member.bytes().unwrap();
        (member.file_name().to_owned(), sha256(&bytes))
    };
    archive.members().map(read).collect()
}

/// Where the data of each member is.
fn ranges(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut fetched = Fetched::new(bytes.len() as u64);
    fetched.add(0, bytes.to_vec());
    let Parse::Done(directory) = Directory::parse(&fetched).unwrap() else {
        panic!("everything is there");
    };
    let data = |entry: &npz::Entry| match entry.data(&fetched).unwrap() {
        Parse::Done(range) => range.start as usize..range.end as usize,
        Parse::Need(_) => panic!("everything is there"),
    };
    directory.entries().iter().map(data).collect()
}

/// Archives of NumPy and zipfile, those of no more than this many bytes.
fn sound(most: usize) -> impl Iterator<Item = (String, Vec<u8>)> {
    let all = archives("npz").into_iter();
    all.map(|case| (case.name.clone(), case.bytes()))
        .filter(move |(_, bytes)| bytes.len() <= most)
}

#[test]
fn whole_members_of_cut_archives() {
    let (mut cuts, mut whole, mut broken) = (0, 0, 0);
    for (name, bytes) in sound(20_000) {
        let expected = members(&Archive::new(&bytes[..]).unwrap());
        let ranges = ranges(&bytes);
        for cut in (0..bytes.len()).step_by(97) {
            let salvaged = Archive::salvage(&bytes[..cut]);
            let Ok(salvaged) = salvaged else {
                assert!(ranges.iter().all(|data| cut < data.end), "{name}: {cut}");
                continue;
            };
            let found = members(&salvaged.archive);
            // What follows the data, its CRC among it, takes up to 24 bytes.
            let sure = ranges.iter().filter(|data| cut >= data.end + 24).count();
            let most = ranges.iter().filter(|data| cut >= data.end).count();
            assert!((sure..=most).contains(&found.len()), "{name}: {cut}");
            assert_eq!(found, expected[..found.len()], "{name}: {cut}");
            assert!(
                salvaged.lost.len() <= 1 && !salvaged.has_end,
                "{name}: {cut}"
            );
            (cuts, whole, broken) = (cuts + 1, whole + found.len(), broken + salvaged.lost.len());
        }
    }
    eprintln!("{cuts} cut archives: {whole} members saved, {broken} lost");
    assert!(whole > 500 && broken > 200);
}

#[test]
fn members_between_other_bytes() {
    for (name, bytes) in sound(1 << 20) {
        let expected = members(&Archive::new(&bytes[..]).unwrap());
        for (before, after) in [(0, 0), (0, 1000), (7, 0), (70_000, 3)] {
            let noise = |count: usize| (0..count).map(|i| (i * i) as u8);
            let file: Vec<u8> = noise(before)
                .chain(bytes.iter().copied())
                .chain(noise(after))
                .collect();
            let salvaged = Archive::salvage(&file[..]).unwrap();
            assert_eq!(members(&salvaged.archive), expected, "{name}");
            assert!(salvaged.lost.is_empty(), "{name}: {:?}", salvaged.lost);
            assert!(salvaged.has_end, "{name}");
        }
    }
}

/// A changed byte in its data loses a member, and no other.
#[test]
fn members_beside_a_broken_one() {
    for (name, bytes) in sound(12_000) {
        let expected = members(&Archive::new(&bytes[..]).unwrap());
        for (i, data) in ranges(&bytes).into_iter().enumerate() {
            if data.is_empty() {
                continue;
            }
            let mut changed = bytes.clone();
            changed[data.start + data.len() / 2] ^= 0x10;
            let salvaged = Archive::salvage(&changed[..]).unwrap();
            let mut rest = expected.clone();
            let (lost, _) = rest.remove(i);
            assert_eq!(members(&salvaged.archive), rest, "{name}: {lost}");
            let names: Vec<_> = salvaged.lost.iter().map(|lost| &lost.file_name).collect();
            assert_eq!(names, [&Some(lost)], "{name}");
            assert!(salvaged.has_end);
        }
    }
}

/// The fields of headers, changed: what is lost is named by the directory.
#[test]
fn members_without_a_header() {
    let array = |n: u8| Array::from_slice(&[n], [1]).unwrap();
    let mut writer = Writer::new(std::io::Cursor::new(Vec::new()));
    for (name, n) in [("a", 1), ("b", 2), ("c", 3)] {
        writer.array(name, &array(n)).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let header = bytes.windows(5).position(|name| name == b"b.npy").unwrap() - 30;
    let mut errors = BTreeMap::new();
    for at in header..header + 35 {
        let mut changed = bytes.clone();
        changed[at] ^= 0xff;
        let salvaged = Archive::salvage(&changed[..]).unwrap();
        let names: Vec<_> = salvaged.archive.names().collect();
        if names.len() == 3 {
            // Another name is another member; the version, the time and a wrong size do not matter, since the CRC-32 is
            // right.
            assert!(at - header >= 30 || names[1] == "b");
            continue;
        }
        assert_eq!(names, ["a", "c"], "byte {}", at - header);
        assert!(salvaged.has_end);
        let lost = &salvaged.lost[0];
        errors.insert(lost.to_string(), lost.offset as usize == header);
    }
    assert!(errors.values().all(|is_there| *is_there), "{errors:#?}");
    assert!(
        errors
            .keys()
            .any(|text| text.ends_with("member 'b': broken zip archive, at byte 193: the directory lists a member that does not begin there")),
        "{errors:#?}"
    );
}

/// Inconsistent archives: whatever is salvaged has the CRC-32 that it declares.
#[test]
fn hostile_archives_are_searched() {
    let mut read = 0;
    for case in archives("hostile-npz") {
        let bytes = case.bytes();
        if let Ok(salvaged) = Archive::salvage(&bytes[..]) {
            for member in salvaged.archive.members() {
                member.verify().unwrap();
                read += 1;
            }
        }
    }
    assert!(read > 100, "{read} members");
}

/// What looks like thousands of members, each as long as the rest, takes no time that grows with the square of its
/// length.
#[test]
fn many_headers_of_one_member() {
    let mut header = b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00".to_vec();
    header.extend([1; 4]);
    header.extend(900_000u32.to_le_bytes().repeat(2));
    header.extend(b"\x01\x00\x00\x00x");
    let bytes = header.repeat(2_000_000 / header.len());
    let salvaged = Archive::salvage(&bytes[..]).unwrap();
    assert!(salvaged.archive.is_empty() && !salvaged.has_end);
    let last = salvaged.lost.last().unwrap().to_string();
    assert!(last.contains("was not searched"), "{last}");
}

#[test]
fn other_files_are_no_archives() {
    for bytes in [&b""[..], b"PK", b"\x93NUMPY\x01\x00", &[0; 1000]] {
        let error = Archive::salvage(bytes).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotZip(_)), "{error}");
    }
}

/// A source of more than 4 GiB, nearly all of it holes, as cnpy writes it: sizes and offsets modulo 2³². It takes ten
/// seconds, and so `NPIO_LARGE=1`.
#[test]
fn sizes_that_do_not_fit() {
    // No array of 4 GiB fits into addresses of 32 bits.
    if env::var_os("NPIO_LARGE").is_none() || usize::BITS < 64 {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let mut file = File::create(&path).unwrap();
    let small = flatfile::npy::to_bytes(&Array::from_slice(&[7u8, 8], [2]).unwrap()).unwrap();
    let rows = 4500u64 << 20;
    let text = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({rows},), }}");
    let large = [
        b"\x93NUMPY\x01\x00\x76\x00",
        format!("{text:<117}\n").as_bytes(),
    ]
    .concat();
    let large_crc = {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&large);
        let zeros = {
            let mut crc = crc32fast::Hasher::new();
            crc.update(&vec![0; 1 << 20]);
            crc
        };
        (0..rows >> 20).for_each(|_| crc.combine(&zeros));
        crc.finalize()
    };
    let members = [
        ("first.npy", crc32fast::hash(&small), &small, 0),
        ("large.npy", large_crc, &large, rows),
        ("last.npy", crc32fast::hash(&small), &small, 0),
    ];
    let mut directory = Vec::new();
    for (name, crc, bytes, holes) in members {
        let size = (bytes.len() as u64 + holes) as u32;
        let mut facts = b"\x14\x00\x00\x00\x00\x00\x00\x00\x21\x00".to_vec();
        facts.extend(
            [crc, size, size]
                .iter()
                .flat_map(|field| field.to_le_bytes()),
        );
        facts.extend((name.len() as u32).to_le_bytes());
        let offset = file.stream_position().unwrap() as u32;
        file.write_all(b"PK\x03\x04").unwrap();
        file.write_all(&facts).unwrap();
        file.write_all(name.as_bytes()).unwrap();
        file.write_all(bytes).unwrap();
        file.seek(SeekFrom::Current(holes as i64)).unwrap();
        directory.extend([b"PK\x01\x02\x14\x00", &facts[..], &[0; 10]].concat());
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let begin = file.stream_position().unwrap() as u32;
    file.write_all(&directory).unwrap();
    file.write_all(b"PK\x05\x06\x00\x00\x00\x00\x03\x00\x03\x00")
        .unwrap();
    let end = [directory.len() as u32, begin];
    file.write_all(&end.map(u32::to_le_bytes).concat()).unwrap();
    file.write_all(&[0; 2]).unwrap();
    drop(file);

    let open = || flatfile::RandomAccessFile::open(&path).unwrap();
    assert!(Archive::new(open()).is_err());
    let salvaged = Archive::salvage(open()).unwrap();
    assert!(
        salvaged.lost.is_empty() && salvaged.has_end,
        "{:?}",
        salvaged.lost
    );
    let archive = salvaged.archive;
    assert_eq!(
        archive.names().collect::<Vec<_>>(),
        ["first", "large", "last"]
    );
    assert_eq!(
        archive.get("last").unwrap().read().unwrap().as_bytes(),
        [7, 8]
    );
    let large = archive.get("large").unwrap();
    assert_eq!(large.size(), 128 + rows);
    let part = large.open().unwrap().slice(&"-3:".parse().unwrap());
    assert_eq!(part.unwrap().as_bytes(), [0; 3]);
}

/// Descriptors in every form, after data that does not tell where it ends.
#[test]
fn members_whose_length_follows_them() {
    let mut writer = WriteOptions::new().stream(Vec::new());
    let text: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
    for name in ["a.txt", "b.txt"] {
        let mut member = writer.member(name).unwrap();
        member.write_all(&text).unwrap();
        member.finish().unwrap();
    }
    let bytes = writer.finish().unwrap();
    let expected = members(&Archive::new(&bytes[..]).unwrap());
    let descriptors: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..].starts_with(b"PK\x07\x08"))
        .collect();
    assert_eq!(descriptors.len(), 2);
    for (has_signature, is_wide) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut other = bytes.clone();
        for at in descriptors.iter().rev() {
            let crc_and_sizes = bytes[at + 4..at + 24].to_vec();
            let mut descriptor = if has_signature {
                b"PK\x07\x08".to_vec()
            } else {
                Vec::new()
            };
            if is_wide {
                descriptor.extend(crc_and_sizes);
            } else {
                descriptor.extend(&crc_and_sizes[..8]);
                descriptor.extend(&crc_and_sizes[12..16]);
            }
            other.splice(*at..at + 24, descriptor);
        }
        let salvaged = Archive::salvage(&other[..]).unwrap();
        assert_eq!(
            members(&salvaged.archive),
            expected,
            "{has_signature} {is_wide}"
        );
        assert!(salvaged.lost.is_empty(), "{:?}", salvaged.lost);
    }
}
