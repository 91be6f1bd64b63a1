//! One chunk of a text, from its bytes to its items: [`ChunkState`].

use super::item_parser::{Chunk, ChunkParser, ParsedChunk};
use crate::error::{Error, ErrorKind, Position, TextError};
use crate::read_at::fill_from;
use bytemuck::allocation::try_zeroed_vec;
use memchr::{memchr, memchr_iter, memrchr};
use std::io::Read;

/// The number of bytes that are read first: most texts are not longer.
pub(super) const FIRST_READ: usize = 32 << 10;

/// UTF-8's byte order mark, which some programs put before a text.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Buffers for a chunk, and for its items.
#[derive(Debug, Default)]
pub(super) struct ChunkState {
    /// The text, of which the first `length` bytes are the chunk.
    text: Vec<u8>,
    length: usize,
    /// The length in bytes of a byte order mark that was removed before it.
    pub(super) mark_bytes: u64,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    lines: LineCount,
    items: Vec<u8>,
    parsed: ParsedChunk,
}

impl ChunkState {
    pub(super) fn parse(&mut self, parser: &impl ChunkParser, max_items: usize) {
        let chunk = Chunk {
            text: self.text.get(..self.length).unwrap_or_default(),
            is_first: self.is_first,
            is_last: self.is_last,
        };
        self.items.clear();
        self.lines = LineCount::of(chunk.text);
        self.parsed = parser.parse(&chunk, max_items, &mut self.items);
    }

    /// The bytes of at most this many items.
    pub(super) fn items_up_to(&self, max_items: u64) -> &[u8] {
        let ParsedChunk { count, .. } = self.parsed;
        let size = self.items.len().checked_div(count).unwrap_or(0);
        let used = count.min(usize::try_from(max_items).unwrap_or(usize::MAX));
        self.items.get(..used * size).unwrap_or_default()
    }

    /// Advances past the chunk, and returns its error, if there is one. Returns whether more items are to be read.
    pub(super) fn advance(
        &mut self,
        position: &mut Position,
        items_left: &mut u64,
    ) -> Result<bool, Error> {
        let parsed = std::mem::take(&mut self.parsed);
        let text = self.text.get(..self.length).unwrap_or_default();
        let used = (*items_left).min(parsed.count as u64);
        *items_left -= used;
        position.item += used;
        if *items_left == 0 {
            position.advance(text.get(..parsed.length).unwrap_or_default());
            return Ok(false);
        }
        if let Some((at, problem)) = parsed.problem {
            position.advance(text.get(..at).unwrap_or_default());
            position.field = parsed.field;
            return Err(position.error(problem));
        }
        position.advance_lines(self.length, self.lines);
        Ok(true)
    }

    /// Reads the next chunk, which begins with `tail`; the text after it is moved there. Returns whether there is a place to
    /// split the text in the first `max_bytes`.
    pub(super) fn fill(
        &mut self,
        mut source: impl Read,
        tail: &mut Vec<u8>,
        parser: &impl ChunkParser,
        (chunk_bytes, max_bytes): (usize, usize),
    ) -> Result<bool, Error> {
        let mut filled = tail.len();
        let mut capacity = FIRST_READ.min(chunk_bytes).max(2 * filled);
        loop {
            self.reserve(capacity)?;
            let begin = self.text.get_mut(..tail.len()).unwrap_or_default();
            if filled == tail.len() {
                begin.copy_from_slice(tail);
            }
            let space = self.text.get_mut(filled..capacity).unwrap_or_default();
            filled += fill_from(space, |rest, _| source.read(rest))?;
            self.is_last = filled < capacity;
            if !self.is_last && capacity < chunk_bytes {
                capacity = chunk_bytes;
                continue;
            }
            let text = self.text.get(..filled).unwrap_or_default();
            self.length = match parser.chunk_len(text, self.is_last) {
                Some(length) => length,
                None if self.is_last => filled,
                None if filled > max_bytes => return Ok(false),
                None => {
                    capacity = capacity.saturating_mul(2);
                    continue;
                }
            };
            // Not in the same memory: that of a long line is not needed any more.
            *tail = text.get(self.length..).unwrap_or_default().to_vec();
            return Ok(true);
        }
    }

    fn reserve(&mut self, capacity: usize) -> Result<(), Error> {
        let no_memory = || ErrorKind::Memory { bytes: capacity };
        if self.text.is_empty() {
            // Not touched before it is needed.
            self.text = try_zeroed_vec(capacity).map_err(|()| no_memory())?;
        }
        let missing = capacity.saturating_sub(self.text.len());
        let reserved = self.text.try_reserve_exact(missing);
        reserved.map_err(|_| no_memory())?;
        self.text.resize(capacity.max(self.text.len()), 0);
        Ok(())
    }

    /// Removes a byte order mark, and returns its length in bytes.
    pub(super) fn remove_mark(&mut self) -> u64 {
        let text = self.text.get(..self.length).unwrap_or_default();
        if !text.starts_with(BYTE_ORDER_MARK) {
            return 0;
        }
        self.text.drain(..BYTE_ORDER_MARK.len());
        self.length -= BYTE_ORDER_MARK.len();
        BYTE_ORDER_MARK.len() as u64
    }
}

/// The number of lines of a text.
#[derive(Clone, Copy, Debug, Default)]
struct LineCount {
    /// The number of lines that end in it.
    count: u64,
    /// Bytes after the last of these line ends.
    bytes_after: u64,
}

impl LineCount {
    /// Lines end with a line feed, a carriage return, or both.
    fn of(text: &[u8]) -> LineCount {
        let mut count = memchr_iter(b'\n', text).count() as u64;
        let mut last = memrchr(b'\n', text);
        // Hardly any text has one.
        if memchr(b'\r', text).is_some() {
            let is_end = |at: &usize| text.get(at + 1) != Some(&b'\n');
            let mut ends = memchr_iter(b'\r', text).filter(is_end).peekable();
            while let Some(end) = ends.next() {
                count += 1;
                if ends.peek().is_none() {
                    last = last.max(Some(end));
                }
            }
        }
        let bytes_after = last.map_or(0, |last| text.len() - last - 1) as u64;
        LineCount { count, bytes_after }
    }
}

impl Position {
    /// Advances past a text.
    pub(super) fn advance(&mut self, text: &[u8]) {
        self.advance_lines(text.len(), LineCount::of(text));
    }

    fn advance_lines(&mut self, length: usize, lines: LineCount) {
        self.byte += length as u64;
        self.line += lines.count;
        self.column = match lines.count {
            0 => self.column + length as u64,
            _ => lines.bytes_after + 1,
        };
    }

    /// The error at this position.
    pub(super) fn error(self, problem: TextError) -> Error {
        ErrorKind::Text {
            place: self,
            problem,
        }
        .into()
    }
}
