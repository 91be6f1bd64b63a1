//! What a stream is read from.

use flatfile::ReadAt;
use std::io::{self, BufRead, BufReader, Read};

/// A source that says how many bytes were taken of it.
#[derive(Debug)]
pub(super) struct Counted<R> {
    pub(super) inner: BufReader<R>,
    /// What was put back, and comes before the rest.
    pub(super) back: Vec<u8>,
    pub(super) at: u64,
    /// Whether it could not be read, so that what is wrong is not in the bytes.
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
    /// Has these bytes come again, which were taken last.
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

/// Whether this is an error, and not one after which reading goes on.
fn has_failed<T>(result: &io::Result<T>) -> bool {
    let error = result.as_ref().err();
    error.is_some_and(|error| error.kind() != io::ErrorKind::Interrupted)
}

/// The end of an archive, from byte `begin` on.
pub(super) struct Tail {
    pub(super) begin: u64,
    pub(super) bytes: Vec<u8>,
}

impl ReadAt for Tail {
    fn len(&self) -> io::Result<u64> {
        Ok(self.begin + self.bytes.len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        // What came before is gone, and held no end of a directory that is one.
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
