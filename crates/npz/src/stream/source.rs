//! The source of a stream.

use flatfile::ReadAt;
use std::io::{self, BufRead, BufReader, Read};

/// A source that counts the bytes taken from it.
#[derive(Debug)]
pub(super) struct Counted<R> {
    pub(super) inner: BufReader<R>,
    /// Bytes that were put back, and are read before the rest.
    pub(super) back: Vec<u8>,
    pub(super) at: u64,
    /// Whether reading failed, so that the fault is not in the bytes.
    pub(super) has_failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let result = if self.back.is_empty() {
            self.inner.read(bytes)
        } else {
            self.back.as_slice().read(bytes)
        };
        self.has_failed |= has_failed(&result);
        let count = result?;
        self.back.drain(..count.min(self.back.len()));
        self.at += count as u64;
        Ok(count)
    }
}

impl<R> Counted<R> {
    /// Puts back these bytes, the last ones taken.
    pub(super) fn put_back(&mut self, bytes: &[u8]) {
        self.back.splice(..0, bytes.iter().copied());
        self.at -= bytes.len() as u64;
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if !self.back.is_empty() {
            return Ok(&self.back);
        }
        let result = self.inner.fill_buf();
        self.has_failed |= has_failed(&result);
        result
    }

    fn consume(&mut self, count: usize) {
        self.at += count as u64;
        if self.back.is_empty() {
            self.inner.consume(count);
        } else {
            self.back.drain(..count.min(self.back.len()));
        }
    }
}

/// Whether this is an error that ends reading, unlike an interruption.
fn has_failed<T>(result: &io::Result<T>) -> bool {
    let error = result.as_ref().err();
    error.is_some_and(|error| error.kind() != io::ErrorKind::Interrupted)
}

/// The end of an archive, starting at byte `begin`.
pub(super) struct Tail {
    pub(super) begin: u64,
    pub(super) bytes: Vec<u8>,
}

impl ReadAt for Tail {
    fn len(&self) -> io::Result<u64> {
        Ok(self.begin + self.bytes.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        // Earlier bytes are gone, and held no valid end of a directory.
        if let Some(gone) = self.begin.checked_sub(offset).filter(|gone| *gone > 0) {
            let count = bytes.len().min(usize::try_from(gone).unwrap_or(usize::MAX));
            bytes.iter_mut().take(count).for_each(|byte| *byte = 0);
            return Ok(count);
        }
        let start = usize::try_from(offset - self.begin).unwrap_or(usize::MAX);
        let mut rest = self.bytes.get(start..).unwrap_or_default();
        rest.read(bytes)
    }
}
