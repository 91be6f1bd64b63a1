//! The bytes of a member as they lie in the archive: [`Window`].

use crate::directory::Entry;
use crate::error::Error;
use crate::fetched::Fetched;
use flatfile::{ReadAt, read_once_at};
use std::io::{self, BufRead, Read};

/// How many compressed bytes are read at a time.
const INPUT: u64 = 64 << 10;

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
        let mut fetched = Fetched::new(entry.limit);
        let data = fetched.parse_from(source, |fetched| entry.data(fetched))?;
        // Of a small member this is all. Descriptors and the like behind the data are not part of it.
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
