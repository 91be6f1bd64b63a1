//! The directory at the end of an archive, read so that no other reader can take it for another one.

use crate::record::{self, Common, End, Fields, length};
use crate::source::{Source, read_exact_at};
use crate::{Error, ErrorKind};

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
pub(crate) fn read<S: Source>(source: &S) -> Result<Vec<Entry>, Error> {
    let file_length = source.length()?;
    let (end, begin) = find_end(source, file_length)?;
    if end.disks != (0, 0) || end.entries_here != end.entries {
        let what = "an archive in several parts".to_owned();
        return Err(ErrorKind::Unsupported(what).into());
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
    bound(&mut entries, end.offset)?;
    Ok(entries)
}

/// Finds the end of the directory, and where the records begin that it consists of.
fn find_end<S: Source>(source: &S, file_length: u64) -> Result<(End, u64), Error> {
    let tail_length = file_length.min((length::END + MAX_COMMENT) as u64);
    let tail_begin = file_length - tail_length;
    let mut tail = vec![0; tail_length as usize];
    read_exact_at(source, &mut tail, tail_begin)?;
    let signature = record::signature::END.to_le_bytes();
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
                let what = "the archive does not end where the end of its directory says";
                Error::broken(tail_begin + i as u64, what)
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
fn widen<S: Source>(source: &S, end: End, begin: u64) -> Result<(End, u64), Error> {
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
    let Some(wide_begin) = record::locator(&bytes) else {
        return missing();
    };
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
        Some((wide, _)) if end.agrees_with(&wide) => Ok((wide, wide_begin)),
        Some(_) => {
            let what = "the two ends of the directory say two things";
            Err(Error::ambiguous(begin, what))
        }
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
        let mut entry = entry.ok_or_else(|| Error::broken(at, "no entry of the directory"))?;
        let widened = entry.widen().map_err(|what| Error::ambiguous(at, what));
        let name = record::name(entry.name, entry.common.flags)
            .map_err(|what| Error::ambiguous(at, what))?;
        widened.map_err(|error| error.of(crate::name::key(&name)))?;
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

/// Says where each member has to end; an error where two lie over one another or over the directory.
fn bound(entries: &mut [Entry], directory: u64) -> Result<(), Error> {
    let mut by_offset: Vec<&mut Entry> = entries.iter_mut().collect();
    by_offset.sort_by_key(|entry| entry.offset);
    let mut limit = directory;
    for entry in by_offset.into_iter().rev() {
        entry.limit = limit;
        let (Common { compressed, .. }, name) = (entry.common, entry.name.len());
        let fixed = (length::LOCAL + name) as u64;
        let end = compressed
            .checked_add(fixed)
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
    Ok(())
}
