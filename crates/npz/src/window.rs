//! The bytes of a member as they lie in the archive: [`Window`].

use crate::directory::Entry;
use crate::name::key;
use crate::record::{self, Common, Record, flag, length};
use crate::source::{Source, read_exact_at};
use crate::{Error, ErrorKind};
use std::io::{self, Read};

/// A member that takes no more than this is read at once, with its header.
const SMALL: u64 = 64 << 10;

/// What is read first of others: as a rule, all of the header.
const FIRST: u64 = 512;

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
}

impl<'a, S: Source> Window<'a, S> {
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
        };
        check(header, entry)?;
        // Descriptors and the like behind the data are not part of it.
        block.truncate(start + entry.common.compressed.min(first) as usize);
        Ok(Window {
            source,
            at: data,
            end,
            block,
            start,
        })
    }

    /// Where the next byte is in the archive.
    pub(crate) fn offset(&self) -> u64 {
        self.at
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

impl<S: Source> Read for Window<'_, S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = self.left().min(bytes.len() as u64) as usize;
        let bytes = bytes.get_mut(..most).unwrap_or_default();
        let mut there = self.block.get(self.start..).unwrap_or_default();
        let count = match there.is_empty() || bytes.is_empty() {
            true => self.source.read_at(bytes, self.at)?,
            false => there.read(bytes)?,
        };
        if count == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.skip(count as u64);
        Ok(count)
    }
}

/// Whether a member's header says what the directory does.
fn check(mut header: Record<'_>, entry: &Entry) -> Result<(), Error> {
    const SAME: u16 = flag::ENCRYPTED | flag::DESCRIPTOR | flag::UTF8 | flag::MASKED;
    let (at, there) = (entry.offset, entry.common);
    header.widen().map_err(|what| Error::ambiguous(at, what))?;
    let here = header.common;
    let other = |what: &str, here: String, there: String| {
        let what = format!("the member's header says {what} {here}, the directory {there}");
        Err(Error::ambiguous(at, what))
    };
    let name = record::name(header.name, here.flags).map_err(|what| Error::ambiguous(at, what))?;
    if name != entry.name {
        let quoted = |name| flatfile::dtype::python::quoted(name).to_string();
        return other("the name", quoted(&name), quoted(&entry.name));
    }
    if here.flags & SAME != there.flags & SAME {
        let flags = |flags| format!("{flags:#06x}");
        return other("the flags", flags(here.flags), flags(there.flags));
    }
    if here.method != there.method {
        let (here, there) = (here.method.to_string(), there.method.to_string());
        return other("the method", here, there);
    }
    // They may stand behind the data, and then be left out here.
    let is_behind = here.flags & flag::DESCRIPTOR != 0;
    let differs = |here: u64, there: u64| here != there && !(is_behind && here == 0);
    let Common { crc, size, .. } = there;
    if differs(here.crc.into(), crc.into()) {
        let crc = |crc| format!("{crc:08x}");
        return other("the CRC-32", crc(here.crc), crc(there.crc));
    }
    if differs(here.size, size) {
        return other("the size", here.size.to_string(), size.to_string());
    }
    if differs(here.compressed, there.compressed) {
        let (here, there) = (here.compressed.to_string(), there.compressed.to_string());
        return other("the compressed size", here, there);
    }
    match there.flags & (flag::ENCRYPTED | flag::MASKED) {
        0 => Ok(()),
        _ => Err(
            Error::from(ErrorKind::Unsupported("an encrypted member".into())).of(key(&entry.name)),
        ),
    }
}
