//! Compressed bytes as they come: [`Input`].

use std::io::{self, BufRead, Read};

/// The size of the buffer in bytes.
const BUFFER: usize = 64 << 10;

/// A buffered source that knows its position, and whether it has failed.
pub(super) struct Input<R> {
    source: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// The number of bytes before the buffer's first.
    before: u64,
    has_failed: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(source: R) -> Input<R> {
        Input {
            source,
            buffer: vec![0; BUFFER].into(),
            start: 0,
            end: 0,
            before: 0,
            has_failed: false,
        }
    }

    /// The number of bytes that were taken.
    pub(super) fn position(&self) -> u64 {
        self.before + self.start as u64
    }

    /// Whether the source itself has failed, so that an error is its own.
    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// The next bytes: `count` of them, or more, or all that are left.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.end - self.start < count {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.before += self.start as u64;
                self.end -= self.start;
                self.start = 0;
            }
            let space = self.buffer.get_mut(self.end..).unwrap_or_default();
            let read = loop {
                match self.source.read(space) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => break read,
                }
            };
            match read {
                Ok(0) => break,
                Ok(read) => self.end += read.min(space.len()),
                Err(error) => {
                    self.has_failed = true;
                    return Err(error);
                }
            }
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    /// Drops the next bytes that are 0, and returns whether any follow.
    pub(super) fn skip_zeros(&mut self) -> io::Result<bool> {
        loop {
            let bytes = self.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let is_over = zeros < bytes.len();
            self.consume(zeros);
            if is_over {
                return Ok(true);
            }
        }
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.peek(1)
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= BUFFER {
            // The buffer would only be in the way.
            let read = self.source.read(out)?;
            self.before += read as u64;
            return Ok(read);
        }
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}
