//! The bytes of a member as stored in the archive: [`Window`].

use crate::directory::Entry;
use crate::error::Error;
use crate::fetched::Fetched;
use flatfile::{ReadAt, read_once_at};
use std::io::{self, BufRead, Read};

/// The number of compressed bytes that are read at a time.
const INPUT: u64 = 64 << 10;

/// The bytes of a member, compressed or not.
pub(crate) struct Window<'a, S> {
    source: &'a S,
    /// The positions of the next byte and of the end.
    at: u64,
    end: u64,
    /// The part of the next bytes that was already read.
    block: Vec<u8>,
    /// The position in it at which they begin.
    start: usize,
    /// Whether reading the source failed.
    has_failed: bool,
}

impl<'a, S: ReadAt> Window<'a, S> {
    /// Finds the bytes of a member, after a header that agrees with the directory.
    pub(crate) fn open(source: &'a S, entry: &Entry) -> Result<Window<'a, S>, Error> {
        let mut fetched = Fetched::new(entry.limit);
        let data = fetched.parse_from(source, |fetched| entry.data(fetched))?;
        // For a small member this is everything. Descriptors and the like after the data are not part of
        // it.
        let mut block = fetched.into_piece(entry.offset);
        let start = (data.start - entry.offset) as usize;
        block.truncate(start + entry.common.compressed.min(entry.first()) as usize);
        Ok(Window {
            source,
            at: data.start,
            end: data.end,
            block,
            start,
            has_failed: false,
        })
    }

    /// The position of the next byte in the archive.
    pub(crate) fn offset(&self) -> u64 {
        self.at
    }

    /// Whether the source failed, so that the fault is not in the bytes.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// The number of bytes left.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.at
    }

    /// The source that holds them.
    pub(crate) fn source(&self) -> &'a S {
        self.source
    }

    /// Skips this many of the bytes that are left.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.at += bytes;
        let there = self.block.len() - self.start;
        self.start += usize::try_from(bytes).map_or(there, |bytes| bytes.min(there));
    }
}

impl<S: ReadAt> Window<'_, S> {
    /// Reads some of the bytes starting at `at`; there has to be at least one.
    fn read_on(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = match read_once_at(self.source, bytes, self.at) {
            Ok(0) if !bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            read => read,
        };
        self.has_failed |= read.is_err();
        read
    }
}

/// Large reads bypass the block, so stored data is not copied twice.
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
