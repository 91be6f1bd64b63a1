//! Any bytes as an archive.

use super::{Chunks, slice};
use crate::archives::{Content, Contents, contents, streamed};
use flatfile::ReadAt;
use flatfile::dtype::Order;
use flatfile::npy::ReadOptions;
use npz::{Archive, CompressionMethod, ErrorKind, Member, Stream, Update, WriteOptions};
use std::io::{Cursor, Read};
use std::sync::Mutex;

/// Every way to read an archive comes to the same members or the same error, and the written members read
/// back as the same.
///
/// The bytes also choose the slice and the rest, from the last one backwards.
///
/// # Panics
/// If that does not hold.
pub fn npz(data: &[u8]) {
    as_npz(data);
    agreed(data).iter().for_each(|data| as_npz(data));
}

/// The bytes with each member's header as the directory has it, and the CRC-32 of stored data: otherwise
/// most changes would only make the two differ.
fn agreed(data: &[u8]) -> Option<Vec<u8>> {
    let mut agreed = data.to_vec();
    let places = data.windows(4).enumerate();
    for (entry, _) in places.filter(|(_, window)| *window == b"PK\x01\x02") {
        let number = |at: usize| {
            let bytes = data.get(entry + at..entry + at + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
        };
        let Some(header) = number(42).filter(|at| {
            data.get(*at..)
                .is_some_and(|rest| rest.starts_with(b"PK\x03\x04"))
        }) else {
            continue;
        };
        // Flags, method, date, CRC and sizes.
        for at in 0..20 {
            if let (Some(claimed), Some(here)) =
                (data.get(entry + 8 + at), agreed.get_mut(header + 6 + at))
            {
                *here = *claimed;
            }
        }
        let short = |at: usize| {
            let bytes = data.get(header + at..header + at + 2)?;
            Some(usize::from(u16::from_le_bytes(bytes.try_into().ok()?)))
        };
        let (Some(name), Some(extra), Some(size), Some(method)) =
            (short(26), short(28), number(20), number(10))
        else {
            continue;
        };
        let begin = header + 30 + name + extra;
        if method & 0xffff == 0 {
            let Some(stored) = begin.checked_add(size).and_then(|end| data.get(begin..end)) else {
                continue;
            };
            let crc = crc32fast::hash(stored).to_le_bytes();
            for at in [entry + 16, header + 14] {
                if let Some(place) = agreed.get_mut(at..at + 4) {
                    place.copy_from_slice(&crc);
                }
            }
        }
    }
    (agreed != data).then_some(agreed)
}

fn as_npz(data: &[u8]) {
    let mut choices = data.iter().rev().copied().chain([0]).cycle();
    let whole = streamed(data);
    let chunks = Chunks {
        rest: data,
        sizes: choices.by_ref(),
    };
    let chunked = streamed(chunks);
    is_same(&whole, &chunked);
    // Members that are not read are skipped, and the directory is the same.
    let skipped = Stream::new(data).finish();
    assert!(whole.is_err() || skipped.is_ok());

    if let Ok(salvaged) = Archive::salvage(data) {
        let members = salvaged.archive.members();
        assert!(
            members
                .map(|member| member.verify())
                .all(|verified| verified.is_ok())
        );
    }

    let slice = Archive::new(data);
    let seekable = Archive::new(Mutex::new(Cursor::new(data)));
    let (slice, seekable) = match (slice, seekable) {
        (Ok(slice), Ok(seekable)) => (slice, seekable),
        (Err(slice), Err(seekable)) => {
            assert_eq!(slice.to_string(), seekable.to_string());
            assert!(whole.is_err(), "only a stream reads it: {slice}");
            return;
        }
        (slice, seekable) => panic!("{:?}, {:?}", slice.err(), seekable.err()),
    };
    assert_eq!(slice.len(), seekable.len());
    for (one, other) in slice.members().zip(seekable.members()) {
        is_one_member(&one, &other, &mut choices);
    }
    let _ = slice.read_all(&ReadOptions::new());
    let read = contents(&slice);
    assert!(
        read.is_err()
            || slice
                .verify()
                .iter()
                .all(|issue| !matches!(issue.kind, npz::IssueKind::Error(_)))
    );
    match (whole, &read) {
        (Ok(mut whole), Ok(read)) => {
            let mut read = read.clone();
            // A directory may have another order than the members.
            let order = |(name, content): &(String, Content)| (name.clone(), content.sha256());
            whole.sort_by_key(order);
            read.sort_by_key(order);
            assert_eq!(whole, read);
        }
        // A broken array whose name is not that of one is only bytes when streamed here.
        (Ok(_), Err(error)) => assert!(matches!(error.kind(), ErrorKind::Array(_)), "{error}"),
        (Err(_), _) => {}
    }
    if let Ok(read) = read {
        is_copied(&slice, &read);
    }
}

/// Whether both are the same, or errors with the same text.
fn is_same<T: PartialEq + std::fmt::Debug>(
    one: &Result<T, npz::Error>,
    other: &Result<T, npz::Error>,
) {
    let is_compressed = |error: &npz::Error| matches!(error.kind(), ErrorKind::Compressed { .. });
    match (one, other) {
        // The number of bytes before the error depends on the size of the request.
        (Err(one), Err(other)) if is_compressed(one) || is_compressed(other) => {}
        (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string()),
        (one, other) => assert_eq!(one.as_ref().ok(), other.as_ref().ok()),
    }
}

/// Whether a member is the same through both entry points, and its parts the same as the whole.
fn is_one_member<B: ReadAt, S: ReadAt>(
    one: &Member<'_, B>,
    other: &Member<'_, S>,
    choices: &mut impl Iterator<Item = u8>,
) {
    let (bytes, others) = (one.bytes(), other.bytes());
    is_same(&bytes, &others);
    assert!(
        bytes
            .as_ref()
            .err()
            .is_none_or(|error| error.member().is_some())
    );
    assert_eq!(one.verify().is_ok(), bytes.is_ok());
    let mut piecewise = Vec::new();
    let reader = one.reader().map_err(std::io::Error::from);
    let read = reader.and_then(|mut reader| reader.read_to_end(&mut piecewise));
    assert_eq!(read.is_ok(), bytes.is_ok());
    let Ok(bytes) = bytes else {
        // An array may be an error before its bytes are; but it is never one that was not checked.
        return assert!(one.read().is_err() && other.read().is_err());
    };
    assert_eq!(piecewise, bytes);
    assert_eq!(bytes.len() as u64, one.size());
    let (array, others) = (one.read(), other.read());
    let array = match (array, others) {
        (Ok(array), Ok(others)) => {
            assert_eq!(Content::Array(array.clone()), Content::Array(others));
            array
        }
        (Err(one), Err(other)) => return assert_eq!(one.to_string(), other.to_string()),
        (one, other) => panic!("{:?}, {:?}", one.err(), other.err()),
    };
    let parsed = flatfile::npy::read(&bytes[..]).expect("as from the archive");
    assert_eq!(Content::Array(parsed), Content::Array(array.clone()));
    let open = one.open().expect("there is a header");
    assert_eq!(open.layout(), array.layout());
    match one.view() {
        Ok(view) => assert_eq!(view.as_bytes(), array.as_bytes()),
        Err(error) => assert!(
            matches!(error.kind(), ErrorKind::NotStored)
                && one.compression_method() != CompressionMethod::Stored
        ),
    }
    let part = slice(choices);
    let expected = array
        .strided()
        .slice(&part)
        .and_then(|part| part.to_array(Order::C));
    for read in [
        one.open().and_then(|array| Ok(array.slice(&part)?)),
        other.open().and_then(|array| Ok(array.slice(&part)?)),
    ] {
        match (&expected, read) {
            (Ok(expected), Ok(read)) => {
                let read = read.to_order(Order::C).expect("little memory");
                assert_eq!(read.as_bytes(), expected.as_bytes());
            }
            (Err(_), Err(_)) => {}
            (expected, read) => panic!("{:?}, {:?}", expected.as_ref().err(), read.err()),
        }
    }
}

/// Whether members that are copied as they are stay the same.
fn is_copied<S: ReadAt>(archive: &Archive<S>, expected: &Contents) {
    let mut streamed = WriteOptions::new().stream(Vec::new());
    let mut seeking = npz::Writer::new(Cursor::new(Vec::new()));
    let copied = Update::new().write(archive, &mut seeking);
    match copied {
        // Duplicates, and names that NumPy would confuse.
        Err(error) => return assert!(matches!(error.kind(), ErrorKind::Name(_)), "{error}"),
        Ok(()) => {
            for member in archive.members() {
                streamed.copy(&member).expect("as the other could");
            }
        }
    }
    let seeking = seeking.finish().expect("memory").into_inner();
    let streamed = streamed.finish().expect("memory");
    assert_eq!(seeking, streamed);
    let again = contents(&Archive::new(&seeking).expect("an archive of ours"));
    assert_eq!(again.expect("members of ours"), *expected);
}
