//! The bytes of a member as they lie in the archive: [`Window`].

use crate::agree::{Said, agree};
use crate::directory::{Entry, HIDDEN};
use crate::name::key;
use crate::record::{self, Record, flag, length, signature};
use crate::{Error, ErrorKind};
use flatfile::{ReadAt, read_exact_at, read_once_at};
use std::io::{self, BufRead, Read};

/// A member that takes no more than this is read at once, with its header.
const SMALL: u64 = 64 << 10;

/// What is read first of others: as a rule, all of the header.
const FIRST: u64 = 512;

/// How many compressed bytes are read at a time.
const INPUT: u64 = 64 << 10;

/// What is looked at of what stands behind a member, if anything does: CRC and sizes, and a signature.
const BEHIND: u64 = 28;

/// The bytes of a member, compressed or not.
pub(crate) struct Window<'a, S> {
    source: &'a S,
    /// Where the next one is, and where the last one was.
    at: u64,
    end: u64,
    /// What was read already of those that come next.
    block: Vec<u8>,
    /// Where in it they begin.
    start: usize,
    /// Whether the source could not be read.
    has_failed: bool,
}

impl<'a, S: ReadAt> Window<'a, S> {
    /// Finds the bytes of a member, behind a header that says what the directory does.
    pub(crate) fn open(source: &'a S, entry: &Entry) -> Result<Window<'a, S>, Error> {
        let extent = entry.limit - entry.offset;
        let first = if extent <= SMALL { extent } else { FIRST };
        let mut block = vec![0; first as usize];
        read_exact_at(source, &mut block, entry.offset)?;
        let other = |what: &str| Error::ambiguous(entry.offset, what);
        let header = record::local_header(&block);
        let (common, name, extra) =
            header.ok_or_else(|| other("no member begins here, where the directory says"))?;
        let start = length::LOCAL + name + extra;
        let data = entry.offset + start as u64;
        // That the data ends before the limit was proven with a shorter header.
        let end = data + entry.common.compressed;
        if end > entry.limit {
            return Err(other("the member reaches into what comes behind it"));
        }
        if start > block.len() {
            block.resize(start, 0);
            read_exact_at(source, &mut block, entry.offset)?;
        }
        let mut fields = record::Fields(block.get(length::LOCAL..start).unwrap_or_default());
        let header = Record {
            common,
            name: fields.take(name).unwrap_or_default(),
            extra: fields.take(extra).unwrap_or_default(),
            offset: 0,
            disk: 0,
        };
        check(header, entry)?;
        if end < entry.limit {
            let count = (entry.limit - end).min(BEHIND) as usize;
            let at = usize::try_from(end - entry.offset).unwrap_or(usize::MAX);
            let there = at.checked_add(count).and_then(|to| block.get(at..to));
            let hides = match there {
                Some(behind) => hides_a_member(behind, common.flags),
                None => {
                    let mut behind = vec![0; count];
                    read_exact_at(source, &mut behind, end)?;
                    hides_a_member(&behind, common.flags)
                }
            };
            if hides {
                return Err(Error::ambiguous(end, HIDDEN));
            }
        }
        // Descriptors and the like behind the data are not part of it.
        block.truncate(start + entry.common.compressed.min(first) as usize);
        Ok(Window {
            source,
            at: data,
            end,
            block,
            start,
            has_failed: false,
        })
    }

    /// Where the next byte is in the archive.
    pub(crate) fn offset(&self) -> u64 {
        self.at
    }

    /// Whether the source failed, so that what is wrong is not in the bytes.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.at
    }

    /// What holds them.
    pub(crate) fn source(&self) -> &'a S {
        self.source
    }

    /// Goes so many bytes forward, of those that are left.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.at += bytes;
        let there = self.block.len() - self.start;
        self.start += usize::try_from(bytes).map_or(there, |bytes| bytes.min(there));
    }
}

impl<S: ReadAt> Window<'_, S> {
    /// Reads some of the bytes from `at` on, of which there has to be one.
    fn read_on(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = match read_once_at(self.source, bytes, self.at) {
            Ok(0) if !bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            read => read,
        };
        self.has_failed |= read.is_err();
        read
    }
}

/// Large reads go by the block: what is stored is not copied twice.
impl<S: ReadAt> Read for Window<'_, S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = self.left().min(bytes.len() as u64) as usize;
        let bytes = bytes.get_mut(..most).unwrap_or_default();
        let mut there = self.block.get(self.start..).unwrap_or_default();
        let count = if there.is_empty() || bytes.is_empty() {
            self.read_on(bytes)?
        } else {
            there.read(bytes)?
        };
        self.skip(count as u64);
        Ok(count)
    }
}

impl<S: ReadAt> BufRead for Window<'_, S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.block.len() && self.left() > 0 {
            let mut block = std::mem::take(&mut self.block);
            block.resize(self.left().min(INPUT) as usize, 0);
            let read = self.read_on(&mut block);
            block.truncate(read.as_ref().copied().unwrap_or_default());
            (self.block, self.start) = (block, 0);
            read?;
        }
        Ok(self.block.get(self.start..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.skip(count as u64);
    }
}

/// Whether a member's header says what the directory does, in a way that can be read here.
fn check(mut header: Record<'_>, entry: &Entry) -> Result<(), Error> {
    let (at, there) = (entry.offset, entry.common);
    header.widen().map_err(|what| Error::ambiguous(at, what))?;
    let name = header.name().map_err(|what| Error::ambiguous(at, what))?;
    let here = Said {
        who: "the member's header says",
        name: &name,
        common: header.common.completed(there),
    };
    let there = Said {
        who: "the directory",
        name: &entry.name,
        common: there,
    };
    agree(at, here, there)?;
    readable(entry)
}

/// Whether the flags leave the data what it is.
pub(crate) fn readable(entry: &Entry) -> Result<(), Error> {
    match entry.common.flags & flag::UNREADABLE {
        0 => Ok(()),
        flags => {
            let what = format!("a member that is encrypted, or a patch (flags {flags:#06x})");
            Err(Error::from(ErrorKind::Unsupported(what)).of(key(&entry.name)))
        }
    }
}

/// Whether bytes behind a member's data are those of one that the directory does not have. At first there may
/// be a CRC and sizes, with or without a signature, in 32 or 64 bits.
fn hides_a_member(bytes: &[u8], flags: u16) -> bool {
    let behind: &[usize] = match flags & flag::DESCRIPTOR {
        0 => &[0],
        _ => &[12, 16, 20, 24],
    };
    let local = signature::LOCAL.to_le_bytes();
    let mut places = behind.iter().filter_map(|at| bytes.get(*at..));
    places.any(|rest| rest.starts_with(&local))
}
