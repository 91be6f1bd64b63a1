//! The directory at the end of an archive, read so strictly that no other reader can find a different one.

use crate::codec::CompressionMethod;
use crate::error::{Error, ErrorKind};
use crate::fetched::{Fetched, Parse, ParseStop, into_parse};
use crate::member::Member;
use crate::name::{SUFFIX, key, undeclared};
use crate::record::{self, EndRecord, EntryInfo, FieldReader, length, signature};
use flatfile::npy_header::known_format;
use std::collections::HashSet;
use std::num::NonZeroU64;
use std::ops::Range;
use std::sync::OnceLock;

/// The longest comment that can follow the end-of-directory record.
const MAX_COMMENT: usize = u16::MAX as usize;

/// The directory's entry of one member.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name in the archive.
    pub(crate) name: Box<str>,
    pub(crate) info: EntryInfo,
    /// The offset of its header.
    pub(crate) offset: u64,
    /// The offset of the next member or the directory: this member has to end before it.
    pub(crate) limit: u64,
    /// Whether it is marked as a symbolic link.
    pub(crate) is_symlink: bool,
    /// The offset of its data, if that is known without its header: see [`Archive::salvage`](crate::Archive::salvage).
    pub(crate) data_offset: Option<NonZeroU64>,
}

impl Entry {
    /// Its name as NumPy lists it: without `.npy`.
    pub fn name(&self) -> &str {
        key(&self.name)
    }

    /// Its name in the zip archive.
    pub fn file_name(&self) -> &str {
        &self.name
    }

    /// How its bytes are compressed.
    pub fn compression_method(&self) -> CompressionMethod {
        CompressionMethod::from_number(self.info.method)
    }

    /// Its size in bytes, including the header of a `.npy`.
    pub fn size(&self) -> u64 {
        self.info.size
    }

    /// The size of its data in the archive, in bytes.
    pub fn compressed_size(&self) -> u64 {
        self.info.compressed_size
    }

    /// The CRC-32 that the archive declares.
    pub fn crc32(&self) -> u32 {
        self.info.crc
    }

    /// Whether the directory marks it as a symbolic link of Unix; its bytes are the path that the link leads to.
    pub fn is_symlink(&self) -> bool {
        self.is_symlink
    }
}

/// The directory of an archive: everything known about it without reading its members.
///
/// It is parsed without any I/O, so the archive can be anywhere, such as across a network. Ambiguous archives are
/// refused, as by [`Archive`](crate::Archive), which uses this type.
///
/// ```
/// use npz::{Directory, Fetched, Parse};
/// # let mut bytes = std::io::Cursor::new(Vec::new());
/// # let mut writer = npz::Writer::new(&mut bytes);
/// # writer.array("x", &flatfile::Array::from_slice(&[1u8, 2], [2]).unwrap())?;
/// # writer.finish()?;
/// # let archive = bytes.into_inner();
/// // This could as well be a request for a range of bytes.
/// let fetch = |range: std::ops::Range<u64>| archive[range.start as usize..range.end as usize].to_vec();
///
/// let mut fetched = Fetched::new(archive.len() as u64);
/// let directory = loop {
///     match Directory::parse(&fetched)? {
///         Parse::Done(directory) => break directory,
///         Parse::Need(range) => fetched.add(range.start, fetch(range)),
///     }
/// };
/// let entry = &directory.entries()[directory.index_of("x")?];
/// let range = loop {
///     match entry.data(&fetched)? {
///         Parse::Done(range) => break range,
///         Parse::Need(range) => fetched.add(range.start, fetch(range)),
///     }
/// };
/// // A stored .npy: its header, and the items.
/// assert!(fetch(range).starts_with(b"\x93NUMPY"));
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug)]
pub struct Directory {
    entries: Vec<Entry>,
    /// The range of the entries in the archive.
    range: Range<u64>,
    /// Whether these are all of the entries there.
    is_whole: bool,
    /// The indices of the entries, sorted by name; made at the first lookup.
    by_name: OnceLock<Vec<u32>>,
}

impl Directory {
    /// Parses the directory of an archive from the bytes fetched so far. The first call asks for the end, 64 KiB or
    /// the whole archive; the next, usually, for the rest of a long directory.
    ///
    /// # Errors
    /// `NotZip`, `Broken`, `Ambiguous`, `Unsupported`.
    pub fn parse(fetched: &Fetched) -> Result<Parse<Directory>, Error> {
        into_parse(read_entries(fetched).map(|(entries, range)| Directory {
            entries,
            range,
            is_whole: true,
            by_name: OnceLock::new(),
        }))
    }

    /// Members that were found without a directory, all of them before `offset`.
    pub(crate) fn of_some(entries: Vec<Entry>, offset: u64) -> Directory {
        Directory {
            entries,
            range: offset..offset,
            is_whole: false,
            by_name: OnceLock::new(),
        }
    }

    /// The same directory with only the last of the entries that have the same name in the archive: the one that NumPy
    /// reads.
    #[must_use]
    pub fn last_of_duplicates(self) -> Directory {
        let mut entries = self.entries;
        let mut names = HashSet::with_capacity(entries.len());
        let mut is_last: Vec<bool> = entries
            .iter()
            .rev()
            .map(|entry| names.insert(&*entry.name))
            .collect();
        let count = entries.len();
        entries.retain(|_| is_last.pop().unwrap_or(true));
        Directory {
            is_whole: self.is_whole && entries.len() == count,
            entries,
            range: self.range,
            by_name: OnceLock::new(),
        }
    }

    /// All entries, in the directory's order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The member at this index of an archive in `source` whose directory this is.
    pub fn member<'a, S>(&'a self, source: &'a S, index: usize) -> Option<Member<'a, S>> {
        let exists = index < self.entries.len();
        exists.then(|| Member::new(source, self, index))
    }

    /// The offset at which the directory begins: all members are before it. For a [salvaged](crate::Archive::salvage)
    /// archive, which may have none, its length.
    pub fn offset(&self) -> u64 {
        self.range.start
    }

    /// Whether these are all of the archive's entries: none was left out, or found without a directory.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The range of the entries in the archive.
    pub(crate) fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    pub(crate) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    /// The index in [`entries`](Directory::entries) of the member of this name, with or without `.npy`. A member with
    /// exactly this name comes first. If the archive does not declare the encoding of its names, they are read as code
    /// page 437, as NumPy reads them; if no member has the name then, one is found whose name is the same in UTF-8.
    ///
    /// # Errors
    /// `NotFound`; `Duplicate` if several have the name.
    pub fn index_of(&self, name: &str) -> Result<usize, Error> {
        match self.find(name) {
            [] | [_] => self.last_index_of(name),
            several => {
                let count = several.len();
                Err(Error::from(ErrorKind::Duplicate { count }).with_member(name))
            }
        }
    }

    /// As [`index_of`](Directory::index_of), but if several have this name the last one is taken, as in
    /// NumPy.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn last_index_of(&self, name: &str) -> Result<usize, Error> {
        let last = self.find(name).last().map(|index| *index as usize);
        last.ok_or_else(|| Error::not_found(name, self.entries.iter().map(|entry| &*entry.name)))
    }

    /// The indices of the entries of this name, in the directory's order.
    fn find(&self, name: &str) -> &[u32] {
        let found = self.find_by_name(name);
        let Some(undeclared) = undeclared(name).filter(|_| found.is_empty()) else {
            return found;
        };
        let found = self.find_by_name(&undeclared);
        let is_declared = |index: &u32| {
            let entry = self.entries.get(*index as usize);
            entry.is_some_and(|entry| entry.info.is_utf8())
        };
        if found.iter().any(is_declared) {
            &[]
        } else {
            found
        }
    }

    fn find_by_name(&self, name: &str) -> &[u32] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: Vec<u32> = (0..self.entries.len() as u32).collect();
            by_name.sort_by_key(|index| self.file_name(*index));
            by_name
        });
        let find = |parts: [&str; 2]| {
            let order = |index: &u32| compare(self.file_name(*index), parts);
            let begin = by_name.partition_point(|index| order(index).is_lt());
            let rest = by_name.get(begin..).unwrap_or_default();
            let count = rest.partition_point(|index| order(index).is_eq());
            rest.get(..count).unwrap_or_default()
        };
        match find([name, ""]) {
            [] => find([name, SUFFIX]),
            found => found,
        }
    }

    /// The number of members with exactly this name in the archive.
    pub(crate) fn count(&self, file_name: &str) -> usize {
        self.find(file_name).len()
    }

    fn file_name(&self, index: u32) -> &str {
        self.entries
            .get(index as usize)
            .map_or("", |entry| &entry.name)
    }
}

/// Compares a name with one that consists of two parts.
fn compare(name: &str, parts: [&str; 2]) -> std::cmp::Ordering {
    name.bytes().cmp(parts.into_iter().flat_map(str::bytes))
}

/// The entries of the directory, in its order, and their range.
///
/// The end-of-directory record is the last in the file, and there is only one; the directory is directly
/// before it, at the offset that it gives; members are before the directory and do not overlap.
fn read_entries(fetched: &Fetched) -> Result<(Vec<Entry>, Range<u64>), ParseStop> {
    let (end, begin) = find_end(fetched)?;
    if end.disks != (0, 0) || end.entries_here != end.entries {
        return Err(multi_part().into());
    }
    match end.offset.checked_add(end.size) {
        Some(directory_end) if directory_end == begin => {}
        _ => {
            let (offset, size) = (end.offset, end.size);
            let what = format!(
                "the directory ends here, but its end record declares {size} bytes at offset {offset}"
            );
            return Err(Error::ambiguous(begin, what).into());
        }
    }
    let bytes = fetched.bytes(end.offset..begin)?;
    let mut entries = parse_entries(bytes, &end)?;
    let first = set_limits(&mut entries, end.offset)?;
    // A self-extracting program may precede the archive; but not another archive, which is what a reader
    // that starts at the beginning would find.
    if first > 0 && fetched.bytes(0..4)? == signature::LOCAL.to_le_bytes() {
        return Err(Error::ambiguous(0, HIDDEN_MEMBER).into());
    }
    Ok((entries, end.offset..begin))
}

/// A stream would have one more member here, which readers of the directory do not see.
pub(crate) const HIDDEN_MEMBER: &str = "a member begins here that is not in the directory";

fn multi_part() -> Error {
    ErrorKind::Unsupported("a multi-part archive".to_owned()).into()
}

/// Finds the end of the directory, and the offset at which its records begin.
fn find_end(fetched: &Fetched) -> Result<(EndRecord, u64), ParseStop> {
    let file_length = fetched.size();
    let tail_length = file_length.min((length::END + MAX_COMMENT) as u64);
    let tail_begin = file_length - tail_length;
    let tail = fetched.bytes(tail_begin..file_length)?;
    let signature = signature::END.to_le_bytes();
    let mut found = None;
    let mut last = None;
    for i in memchr::memmem::find_iter(tail, &signature) {
        last = Some(i);
        let rest = tail.get(i..).unwrap_or_default();
        if let Some((end, comment)) = record::parse_end(rest)
            && length::END + comment == rest.len()
            && found.replace((end, i)).is_some()
        {
            let what = "two end-of-central-directory records, one in the other's comment";
            return Err(Error::ambiguous(tail_begin + i as u64, what).into());
        }
    }
    let Some((end, i)) = found else {
        let error = match last {
            Some(i) => {
                let at = tail_begin + i as u64;
                let what = match tail.get(i..).and_then(record::parse_end) {
                    Some((_, comment)) => format!(
                        "the archive ends at byte {file_length}, but by its end-of-central-directory record at byte {}",
                        at + (length::END + comment) as u64
                    ),
                    None => {
                        "the archive ends within its end-of-central-directory record".to_owned()
                    }
                };
                Error::broken(at, what)
            }
            None => {
                let first = fetched.bytes(0..fetched.size().min(8))?;
                ErrorKind::NotZip(known_format(first)).into()
            }
        };
        return Err(ParseStop::Error(error));
    };
    let begin = tail_begin + i as u64;
    match last {
        // Python only looks for the last one.
        Some(last) if last != i => {
            let what = "the comment contains what some readers take for the end-of-central-directory record";
            Err(Error::ambiguous(tail_begin + last as u64, what).into())
        }
        _ => find_zip64_end(fetched, end, begin),
    }
}

/// The 64-bit end record, if there is one before the other.
fn find_zip64_end(
    fetched: &Fetched,
    end: EndRecord,
    begin: u64,
) -> Result<(EndRecord, u64), ParseStop> {
    let missing = || {
        if end.needs_zip64() {
            let what = "the 64-bit end-of-central-directory record is missing";
            return Err(Error::broken(begin, what).into());
        }
        Ok((end, begin))
    };
    let Some(locator_begin) = begin.checked_sub(length::LOCATOR as u64) else {
        return missing();
    };
    let locator = record::parse_locator(fetched.bytes(locator_begin..begin)?);
    let Some((zip64_begin, disk, disks)) = locator else {
        return missing();
    };
    if disk != 0 || disks > 1 {
        return Err(multi_part().into());
    }
    let is_before = |length: u64| zip64_begin.checked_add(length) == Some(locator_begin);
    let zip64_end = match zip64_begin.checked_add(length::END64 as u64) {
        Some(zip64_limit) if zip64_limit <= locator_begin => {
            let zip64_end = record::parse_end64(fetched.bytes(zip64_begin..zip64_limit)?);
            zip64_end.filter(|(_, length)| is_before(*length))
        }
        _ => None,
    };
    match zip64_end {
        Some((zip64_end, _)) => match end.difference(&zip64_end) {
            None => Ok((zip64_end, zip64_begin)),
            Some((what, in_end, zip64_end)) => {
                let what =
                    format!("this end record gives {in_end} {what}, the 64-bit one {zip64_end}");
                Err(Error::ambiguous(begin, what).into())
            }
        },
        None => {
            let what =
                format!("the 64-bit end-of-central-directory record is not at byte {zip64_begin}");
            Err(Error::ambiguous(locator_begin, what).into())
        }
    }
}

/// The entries in the bytes of a directory, which hold nothing else.
fn parse_entries(bytes: &[u8], end: &EndRecord) -> Result<Vec<Entry>, Error> {
    let mut fields = FieldReader(bytes);
    // At most as many as there is room for.
    let room = end.entries.min((bytes.len() / length::CENTRAL) as u64);
    let mut entries = Vec::with_capacity(room as usize);
    while !fields.0.is_empty() {
        let at = end.offset + (bytes.len() - fields.0.len()) as u64;
        let entry = record::parse_entry(&mut fields);
        let mut entry = entry
            .ok_or_else(|| Error::broken(at, "no complete entry of the directory begins here"))?;
        let sizes = entry
            .apply_zip64()
            .map_err(|what| Error::ambiguous(at, what));
        let name = entry.name().map_err(|what| Error::ambiguous(at, what))?;
        sizes.map_err(|error| error.with_member(key(&name)))?;
        // This value means that the number is stored elsewhere.
        if entry.disk != 0 && entry.disk != u16::MAX {
            return Err(multi_part().with_member(key(&name)));
        }
        entries.push(Entry {
            name,
            info: entry.info,
            offset: entry.offset,
            limit: end.offset,
            is_symlink: entry.is_symlink,
            data_offset: None,
        });
    }
    if entries.len() as u64 == end.entries {
        Ok(entries)
    } else {
        let (declared, found) = (end.entries, entries.len());
        let what =
            format!("the end record declares {declared} entries, but the directory has {found}");
        Err(Error::ambiguous(end.offset, what))
    }
}

/// Sets the limit of each member, and returns the offset of the first; an error if two overlap, or one
/// overlaps the directory.
fn set_limits(entries: &mut [Entry], directory: u64) -> Result<u64, Error> {
    let mut by_offset: Vec<&mut Entry> = entries.iter_mut().collect();
    by_offset.sort_by_key(|entry| entry.offset);
    let mut limit = directory;
    for entry in by_offset.into_iter().rev() {
        entry.limit = limit;
        // The names in the local headers are checked when members are read.
        let compressed = entry.info.compressed_size;
        let end = compressed
            .checked_add(length::LOCAL as u64)
            .and_then(|n| entry.offset.checked_add(n));
        if end.is_none_or(|end| end > limit) {
            let what = if limit == directory {
                "the member overlaps the directory"
            } else {
                "the member overlaps the next one"
            };
            let error = Error::ambiguous(entry.offset, what);
            return Err(error.with_member(key(&entry.name)));
        }
        limit = entry.offset;
    }
    Ok(limit)
}
