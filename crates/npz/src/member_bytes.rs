//! The bytes of a member as stored in the archive: [`MemberBytes`].

use crate::directory::Entry;
use crate::error::Error;
use crate::fetched::Fetched;
use flatfile::{Ranges, ReadAt, read_once_at};
use std::io::{self, BufRead, Read};
use std::ops::Range;

/// The number of compressed bytes that are read at a time.
const BUFFER_SIZE: u64 = 64 << 10;

/// The bytes of a member, compressed or not.
pub(crate) struct MemberBytes<'a, S> {
    source: &'a S,
    /// The positions of the next byte and of the end.
    offset: u64,
    end: u64,
    /// The part of the next bytes that was already read.
    buffer: Vec<u8>,
    /// The position in it at which they begin.
    buffer_start: usize,
    /// Whether reading the source failed.
    has_failed: bool,
}

impl<'a, S: ReadAt> MemberBytes<'a, S> {
    /// Finds the bytes of a member, after a header that agrees with the directory.
    pub(crate) fn open(source: &'a S, entry: &Entry) -> Result<MemberBytes<'a, S>, Error> {
        let mut fetched = Fetched::new(entry.limit);
        let data = fetched.parse_from(source, |fetched| entry.data(fetched))?;
        // For a small member this is everything. Descriptors and the like after the data are not part of
        // it.
        let mut buffer = fetched.into_piece(entry.offset);
        if buffer.is_empty() {
            return Ok(MemberBytes::at(source, data));
        }
        let buffer_start = (data.start - entry.offset) as usize;
        buffer.truncate(buffer_start + entry.info.compressed_size.min(entry.first_read()) as usize);
        Ok(MemberBytes {
            buffer,
            buffer_start,
            ..MemberBytes::at(source, data)
        })
    }

    /// These bytes of a source.
    pub(crate) fn at(source: &'a S, range: Range<u64>) -> MemberBytes<'a, S> {
        MemberBytes {
            source,
            offset: range.start,
            end: range.end,
            buffer: Vec::new(),
            buffer_start: 0,
            has_failed: false,
        }
    }

    /// The position of the next byte in the archive.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether the source failed, so that the fault is not in the bytes.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// The number of bytes left.
    pub(crate) fn left(&self) -> u64 {
        self.end - self.offset
    }

    /// The source that holds them.
    pub(crate) fn source(&self) -> &'a S {
        self.source
    }

    /// Skips this many of the bytes that are left.
    pub(crate) fn skip(&mut self, bytes: u64) {
        self.offset += bytes;
        let buffered = self.buffer.len() - self.buffer_start;
        self.buffer_start += usize::try_from(bytes).map_or(buffered, |bytes| bytes.min(buffered));
    }
}

impl<S: ReadAt> MemberBytes<'_, S> {
    /// Announces that all bytes that are left, and not yet here, will be read.
    pub(crate) fn announce(&self) {
        let buffered = self.buffer.len() - self.buffer_start;
        let range = self.offset.saturating_add(buffered as u64)..self.end;
        self.source.will_read(Ranges::single(range));
    }

    /// Reads some of the bytes starting at `offset`; there has to be at least one.
    fn read_source(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = match read_once_at(self.source, bytes, self.offset) {
            Ok(0) if !bytes.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
            read => read,
        };
        // Bytes that have not arrived yet are asked for again.
        self.has_failed |= matches!(&read, Err(error) if error.kind() != io::ErrorKind::WouldBlock);
        read
    }
}

/// Large reads bypass the block, so stored data is not copied twice.
impl<S: ReadAt> Read for MemberBytes<'_, S> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let max_count = self.left().min(bytes.len() as u64) as usize;
        let bytes = bytes.get_mut(..max_count).unwrap_or_default();
        let mut buffered = self.buffer.get(self.buffer_start..).unwrap_or_default();
        let count = if buffered.is_empty() || bytes.is_empty() {
            self.read_source(bytes)?
        } else {
            buffered.read(bytes)?
        };
        self.skip(count as u64);
        Ok(count)
    }
}

impl<S: ReadAt> BufRead for MemberBytes<'_, S> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.buffer_start >= self.buffer.len() && self.left() > 0 {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.resize(self.left().min(BUFFER_SIZE) as usize, 0);
            let read = self.read_source(&mut buffer);
            buffer.truncate(read.as_ref().copied().unwrap_or_default());
            (self.buffer, self.buffer_start) = (buffer, 0);
            read?;
        }
        Ok(self.buffer.get(self.buffer_start..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.skip(count as u64);
    }
}
