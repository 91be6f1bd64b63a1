//! The source of a stream.

use flatfile::ReadAt;
use std::io::{self, BufRead, BufReader, Read};

/// A source that counts the bytes taken from it.
#[derive(Debug)]
pub(super) struct CountingReader<R> {
    pub(super) inner: BufReader<R>,
    /// Bytes that were put back, and are read before the rest.
    pub(super) pushed_back: Vec<u8>,
    pub(super) offset: u64,
    /// Whether reading failed, so that the fault is not in the bytes.
    pub(super) has_failed: bool,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let result = if self.pushed_back.is_empty() {
            self.inner.read(bytes)
        } else {
            self.pushed_back.as_slice().read(bytes)
        };
        self.has_failed |= has_failed(&result);
        let count = result?;
        self.pushed_back.drain(..count.min(self.pushed_back.len()));
        self.offset += count as u64;
        Ok(count)
    }
}

impl<R> CountingReader<R> {
    /// Puts back these bytes, the last ones taken.
    pub(super) fn put_back(&mut self, bytes: &[u8]) {
        self.pushed_back.splice(..0, bytes.iter().copied());
        self.offset -= bytes.len() as u64;
    }
}

impl<R: Read> BufRead for CountingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.pushed_back.is_empty() {
            return Ok(&self.pushed_back);
        }
        let result = self.inner.fill_buf();
        self.has_failed |= has_failed(&result);
        result
    }

    fn consume(&mut self, count: usize) {
        self.offset += count as u64;
        if self.pushed_back.is_empty() {
            self.inner.consume(count);
        } else {
            self.pushed_back.drain(..count.min(self.pushed_back.len()));
        }
    }
}

/// Whether this is an error that ends reading, unlike an interruption.
fn has_failed<T>(result: &io::Result<T>) -> bool {
    let error = result.as_ref().err();
    error.is_some_and(|error| error.kind() != io::ErrorKind::Interrupted)
}

/// The end of an archive, starting at byte `begin`.
pub(super) struct DirectoryTail {
    pub(super) begin: u64,
    pub(super) bytes: Vec<u8>,
}

impl ReadAt for DirectoryTail {
    fn len(&self) -> io::Result<u64> {
        Ok(self.begin + self.bytes.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        // Earlier bytes are gone, and held no valid end of a directory.
        if let Some(consumed) = self
            .begin
            .checked_sub(offset)
            .filter(|consumed| *consumed > 0)
        {
            let count = bytes
                .len()
                .min(usize::try_from(consumed).unwrap_or(usize::MAX));
            bytes.iter_mut().take(count).for_each(|byte| *byte = 0);
            return Ok(count);
        }
        let start = usize::try_from(offset - self.begin).unwrap_or(usize::MAX);
        let mut rest = self.bytes.get(start..).unwrap_or_default();
        rest.read(bytes)
    }
}
