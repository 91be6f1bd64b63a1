//! The directory at the end of an archive, read so that no other reader can take it for another one.

use crate::record::{self, Common, End, Fields, length, signature};
use crate::{Error, ErrorKind};
use flatfile::{ReadAt, read_exact_at};

/// The longest comment that can stand behind the end of the directory.
const MAX_COMMENT: usize = u16::MAX as usize;

/// What the directory says of one member.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The name in the archive.
    pub(crate) name: Box<str>,
    pub(crate) common: Common,
    /// Where its header begins.
    pub(crate) offset: u64,
    /// Where the next member or the directory begins, so that this one has to end before.
    pub(crate) limit: u64,
}

/// Reads the entries of the directory, in its order.
///
/// The end of the directory is the last thing in the file, and is there once; the directory lies right
/// before it, where it says; entries lie before the directory, and not over one another.
pub(crate) fn read<S: ReadAt>(source: &S) -> Result<Vec<Entry>, Error> {
    let file_length = source.len()?;
    let (end, begin) = find_end(source, file_length)?;
    if end.disks != (0, 0) || end.entries_here != end.entries {
        return Err(in_parts());
    }
    match end.offset.checked_add(end.size) {
        Some(directory_end) if directory_end == begin => {}
        _ => {
            let (offset, size) = (end.offset, end.size);
            return Err(Error::ambiguous(
                begin,
                format!(
                    "the directory ends here, and is said to have {size} bytes from byte {offset} on"
                ),
            ));
        }
    }
    // No more than the file has, since it ends in it.
    let mut bytes = vec![0; end.size as usize];
    read_exact_at(source, &mut bytes, end.offset)?;
    let mut entries = parse(&bytes, &end)?;
    let first = bound(&mut entries, end.offset)?;
    if first > 0 {
        // A program that unpacks itself may stand before the archive; but not another archive, which is what a
        // reader would have that begins at the beginning.
        let mut bytes = [0; 4];
        read_exact_at(source, &mut bytes, 0)?;
        if bytes == signature::LOCAL.to_le_bytes() {
            return Err(Error::ambiguous(0, HIDDEN));
        }
    }
    Ok(entries)
}

/// Where nobody who reads the directory sees it, a stream has one more member.
pub(crate) const HIDDEN: &str = "a member begins here that the directory does not have";

fn in_parts() -> Error {
    ErrorKind::Unsupported("an archive in several parts".to_owned()).into()
}

/// Finds the end of the directory, and where the records begin that it consists of.
fn find_end<S: ReadAt>(source: &S, file_length: u64) -> Result<(End, u64), Error> {
    let tail_length = file_length.min((length::END + MAX_COMMENT) as u64);
    let tail_begin = file_length - tail_length;
    let mut tail = vec![0; tail_length as usize];
    read_exact_at(source, &mut tail, tail_begin)?;
    let signature = signature::END.to_le_bytes();
    let mut found = None;
    let mut last = None;
    for (i, window) in tail.windows(signature.len()).enumerate() {
        if window != signature {
            continue;
        }
        last = Some(i);
        let rest = tail.get(i..).unwrap_or_default();
        if let Some((end, comment)) = record::end(rest)
            && length::END + comment == rest.len()
            && found.replace((end, i)).is_some()
        {
            let what = "two ends of a directory, one in the other's comment";
            return Err(Error::ambiguous(tail_begin + i as u64, what));
        }
    }
    let Some((end, i)) = found else {
        return Err(match last {
            Some(i) => {
                let at = tail_begin + i as u64;
                let what = match tail.get(i..).and_then(record::end) {
                    Some((_, comment)) => format!(
                        "the archive ends at byte {file_length}, and by the end of its directory at byte {}",
                        at + (length::END + comment) as u64
                    ),
                    None => "the archive ends within the end of its directory".to_owned(),
                };
                Error::broken(at, what)
            }
            None => ErrorKind::NotZip.into(),
        });
    };
    let begin = tail_begin + i as u64;
    match last {
        // Python looks for the last one only.
        Some(last) if last != i => {
            let what = "the comment holds what some readers take for the end of a directory";
            Err(Error::ambiguous(tail_begin + last as u64, what))
        }
        _ => widen(source, end, begin),
    }
}

/// The end in 64 bits, where there is one before the other.
fn widen<S: ReadAt>(source: &S, end: End, begin: u64) -> Result<(End, u64), Error> {
    let missing = || match end.is_narrow() {
        true => Err(Error::broken(
            begin,
            "the 64-bit end of the directory is missing",
        )),
        false => Ok((end, begin)),
    };
    let Some(locator_begin) = begin.checked_sub(length::LOCATOR as u64) else {
        return missing();
    };
    let mut bytes = [0; length::LOCATOR];
    read_exact_at(source, &mut bytes, locator_begin)?;
    let Some((wide_begin, disk, disks)) = record::locator(&bytes) else {
        return missing();
    };
    if disk != 0 || disks > 1 {
        return Err(in_parts());
    }
    let mut bytes = [0; length::END64];
    let is_before = |length: u64| wide_begin.checked_add(length) == Some(locator_begin);
    let fits = wide_begin.checked_add(length::END64 as u64);
    let wide = match fits.is_some_and(|end| end <= locator_begin) {
        true => {
            read_exact_at(source, &mut bytes, wide_begin)?;
            record::end64(&bytes).filter(|(_, length)| is_before(*length))
        }
        false => None,
    };
    match wide {
        Some((wide, _)) => match end.unlike(&wide) {
            None => Ok((wide, wide_begin)),
            Some((what, narrow, wide)) => {
                let what = format!(
                    "this end says that the directory has {narrow} {what}, the 64-bit one {wide}"
                );
                Err(Error::ambiguous(begin, what))
            }
        },
        None => {
            let what = format!("the 64-bit end of the directory is not at byte {wide_begin}");
            Err(Error::ambiguous(locator_begin, what))
        }
    }
}

/// The entries in the bytes of a directory, which are all that is there.
fn parse(bytes: &[u8], end: &End) -> Result<Vec<Entry>, Error> {
    let mut fields = Fields(bytes);
    // As many as there is room for, at most.
    let room = end.entries.min((bytes.len() / length::CENTRAL) as u64);
    let mut entries = Vec::with_capacity(room as usize);
    while !fields.0.is_empty() {
        let at = end.offset + (bytes.len() - fields.0.len()) as u64;
        let entry = record::entry(&mut fields);
        let mut entry = entry
            .ok_or_else(|| Error::broken(at, "no whole entry of the directory begins here"))?;
        let widened = entry.widen().map_err(|what| Error::ambiguous(at, what));
        let name = entry.name().map_err(|what| Error::ambiguous(at, what))?;
        widened.map_err(|error| error.of(crate::name::key(&name)))?;
        // As many as that where the number stands elsewhere.
        if entry.disk != 0 && entry.disk != u16::MAX {
            return Err(in_parts().of(crate::name::key(&name)));
        }
        entries.push(Entry {
            name,
            common: entry.common,
            offset: entry.offset,
            limit: end.offset,
        });
    }
    match entries.len() as u64 == end.entries {
        true => Ok(entries),
        false => {
            let (said, found) = (end.entries, entries.len());
            let what = format!("the directory is said to have {said} entries, and has {found}");
            Err(Error::ambiguous(end.offset, what))
        }
    }
}

/// Says where each member has to end, and where the first begins; an error where two lie over one another or
/// over the directory.
fn bound(entries: &mut [Entry], directory: u64) -> Result<u64, Error> {
    let mut by_offset: Vec<&mut Entry> = entries.iter_mut().collect();
    by_offset.sort_by_key(|entry| entry.offset);
    let mut limit = directory;
    for entry in by_offset.into_iter().rev() {
        entry.limit = limit;
        // The names in the headers are looked at when members are read.
        let compressed = entry.common.compressed;
        let end = compressed
            .checked_add(length::LOCAL as u64)
            .and_then(|n| entry.offset.checked_add(n));
        if end.is_none_or(|end| end > limit) {
            let what = match limit == directory {
                true => "the member reaches into the directory",
                false => "the member reaches into the next one",
            };
            let error = Error::ambiguous(entry.offset, what);
            return Err(error.of(crate::name::key(&entry.name)));
        }
        limit = entry.offset;
    }
    Ok(limit)
}
